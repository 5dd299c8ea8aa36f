"""IDX files, as MNIST has them: a big-endian array of any dimension; the labels are an array of their own.

The format: LeCun, Cortes & Burges, The MNIST database, yann.lecun.com/exdb/mnist.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.data.array import labels_apart, samples
from adambench.data.beside import File
from adambench.data.reader import Reader, Request
from adambench.data.rows import DataError, Samples

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_SIDES = 4


def idx(file: File) -> NDArray[Any]:
    """The array, big-endian as it stands; DataError, with the byte, where the file is not one or not whole."""
    content, name = file.content(), file.name
    if not _begins(content):
        got = bytes(content[:4])
        raise DataError(f"{name}: byte 0: expected an IDX file: two bytes 0, a type, 1 to 4 dimensions, got {got!r}")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"{name}: byte {len(content)}: expected the size of {content[3]} dimensions, got the end")
    sides = [int.from_bytes(content[place : place + 4], "big") for place in range(4, start, 4)]
    kind, there = np.dtype(_TYPES[content[2]]), len(content) - start
    if math.prod(sides) * kind.itemsize != there:
        claimed = f"{' x '.join(map(str, sides))} of {kind.itemsize} bytes"
        raise DataError(f"{name}: byte {start}: expected {claimed}, got {there:,} bytes")
    return np.frombuffer(content, kind, offset=start).reshape(sides)


def _begins(head: bytes | bytearray) -> bool:
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= _MOST_SIDES


def _read(file: File, request: Request) -> Samples:
    return samples(idx(file), labels_apart(request.labels, idx), file.name)


READER = Reader(
    name="idx",
    summary="an array as MNIST has it: rows x height x width, or rows x features; labels in another file",
    endings=("-ubyte", ".idx", ".idx1", ".idx2", ".idx3", ".idx4"),
    begins=_begins,
    keys=frozenset({"labels"}),
    read=_read,
)

"""Arrays of numbers as files hold them, and what rows they are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.data.beside import LARGEST, File
from adambench.data.form import MOST_DENSE
from adambench.data.rows import DataError, Origin, Samples

Content = bytes | bytearray | memoryview

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 1 << 16
_ENTRY = re.compile(
    r"""\s*(?P<quote>['"])(?P<key>descr|fortran_order|shape)(?P=quote)\s*:\s*
    (?:(?P<text>'[^']*'|"[^"]*")|(?P<truth>True|False)|\((?P<shape>[0-9,\s]*)\))\s*(?:,|$)""",
    re.VERBOSE | re.ASCII,
)
_TYPES = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])", re.ASCII)
_SIDES = re.compile(r" *|( *(0|[1-9][0-9]{0,12}) *,){0,3} *(0|[1-9][0-9]{0,12}) *,? *", re.ASCII)
_TEXT = re.compile(r"\|?S[1-9]", re.ASCII)


def npy(content: Content, name: str, text: bool = False) -> NDArray[Any]:
    """The array of an NPY file, a view of `content`, of whole or real numbers or truth values; of bytes where `text`.

    The header is matched, never evaluated: an array of objects, which would be a pickle, is refused like any other
    type. Raises DataError, with the byte where there is one. `name` is the file's.

    The format: numpy.lib.format, versions 1.0 and 2.0.
    """
    head = bytes(content[:12])
    if head[:6] != _MAGIC[: max(len(head), 1)] or len(head) < 12:
        raise DataError(f"{name}: byte 0: expected an NPY file, which begins with \\x93NUMPY, got {head[:6]!r}")
    if head[6:8] not in (b"\1\0", b"\2\0"):
        raise DataError(f"{name}: byte 6: expected version 1.0 or 2.0 of NPY, got {head[6]}.{head[7]}")
    first = 10 if head[6] == 1 else 12
    length = int.from_bytes(head[8:first], "little")
    if length > min(_LONGEST_HEADER, len(content) - first):
        raise DataError(f"{name}: byte 8: expected a header of at most {_LONGEST_HEADER:,} bytes, got {length:,}")
    start = first + length
    kind, fortran, shape = _described(bytes(content[first:start]).decode("latin-1"), f"{name}: byte {first}", text)
    count = math.prod(shape)
    there = len(content) - start
    if count * kind.itemsize != there:
        claimed = f"{' x '.join(map(str, shape)) or 'one'} of {kind.itemsize} bytes"
        raise DataError(f"{name}: byte {start}: expected {claimed}, got {there:,} bytes")
    flat = np.frombuffer(content, kind, count, start)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def _described(header: str, where: str, text: bool) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Type, order and shape."""
    body = header.strip(" \n")
    inside = body[1:-1].rstrip(" ") if body.startswith("{") and body.endswith("}") else ""
    found: dict[str, re.Match[str]] = {}
    place = 0
    while place < len(inside) and (entry := _ENTRY.match(inside, place)):
        found[entry["key"]] = entry
        place = entry.end()
    if place < len(inside) or len(found) != 3 or found["shape"]["shape"] is None or not found["fortran_order"]["truth"]:
        raise DataError(f"{where}: expected the type, order and shape of an array of numbers, got {header[:80]!r}")
    kind = (found["descr"]["text"] or "''")[1:-1]
    if not (_TEXT if text else _TYPES).fullmatch(kind):
        raise DataError(f"{where}: expected whole or real numbers of up to 8 bytes, got the type {kind[:40]!r}")
    sides = found["shape"]["shape"]
    if not _SIDES.fullmatch(sides):
        raise DataError(f"{where}: expected a shape of at most 4 sides, got ({sides[:60]})")
    shape = tuple(int(side) for side in re.findall("[0-9]+", sides))
    if math.prod(max(side, 1) for side in shape) > LARGEST:
        raise DataError(f"{where}: expected at most {LARGEST:,} numbers, got {' x '.join(map(str, shape))}")
    return np.dtype(kind), found["fortran_order"]["truth"] == "True", shape


def real(array: NDArray[Any], name: str) -> NDArray[np.float64]:
    """A copy of its numbers as float64, C order; DataError where they are too many or one is not finite."""
    if array.size > MOST_DENSE:
        raise DataError(f"{name}: expected at most {MOST_DENSE:,} numbers, got {array.size:,}")
    with np.errstate(invalid="ignore"):  # of a NaN that signals
        numbers = np.array(array, np.float64, order="C")
    # Of the two extremes one is not finite where any number is not, and no array of truth values is needed.
    if numbers.size and not (math.isfinite(numbers.min()) and math.isfinite(numbers.max())):
        first = np.unravel_index(int(np.flatnonzero(~np.isfinite(numbers))[0]), numbers.shape)
        place = ", ".join(str(int(side)) for side in first)
        raise DataError(f"{name}: expected finite numbers, got {numbers[first]:g} at [{place}]")
    return numbers


def samples(inputs: NDArray[Any], labels: NDArray[np.float64] | None, name: str) -> Samples:
    """The rows of an array: (rows, features), (rows, height, width) or (rows, channels, height, width)."""
    if not 2 <= inputs.ndim <= 4:
        raise DataError(f"{name}: expected an array of rows x features, or of images, got {inputs.ndim} dimensions")
    if 0 in inputs.shape:
        raise DataError(f"{name}: expected rows with features, got the shape {inputs.shape}")
    image = None
    if inputs.ndim > 2:
        channels = inputs.shape[1] if inputs.ndim == 4 else 1
        image = (int(channels), int(inputs.shape[-2]), int(inputs.shape[-1]))
    rows = int(inputs.shape[0])
    if labels is not None and labels.size != rows:
        raise DataError(f"{name}: expected a label for each of {rows:,} rows, got {labels.size:,}")
    return Samples(real(inputs, name).reshape(rows, -1), labels, image, Origin(((name, rows),)))


def label_column(array: NDArray[Any], name: str) -> NDArray[np.float64]:
    """(rows,) the labels of an array of that shape or (rows, 1)."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{name}: expected labels as an array of one dimension, got {array.ndim}")
    return real(array, name)


def labels_apart(file: File | None, read: Callable[[File], NDArray[Any]]) -> NDArray[np.float64] | None:
    """(rows,) the labels in a file of their own, whose array `read` returns; None where there is no such file."""
    return None if file is None else label_column(read(file), file.name)


def npy_file(file: File) -> NDArray[Any]:
    """The array in an NPY file (`npy`)."""
    return npy(file.content(), file.name)


def array(folder: Path | None, name: str, format: str | None = None) -> NDArray[np.float64]:
    """The array in the file `name` of `folder`, the problem file's, as the data of an expression uses it.

    NPY, or CSV without labels (a header is skipped), plain or gzip; `format` is `npy` or `csv`, None: what the name
    says. (count,) or (rows, columns) float64, C order, finite; one column of CSV is (count,). Raises DataError.
    """
    from adambench.data.formats import csv

    file = File(folder, name)
    plain = name.lower().removesuffix(".gz")
    if format is None:
        format = "npy" if plain.endswith(".npy") else "csv" if plain.endswith(csv.READER.endings) else None
    if format == "npy":
        found = real(npy_file(file), name)
    elif format == "csv":
        found = csv.table(file).cells
        found = np.ascontiguousarray(found[:, 0]) if found.shape[1] == 1 else found
    else:
        raise DataError(f"{name}: expected a file whose name ends in .npy or .csv")
    if not 1 <= found.ndim <= 2 or not found.size:
        raise DataError(f"{name}: expected an array of one or two dimensions with numbers, got the shape {found.shape}")
    return found

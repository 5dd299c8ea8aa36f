"""NPY files: one array of rows; the labels are an array of their own."""

from __future__ import annotations

from adambench.data.array import labels_apart, npy_file, samples
from adambench.data.beside import File
from adambench.data.reader import Reader, Request
from adambench.data.rows import Samples


def _read(file: File, request: Request) -> Samples:
    """(rows, features), or images as (rows, height, width) or (rows, channels, height, width)."""
    return samples(npy_file(file), labels_apart(request.labels, npy_file), file.name)


READER = Reader(
    name="npy",
    summary="an array of numpy.save: rows x features, or rows x [channels x] height x width; labels in another file",
    endings=(".npy",),
    begins=lambda head: head.startswith(b"\x93NUMPY"),
    keys=frozenset({"labels"}),
    read=_read,
)

"""NPY files: one array of rows; the labels are an array of their own."""

from __future__ import annotations

from adambench.data.array import label_column, npy, samples
from adambench.data.beside import File
from adambench.data.reader import Reader, Request
from adambench.data.rows import Samples


def _read(file: File, request: Request) -> Samples:
    """(rows, features), or images as (rows, height, width) or (rows, channels, height, width)."""
    labels = None
    if request.labels is not None:
        labels = label_column(npy(request.labels.content(), request.labels.name), request.labels.name)
    return samples(npy(file.content(), file.name), labels, file.name)


READER = Reader(
    name="npy",
    summary="an array of numpy.save: rows x features, or rows x [channels x] height x width; labels in another file",
    endings=(".npy",),
    begins=lambda head: head.startswith(b"\x93NUMPY"),
    keys=frozenset({"labels"}),
    read=_read,
)

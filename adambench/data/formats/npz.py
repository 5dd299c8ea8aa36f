"""NPZ files: a dense array and its labels by their names, or a sparse matrix as scipy.sparse.save_npz writes it.

The formats: numpy.savez; scipy.sparse.save_npz (data, indices, indptr, shape, format: csr or csc).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from adambench.data.array import label_column, labels_apart, npy, npy_file, real, samples
from adambench.data.beside import LARGEST, LARGEST_RATIO, File
from adambench.data.reader import Reader, Request
from adambench.data.rows import MOST_FEATURES, DataError, Origin, Rows, Samples

_INPUTS = ("X", "x", "data", "x_train")
_LABELS = ("y", "labels", "target", "y_train")
_END = struct.Struct("<4s4H2LH")
_LARGEST_DIRECTORY = 1 << 20
_PIECE = 1 << 18
_MOST_EMPTY = 1 << 20
"""Rows beyond one for each number of a matrix that is stored by columns, where nothing else says how many there are."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, struct.error)


class Archive:
    """The arrays of an NPZ file, read one at a time by their names; what is unpacked is counted over all of them."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.size = stream.seek(0, 2)
        self.given = 0
        _check_end(stream, self.size, name)
        with _clear(name):
            self.zip = zipfile.ZipFile(stream)
            self.entries = {entry.filename: entry for entry in self.zip.infolist()}
        for entry in self.entries:
            if not entry.endswith(".npy"):
                raise DataError(f"{name}: expected entries whose names end in .npy, got {entry[:60]!r}")

    def __contains__(self, key: object) -> bool:
        return f"{key}.npy" in self.entries

    def array(self, key: str, text: bool = False) -> NDArray[Any]:
        """The array `key`, of the type it has in the file."""
        entry = self.entries[f"{key}.npy"]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(f"{self.name}: {key}: expected it stored or deflated, got method {entry.compress_type}")
        content = bytearray()
        with _clear(self.name), self.zip.open(entry) as stream:
            while piece := stream.read(_PIECE):
                content += piece
                self.given += len(piece)
                if self.given > min(LARGEST, LARGEST_RATIO * self.size + (1 << 20)):
                    most = f"at most {LARGEST:,} bytes, and {LARGEST_RATIO} times the file's size"
                    raise DataError(f"{self.name}: {key}: expected {most}, got more")
        return npy(content, f"{self.name}: {key}", text)


@contextmanager
def _clear(name: str) -> Iterator[None]:
    """What is wrong with the archive, said as DataError."""
    try:
        yield
    except _DAMAGED as error:
        raise DataError(f"{name}: expected a whole NPZ file, got a damaged one ({error})") from None


def _check_end(stream: BinaryIO, size: int, name: str) -> None:
    """A directory of a size that can be read: its reader would take whatever there is."""
    stream.seek(max(0, size - _END.size))
    end = stream.read(_END.size)
    if len(end) < _END.size or end[:4] != b"PK\5\6":
        raise DataError(f"{name}: expected an NPZ file, which ends in the directory of a zip file, got something else")
    directory = _END.unpack(end)[5]
    if directory > _LARGEST_DIRECTORY:
        raise DataError(f"{name}: expected a directory of at most {_LARGEST_DIRECTORY:,} bytes, got {directory:,}")
    stream.seek(max(0, size - _END.size - 20))
    if stream.read(4) == b"PK\6\7":
        raise DataError(f"{name}: expected a zip file of less than 4 GiB, got one of the 64-bit kind")


def _read(file: File, request: Request) -> Rows | Samples:
    with file.seekable() as stream:
        archive = Archive(stream, file.name)
        labels = _labels(archive, request)
        if "indptr" in archive:
            return _compressed(archive, labels)
        name = next((name for name in _INPUTS if name in archive), None)
        if name is None:
            raise DataError(
                f"{file.name}: expected an array called {', '.join(_INPUTS)} or a sparse matrix, got neither"
            )
        return samples(archive.array(name), labels, file.name)


def _labels(archive: Archive, request: Request) -> NDArray[np.float64] | None:
    """From the array asked for, from another file (NPY), or from an array of a usual name where there is one."""
    if request.labels is not None:
        return labels_apart(request.labels, npy_file)
    name = request.label
    if name is None:
        name = next((name for name in _LABELS if name in archive), False)
    if name is False:
        return None
    if name not in archive:
        raise DataError(f"{archive.name}: expected an array called {str(name)[:60]!r} for the labels, got none")
    return label_column(archive.array(str(name)), f"{archive.name}: {name}")


def _compressed(archive: Archive, labels: NDArray[np.float64] | None) -> Rows:
    """The rows of a matrix stored by rows or by columns."""
    name = archive.name
    for key in ("data", "indices", "shape", "format"):
        if key not in archive:
            raise DataError(f"{name}: expected a sparse matrix of data, indices, indptr, shape, format, got no {key}")
    kind = archive.array("format", text=True)
    if kind.shape or kind[()] not in (b"csr", b"csc"):
        raise DataError(f"{name}: format: expected csr or csc, got {kind.tobytes()[:40]!r}")
    shape = _whole(archive, "shape")
    if shape.size != 2 or not 1 <= shape[0] <= LARGEST or not 1 <= shape[1] <= MOST_FEATURES:
        raise DataError(f"{name}: shape: expected rows and up to {MOST_FEATURES:,} columns, got {shape.tolist()[:4]}")
    rows, columns = int(shape[0]), int(shape[1])
    by_rows = kind[()] == b"csr"
    major, minor = (rows, columns) if by_rows else (columns, rows)
    starts = _whole(archive, "indptr")
    if starts.size != major + 1 or starts[0] != 0 or (np.diff(starts) < 0).any():
        raise DataError(f"{name}: indptr: expected {major + 1:,} numbers from 0 that do not fall, got others")
    indices = _whole(archive, "indices")
    if indices.size != starts[-1] or (indices.size and not 0 <= indices.min() <= indices.max() < minor):
        raise DataError(f"{name}: indices: expected {starts[-1]:,} from 0 to {minor - 1:,}, got others")
    data = archive.array("data")
    if data.shape != indices.shape:
        raise DataError(f"{name}: data: expected {indices.size:,} numbers, got the shape {data.shape}")
    if labels is not None and labels.size != rows:
        raise DataError(f"{name}: expected a label for each of {rows:,} rows, got {labels.size:,}")
    if not by_rows and labels is None and rows > indices.size + _MOST_EMPTY:
        most = f"at most {_MOST_EMPTY:,} rows more than the {indices.size:,} numbers there are"
        raise DataError(f"{name}: shape: expected {most}, got {rows:,} rows")
    values = real(data, f"{name}: data")
    if not by_rows:
        starts, indices, values = _turned(starts, indices, values, rows)
    starts, indices, values = _increasing(starts, indices, values, name)
    return Rows(labels, values, indices, starts, columns, Origin(((name, rows),)))


def _whole(archive: Archive, key: str) -> NDArray[np.int64]:
    """(count,) int64."""
    found = archive.array(key)
    if found.ndim != 1 or found.dtype.kind not in "iu" or (found.dtype == np.uint64 and (found >> 63).any()):
        raise DataError(f"{archive.name}: {key}: expected whole numbers in one dimension, got others")
    return found.astype(np.int64)


_Parts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _turned(starts: NDArray[np.int64], indices: NDArray[np.int64], values: NDArray[np.float64], rows: int) -> _Parts:
    """By rows what was by columns."""
    order = np.argsort(indices, kind="stable")
    columns = np.repeat(np.arange(starts.size - 1), np.diff(starts))[order]
    counts = np.bincount(indices, minlength=rows)
    return np.concatenate((np.zeros(1, np.int64), counts.cumsum())), columns, values[order]


def _increasing(
    starts: NDArray[np.int64], indices: NDArray[np.int64], values: NDArray[np.float64], name: str
) -> _Parts:
    """Each row sorted; DataError where it has a column twice."""
    steps = np.diff(indices)
    inside = np.ones(steps.size, bool)
    cuts = starts[1:-1]
    inside[cuts[(cuts > 0) & (cuts <= steps.size)] - 1] = False
    if (steps[inside] <= 0).any():
        row = np.repeat(np.arange(starts.size - 1), np.diff(starts))
        order = np.lexsort((indices, row))
        indices, values = indices[order], values[order]
        twice = np.flatnonzero((np.diff(indices) == 0) & (np.diff(row) == 0))
        if twice.size:
            raise DataError(
                f"{name}: row {row[twice[0]] + 1:,}: expected each column once, got {indices[twice[0]]} twice"
            )
    return starts, indices, values


READER = Reader(
    name="npz",
    summary="arrays of numpy.savez: X (or data) and y; or a matrix of scipy.sparse.save_npz, csr or csc, and y",
    endings=(".npz",),
    begins=lambda head: head.startswith(b"PK\3\4"),
    keys=frozenset({"label", "labels"}),
    read=_read,
)

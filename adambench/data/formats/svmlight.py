"""Reading the svmlight (LIBSVM) text format: `LABEL INDEX:VALUE INDEX:VALUE ... # comment`, one row a line.

The format: Joachims, SVM-light, http://svmlight.joachims.org; the files: Chang & Lin, LIBSVM data. Stricter than
others: the base of the indices is never guessed, labels and values are finite, indices increase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.data.beside import File
from adambench.data.numerals import NUMERAL, Numerals
from adambench.data.reader import Reader, Request
from adambench.data.rows import MOST_FEATURES, DataError, Rows, joined

_ALLOWED = b"0123456789+-.eE: \t\r\n"
_BLANK, _NEWLINE, _COLON = b" \n:"
_COMMENT = re.compile(rb"#[^\n]*")
_QUERY = re.compile(rb"(?m)^([ \t]*[^ \t\r\n]+[ \t]+)qid:[0-9]+(?=[ \t\r\n])")


@dataclass(frozen=True, eq=False)
class _Piece:
    """The rows of some lines: `indices` as they stand in the file, `lengths` and `lines` of the rows."""

    labels: NDArray[np.float64]
    values: NDArray[np.float64]
    indices: NDArray[np.int32]
    lengths: NDArray[np.int64]
    lines: NDArray[np.int64]


def read(pieces: Iterable[bytes], name: str, features: int | None = None, zero_based: bool = False) -> Rows:
    """The rows in `pieces` (bytes of whole lines, in order) of the file called `name`.

    features    how many columns there are; None: as many as the largest index asks for
    zero_based  whether the smallest index is 0 rather than 1

    Comments, blank lines and `qid:N` after the label are skipped. Raises DataError, with the line, for anything else.
    """
    least = 0 if zero_based else 1
    most = (features if features is not None else MOST_FEATURES) - 1 + least
    parts: list[_Piece] = []
    line = 1
    for piece in pieces:
        if line == 1:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        if b"#" in piece:
            piece = _COMMENT.sub(b"", piece)
        if b"qid" in piece:
            piece = _QUERY.sub(rb"\1", piece)
        part = _rows(piece, least, most)
        if part is None:
            raise _first_error(piece, line, name, least, most)
        parts.append(_Piece(part.labels, part.values, part.indices, part.lengths, part.lines + line))
        line += piece.count(b"\n")
    if not sum(part.labels.size for part in parts):
        raise DataError(f"{name}: expected rows LABEL INDEX:VALUE ..., got an empty file")
    labels = np.concatenate([part.labels for part in parts])
    lines = np.concatenate([part.lines for part in parts])
    indices = np.concatenate([part.indices for part in parts], dtype=np.int64)
    indices -= least
    starts = np.concatenate([np.zeros(1, np.int64), *(part.lengths for part in parts)]).cumsum()
    columns = features if features is not None else int(indices.max(initial=-1)) + 1
    if columns == 0:
        raise DataError(f"{name}: expected features in some row, got labels only")
    values = np.concatenate([part.values for part in parts])
    return Rows(labels, values, indices, starts, columns, joined([name], [labels.size], lines))


def _rows(text: bytes, least: int, most: int) -> _Piece | None:
    """All rows of `text` at once, or None where anything is wrong (which `_first_error` then finds)."""
    if text.translate(None, _ALLOWED):
        return None
    numerals = Numerals(text)
    blank = numerals.bytes <= _BLANK
    starts = np.flatnonzero(blank[:-1] > blank[1:]) + 1
    ends = np.flatnonzero(blank[:-1] < blank[1:]) + 1
    newlines = np.flatnonzero(numerals.bytes == _NEWLINE)
    firsts = np.searchsorted(starts, np.concatenate((np.zeros(1, np.int64), newlines)))
    firsts = np.unique(firsts[firsts < starts.size])
    labels = numerals.reals(starts[firsts], ends[firsts])
    line_of_row = np.searchsorted(newlines, starts[firsts])
    lengths = np.diff(np.append(firsts, starts.size)) - 1
    paired = np.ones(starts.size, bool)
    paired[firsts] = False
    starts, ends = starts[paired], ends[paired]
    # Every token but a label has one colon, with digits before it, and a number behind.
    colons = np.flatnonzero(numerals.bytes == _COLON)
    if labels is None or colons.size != starts.size or (colons <= starts).any() or (colons + 1 >= ends).any():
        return None
    indices, values = numerals.whole(starts, colons), numerals.reals(colons + 1, ends)
    if indices is None or values is None or (indices.size and not least <= indices.min() <= indices.max() <= most):
        return None
    falls = np.diff(indices) <= 0
    rows = lengths.cumsum()[:-1]
    falls[rows[(rows > 0) & (rows < indices.size)] - 1] = False
    if falls.any():
        return None
    return _Piece(labels, values, indices.astype(np.int32), lengths, line_of_row)


def _first_error(text: bytes, line: int, name: str, least: int, most: int) -> DataError:
    """What is wrong with the first bad line of `text`, which begins at `line`."""
    for number, content in enumerate(text.split(b"\n"), line):
        if complaint := _complaint(content, least, most):
            return DataError(f"{name}:{number}: {complaint}")
    raise AssertionError(f"{name}: no bad line found after line {line}")


def _complaint(content: bytes, least: int, most: int) -> str:
    """What is wrong with one line, or an empty text."""
    label, *pairs = re.split(rb"[ \t\r]+", content.strip(b" \t\r"))
    if label and (not NUMERAL.fullmatch(label) or not np.isfinite(float(label))):
        return f"expected a number as the label, got {_shown(label)}"
    last = -1
    for pair in pairs:
        before, colon, after = pair.partition(b":")
        if not colon or not before.isdigit() or not NUMERAL.fullmatch(after):
            return f"expected INDEX:VALUE, got {_shown(pair)}"
        if not np.isfinite(float(after)):
            return f"expected a finite value, got {_shown(pair)}"
        # Compared by length first: Python refuses to read an index of thousands of digits.
        significant = before.lstrip(b"0")
        index = int(significant or b"0") if len(significant) < 20 else MOST_FEATURES + 1
        if not least <= index <= most:
            return f"expected an index from {least} to {most:,}, got {_shown(before)}"
        if index <= last:
            return f"expected increasing indices, got {index} after {last}"
        last = index
    return ""


def _shown(token: bytes) -> str:
    """The token in quotes, short and printable."""
    return repr(token[:40] + b"..." if len(token) > 40 else token).removeprefix("b")


def _begins(head: bytes) -> bool:
    return False


def _read_file(file: File, request: Request) -> Rows:
    return read(file.lines(), file.name, request.features, request.zero_based)


READER = Reader(
    name="svmlight",
    summary="LABEL INDEX:VALUE INDEX:VALUE ... # comment, one row a line",
    endings=(".svm", ".svmlight", ".libsvm", ".txt"),
    begins=_begins,
    keys=frozenset({"zero_based"}),
    read=_read_file,
)

"""Reading the svmlight (LIBSVM) text format: `LABEL INDEX:VALUE INDEX:VALUE ... # comment`, one row a line.

The format: Joachims, SVM-light, http://svmlight.joachims.org; the files: Chang & Lin, LIBSVM data. Stricter than
others: the base of the indices is never guessed, values are finite, indices increase, labels are those of two classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import DataError, Rows

LARGEST_INDEX = 100_000_000
"""A point has a coordinate for each index up to the largest, used or not."""

_LABELS = ((-1.0, 1.0), (0.0, 1.0), (1.0, 2.0))
_DIGIT, _NUMERIC, _COLON, _BLANK, _NEWLINE = 1, 2, 3, 4, 5
_CLASSES = np.zeros(256, np.uint8)
for _class, _bytes in (
    (_DIGIT, b"0123456789"),
    (_NUMERIC, b"+-.eE"),
    (_COLON, b":"),
    (_BLANK, b" \t\r"),
    (_NEWLINE, b"\n"),
):
    _CLASSES[list(_bytes)] = _class
_COLON_TO_BLANK = bytes.maketrans(b":", b" ")
_COMMENT = re.compile(rb"#[^\n]*")
_QUERY = re.compile(rb"(?m)^([ \t]*[^ \t\r\n]+[ \t]+)qid:[0-9]+(?=[ \t\r\n])")
_NUMBER = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, eq=False)
class _Piece:
    """The rows of some lines: `indices` as they stand in the file, `lengths` and `lines` of the rows."""

    labels: NDArray[np.float64]
    values: NDArray[np.float64]
    indices: NDArray[np.int64]
    lengths: NDArray[np.int64]
    lines: NDArray[np.int64]


def read(pieces: Iterable[bytes], name: str, features: int | None = None, zero_based: bool = False) -> Rows:
    """The rows in `pieces` (bytes of whole lines, in order) of the file called `name`.

    features    how many columns there are; None: as many as the largest index asks for
    zero_based  whether the smallest index is 0 rather than 1

    Labels {-1, 1}, {0, 1} or {1, 2} become -1 and 1, the smaller to -1; of one class alone, 1 is 1. Comments, blank
    lines and `qid:N` after the label are skipped. Raises DataError, with the line, for anything else.
    """
    least = 0 if zero_based else 1
    most = (features if features is not None else LARGEST_INDEX) - 1 + least
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
    signs = _signs(labels, np.concatenate([part.lines for part in parts]), name)
    indices = np.concatenate([part.indices for part in parts]) - least
    starts = np.concatenate([np.zeros(1, np.int64), *(part.lengths for part in parts)]).cumsum()
    columns = features if features is not None else int(indices.max(initial=-1)) + 1
    if columns == 0:
        raise DataError(f"{name}: expected features in some row, got labels only")
    return Rows(signs, np.concatenate([part.values for part in parts]), indices, starts, columns)


def _rows(text: bytes, least: int, most: int) -> _Piece | None:
    """All rows of `text` at once, or None where anything is wrong (which `_first_error` then finds)."""
    kinds = _CLASSES[np.frombuffer(text, np.uint8)]
    if not kinds.all():
        return None
    blank = kinds >= _BLANK
    opens = ~blank
    opens[1:] &= blank[:-1]
    token_of_byte = np.cumsum(opens, dtype=np.int32) - 1
    tokens = np.flatnonzero(opens)
    line_of_token = np.searchsorted(np.flatnonzero(kinds == _NEWLINE), tokens)
    is_label = np.ones(tokens.size, bool)
    is_label[1:] = line_of_token[1:] != line_of_token[:-1]
    # Every token but a label has one colon, with nothing but digits before it, and something behind.
    colons = np.flatnonzero(kinds == _COLON)
    if not np.array_equal(token_of_byte[colons], np.flatnonzero(~is_label)):
        return None
    digits_end = np.full(tokens.size, -1)
    digits_end[~is_label] = colons
    numeric = np.flatnonzero(kinds == _NUMERIC)
    if (
        (tokens[~is_label] == colons).any()
        or blank[colons + 1].any()
        or (numeric < digits_end[token_of_byte[numeric]]).any()
    ):
        return None
    try:
        numbers = np.fromiter(
            map(float, text.translate(_COLON_TO_BLANK).split()), np.float64, tokens.size + colons.size
        )
    except ValueError:
        return None
    places = np.cumsum(2 - is_label) - (2 - is_label)
    pairs = places[~is_label]
    labels, indices, values = numbers[places[is_label]], numbers[pairs], numbers[pairs + 1]
    if not np.isfinite(numbers).all() or (indices < least).any() or (indices > most).any():
        return None
    row = line_of_token[~is_label]
    if ((np.diff(indices) <= 0) & (np.diff(row) == 0)).any():
        return None
    lengths = np.diff(np.append(np.flatnonzero(is_label), tokens.size)) - 1
    return _Piece(labels, values, indices.astype(np.int64), lengths, line_of_token[is_label])


def _first_error(text: bytes, line: int, name: str, least: int, most: int) -> DataError:
    """What is wrong with the first bad line of `text`, which begins at `line`."""
    for number, content in enumerate(text.split(b"\n"), line):
        if complaint := _complaint(content, least, most):
            return DataError(f"{name}:{number}: {complaint}")
    raise AssertionError(f"{name}: no bad line found after line {line}")


def _complaint(content: bytes, least: int, most: int) -> str:
    """What is wrong with one line, or an empty text."""
    label, *pairs = re.split(rb"[ \t\r]+", content.strip(b" \t\r"))
    if label and (not _NUMBER.fullmatch(label) or not np.isfinite(float(label))):
        return f"expected a number as the label, got {_shown(label)}"
    last = -1
    for pair in pairs:
        before, colon, after = pair.partition(b":")
        if not colon or not before.isdigit() or not _NUMBER.fullmatch(after):
            return f"expected INDEX:VALUE, got {_shown(pair)}"
        if not np.isfinite(float(after)):
            return f"expected a finite value, got {_shown(pair)}"
        # Compared by length first: Python refuses to read an index of thousands of digits.
        significant = before.lstrip(b"0")
        index = int(significant or b"0") if len(significant) < 20 else LARGEST_INDEX + 1
        if not least <= index <= most:
            return f"expected an index from {least} to {most:,}, got {_shown(before)}"
        if index <= last:
            return f"expected increasing indices, got {index} after {last}"
        last = index
    return ""


def _shown(token: bytes) -> str:
    """The token in quotes, short and printable."""
    return repr(token[:40] + b"..." if len(token) > 40 else token).removeprefix("b")


def _signs(labels: NDArray[np.float64], lines: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    """(rows,) -1 and 1 for the labels of two classes; DataError at the first row whose label is of neither."""
    found, first = np.unique(labels, return_index=True)
    for lower, upper in _LABELS:
        if set(found.tolist()) <= {lower, upper}:
            return np.where(labels == upper, 1.0, -1.0)
    in_order = found[np.argsort(first)].tolist()
    for count, label in enumerate(in_order, 1):
        if not any(set(in_order[:count]) <= set(pair) for pair in _LABELS):
            line = int(lines[np.flatnonzero(labels == label)[0]])
            others = f" after {', '.join(f'{other:g}' for other in in_order[: count - 1])}" if count > 1 else ""
            raise DataError(f"{name}:{line}: expected labels -1 and 1, 0 and 1, or 1 and 2, got {label:g}{others}")
    raise AssertionError("labels of one class were not recognised")

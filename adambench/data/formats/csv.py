"""CSV files: numbers between commas, semicolons or tabs, under a header or none; one of the columns is the label.

The format: RFC 4180, but for line breaks inside quotes.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.data.array import labels_apart, samples
from adambench.data.beside import File
from adambench.data.form import MOST_DENSE
from adambench.data.numerals import NUMERAL, Numerals
from adambench.data.reader import Reader, Request
from adambench.data.rows import DataError, Samples, joined

_DELIMITERS = b",;\t"
_MOST_COLUMNS = 1_000_000
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-", "inf", "+inf", "-inf", "infinity", "-infinity"))
_SPACE, _NEWLINE = b" \n"


@dataclass(frozen=True, eq=False)
class Table:
    """`cells` (rows, columns) float64, finite; `lines` (rows,) of the file; `header` the names, () without one."""

    header: tuple[str, ...]
    cells: NDArray[np.float64]
    lines: NDArray[np.int64]


def table(file: File) -> Table:
    """All numbers of the file. Blank lines are skipped. DataError, with the line, for anything that is no number.

    The first line is a header where it has a field that is neither a number nor a sign of a missing one, and none that
    is a number: a slip in a line of numbers is no name.
    """
    layout: _Layout | None = None
    parts: list[NDArray[np.float64]] = []
    places: list[NDArray[np.int64]] = []
    line, size = 1, 0
    for piece in file.lines():
        if line == 1:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        first = line
        line += piece.count(b"\n")
        if layout is None:
            blank = len(piece) - len(piece.lstrip(b"\r\n \t"))
            begin = piece.rfind(b"\n", 0, blank) + 1
            first += piece.count(b"\n", 0, begin)
            piece = piece[begin:]
            if not piece.strip(b"\r\n \t"):
                continue
            head, _, rest = piece.partition(b"\n")
            layout = _layout(head, file.name, first)
            if layout.header:
                piece, first = rest, first + 1
        cells, lines = _cells(piece, layout) or _cells_by_line(piece, layout, file.name, first)
        parts.append(cells)
        places.append(lines + first)
        size += cells.size
        if size > MOST_DENSE:
            raise DataError(f"{file.name}: expected at most {MOST_DENSE:,} numbers, got more")
    if layout is None or not size:
        raise DataError(f"{file.name}: expected rows of numbers, got none")
    return Table(layout.header, np.concatenate(parts), np.concatenate(places))


@dataclass(frozen=True)
class _Layout:
    delimiter: bytes
    columns: int
    header: tuple[str, ...]

    def column(self, place: int) -> str:
        return f"column {place + 1}" + (f" ({self.header[place][:40]!r})" if self.header else "")


def _layout(head: bytes, name: str, line: int) -> _Layout:
    """What the first line says."""
    delimiter = next((d for d in (_DELIMITERS[i : i + 1] for i in range(len(_DELIMITERS))) if d in head), b",")
    fields = _fields(head, delimiter, f"{name}:{line}")
    numbers = [NUMERAL.fullmatch(field.encode()) is not None for field in fields]
    named = not any(numbers) and any(field.lower() not in _MISSING for field in fields)
    return _Layout(delimiter, len(fields), tuple(fields) if named else ())


def _fields(line: bytes, delimiter: bytes, where: str) -> list[str]:
    if line.count(delimiter) >= _MOST_COLUMNS:
        raise DataError(f"{where}: expected at most {_MOST_COLUMNS:,} columns, got more")
    try:
        text = line.rstrip(b"\r").decode("utf-8")
        ((*fields,),) = csv.reader([text], delimiter=delimiter.decode(), strict=True)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: expected UTF-8, got the byte {line[error.start]:#04x}") from None
    except (csv.Error, ValueError) as error:
        raise DataError(
            f"{where}: expected fields between {delimiter.decode()!r}, got a line that is not ({error})"
        ) from None
    return [field.strip() for field in fields]


def _cells(text: bytes, layout: _Layout) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """All rows of `text` at once and their lines from 0; None where anything but plain numbers stands there."""
    if text.translate(None, b"0123456789+-.eE \r\n" + layout.delimiter):
        return None
    numerals = Numerals(text)
    between = numerals.bytes == layout.delimiter[0]
    blank = (numerals.bytes <= _SPACE) | between
    starts = np.flatnonzero(blank[:-1] > blank[1:]) + 1
    ends = np.flatnonzero(blank[:-1] < blank[1:]) + 1
    delimiters = np.flatnonzero(between)
    columns = layout.columns
    rows, rest = divmod(starts.size, columns)
    if rest or delimiters.size != rows * (columns - 1):
        return None
    between_them = delimiters.reshape(rows, columns - 1)
    before, after = ends.reshape(rows, columns)[:, :-1], starts.reshape(rows, columns)[:, 1:]
    if ((before > between_them) | (between_them >= after)).any():
        return None
    newlines = np.flatnonzero(numerals.bytes == _NEWLINE)
    lines, last = (np.searchsorted(newlines, at) for at in (starts[::columns], ends[columns - 1 :: columns]))
    if (np.diff(lines) <= 0).any() or (lines != last).any():
        return None
    numbers = numerals.reals(starts, ends)
    return None if numbers is None else (numbers.reshape(rows, columns), lines)


def _cells_by_line(
    text: bytes, layout: _Layout, name: str, first: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same, line by line, quotes taken off; DataError at what is no number."""
    rows: list[list[float]] = []
    lines: list[int] = []
    for place, line in enumerate(text.split(b"\n")):
        if not line.strip(b" \t\r"):
            continue
        fields = _fields(line, layout.delimiter, f"{name}:{first + place}")
        if len(fields) != layout.columns:
            raise DataError(f"{name}:{first + place}: expected {layout.columns:,} columns, got {len(fields):,}")
        for column, field in enumerate(fields):
            if field.lower() in _MISSING:
                got = "none" if not field else repr(field)
                raise DataError(f"{name}:{first + place}: expected a number in {layout.column(column)}, got {got}")
            if not NUMERAL.fullmatch(field.encode()) or not np.isfinite(float(field)):
                got = repr(field[:40])
                raise DataError(
                    f"{name}:{first + place}: expected a finite number in {layout.column(column)}, got {got}"
                )
        rows.append([float(field) for field in fields])
        lines.append(place)
    return np.array(rows, np.float64).reshape(len(rows), layout.columns), np.array(lines, np.int64)


def _read(file: File, request: Request) -> Samples:
    found = table(file)
    place = _label_place(found, request, file.name)
    origin = joined([file.name], [found.lines.size], found.lines)
    if place is None:
        read = samples(found.cells, labels_apart(request.labels, lambda file: table(file).cells), file.name)
        return Samples(read.inputs, read.labels, None, origin)
    if found.cells.shape[1] == 1:
        raise DataError(f"{file.name}: expected features beside the label, got one column")
    inputs = np.delete(found.cells, place, axis=1)
    return Samples(inputs, np.ascontiguousarray(found.cells[:, place]), None, origin)


def _label_place(found: Table, request: Request, name: str) -> int | None:
    """Which column the label is; None for none."""
    label, columns = request.label, int(found.cells.shape[1])
    if label is False or request.labels is not None:
        return None
    if label is None:
        return columns - 1
    if isinstance(label, str):
        if found.header.count(label) != 1:
            times = found.header.count(label) or "no"
            raise DataError(f"{name}: expected one column called {label[:40]!r} for the label, got {times} such")
        return found.header.index(label)
    if not -columns <= label < columns:
        raise DataError(
            f"{name}: expected a label from 0 to {columns - 1}, or from the end -1 to -{columns}, got {label}"
        )
    return label % columns


READER = Reader(
    name="csv",
    summary="numbers between commas, semicolons or tabs, with a header or without; one column is the label",
    endings=(".csv", ".tsv"),
    begins=lambda head: False,
    keys=frozenset({"label", "labels"}),
    read=_read,
)

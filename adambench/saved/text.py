"""The text of a file, within limits."""

from __future__ import annotations

import codecs
import sys
from typing import IO, Any

from adambench.errors import AdambenchError

MOST = 256 * 2**20
"""Bytes of a report."""
PART = 2**20
"""Bytes that are read at once: no room is taken before there is something to put in."""


def read_text(place: str, stream: IO[Any] | None = None) -> str:
    """The text at `place`, or of `stream` (standard input without one) where that is `-`; a byte order mark is dropped.

    At most 256 MiB, else AdambenchError, as where there is no such file, nothing in it, or no UTF-8.
    """
    try:
        if place == "-":
            data = _read(stream if stream is not None else getattr(sys.stdin, "buffer", sys.stdin))
        else:
            with open(place, "rb") as file:
                data = _read(file)
    except (OSError, ValueError) as error:  # the latter is a NUL in the name
        said = getattr(error, "strerror", None) or str(error)
        raise AdambenchError(printable(f"{named(place)} could not be read: {said}")) from None
    if len(data) > MOST:
        raise AdambenchError(f"{named(place)}: expected a report of at most {MOST // 2**20} MiB, got more")
    try:
        if data.startswith(codecs.BOM_UTF8):
            del data[:3]
        text = data.decode()
    except UnicodeDecodeError as error:
        raise AdambenchError(
            f"{named(place)}: expected UTF-8, got the byte 0x{data[error.start]:02x} at offset {error.start:,}"
        ) from None
    if not text or text.isspace():
        raise AdambenchError(
            f"{named(place)}: expected a report, got an empty file; did the run that writes it end well?"
        )
    return text


def _read(stream: IO[Any]) -> bytearray:
    """All of it, or more than MOST bytes of it."""
    data = bytearray()
    while len(data) <= MOST and (part := stream.read(PART)):
        data += part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
    return data


def printable(text: str) -> str:
    """The text with what is not printable escaped: nothing that a terminal obeys, and one line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def named(place: str) -> str:
    """What messages call the file."""
    return "<stdin>" if place == "-" else place

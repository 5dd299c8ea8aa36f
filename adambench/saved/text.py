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
PIECE = 2**16
"""Bytes that are looked at as text at once, of which each may take four."""
LONGEST_MESSAGE = 2000
"""Characters; only names of unusual length take more."""
LONGEST_PATH = 160
"""Characters of a path into a document, within a message."""


def read_text(place: str, stream: IO[Any] | None = None) -> str:
    """What is at `place`, or in `stream` (standard input without one) where that is `-`; a byte order mark is dropped.

    Each character stands for a byte of it, so that one beyond Latin-1 does not make all of them four times as large:
    `characters` makes text of a part. At most 256 MiB, else AdambenchError, as where there is no such file, nothing in
    it, or no UTF-8.
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
    if data.startswith(codecs.BOM_UTF8):
        del data[:3]
    if (fault := _no_utf8(data)) is not None:
        raise AdambenchError(f"{named(place)}: expected UTF-8, got the byte 0x{data[fault]:02x} at offset {fault:,}")
    if not data or data.isspace():
        raise AdambenchError(
            f"{named(place)}: expected a report, got an empty file; did the run that writes it end well?"
        )
    return data.decode("latin-1")


def characters(part: str) -> str:
    """The text of a part of what `read_text` gives, of whole characters."""
    return part if part.isascii() else part.encode("latin-1").decode(errors="replace")


def _read(stream: IO[Any]) -> bytearray:
    """All of it, or more than MOST bytes of it."""
    data = bytearray()
    while len(data) <= MOST and (part := stream.read(PART)):
        data += part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
    return data


def _no_utf8(data: bytearray) -> int | None:
    """The offset of the first byte that is none of a UTF-8 text, or None; never the whole text at once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, 0 if data.isascii() else len(data), PIECE):
        before = start - len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + PIECE], final=start + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return before + error.start
    return None


def printable(text: str) -> str:
    """The text with what is not printable escaped: nothing that a terminal obeys, and one line, of bounded length."""
    short = shortened(text, LONGEST_MESSAGE)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def shortened(text: str, most: int) -> str:
    """The text; of more characters than `most` the beginning and the end."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 3]}...{text[-end:]}"


def named(place: str) -> str:
    """What messages call the file."""
    return "<stdin>" if place == "-" else place

"""Bytes of a file in the folder of the problem file, and nowhere else; plain or gzip; never more than a limit."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from adambench.data.rows import DataError

LARGEST = 1 << 30
"""Bytes, after decompression."""
LARGEST_RATIO = 200
"""Of decompressed to compressed bytes, beyond the first MiB: real data stays below 20, a bomb is at 1,000."""
LONGEST_LINE = 1 << 26
_PIECE = 1 << 18
_LEAST_BOMB = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class File:
    """The file `name` in `folder`, the problem file's.

    Every method opens it anew and raises DataError for a name that leaves the folder, for what is not a regular file,
    and for a file that is unreadable, too large or not what its gzip header promises. Nothing outside the folder is
    opened, and no special file is waited for.

    `sha256`, where given, is what the bytes on disk must hash to, in hexadecimal digits: they are hashed as they have
    been opened, before any of them is used.
    """

    folder: Path | None
    name: str
    sha256: str | None = None

    def lines(self) -> Iterator[bytes]:
        """The bytes as pieces of whole lines, each ending in a newline, of about 256 KiB."""
        rest = bytearray()
        for piece in self.pieces():
            newline = piece.rfind(b"\n") + 1
            if newline:
                yield bytes(rest) + piece[:newline]
                rest = bytearray(piece[newline:])
            else:
                rest += piece
            if len(rest) > LONGEST_LINE:
                raise DataError(f"{self.name}: expected lines of at most {LONGEST_LINE:,} bytes, got a longer one")
        if rest:
            yield bytes(rest) + b"\n"

    def content(self) -> bytearray:
        """All bytes, decompressed."""
        whole = bytearray()
        for piece in self.pieces():
            whole += piece
        return whole

    def head(self, count: int) -> bytes:
        """The first bytes, at most so many, decompressed."""
        return next(self.pieces(), b"")[:count]

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """A stream for reading here and there; what a gzip file holds is in memory meanwhile."""
        with self._stream() as stream:
            packed = stream.read(len(_GZIP)) == _GZIP
            stream.seek(0)
            yield BytesIO(self.content()) if packed else stream

    def pieces(self) -> Iterator[bytes]:
        """The bytes in turn, decompressed and counted."""
        with self._stream() as stream:
            yield from _plain(stream, self.name)

    @contextmanager
    def _stream(self) -> Iterator[BinaryIO]:
        with os.fdopen(_open(self.folder, self.name), "rb") as stream:
            try:
                if self.sha256 is not None:
                    _check(stream, self.name, self.sha256.lower())
                yield stream
            except OSError as error:
                raise DataError(f"{self.name}: cannot be read: {error.strerror}") from None


def lines(folder: Path | None, name: str) -> Iterator[bytes]:
    """The lines of one file (`File.lines`)."""
    return File(folder, name).lines()


def _open(folder: Path | None, name: str) -> int:
    """A file descriptor of the regular file `name` in `folder`."""
    if folder is None:
        raise DataError("expected a problem file with a folder of its own, which a data file can lie in, got none")
    outside = "expected a file in the folder of the problem file, by its relative path"
    if not name or "\0" in name or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", name) or "\\" in name or os.path.isabs(name):
        raise DataError(f"{outside}, got {name!r}")
    base = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(base, name))
    if os.path.commonpath([base, path]) != base:
        raise DataError(f"{outside}, got {name!r}, which leads out of it")
    # Not blocking, so that opening a pipe does not wait; not following, so that a link put there meanwhile is not used.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise DataError(f"{name}: cannot be opened: {error.strerror}") from None
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST:
        return descriptor
    with suppress(OSError):
        os.close(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise DataError(f"{name}: expected a regular file, got a {_kind(found.st_mode)}")
    raise DataError(f"{name}: expected at most {LARGEST:,} bytes, got {found.st_size:,}")


def _check(stream: BinaryIO, name: str, sha256: str) -> None:
    """DataError where the stream hashes to something else; it is at its beginning again."""
    found = hashlib.sha256()
    for piece in _following(stream, stream.read(_PIECE)):
        found.update(piece)
    if found.hexdigest() != sha256:
        raise DataError(f"{name}: expected the sha256 {sha256}, got {found.hexdigest()}")
    stream.seek(0)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    return next((kind for test, kind in kinds if test(mode)), "device")


def _plain(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The decompressed bytes, counted."""
    first = stream.read(_PIECE)
    pieces = _decompressed(stream, first, name) if first.startswith(_GZIP) else _following(stream, first)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > LARGEST:
            raise DataError(f"{name}: expected at most {LARGEST:,} bytes, got more")
        yield piece


def _following(stream: BinaryIO, first: bytes) -> Iterator[bytes]:
    while first:
        yield first
        first = stream.read(_PIECE)


def _decompressed(stream: BinaryIO, first: bytes, name: str) -> Iterator[bytes]:
    """The members of a gzip file, one after the other; zero bytes may pad the end."""
    member = zlib.decompressobj(wbits=31)
    taken = given = 0
    for block in _following(stream, first):
        taken += len(block)
        more = False
        while block or more:
            if member.eof:
                block = block.lstrip(b"\0")
                if not block:
                    break
                member = zlib.decompressobj(wbits=31)
            try:
                piece = member.decompress(block, _PIECE)
            except zlib.error as error:
                raise DataError(f"{name}: expected a gzip file, got a damaged one ({error})") from None
            more = len(piece) == _PIECE and not member.eof
            block = member.unused_data if member.eof else member.unconsumed_tail
            given += len(piece)
            if given > _LEAST_BOMB and given > LARGEST_RATIO * (taken - len(block)):
                raise DataError(f"{name}: expected at most {LARGEST_RATIO} times its compressed size, got more")
            yield piece
    if not member.eof:
        raise DataError(f"{name}: expected a whole gzip file, got one that ends in the middle")

"""Where results go: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click

from adambench.errors import OutputError
from adambench.render import Style
from adambench.render.parts.plain import unheeded


@dataclass(frozen=True)
class Output:
    """A promise to write: made before the first trial, so that a bad place is said before any work is done.

    `place` is None for standard output; `temporary` is the file that will take its place, None for what cannot be
    replaced (a device, a pipe) or is to keep what it has (`append`).
    """

    place: Path | None = None
    temporary: Path | None = None
    append: bool = False

    def write(self, text: str) -> None:
        """Raises OutputError where the disk is full or the file cannot be put in place."""
        if self.place is None:
            _print(text)
            return
        try:
            mode = "a" if self.append else "w"
            with open(self.temporary or self.place, mode, encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                if self.temporary is not None:
                    os.fsync(file.fileno())
            if self.temporary is not None:
                os.replace(self.temporary, os.path.realpath(self.place))  # a link stays, and leads to the new file
        except BrokenPipeError:
            pass  # the reader has seen enough
        except OSError as error:
            raise OutputError(f"{self.place} could not be written: {error.strerror}") from None
        finally:
            self.discard()

    def clear(self) -> None:
        """Remove what an earlier command has written there, where it is a file to be replaced. Raises OutputError."""
        if self.place is not None and self.temporary is not None:
            try:
                Path(os.path.realpath(self.place)).unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"{self.place} could not be written: {error.strerror}") from None

    def discard(self) -> None:
        """Leave no half file behind."""
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)

    def style(self, color: str) -> Style:
        """What whoever reads the output can be shown; `color` is auto, always or never."""
        if self.place is None:
            return _style_of(sys.stdout, color)
        return Style(width=_width(terminal=False), color=color == "always")


def open_output(place: str | None, append: bool = False) -> Output:
    """`-` or None is standard output; `append` keeps what a file has. OutputError where a file cannot be made there."""
    if place is None or place in ("-", "/dev/stdout"):
        return Output()
    path = Path(place)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if append:
            path.open("a").close()
            return Output(path, append=True)
        if path.exists() and not path.is_file():
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return Output(path)
        folder, name = os.path.split(os.path.realpath(path))
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
        os.chmod(temporary, 0o666 & ~_umask())
        os.close(handle)
    except OSError as error:
        raise OutputError(f"{place} could not be written: {error.strerror}") from None
    return Output(path, Path(temporary))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _print(text: str) -> None:
    """To standard output; what its encoding lacks becomes a question mark, never a traceback."""
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        # The reader has seen enough; what is left must not raise again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise OutputError(f"standard output could not be written: {error.strerror}") from None


def _style_of(stream: TextIO, color: str) -> Style:
    """Colour as asked, or where the stream and the environment are for it; the characters that its encoding has."""
    terminal = stream.isatty()
    if color == "auto":
        wanted = terminal and os.environ.get("TERM") != "dumb"
        colored = not os.environ.get("NO_COLOR") and (wanted or bool(os.environ.get("FORCE_COLOR")))
    else:
        colored = color == "always"
    try:
        "▁█μ·★✓".encode(stream.encoding or "utf-8")
        unicode = True
    except (UnicodeEncodeError, LookupError):
        unicode = False
    return Style(width=_width(terminal), color=colored, unicode=unicode)


def _width(terminal: bool) -> int:
    """Columns: $COLUMNS, or the terminal's, or 120; never fewer than a table needs."""
    asked = terminal or "COLUMNS" in os.environ
    return max(shutil.get_terminal_size((120, 24)).columns if asked else 120, 20)


def note(text: str, quiet: bool = False) -> None:
    """Lines for people, on standard error, none of which GitHub's runner takes for a command: they may quote a file.
    A reader that has gone decides nothing."""
    if not quiet:
        with contextlib.suppress(OSError):
            click.echo(unheeded(text), err=True)

"""Where results go: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click

from adambench.errors import AdambenchError, OutputError
from adambench.render import Style


@dataclass
class Output:
    """A promise to write: made before the first trial, so that a bad place is said before any work is done."""

    place: Path | None
    temporary: Path | None

    def write(self, text: str) -> None:
        """Raises OutputError where the disk is full or the file cannot be put in place."""
        if self.place is None or self.temporary is None:
            _print(text)
            return
        try:
            with open(self.temporary, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self.temporary, self.place)
        except OSError as error:
            raise OutputError(f"{self.place} could not be written: {error.strerror}") from None
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave no half file behind."""
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)


def open_output(place: str | None) -> Output:
    """`-` or None is standard output. Raises OutputError where a file cannot be made there."""
    if place is None or place == "-":
        return Output(None, None)
    path = Path(place)
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced: it is written to
            return Output(path, None)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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


def style_of(stream: TextIO, color: str) -> Style:
    """What the stream can show: its columns (120 where it is no terminal), colour as asked, its character set."""
    terminal = stream.isatty()
    width = shutil.get_terminal_size((120, 24)).columns if terminal or "COLUMNS" in os.environ else 120
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
    return Style(width=max(width, 20), color=colored, unicode=unicode)


def number_list(text: str) -> list[float]:
    """Comma-separated numbers."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise AdambenchError(f"expected numbers separated by commas, got {text!r}") from None


def note(text: str, quiet: bool = False) -> None:
    """A line for people, on standard error."""
    if not quiet:
        click.echo(text, err=True)

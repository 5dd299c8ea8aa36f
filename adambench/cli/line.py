"""One line on standard error that says what goes on: drawn anew each time, gone when done."""

from __future__ import annotations

import os
import sys


def is_shown(wanted: bool) -> bool:
    """Whether there is a terminal to draw it on."""
    return wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def draw(text: str) -> None:
    """In place of what stood there, as wide as the terminal; an empty text removes it."""
    width = os.get_terminal_size(sys.stderr.fileno()).columns
    sys.stderr.write("\r\x1b[2K" + text[: width - 1])
    sys.stderr.flush()

"""What can go wrong for a user, as values that the command line turns into one message and an exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AdambenchError(Exception):
    """A mistake or a fault that the user can act on. `exit_code` is what the command ends with."""

    exit_code = 2


class OutputError(AdambenchError):
    """A result could not be written."""

    exit_code = 5


def nearest(word: str, known: Iterable[str]) -> str:
    """' (did you mean X?)' for the known word closest to `word`, or '' where none is close."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""

"""Two reports read at the same time."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import IO, Any

from adambench.errors import AdambenchError
from adambench.saved.collection import uncollected
from adambench.saved.report import read_report

LARGE = 4 * 2**20
"""Bytes from which a second process is worth its start."""

Read = Callable[[str], Any]


def read_both(first: str, second: str, read: Read = read_report) -> tuple[Any, Any]:
    """What `read` makes of two places, of which at most one is `-`; its AdambenchError about the first that is wrong.

    Where the system forks cheaply, and the files are large, a child process reads the second meanwhile.
    """
    if second == "-":
        return read_both(second, first, read)[::-1]
    if sys.platform != "linux" or not _large(first, second):
        return read(first), read(second)
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about threads, of which the child needs none
        child = os.fork()
    if not child:
        _tell(theirs, ours, read, second)
    os.close(theirs)
    try:
        with open(ours, "rb") as pipe, uncollected():
            return read(first), _told(pipe)
    finally:
        os.waitpid(child, 0)


def _large(first: str, second: str) -> bool:
    try:
        return (first == "-" or os.stat(first).st_size >= LARGE) and os.stat(second).st_size >= LARGE
    except (OSError, ValueError):
        return False


def _tell(pipe: int, other: int, read: Read, place: str) -> None:
    """In the child: what was read, or what is wrong, into the pipe; never returns."""
    code = 1
    try:
        os.close(other)
        try:
            said: tuple[Any, str] = read(place), ""
        except AdambenchError as error:
            said = None, str(error)
        with open(pipe, "wb") as file:
            pickle.dump(said, file, protocol=5)
        code = 0
    finally:
        os._exit(code)


def _told(pipe: IO[bytes]) -> Any:
    """In the parent: what the child says, while it is saying it."""
    try:
        found, wrong = pickle.load(pipe)  # from our own child
    except (EOFError, pickle.UnpicklingError):
        raise AdambenchError("the process that read the baseline was ended; is there enough memory?") from None
    if wrong:
        raise AdambenchError(wrong)
    return found

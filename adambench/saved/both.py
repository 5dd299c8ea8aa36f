"""Two reports read at the same time."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable
from typing import IO, Any

from adambench.errors import AdambenchError
from adambench.saved.collection import uncollected
from adambench.saved.report import read_report
from adambench.saved.text import named, printable

LARGE = 4 * 2**20
"""Bytes from which a second process is worth its start."""

Shorten = Callable[[dict[str, Any]], Any]


def read_both(first: str, second: str, shorten: Shorten | None = None) -> tuple[Any, Any]:
    """The reports at two places, of which at most one is `-`, as `read_report` reads them; its AdambenchError about the
    first that is wrong.

    Where the system forks cheaply, and the files are large, a child process reads the second meanwhile. What ends the
    reading of the first, as an interrupt does, ends it, too.
    """
    if second == "-":
        return read_both(second, first, shorten)[::-1]
    if sys.platform != "linux" or not _large(first, second) or (started := _start(second, shorten)) is None:
        return read_report(first, shorten=shorten), read_report(second, shorten=shorten)
    child, pipe = started
    try:
        with pipe, uncollected():
            one, other = read_report(first, shorten=shorten), _told(pipe)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    if other is None:
        _check_ended(second, status)
        other = read_report(second, shorten=shorten)  # here, where what is wrong is seen
    return one, other


def _large(first: str, second: str) -> bool:
    try:
        return (first == "-" or os.stat(first).st_size >= LARGE) and os.stat(second).st_size >= LARGE
    except (OSError, ValueError):
        return False


def _start(place: str, shorten: Shorten | None) -> tuple[int, IO[bytes]] | None:
    """The child that reads, and the pipe into which it tells; None where the system has none to give."""
    try:
        ours, theirs = os.pipe()
    except OSError:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about threads, of which the child needs none
            child = os.fork()
    except OSError:
        os.close(ours)
        os.close(theirs)
        return None
    if not child:
        _tell(theirs, ours, place, shorten)
    os.close(theirs)
    return child, open(ours, "rb")


def _tell(pipe: int, other: int, place: str, shorten: Shorten | None) -> None:
    """In the child: what was read, or what is wrong, into the pipe; never returns."""

    def packed(row: dict[str, Any]) -> bytes:  # at once, while it is in the processor's cache
        return pickle.dumps(row if shorten is None else shorten(row), protocol=5)

    code = 1
    try:
        os.close(other)
        try:
            said: tuple[Any, str] = read_report(place, shorten=packed), ""
        except AdambenchError as error:
            said = None, str(error)
        with open(pipe, "wb") as file:
            pickle.dump(said, file, protocol=5)
        code = 0
    finally:
        os._exit(code)


def _told(pipe: IO[bytes]) -> dict[str, Any] | None:
    """In the parent: what the child says, while it is saying it; None where it ended without."""
    try:
        report, wrong = pickle.load(pipe)  # from our own child
    except (EOFError, pickle.UnpicklingError):
        return None
    if wrong:
        raise AdambenchError(wrong)
    return {**report, "results": [pickle.loads(row) for row in report["results"]]}


def _check_ended(place: str, status: int) -> None:
    """AdambenchError where somebody ended the child, as the system does for want of memory."""
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        said = f"{named(place)}: the process that read it was ended by {name}; is there enough memory?"
        raise AdambenchError(printable(said))

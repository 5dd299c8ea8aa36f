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

Shorten = Callable[[dict[str, Any]], Any]


def read_both(first: str, second: str, shorten: Shorten | None = None) -> tuple[Any, Any]:
    """The reports at two places, of which at most one is `-`, as `read_report` reads them; its AdambenchError about the
    first that is wrong.

    Where the system forks cheaply, and the files are large, a child process reads the second meanwhile.
    """
    if second == "-":
        return read_both(second, first, shorten)[::-1]
    if sys.platform != "linux" or not _large(first, second):
        return read_report(first, shorten=shorten), read_report(second, shorten=shorten)
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about threads, of which the child needs none
        child = os.fork()
    if not child:
        _tell(theirs, ours, second, shorten)
    os.close(theirs)
    try:
        with open(ours, "rb") as pipe, uncollected():
            return read_report(first, shorten=shorten), _told(pipe)
    finally:
        os.waitpid(child, 0)


def _large(first: str, second: str) -> bool:
    try:
        return (first == "-" or os.stat(first).st_size >= LARGE) and os.stat(second).st_size >= LARGE
    except (OSError, ValueError):
        return False


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


def _told(pipe: IO[bytes]) -> Any:
    """In the parent: what the child says, while it is saying it."""
    try:
        report, wrong = pickle.load(pipe)  # from our own child
    except (EOFError, pickle.UnpicklingError):
        raise AdambenchError("the process that read the baseline was ended; is there enough memory?") from None
    if wrong:
        raise AdambenchError(wrong)
    return {**report, "results": [pickle.loads(row) for row in report["results"]]}

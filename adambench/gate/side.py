"""One side of a live comparison: an environment's Python, and adambench run in it as a child process."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adambench.errors import AdambenchError
from adambench.saved.text import MOST

OURS = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from adambench.cli import main; main()"
"""With this process's path, adambench is found as it was here."""
PROBE = "import importlib.util as u; s = u.find_spec('adambench'); print('adambench', s.origin if s else '')"
PROBE_SECONDS = 60.0

REMOVED = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
"""Environment variables through which one environment would see the other's packages."""
DISTURBING = ("SIGINT", "SIGTERM", "SIGHUP")
KEPT = 65_536
"""Bytes of standard error that are kept, the last."""
LONGEST = 1000
"""Characters of a child's own message that are passed on."""
KEPT_BACK = "; its message may quote a file, and is not shown: name the problems on the command line to see it"
LATE = "a round was not done after {limit:g} s: give it more with --timeout, or name fewer problems"
SILENT = "it had not answered after {limit:g} s"
WRITTEN = (0, 1, 4)
"""Exit codes with which there is a report: fine, a requirement unmet, trials in error."""


@dataclass(frozen=True)
class Side:
    """`name` in messages, and the words of the command up to adambench's own.

    discreet  whether its complaints are kept back: they quote files, and these were named by a file of somebody else's
    """

    name: str
    command: tuple[str, ...]
    discreet: bool = False


def here() -> Side:
    """The adambench that is running."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise AdambenchError("--live needs a Python interpreter to run in, and this program has none")
    path = json.dumps([entry for entry in sys.path if isinstance(entry, str)])
    return Side("here", (sys.executable, "-P", "-c", OURS, path))


def there(python: str) -> Side:
    """The adambench of another environment, found by its Python: a path, or a name on the PATH.

    The current folder is not on its path: a checkout there would otherwise stand in for what is installed.
    AdambenchError where there is no such program, or no adambench in it.
    """
    found = shutil.which(python)
    if found is None:
        hint = "; it is a folder: name the Python in it" if os.path.isdir(python) else ""
        raise AdambenchError(f"--live: expected the path of an environment's Python, got {python}{hint}")
    side = Side(python, (os.path.abspath(found), "-P"))
    try:
        said = call(side, ["-c", PROBE], PROBE_SECONDS, SILENT).decode("utf-8", "replace").split()
    except AdambenchError as error:
        raise AdambenchError(f"--live: expected an environment's Python, 3.11 or later; {error}") from None
    if said[:1] != ["adambench"]:
        raise AdambenchError(f"--live: expected an environment's Python, got {python}, which is some other program")
    if len(said) < 2:
        raise AdambenchError(f"--live: {python} has no adambench: install one there, as in {python} -m pip install ...")
    return Side(python, (*side.command, "-m", "adambench"))


def call(side: Side, arguments: Sequence[str], limit: float, late: str = LATE) -> bytes:
    """What the child prints. It runs without a shell, with nothing on its standard input, in a session of its own; it
    and whatever it has started are killed when it has taken `limit` seconds, this is left by an exception, or the
    terminal is closed.

    late  what is said where it takes too long

    AdambenchError, in one sentence with the child's own message, where it takes too long, prints more than is
    read of a report, or ends with an exit code that comes without a report.
    """
    with _hanging_up():
        code, printed, complaint = _called(side, arguments, limit, late)
    if code not in WRITTEN or not printed:
        why = KEPT_BACK if side.discreet else _said(complaint)
        raise AdambenchError(f"{side.name}: it {_ended(code)}{why}")
    return printed


def _called(side: Side, arguments: Sequence[str], limit: float, late: str) -> tuple[int, bytes, bytes]:
    """The exit code, all of standard output, the end of standard error."""
    environment = {name: value for name, value in os.environ.items() if name not in REMOVED}
    child, too_late = None, AdambenchError(f"{side.name}: {late.format(limit=limit)}")
    try:
        with _undisturbed():
            child = subprocess.Popen(
                [*side.command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + limit
        printed, complaint = _read(child, side.name, deadline, too_late)
        try:
            code = child.wait(max(deadline - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            raise too_late from None
        return code, printed, complaint
    except (OSError, ValueError) as error:
        raise AdambenchError(f"{side.name} could not be run: {error}") from None
    finally:
        if child is not None:
            _end(child)


class _HungUp(BaseException):
    """SIGHUP arrived."""


@contextlib.contextmanager
def _hanging_up() -> Iterator[None]:
    """SIGHUP ends the process as it would have, but leaves the block first. One that is ignored, as under nohup, or
    handled by somebody else, is left alone."""
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "SIGHUP") or signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a terminal and its shell send one each
        raise _HungUp

    signal.signal(signal.SIGHUP, leave)
    try:
        yield
    except _HungUp:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP wait until the block is left: an exception between a child's birth and its name would
    leave the child to itself. Only the main thread is ever disturbed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    numbers = [getattr(signal, name) for name in DISTURBING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in before:
        signal.signal(number, lambda number, frame: arrived.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in arrived:
            signal.raise_signal(late)


def _read(child: subprocess.Popen[bytes], name: str, deadline: float, too_late: AdambenchError) -> tuple[bytes, bytes]:
    """All of standard output and the end of standard error."""
    assert child.stdout is not None
    assert child.stderr is not None
    printed, complaint = bytearray(), bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ, printed)
        ready.register(child.stderr, selectors.EVENT_READ, complaint)
        while ready.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise too_late
            for key, _ in ready.select(left):
                if not (read := os.read(key.fd, 1 << 20)):
                    ready.unregister(key.fileobj)
                key.data.extend(read)
            if len(printed) > MOST:
                raise AdambenchError(f"{name}: expected a report of at most {MOST:,} bytes, got more")
            del complaint[:-KEPT]
    return bytes(printed), bytes(complaint)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill it and its group where it still runs, and close its pipes."""
    if child.returncode is None:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def _ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}" if code not in WRITTEN else "printed nothing"


def _said(complaint: bytes) -> str:
    """The line of standard error that says what was wrong, without what a terminal would obey."""
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        return ""
    line = next((line for line in lines if "error: " in line), lines[-1])
    return ": " + "".join(mark if mark.isprintable() else "?" for mark in line)[:LONGEST]

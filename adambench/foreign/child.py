"""The child process: imports somebody else's optimizer and does what the parent asks, until the pipe closes.

Started by `process.start`. It imports neither Numba nor the rest of adambench, so that it is up in a moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import os
import random
import select
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from adambench.errors import AdambenchError
from adambench.foreign.adapter import Adapter, Array, Build, Running
from adambench.foreign.adapters import all_adapters
from adambench.foreign.fault import Fault
from adambench.foreign.message import pack, unpack
from adambench.foreign.target import find, recognised

LONGEST = 300
"""Characters of an implementation's own message that are passed on."""

Reply = tuple[dict[str, Any], bytes]


def main() -> None:
    pipe, lifeline = int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent(lifeline)
    connection = Connection(pipe)
    for number in (pipe, lifeline):
        os.set_inheritable(number, False)
    # A process that the implementation forks must not hold the pipe open, nor answer.
    os.register_at_fork(after_in_child=connection.close)
    sys.argv = [sys.argv[0]]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    for adapter in all_adapters():
        adapter.prepare()
    sys.path.insert(0, os.getcwd())
    np.seterr(all="ignore")  # what diverges is told by the outcome
    with contextlib.suppress(EOFError, OSError):
        _serve(connection)
    os._exit(0)


def _end_with_parent(lifeline: int) -> None:
    """Ask the kernel to end this process when the parent's end of the lifeline closes, even in the midst of a loop."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it closed before that
        os._exit(0)


def _serve(connection: Connection) -> None:
    session = Session()
    while True:
        request, array = unpack(connection.recv_bytes())
        verb = request.pop("do")
        try:
            header, found = getattr(session, verb)(array, **request)
        except AdambenchError as error:
            header, found = {"mistake": str(error)}, b""
        except Fault as fault:
            header, found = {"fault": str(fault)}, b""
        except BaseException as error:  # SystemExit too: only the parent ends this process
            header, found = {"fault": _told(error)}, b""
        connection.send_bytes(pack(header, found))


class Session:
    """One implementation, and its optimizer at work: a method for each verb of the parent."""

    def __init__(self) -> None:
        self._target: Any = None
        self._adapter: Adapter
        self._build: Build
        self._running: Running
        self._called = False
        self._seconds = 0.0
        self._saved: tuple[bytes, Array]

    def load(self, array: bytes, name: str) -> Reply:
        self._name, self._target = name, find(name)
        self._adapter, self._called = recognised(name, self._target)
        return {"kind": self._adapter.kind, "library": _library(name, self._target)}, b""

    def begin(self, array: bytes, values: dict[str, Any], shape: list[int], precision: str) -> Reply:
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        x = np.frombuffer(array).astype(precision).reshape(shape)
        self._build = Build(self._name, self._target, self._called, values, x)
        self._running = self._adapter.make(self._build)
        return {"values": self._running.hyperparameters, "watched": self._running.watched}, b""

    def step(self, array: bytes, rate: float, loss: float) -> Reply:
        given = self._build.x
        gradient = np.frombuffer(array).astype(given.dtype).reshape(given.shape)
        x = self._running.step(gradient, rate, loss)
        self._seconds += self._running.spent
        return {"seconds": self._seconds}, _bytes(x)

    def move(self, array: bytes) -> Reply:
        given = self._build.x
        self._running.move(np.frombuffer(array).astype(given.dtype).reshape(given.shape))
        return {}, b""

    def point(self, array: bytes) -> Reply:
        return {}, _bytes(self._running.point())

    def save(self, array: bytes) -> Reply:
        self._saved = self._running.save(), self._running.x()
        return {}, b""

    def restore(self, array: bytes) -> Reply:
        state, x = self._saved
        build = self._build
        self._running = self._adapter.make(Build(build.name, build.target, build.called, build.values, x))
        self._running.load(state)
        return {}, b""

    def count(self, array: bytes, steps: int | None) -> Reply:
        try:
            return {"count": self._running.count(steps)}, b""
        except (AttributeError, TypeError, ValueError):
            if steps is None:
                raise
            return {"count": None}, b""  # one that can only be read


def _bytes(x: Array) -> bytes:
    return x.astype(np.float64, copy=False).tobytes()


def _library(name: str, target: Any) -> str:
    """The package and its version where it has one, else the module."""
    module = getattr(target, "__module__", None) or name
    root = module.split(".")[0]
    version = getattr(sys.modules.get(root), "__version__", None)
    if version is None:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError, ValueError):
            version = importlib.metadata.version(root)
    return module if version is None else f"{root} {str(version).split('+')[0]}"


def _told(error: BaseException) -> str:
    """What was raised: its type, the first line of its message, and where in the current folder."""
    if isinstance(error, SystemExit):
        return f"called sys.exit({error.code!r})"
    try:
        said = str(error).strip().split("\n")[0]
    except Exception:  # a message that fails in its turn
        said = ""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(os.getcwd() + os.sep)
    ]
    ours = os.path.dirname(__file__)
    frames = [frame for frame in frames if not frame.filename.startswith(ours)]
    place = f" ({os.path.relpath(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    return f"raised {type(error).__name__}{': ' if said else ''}{said[:LONGEST]}{place}"

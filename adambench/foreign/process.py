"""The child process as the parent holds it: started with a pipe of its own, and ended for good."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from adambench.errors import AdambenchError

START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from adambench.foreign.child import main; main()"
"""With the parent's path, adambench is found as it was here, whatever the current folder holds."""

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
"""Where the user has not set them: the same sums in the same order, in every run."""

LINGER = 5.0
"""Seconds that a child whose pipe has closed is given to end by itself."""


@dataclass(frozen=True)
class Process:
    """`lifeline`: the end of a pipe that nothing is written to; the child ends when it closes."""

    popen: subprocess.Popen[bytes]
    connection: Connection
    lifeline: int


def start() -> Process:
    """A child in a session of its own, out of the terminal's reach. What it prints goes to standard error."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise AdambenchError(
            "somebody else's optimizer needs a Python interpreter to run in, and this program has none"
        )
    ours, theirs = socket.socketpair()
    watched, lifeline = os.pipe()
    path = json.dumps([entry for entry in sys.path if isinstance(entry, str)])
    try:
        popen = subprocess.Popen(
            [sys.executable, "-P", "-c", START, path, str(theirs.fileno()), str(watched)],
            stdin=subprocess.DEVNULL,
            stdout=_standard_error(),
            stderr=_standard_error(),
            pass_fds=(theirs.fileno(), watched),
            env={**ENVIRONMENT, **os.environ},
            start_new_session=True,
        )
    except BaseException:
        ours.close()
        os.close(lifeline)
        raise
    finally:
        theirs.close()
        os.close(watched)
    return Process(popen, Connection(ours.detach()), lifeline)


def end(process: Process) -> None:
    """Kill it and whatever it has started, wait for it, close the pipes; harmless the second time."""
    with contextlib.suppress(OSError):
        process.connection.close()
    if process.popen.returncode is None:
        with contextlib.suppress(OSError):
            os.killpg(process.popen.pid, signal.SIGKILL)
        process.popen.wait()
        os.close(process.lifeline)


def ended(process: Process) -> str:
    """How a child ended that has closed its pipe, as the rest of a sentence; it is over then."""
    try:
        process.popen.wait(LINGER)
    except subprocess.TimeoutExpired:
        end(process)
        return "closed the pipe to adambench"
    code = process.popen.returncode
    end(process)
    if code >= 0:
        return f"ended its process, with exit code {code}"
    return f"crashed its process: {signal.Signals(-code).name}"


def _standard_error() -> int:
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2

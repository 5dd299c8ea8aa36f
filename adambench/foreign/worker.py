"""Somebody else's optimizer as the parent drives it: a step at a time, in a process that can be cut off."""

from __future__ import annotations

import math
import weakref
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.errors import AdambenchError
from adambench.foreign.adapter import Value
from adambench.foreign.fault import ImplementationError
from adambench.foreign.message import pack, unpack
from adambench.foreign.process import Process, end, ended, start

__all__ = ["ImplementationError", "Worker"]

Floats = NDArray[np.float64]

LONGEST = 1e6
"""Seconds that a pipe can be waited on, and more than anybody will."""
PATIENCE = 60.0
"""Seconds that an import may take, whatever the timeout, and a fresh optimizer of a library: JAX compiles."""


class Worker:
    """An implementation by its dotted name, imported in a child process with the current folder first on the path.

    Arrays are flat, float64 and copied both ways. What the implementation does wrong is an ImplementationError of one
    sentence; what the user got wrong (a name, a hyperparameter, a library) is another AdambenchError. `timeout` bounds
    each call, in seconds. After a fault the next `begin` starts afresh, in a new process where the old one has ended.
    Not for two threads at once.

    kind     torch | optax | keras | protocol
    library  its package and version, or its module
    watched  whether `point` can differ from x
    seconds  spent inside the implementation's own step so far, as the child measured them
    """

    kind: str
    library: str
    watched: bool
    seconds: float

    def __init__(self, name: str, timeout: float | None = None) -> None:
        if timeout is not None and not timeout > 0:
            raise AdambenchError(f"timeout: expected a positive number of seconds, got {timeout}")
        self.name, self.timeout = name, timeout
        self.watched, self.seconds = False, 0.0
        self._earlier, self._steps, self._count = 0.0, 0, 0
        self._saved: int | None = None
        self._process: Process | None = None
        self._why = "has been closed"
        self._start()

    def begin(
        self, values: Mapping[str, Value], x: NDArray[Any], shape: tuple[int, ...], precision: str = "float64"
    ) -> dict[str, Value]:
        """A fresh optimizer at x, with these hyperparameters in our names or its own; all that it has, in our names."""
        if self._process is None:
            self._start()
        self._steps, self._saved = 0, None
        self._count = math.prod(shape)
        reply, _ = self._ask(
            "at init", {"do": "begin", "values": dict(values), "shape": shape, "precision": precision}, self._flat(x)
        )
        self.watched = reply["watched"]
        found: dict[str, Value] = reply["values"]
        return found

    def step(self, gradient: NDArray[Any], rate: float = 1.0, loss: float = 0.0) -> Floats:
        """The next x. `rate` is a schedule's factor on the learning rate, `loss` that of the gradient's evaluation."""
        self._steps += 1
        request = {"do": "step", "rate": float(rate), "loss": float(loss)}
        reply, x = self._ask(f"at step {self._steps}", request, self._flat(gradient))
        self.seconds = self._earlier + reply["seconds"]
        return np.frombuffer(x).copy()

    def move(self, x: NDArray[Any]) -> None:
        """Put x elsewhere, as a box does; the state stays."""
        self._ask(f"after step {self._steps}", {"do": "move"}, self._flat(x))

    def point(self) -> Floats:
        """The point whose loss counts: x for all but methods that average."""
        _, x = self._ask(f"after step {self._steps}", {"do": "point"})
        return np.frombuffer(x).copy()

    def save(self) -> None:
        """Keep x and the state, serialised; the child holds them until the next `save` or `begin`."""
        self._ask(f"after step {self._steps}", {"do": "save"})
        self._saved = self._steps

    def restore(self) -> None:
        """A fresh optimizer at the saved x, with the saved state loaded into it."""
        if self._saved is None:
            raise ValueError("restore() without a save() since begin()")
        self._steps = self._saved
        self._ask("when restored", {"do": "restore"})

    def count(self, steps: int | None = None) -> int | None:
        """The counter of steps in its state, set to `steps` first where given; None where there is none to be seen."""
        reply, _ = self._ask(f"after step {self._steps}", {"do": "count", "steps": steps})
        found: int | None = reply["count"]
        return found

    def close(self) -> None:
        """End the child. Harmless the second time."""
        if self._process is not None:
            self._end()
            self._process = None
            self._earlier = self.seconds

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        self._process = start()
        # Also where a worker is dropped without being closed.
        self._end = weakref.finalize(self, end, self._process)
        try:
            reply, _ = self._ask("at import", {"do": "load", "name": self.name})
        except BaseException:
            self.close()
            raise
        self.kind, self.library = reply["kind"], reply["library"]

    def _flat(self, array: NDArray[Any]) -> bytes:
        flat = np.ascontiguousarray(array, dtype=np.float64)
        if flat.size != self._count:
            raise ValueError(f"expected {self._count} numbers, got {flat.size}")
        return flat.tobytes()

    def _ask(self, where: str, request: Mapping[str, Any], array: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """The child's answer; `where` says when it was asked, for messages."""
        if self._process is None:
            raise ImplementationError(f"{self.name} {self._why}")
        connection, timeout = self._process.connection, self.timeout
        if timeout is not None and request["do"] in ("load", "begin", "restore"):
            patient = request["do"] == "load" or self.kind != "protocol"
            timeout = max(timeout, PATIENCE) if patient else timeout
        try:
            connection.send_bytes(pack(request, array))
            if timeout is not None and not connection.poll(min(timeout, LONGEST)):
                raise self._over(f"{where} took longer than {timeout:g} s")
            reply, found = unpack(connection.recv_bytes())
        except (EOFError, OSError):
            raise self._over(f"{where} {ended(self._process)}") from None
        except BaseException:  # an answer may be half read
            self.close()
            raise
        if "mistake" in reply:
            raise AdambenchError(reply["mistake"])
        if "fault" in reply:
            raise ImplementationError(f"{self.name} {where} {reply['fault']}")
        return reply, found

    def _over(self, why: str) -> ImplementationError:
        self.close()
        self._why = why
        return ImplementationError(f"{self.name} {why}")

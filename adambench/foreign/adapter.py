"""The declaration of a kind of implementation: what one file in `adapters/` says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Value = float | bool
Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Build:
    """What a fresh optimizer is made of.

    name    the dotted name, for messages
    target  what was found under it
    called  `target` is a class or a factory, which makes the optimizer; else it is the optimizer
    values  hyperparameters in our names
    x       the start, in the shape and precision of the run; the adapter copies it
    """

    name: str
    target: Any
    called: bool
    values: dict[str, Value]
    x: Array

    @property
    def precision(self) -> str:
        return str(self.x.dtype)


class Running(Protocol):
    """An optimizer at work. Arrays given are not changed, arrays returned are fresh; all have the shape of x.

    hyperparameters  those that can be read back, in our names
    watched          whether `point` can differ from x
    spent            seconds inside the implementation's own step, the last time
    """

    hyperparameters: dict[str, Value]
    watched: bool
    spent: float

    def x(self) -> Array:
        """Where the next gradient is to be taken."""
        ...

    def move(self, x: Array) -> None:
        """Put x elsewhere: what a box does after a step."""
        ...

    def step(self, gradient: Array, rate: float, loss: float) -> Array:
        """The next x; Fault where the implementation breaks its contract."""
        ...

    def point(self) -> Array:
        """Where the loss counts."""
        ...

    def save(self) -> bytes:
        """Its state, without x."""
        ...

    def load(self, state: bytes) -> None:
        """Take over what `save` gave; called on a fresh one at the saved x."""
        ...

    def count(self, steps: int | None) -> int | None:
        """The step counter in its state, set first where `steps` is given; None where there is none."""
        ...


@dataclass(frozen=True)
class Adapter:
    """How one kind of implementation is told from others, made and driven.

    packages   the libraries it cannot do without
    extra      the extra of adambench that installs them
    prepare()  before anything is imported: the environment that the library reads
    recognise(object)  whether this class, instance or module is of the kind; must not import the library
    make(build) -> Running
    """

    kind: str
    packages: tuple[str, ...]
    extra: str
    prepare: Callable[[], None]
    recognise: Callable[[Any], bool]
    make: Callable[[Build], Running]

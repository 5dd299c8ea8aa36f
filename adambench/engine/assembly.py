"""Which kernels a run needs, built from what the optimizer and function files declare, each compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import types

from adambench.decay import composed
from adambench.engine import update
from adambench.engine.descend import Course, Lanes, loop
from adambench.engine.kernel import EVALUATE, UPDATE, compiled
from adambench.engine.memory import UNKNOWN, matrix, vector
from adambench.function import Function
from adambench.optimizer import Flags, Optimizer

REAL = {"float64": np.float64, "float32": np.float32}


@dataclass(frozen=True)
class Kernel:
    """A kernel to be: `name` for the progress line, `function` in plain Python, `signature` to compile it for."""

    name: str
    function: Callable[..., Any]
    signature: Any


def evaluate_kernel(function: Function, width: int, precision: str) -> Kernel:
    """The objective, on borrowed arrays."""
    inner, real = function.evaluate(width), REAL[precision]

    def evaluate(dimension, x, gradient, loss, t, seeds, reals, integers, work):  # type: ignore[no-untyped-def]
        inner(
            matrix(x, dimension, width, real),
            matrix(gradient, dimension, width, real),
            vector(loss, width, np.float64),
            t,
            vector(seeds, width, np.int64),
            vector(reals, UNKNOWN, real),
            vector(integers, UNKNOWN, np.int64),
            matrix(work, UNKNOWN, width, np.float64),
        )

    return Kernel(function.name, evaluate, EVALUATE)


def update_kernel(optimizer: Optimizer, flags: Flags, columns: int, precision: str) -> Kernel:
    """One step of the optimizer; `columns` is 1 where all lanes share their hyperparameters, else LANES."""
    rule, coefficients = composed(optimizer, flags)
    counts, real = sizes(optimizer, flags), REAL[precision]
    if columns == 1:
        function = update.one_column(rule, coefficients, counts, real)
    else:
        function = update.many_columns(rule, coefficients, counts, real, columns)
    return Kernel(optimizer.name, function, UPDATE)


def descend_kernel(width: int, noisy: bool, precision: str) -> Kernel:
    """The loop."""
    course, lanes = example(width, precision)
    signature = types.boolean(
        types.FunctionType(EVALUATE),
        types.FunctionType(UPDATE),
        numba.typeof(course),
        numba.typeof(lanes),
        types.int64,
        types.int64,
    )
    return Kernel("the loop", loop(width, noisy), signature)


def sizes(optimizer: Optimizer, flags: Flags) -> tuple[int, int, int, int]:
    """How many hyperparameters, carried numbers, coefficients and slots the optimizer has under these flags."""
    hyper = tuple(np.float64(h.neutral) for h in optimizer.numbers)
    with np.errstate(all="ignore"):
        constants, _ = composed(optimizer, flags)[1](hyper, 1, optimizer.carry or (0.0,))
    return len(hyper), len(optimizer.carry), len(constants), len(optimizer.slots(flags))


def example(width: int, precision: str) -> tuple[Course, Lanes]:
    """A course and lanes of no size, for their types."""
    real, integer = np.zeros(0), np.zeros(0, np.int64)
    wide, work = np.zeros((0, 0), REAL[precision]), np.zeros((0, 0))
    counts = np.zeros((0, 0), np.int64)
    course = Course(
        *(1, 1, False, False, False, False, 0, 0.0, 0.0, 0, integer, integer, work, real, real),
        *(np.zeros(0, REAL[precision]), integer, integer, work, real),
    )
    lanes = Lanes(
        *(wide, wide, wide, wide, work, work, wide, real, real, real, work, counts),
        *(integer, integer, integer, integer, integer, wide, real, work, integer, work),
        *(integer, integer, integer, work, np.zeros((0, 0, 0))),
    )
    return course, lanes


class Assembly:
    """The compiled kernels of this process, by what they were made from. Compiling is the caller's explicit phase."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[Any, ...], Any] = {}

    def missing(self, wanted: Mapping[tuple[Any, ...], Callable[[], Kernel]]) -> list[tuple[Any, ...]]:
        return [key for key in wanted if key not in self._compiled]

    def add(self, key: tuple[Any, ...], kernel: Kernel) -> None:
        self._compiled[key] = compiled(kernel.function, kernel.signature)

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return self._compiled[key]

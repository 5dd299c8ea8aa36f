"""Which kernels a run needs, built from what the optimizer and function files declare, each compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import types

from adambench import decay
from adambench.composition import AVERAGED, CLIPPED, carry_of, coefficients_of, rule_of, slots_of, watched
from adambench.engine import curvature, update
from adambench.engine.curvature import Pace
from adambench.engine.descend import Course, Lanes, loop
from adambench.engine.kernel import BARE, EVALUATE, UPDATE, compiled
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


def evaluate_kernel(function: Function, width: int, precision: str, pace: Pace | None = None) -> Kernel:
    """The objective, on borrowed arrays; where paced, with a Hessian diagonal behind the gradient now and then."""
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

    if pace is not None:
        return Kernel(function.name, curvature.curved(evaluate, function, width, real, pace), EVALUATE)
    return Kernel(function.name, evaluate, EVALUATE)


def update_kernel(optimizer: Optimizer, flags: Flags, columns: int, precision: str, pace: Pace | None = None) -> Kernel:
    """One step of the optimizer; `columns` is 1 where all lanes share their hyperparameters, else LANES."""
    counts, real, clipped = sizes(optimizer, flags), REAL[precision], flags[CLIPPED]
    coefficients, curved = coefficients_of(optimizer, flags), optimizer.curvature is not None
    if optimizer.whole is not None:
        mean = watched(optimizer.slots(flags))
        averages = (-1 if mean is None else mean) if flags[AVERAGED] else None
        decays = decay.before(flags), decay.after(flags)
        step = optimizer.whole(flags)
        function = update.whole_vector(step, coefficients, counts, real, clipped, decays, averages)
    elif columns == 1:
        function = update.one_column(rule_of(optimizer, flags), coefficients, counts, real, clipped, curved)
    else:
        rule = rule_of(optimizer, flags)
        function = update.many_columns(rule, coefficients, counts, real, clipped, curved, columns)
    if pace is not None:
        function = update.paced(function, pace)
    return Kernel(optimizer.name, function, UPDATE)


def bare_kernel(slots: int, divisions: int, roots: int, curved: bool, precision: str) -> Kernel:
    """The memory traffic, divisions and square roots of an update."""
    return Kernel("the floor", update.bare(slots, divisions, roots, curved, REAL[precision]), BARE)


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
    hyper, carry = tuple(np.float64(h.neutral) for h in optimizer.numbers), carry_of(optimizer, flags)
    with np.errstate(all="ignore"):
        constants, _ = coefficients_of(optimizer, flags)(hyper, 1, carry or (0.0,))
    return len(hyper), len(carry), len(constants), len(slots_of(optimizer, flags))


def example(width: int, precision: str) -> tuple[Course, Lanes]:
    """A course and lanes of no size, for their types."""
    one: Any = 1
    no: Any = False
    zero: Any = 0.0
    none: Any = np.zeros(0)
    table: Any = np.zeros((0, 0))
    integers: Any = np.zeros(0, np.int64)
    wide: Any = np.zeros((0, 0), REAL[precision])
    course = Course(
        **dict.fromkeys(("dimension", "budget", "schedule_kind", "warmup", "idle"), one),
        **dict.fromkeys(("sparse", "separate", "measured", "stop_at_target"), no),
        **dict.fromkeys(("schedule_first", "schedule_second"), zero),
        **dict.fromkeys(("grid", "target_kinds", "integers", "noise_kinds", "blocks"), integers),
        **dict.fromkeys(("low", "high", "noise_spread"), none),
        **dict.fromkeys(("optima", "noise_numbers"), table),
        reals=np.zeros(0, REAL[precision]),
    )
    lanes = Lanes(
        **dict.fromkeys(("x", "point", "slopes", "gradient", "previous", "state", "scratch", "final_x"), wide),
        **dict.fromkeys(("carry", "hyper", "thresholds", "curve", "work", "z"), table),
        **dict.fromkeys(("loss", "pending", "best", "final_loss"), none),
        **dict.fromkeys(("alive", "stopped", "why", "moved", "pushed", "cursor"), integers),
        **dict.fromkeys(("seeds", "distinct", "column"), integers),
        memory=np.zeros(0, REAL[precision]),
        hits=np.zeros((0, 0), np.int64),
        pairs=np.zeros((0, 0, 0)),
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

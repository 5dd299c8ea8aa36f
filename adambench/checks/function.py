"""What must hold for every objective family."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.checks.check import Failed, apart, expect, same, sound
from adambench.engine.assembly import REAL, evaluate_kernel
from adambench.engine.kernel import LANES, compiled
from adambench.function import Data, Function, Parameters
from adambench.problem import Problem, read

Floats = NDArray[Any]
POINTS = 32


def declaration(function: Function) -> str:
    """It runs as plain Python, at its defaults; start and optimum lie in domain and box and have the dimension."""
    n, settings = defaults(function)
    complaint = function.check(n, settings)
    expect(complaint is None, f"its own defaults do not fit: {complaint}")
    start, (low, high) = start_of(function), bounds(function)
    inside = np.all((function.domain[0] <= start) & (start <= function.domain[1]) & (low <= start) & (start <= high))
    expect(bool(inside), f"the start {start[:6].tolist()} lies outside the domain or the box")
    optimum = function.optimum(n, settings)
    for x in optimum.x if optimum is not None else ():
        expect(len(x) == n, f"an optimum has {len(x)} coordinates in dimension {n}")
        point = np.array(x, np.float64)
        expect(bool(np.all((low <= point) & (point <= high))), f"the optimum {point[:6].tolist()} lies outside the box")
    first = points(function)[:, [0]]
    for width in (1, LANES) if function.wide else (1,):
        plain(function.evaluate(width), function.prepare(n, settings), np.repeat(first, width, axis=1), width)
    known = "optimum known" if optimum is not None else "optimum unknown"
    expect(optimum is not None or bool(function.targets), "it knows no optimum, and declares no targets of its own")
    return f"dimension {n}, {known}"


def gradient_and_optimum(function: Function) -> str:
    """Of the problem with its defaults."""
    return sound(problem_of(function))


def one_lane_and_32(function: Function) -> str:
    """Machine code for one lane, for 32 lanes, and plain Python where that has both give the same bits."""
    n, settings = defaults(function)
    data, x = function.prepare(n, settings), points(function)
    for t in (0, 1, 2):
        alone = [machine(function, data, x[:, [k]], 1, "float64", t) for k in range(POINTS)]
        loss = np.concatenate([one[0] for one in alone])
        gradient = np.concatenate([one[1] for one in alone], axis=1)
        if function.wide:
            beside = machine(function, data, x, LANES, "float64", t)
            expect(same(loss, beside[0]), f"the loss at t={t} depends on how many lanes there are")
            expect(same(gradient, beside[1]), f"the gradient at t={t} depends on how many lanes there are")
        plain = evaluated(function.evaluate(1), data, x[:, [0]], 1, t)
        found = max(apart(plain[0], loss[:1]), apart(plain[1], gradient[:, [0]]))
        expect(found <= 1e-10, f"machine code is {found:.1e} from plain Python")
    return "the same bits" if function.wide else "one lane only, as declared"


def float32(function: Function) -> str:
    """It compiles, and is close to float64."""
    n, settings = defaults(function)
    data, x = function.prepare(n, settings), points(function)[:, [0]]
    loss, gradient = machine(function, data, x, 1, "float64")
    single = machine(function, data, x, 1, "float32")
    expect(single[1].dtype == np.float32, "its gradient is not float32")
    scale = 1.0 + max(float(np.abs(gradient).max()), float(np.abs(loss).max()))
    found = max(float(np.abs(single[0] - loss).max()), float(np.abs(single[1] - gradient).max())) / scale
    expect(found <= 1e-2, f"it is {found:.1e} from float64")
    return f"within {max(found, 1e-8):.0e} of float64"


def what_it_reads(function: Function) -> str:
    """It writes neither to x nor to its data, and says the same each time."""
    n, settings = defaults(function)
    data, kernel = function.prepare(n, settings), function.evaluate(1)
    for array in (data.reals, data.integers):
        array.setflags(write=False)
    x = points(function)[:, [1]]
    x.setflags(write=False)
    first, second = evaluated(kernel, data, x, 1), evaluated(kernel, data, x, 1)
    expect(same(first[0], second[0]) and same(first[1], second[1]), "it says something else the second time")
    return "is left as it is"


FUNCTION_CHECKS = (declaration, gradient_and_optimum, one_lane_and_32, float32, what_it_reads)


def defaults(function: Function) -> tuple[int, Parameters]:
    """The dimension and the parameters of a problem that says nothing of them."""
    n = function.dimension or function.default_dimension
    return n, {p.name: p.default for p in function.parameters}


def problem_of(function: Function) -> Problem:
    """The problem that names the function and nothing else."""
    return read(f"name: defaults\nfunction: {function.name}\n", function.name, None)


def start_of(function: Function) -> Floats:
    n, _ = defaults(function)
    return np.resize(np.array(function.start, np.float64), n)


def bounds(function: Function) -> tuple[Floats, Floats]:
    """The lower and the upper ends of the box, (dimension,) each."""
    box = function.box or ((-np.inf, np.inf),)
    low, high = np.array([box[i % len(box)] for i in range(defaults(function)[0])]).T
    return low, high


def points(function: Function) -> Floats:
    """(dimension, POINTS): the start, some near it, and the rest anywhere in the domain; all in the box."""
    n, _ = defaults(function)
    low, high = bounds(function)
    draws = np.random.default_rng(0)
    near = start_of(function)[:, None] + draws.normal(0.0, 0.1, (n, POINTS // 2))
    near[:, 0] = start_of(function)
    far = draws.uniform(*function.domain, (n, POINTS - POINTS // 2))
    found: Floats = np.clip(np.concatenate([near, far], axis=1), low[:, None], high[:, None])
    return found


def evaluated(kernel: Any, data: Data, x: Floats, width: int, t: int = 0) -> tuple[Floats, Floats]:
    """(losses, gradients) at x, (dimension, width), from plain Python, in the numbers that x has."""
    loss, gradient = plain(kernel, data, x, width, t)
    if np.isnan(loss).any() and not np.isnan(x).any():
        raise Failed(f"the loss is not a number at {x[:6, 0].tolist()}")
    return loss, gradient


def plain(kernel: Any, data: Data, x: Floats, width: int, t: int = 0) -> tuple[Floats, Floats]:
    """The same, be it numbers or not."""
    kind = x.dtype
    gradient, loss = np.full(x.shape, np.nan, kind), np.full(width, np.nan, kind)
    work = np.full((max(data.work_rows, 1), width), -1.0, kind)
    with np.errstate(all="ignore"):
        kernel(x, gradient, loss, t, np.zeros(width, np.int64), data.reals, data.integers, work)
    return loss, gradient


def machine(function: Function, data: Data, x: Floats, width: int, precision: str, t: int = 0) -> tuple[Floats, Floats]:
    """The same from machine code in that precision."""
    kernel = evaluate_kernel(function, width, precision)
    evaluate = compiled(kernel.function, kernel.signature)
    point = np.ascontiguousarray(x, REAL[precision])
    gradient, loss, seeds = np.zeros_like(point), np.zeros(width), np.zeros(width, np.int64)
    reals, integers = data.reals.astype(REAL[precision]), np.ascontiguousarray(data.integers)
    work = np.full((max(data.work_rows, 1), width), -1.0)
    arrays = (seeds, reals, integers, work)
    evaluate(
        *(len(point), point.ctypes.data, gradient.ctypes.data, loss.ctypes.data, t),
        *(array.ctypes.data for array in arrays),
    )
    return loss, gradient

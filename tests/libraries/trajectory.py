"""Ours beside theirs on a few problems, each at the gradients of the points it has come to itself."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

import numpy as np

import adambench
from libraries.case import Case
from libraries.driver import theirs

VECTORS = (
    "function: rosenbrock, dimension: 2",
    "function: rosenbrock, dimension: 10",
    "function: quadratic, dimension: 6, parameters: {eigenvalues: [1.0e-6, 1.0e-5, 1.0e-4, 1.0e-3, 1.0e-2, 1.0]}",
)
MATRIX = "function: matrix-least-squares, dimension: 24, parameters: {rows: 6, condition: 30}"
STRICT_STEPS, DRAWS = 100, 8
SENSITIVITIES = 32.0
"""Beyond the first hundred steps, how many times what one ulp of the gradient does is still rounding."""


@dataclass(frozen=True)
class Deviation:
    """The largest distance over 1 + |x|, to step 100 and to the end, and what was allowed to the end."""

    strict: float
    last: float
    allowed: float
    moved: bool

    def within(self, case: Case) -> bool:
        return self.strict <= case.tolerance and self.last <= self.allowed and self.moved


def all_cases() -> list[Case]:
    """Every case of every family's file in this folder."""
    import libraries

    found = []
    for entry in pkgutil.iter_modules(libraries.__path__):
        found += getattr(importlib.import_module(f"libraries.{entry.name}"), "CASES", ())
    return found


def start_of(problem) -> tuple[np.ndarray, tuple[int, ...]]:
    """x_0 and the shape that an optimizer sees."""
    (_, rows, columns), *_ = problem.blocks
    start = np.resize(np.array(problem.start.values), problem.dimension)
    if columns:
        start = start + np.linspace(-1.0, 1.0, start.size)  # no optimizer of norms starts at zero
    return start.astype(np.float64), (rows, columns) if columns else (rows,)


def ours(case: Case, gradient, start, shape, steps, perturbed=0):
    """(points, watched): (steps + 1, dimension) each; with a last bit of each gradient changed where `perturbed`, by a
    draw of its own for each number."""
    step, x = adambench.stepper(case.text, shape=shape), start.reshape(shape)
    points, watched = [start], [start]
    signs = np.random.Generator(np.random.Philox(perturbed)).choice([-1.0, 1.0], (steps, start.size))
    with np.errstate(all="ignore"):
        for t in range(steps):
            slope = gradient(x.reshape(-1))
            if perturbed:
                slope = slope * (1.0 + signs[t] * 2.0**-52)
            x = step(x, slope.reshape(shape))
            points.append(x.reshape(-1))
            watched.append(step.eval_point(x).reshape(-1))
    return np.array(points), np.array(watched)


def library(case: Case, gradient, start, shape, steps):
    """The same of the library's optimizer."""
    points, watched = [start], [start]
    with theirs(case, start.reshape(shape).copy()) as step:
        for _ in range(steps):
            x, point = step(gradient(points[-1]).reshape(shape))
            points.append(x.reshape(-1))
            watched.append(point.reshape(-1))
    return np.array(points), np.array(watched)


def deviation(case: Case, problem) -> Deviation:
    """How far apart they come on one problem."""
    steps = case.steps
    start, shape = start_of(problem)
    evaluate = measure(problem)

    def gradient(x):
        return evaluate(x)[1]

    mine = np.stack(ours(case, gradient, start, shape, steps))
    other = np.stack(library(case, gradient, start, shape, steps))
    scale = 1.0 + np.maximum(abs(mine), abs(other))
    apart = np.max(abs(mine - other) / scale, axis=(0, 2))
    allowed = case.tolerance
    for draw in range(1, DRAWS + 1):  # a chaotic path needs several, a tame one none
        if apart.max() <= allowed:
            break
        shaken = np.stack(ours(case, gradient, start, shape, steps, perturbed=draw))
        allowed = max(allowed, SENSITIVITIES * float(np.max(abs(mine - shaken) / scale)))
    return Deviation(
        strict=float(apart[: STRICT_STEPS + 1].max()),
        last=float(apart.max()),
        allowed=allowed,
        moved=bool((mine[0, -1] != start).any() and np.isfinite(mine).all()),
    )


def measure(problem):
    """A function of x: the noise-free loss and gradient, from the function's kernel as plain Python."""
    evaluate, data = problem.function.evaluate(1), problem.data

    def at(x):
        point = np.array(x, np.float64).reshape(-1, 1)
        gradient, loss, work = np.full_like(point, np.nan), np.full(1, np.nan), np.full((data.work_rows, 1), -1.0)
        with np.errstate(all="ignore"):
            evaluate(point, gradient, loss, 0, np.zeros(1, np.int64), data.reals, data.integers, work)
        return float(loss[0]), gradient[:, 0]

    return at


def problems_of(case: Case) -> tuple[str, ...]:
    """What it is compared on, as keys of a problem file."""
    return (MATRIX,) if case.matrix else VECTORS

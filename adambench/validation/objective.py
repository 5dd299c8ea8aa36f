"""What makes a problem trustworthy: its gradient and its declared optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.course import loss_at, make_course
from adambench.draws import normal_vector, start_point
from adambench.engine.assembly import evaluate_kernel
from adambench.engine.kernel import compiled
from adambench.function import Optimum
from adambench.problem.problem import Problem

Floats = NDArray[np.float64]
DIRECTIONS = 8
"""Directions, a point, along which the gradient is compared with a central difference."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `finding` says in a sentence what is wrong, or is empty."""

    name: str
    measured: str
    finding: str = ""


def validate(problem: Problem) -> list[Check]:
    """Gradient against central differences, the declared optimum, and a start that is not there yet."""
    evaluation = _Evaluation(problem)
    seed = problem.seeds[0]
    start = start_point(problem, seed)
    checks = [_gradient(problem, evaluation, start)]
    value, slope = evaluation(start)
    if problem.optimum is not None:
        checks += _optimum(problem, evaluation, problem.optimum, value)
    if not np.isfinite(value) or not np.isfinite(slope).all():
        checks.append(Check("start", "", f"loss and gradient at the start are not finite (loss {value:g})"))
    elif not np.any(slope):
        checks.append(
            Check("start", "", "the gradient at the start is zero: no optimizer leaves it; choose another start")
        )
    return checks


class _Evaluation:
    """Loss and gradient at a point, noise-free, from the compiled kernel."""

    def __init__(self, problem: Problem):
        kernel = evaluate_kernel(problem.function, 1, "float64")
        self.problem, self.course = problem, make_course(problem, "float64", stop_at_target=False)
        self.kernel = compiled(kernel.function, kernel.signature)

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        gradient = np.zeros_like(x)
        return loss_at(self.kernel, self.problem, self.course, x, "float64", gradient), gradient


def _gradient(problem: Problem, evaluation: _Evaluation, start: Floats) -> Check:
    """Along seeded directions, at the start and two points near it. A central difference is good to about eps^(2/3)."""
    scale = np.maximum(1.0, np.abs(start))
    worst, place, compared = 0.0, "", 0
    for point in range(3):
        x = start + 0.3 * point * scale * _direction(problem, 100 + point)
        x = _inside(problem, x, margin=1e-3)
        value, slope = evaluation(x)
        if not np.isfinite(value) or not np.isfinite(slope).all():
            continue
        for k in range(DIRECTIONS):
            along = _direction(problem, 10 * point + k)
            step = 6e-6 * max(1.0, float(np.abs(x).max()))
            ahead, behind = evaluation(x + step * along)[0], evaluation(x - step * along)[0]
            numeric, exact = (ahead - behind) / (2 * step), float(slope @ along)
            if not np.isfinite(numeric):
                continue
            compared += 1
            noise_floor = 4e-16 * (abs(ahead) + abs(behind)) / step
            error = max(0.0, abs(numeric - exact) - noise_floor) / max(1.0, abs(exact), float(np.linalg.norm(slope)))
            if error > worst:
                worst, place = error, f"{exact:.6g} by the gradient, {numeric:.6g} by differences"
    if not compared:
        return Check("gradient", "", "nothing to compare: no finite loss and gradient at the start, nor near it")
    if worst > 1e-5:
        return Check("gradient", "", f"the gradient disagrees with central differences: along a direction, {place}")
    return Check("gradient", f"agrees with central differences to {max(worst, 1e-16):.0e}")


def _optimum(problem: Problem, evaluation: _Evaluation, optimum: Optimum, start_loss: float) -> list[Check]:
    checks = []
    if start_loss <= optimum.loss:
        checks.append(
            Check(
                "optimum",
                "",
                f"the start's loss {start_loss:g} is not above the optimum's {optimum.loss:g}: nothing to reach",
            )
        )
    for point in optimum.x:
        x = np.resize(np.array(point, np.float64), problem.dimension)
        value, slope = evaluation(x)
        if abs(value - optimum.loss) > 1e-9 * max(1.0, abs(optimum.loss)):
            checks.append(
                Check("optimum", "", f"the loss at the declared optimum is {value:.17g}, not {optimum.loss:.17g}")
            )
        free = slope[_interior(problem, x)]
        if free.size and np.abs(free).max() > 1e-6 * max(1.0, abs(start_loss)):
            checks.append(
                Check(
                    "optimum", "", f"the declared optimum is not stationary: its gradient has {np.abs(free).max():.3g}"
                )
            )
    if not checks:
        where = (
            f"stationary at {len(optimum.x)} declared point{'s' * (len(optimum.x) != 1)}"
            if optimum.x
            else "no point declared"
        )
        checks.append(Check("optimum", f"loss {optimum.loss:g}, {where}"))
    return checks


def _direction(problem: Problem, number: int) -> Floats:
    """A seeded unit vector."""
    vector = normal_vector(problem.dimension, number, 0)
    return vector / np.linalg.norm(vector)


def _bounds(problem: Problem) -> Floats:
    box = problem.function.box or ((-np.inf, np.inf),)
    return np.array([box[i % len(box)] for i in range(problem.dimension)])


def _inside(problem: Problem, x: Floats, margin: float) -> Floats:
    bounds = _bounds(problem)
    return np.clip(x, bounds[:, 0] + margin, bounds[:, 1] - margin)


def _interior(problem: Problem, x: Floats) -> NDArray[np.bool_]:
    bounds = _bounds(problem)
    return (x > bounds[:, 0]) & (x < bounds[:, 1])

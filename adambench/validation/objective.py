"""The objective by itself: its gradient, its declared optimum, and a start that leads somewhere."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from adambench.engine.vector import normal_vector
from adambench.function import Optimum
from adambench.measure import Measure
from adambench.problem.problem import Problem
from adambench.validation.check import Check

Floats = NDArray[np.float64]
DIRECTIONS = 8
"""Directions, a point, along which the gradient is compared with a central difference."""
RESOLUTION = 1e-4
"""Of itself, to which a difference must tell the gradient."""
LARGEST_COMPLEX = 1000
"""Dimension up to which the plain-Python kernel is asked for a complex step."""
MOST_PLAIN = 1_000_000
"""Operations up to which it is, where they are known: about a second."""


def objective_checks(problem: Problem, measure: Measure, start: Floats) -> list[Check]:
    """Gradient against central differences and a complex step, the declared optimum, and a start not there yet."""
    checks = [_gradient(problem, measure, start)]
    value, slope = measure(start)
    if problem.optimum is not None:
        checks += _optimum(problem, measure, problem.optimum, value)
    if not np.isfinite(value) or not np.isfinite(slope).all():
        said = f"loss and gradient at the start are not finite (loss {value:g})"
        checks.append(Check("start", "start", finding=said))
    elif not np.any(slope):
        said = "the gradient at the start is zero: no optimizer leaves it; choose another start"
        checks.append(Check("start", "start", finding=said))
    return checks


def _gradient(problem: Problem, measure: Measure, start: Floats) -> Check:
    """Along seeded directions, at the start and two points near it. A central difference is good to about eps^(2/3).

    Differences of a loss that is large beside its gradient drown in rounding: those that could not tell the gradient to
    `RESOLUTION` are not compared, and where none is left, the complex step alone decides.
    """
    scale = np.maximum(1.0, np.abs(start))
    points = [start + 0.3 * point * scale * _direction(problem, 100 + point) for point in range(3)]
    points = [_inside(problem, x, margin=1e-3) for x in points]
    if not problem.function.smooth:  # a start may lie on a kink, as zero biases do
        points = points[1:]
    found = [(x, *measure(x)) for x in points]
    finite = [(x, slope) for x, value, slope in found if np.isfinite(value) and np.isfinite(slope).all()]
    largest = max((float(np.linalg.norm(slope)) for _, slope in finite), default=0.0)
    worst, place, resolution, compared = 0.0, "", 0.0, 0
    for point, (x, slope) in enumerate(finite):
        for k in range(DIRECTIONS):
            along = _direction(problem, 10 * point + k)
            step = 6e-6 * max(1.0, float(np.abs(x).max()))
            ahead, behind = measure(x + step * along)[0], measure(x - step * along)[0]
            numeric, exact = (ahead - behind) / (2 * step), float(slope @ along)
            size = max(abs(exact), float(np.linalg.norm(slope)), 1e-3 * largest)
            floor = 4e-16 * (abs(ahead) + abs(behind)) / step
            if not np.isfinite(numeric) or not floor < RESOLUTION * max(size, abs(numeric)):
                continue
            compared, resolution = compared + 1, max(resolution, floor / max(size, abs(numeric)))
            error = max(0.0, abs(numeric - exact) - floor) / max(size, abs(numeric))
            if error > worst:
                worst, place = error, f"{exact:.6g} by the gradient, {numeric:.6g} by differences"
    if worst > 1e-5:
        said = f"the gradient disagrees with central differences: along a direction, {place}"
        return Check("gradient", _FORM, finding=said)
    analytic = _complex_step(problem, measure, start) if finite else None
    if analytic is not None and analytic > 1e-9 and (not compared or analytic < 1e-3):
        said = f"the gradient disagrees with a complex step, by {analytic:.0e} of itself"
        return Check("gradient", _FORM, finding=said)
    agreed = f"with central differences to {max(worst, resolution, 1e-16):.0e}" if compared else ""
    if analytic is not None and analytic <= 1e-9:
        agreed += f"{', and ' if agreed else ''}with a complex step to {max(analytic, 1e-16):.0e}"
    if agreed:
        return Check("gradient", _FORM, f"agrees {agreed}")
    if finite and largest > 0.0:
        said = "nothing to compare: the loss is so large beside its gradient that differences drown in rounding"
    else:
        said = "nothing to compare: no finite loss and gradient other than zero at the start, nor near it"
    return Check("gradient", _FORM, finding=said)


_FORM = "function expression model"
"""The keys that an objective may stand under."""


def _complex_step(problem: Problem, measure: Measure, start: Floats) -> float | None:
    """How far the gradient along a direction is off Im f(x + i h u) / h, relatively; None where f takes no such x.

    Exact to rounding for an analytic f (Squire & Trapp 1998, SIAM Review 40, 110-112). What is not analytic (an
    absolute value) gives a wrong number, and a grossly wrong one: of those nothing can be said.
    """
    operations = problem.function.operations
    slow = operations > MOST_PLAIN if operations else not problem.function.wide
    if slow or problem.dimension > LARGEST_COMPLEX:
        return None
    x = _inside(problem, start + 0.3 * np.maximum(1.0, np.abs(start)) * _direction(problem, 100), margin=1e-3)
    along, h = _direction(problem, 0), 1e-30
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            value = measure.plain(x + 1j * h * along)
        except (TypeError, ValueError, AttributeError, np.exceptions.ComplexWarning):
            return None
    slope = measure(x)[1]
    numeric, exact = value.imag / h, float(slope @ along)
    size = max(abs(numeric), float(np.linalg.norm(slope)))
    error = abs(numeric - exact) / size if size > 0.0 else 0.0
    return float(error) if np.isfinite(error) else None


def _optimum(problem: Problem, measure: Measure, optimum: Optimum, start_loss: float) -> list[Check]:
    checks = []
    if start_loss <= optimum.loss:
        checks.append(
            Check(
                "optimum",
                "optimum",
                finding=f"the start's loss {start_loss:g} is not above the optimum's {optimum.loss:g}: "
                "nothing to reach",
            )
        )
    for point in optimum.x:
        x = np.resize(np.array(point, np.float64), problem.dimension)
        value, slope = measure(x)
        if abs(value - optimum.loss) > 1e-9 * max(1.0, abs(optimum.loss)):
            checks.append(
                Check(
                    "optimum",
                    "optimum",
                    finding=f"the loss at the declared optimum is {value:.17g}, not {optimum.loss:.17g}",
                )
            )
        free = slope[_interior(problem, x)]
        if free.size and np.abs(free).max() > 1e-6 * max(1.0, abs(start_loss)):
            checks.append(
                Check(
                    "optimum",
                    "optimum",
                    finding=f"the declared optimum is not stationary: its gradient has {np.abs(free).max():.3g}",
                )
            )
    if not checks:
        where = (
            f"stationary at {len(optimum.x)} declared point{'s' * (len(optimum.x) != 1)}"
            if optimum.x
            else "no point declared"
        )
        checks.append(Check("optimum", "optimum", f"loss {optimum.loss:g}, {where}"))
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

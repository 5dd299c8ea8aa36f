"""Negative controls: what reaches a target without looking at the gradient shows that the target proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.course import loss_at, scratch, thresholds
from adambench.draws import start_point
from adambench.engine.block import watch_grid
from adambench.engine.descend import DISTANCE, LOSS, Course
from adambench.engine.vector import normal_vector
from adambench.problem.contest import target_text
from adambench.problem.problem import Problem

Floats = NDArray[np.float64]
STANDING, WALKING = "lr = 0", "a random walk"
STRIDE = 1e-3
"""The standard deviation of a step of the walk, a coordinate: Adam's default learning rate."""
SEEDS = 3
"""How many of the problem's seeds are tried."""
_WALK = 1 << 20
"""From which step on the walks draw, apart from all other draws of their stream."""


@dataclass(frozen=True)
class Breach:
    """A control that is at a target (its place among the problem's) after `evaluation` steps."""

    control: str
    target: int
    evaluation: int
    seed: int


def breaches(problem: Problem, evaluate: Any, course: Course, precision: str, reference: float | None) -> list[Breach]:
    """The first breach of each control and target, over `SEEDS` seeds; a walk from a target breaches nothing more.

    evaluate   the compiled width-1 kernel of the problem's function
    reference  the loss that relative targets refer to; where it is None, they cannot be breached

    Both controls are looked at on the grid on which losses are kept. A walk's step from one point of the grid to the
    next is a sum of independent normals: one normal of their summed variance. A trial that stays at x_0 (lr = 0) can
    reach a target only by starting at it, or where the objective moves.
    """
    found: dict[tuple[str, int], Breach] = {}
    for seed in problem.seeds[:SEEDS]:
        start = start_point(problem, seed)
        asked = thresholds(problem, reference, loss_at(evaluate, problem, course, start, precision))
        for control, points in ((STANDING, _standing), (WALKING, _walking)):
            gradient, work = np.zeros(problem.dimension, course.reals.dtype), scratch(problem)
            for t, x in points(problem, course, start, seed):
                loss = loss_at(evaluate, problem, course, x, precision, gradient, t, work)
                for place, kind in enumerate(course.target_kinds):
                    at_it = _measured(int(kind), loss, gradient, x, course.optima) <= asked[place]
                    if at_it and (STANDING, place) not in found:
                        found.setdefault((control, place), Breach(control, place, t, seed))
    return list(found.values())


def _standing(problem: Problem, course: Course, start: Floats, seed: int) -> Iterator[tuple[int, Floats]]:
    """x_0 at every point of the grid; at 0 only where it cannot matter when."""
    for t in watch_grid(problem.budget)[:-1] if problem.function.moving else (0,):
        yield int(t), start


def _walking(problem: Problem, course: Course, start: Floats, seed: int) -> Iterator[tuple[int, Floats]]:
    """A walk from x_0, kept in the box where there is one; without its start, which the other control looks at."""
    x, before = start, 0
    for t in watch_grid(problem.budget)[1:-1]:
        x = x + STRIDE * np.sqrt(t - before) * normal_vector(problem.dimension, _WALK + int(t), seed)
        x = np.clip(x, course.low, course.high) if course.low.size else x
        before = t
        yield int(t), x


def _measured(kind: int, loss: float, gradient: Floats, x: Floats, optima: Floats) -> float:
    """The number that a target of this kind is about."""
    if kind == LOSS:
        return loss
    if kind == DISTANCE:
        return float(np.sqrt(((x - optima) ** 2).sum(axis=1)).min())
    return float(np.sqrt(np.square(gradient.astype(np.float64)).sum()))


def sentence(problem: Problem, breach: Breach) -> str:
    """'a random walk (steps of 0.001) is at the target 0.1 after 512 evaluations (seed 0): ...'."""
    what = STANDING if breach.control == STANDING else f"{breach.control} (steps of {STRIDE:g})"
    return (
        f"{what} is at the target {target_text(problem.targets[breach.target])} after {breach.evaluation:,} "
        f"evaluations (seed {breach.seed}): to reach it proves nothing"
    )

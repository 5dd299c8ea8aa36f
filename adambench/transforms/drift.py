"""A moving optimum: what has been learned of the past goes stale."""

from __future__ import annotations

import numpy as np

from adambench.engine.noise import normals
from adambench.engine.vector import normal_vector
from adambench.function import Data, Function, Parameter, Parameters, Reals
from adambench.transform import Complaint, Map, Transform, exactly_one

LINE, CIRCLE, WALK = range(3)


def walked(work, rows, steps, std, stream, seed):
    """Leave in work[:rows, 0] the sum of `steps` normal steps; work[rows, 0] is how many are there, or below 0.

    The order of the sum is that of the steps, however far it had come before.
    """
    half, branch, key = (rows + 1) // 2, np.uint64(stream), np.uint64(seed)
    if work[rows, 0] < 0.0 or work[rows, 0] > steps:
        for i in range(rows + 1):
            work[i, 0] = 0.0
    for step in range(int(work[rows, 0]), steps):
        for i in range(half):
            first, second = normals(np.uint64(i), np.uint64(step), branch, key)
            work[i, 0] += std * first
            if half + i < rows:
                work[half + i, 0] += std * second
    work[rows, 0] = steps


def point(LANES):
    def drift(x, y, t, stream, reals, integers, work):
        rows, passed = x.shape[0], max(abs(t), 1) - 1
        if integers[0] == WALK:
            walked(work, rows, passed, np.float64(reals[0]), stream, integers[1])
            for i in range(rows):
                for lane in range(LANES):
                    y[i, lane] = x[i, lane] - work[i, 0]
        elif integers[0] == CIRCLE:
            period, radius = np.float64(reals[0]), np.float64(reals[1])
            angle = 2.0 * np.pi * ((passed % period) / period)
            across, along = radius * (np.cos(angle) - 1.0), radius * np.sin(angle)
            for i in range(rows):
                for lane in range(LANES):
                    y[i, lane] = x[i, lane] - (across * reals[2 + i] + along * reals[2 + rows + i])
        else:
            for i in range(rows):
                for lane in range(LANES):
                    y[i, lane] = x[i, lane] - passed * np.float64(reals[i])

    return drift


def prepare(dimension: int, settings: Parameters) -> Data:
    """integers: the kind of path, and the seed. reals, by kind: the velocity; period, radius, and the plane; std."""
    seed = settings["seed"]
    if settings["walk"] is not None:
        return Data(np.array([settings["walk"]]), np.array([WALK, seed], np.int64), dimension + 1)
    first = _unit(normal_vector(dimension, 1, seed))
    if settings["velocity"] is not None:
        return Data(settings["velocity"] * first, np.array([LINE, seed], np.int64), 0)
    second = normal_vector(dimension, 2, seed)
    second = _unit(second - (second * first).sum() * first)
    numbers = np.concatenate(([settings["period"], settings["radius"]], first, second))
    return Data(numbers, np.array([CIRCLE, seed], np.int64), 0)


def _unit(vector: Reals) -> Reals:
    return np.asarray(vector / np.sqrt(np.square(vector).sum()))  # no BLAS: the order of its sums is not ours


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    if function.box is not None:
        return "", "a function without a box, which would move too", function.name
    if complaint := exactly_one(settings, "velocity", "period", "walk"):
        return complaint
    if (settings["period"] is None) != (settings["radius"] is None):
        return "", "period and radius together", "one of them"
    if settings["period"] is not None and dimension < 2:
        return "period", "a dimension of at least 2, where there are circles", f"{dimension}"
    return None


TRANSFORM = Transform(
    name="drift",
    summary="a moving optimum: along a line, around a circle, or on a random walk; the loss is that of the moment",
    formula="f(x - c_t), c_1 = 0; c_t = v (t-1) u; r (cos w - 1) a + r sin w b, w = 2 pi (t-1)/period; sum of z_k",
    source="Branke 1999, Memory enhanced evolutionary algorithms for changing optimization problems, CEC",
    parameters=(
        Parameter("velocity", "positive", None, "v, of a line along a direction u drawn at random, an evaluation"),
        Parameter("period", "positive", None, "of a circle in a plane (a, b) drawn at random, in evaluations"),
        Parameter("radius", "positive", None, "r, of the circle"),
        Parameter("walk", "positive", None, "the standard deviation of each coordinate's step z, an evaluation"),
        Parameter("seed", "integer", 0, "of the path, which is the same for every trial"),
    ),
    prepare=prepare,
    point=point,
    bend=None,
    map=lambda dimension, settings: Map(lambda x: x, lambda y: y),
    marks=lambda dimension, settings: {"moving": True},
    check=check,
)

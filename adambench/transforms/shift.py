"""The origin moved elsewhere: what is easy at zero, or along lines through it, gains nothing by it."""

from __future__ import annotations

import numpy as np

from adambench.engine.vector import uniform_vector
from adambench.function import Data, Function, Parameter, Parameters, Reals
from adambench.transform import Complaint, Map, Transform, at_most, exactly_one


def point(LANES):
    def shift(x, y, t, stream, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                y[i, lane] = x[i, lane] - reals[i]

    return shift


def offsets(dimension: int, settings: Parameters) -> Reals:
    """s, (dimension,)."""
    if settings["by"] is not None:
        return np.resize(np.array(settings["by"], np.float64), dimension)
    low, high = settings["uniform"]
    return np.asarray(low + (high - low) * uniform_vector(dimension, 1, settings["seed"]))


def affine(dimension: int, settings: Parameters) -> Map:
    s = offsets(dimension, settings)
    return Map(lambda x: x - s, lambda y: y + s)


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    pair = settings["uniform"]
    if pair is not None and not (len(pair) == 2 and pair[0] < pair[1]):
        return "uniform", "[lo, hi] with lo < hi", "[" + ", ".join(f"{number:g}" for number in pair) + "]"
    return exactly_one(settings, "by", "uniform") or at_most("by", settings["by"], dimension)


TRANSFORM = Transform(
    name="shift",
    summary="the origin elsewhere: what is special about zero no longer helps",
    formula="f(x - s)",
    source="Hansen et al. 2009, Real-Parameter Black-Box Optimization Benchmarking 2009, RR-6829, x_opt",
    parameters=(
        Parameter("by", "reals", None, "s, repeated cyclically; `shift: [1, 2]` is short for it"),
        Parameter("uniform", "reals", None, "[lo, hi]: s is drawn from there, one number a coordinate"),
        Parameter("seed", "integer", 0, "of the draw"),
    ),
    prepare=lambda dimension, settings: Data(offsets(dimension, settings), np.zeros(0, np.int64), 0),
    point=point,
    map=affine,
    listed="by",
    check=check,
)

"""Units changed along the axes: bad scaling that a step size for each coordinate undoes."""

from __future__ import annotations

import numpy as np

from adambench.function import Data, Function, Parameter, Parameters, Reals
from adambench.transform import Complaint, Map, Transform, at_most, exactly_one


def point(LANES):
    def scale(x, y, t, stream, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                y[i, lane] = reals[i] * x[i, lane]

    return scale


def slope(LANES):
    def rescale(gradient, loss, t, stream, seeds, reals, integers, work):
        for i in range(gradient.shape[0]):
            for lane in range(LANES):
                gradient[i, lane] *= reals[i]

    return rescale


def bend(LANES):
    def rescale_twice(diagonal, reals):
        for i in range(diagonal.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] *= reals[i] * reals[i]

    return rescale_twice


def factors(dimension: int, settings: Parameters) -> Reals:
    """d, (dimension,)."""
    if settings["by"] is not None:
        return np.resize(np.array(settings["by"], np.float64), dimension)
    return np.geomspace(1.0, np.sqrt(settings["condition"]), dimension)


def affine(dimension: int, settings: Parameters) -> Map:
    d = factors(dimension, settings)
    return Map(lambda x: d * x, lambda y: y / d, d)


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    by, condition = settings["by"], settings["condition"]
    if by is not None and 0.0 in by:
        return "by", "no zeros", "0"
    if condition is not None and condition < 1.0:
        return "condition", "a number of at least 1", f"{condition:g}"
    return exactly_one(settings, "by", "condition") or at_most("by", by, dimension)


TRANSFORM = Transform(
    name="scale",
    summary="units changed along the axes: bad scaling, which a step size for each coordinate undoes",
    formula="f(d x), elementwise; with a condition c, d_i = c^((i-1)/(2(n-1)))",
    source="Kingma & Ba 2015, Adam, ICLR, section 1 (invariant to diagonal rescaling); Hansen et al. 2009, RR-6829",
    parameters=(
        Parameter("by", "reals", None, "d, repeated cyclically; `scale: [1, 10]` is short for it"),
        Parameter("condition", "positive", None, "of the Hessian that the sphere would get, at least 1"),
    ),
    prepare=lambda dimension, settings: Data(factors(dimension, settings), np.zeros(0, np.int64), 0),
    point=point,
    slope=slope,
    bend=bend,
    map=affine,
    listed="by",
    check=check,
)

"""The ellipsoid: curvatures from 2 to 2 * condition along the axes, evenly spaced on the log scale."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameter, Parameters, Reals, Spectrum


def evaluate(LANES):
    add_up = total(LANES)

    def ellipsoid(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                work[i, lane] = reals[i] * x[i, lane] * x[i, lane]
                gradient[i, lane] = 2.0 * reals[i] * x[i, lane]
        add_up(work, x.shape[0], loss)

    return ellipsoid


def curvature(LANES):
    def ellipsoid(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 2.0 * reals[i]

    return ellipsoid


def weights(dimension: int, parameters: Parameters) -> Reals:
    return np.geomspace(1.0, float(parameters["condition"]), dimension)


def check(dimension: int, parameters: Parameters) -> tuple[str, str, str] | None:
    if parameters["condition"] < 1.0:
        return "condition", "a number of at least 1", str(parameters["condition"])
    return None


FUNCTION = Function(
    name="ellipsoid",
    summary="badly scaled along the axes: slow with one step size for all, easy with one for each coordinate",
    formula="sum_i condition^((i-1)/(n-1)) x_i^2",
    source="Hansen & Ostermeier 2001, Evolutionary Computation 9(2), 159-195 (f_elli, there with condition 1e6)",
    evaluate=evaluate,
    curvature=curvature,
    start=(1.0,),
    domain=(-5.0, 5.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    parameters=(Parameter("condition", "positive", 1.0e6, "largest curvature over the smallest, at least 1"),),
    prepare=lambda dimension, parameters: Data(weights(dimension, parameters), np.zeros(1, np.int64), dimension),
    check=check,
    spectrum=lambda dimension, parameters: Spectrum(2.0 * weights(dimension, parameters)),
)

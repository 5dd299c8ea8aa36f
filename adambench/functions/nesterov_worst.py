"""Nesterov's lower-bound function: convex and smooth, yet a step moves knowledge on by one coordinate only."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameter, Parameters


def evaluate(LANES):
    add_up = total(LANES)

    def nesterov_worst(x, gradient, loss, t, seeds, reals, integers, work):
        quarter = 0.25 * reals[0]
        last = x.shape[0] - 1
        for lane in range(LANES):
            work[0, lane] = x[0, lane] * x[0, lane]
            gradient[0, lane] = quarter * (2.0 * x[0, lane] - x[1, lane] - 1.0)
        for i in range(1, last):
            for lane in range(LANES):
                behind = x[i - 1, lane] - x[i, lane]
                work[i, lane] = behind * behind
                gradient[i, lane] = quarter * (2.0 * x[i, lane] - x[i - 1, lane] - x[i + 1, lane])
        for lane in range(LANES):
            behind = x[last - 1, lane] - x[last, lane]
            work[last, lane] = behind * behind
            work[last + 1, lane] = x[last, lane] * x[last, lane]
            gradient[last, lane] = quarter * (2.0 * x[last, lane] - x[last - 1, lane])
        add_up(work, last + 2, loss)
        for lane in range(LANES):
            loss[lane] = quarter * (0.5 * loss[lane] - x[0, lane])

    return nesterov_worst


def curvature(LANES):
    def nesterov_worst(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 0.5 * reals[0]

    return nesterov_worst


def optimum(dimension: int, parameters: Parameters) -> Optimum:
    n = dimension
    x = tuple(1.0 - i / (n + 1) for i in range(1, n + 1))
    return Optimum(float(parameters["L"]) / 8.0 * (1.0 / (n + 1) - 1.0), (x,))


FUNCTION = Function(
    name="nesterov-worst",
    summary="convex and smooth, and no first-order method is fast on it: from 0 each step reaches one coordinate more",
    formula="L/4 (1/2 (x_1^2 + sum_{i<n} (x_i - x_{i+1})^2 + x_n^2) - x_1)",
    source="Nesterov 2004, Introductory Lectures on Convex Optimization, section 2.1.2",
    evaluate=evaluate,
    curvature=curvature,
    start=(0.0,),
    domain=(-1.0, 1.0),
    optimum=optimum,
    default_dimension=100,
    least_dimension=2,
    parameters=(Parameter("L", "positive", 1.0, "the Lipschitz constant of the gradient"),),
    prepare=lambda dimension, parameters: Data(np.array([parameters["L"]]), np.zeros(1, np.int64), dimension + 2),
)

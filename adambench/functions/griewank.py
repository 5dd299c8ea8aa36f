"""Griewank's function: a wide bowl with ripples that fade as the dimension grows."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameters


def evaluate(LANES):
    add_up = total(LANES)

    def griewank(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        # d/dx_i of the product is without its i-th factor: row n + i holds the product of the factors before i, row
        # 2 n of those after it. Dividing the whole by the i-th would fail where that is 0.
        for lane in range(LANES):
            work[2 * n, lane] = 1.0
        for i in range(n):
            for lane in range(LANES):
                work[i, lane] = np.cos(x[i, lane] / reals[i])
                work[n + i, lane] = work[2 * n, lane]
                work[2 * n, lane] *= work[i, lane]
        for lane in range(LANES):
            work[2 * n, lane] = 1.0
        for i in range(n - 1, -1, -1):
            for lane in range(LANES):
                others = work[n + i, lane] * work[2 * n, lane]
                gradient[i, lane] = x[i, lane] / 2000.0 + others * np.sin(x[i, lane] / reals[i]) / reals[i]
                work[2 * n, lane] *= work[i, lane]
                work[i, lane] = x[i, lane] * x[i, lane] / 4000.0
        add_up(work, n, loss)
        for lane in range(LANES):
            loss[lane] += 1.0 - work[2 * n, lane]

    return griewank


def curvature(LANES):
    def griewank(x, diagonal, reals, integers, work):
        n = x.shape[0]
        for lane in range(LANES):
            work[0, lane] = 1.0
        for i in range(n):
            for lane in range(LANES):
                work[0, lane] *= np.cos(x[i, lane] / reals[i])
        for i in range(n):
            for lane in range(LANES):
                diagonal[i, lane] = 1.0 / 2000.0 + work[0, lane] / (i + 1)

    return griewank


def prepare(dimension: int, parameters: Parameters) -> Data:
    """reals: sqrt(i), i from 1."""
    return Data(np.sqrt(np.arange(1.0, dimension + 1.0)), np.zeros(1, np.int64), 2 * dimension + 1)


FUNCTION = Function(
    name="griewank",
    summary="a wide bowl with ripples that fade as the dimension grows",
    formula="1 + sum_i x_i^2 / 4000 - prod_i cos(x_i / sqrt(i))",
    source="Griewank 1981, Journal of Optimization Theory and Applications 34(1), 11-39",
    evaluate=evaluate,
    curvature=curvature,
    start=(100.0,),
    domain=(-600.0, 600.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    prepare=prepare,
)

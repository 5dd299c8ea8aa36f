"""Rastrigin's function: a bowl under a regular lattice of minima."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def rastrigin(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                angle = 2.0 * np.pi * x[i, lane]
                work[i, lane] = x[i, lane] * x[i, lane] + 10.0 * (1.0 - np.cos(angle))
                gradient[i, lane] = 2.0 * x[i, lane] + 20.0 * np.pi * np.sin(angle)
        add_up(work, x.shape[0], loss)

    return rastrigin


def curvature(LANES):
    def rastrigin(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 2.0 + 40.0 * np.pi * np.pi * np.cos(2.0 * np.pi * x[i, lane])

    return rastrigin


FUNCTION = Function(
    name="rastrigin",
    summary="a bowl under a regular lattice of minima, deeper than the bowl is steep",
    formula="10 n + sum_i x_i^2 - 10 cos(2 pi x_i)",
    source="Muehlenbein, Schomisch & Born 1991, Parallel Computing 17, 619-632 (in n dimensions)",
    evaluate=evaluate,
    curvature=curvature,
    start=(3.3,),
    domain=(-5.12, 5.12),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
)

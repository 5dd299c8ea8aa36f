"""The sum of different powers: every coordinate flatter around its minimum than the one before."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def sum_of_powers(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                size = np.abs(x[i, lane])
                power = size ** (i + 1.0)
                work[i, lane] = power * size
                gradient[i, lane] = (i + 2.0) * power * np.sign(x[i, lane])
        add_up(work, x.shape[0], loss)

    return sum_of_powers


def curvature(LANES):
    def sum_of_powers(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = (i + 2.0) * (i + 1.0) * np.abs(x[i, lane]) ** (i + 0.0)

    return sum_of_powers


FUNCTION = Function(
    name="sum-of-powers",
    summary="every coordinate flatter around its minimum than the one before: gradients vanish long before x does",
    formula="sum_i |x_i|^(i+1)",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, sum of different powers function",
    evaluate=evaluate,
    curvature=curvature,
    start=(1.0,),
    domain=(-1.0, 1.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
)

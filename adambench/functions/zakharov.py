"""Zakharov's function: a bowl and, along one direction only, a steep quartic wall."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def zakharov(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        for i in range(n):
            for lane in range(LANES):
                work[i, lane] = 0.5 * (i + 1) * x[i, lane]
        add_up(work, n, loss)
        for lane in range(LANES):
            work[n, lane] = loss[lane]
        for i in range(n):
            for lane in range(LANES):
                along = work[n, lane]
                work[i, lane] = x[i, lane] * x[i, lane]
                gradient[i, lane] = 2.0 * x[i, lane] + (2.0 + 4.0 * along * along) * along * (0.5 * (i + 1))
        add_up(work, n, loss)
        for lane in range(LANES):
            square = work[n, lane] * work[n, lane]
            loss[lane] += square + square * square

    return zakharov


def curvature(LANES):
    def zakharov(x, diagonal, reals, integers, work):
        n = x.shape[0]
        for lane in range(LANES):
            work[0, lane] = 0.0
        for i in range(n):
            for lane in range(LANES):
                work[0, lane] += 0.5 * (i + 1) * x[i, lane]
        for i in range(n):
            share = 0.5 * (i + 1)
            for lane in range(LANES):
                along = work[0, lane]
                diagonal[i, lane] = 2.0 + (2.0 + 12.0 * along * along) * share * share

    return zakharov


FUNCTION = Function(
    name="zakharov",
    summary="a bowl and, along one direction only, a steep quartic wall",
    formula="sum_i x_i^2 + s^2 + s^4, s = sum_i i x_i / 2",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, Zakharov function",
    evaluate=evaluate,
    curvature=curvature,
    start=(1.0,),
    domain=(-5.0, 10.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    prepare=lambda dimension, parameters: Data(np.zeros(1), np.zeros(1, np.int64), dimension + 1),
)

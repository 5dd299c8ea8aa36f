"""Ackley's function: a nearly flat, rippled plain around a funnel that ends in a point."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def ackley(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        for i in range(n):
            for lane in range(LANES):
                work[i, lane] = x[i, lane] * x[i, lane]
        add_up(work, n, loss)
        for lane in range(LANES):
            work[n, lane] = np.sqrt(loss[lane] / n)
        for i in range(n):
            for lane in range(LANES):
                work[i, lane] = np.cos(2.0 * np.pi * x[i, lane])
        add_up(work, n, loss)
        for lane in range(LANES):
            radius = work[n, lane]
            funnel = 20.0 * np.exp(-0.2 * radius)
            ripples = np.exp(loss[lane] / n)
            loss[lane] = (20.0 - funnel) + (np.e - ripples)
            # The point of the funnel has no slope: 0 stands for it, the middle of all that meet there.
            work[n, lane] = 0.2 * funnel / (n * radius) if radius > 0.0 else 0.0
            work[n + 1, lane] = 2.0 * np.pi * ripples / n
        for i in range(n):
            for lane in range(LANES):
                wave = np.sin(2.0 * np.pi * x[i, lane])
                gradient[i, lane] = work[n, lane] * x[i, lane] + work[n + 1, lane] * wave

    return ackley


FUNCTION = Function(
    name="ackley",
    summary="a nearly flat, rippled plain around a funnel that ends in a point (gradient 0 there, by definition)",
    formula="20 - 20 exp(-0.2 sqrt(1/n sum_i x_i^2)) + e - exp(1/n sum_i cos(2 pi x_i))",
    source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, Kluwer",
    evaluate=evaluate,
    start=(2.6,),
    domain=(-32.768, 32.768),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    prepare=lambda dimension, parameters: Data(np.zeros(1), np.zeros(1, np.int64), dimension + 2),
)

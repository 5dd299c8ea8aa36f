"""Rosenbrock's curved valley, chained to n dimensions."""

from __future__ import annotations

from adambench.engine.total import total
from adambench.function import Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def rosenbrock(x, gradient, loss, t, seeds, reals, integers, work):
        last = x.shape[0] - 1
        # The first and last coordinate have one neighbour: apart from them the loop has no branch, so it vectorises.
        for lane in range(LANES):
            valley = x[1, lane] - x[0, lane] * x[0, lane]
            slope = 1.0 - x[0, lane]
            work[0, lane] = 100.0 * valley * valley + slope * slope
            gradient[0, lane] = -400.0 * valley * x[0, lane] - 2.0 * slope
        for i in range(1, last):
            for lane in range(LANES):
                behind = x[i, lane] - x[i - 1, lane] * x[i - 1, lane]
                valley = x[i + 1, lane] - x[i, lane] * x[i, lane]
                slope = 1.0 - x[i, lane]
                work[i, lane] = 100.0 * valley * valley + slope * slope
                gradient[i, lane] = 200.0 * behind - 400.0 * valley * x[i, lane] - 2.0 * slope
        for lane in range(LANES):
            gradient[last, lane] = 200.0 * (x[last, lane] - x[last - 1, lane] * x[last - 1, lane])
        add_up(work, last, loss)

    return rosenbrock


def curvature(LANES):
    def rosenbrock(x, diagonal, reals, integers, work):
        last = x.shape[0] - 1
        for i in range(last):
            behind = 200.0 if i > 0 else 0.0
            for lane in range(LANES):
                diagonal[i, lane] = 1200.0 * x[i, lane] * x[i, lane] - 400.0 * x[i + 1, lane] + 2.0 + behind
        for lane in range(LANES):
            diagonal[last, lane] = 200.0

    return rosenbrock


FUNCTION = Function(
    name="rosenbrock",
    summary="a long, curved, flat-bottomed valley: easy to find, slow to follow",
    formula="sum_{i<n} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2",
    source="Rosenbrock 1960, Computer Journal 3(3), 175-184; start (-1.2, 1) from More, Garbow & Hillstrom 1981, no. 1",
    evaluate=evaluate,
    curvature=curvature,
    start=(-1.2, 1.0),
    domain=(-2.0, 2.0),
    least_dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((1.0,) * dimension,)),
)

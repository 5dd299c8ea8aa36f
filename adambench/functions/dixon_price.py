"""The Dixon-Price function: a chain of parabolic valleys, each weighted by its number."""

from __future__ import annotations

from adambench.engine.total import total
from adambench.function import Function, Optimum, Parameters


def evaluate(LANES):
    add_up = total(LANES)

    def dixon_price(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        for lane in range(LANES):
            slope = x[0, lane] - 1.0
            work[0, lane] = slope * slope
            gradient[0, lane] = 2.0 * slope
        for i in range(1, n):
            for lane in range(LANES):
                valley = 2.0 * x[i, lane] * x[i, lane] - x[i - 1, lane]
                work[i, lane] = (i + 1) * valley * valley
                gradient[i, lane] = 8.0 * (i + 1) * valley * x[i, lane]
        for i in range(n - 1):
            for lane in range(LANES):
                gradient[i, lane] -= 2.0 * (i + 2) * (2.0 * x[i + 1, lane] * x[i + 1, lane] - x[i, lane])
        add_up(work, n, loss)

    return dixon_price


def curvature(LANES):
    def dixon_price(x, diagonal, reals, integers, work):
        n = x.shape[0]
        for i in range(n):
            ahead = 2.0 * (i + 2) if i + 1 < n else 0.0
            for lane in range(LANES):
                valley = 6.0 * x[i, lane] * x[i, lane] - x[i - 1, lane] if i > 0 else 0.25
                diagonal[i, lane] = 8.0 * (i + 1) * valley + ahead

    return dixon_price


def optimum(dimension: int, parameters: Parameters) -> Optimum:
    """x_i = 2^(2^(1-i) - 1); the last coordinate, which occurs only squared, with either sign."""
    x = tuple(2.0 ** (2.0 ** (1 - i) - 1.0) for i in range(1, dimension + 1))
    return Optimum(0.0, (x,) if dimension == 1 else (x, (*x[:-1], -x[-1])))


FUNCTION = Function(
    name="dixon-price",
    summary="a chain of parabolic valleys, each weighted by its number, with a local minimum beside",
    formula="(x_1 - 1)^2 + sum_{i>1} i (2 x_i^2 - x_{i-1})^2",
    source="Dixon & Price 1989, Journal of Optimization Theory and Applications 60(2), 261-275",
    evaluate=evaluate,
    curvature=curvature,
    start=(2.0,),
    domain=(-10.0, 10.0),
    optimum=optimum,
)

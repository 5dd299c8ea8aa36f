"""The Styblinski-Tang function: two minima a coordinate, 2^n in all, one of them the best."""

from __future__ import annotations

from adambench.engine.total import total
from adambench.function import Function, Optimum

# The least root of 4 x^3 - 32 x + 5 and the loss there, of one coordinate, rounded to float64.
X, LOSS = -2.903534027771177, -39.166165703771415


def evaluate(LANES):
    add_up = total(LANES)

    def styblinski_tang(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                square = x[i, lane] * x[i, lane]
                work[i, lane] = 0.5 * ((square - 16.0) * square + 5.0 * x[i, lane])
                gradient[i, lane] = (2.0 * square - 16.0) * x[i, lane] + 2.5
        add_up(work, x.shape[0], loss)

    return styblinski_tang


def curvature(LANES):
    def styblinski_tang(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 6.0 * x[i, lane] * x[i, lane] - 16.0

    return styblinski_tang


FUNCTION = Function(
    name="styblinski-tang",
    summary="two minima a coordinate, 2^n in all; from 0 the slope leads to the best",
    formula="1/2 sum_i x_i^4 - 16 x_i^2 + 5 x_i",
    source="Styblinski & Tang 1990, Neural Networks 3(4), 467-483",
    evaluate=evaluate,
    curvature=curvature,
    start=(0.0,),
    domain=(-5.0, 5.0),
    optimum=lambda dimension, parameters: Optimum(dimension * LOSS, ((X,) * dimension,)),
)

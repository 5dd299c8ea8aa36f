"""Powell's singular function: its Hessian at the minimum is singular, so the last digits come slowly."""

from __future__ import annotations

from adambench.engine.total import total
from adambench.function import Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def powell_singular(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(0, x.shape[0], 4):
            for lane in range(LANES):
                a = x[i, lane] + 10.0 * x[i + 1, lane]
                b = x[i + 2, lane] - x[i + 3, lane]
                c = x[i + 1, lane] - 2.0 * x[i + 2, lane]
                d = x[i, lane] - x[i + 3, lane]
                work[i, lane] = a * a
                work[i + 1, lane] = 5.0 * b * b
                work[i + 2, lane] = c * c * c * c
                work[i + 3, lane] = 10.0 * d * d * d * d
                gradient[i, lane] = 2.0 * a + 40.0 * d * d * d
                gradient[i + 1, lane] = 20.0 * a + 4.0 * c * c * c
                gradient[i + 2, lane] = 10.0 * b - 8.0 * c * c * c
                gradient[i + 3, lane] = -10.0 * b - 40.0 * d * d * d
        add_up(work, x.shape[0], loss)

    return powell_singular


def curvature(LANES):
    def powell_singular(x, diagonal, reals, integers, work):
        for i in range(0, x.shape[0], 4):
            for lane in range(LANES):
                c = x[i + 1, lane] - 2.0 * x[i + 2, lane]
                d = x[i, lane] - x[i + 3, lane]
                diagonal[i, lane] = 2.0 + 120.0 * d * d
                diagonal[i + 1, lane] = 200.0 + 12.0 * c * c
                diagonal[i + 2, lane] = 10.0 + 48.0 * c * c
                diagonal[i + 3, lane] = 10.0 + 120.0 * d * d

    return powell_singular


FUNCTION = Function(
    name="powell-singular",
    summary="a minimum with a singular Hessian: the last digits come slowly",
    formula="sum over blocks of 4: (x_1 + 10 x_2)^2 + 5 (x_3 - x_4)^2 + (x_2 - 2 x_3)^4 + 10 (x_1 - x_4)^4",
    source="Powell 1962, Computer Journal 5(2), 147-151; More, Garbow & Hillstrom 1981, nos. 13 and 22",
    evaluate=evaluate,
    curvature=curvature,
    start=(3.0, -1.0, 0.0, 1.0),
    domain=(-4.0, 5.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    default_dimension=4,
    least_dimension=4,
    multiple_of=4,
)

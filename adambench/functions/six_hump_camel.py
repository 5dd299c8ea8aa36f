"""The six-hump camel: six minima, two of them the best."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature

# The root of the gradient, rounded to float64.
X, Y = 0.08984201310031806, -0.7126564030207396


def value_and_gradient(x, y):
    xx = x * x
    yy = y * y
    loss = (4.0 - 2.1 * xx + xx * xx / 3.0) * xx + x * y + (4.0 * yy - 4.0) * yy
    by_x = (8.0 - 8.4 * xx + 2.0 * xx * xx) * x + y
    return loss, by_x, x + (16.0 * yy - 8.0) * y


def second_derivatives(x, y):
    xx = x * x
    return 8.0 - 25.2 * xx + 10.0 * xx * xx, 48.0 * y * y - 8.0


FUNCTION = Function(
    name="six-hump-camel",
    summary="six minima, two of them the best",
    formula="(4 - 2.1 x^2 + x^4/3) x^2 + x y + (4 y^2 - 4) y^2",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, six-hump camel function",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(1.0, 1.0),
    domain=(-3.0, 3.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(-1.0316284534898774, ((X, Y), (-X, -Y))),
)

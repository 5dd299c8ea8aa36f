"""The three-hump camel: three minima, the best between the two others."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    xx = x * x
    loss = (2.0 - 1.05 * xx + xx * xx / 6.0) * xx + x * y + y * y
    return loss, (4.0 - 4.2 * xx + xx * xx) * x + y, x + 2.0 * y


def second_derivatives(x, y):
    xx = x * x
    return 4.0 - 12.6 * xx + 5.0 * xx * xx, 2.0


FUNCTION = Function(
    name="three-hump-camel",
    summary="three minima, the best between the two others",
    formula="2 x^2 - 1.05 x^4 + x^6/6 + x y + y^2",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, three-hump camel function",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(1.0, 2.0),
    domain=(-5.0, 5.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0, 0.0),)),
)

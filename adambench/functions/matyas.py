"""Matyas' function: a quadratic with the condition number 25, its long axis on the diagonal."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    loss = 0.26 * (x * x + y * y) - 0.48 * x * y
    return loss, 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x


def second_derivatives(x, y):
    return 0.52, 0.52


FUNCTION = Function(
    name="matyas",
    summary="a quadratic with the condition number 25, its long axis on the diagonal",
    formula="0.26 (x^2 + y^2) - 0.48 x y",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, Matyas function",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(9.0, 2.0),
    domain=(-10.0, 10.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0, 0.0),)),
)

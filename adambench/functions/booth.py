"""Booth's function: a quadratic with the condition number 9, its axes on the diagonals."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    a = x + 2.0 * y - 7.0
    b = 2.0 * x + y - 5.0
    return a * a + b * b, 2.0 * a + 4.0 * b, 4.0 * a + 2.0 * b


def second_derivatives(x, y):
    return 10.0, 10.0


FUNCTION = Function(
    name="booth",
    summary="a mildly conditioned quadratic (9), its axes on the diagonals",
    formula="(x + 2 y - 7)^2 + (2 x + y - 5)^2",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, Booth function",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(-5.0, 8.0),
    domain=(-10.0, 10.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((1.0, 3.0),)),
)

"""The monkey saddle: flat to second order at the origin, three ways down, and no minimum."""

from __future__ import annotations

from adambench.function import Function
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    return x * x * x - 3.0 * x * y * y, 3.0 * (x * x - y * y), -6.0 * x * y


def second_derivatives(x, y):
    return 6.0 * x, -6.0 * x


FUNCTION = Function(
    name="monkey-saddle",
    summary="flat to second order at the saddle, three ways down, unbounded below: who leaves it, and when?",
    formula="x^3 - 3 x y^2",
    source="Hilbert & Cohn-Vossen 1952, Geometry and the Imagination, Chelsea",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(1.0, 0.01),
    domain=(-2.0, 2.0),
    dimension=2,
    optimum=lambda dimension, parameters: None,
    targets=({"loss": -1.0}, {"loss": -10.0}, {"loss": -100.0}),
)

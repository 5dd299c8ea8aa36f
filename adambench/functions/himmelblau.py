"""Himmelblau's function: four equal minima around one hill."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature

# All but the first are roots of polynomials, here rounded to float64.
MINIMA = (
    (3.0, 2.0),
    (-2.805118086952745, 3.131312518250573),
    (-3.779310253377747, -3.2831859912861696),
    (3.5844283403304917, -1.8481265269644036),
)


def value_and_gradient(x, y):
    a = x * x + y - 11.0
    b = x + y * y - 7.0
    return a * a + b * b, 4.0 * a * x + 2.0 * b, 2.0 * a + 4.0 * b * y


def second_derivatives(x, y):
    a = x * x + y - 11.0
    b = x + y * y - 7.0
    return 4.0 * a + 8.0 * x * x + 2.0, 2.0 + 4.0 * b + 8.0 * y * y


FUNCTION = Function(
    name="himmelblau",
    summary="four equal minima around one hill",
    formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    source="Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(0.0, 0.0),
    domain=(-5.0, 5.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, MINIMA),
)

"""Beale's function: steep walls around a flat plain."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y * y
    c = 2.625 - x + x * y * y * y
    loss = a * a + b * b + c * c
    by_x = 2.0 * (a * (y - 1.0) + b * (y * y - 1.0) + c * (y * y * y - 1.0))
    by_y = 2.0 * x * (a + 2.0 * b * y + 3.0 * c * y * y)
    return loss, by_x, by_y


def second_derivatives(x, y):
    b = 2.25 - x + x * y * y
    c = 2.625 - x + x * y * y * y
    p, q, r = y - 1.0, y * y - 1.0, y * y * y - 1.0
    by_y = x * x * (1.0 + 4.0 * y * y + 9.0 * y * y * y * y) + 2.0 * b * x + 6.0 * c * x * y
    return 2.0 * (p * p + q * q + r * r), 2.0 * by_y


FUNCTION = Function(
    name="beale",
    summary="steep walls around a flat plain; large steps overshoot",
    formula="(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
    source="Beale 1958, Technical Report 25, Princeton; More, Garbow & Hillstrom 1981, no. 5",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(1.0, 1.0),
    domain=(-4.5, 4.5),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((3.0, 0.5),)),
)

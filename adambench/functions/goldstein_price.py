"""The Goldstein-Price function: values from 3 to a million, and three local minima besides."""

from __future__ import annotations

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    a = x + y + 1.0
    p = 19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y
    slope_p = -14.0 + 6.0 * x + 6.0 * y
    b = 2.0 * x - 3.0 * y
    q = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y
    first = 1.0 + a * a * p
    second = 30.0 + b * b * q
    # Of the first factor both slopes are equal: it depends on x + y alone.
    slope_first = 2.0 * a * p + a * a * slope_p
    by_x = slope_first * second + first * (4.0 * b * q + b * b * (-32.0 + 24.0 * x - 36.0 * y))
    by_y = slope_first * second + first * (-6.0 * b * q + b * b * (48.0 - 36.0 * x + 54.0 * y))
    return first * second, by_x, by_y


def second_derivatives(x, y):
    s = x + y
    a = s + 1.0
    p, slope_p = 19.0 - 14.0 * s + 3.0 * s * s, 6.0 * s - 14.0
    b = 2.0 * x - 3.0 * y
    q, slope_q = 18.0 - 16.0 * b + 3.0 * b * b, 6.0 * b - 16.0
    # Each factor depends on one combination of x and y alone, s and b: value, slope, bend.
    first = 1.0 + a * a * p
    slope_first = 2.0 * a * p + a * a * slope_p
    bend_first = 2.0 * p + 4.0 * a * slope_p + 6.0 * a * a
    second = 30.0 + b * b * q
    slope_second = 2.0 * b * q + b * b * slope_q
    bend_second = 2.0 * q + 4.0 * b * slope_q + 6.0 * b * b
    by_x = bend_first * second + 4.0 * slope_first * slope_second + 4.0 * first * bend_second
    by_y = bend_first * second - 6.0 * slope_first * slope_second + 9.0 * first * bend_second
    return by_x, by_y


FUNCTION = Function(
    name="goldstein-price",
    summary="values from 3 to a million over the domain, and three local minima besides the best",
    formula="(1 + (x + y + 1)^2 (19 - 14 x + 3 x^2 - 14 y + 6 x y + 3 y^2)) "
    "(30 + (2 x - 3 y)^2 (18 - 32 x + 12 x^2 + 48 y - 36 x y + 27 y^2))",
    source="Goldstein & Price 1971, Mathematics of Computation 25(115), 569-574",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(0.5, -0.5),
    domain=(-2.0, 2.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(3.0, ((0.0, -1.0),)),
)

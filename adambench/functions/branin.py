"""Branin's function: three equal minima in a curved, wavy valley."""

from __future__ import annotations

import numpy as np

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature

MINIMA = ((-np.pi, 12.275), (np.pi, 2.275), (3.0 * np.pi, 2.475))


def value_and_gradient(x, y):
    curvature = 5.1 / (4.0 * np.pi * np.pi)
    tilt = 5.0 / np.pi
    height = 10.0 - 10.0 / (8.0 * np.pi)
    valley = y - curvature * x * x + tilt * x - 6.0
    loss = valley * valley + height * np.cos(x) + 10.0
    by_x = 2.0 * valley * (tilt - 2.0 * curvature * x) - height * np.sin(x)
    return loss, by_x, 2.0 * valley


def second_derivatives(x, y):
    curvature = 5.1 / (4.0 * np.pi * np.pi)
    tilt = 5.0 / np.pi
    height = 10.0 - 10.0 / (8.0 * np.pi)
    valley = y - curvature * x * x + tilt * x - 6.0
    along = tilt - 2.0 * curvature * x
    return 2.0 * along * along - 4.0 * curvature * valley - height * np.cos(x), 2.0


FUNCTION = Function(
    name="branin",
    summary="three equal minima in a curved, wavy valley",
    formula="(y - 5.1/(4 pi^2) x^2 + 5/pi x - 6)^2 + 10 (1 - 1/(8 pi)) cos(x) + 10",
    source="Branin 1972, IBM Journal of Research and Development 16(5), 504-522",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(2.5, 7.5),
    domain=(-5.0, 15.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(10.0 / (8.0 * np.pi), MINIMA),
)

"""Bohachevsky's first function: a bowl with ripples."""

from __future__ import annotations

import numpy as np

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature


def value_and_gradient(x, y):
    a = 3.0 * np.pi * x
    b = 4.0 * np.pi * y
    loss = x * x + 2.0 * y * y + 0.3 * (1.0 - np.cos(a)) + 0.4 * (1.0 - np.cos(b))
    return loss, 2.0 * x + 0.9 * np.pi * np.sin(a), 4.0 * y + 1.6 * np.pi * np.sin(b)


def second_derivatives(x, y):
    a = 3.0 * np.pi * x
    b = 4.0 * np.pi * y
    return 2.0 + 2.7 * np.pi * np.pi * np.cos(a), 4.0 + 6.4 * np.pi * np.pi * np.cos(b)


FUNCTION = Function(
    name="bohachevsky",
    summary="a bowl with ripples that matter only near its bottom",
    formula="x^2 + 2 y^2 - 0.3 cos(3 pi x) - 0.4 cos(4 pi y) + 0.7",
    source="Bohachevsky, Johnson & Stein 1986, Technometrics 28(3), 209-217",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(60.0, -45.0),
    domain=(-100.0, 100.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0, 0.0),)),
)

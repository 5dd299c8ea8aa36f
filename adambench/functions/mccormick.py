"""McCormick's function: a wave over a tilted valley, in a box; outside it is unbounded below."""

from __future__ import annotations

import numpy as np

from adambench.function import Function, Optimum
from adambench.planar import planar, planar_curvature

X = 0.5 - np.pi / 3.0


def value_and_gradient(x, y):
    both = x + y
    apart = x - y
    loss = np.sin(both) + apart * apart - 1.5 * x + 2.5 * y + 1.0
    slope = np.cos(both)
    return loss, slope + 2.0 * apart - 1.5, slope - 2.0 * apart + 2.5


def second_derivatives(x, y):
    bend = 2.0 - np.sin(x + y)
    return bend, bend


FUNCTION = Function(
    name="mccormick",
    summary="a wave over a tilted valley, in a box: outside it is unbounded below",
    formula="sin(x + y) + (x - y)^2 - 1.5 x + 2.5 y + 1",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, McCormick function",
    evaluate=planar(value_and_gradient),
    curvature=planar_curvature(second_derivatives),
    start=(1.0, 1.0),
    domain=(-3.0, 4.0),
    dimension=2,
    optimum=lambda dimension, parameters: Optimum(-(3.0**0.5) / 2.0 - np.pi / 3.0, ((X, X - 1.0),)),
    box=((-1.5, 4.0), (-3.0, 4.0)),
)

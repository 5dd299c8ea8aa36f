"""The sphere: the same curvature everywhere, so that any direction of descent is the right one."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Function, Optimum, Spectrum


def evaluate(LANES):
    add_up = total(LANES)

    def sphere(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                work[i, lane] = x[i, lane] * x[i, lane]
                gradient[i, lane] = 2.0 * x[i, lane]
        add_up(work, x.shape[0], loss)

    return sphere


def curvature(LANES):
    def sphere(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 2.0

    return sphere


FUNCTION = Function(
    name="sphere",
    summary="the same curvature everywhere: the easiest, and one exact step for a well-chosen lr",
    formula="sum_i x_i^2",
    source="De Jong 1975, PhD thesis, University of Michigan, F1",
    evaluate=evaluate,
    curvature=curvature,
    start=(1.0,),
    domain=(-5.12, 5.12),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    spectrum=lambda dimension, parameters: Spectrum(np.full(dimension, 2.0)),
)

"""The diagonal of the Hessian behind the gradient, for optimizers that ask for it every few steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adambench.engine.memory import UNKNOWN, beyond, matrix, vector
from adambench.engine.noise import sign


@dataclass(frozen=True)
class Pace:
    """One diagonal every `interval` steps; each costs `charge` gradient evaluations more, which are counted.

    first  the step, and evaluation, of the first
    exact  from the function's own `curvature` (charge 1); else estimated with two gradients (charge 2)
    """

    interval: int
    first: int
    exact: bool

    @property
    def charge(self) -> int:
        return 1 if self.exact else 2


def curved(evaluate, function, width, real, pace):
    """`evaluate` with the diagonal in the rows after the gradient: where it is due, else NaN.

    gradient  (4 dimension, width): gradient, diagonal, and room for a point and a gradient
    """
    period, first = pace.interval + pace.charge, pace.first
    fill = exact(function, width, real) if pace.exact else estimated(width, real)

    def evaluate_curved(dimension, x, gradient, loss, t, seeds, reals, integers, work):
        size = dimension * width
        if t > 0:
            diagonal = matrix(beyond(gradient, size, real), dimension, width, real)
            if t >= first and (t - first) % period == 0:
                fill(evaluate, diagonal, dimension, x, gradient, loss, t, seeds, reals, integers, work)
            else:
                for i in range(dimension):
                    for lane in range(width):
                        diagonal[i, lane] = np.nan
        evaluate(dimension, x, gradient, loss, t, seeds, reals, integers, work)

    return evaluate_curved


def exact(function, width, real):
    """The function's own diagonal."""
    curvature = function.curvature(width)

    def fill(evaluate, diagonal, dimension, x, gradient, loss, t, seeds, reals, integers, work):
        curvature(
            matrix(x, dimension, width, real),
            diagonal,
            vector(reals, UNKNOWN, real),
            vector(integers, UNKNOWN, np.int64),
            matrix(work, UNKNOWN, width, np.float64),
        )

    return fill


def estimated(width, real):
    """Hutchinson's estimate u * (H u) with one random sign u a coordinate, drawn from (seed, t, coordinate).

    H u is the central difference of two gradients of evaluation t (the same minibatch), before any noise is added. All
    coordinates move equally far: were it farther where x is larger, they would blur the others' estimates.
    """
    step = 2e-3 if real == np.float32 else 6e-6

    def fill(evaluate, diagonal, dimension, x, gradient, loss, t, seeds, reals, integers, work):
        size = dimension * width
        ahead, second = beyond(gradient, 2 * size, real), beyond(gradient, 3 * size, real)
        here, there = matrix(x, dimension, width, real), matrix(ahead, dimension, width, real)
        upper, lower = matrix(gradient, dimension, width, real), matrix(second, dimension, width, real)
        seed = vector(seeds, width, np.int64)
        for lane in range(width):
            far = real(step * np.float64(reach(here, dimension, lane)))
            for i in range(dimension):
                diagonal[i, lane] = sign(i, t, seed[lane]) * far
                there[i, lane] = here[i, lane] + diagonal[i, lane]
        evaluate(dimension, ahead, gradient, loss, t, seeds, reals, integers, work)
        for i in range(dimension):
            for lane in range(width):
                there[i, lane] = here[i, lane] - diagonal[i, lane]
        evaluate(dimension, ahead, second, loss, t, seeds, reals, integers, work)
        for i in range(dimension):
            for lane in range(width):
                diagonal[i, lane] = (upper[i, lane] - lower[i, lane]) / (diagonal[i, lane] + diagonal[i, lane])

    return fill


def reach(x, dimension, lane):
    """The largest coordinate of a lane's x, at least 1: the scale of a difference that rounding does not swallow."""
    largest = 1.0
    for i in range(dimension):
        largest = max(largest, abs(x[i, lane]))
    return largest

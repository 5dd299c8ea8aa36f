"""What computing below float64 may do to x: measured, for dialects of libraries that are known to do so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from adambench.configuration import Configuration
from adambench.conform.probe import Floats, Probe
from adambench.conform.trajectory import walk
from adambench.engine.vector import normal_vector
from adambench.optimizer import DOUBLE

UNITS = {"float32": 2.0**-24, "bfloat16": 2.0**-8}
"""The largest relative error of one rounding."""
MARGIN = 8.0
"""How many times what one rounding of every gradient and every step does: a rule rounds more than once."""

LIMIT = 0.1
"""More is never rounding: a rule that magnifies it so far cannot be told from another."""


def rounding_walk(configuration: Configuration, probe: Probe, precision: str) -> Iterator[tuple[Floats, Floats, float]]:
    """What `walk` yields, with how far rounding may have taken another from there, over 1 + the largest |x| so far.

    It is `MARGIN` times the sum of three, at most `LIMIT`: how far x comes with one unit of change in every gradient,
    the same at each step and another at each step, and one unit of the way that x has come.
    """
    plain = walk(configuration, probe)
    if precision == DOUBLE:
        yield from ((x, point, 0.0) for x, point in plain)
        return
    unit = UNITS[precision]
    signs = np.sign(normal_vector(probe.gradients.size, 0, 0)).reshape(probe.gradients.shape)
    moved = [
        walk(configuration, replace(probe, gradients=probe.gradients * (1.0 + unit * s))) for s in (signs[:1], signs)
    ]
    before, scale, way, apart = probe.x0, 1.0 + np.abs(probe.x0), 0.0, [0.0, 0.0]
    for (x, point), *others in zip(plain, *moved, strict=True):
        scale = np.fmax(scale, 1.0 + np.abs(x))
        way += _apart(x, before, scale)
        apart = [max(a, _apart(other, x, scale)) for a, (other, _) in zip(apart, others, strict=True)]
        before = x
        yield x, point, min(MARGIN * (unit * way + sum(apart)), LIMIT)


def shaken(gradient: Floats, precision: str) -> Floats:
    """The gradient rounded to a precision, a last bit up or down first: no symmetry of a rule survives it exactly."""
    if precision == DOUBLE:
        return gradient
    unit = UNITS[precision]
    signs = np.sign(normal_vector(gradient.size, 0, 1)).reshape(gradient.shape)
    mantissa, exponent = np.frexp(gradient * (1.0 + unit * signs))
    return np.ldexp(np.round(mantissa / unit) * unit, exponent)


def _apart(one: Floats, other: Floats, scale: Floats) -> float:
    """The largest distance of two coordinates; what is not finite allows nothing."""
    with np.errstate(all="ignore"):
        return float(np.max(np.nan_to_num(np.abs(one - other) / scale, nan=0.0, posinf=0.0)))

"""The functions between layers, with their slopes.

gelu: Hendrycks & Gimpel 2016, Gaussian Error Linear Units, arXiv:1606.08415, eq. 1 (exact, not the tanh form).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

NAMES = ("relu", "tanh", "gelu", "softplus")
RELU, TANH, GELU, SOFTPLUS = range(4)
_ROOT_HALF = math.sqrt(0.5)
_DENSITY = 1.0 / math.sqrt(2.0 * math.pi)


def activate(z, slope, kind):
    """z becomes f(z), and slope f'(z), elementwise; NaN stays NaN. Flat arrays of one length."""
    zero, one = z.dtype.type(0), z.dtype.type(1)
    if kind == RELU:
        for i in range(z.size):
            slope[i] = zero if z[i] <= zero else one
            z[i] = zero if z[i] <= zero else z[i]
    elif kind == TANH:
        for i in range(z.size):
            value = np.tanh(np.float64(z[i]))
            slope[i] = 1.0 - value * value
            z[i] = value
    elif kind == GELU:
        for i in range(z.size):
            value = np.float64(z[i])
            below = gaussian(value)
            slope[i] = below + value * _DENSITY * np.exp(-0.5 * value * value)
            z[i] = value * below
    else:
        for i in range(z.size):
            value = np.float64(z[i])
            small = np.exp(-abs(value))  # which cannot overflow
            slope[i] = (small if value < 0.0 else 1.0) / (1.0 + small)
            z[i] = (0.0 if value < 0.0 else value) + np.log1p(small)


def gaussian(value):
    """The probability that a standard normal is below `value`."""
    return 0.5 * math.erfc(-_ROOT_HALF * value)


def activated(z: Reals, kind: int) -> Reals:
    """f(z) of an array of any shape, outside the kernels."""
    from scipy.special import erfc

    if kind == RELU:
        return np.maximum(z, 0.0)
    if kind == TANH:
        return np.asarray(np.tanh(z))
    if kind == GELU:
        return np.asarray(0.5 * z * erfc(-_ROOT_HALF * z))
    return np.asarray(np.logaddexp(0.0, z))

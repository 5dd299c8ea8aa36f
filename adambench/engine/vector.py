"""Whole vectors of draws, outside the kernels: functions of (seed, step, coordinate), as in `noise`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.engine import noise


def uniform_vector(dimension: int, step: int, seed: int) -> NDArray[np.float64]:
    """Uniform above 0 and up to 1, (dimension,), of the stream of the starts."""
    a, b, _, _ = _words(dimension, step, seed)
    return np.asarray(noise.uniform(a, b))


def normal_vector(dimension: int, step: int, seed: int) -> NDArray[np.float64]:
    """Standard normals, (dimension,), of the stream of the starts: `noise.normals`, whole arrays at a time."""
    a, b, c, d = _words(dimension, step, seed)
    cosine, sine = noise.octant(noise.uniform(c, d))
    x = np.where(d & np.uint64(1), sine, cosine)
    x = np.where(d & np.uint64(2), -x, x)
    return np.asarray(np.sqrt(-2.0 * noise.logarithm(noise.uniform(a, b))) * x)


def _words(dimension: int, step: int, seed: int) -> tuple[NDArray[np.uint64], ...]:
    index = np.arange(dimension, dtype=np.uint64)
    return tuple(noise.philox(index, np.uint64(step), np.uint64(noise.START), np.uint64(seed)))

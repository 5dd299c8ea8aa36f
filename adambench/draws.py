"""What is drawn before a run: the starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.engine import noise
from adambench.problem.problem import Problem


def start_points(problem: Problem) -> dict[int, NDArray[np.float64]]:
    """x_0 for each seed of the problem, (dimension,) float64: a function of the seed and the coordinate alone."""
    return {seed: start_point(problem, seed) for seed in problem.seeds}


def start_point(problem: Problem, seed: int) -> NDArray[np.float64]:
    """x_0 for one seed."""
    kind, values = problem.start.kind, problem.start.values
    if kind == "fixed":
        return np.resize(np.array(values, np.float64), problem.dimension)
    if kind == "uniform":
        low, high = values
        a, b, _, _ = _words(problem.dimension, 0, seed)
        return np.asarray(low + (high - low) * noise.uniform(a, b))
    mean, std = values
    return mean + std * normal_vector(problem.dimension, 0, seed)


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

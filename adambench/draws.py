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
    index = np.arange(problem.dimension, dtype=np.uint64)
    zero, stream, key = np.uint64(0), np.uint64(noise.START), np.uint64(seed)
    # The generator's functions take whole arrays as they take single words.
    a, b, c, d = noise.philox(index, zero, stream, key)
    if kind == "uniform":
        low, high = values
        return np.asarray(low + (high - low) * noise.uniform(a, b))
    mean, std = values
    cosine, _ = noise.direction(c, d)
    return np.asarray(mean + std * np.sqrt(-2.0 * noise.logarithm(noise.uniform(a, b))) * cosine)

"""What is drawn before a run: the starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.engine.vector import normal_vector, uniform_vector
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
        return np.asarray(low + (high - low) * uniform_vector(problem.dimension, 0, seed))
    if kind == "drawn":
        assert problem.function.draw is not None
        return problem.function.draw(seed)
    mean, std = values
    return mean + std * normal_vector(problem.dimension, 0, seed)

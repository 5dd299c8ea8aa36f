"""Loss and gradient of a problem at a point, noise-free."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.course import loss_at, make_course
from adambench.engine.assembly import evaluate_kernel
from adambench.engine.kernel import compiled
from adambench.problem.problem import Problem

Floats = NDArray[np.float64]


class Measure:
    """(loss, gradient) of x, (dimension,), from the compiled kernel."""

    def __init__(self, problem: Problem):
        kernel = evaluate_kernel(problem.function, 1, "float64")
        self.problem, self.course = problem, make_course(replace(problem, targets=()), "float64", stop_at_target=False)
        self.kernel = compiled(kernel.function, kernel.signature)

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        gradient = np.zeros_like(x)
        return loss_at(self.kernel, self.problem, self.course, x, "float64", gradient), gradient

    def plain(self, x: Any) -> complex:
        """The loss from the kernel as plain Python, where x may be complex. Raises what that raises."""
        data, lanes = self.problem.data, x.reshape(-1, 1).astype(np.complex128)
        loss, work = np.zeros(1, np.complex128), np.full((max(data.work_rows, 1), 1), -1.0 + 0.0j)
        seeds = np.zeros(1, np.int64)
        evaluate = self.problem.function.evaluate(1)
        evaluate(lanes, np.zeros_like(lanes), loss, 0, seeds, data.reals, data.integers, work)
        return complex(loss[0])

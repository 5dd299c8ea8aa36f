"""How a check fails, what is asked of any objective, and how numbers are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.problem import Problem
from adambench.validation import validate_objective


class Failed(Exception):
    """What is wrong, in one sentence, and the function of which that is said, where it is one."""

    def __init__(self, sentence: str, function: Callable[..., Any] | None = None):
        super().__init__(sentence)
        self.function = function


def expect(held: bool, otherwise: str, function: Callable[..., Any] | None = None) -> None:
    """Raises Failed, saying `otherwise`, where it did not hold."""
    if not held:
        raise Failed(otherwise, function)


def sound(problem: Problem) -> str:
    """What is asked of the objective of every problem."""
    found = validate_objective(problem)
    for check in found:
        expect(not check.finding, f"{check.name}: {check.finding}")
    return "; ".join(f"{check.name}: {check.measured}" for check in found if check.measured)


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Equal to the bit, but for the sign of zero; NaN equals NaN."""
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)


def apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest distance over 1 + |b|; infinite where only one is finite."""
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return float("inf")
    finite = np.isfinite(b)
    return float(np.max(np.abs(a[finite] - b[finite]) / (1.0 + np.abs(b[finite])), initial=0.0))

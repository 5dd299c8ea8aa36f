"""Norms of stretches of an array, for the optimizers that take steps of whole vectors.

Added up in the order of the coordinates, in float64: compiled or not, at any precision, the same sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def squares(a: Any, first: int, count: int) -> Any:
    """The sum of squares of a[first : first + count]."""
    total = 0.0
    for j in range(first, first + count):
        value = np.float64(a[j])
        total += value * value
    return total


def norm(a: Any, first: int, count: int) -> Any:
    """The 2-norm of a[first : first + count]."""
    return np.sqrt(squares(a, first, count))


def rms(a: Any, first: int, count: int) -> Any:
    """The root of the mean square of a[first : first + count]."""
    return np.sqrt(squares(a, first, count) / count)


def extent(blocks: Any, number: int) -> tuple[int, int]:
    """Where a block of x starts, and how many coordinates it has; `blocks` as in `Optimizer`."""
    return blocks[number, 0], blocks[number, 1] * max(blocks[number, 2], 1)

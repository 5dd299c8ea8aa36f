"""Norms of stretches of an array, for the optimizers that take steps of whole vectors.

Added up in float64, in an order that depends on how many coordinates there are alone: compiled or not, the same sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def squares(a: Any, first: int, count: int) -> Any:
    """The sum of squares of a[first : first + count]: of four running sums, which fill the adder's pipeline."""
    whole = count - count % 4
    s = t = u = v = 0.0
    for j in range(first, first + whole, 4):
        s += np.float64(a[j]) * np.float64(a[j])
        t += np.float64(a[j + 1]) * np.float64(a[j + 1])
        u += np.float64(a[j + 2]) * np.float64(a[j + 2])
        v += np.float64(a[j + 3]) * np.float64(a[j + 3])
    for j in range(first + whole, first + count):
        s += np.float64(a[j]) * np.float64(a[j])
    return (s + t) + (u + v)


def norm(a: Any, first: int, count: int) -> Any:
    """The 2-norm of a[first : first + count]."""
    return np.sqrt(squares(a, first, count))


def rms(a: Any, first: int, count: int) -> Any:
    """The root of the mean square of a[first : first + count]."""
    return np.sqrt(squares(a, first, count) / count)


def extent(blocks: Any, number: int) -> tuple[int, int]:
    """Where a block of x starts, and how many coordinates it has; `blocks` as in `Optimizer`."""
    return blocks[number, 0], blocks[number, 1] * max(blocks[number, 2], 1)

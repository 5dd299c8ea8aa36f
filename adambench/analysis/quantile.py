"""Order statistics on the extended reals: what never happened, or diverged, is +infinity and takes part."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


def rank(size: int, level: float) -> int:
    """Index, from 0, of the `level` quantile among `size` >= 1 sorted values (inverted CDF: always one of them)."""
    return max(math.ceil(size * level) - 1, 0)


def extended(values: Iterable[float] | Reals) -> Reals:
    """The values with everything that is not finite, NaN and -inf included, as +inf: all of these diverged."""
    array = np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64)
    return np.where(np.isfinite(array), array, np.inf)


def quartiles(values: Reals) -> tuple[Reals, Reals, Reals]:
    """(q25, median, q75) along the first axis of an (n, ...) array, n >= 1; +inf where they are infinite."""
    ordered = np.sort(values, axis=0)
    q25, median, q75 = (ordered[rank(len(ordered), level)] for level in (0.25, 0.5, 0.75))
    return q25, median, q75


def known(value: float) -> float | None:
    """The value for JSON: None where it is infinite or unknown."""
    return float(value) if math.isfinite(value) else None


def real(value: float | None) -> float:
    """A value of the JSON: None, which never happened or diverged, is +infinity."""
    return math.inf if value is None else float(value)


def reals(values: Iterable[float | None]) -> Reals:
    """(n,) values of the JSON, each as `real` takes it."""
    return np.array([math.inf if value is None else value for value in values], np.float64)


def mean(values: Reals) -> float | None:
    """The arithmetic mean, whatever the order of the values; None of nothing, or where one is not finite."""
    if not len(values) or not np.isfinite(values).all():
        return None
    try:
        return math.fsum(values) / len(values)
    except OverflowError:  # the sum is beyond float64, the mean is not
        return math.fsum(values / len(values))

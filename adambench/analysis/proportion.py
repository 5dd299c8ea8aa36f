"""Wilson's score interval: of a success rate, and of the mean of anything between 0 and 1."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from adambench.analysis.quantile import Reals

Z = float(ndtri(0.975))


def wilson_interval(successes: int, trials: int, z: float = Z) -> list[float] | None:
    """[low, high] of a success rate; None of no trials.

    The rates p with |successes/trials - p| <= z sqrt(p (1 - p) / trials). Source: Wilson 1927, J. Am. Stat. Assoc. 22,
    209-212; `statsmodels.stats.proportion.proportion_confint(method="wilson")`.

    >>> [round(bound, 3) for bound in wilson_interval(4, 15)]
    [0.109, 0.52]
    """
    return _score_interval(successes / trials, 0.0, trials, z) if trials else None


def mean_interval(values: Reals) -> list[float] | None:
    """[low, high] of the mean of (n,) independent values in [0, 1]: successes, and ties as 1/2, among them.

    Wilson's interval with the variance that such values have around a mean of p: p (1 - p) - E[v (1 - v)], of which
    the last is estimated by its mean; for zeros and ones it is wilson_interval. None of nothing, and where all values
    are 1/2, which leaves no variance to judge by.
    """
    within = float(np.sort(values * (1.0 - values)).mean()) if len(values) else 0.25
    return _score_interval(float(np.sort(values).mean()), within, len(values), Z) if within < 0.25 else None


def _score_interval(mean: float, within: float, size: int, z: float) -> list[float]:
    """Roots in p of (mean - p)^2 = z^2 (p (1 - p) - within) / size, kept in [0, 1]."""
    weight = z * z / size
    middle = (mean + weight / 2) / (1 + weight)
    variance = max(mean * (1 - mean) - within, 0.0)
    reach = math.sqrt(weight * variance + weight * weight * (0.25 - within)) / (1 + weight)
    return [max(middle - reach, 0.0), min(middle + reach, 1.0)]

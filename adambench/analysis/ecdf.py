"""Empirical cumulative distribution functions on the extended reals: shares of what happened, failures included."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals


@dataclass(frozen=True)
class Ecdf:
    """F(x) = (values <= x) / (values), right-continuous: 0 before the first point, constant between points.

    points  (jumps,) ascending and finite, where F jumps
    shares  (jumps,) F at each point; the last is the share of finite values
    """

    points: Reals
    shares: Reals

    def at(self, x: NDArray[np.float64] | float) -> Reals:
        """F at each x, which may be +inf."""
        return np.concatenate(([0.0], self.shares))[np.searchsorted(self.points, x, side="right")]


def ecdf(values: Reals, weights: Reals | None = None) -> Ecdf:
    """The ECDF of values of any shape, +inf (never) among them; of nothing it is 0 everywhere.

    weights  of the same shape, above 0: how much each value counts; all alike unless given

    Of runtimes over (problem, target, seed), F(c) = |{runtimes <= c}| / |{runtimes}| is the runtime ECDF: the share of
    targets hit within c evaluations, with failures in the denominator. Absolute: no optimizer's depends on another's.
    To pool problems of different size, divide their runtimes first, and pool as many values of each, or weigh them.

    Source: Hansen et al., COCO: Performance Assessment, arXiv:1605.03560; numbbo/coco
    code-postprocessing/cocopp/pprldmany.py.

    >>> ecdf(np.array([3.0, np.inf, 0.0, 3.0])).at(np.array([0.0, 2.0, 3.0])).tolist()
    [0.25, 0.25, 0.75]
    """
    finite = np.isfinite(values)
    if weights is None:
        points, counts = np.unique(values[finite], return_counts=True)
        return Ecdf(points, np.cumsum(counts) / max(values.size, 1))
    points, places = np.unique(values[finite], return_inverse=True)
    sums: Reals = np.bincount(places.ravel(), weights[finite], len(points)).astype(np.float64).cumsum()
    total = math.fsum(weights.ravel())
    return Ecdf(points, np.minimum(sums / total, 1.0) if total else sums)

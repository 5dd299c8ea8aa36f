"""The profile of a pair: who is faster on each problem, and by how much, whatever else takes part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adambench.analysis.quantile import Reals


@dataclass(frozen=True)
class LogRatios:
    """values  (problems that at least one solved,) ascending; -inf where only the first solved it, +inf where only the
            second did
    failed  on how many problems both failed; these have no ratio
    """

    values: Reals
    failed: int


def log_ratios(first: Reals, second: Reals) -> LogRatios:
    """log2(t_first / t_second), sorted: below 0 where the first is the faster.

    first, second  (problems,) evaluations to the target, +inf where it was not hit; 0 counts as 1

    Unlike performance profiles it rests on the two alone. Source: Morales 2002, A numerical study of limited memory
    BFGS methods, Appl. Math. Lett. 15(4), 481-487; Gould & Scott 2016, ACM TOMS 43(2) 15, for why.
    """
    solved = np.isfinite(first) | np.isfinite(second)
    ratios = np.log2(np.maximum(first[solved], 1.0)) - np.log2(np.maximum(second[solved], 1.0))
    return LogRatios(np.sort(ratios), int((~solved).sum()))

"""The penalised average runtime."""

from __future__ import annotations

import math

import numpy as np

from adambench.analysis.quantile import Reals

FACTOR = 10.0


def penalized_runtime(hits: Reals, budget: float, factor: float = FACTOR) -> float | None:
    """PAR-10: the mean evaluations to a target, with 10 budgets for a trial that never hit it; None of no trials.

    PAR = (sum of the hits + (failures) factor budget) / (trials)

    hits  (trials,) the first evaluation at the target, +inf where it was never hit

    It depends on the budget wherever a trial failed, which the expected runtime does less. Source: Hutter, Hoos,
    Leyton-Brown & Stutzle 2009, ParamILS, JAIR 36, 267-306, section 2.

    >>> penalized_runtime(np.array([40, np.inf]), 100)
    520.0
    """
    return math.fsum(np.where(np.isfinite(hits), hits, factor * budget)) / len(hits) if len(hits) else None

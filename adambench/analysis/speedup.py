"""How many times fewer evaluations one optimizer needs than another, over problems."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from adambench.analysis.quantile import Reals


@dataclass(frozen=True)
class Speedup:
    """factor   above 1 where the optimizer is the faster; None over no problems
    charged  on how many problems a failure, of either, was charged one evaluation beyond the budget
    failed   of these, how many where both failed, which add a ratio of 1
    problems over how many problems
    """

    factor: float | None
    charged: int
    failed: int
    problems: int


def geometric_speedup(runtimes: Reals, reference: Reals, budgets: Reals) -> Speedup:
    """exp(mean over p of log(t_reference / t)), a failure's t being the budget + 1.

    runtimes   (problems,) the optimizer's evaluations to the target, +inf where it was not hit; 0 counts as 1
    reference  (problems,) those of the optimizer it is compared with
    budgets    (problems,) at least 0

    What a failure is charged is the least it can have needed, so the factor errs towards 1 for each problem that only
    one of them solved.

    Source: mlcommons/algorithmic-efficiency scoring/compute_speedups.py (there the inverse).

    >>> geometric_speedup(np.array([50.0]), np.array([np.inf]), np.array([99.0]))
    Speedup(factor=2.0, charged=1, failed=0, problems=1)
    """
    both = np.stack((runtimes, reference))
    failed = ~np.isfinite(both)
    spent = np.maximum(np.where(failed, budgets + 1.0, both), 1.0)
    logs = np.log(spent[1] / spent[0])
    return Speedup(
        factor=math.exp(math.fsum(logs) / len(logs)) if len(logs) else None,
        charged=int(failed.any(axis=0).sum()),
        failed=int(failed.all(axis=0).sum()),
        problems=len(logs),
    )

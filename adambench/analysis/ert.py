"""The expected runtime of an optimizer that is restarted until it hits a target."""

from __future__ import annotations

import numpy as np

from adambench.analysis.quantile import Reals


def spent_until(hits: Reals, evaluations: Reals) -> Reals:
    """(trials,) evaluations until hit or stop: a failure is charged what it spent itself."""
    return np.where(np.isfinite(hits), hits, evaluations)


def expected_runtime(hits: Reals, evaluations: Reals) -> float | None:
    """Expected runtime (ERT) to one target, in evaluations.

    ERT = (evaluations of all trials, each until it hit the target or stopped) / (trials that hit it)

    hits         (trials,) the first evaluation at the target, +inf where it was never hit
    evaluations  (trials,) what each trial spent

    None where no trial hit the target. Source: Hansen et al., COCO: Performance Assessment, arXiv:1605.03560.

    >>> expected_runtime(np.array([40, np.inf]), np.array([100.0, 100.0]))
    140.0
    """
    successes = int(np.isfinite(hits).sum())
    return float(spent_until(hits, evaluations).sum()) / successes if successes else None

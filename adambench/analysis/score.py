"""The AlgoPerf benchmark score: the area under a performance profile, as one number."""

from __future__ import annotations

import math

import numpy as np

from adambench.analysis.profile import performance_ratios
from adambench.analysis.quantile import Reals

R_MAX = 4.0
"""The ratio to the fastest from which on an optimizer gains nothing."""


def algoperf_scores(runtimes: Reals) -> list[float] | None:
    """For each optimizer, from 0 (never within R_MAX of the fastest) to 1 (always the fastest); None over no problems.

    B_s = 1 / (R_MAX - 1) integral from 1 to R_MAX of rho_s(tau) dtau
        = 1 / (problems) sum over p of max(0, (R_MAX - r_ps) / (R_MAX - 1))

    runtimes  (problems, optimizers) as `profile.performance_ratios` takes them

    A failure adds 0, and a problem that nobody solved stays in the denominator. Relative: it depends on which
    optimizers take part.

    Source: Dahl et al. 2023, Benchmarking Neural Network Training Algorithms, arXiv:2306.07179;
    mlcommons/algorithmic-efficiency scoring/performance_profile.py (which integrates by trapezoids).
    """
    gains = np.maximum(R_MAX - performance_ratios(runtimes), 0.0) / (R_MAX - 1.0)
    return [math.fsum(gain) / len(gain) for gain in gains.T] if len(gains) else None

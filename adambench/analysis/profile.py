"""Performance and data profiles: the share of problems that each optimizer solves within a cost."""

from __future__ import annotations

import numpy as np

from adambench.analysis.ecdf import Ecdf, ecdf
from adambench.analysis.quantile import Reals


def performance_ratios(runtimes: Reals) -> Reals:
    """(problems, optimizers) r = t / (smallest t on the problem); +inf for a failure, and where all fail.

    runtimes  (problems, optimizers) evaluations to the target, +inf where it was not hit; 0 counts as 1

    Every cell is a measured one: problems that some optimizer skipped are the caller's to leave out.
    """
    spent = np.maximum(runtimes, 1.0)
    best = spent.min(axis=1, keepdims=True, initial=np.inf)
    ratios: Reals = np.divide(spent, best, out=np.full(spent.shape, np.inf), where=np.isfinite(best))
    return ratios


def performance_profiles(runtimes: Reals) -> list[Ecdf]:
    """For each optimizer s, rho_s(tau) = |{p : r_ps <= tau}| / (problems), with r of `performance_ratios`.

    rho_s(1) is the share of problems on which it is fastest (ties count for all), rho_s(inf) the share it solved. A
    problem that nobody solved stays in the denominator. Relative: with more than two optimizers, taking one away can
    swap the order of two others (Gould & Scott 2016, ACM TOMS 43(2) 15); `log_ratio` compares a pair alone.

    Source: Dolan & More 2002, Math. Program. 91, 201-213, section 2.
    """
    return [ecdf(ratios) for ratios in performance_ratios(runtimes).T]


def data_profiles(runtimes: Reals, units: Reals) -> list[Ecdf]:
    """For each optimizer s, d_s(kappa) = |{p : t_ps / u_p <= kappa}| / (problems).

    runtimes  (problems, optimizers) evaluations to the target, +inf where it was not hit
    units     (problems,) > 0, evaluations in one unit of cost: 1, or those of an epoch for minibatches (More & Wild,
              without gradients: dimension + 1)

    Absolute: no optimizer's depends on another's. Source: More & Wild 2009, SIAM J. Optim. 20(1), 172-191, section 2.
    """
    return [ecdf(costs) for costs in (runtimes / units[:, np.newaxis]).T]

"""Two optimizers on the same random numbers: how many times faster, and how often first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adambench.analysis.bootstrap import paired_interval
from adambench.analysis.difference import (
    ALPHA,
    LEAST,
    centre,
    different,
    different_over,
    exactly,
    factor,
    factors,
    spread,
    student_interval,
    wins,
)
from adambench.analysis.proportion import mean_interval
from adambench.analysis.quantile import Reals
from adambench.analysis.speedup import Race, charged_ratios, geometric_speedup


def compare_pair(race: Race, alpha: float = ALPHA, exact: bool = False) -> dict[str, Any]:
    """A against B on one problem, over common random numbers: plain data.

    exact           nothing is random on the problem, so that one trial of each is all there is to know

    pairs           seeds that both ran
    a_failed, b_failed, both_failed   pairs in which only A, only B, neither hit the target
    speedup         geometric mean of T_B / T_A, a failure's T being the budget + 1: above 1 where A is faster; None
                    where no trial hit
    ci95            its interval: exp(mean +- Student's quantile * s / sqrt(pairs)); blind to failures that no pair
                    showed (`speedup.Speedup`)
    bootstrap95     the same by a studentised bootstrap of the pairs (wider below 20 pairs)
    variance_ratio  Var D / (Var log T_A + Var log T_B), D = log T_A - log T_B: below 1 is what pairing brought (1 is
                    nothing, 0 is all); over the pairs in which both hit
    win             P(T_A < T_B) + P(tie) / 2, in which both_failed is a tie
    win_ci95        Wilson's interval with ties; None where all pairs tie
    verdict         see `different`; its speed-up, where no trial failed, is less moved by a few long trials than the
                    mean. `exact`: as the times are, test "exact"

    What rests on too few pairs is None. Source of the variance: Law 2015, Simulation Modeling and Analysis, section
    11.2; of the win probability: Vargha & Delaney 2000, J. Educ. Behav. Stat. 25, 101-132, of pairs.
    """
    times_a, times_b = race.first, race.second
    ratios, ahead = charged_ratios(race), wins(times_a, times_b)
    missed_a, missed_b = np.isinf(times_a), np.isinf(times_b)
    return {
        "pairs": len(ratios),
        "a_failed": int((missed_a & ~missed_b).sum()),
        "b_failed": int((missed_b & ~missed_a).sum()),
        "both_failed": int((missed_a & missed_b).sum()),
        "speedup": factor(centre(ratios)) if race.decided else None,
        "ci95": factors(student_interval(ratios)) if race.decided else None,
        "bootstrap95": factors(paired_interval(ratios)) if race.decided else None,
        "variance_ratio": _variance_ratio(times_a, times_b),
        "win": centre(ahead) if len(ahead) else None,
        "win_ci95": mean_interval(ahead),
        "verdict": exactly(times_a, times_b) if exact else different(times_a, times_b, alpha),
    }


def compare_problems(races: Sequence[Race], alpha: float = ALPHA) -> dict[str, Any]:
    """A against B over problems, each a race of at least one seed; problems weigh the same.

    problems     how many
    used         of these, those on which every trial hit
    charged      those on which one hit and another did not: `speedup.geometric_speedup` charges a failure one
                 evaluation beyond the budget
    undecided    those on which no trial hit, which have no part in the speed-up
    bound        on which side of the speed-up failures leave the true one, as `speedup.Speedup` has it
    pairs, a_failed, b_failed, both_failed   as in compare_pair, over all problems
    speedup, ci95, bootstrap95   `speedup.geometric_speedup`'s factor and its two intervals
    win          mean over all problems of the win probability on each
    win_ci95     Student's interval of it, s from problem to problem, kept in [0, 1]; None below 3 problems, and where
                 all have the same, which leaves no spread to judge by
    verdict      see `different_over`
    """
    found = geometric_speedup(races)
    pairs = [(race.first, race.second) for race in races]
    ahead = np.array([centre(wins(*pair)) for pair in pairs])
    missed = [(np.isinf(times_a), np.isinf(times_b)) for times_a, times_b in pairs]
    return {
        "problems": len(pairs),
        "used": found.problems - found.charged,
        "charged": found.charged,
        "undecided": found.undecided,
        "bound": found.bound,
        "pairs": sum(len(times_a) for times_a, _ in pairs),
        "a_failed": sum(int((a & ~b).sum()) for a, b in missed),
        "b_failed": sum(int((b & ~a).sum()) for a, b in missed),
        "both_failed": sum(int((a & b).sum()) for a, b in missed),
        "speedup": found.factor,
        "ci95": found.ci95,
        "bootstrap95": found.bootstrap95,
        "win": centre(ahead) if pairs else None,
        "win_ci95": _share_interval(ahead),
        "verdict": different_over(pairs, alpha),
    }


def _share_interval(shares: Reals) -> list[float] | None:
    """Of the mean of (problems,) values between 0 and 1, each measured over seeds of its own: no mere successes."""
    bounds = student_interval(shares) if len(np.unique(shares)) > 1 else None
    return None if bounds is None else [max(bounds[0], 0.0), min(bounds[1], 1.0)]


def _variance_ratio(times_a: Reals, times_b: Reals) -> float | None:
    both = np.isfinite(times_a) & np.isfinite(times_b)
    if both.sum() < LEAST:
        return None
    logs_a, logs_b = (np.log(np.maximum(times[both], 1.0)) for times in (times_a, times_b))
    apart = spread(logs_a) ** 2 + spread(logs_b) ** 2
    return spread(logs_a - logs_b) ** 2 / apart if apart else None

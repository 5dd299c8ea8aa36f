"""Whether one of two optimizers is faster, over common random numbers: the rule, and the interval that goes with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from adambench.analysis.quantile import Reals, known
from adambench.analysis.signed_rank import shift_interval, signed_rank
from adambench.errors import AdambenchError

ALPHA = 0.05
LEAST = 3
"""Pairs, or problems, below which Student's test is not asked: two equal differences happen by chance too often."""
Pair = tuple[Reals, Reals]


def log_ratios(times_a: Reals, times_b: Reals) -> Reals:
    """(pairs,) log T_A - log T_B: -inf where only A hit, +inf where only B did, 0 where neither did.

    times  (pairs,) evaluations to a target, +inf where it was never hit, the same seed at the same place; 0 counts as 1
    """
    if len(times_a) != len(times_b):
        raise AdambenchError(f"pairs need the same seeds of both: got {len(times_a)} and {len(times_b)} times")
    neither = np.isinf(times_a) & np.isinf(times_b)
    logs_a, logs_b = (np.log(np.where(neither, 1.0, np.maximum(times, 1.0))) for times in (times_a, times_b))
    return np.asarray(logs_a - logs_b, np.float64)


def wins(times_a: Reals, times_b: Reals) -> Reals:
    """(pairs,) 1 where A was first, 1/2 where both or neither hit at once, 0 where B was first."""
    return np.asarray((times_a < times_b) + 0.5 * (times_a == times_b), np.float64)


def different(times_a: Reals, times_b: Reals, alpha: float = ALPHA) -> dict[str, Any]:
    """Is one of two optimizers faster than the other on one problem?

    By the exact signed-rank test of the log ratios, in which failures are the largest, wherever so many pairs can show
    something at all: from 6 at 5%. Below, if no trial failed, by Student's t of their mean. Both hold their level with
    few seeds, where the percentile bootstrap calls an optimizer different from itself in one case of six, and the first
    finds what it finds in spite of a few long trials (tests/benchmarks/null.py, power.py).

    different   True or False; None where these pairs could not have shown it
    faster      "a", "b", or None where not different
    test        "signed_rank" or "student"; None below LEAST pairs
    p           None where different is None
    smallest_p  what p could have been at best with these pairs
    speedup     how many times faster A is, by the estimate that goes with the test (Hodges & Lehmann's median of means
                of two; the geometric mean); None where any trial failed, which has no time
    ci95        its interval, which leaves out 1 where different at 5% (but for ties); None with the speed-up, and where
                so few pairs have none
    """
    ratios, complete = log_ratios(times_a, times_b), not failures((times_a, times_b))
    found = _judged(ratios, complete=complete, alpha=alpha)
    return {**found, **(_shift(ratios, found["test"]) if complete else {"speedup": None, "ci95": None})}


def exactly(times_a: Reals, times_b: Reals) -> dict[str, Any]:
    """The verdict of `different` where nothing is random: the first pair decides, and the interval has no width."""
    ratio = float(log_ratios(times_a, times_b)[0]) if len(times_a) else 0.0
    speedup = factor(ratio) if np.isfinite(ratio) and np.isfinite(times_a[:1]).all() else None
    return {
        **{"different": ratio != 0.0, "faster": ("a" if ratio < 0 else "b") if ratio else None},
        **{"test": "exact", "p": None, "smallest_p": 0.0},
        **{"speedup": speedup, "ci95": None if speedup is None else [speedup, speedup]},
    }


def different_over(problems: Sequence[Pair], alpha: float = ALPHA) -> dict[str, Any]:
    """Is one of two optimizers faster than the other over problems?

    As `different`, of one value a problem: the mean log ratio where every trial on every problem hit, else the win
    probability less 1/2, of which there is no speed-up.
    """
    if any(map(failures, problems)):
        found = _judged(np.array([0.5 - centre(wins(*pair)) for pair in problems]), complete=False, alpha=alpha)
        return {**found, "speedup": None, "ci95": None}
    means = np.array([centre(log_ratios(*pair)) for pair in problems])
    found = _judged(means, complete=True, alpha=alpha)
    return {**found, **_shift(means, found["test"])}


def factor(log_ratio: float) -> float | None:
    """A mean log ratio as a speed-up; None where that is infinite."""
    return known(math.exp(-log_ratio)) if abs(log_ratio) < 700.0 else None


def factors(interval: Sequence[float | None] | None) -> list[float | None] | None:
    """Bounds of a mean log ratio as bounds of the speed-up: the other way round."""
    if interval is None:
        return None
    return [None if bound is None else factor(bound) for bound in reversed(interval)]


def failures(pair: Pair) -> bool:
    """Did any trial miss the target?"""
    return bool(np.isinf(pair[0]).any() or np.isinf(pair[1]).any())


def centre(values: Reals) -> float:
    """The mean, whatever the order."""
    return math.fsum(values) / len(values)


def spread(values: Reals) -> float:
    """Standard deviation of at least two values; rounding is no spread."""
    middle = centre(values)
    found = math.sqrt(math.fsum((values - middle) ** 2) / (len(values) - 1))
    return found if found > 1e-12 * max(1.0, abs(middle)) else 0.0


def student_interval(values: Reals) -> list[float] | None:
    """mean +- Student's 97.5% quantile * s / sqrt(n) (Student 1908, Biometrika 6, 1-25); None below LEAST values."""
    if len(values) < LEAST:
        return None
    reach = float(stdtrit(len(values) - 1, 0.975)) * spread(values) / math.sqrt(len(values))
    return [centre(values) - reach, centre(values) + reach]


def _shift(values: Reals, test: str | None) -> dict[str, Any]:
    """The speed-up and its interval that go with the test of the log ratios."""
    if test == "student":
        return {"speedup": factor(centre(values)), "ci95": factors(student_interval(values))}
    estimate, bounds = shift_interval(values)
    return {"speedup": None if estimate is None else factor(estimate), "ci95": factors(bounds)}


def _student_p(values: Reals) -> float:
    middle, found = centre(values), spread(values)
    if not found:
        return 1.0 if abs(middle) <= 1e-12 else 0.0
    return 2.0 * float(stdtr(len(values) - 1, -abs(middle) / found * math.sqrt(len(values))))


def _judged(differences: Reals, *, complete: bool, alpha: float) -> dict[str, Any]:
    """The verdict on values that are below 0 where A is faster."""
    found: dict[str, Any] = {"different": None, "faster": None, "test": None, "p": None, "smallest_p": 1.0}
    if len(differences) < LEAST:
        return found
    ranked = signed_rank(differences, alpha)
    found.update(test="signed_rank", p=ranked["p"], smallest_p=ranked["smallest_p"])
    balance = ranked["balance"]
    if complete and 2.0 ** (1 - len(differences)) > alpha:
        found.update(test="student", p=_student_p(differences), smallest_p=0.0)
        balance = centre(differences)
    if found["p"] is not None:
        found["different"] = found["p"] <= alpha
        found["faster"] = ("a" if balance < 0 else "b") if found["different"] else None
    return found


def ratio_interval(ratios: Reals, infinite: float = math.inf) -> tuple[float, list[float]] | None:
    """(estimate, [low, high]) of (n,) log ratios of pairs, at 95%: by the signed-rank test (shift_interval), wherever
    so few have an interval by it, from 6 on; else their mean by Student's t.

    infinite  the size that stands for an infinite ratio, which has a rank but no mean; below 1e8

    None below LEAST ratios, and below 6 where one of them is infinite.
    """
    if len(ratios) < LEAST:
        return None
    estimate, bounds = shift_interval(ratios)
    known = [bound for bound in bounds or () if bound is not None]
    if estimate is not None and len(known) == 2:
        return estimate, known
    found = student_interval(ratios) if (np.abs(ratios) < infinite).all() else None
    return None if found is None else (centre(ratios), found)

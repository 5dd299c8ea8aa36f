"""95% intervals of the statistics of one row, chosen by their coverage in tests/benchmarks/interval_coverage.py."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.special import bdtr, stdtrit

from adambench.analysis.proportion import wilson_interval
from adambench.analysis.quantile import Reals, known

LEVEL = 0.95
LEAST = 5
"""Trials below which no two of them enclose the median in nearly 95% of cases: the extremes of 4 do in 87.5%."""

Interval = list[float | None]


@lru_cache(maxsize=256)
def median_ranks(trials: int) -> tuple[int, int]:
    """The ranks, from 0, of the sorted values that bound the median: as far from one end as from the other, with the
    coverage nearest to 95% (the wider of two that are as near)."""
    places = np.arange((trials + 1) // 2)
    low = int(np.abs(1.0 - 2.0 * bdtr(places, trials, 0.5) - LEVEL).argmin())
    return low, trials - 1 - low


def median_interval(values: Reals) -> Interval | None:
    """[low, high] of the median of (trials,) values, whatever their order; an infinite bound is None.

    Two of the values themselves: the number of values below the median is binomial with probability 1/2 (Thompson
    1936, Ann. Math. Stat. 7, 122-128; David & Nagaraja 2003, Order Statistics, section 7.1), so that the coverage
    depends on the number of trials alone (from 8 on between 92% and 98%), and failures take part as +infinity. None
    below LEAST trials.
    """
    if len(values) < LEAST:
        return None
    ordered = np.sort(values)
    return [known(ordered[place]) for place in median_ranks(len(values))]


def ert_interval(spent: Reals, hit: Reals) -> Interval | None:
    """[low, high] of the expected runtime, whatever the order of the trials; an infinite bound is None.

    spent  (trials,) evaluations until hit or stop
    hit    (trials,) 1.0 where the trial hit the target, else 0.0

    ERT = E[spent] / P(hit). The interval of a ratio is put together from those of its two parts and their correlation r
    (MOVER: Zou & Donner 2008, Stat. Med. 27, 1693-1702; Donner & Zou 2012, Stat. Methods Med. Res. 21, 347-359), in
    logarithms: with d, u the distances from log mean(spent) down and up to its limits, and a, b those from log P(hit),

        log ERT - sqrt(d^2 - 2 r d b + b^2)  ..  log ERT + sqrt(u^2 - 2 r u a + a^2)

    The limits of P(hit) are Wilson's; those of the mean are Student's for mean^(-1/2), a scale on which means of
    long-tailed values are nearly symmetric (Hall 1992, J. R. Stat. Soc. B 54, 221-228, on transformations); both with
    Student's quantile. Trials that all hit still leave room for failures, trials that all failed for success: the low
    bound is finite then. None below two trials.

    What no trial showed, the data cannot bound: where failures are rare and cost much more than a hit, most of ERT is
    theirs, and an interval of trials that all hit lies below it. Where 5% fail at 60 times the cost of a hit it holds
    the truth in 58% of cases at 20 seeds, 90% at 50; with failures frequent enough to be seen in 92% to 98%, from 20
    seeds on.
    """
    trials = len(spent)
    if trials < 2:
        return None
    order = np.lexsort((hit, spent))
    spent, hit = spent[order], hit[order]
    mean, rate = float(spent.mean()), float(hit.mean())
    if mean == 0.0:
        return [0.0, 0.0 if rate else None]
    quantile = float(stdtrit(trials - 1, 0.5 + LEVEL / 2))
    half = quantile * float(spent.std(ddof=1)) / (2.0 * mean * math.sqrt(trials))
    down, up = 2.0 * math.log1p(half), -2.0 * math.log1p(-half) if half < 1.0 else math.inf
    limits = wilson_interval(int(hit.sum()), trials, quantile)
    assert limits is not None
    if not rate:
        return [mean * math.exp(-down) / limits[1], None]
    together = _correlation(spent, hit)
    low = mean / rate * math.exp(-_joined(down, math.log(limits[1] / rate), together))
    return [low, known(mean / rate * math.exp(_joined(up, math.log(rate / limits[0]), together)))]


def _joined(spread: float, other: float, correlation: float) -> float:
    if spread == math.inf:
        return math.inf
    return math.sqrt(max(spread * spread - 2.0 * correlation * spread * other + other * other, 0.0))


def _correlation(first: Reals, second: Reals) -> float:
    """Pearson's; 0 where either is constant, which it cannot go along with anything."""
    one, two = first - first.mean(), second - second.mean()
    scale = math.sqrt(float(one @ one) * float(two @ two))
    return min(max(float(one @ two) / scale, -1.0), 1.0) if scale else 0.0

"""95% percentile bootstrap over the trials of one row: 2,000 resamples that depend on the number of trials alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from adambench.analysis.quantile import Reals, known, rank

DRAWS = 2000
KEY = 0x5EED
LOW, HIGH = rank(DRAWS, 0.025), rank(DRAWS, 0.975)

Interval = list[float | None]


@lru_cache(maxsize=4)
def resamples(trials: int) -> Reals:
    """(DRAWS, trials), read-only: how often each trial is in each resample; every row sums to `trials`.

    Raw Philox words rather than Generator.integers, whose stream numpy may change.
    """
    words = np.random.Philox(key=KEY).random_raw(DRAWS * trials).reshape(DRAWS, trials)
    drawn = ((words >> np.uint64(32)) * np.uint64(trials) >> np.uint64(32)).astype(np.int64)
    places = drawn + np.arange(DRAWS, dtype=np.int64)[:, np.newaxis] * trials
    counts = np.bincount(places.ravel(), minlength=DRAWS * trials).reshape(DRAWS, trials).astype(np.float64)
    counts.setflags(write=False)
    return counts


@lru_cache(maxsize=64)
def _median_ranks(trials: int) -> tuple[int, int]:
    """Where, in the sorted values, the bounds of the median lie: a resample of sorted values is a resample of ranks."""
    medians = (np.cumsum(resamples(trials), axis=1) > rank(trials, 0.5)).argmax(axis=1)
    medians.sort()
    return int(medians[LOW]), int(medians[HIGH])


def median_interval(values: Reals) -> Interval | None:
    """[low, high] of the median of (trials,) values, whatever their order; an infinite bound is None.

    None below two values.
    """
    if len(values) < 2:
        return None
    ordered = np.sort(values)
    return [known(ordered[place]) for place in _median_ranks(len(values))]


def ert_interval(spent: Reals, hit: Reals) -> Interval | None:
    """[low, high] of the expected runtime, whatever the order of the trials; an infinite bound is None.

    spent  (trials,) evaluations until hit or stop
    hit    (trials,) 1.0 where the trial hit the target, else 0.0

    None below two trials. A resample without a hit has an infinite ERT.
    """
    if len(spent) < 2:
        return None
    order = np.lexsort((hit, spent))
    counts = resamples(len(spent))
    totals, hits = counts @ spent[order], counts @ hit[order]  # sums of integers: exact in any order
    runtimes = np.divide(totals, hits, out=np.full(DRAWS, np.inf), where=hits > 0)
    runtimes.partition((LOW, HIGH))
    return [known(runtimes[LOW]), known(runtimes[HIGH])]

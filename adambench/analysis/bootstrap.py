"""Studentised bootstrap of a mean: over the values, or over groups and the values within them; 2,000 resamples under a
fixed key, which depend on the numbers of values alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.interval import Interval
from adambench.analysis.quantile import Reals, known, rank

DRAWS = 2000
KEY = 0x5EED
LARGEST = 500_000
"""Random words drawn at a time."""
LEAST = 3
"""Values, or groups, below which a resample tells nothing about a spread."""


@lru_cache(maxsize=4)
def resamples(trials: int) -> Reals:
    """(DRAWS, trials), read-only: how often each trial is in each resample; every row sums to `trials`."""
    places = _drawn(DRAWS * trials, trials).reshape(DRAWS, trials) + np.arange(DRAWS)[:, np.newaxis] * trials
    counts = np.bincount(places.ravel(), minlength=DRAWS * trials).reshape(DRAWS, trials).astype(np.float64)
    counts.setflags(write=False)
    return counts


def paired_interval(differences: Reals) -> Interval | None:
    """[low, high] of the mean of (n,) finite differences, one a pair; whatever their order. None below LEAST.

    mean +- q s / sqrt(n), q the 95% quantile of |mean* - mean| sqrt(n) / s* over resamples of the pairs: the symmetric
    bootstrap-t (Hall 1988, J. R. Stat. Soc. B 50, 35-45). A bound is None where so many resamples are of one value
    that nothing bounds it.
    """
    size = len(differences)
    if size < LEAST:
        return None
    ordered = np.sort(differences)
    centre = float(ordered.mean())
    off = ordered - centre
    counts = resamples(size)
    means = counts @ off / size
    variances = np.maximum(counts @ (off * off) / size - means * means, 0.0)
    return _symmetric(centre, float(np.sqrt(off @ off / size)), means, np.sqrt(variances))


def hierarchical_interval(groups: Sequence[Reals]) -> Interval | None:
    """[low, high] of the mean over groups (problems) of their means; resampled are groups, then values within each.

    Studentised as in paired_interval, by the spread of the means of the groups: without that, the values' own spread
    counts twice, and a few groups count for too many (Davison & Hinkley 1997, section 3.8). The order of groups and
    values does not matter. None below LEAST groups.
    """
    size = len(groups)
    if size < LEAST:
        return None
    ordered = sorted((np.sort(group) for group in groups), key=lambda group: (len(group), group.tolist()))
    lengths = np.array([len(group) for group in ordered])
    table = np.zeros((size, lengths[-1]))
    for row, group in zip(table, ordered, strict=True):
        row[: len(group)] = group
    drawn = _regrouped(table, lengths)
    means = np.array([float(group.mean()) for group in ordered])
    centre = float(means.mean())
    return _symmetric(centre, float(means.std()), drawn.mean(axis=1) - centre, drawn.std(axis=1))


def _regrouped(table: Reals, lengths: NDArray[np.int64]) -> Reals:
    """(DRAWS, groups) means of resampled groups; a part of the draws at a time, so that memory stays small."""
    size, longest = table.shape
    source = np.random.Philox(key=KEY)
    part = max(LARGEST // (size * (1 + longest)), 1)
    drawn = []
    for first in range(0, DRAWS, part):
        count = min(part, DRAWS - first)
        words = source.random_raw(count * size * (1 + longest)).reshape(count, size, 1 + longest)
        chosen = _below(words[..., 0], np.uint64(size))
        kept = lengths[chosen][..., np.newaxis]
        values = table[chosen[..., np.newaxis], _below(words[..., 1:], kept.astype(np.uint64))]
        values[np.broadcast_to(np.arange(longest) >= kept, values.shape)] = 0.0
        drawn.append(values.sum(axis=2) / kept[..., 0])
    return np.concatenate(drawn)


def _symmetric(centre: float, spread: float, means: Reals, spreads: Reals) -> Interval:
    """centre +- the 95% quantile of |means| / spreads, times the spread; rounding is no spread."""
    floor = 1e-7 * max(spread, float(np.abs(means).max()))
    pivots = np.full(DRAWS, np.inf)
    np.divide(np.abs(means), spreads, out=pivots, where=spreads > floor)
    pivots[np.abs(means) <= floor] = 0.0
    quantile = float(np.sort(pivots)[rank(DRAWS, 0.95)])
    reach = quantile * spread if spread else 0.0
    return [known(centre - reach), known(centre + reach)] if reach < math.inf else [None, None]


def _words(size: int) -> NDArray[np.uint64]:
    """Raw Philox words rather than Generator.integers, whose stream numpy may change."""
    return np.random.Philox(key=KEY).random_raw(size)


def _below(words: NDArray[np.uint64], size: np.uint64 | NDArray[np.uint64]) -> NDArray[np.int64]:
    """Uniform whole numbers below `size`."""
    return ((words >> np.uint64(32)) * size >> np.uint64(32)).astype(np.int64)


def _drawn(count: int, size: int) -> NDArray[np.int64]:
    return _below(_words(count), np.uint64(size))

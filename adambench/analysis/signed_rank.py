"""Wilcoxon's signed-rank test, exact with ties, zeros and infinite differences, and the interval that goes with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from adambench.analysis.quantile import Reals

EXACT = 200
"""Differences up to which all signs are counted; beyond, the normal approximation is as good."""
MOST = 1000
"""Differences up to which the means of all pairs are listed; of more, the few that matter are looked for."""
HALVINGS = 90
"""Of 2 BEYOND, after which less is left than a rounding of any logarithm."""
BEYOND = 1e9
"""Stands for infinity among logarithms."""


def signed_rank(differences: Reals, alpha: float = 0.05) -> dict[str, Any]:
    """Are (n,) differences as likely above 0 as below, by the sum of the ranks of those above?

    pairs       n
    nonzero     differences that are not 0
    statistic   the smaller of the sums of ranks above and below 0; ties share their mean rank, +-infinity are the
                largest, and zeros are ranked, then left out (Pratt 1959, J. Am. Stat. Assoc. 54, 655-667)
    balance     the sum above 0 less that below
    smallest_p  2 / 2^nonzero (at most 1): all signs alike
    p           two-sided; None where smallest_p > alpha, since nothing could have been shown

    p is the share of all assignments of signs to these ranks with a statistic as extreme: exact, and conditional on
    ties. Source: Wilcoxon 1945, Biometrics Bulletin 1, 80-83; `scipy.stats.wilcoxon`, which does not count with ties.
    """
    nonzero = int(np.count_nonzero(differences))
    doubled = _doubled_ranks(np.abs(differences))
    above, below = int(doubled[differences > 0].sum()), int(doubled[differences < 0].sum())
    smallest = min(2.0 ** (1 - nonzero), 1.0)
    p = None if smallest > alpha else _two_sided(doubled[differences != 0], min(above, below))
    return {
        "pairs": len(differences),
        "nonzero": nonzero,
        "statistic": min(above, below) / 2,
        "balance": (above - below) / 2,
        "smallest_p": smallest,
        "p": p,
    }


def shift_interval(differences: Reals) -> tuple[float | None, list[float | None] | None]:
    """(estimate, [low, high]) of the point about which (n,) logarithms are symmetric; an infinite one is None.

    The median of the means of all pairs, and the means between which the signed-rank test at 5% rejects no shift, so
    that 0 is outside where signed_rank finds a difference (but for ties). +-infinity takes part. The interval is None
    below 6 differences; of nothing both are. Source: Hodges & Lehmann 1963, Ann. Math. Stat. 34, 598-611; Hollander,
    Wolfe & Chicken 2014, Nonparametric Statistical Methods, section 3.3; R's `wilcox.test(conf.int = TRUE)`.
    """
    size = len(differences)
    if not size:
        return None, None
    count, place = size * (size + 1) // 2, _critical(size)
    places = [(count - 1) // 2, count // 2, *([] if place < 0 else [place, count - 1 - place])]
    finite = np.clip(np.sort(differences), -BEYOND, BEYOND)
    lower, upper, *bounds = _means(finite, places) if size <= MOST else [_mean_at(finite, place) for place in places]
    return _within((lower + upper) / 2), [_within(bound) for bound in bounds] or None


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of m tests, adjusted for their number: adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)).

    Source: Holm 1979, Scand. J. Stat. 6, 65-70; `statsmodels.stats.multitest.multipletests(method="holm")`.
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def _doubled_ranks(sizes: Reals) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Twice the rank of each size, ties sharing their mean: whole numbers."""
    ordered = np.sort(sizes)
    first = np.searchsorted(ordered, sizes, side="left")
    return first + np.searchsorted(ordered, sizes, side="right") + 1


def _two_sided(ranks: np.ndarray[Any, np.dtype[np.int64]], statistic: int) -> float:
    """2 P(sum of randomly kept ranks <= statistic), at most 1."""
    if len(ranks) > EXACT:
        centre, spread = float(ranks.sum()) / 2, math.sqrt(float((ranks**2).sum())) / 2
        return min(1.0, 2.0 * float(ndtr((statistic - centre) / spread)))
    chances = _chances(ranks[ranks <= statistic].tolist(), statistic)
    return min(1.0, 2.0 * float(chances.sum()) * 2.0 ** -int((ranks > statistic).sum()))


def _chances(ranks: Sequence[int], largest: int) -> Reals:
    """(largest + 1,) the chance of each sum of randomly kept ranks."""
    chances = np.zeros(largest + 1)
    chances[0] = 1.0
    for rank in ranks:
        moved = chances.copy()
        moved[rank:] += chances[:-rank]
        chances = moved / 2
    return chances


@lru_cache(maxsize=256)
def _critical(size: int) -> int:
    """The largest sum of ranks 1..size with 2 P(sum <= it) <= 5%; -1 where there is none."""
    if size > EXACT:
        centre, spread = size * (size + 1) / 4, math.sqrt(size * (size + 1) * (2 * size + 1) / 24)
        return math.floor(centre + float(ndtri(0.025)) * spread)
    below = np.cumsum(_chances(range(1, size + 1), size * (size + 1) // 2))
    return int(np.searchsorted(below, 0.025 * (1 + 1e-12), side="right")) - 1


def _means(ordered: Reals, places: Sequence[int]) -> list[float]:
    """At these places, from 0, among the sorted means of all pairs of the ascending values, each with itself too."""
    first, second = np.triu_indices(len(ordered))
    means = np.sort((ordered[first] + ordered[second]) / 2)
    return [float(means[place]) for place in places]


def _mean_at(ordered: Reals, place: int) -> float:
    """That of `_means` in time n log n and memory n: between the ends, halved until one mean is left."""
    own = np.arange(len(ordered))
    low, high = float(ordered[0]), float(ordered[-1])
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        partners = np.searchsorted(ordered, 2 * middle - ordered, side="right")
        if np.maximum(partners - own, 0).sum() > place:
            high = middle
        else:
            low = middle
    partners = np.searchsorted(ordered, 2 * high - ordered, side="right") - 1
    paired = partners >= own
    return float(((ordered[own[paired]] + ordered[partners[paired]]) / 2).max())


def _within(value: float) -> float | None:
    return value if abs(value) < BEYOND / 4 else None

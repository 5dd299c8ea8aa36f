"""What the best of n tuning draws is worth, for every n, and who would have won at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals, extended, known

LEVELS = (0.25, 0.5, 0.75)
"""Of `low`, `median` and `high`."""
MOST_AT_ONCE = 2_000_000
"""Numbers in one of the arrays of `best_probabilities`: more sizes are taken in turns."""
SLACK = 1e-12
"""Relative; a quantile's level is rounded, and so are the powers it is compared with."""


@dataclass(frozen=True)
class ExpectedBest:
    """n       how many draws the best is taken of
    mean      E[best of n]; None where it is infinite: some draw diverged, and n draws may all be such
    variance  of the best of n; None with the mean, or beyond float64
    low, median, high  quantiles of the best of n, each one of the draws; None where infinite
    """

    n: int
    mean: float | None
    variance: float | None
    low: float | None
    median: float | None
    high: float | None


def survival(draws: int, n: NDArray[np.int64], replacement: bool = True) -> Reals:
    """(len(n), draws + 1): for i = 0 .. draws, the probability that the best of n is worse than the i best draws.

    ((draws - i) / draws)^n with replacement, C(draws - i, n) / C(draws, n) without.
    """
    left = draws - np.arange(draws + 1.0)
    if replacement:
        powers: Reals = (left / draws) ** n[:, np.newaxis]
        return powers
    factors = np.maximum(left[:-1] - n[:, np.newaxis], 0.0) / left[:-1]
    products: Reals = np.cumprod(np.concatenate((np.ones((len(n), 1)), factors), axis=1), axis=1)
    return products


def expected_best(
    losses: Reals,
    replacement: bool = True,
    sizes: NDArray[np.int64] | None = None,
) -> list[ExpectedBest]:
    """The best of n i.i.d. tuning draws, for n = 1 .. the number of draws, or for the n in `sizes` alone; nothing of
    no draws.

    E[best of n] = sum over i of v_i (S(v_i^-)^n - S(v_i)^n),  S(v) = share of draws worse than v, v_i the draws
    Var likewise;  quantile q = the least v_i with 1 - S(v_i)^n >= q

    losses       (draws,) the loss of each tuning draw, in any order; inf or NaN where it diverged
    replacement  True: n draws from the empirical distribution (Sivaprasad; low by what repeats of the best draw take
                 up). False: n of these draws, each once (unbiased, but at n = draws it has no spread); S^n is then
                 C(k, n) / C(draws, n) with k draws worse, and no n above the number of draws

    Holds for independent draws from one distribution only. Quasi-random and adaptive draws are not such: without
    replacement it still describes random subsets of these very draws, and says nothing of a shorter search.

    Source: Sivaprasad et al. 2020, Optimizer Benchmarking Needs to Account for Hyperparameter Tuning,
    arXiv:1910.11758 (for the maximum: Dodge et al. 2019, Show Your Work, arXiv:1909.03004); without replacement:
    Tang et al. 2020, Showing Your Work Doesn't Always Work, arXiv:2004.13705.
    """
    values = np.sort(extended(losses))
    draws = len(values)
    if not draws:
        return []
    sizes = np.arange(1, draws + 1) if sizes is None else sizes
    alive = survival(draws, sizes, replacement)
    shares = alive[:, :-1] - alive[:, 1:]
    count = int(np.isfinite(values).sum())  # the first so many
    with np.errstate(over="ignore", invalid="ignore"):
        means = np.where(alive[:, count] > 0.0, np.inf, (shares[:, :count] * values[:count]).sum(axis=1))
        squares = (values[:count] - means[:, np.newaxis]) ** 2
        variances = np.where(np.isfinite(means), (shares[:, :count] * squares).sum(axis=1), np.inf)
    quantiles = [_quantiles(values, alive, level) for level in LEVELS]
    return [
        ExpectedBest(int(n), *(known(float(column[row])) for column in (means, variances, *quantiles)))
        for row, n in enumerate(sizes)
    ]


def _quantiles(values: Reals, alive: Reals, level: float) -> Reals:
    """(len(alive),) the least value that the best does not exceed with probability `level`."""
    reached = alive[:, 1:] <= (1.0 - level) * (1.0 + SLACK)
    found: Reals = values[reached.argmax(axis=1)]
    return found


def best_probabilities(losses: Sequence[Reals], sizes: NDArray[np.int64], replacement: bool = True) -> Reals:
    """(len(sizes), optimizers): for each n in `sizes` the probability that an optimizer's best of n is the lowest.

    P_s = sum over losses v of P(best_s = v) E[1 / (1 + K)],  where all others are at v or worse, K of them at v
        = sum over v of P(best_s = v) integral from 0 to 1 of prod over others o of (P(best_o > v) + u P(best_o = v)) du

    losses  for each optimizer its (draws,) losses, as `expected_best` takes them
    sizes   n >= 1 of each row, ascending or not

    Exact: optimizers draw independently, and Gauss-Legendre integrates that polynomial without error. Ties share their
    win; where every draw taken diverged nobody wins, so a row sums to 1 less the probability of that. 0 for an
    optimizer without draws, or, without replacement, with fewer than n. Relative: it depends on which optimizers take
    part. What holds of `expected_best` about i.i.d. draws holds here.

    Source: Sivaprasad et al. 2020, arXiv:1910.11758, which estimates it by resampling.
    """
    ordered = [np.sort(extended(values)) for values in losses]
    levels = np.unique(np.concatenate([np.zeros(0), *(values[np.isfinite(values)] for values in ordered)]))
    if len(ordered) * len(sizes) * len(levels) > MOST_AT_ONCE and len(sizes) > 1:
        halves = np.array_split(sizes, 2)
        return np.concatenate([best_probabilities(losses, half, replacement) for half in halves])
    above = np.ones((len(ordered), len(sizes), len(levels) + 1))  # P(best > level), the first before any level
    for place, values in enumerate(ordered):
        enough = np.full(len(sizes), len(values) > 0) & (replacement | (sizes <= len(values)))
        if enough.any():
            alive = survival(len(values), sizes[enough], replacement)
            above[place, enough, 1:] = alive[:, np.searchsorted(values, levels, side="right")]
    worse, at = above[:, :, 1:], above[:, :, :-1] - above[:, :, 1:]
    found = np.zeros((len(sizes), len(ordered)))
    nodes, weights = np.polynomial.legendre.leggauss(max((len(ordered) + 1) // 2, 1))
    for u, weight in zip((nodes + 1.0) / 2.0, weights / 2.0, strict=True):
        found += weight * (at * _of_others(worse + u * at)).sum(axis=2).T
    return found


def _of_others(factors: Reals) -> Reals:
    """(optimizers, ...) for each optimizer the product of all the others' factors."""
    before, after = np.ones_like(factors), np.ones_like(factors)
    np.cumprod(factors[:-1], axis=0, out=before[1:])
    np.cumprod(factors[:0:-1], axis=0, out=after[-2::-1])
    return before * after

"""The exact distribution of Friedman's statistic: every order of the ranks within each problem is as likely."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals

MOST = 2_000_000
"""Sums of ranks to look at; of more no exact value is worth the wait."""
LARGEST = 2**62
"""Of the numbers that stand for the sums of all optimizers."""

Whole = NDArray[np.int64]


def exact_p(placed: Reals) -> float | None:
    """P(sum over optimizers of their squared rank sums >= that of `placed`), if nobody differs from anybody.

    placed  (problems, optimizers) ranks within each problem, ties sharing their mean, so that p is conditional on ties

    The sums of the ranks of one problem after the other are followed with their probabilities; what differs by the
    names of the optimizers alone is one. None where that takes more than MOST sums: without ties beyond 3 problems with
    6 optimizers, 9 with 5, 25 with 4, 110 with 3, 1,400 with 2. Neither the order of problems nor that of optimizers
    changes a bit. Source: Friedman 1937, J. Am. Stat. Assoc. 32, 675-701; Kendall & Babington Smith 1939, Ann. Math.
    Stat. 10, 275-287, who list the first tables so.
    """
    doubled = np.rint(2.0 * (placed - placed.mean(axis=1, keepdims=True))).astype(np.int64)
    observed = int((doubled.sum(axis=0) ** 2).sum())
    problems = np.sort(doubled[doubled.any(axis=1)], axis=1)
    problems = problems[np.lexsort(problems.T)]
    if not len(problems):
        return 1.0
    if (2 * int(problems.max(axis=1).sum()) + 1) ** (placed.shape[1] - 1) > LARGEST:
        return None
    sums, chances, looked = problems[:1], np.ones(1), 0
    for number, ranks in enumerate(problems[1:], 1):
        looked += len(sums) * orders(ranks.tolist())
        if looked > MOST:
            return None
        ways = _arrangements(ranks)
        moved = (sums[:, np.newaxis] + ways).reshape(-1, sums.shape[1])
        share = np.repeat(chances / len(ways), len(ways))
        if number < len(problems) - 1:
            sums, chances = _together(np.sort(moved, axis=1), share)
        else:
            sums, chances = moved, share
    return min(math.fsum(chances[(sums**2).sum(axis=1) >= observed].tolist()), 1.0)


def smallest_p(placed: Reals) -> float:
    """What `exact_p` comes to where all problems rank alike, with the ties of `placed`; 1 over no problems.

    That the orders of all problems agree: (k!)^(1 - N) for N problems without ties.
    """
    ordered = np.sort(placed, axis=1)
    return orders(ordered.sum(axis=0).tolist()) / math.prod(orders(ranks) for ranks in ordered.tolist())


def orders(values: Iterable[float]) -> int:
    """In how many ways the values can be put in order; equal ones make no difference."""
    times = Counter(values)
    return math.factorial(times.total()) // math.prod(math.factorial(count) for count in times.values())


def _arrangements(ranks: Whole) -> Whole:
    """(orders(ranks), optimizers) each of them once."""
    values, counts = np.unique(ranks, return_counts=True)
    found, left = np.zeros((1, 0), np.int64), counts[np.newaxis]
    for _ in ranks:
        rows, chosen = np.nonzero(left)
        found = np.column_stack((found[rows], values[chosen]))
        left = left[rows]
        left[np.arange(len(rows)), chosen] -= 1
    return found


def _together(sums: Whole, chances: Reals) -> tuple[Whole, Reals]:
    """Each row once, in an order that depends on the rows alone, with the chances of all its copies."""
    number = sums[:, :-1] @ _weights(int(np.abs(sums).max()), sums.shape[1] - 1)  # the last follows: rows sum to 0
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=number[order[0]] - 1))
    return sums[order[first]], np.add.reduceat(chances[order], first)


def _weights(largest: int, columns: int) -> Whole:
    """By which whole numbers between -largest and largest make one number, different rows different ones."""
    return np.array([(2 * largest + 1) ** place for place in range(columns)], np.int64)

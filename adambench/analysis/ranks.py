"""Ranks of optimizers over problems, and tests of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import fdtrc

from adambench.analysis.difference import ALPHA
from adambench.analysis.listing import listed
from adambench.analysis.permutations import exact_p, smallest_p
from adambench.analysis.quantile import Reals
from adambench.analysis.signed_rank import holm, signed_rank
from adambench.errors import AdambenchError

NAMED = 5
"""How many empty cells an error names before it counts the rest."""


@dataclass(frozen=True)
class Blocks:
    """problems, optimizers  the names of rows and columns
    scores    (problems, optimizers) smaller is better, +inf where it failed; no cell is empty
    left_out  problems without a score of every optimizer
    """

    problems: tuple[str, ...]
    optimizers: tuple[str, ...]
    scores: Reals
    left_out: tuple[str, ...] = ()


def blocks(
    cells: Mapping[str, Mapping[str, float]], partial: bool = False, optimizers: Sequence[str] | None = None
) -> Blocks:
    """The table of `cells` (problem: optimizer: score), every optimizer scored on every problem.

    optimizers  who takes part, in which order; those of the cells unless given

    A cell that is absent was never measured, which is no failure. Ranks over unequal cells would compare optimizers on
    different problems: AdambenchError names the cells, unless `partial` leaves those problems out.
    """
    named = (name for row in cells.values() for name in row) if optimizers is None else optimizers
    optimizers = tuple(dict.fromkeys(named))
    missing = [(name, problem) for problem, row in cells.items() for name in optimizers if name not in row]
    if missing and not partial:
        which = listed([f"{name} on {problem}" for name, problem in missing], NAMED)
        raise AdambenchError(
            f"cannot rank over unequal cells: nothing was measured of {which}; "
            "run them, or leave these problems out with --partial"
        )
    left_out = dict.fromkeys(problem for _, problem in missing)
    problems = tuple(problem for problem in cells if problem not in left_out)
    scores = np.array([[cells[problem][name] for name in optimizers] for problem in problems], np.float64)
    return Blocks(problems, optimizers, scores.reshape(len(problems), len(optimizers)), tuple(left_out))


def ranks(scores: Reals) -> Reals:
    """(problems, optimizers) ranks within each problem, from 1; ties, two infinities among them, share their mean."""
    smaller = (scores[:, np.newaxis, :] < scores[:, :, np.newaxis]).sum(axis=2)
    equal = (scores[:, np.newaxis, :] == scores[:, :, np.newaxis]).sum(axis=2)
    return np.asarray(smaller + (equal + 1) / 2, np.float64)


def mean_ranks(scores: Reals) -> list[float] | None:
    """The mean rank of each optimizer; None over no problems."""
    return [float(mean) for mean in ranks(scores).mean(axis=0)] if len(scores) else None


def friedman(scores: Reals, alpha: float = ALPHA) -> dict[str, Any]:
    """Do k optimizers rank alike over N problems? Friedman's test, exact where that is affordable.

    scores  (N, k), smaller is better

    chi2        12 N / (k (k + 1)) (sum_j R_j^2 - k (k + 1)^2 / 4), R_j the mean ranks; divided by
                1 - sum (t^3 - t) / (N k (k^2 - 1)) over tied sets of t
    F, degrees  `iman_davenport` of it, and its degrees of freedom
    smallest_p  the chance that all problems rank alike, conditional on ties: (k!)^(1 - N) without
    p           None where smallest_p > alpha, since nothing could have been shown
    method      how p was computed. "exact": `permutations.exact_p`; of two optimizers, the sign test. "F": beyond what
                that can list, of F, and not below smallest_p, which finds something among equals in 5 to 6% of cases at
                5%. None with p

    chi2, F and p are None where every optimizer ties on every problem, with one optimizer, or on no problem. Source:
    Friedman 1937, J. Am. Stat. Assoc. 32, 675-701; Demsar 2006, J. Mach. Learn. Res. 7, section 3.2.2.
    """
    problems, optimizers = scores.shape
    placed = ranks(scores)
    smallest = smallest_p(placed)
    found: dict[str, Any] = {"chi2": None, "F": None, "degrees": None, "smallest_p": smallest, "p": None}
    squares = float(((placed - (optimizers + 1) / 2) ** 2).sum())
    if not squares:
        return {**found, "method": None}
    between = float((placed.sum(axis=0) - problems * (optimizers + 1) / 2) @ placed.sum(axis=0)) / problems
    chi2 = problems * (optimizers - 1) * between / squares
    f, degrees = iman_davenport(chi2, problems, optimizers), [optimizers - 1, (optimizers - 1) * (problems - 1)]
    found.update({"chi2": chi2, "F": f, "degrees": degrees})
    if smallest > alpha:
        return {**found, "method": None}
    exact = exact_p(placed)
    if exact is not None:
        return {**found, "p": exact, "method": "exact"}
    return {**found, "p": max(float(fdtrc(*degrees, f)) if f is not None else 0.0, smallest), "method": "F"}


def iman_davenport(chi2: float, problems: int, optimizers: int) -> float | None:
    """(N - 1) chi2 / (N (k - 1) - chi2), with k - 1 and (k - 1)(N - 1) degrees of freedom; None where all problems rank
    alike, which makes it infinite.

    Source: Iman & Davenport 1980, Commun. Stat. A9, 571-595.
    """
    left = problems * (optimizers - 1) - chi2
    return (problems - 1) * chi2 / left if left > 1e-9 * problems * optimizers else None


def critical_difference(optimizers: int, problems: int, alpha: float = ALPHA) -> float:
    """How far apart two mean ranks must be to differ by Nemenyi's test, over all pairs of k >= 2 optimizers.

    CD = q sqrt(k (k + 1) / (6 N)), q the 1 - alpha quantile of the studentised range of k, over sqrt(2). Source:
    Nemenyi 1963; Demsar 2006, section 3.2.2 and table 5. It depends on who else takes part (Benavoli, Corani & Mangili
    2016, J. Mach. Learn. Res. 17): signed ranks of pairs do not.
    """
    if optimizers < 2 or problems < 1:
        raise AdambenchError(
            f"a critical difference needs two optimizers and a problem, got {optimizers} and {problems}"
        )
    from scipy.stats import studentized_range  # takes half a second to import

    q = float(studentized_range.ppf(1 - alpha, optimizers, np.inf)) / math.sqrt(2)
    return q * math.sqrt(optimizers * (optimizers + 1) / (6 * problems))


def pairwise(differences: Sequence[Reals], optimizers: Sequence[str], alpha: float = ALPHA) -> list[dict[str, Any]]:
    """Wilcoxon's signed-rank test over problems for every pair of optimizers, adjusted for their number (Holm).

    differences  for each of itertools.combinations(optimizers, 2), (problems,) below 0 where the first is ahead, on a
                 scale on which they compare from problem to problem: logarithms of ratios of times

    a, b        the names
    problems, nonzero, statistic   see signed_rank
    smallest_p  the adjusted p were all problems to agree on every pair
    p           adjusted; None where smallest_p > alpha, since nothing could have been shown
    different   p <= alpha; None where p is None
    faster      "a", "b", or None where not different
    """
    pairs = list(combinations(optimizers, 2))
    tests = [signed_rank(values, 1.0) for values in differences]
    adjusted, best = (holm([test[name] for test in tests]) for name in ("p", "smallest_p"))
    found = []
    for (one, other), test, p, smallest in zip(pairs, tests, adjusted, best, strict=True):
        reachable = smallest <= alpha
        shown = p <= alpha if reachable else None
        faster = ("a" if test["balance"] < 0 else "b") if shown else None
        found.append(
            {
                **{"a": one, "b": other, "problems": test["pairs"]},
                **{"nonzero": test["nonzero"], "statistic": test["statistic"], "smallest_p": smallest},
                **{"p": p if reachable else None, "different": shown, "faster": faster},
            }
        )
    return found


def problems_needed(optimizers: int, alpha: float = ALPHA) -> int:
    """The fewest problems over which `pairwise` could tell any two of so many apart: were all to agree.

    Holm's method multiplies the smallest p, 2 / 2^N over N problems, by the number of pairs.
    """
    pairs = optimizers * (optimizers - 1) // 2
    return next(problems for problems in range(1, 10**6) if pairs * 2.0 ** (1 - problems) <= alpha)

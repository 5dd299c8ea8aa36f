"""Every optimizer of a comparison against one of them, on the same seeds: how many times faster, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.difference import different_over
from adambench.analysis.groups import letters
from adambench.analysis.number import significant
from adambench.analysis.paired import compare_pair, compare_problems
from adambench.analysis.quantile import Reals
from adambench.analysis.signed_rank import holm
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]
MOST = 20
"""Optimizers of which all pairs are looked at; beyond, there are no groups."""
ALPHA = 0.05


def duels(results: Iterable[Row], reference: str) -> list[dict[str, Any]]:
    """Each other optimizer against `reference`: {"optimizer", "problems", "over", "sentence"}.

    problems  by name: `paired.compare_pair(optimizer, reference)`, over the seeds that both ran
    over      `paired.compare_problems` of the same
    sentence  the verdicts in words

    The times are evaluations to the hardest target of the problem that either of the two hits: where neither hits one,
    to the hardest. Relative only to the reference: no third optimizer changes anything here.
    """
    rows = _rows(results)
    found = []
    for optimizer, theirs in rows.items():
        if optimizer == reference:
            continue
        pairs = {
            name: times_of(theirs[name], rows[reference][name])
            for name in theirs
            if name in rows[reference] and counted_in(theirs[name]) and counted_in(rows[reference][name])
        }
        pairs = {name: pair for name, pair in pairs.items() if len(pair[0])}
        if not pairs:
            continue
        each = {name: compare_pair(*pair, ALPHA) for name, pair in pairs.items()}
        over = compare_problems(list(pairs.values()), ALPHA)
        found.append(
            {
                **{"optimizer": optimizer, "problems": each, "over": over},
                "sentence": sentence(optimizer, reference, each),
            }
        )
    return found


def times_of(one: Row, other: Row) -> tuple[Reals, Reals]:
    """(seeds,) each, +inf where the target was not hit, over the seeds that count for both rows of one problem."""
    hardest = from_hardest(one["targets"])
    reached = [place for place in hardest if one["targets"][place]["reached"] or other["targets"][place]["reached"]]
    if not hardest:
        return np.zeros(0), np.zeros(0)
    place = (reached or hardest)[0]
    first, second = (
        {seed["seed"]: seed["hits"][place] for seed in row["seeds"] if seed["outcome"] not in OUTSIDE}
        for row in (one, other)
    )
    common = [seed for seed in first if seed in second]
    return _times(first[seed] for seed in common), _times(second[seed] for seed in common)


def grouped(results: Iterable[Row]) -> dict[str, str]:
    """A letter or several for each optimizer: those that share one cannot be told apart over the problems.

    By `difference.different_over` of every pair, its p adjusted for their number by Holm's method. Empty for more than
    `MOST` optimizers. Relative: another optimizer changes what the others' p are adjusted by.
    """
    rows = _rows(results)
    names = list(rows)
    if not 2 <= len(names) <= MOST:
        return {}
    places = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    raw = []
    for i, j in places:
        one, other = rows[names[i]], rows[names[j]]
        pairs = [times_of(one[name], other[name]) for name in one if name in other]
        verdict = different_over([pair for pair in pairs if len(pair[0])], ALPHA)
        raw.append(1.0 if verdict["p"] is None else float(verdict["p"]))
    apart = [[False] * len(names) for _ in names]
    for (i, j), p in zip(places, holm(raw), strict=True):
        apart[i][j] = apart[j][i] = p <= ALPHA
    return dict(zip(names, letters(apart), strict=True))


def sentence(optimizer: str, reference: str, problems: Mapping[str, Row]) -> str:
    """'adam needs 1.4 to 1.9 times fewer evaluations than sgd on 7 of 8 problems (paired, 95%); ...'."""
    verdicts = {name: found["verdict"] for name, found in problems.items()}
    faster = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "a"]
    slower = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "b"]
    alike = [name for name, verdict in verdicts.items() if verdict["different"] is False]
    unknown = [name for name, verdict in verdicts.items() if verdict["different"] is None]
    clauses = []
    for names, word in ((faster, "fewer"), (slower, "more")):
        if names:
            clauses.append(
                f"{optimizer} needs {_range([verdicts[name] for name in names], word)}evaluations than {reference} on "
                f"{len(names)} of {len(problems)} problems (paired, 95%)"
            )
    if alike:
        clauses.append(f"{_pair(clauses, optimizer, reference)} cannot be told apart on {_listed(alike)}")
    if unknown:
        whom = "them" if clauses else f"{optimizer} and {reference}"
        clauses.append(f"so few seeds cannot tell {whom} apart on {_listed(unknown)}")
    return "; ".join(clauses)


def _range(verdicts: Sequence[Row], word: str) -> str:
    """'1.4 to 1.9 times fewer ', the widest the intervals allow; 'fewer ' where failures leave no factor."""
    bounds = [bound for verdict in verdicts for bound in verdict["ci95"] or [None]]
    if None in bounds or not bounds:
        return f"{word} "
    factors = [bound if word == "fewer" else 1.0 / bound for bound in bounds]
    return f"{significant(min(factors), 2)} to {significant(max(factors), 2)} times {word} "


def _pair(clauses: Sequence[str], optimizer: str, reference: str) -> str:
    return "they" if clauses else f"{optimizer} and {reference}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} others" if len(names) > 3 else shown


def _rows(results: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """By optimizer, then by problem."""
    rows: dict[str, dict[str, Row]] = {}
    for row in results:
        rows.setdefault(row["optimizer"], {})[row["problem"]] = row
    return rows


def _times(hits: Iterable[int | None]) -> Reals:
    return np.array([np.inf if hit is None else float(hit) for hit in hits], np.float64)

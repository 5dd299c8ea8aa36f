"""The rows of a report by problem and by optimizer, and two optimizers on the problems and seeds that both ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.quantile import Reals, reals
from adambench.analysis.speedup import Race
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]


def by_optimizer(results: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Rows by optimizer, then by problem; those without a trial that counts are left out."""
    rows: dict[str, dict[str, Row]] = {}
    for row in results:
        placed = rows.setdefault(row["optimizer"], {})
        if counted_in(row):
            placed[row["problem"]] = row
    return rows


def by_problem(results: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by problem, in their order; those without a trial that counts are left out, but not their problem."""
    rows: dict[str, list[Row]] = {}
    for row in results:
        placed = rows.setdefault(row["problem"], [])
        if counted_in(row):
            placed.append(row)
    return rows


def races(one: Mapping[str, Row], other: Mapping[str, Row], budgets: Mapping[str, float]) -> dict[str, Race]:
    """By problem, the two rows on it; without problems that have no target, or no seed that counts for both."""
    found = {name: Race(*times_of(one[name], other[name]), budgets[name]) for name in one if name in other}
    return {name: race for name, race in found.items() if len(race.first)}


def times_of(one: Row, other: Row) -> tuple[Reals, Reals]:
    """(seeds,) each, +inf where the target was not hit, over the seeds that count for both rows of one problem.

    The target is that of `common_target`.
    """
    place = common_target(one, other)
    if place is None:
        return np.zeros(0), np.zeros(0)
    first, second = (
        {seed["seed"]: seed["hits"][place] for seed in row["seeds"] if seed["outcome"] not in OUTSIDE}
        for row in (one, other)
    )
    common = [seed for seed in first if seed in second]
    return reals(first[seed] for seed in common), reals(second[seed] for seed in common)


def common_target(one: Row, other: Row) -> int | None:
    """The index of the target at which two rows of one problem are held against each other; None where it has none.

    The hardest that at least half of the counted trials of either hit, as ranks and `solved` have it: one lucky trial
    does not move all the others to a target that they miss. Where there is none, the hardest that any trial of either
    hits; else the hardest.
    """
    hardest = from_hardest(one["targets"])
    met = [[row["targets"][place] for row in (one, other)] for place in hardest]
    often = [place for place, both in zip(hardest, met, strict=True) if any(row["median"] is not None for row in both)]
    once = [place for place, both in zip(hardest, met, strict=True) if any(row["reached"] for row in both)]
    return next(iter([*often, *once, *hardest]), None)

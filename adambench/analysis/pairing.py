"""Two optimizers of a report on the problems and seeds that both ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.quantile import Reals
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


def races(one: Mapping[str, Row], other: Mapping[str, Row], budgets: Mapping[str, float]) -> dict[str, Race]:
    """By problem, the two rows on it; without problems that have no target, or no seed that counts for both."""
    found = {name: Race(*times_of(one[name], other[name]), budgets[name]) for name in one if name in other}
    return {name: race for name, race in found.items() if len(race.first)}


def times_of(one: Row, other: Row) -> tuple[Reals, Reals]:
    """(seeds,) each, +inf where the target was not hit, over the seeds that count for both rows of one problem.

    The target is the hardest that either of the two hits: where neither hits one, the hardest.
    """
    place = common_target(one, other)
    if place is None:
        return np.zeros(0), np.zeros(0)
    first, second = (
        {seed["seed"]: seed["hits"][place] for seed in row["seeds"] if seed["outcome"] not in OUTSIDE}
        for row in (one, other)
    )
    common = [seed for seed in first if seed in second]
    return _times(first[seed] for seed in common), _times(second[seed] for seed in common)


def common_target(one: Row, other: Row) -> int | None:
    """The index of the hardest target that either of two rows of one problem hits; None where it has no target."""
    hardest = from_hardest(one["targets"])
    reached = [place for place in hardest if one["targets"][place]["reached"] or other["targets"][place]["reached"]]
    return next(iter([*reached, *hardest]), None)


def _times(hits: Iterable[int | None]) -> Reals:
    return np.array([np.inf if hit is None else float(hit) for hit in hits], np.float64)

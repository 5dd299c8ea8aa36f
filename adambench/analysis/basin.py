"""The learning-rate robustness of every optimizer of a report: from its tuning draws, or from a sweep."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.pairing import by_problem
from adambench.analysis.quantile import real, reals
from adambench.analysis.robustness import learning_rate_robustness
from adambench.analysis.rule import counting
from adambench.analysis.solved import solved_gap

Row = Mapping[str, Any]
FEWEST = 3
"""Learning rates that make a sweep."""

DRAWS, SWEEP = "draws", "sweep"


def robustness(document: Row) -> list[dict[str, Any]]:
    """What `robustness.learning_rate_robustness` says of each optimizer on each problem, in the order of the results.

    document  a report, of which problems, results and tuning are read

    problem, optimizer  the label, without the learning rate
    source    draws: of a tuning that drew the learning rate, which vary other hyperparameters too, so the basin spans
              all good ones; with halving there is nothing, as draws end at different budgets.
              sweep: of at least 3 rows without tuning whose labels differ in lr alone, so the basin is connected
    rates     how many learning rates were tried; draws that ended in error are not among them
    the rest  as `Robustness` has it, of the median final loss, infinite where half of the trials that count or more
              diverged; a problem's reference loss, and the gap at its hardest target as the floor

    Nothing where no loss is finite. Not relative, except where the reference loss is the best of the report.
    """
    tuning = document.get("tuning")
    rows = by_problem(document["results"])
    found = []
    for problem in document["problems"]:
        name = problem["name"]
        tried = _swept(rows.get(name, ())) if tuning is None else _drawn(name, tuning)
        for optimizer, rates, losses in tried:
            basin = learning_rate_robustness(
                np.array(rates, np.float64),
                reals(losses),
                problem["reference_loss"],
                solved_gap(problem),
                real(problem["initial_loss"]["median"]),
                connected=tuning is None,
            )
            if basin is not None:
                head = {"problem": problem["name"], "optimizer": optimizer}
                source = {"source": SWEEP if tuning is None else DRAWS, "rates": len(rates)}
                found.append({**head, **source, **asdict(basin), "basin": list(basin.basin)})
    return found


Tried = tuple[str, list[float], list[float | None]]
"""Label without lr, learning rates, losses."""


def _drawn(problem: str, tuning: Row) -> Iterator[Tried]:
    for entry in tuning["entries"]:
        label, draws = entry["optimizer"], [draw for draw in counting(entry) if "lr" in draw["hyperparameters"]]
        if entry["problem"] == problem and draws and "lr" in tuning["spaces"].get(label, {}) and not tuning["halving"]:
            rates = [float(draw["hyperparameters"]["lr"]) for draw in draws]
            seeds = entry["seeds"]
            yield label, rates, [_loss(d["final_loss"], d["diverged"], seeds - d.get("errors", 0)) for d in draws]


def _swept(rows: Sequence[Row]) -> Iterator[Tried]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if counted_in(row) and "lr" in row["hyperparameters"]:
            groups.setdefault(without_rate(row["optimizer"]), []).append(row)
    for label, members in groups.items():
        rates = [float(row["hyperparameters"]["lr"]) for row in members]
        if len(set(rates)) >= FEWEST:
            yield label, rates, [_loss(row["final_loss"]["median"], _diverged(row), counted_in(row)) for row in members]


def _loss(median: float | None, diverged: int, trials: int) -> float | None:
    """The median of an even number of trials is the lower one of two: finite still where just half diverged."""
    return None if 2 * diverged >= trials else median


def _diverged(row: Row) -> int:
    """Of the trials that count, those without a finite final loss."""
    return sum(seed["final_loss"] is None for seed in row["seeds"] if seed["outcome"] not in OUTSIDE)


def without_rate(label: str) -> str:
    """'adam:beta1=0.5:lr=0.1' as 'adam:beta1=0.5'."""
    return re.sub(r":lr=[^:]*", "", label)

"""Optimizers over all problems of a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.denominator import counted_in
from adambench.analysis.duel import grouped
from adambench.analysis.proportion import wilson_interval
from adambench.analysis.score import algoperf_scores
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]


def compare(results: Iterable[Row]) -> list[dict[str, Any]]:
    """One row an optimizer, in the order in which they first appear in `results`.

    What is relative by definition, and may change with the company: wins, mean_rank, slowdown, score and group.

    problems   problems with a target on which the optimizer has a trial that counts
    solved     of these, how many: at least half of the counted trials hit the hardest target
    ranked     all problems on which it has a trial that counts
    wins       of these, where nothing is ahead of it (ties count for all; nobody wins where nobody hit a target and
               nobody's final loss is finite)
    solved_ci95   Wilson's interval of that share
    score      AlgoPerf's, over the problems that everybody ran: from 0, never within 4 times the fastest's median
               steps to the hardest target, to 1, always the fastest (`score.algoperf_scores`)
    group      letters: those that share one cannot be told apart over the problems (`duel.grouped`)
    mean_rank  mean of its ranks; rank by median steps to the hardest target, then to the next, then by median final
               loss; ties share the mean of their ranks
    slowdown   geometric mean of its median steps to the hardest target over the fastest optimizer's, over the
               `slowdown_problems` that it solved (0 steps count as 1)

    A problem on which every trial of an optimizer was skipped or ended in error is not a failure of it, and is in
    none of its numbers. mean_rank and slowdown are None where they rest on nothing.
    """
    rows = list(results)
    records: dict[str, list[dict[str, Any]]] = {row["optimizer"]: [] for row in rows}
    for name in dict.fromkeys(row["problem"] for row in rows):
        measured = [row for row in rows if row["problem"] == name and counted_in(row)]
        for row, record in zip(measured, _placed(measured), strict=True):
            records[row["optimizer"]].append(record)
    scores, groups = _scores(rows, list(records)), grouped(rows)
    return [
        {
            "optimizer": optimizer,
            **_over_problems(records[optimizer]),
            **{"score": scores.get(optimizer), "group": groups.get(optimizer)},
        }
        for optimizer in records
    ]


def _scores(rows: Sequence[Row], optimizers: Sequence[str]) -> dict[str, float]:
    """AlgoPerf's score of each; empty where no problem was run by all."""
    cells = {(row["problem"], row["optimizer"]): row for row in rows if counted_in(row) and row["targets"]}
    shared = [
        name
        for name in dict.fromkeys(row["problem"] for row in rows)
        if all((name, optimizer) in cells for optimizer in optimizers)
    ]
    if not shared:
        return {}
    runtimes = np.array([[_hardest(cells[name, optimizer]) for optimizer in optimizers] for name in shared])
    return dict(zip(optimizers, algoperf_scores(runtimes) or [], strict=True))


def _hardest(row: Row) -> float:
    median = row["targets"][from_hardest(row["targets"])[0]]["median"]
    return math.inf if median is None else float(median)


def _placed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What one problem says about each of its rows."""
    keys = [_key(row) for row in rows]
    hardest = [key[0] if row["targets"] else math.inf for row, key in zip(rows, keys, strict=True)]
    fastest = max(min(hardest, default=math.inf), 1.0)
    return [
        {
            "has_target": bool(row["targets"]),
            "solved": steps < math.inf,
            "rank": sum(other < key for other in keys) + (sum(other == key for other in keys) + 1) / 2,
            "won": key == min(keys) and min(key) < math.inf,
            "slowdown": max(steps, 1.0) / fastest if steps < math.inf else None,
        }
        for row, key, steps in zip(rows, keys, hardest, strict=True)
    ]


def _key(row: Row) -> tuple[float, ...]:
    order = from_hardest(row["targets"])
    values = [*(row["targets"][index]["median"] for index in order), row["final_loss"]["median"]]
    return tuple(math.inf if value is None else float(value) for value in values)


def _over_problems(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ranks = [record["rank"] for record in records]
    slowdowns = [record["slowdown"] for record in records if record["slowdown"] is not None]
    return {
        "problems": sum(record["has_target"] for record in records),
        "solved": (solved := sum(record["solved"] for record in records)),
        "solved_ci95": wilson_interval(solved, sum(record["has_target"] for record in records)),
        "ranked": len(records),
        "wins": sum(record["won"] for record in records),
        "mean_rank": math.fsum(ranks) / len(ranks) if ranks else None,
        "slowdown": math.exp(math.fsum(map(math.log, slowdowns)) / len(slowdowns)) if slowdowns else None,
        "slowdown_problems": len(slowdowns),
    }

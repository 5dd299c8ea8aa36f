"""Optimizers over all problems of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.basin import without_rate
from adambench.analysis.pairing import by_problem
from adambench.analysis.proportion import wilson_interval
from adambench.analysis.quantile import Reals, known, quartiles, real, reals
from adambench.analysis.ranking import lettered, standing_on
from adambench.analysis.score import algoperf_scores
from adambench.analysis.summary import ns_per_step
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]


def compare(
    results: Sequence[Row],
    ranks: Mapping[str, Any],
    duels: Sequence[Row] = (),
    tuning: Mapping[str, Any] | None = None,
    robustness: Sequence[Row] = (),
) -> list[dict[str, Any]]:
    """One row an optimizer, in the order in which they first appear in `results`.

    ranks, duels        as `ranking.ranking` and `duel.duels` made them of the same results
    tuning, robustness  those of the report, where there are any

    What is relative by definition, and may change with the company: wins, mean_rank, slowdown, score, group and, with
    the reference, speedup.

    problems   problems with a target on which the optimizer has a trial that counts
    solved     of these, how many: at least half of the counted trials hit the hardest target
    ranked     all problems on which it has a trial that counts
    wins       of these, where nothing is ahead of it (ties count for all; nobody wins where all failed: no median
               trial of anybody hit a target or ended at a finite loss)
    solved_ci95   Wilson's interval of that share
    score      AlgoPerf's, over the problems of `ranks` that have a target: from 0, never within 4 times the fastest's
               median steps to the hardest target, to 1, always the fastest (`score.algoperf_scores`)
    group      letters: those that share one cannot be told apart over the problems (`ranking.lettered`)
    mean_rank  that of `ranks`
    slowdown   geometric mean of its median steps to the hardest target over the fastest optimizer's, over the
               `slowdown_problems` that it solved (0 steps count as 1)
    settings   "tuned"; "defaults, untuned" of a label without a hyperparameter; else "as given, untuned"
    speedup    against the reference of the duels (`speedup.geometric_speedup`), over `problems`; on `undecided` more
               neither hits a target. None of itself
    robustness median over problems of the basin's decades (`at_least`, where that basin ends where the rates tried do)
               and of the safety margin; None where there is no basin
    cost       evaluations and seconds in all, ns_per_step of these, the most state per parameter on any problem; None
               where one of its rows does not know

    A problem on which every trial of an optimizer was skipped or ended in error is not a failure of it, and is in
    none of its numbers. mean_rank, score and group are None where the ranks were refused; mean_rank, score and slowdown
    where they rest on nothing.
    """
    records: dict[str, list[dict[str, Any]]] = {row["optimizer"]: [] for row in results}
    costs: dict[str, list[Row]] = {name: [] for name in records}
    for row in results:
        costs[row["optimizer"]].append(row["cost"])
    for measured in by_problem(results).values():
        for row, record in zip(measured, _placed(measured), strict=True):
            records[row["optimizer"]].append(record)
    basins: dict[str, list[Row]] = {}
    for entry in robustness:
        basins.setdefault(entry["optimizer"], []).append(entry)
    means = dict(zip(ranks["optimizers"], ranks["mean_ranks"] or (), strict=False))
    scores, groups = _scores(results, ranks), lettered(ranks)
    against = {duel["optimizer"]: _speedup(duel["over"]) for duel in duels}
    tuned = {entry["optimizer"] for entry in (tuning or {}).get("entries", ())}
    return [
        {
            "optimizer": optimizer,
            **_over_problems(records[optimizer], means.get(optimizer)),
            **{"score": scores.get(optimizer), "group": groups.get(optimizer)},
            "settings": "tuned" if optimizer in tuned else f"{'as given' if ':' in optimizer else 'defaults'}, untuned",
            "speedup": against.get(optimizer),
            "robustness": _robustness(
                [one for name in dict.fromkeys((optimizer, without_rate(optimizer))) for one in basins.get(name, ())]
            ),
            "cost": _cost(costs[optimizer]),
        }
        for optimizer in records
    ]


def hardest_runtimes(results: Sequence[Row], ranks: Mapping[str, Any]) -> Reals:
    """(problems, optimizers) median steps to the hardest target, over the problems of the ranks that have a target."""
    rows = {(row["problem"], row["optimizer"]): row for row in results}
    names = ranks["optimizers"]
    cells = [[rows[problem, name] for name in names] for problem in ranks["problems"]]
    found = [[_hardest(row) for row in line] for line in cells if all(row["targets"] for row in line)]
    return np.array(found, np.float64).reshape(len(found), len(names))


def _scores(results: Sequence[Row], ranks: Mapping[str, Any]) -> dict[str, float]:
    runtimes = hardest_runtimes(results, ranks)
    return dict(zip(ranks["optimizers"], algoperf_scores(runtimes) or [], strict=False))


def _hardest(row: Row) -> float:
    return real(row["targets"][from_hardest(row["targets"])[0]]["median"])


def _placed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What one problem says about each of its rows."""
    keys = [standing_on(row) for row in rows]
    best = min(keys, default=())
    hardest = [key[0] if row["targets"] else math.inf for row, key in zip(rows, keys, strict=True)]
    fastest = max(min(hardest, default=math.inf), 1.0)
    return [
        {
            "has_target": bool(row["targets"]),
            "solved": steps < math.inf,
            "won": key == best and min(key) < math.inf,
            "slowdown": max(steps, 1.0) / fastest if steps < math.inf else None,
        }
        for row, key, steps in zip(rows, keys, hardest, strict=True)
    ]


def _over_problems(records: Sequence[Mapping[str, Any]], mean_rank: float | None) -> dict[str, Any]:
    slowdowns = [record["slowdown"] for record in records if record["slowdown"] is not None]
    return {
        "problems": sum(record["has_target"] for record in records),
        "solved": (solved := sum(record["solved"] for record in records)),
        "solved_ci95": wilson_interval(solved, sum(record["has_target"] for record in records)),
        "ranked": len(records),
        "wins": sum(record["won"] for record in records),
        "mean_rank": mean_rank,
        "slowdown": math.exp(math.fsum(map(math.log, slowdowns)) / len(slowdowns)) if slowdowns else None,
        "slowdown_problems": len(slowdowns),
    }


def _speedup(over: Row) -> dict[str, Any]:
    """The speed-up of a duel, as a row of the comparison has it: `problems` are those that it is over."""
    return {
        "factor": over["speedup"],
        **{name: over[name] for name in ("ci95", "bootstrap95", "charged", "undecided", "bound")},
        "problems": over["used"] + over["charged"],
    }


def _robustness(own: Sequence[Row]) -> dict[str, Any] | None:
    """Of the entries under the optimizer's label, or that without its learning rate."""
    if not own:
        return None
    decades, safety = (quartiles(reals(entry[name] for entry in own))[1] for name in ("decades", "safety"))
    wider = any(entry["open_low"] or entry["open_high"] for entry in own if entry["decades"] == decades)
    return {
        **{"decades": known(float(decades)), "at_least": wider},
        **{"safety": known(float(safety)), "problems": len(own)},
    }


def _cost(costs: Sequence[Row]) -> dict[str, Any]:
    evaluations, times = sum(cost["evaluations"] for cost in costs), [cost["seconds"] for cost in costs]
    states = [cost["state_per_parameter"] for cost in costs]
    seconds = None if None in times else math.fsum(times)
    return {
        "evaluations": evaluations,
        "seconds": seconds,
        "ns_per_step": ns_per_step(seconds, evaluations),
        "state_per_parameter": None if None in states else max(states),
    }

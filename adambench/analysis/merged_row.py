"""One row of `results` out of several of the same optimizer on the same problem."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.agreement import agree, name, refusal
from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.quantile import known, quartiles, reals
from adambench.analysis.summary import ns_per_step, statistics
from adambench.errors import AdambenchError

Row = Mapping[str, Any]
Found = Sequence[tuple[str, Row]]

IDENTITY = ("name", "dialect", "hyperparameters", "implementation")
BITS = ("outcome", "hits", "fingerprint")
"""What a seed must have come to wherever it ran."""
RAW = ("initial_loss", "best_loss", "stay", "aocc")
NOTHING: Row = {"evaluations": [], "median": [], "q25": [], "q75": []}
"""The curve of a row of which no report has all seeds: quartiles of parts do not make quartiles of the whole."""


def merged_row(problem: Row, found: Found) -> dict[str, Any]:
    """The row of all seeds that any of `found` has: (place, row) each, one or several.

    Every statistic is computed anew from the seeds. A seed that several rows have counts once. `curve` is that of a row
    with all the seeds, or made of the losses of every seed where they are kept, else NOTHING. cost.evaluations are
    those of the seeds; the seconds add up, and of a seed that was measured twice each counts half; state_per_parameter
    stays.

    AdambenchError where the rows are of different dialects, hyperparameters or implementations, or a seed came to
    something else.
    """
    first = found[0][1]
    where = f"{name(first['optimizer'])} on {name(problem['name'])}"
    for key in IDENTITY:
        agree(f"the {key} of {where}", [(place, row[key]) for place, row in found], "give one of the two another label")
    seeds = _seeds(where, found)
    for place, row in found:
        _check_raw(place, where, row["seeds"], len(problem["targets"]))
    curve = _curve(found, seeds)
    return {
        **first,
        **statistics(seeds, problem["targets"], problem["budget"], problem.get("random", True)),
        "cost": _cost(where, found, seeds),
        "curve": curve,
        "seeds": seeds if curve["evaluations"] else [_without_losses(seed) for seed in seeds],
    }


def _curve(found: Found, seeds: Sequence[Row]) -> dict[str, Any]:
    """That of a row with all the seeds; or made of the losses that every seed has, where they have them."""
    whole = next((row["curve"] for _, row in found if len({seed["seed"] for seed in row["seeds"]}) == len(seeds)), None)
    if whole is not None:
        return dict(whole)
    grids = [row["curve"]["evaluations"] for _, row in found]
    if any(grid != grids[0] for grid in grids) or not all(
        len(seed.get("losses", ())) == len(grids[0]) for seed in seeds
    ):
        return dict(NOTHING)
    losses = [seed["losses"] for seed in seeds if seed["outcome"] not in OUTSIDE] or [[None] * len(grids[0])]
    levels = quartiles(np.array([reals(one) for one in losses]))
    q25, median, q75 = ([known(loss) for loss in level.tolist()] for level in levels)
    return {"evaluations": grids[0], "median": median, "q25": q25, "q75": q75}


def _without_losses(seed: Row) -> Row:
    """Losses stand at the evaluations of the curve."""
    return {key: value for key, value in seed.items() if key != "losses"}


def _seeds(where: str, found: Found) -> list[Row]:
    """In the order of the first row, and by number where several rows have had to bring them together."""
    united: dict[int, tuple[str, Row]] = {}
    for place, row in found:
        for seed in row["seeds"]:
            number = seed["seed"]
            known = united.setdefault(number, (place, seed))
            for key in BITS:
                what = f"the {key} of seed {number} of {where}"
                agree(what, [(known[0], known[1][key]), (place, seed[key])], "one of the two must be wrong")
    if [*united] == [seed["seed"] for seed in found[0][1]["seeds"]]:
        return [seed for _, seed in united.values()]
    return [united[number][1] for number in sorted(united)]


def _check_raw(place: str, where: str, seeds: Sequence[Row], targets: int) -> None:
    for seed in seeds:
        if missing := [key for key in RAW if key not in seed]:
            raise AdambenchError(
                f"{place}: seed {seed['seed']} of {where}: expected {', '.join(missing)}, from which statistics are "
                "computed, got nothing; an earlier version wrote it, so measure it again"
            )
        if not len(seed["hits"]) == len(seed["stay"]) == targets:
            raise AdambenchError(
                f"{place}: seed {seed['seed']} of {where}: expected hits and stay for each of the {targets} targets of "
                f"the problem, got {len(seed['hits'])} and {len(seed['stay'])}"
            )


def _cost(where: str, found: Found, seeds: Sequence[Row]) -> dict[str, Any]:
    costs = [row["cost"] for _, row in found]
    slots = [(place, row["cost"]["state_per_parameter"]) for place, row in found]
    state = agree(f"cost.state_per_parameter of {where}", slots)
    if len(found) == 1:
        return dict(costs[0])
    evaluations = sum(seed["stopped"]["evaluation"] for seed in seeds)
    measured = sum(cost["evaluations"] for cost in costs)
    if measured < evaluations:
        raise refusal(f"cost.evaluations of {where} are {measured}, but those of its seeds are {evaluations}")
    known = [cost["seconds"] for cost in costs if cost["seconds"] is not None]
    share = evaluations / measured if measured else 1.0
    seconds = math.fsum(known) * share if len(known) == len(costs) else None
    return {
        "evaluations": evaluations,
        "seconds": seconds,
        "ns_per_step": ns_per_step(seconds, evaluations),
        "state_per_parameter": state,
    }

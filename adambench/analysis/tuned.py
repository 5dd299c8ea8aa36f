"""What a tuned comparison says: the best of n draws, who would be best at each n, and whose tuning was too small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.expected_best import best_probabilities, expected_best
from adambench.analysis.inclusion import TOO_SMALL, check_inclusions
from adambench.analysis.quantile import Reals
from adambench.analysis.solved import solved_gap
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]

EVERY = 64
"""Up to so many draws every n is looked at; beyond, 8 to each doubling."""

INDEPENDENT = "the draws are independent, so this is what a tuning with n of them is worth"
SUBSETS = (
    "the draws are {why}, so this describes random subsets of these very draws: it does not say what a tuning with "
    "fewer of them is worth"
)
HALVED = (
    "none: with halving, draws end at different budgets, and an unfinished draw says nothing of its loss at the horizon"
)


def tuned(document: Row) -> dict[str, Any]:
    """What follows from the draws and fresh results of a tuned report: expected_best, best_probabilities, inclusion.

    document  a report, of which problems, results and tuning are read

    expected_best       {"note", "replacement", "n", "curves"}: each curve has problem, optimizer, target and, for each
                        n, mean, low, median and high of the best of n (`expected_best.expected_best`; low and high
                        are quartiles), null where infinite. It is of what the draws were chosen by: the median loss at
                        the horizon where target is null, else the median evaluations to that target
    best_probabilities  {"note", "n", "problems"}: for each problem the probability that an optimizer's best of n is
                        the lowest (`expected_best.best_probabilities`); short of 1 in all where everybody's best may
                        have diverged. Relative: it depends on who takes part
    inclusion           `inclusion.check_inclusions` of the fresh results, for optimizers in their first dialect: by the
                        final loss where target is null, else by evaluations to that target. By what they were chosen
                        by; and where that is the loss, by the steps to the hardest target that any of them hits too,
                        as these are what is compared

    note says what the draws allow: those of a Sobol sequence, or with the defaults among them, are not independent
    (replacement is then false); where they were halved there are no curves. An optimizer that was not tuned on a
    problem has none there.
    """
    tuning = document["tuning"]
    note, replacement = _basis(tuning)
    sizes = np.zeros(0, np.int64) if tuning["halving"] else grid(tuning["trials"])
    curves, chances = [], []
    for problem in document["problems"] if len(sizes) else ():
        entries = [
            entry
            for entry in tuning["entries"]
            if entry["problem"] == problem["name"] and len(entry["draws"]) == tuning["trials"]
        ]
        if not entries:
            continue
        place = chosen_by(problem, tuning["rule"], entries)
        losses = {entry["optimizer"]: _values(entry["draws"], place) for entry in entries}
        target = None if place is None else dict(problem["targets"][place])
        for optimizer, values in losses.items():
            best = expected_best(values, replacement=replacement, sizes=sizes)
            columns = {name: [getattr(one, name) for one in best] for name in ("mean", "low", "median", "high")}
            curves.append({"problem": problem["name"], "optimizer": optimizer, "target": target, **columns})
        shares = best_probabilities(list(losses.values()), sizes, replacement).T.tolist()
        chances.append({"problem": problem["name"], "optimizers": dict(zip(losses, shares, strict=True))})
    return {
        "expected_best": {"note": note, "replacement": replacement, "n": sizes.tolist(), "curves": curves},
        "best_probabilities": {"note": note, "n": sizes.tolist(), "problems": chances},
        "inclusion": _inclusions(document),
    }


def grid(draws: int) -> NDArray[np.int64]:
    """1, 2, .. 64, then 8 to each doubling, and last the number of draws."""
    if draws <= EVERY:
        return np.arange(1, draws + 1)
    beyond = EVERY * 2.0 ** (np.arange(1, 8 * math.ceil(math.log2(draws / EVERY))) / 8.0)
    further = sorted({round(n) for n in beyond.tolist() if n < draws} | {draws})
    return np.array([*range(1, EVERY + 1), *further])


def _basis(tuning: Row) -> tuple[str, bool]:
    """What the draws allow to say, and whether with replacement."""
    if tuning["halving"]:
        return HALVED, False
    if tuning["sampler"] == "random" and not tuning["defaults"]:
        return INDEPENDENT, True
    why = "points of a scrambled Sobol sequence" if tuning["sampler"] == "sobol" else "not all random"
    return SUBSETS.format(why=f"{why}, the defaults the first" if tuning["defaults"] else why), False


def chosen_by(problem: Row, rule: str, entries: Sequence[Row]) -> int | None:
    """The hardest target that any draw reaches, for the rule that asks for steps; None: what counts is the loss.

    So it is where targets refer to the best loss of a run: each optimizer's draws ran for themselves.
    """
    apart = problem["reference"] == "report" and any(target["kind"] == "relative" for target in problem["targets"])
    if rule != "steps" or apart:
        return None
    draws = [draw for entry in entries for draw in entry["draws"]]
    hardest = from_hardest(problem["targets"])
    return next((place for place in hardest if any(draw["hits"][place] is not None for draw in draws)), None)


def _values(draws: Iterable[Row], place: int | None) -> Reals:
    found = (draw["final_loss"] if place is None else draw["hits"][place] for draw in draws)
    return np.array([math.inf if value is None else value for value in found], np.float64)


def _inclusions(document: Row) -> list[dict[str, Any]]:
    tuning = document["tuning"]
    winners = {(entry["problem"], entry["optimizer"]) for entry in tuning["entries"] if entry["winner"] is not None}
    rows = [
        row
        for row in document["results"]
        if (row["problem"], row["optimizer"]) in winners and counted_in(row) and _of_first_dialect(row)
    ]
    chosen, compared = {}, {}
    for problem in document["problems"]:
        entries = [entry for entry in tuning["entries"] if entry["problem"] == problem["name"]]
        chosen[problem["name"]] = place = chosen_by(problem, tuning["rule"], entries)
        mine = [row for row in rows if row["problem"] == problem["name"]]
        reached = [at for at in from_hardest(problem["targets"]) if any(row["targets"][at]["reached"] for row in mine)]
        if place is None and reached:
            compared[problem["name"]] = reached[0]
    return [*_checked(document, rows, chosen), *_checked(document, rows, compared)]


def _checked(document: Row, rows: Sequence[Row], places: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """The inclusions on the problems in `places`, by steps to that target, or by the final loss where it is None."""
    tuning = document["tuning"]
    results: dict[str, dict[str, Reals]] = {}
    solved: dict[str, float] = {}
    targets: dict[str, Any] = {}
    for problem in document["problems"]:
        name = problem["name"]
        if name not in places:
            continue
        place = places[name]
        mine = [row for row in rows if row["problem"] == name]
        for row, values in zip(mine, _paired(mine, place), strict=True):
            results.setdefault(row["optimizer"], {})[name] = values
        targets[name] = None if place is None else dict(problem["targets"][place])
        if place is None and problem["reference_loss"] is not None:
            solved[name] = problem["reference_loss"] + solved_gap(problem)
    ranges = {row["optimizer"]: _ranges(row, tuning["spaces"][row["optimizer"]]) for row in rows}
    names = {row["optimizer"]: row["name"] for row in rows}
    certain = {entry["problem"] for entry in tuning["entries"] if not entry.get("random", True)}
    found = check_inclusions(results, ranges, solved, names, certain)
    return [{**entry, "target": targets[str(entry["problem"])]} for entry in found]


def _of_first_dialect(row: Row) -> bool:
    """Whether it is what inclusions are of: the formula that its name stands for, with nothing switched or added.

    The one switch that is on in an optimizer's own defaults is that of nesterov, and called as it.
    """
    switched = {name for name, value in row["hyperparameters"].items() if value is True}
    added = {"average", "clip_norm"} & set(row["hyperparameters"])
    return row["dialect"] is not None and "@" not in row["optimizer"] and switched <= {row["name"]} and not added


def _paired(rows: Sequence[Row], place: int | None) -> list[Reals]:
    """For each row what it got on the seeds that count in all of them."""
    found = [
        {
            seed["seed"]: seed["final_loss"] if place is None else seed["hits"][place]
            for seed in row["seeds"]
            if seed["outcome"] not in OUTSIDE
        }
        for row in rows
    ]
    common = [seed for seed in found[0] if all(seed in one for one in found)] if found else []
    return [np.array([math.inf if one[seed] is None else one[seed] for seed in common], np.float64) for one in found]


def _ranges(row: Row, space: Row) -> dict[str, tuple[float, float]]:
    """What tuning could choose, and the numbers that it had to leave."""
    fixed = {name: (value, value) for name, value in row["hyperparameters"].items() if not isinstance(value, bool)}
    return {**fixed, **{name: (axis[0], axis[1]) for name, axis in space.items()}}


def too_small(tuning: Row | None) -> dict[str, list[str]]:
    """For each problem the optimizers that lost there to their own special case, as `inclusion` of a tuning says."""
    found: dict[str, list[str]] = {}
    for entry in (tuning or {}).get("inclusion", ()):
        accused = found.setdefault(entry["problem"], [])
        if entry["verdict"] == TOO_SMALL and entry["general"] not in accused:
            accused.append(entry["general"])
    return {problem: accused for problem, accused in found.items() if accused}


def with_reservations(duels: Sequence[Row], reference: str, tuning: Row | None) -> list[dict[str, Any]]:
    """The duels, their sentences with where the slower one was tuned too little for the difference to count."""
    accused = too_small(tuning)
    found = []
    for duel in duels:
        reserved: dict[str, list[str]] = {}
        for name, pair in duel["problems"].items():
            slower = {"a": reference, "b": duel["optimizer"]}.get(pair["verdict"]["faster"])
            if pair["verdict"]["different"] and slower in accused.get(name, ()):
                reserved.setdefault(str(slower), []).append(name)
        said = [
            f"nothing is shown against {optimizer} on {', '.join(names)}: it was beaten by a special case of its own"
            for optimizer, names in reserved.items()
        ]
        found.append({**duel, "sentence": "; ".join([duel["sentence"], *said])})
    return found

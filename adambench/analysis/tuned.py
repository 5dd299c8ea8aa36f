"""What a tuned comparison says: the best of n draws, who would be best at each n, and whose tuning was too small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.expected_best import best_probabilities, expected_best
from adambench.analysis.quantile import Reals
from adambench.analysis.rule import chosen_by, counting, effective_rule, sort_key
from adambench.analysis.special_case import special_cases

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
                        are quartiles), null where infinite. It is of what the optimizer's own draws were chosen by:
                        the median loss at the horizon where target is null, else the median evaluations to that
                        target, the hardest that any of these draws reaches. No other optimizer changes a curve
    best_probabilities  {"note", "n", "problems"}: for each problem the probability that an optimizer's best of n is
                        the first under the rule (`expected_best.best_probabilities` of the places of all draws in the
                        order of `rule.sort_key`); short of 1 in all where everybody's best may have diverged.
                        Relative: it depends on who takes part
    inclusion           `special_case.special_cases`

    note says what the draws allow: those of a Sobol sequence, or with the defaults among them, are not independent
    (replacement is then false); where they were halved there are no curves. Draws that ended in error are left out:
    without replacement the values beyond the number of the others are null. An optimizer that was not tuned on a
    problem has no curve there.
    """
    tuning = document["tuning"]
    note, replacement = _basis(tuning)
    sizes = np.zeros(0, np.int64) if tuning["halving"] else grid(tuning["trials"])
    curves, chances = [], []
    for problem in document["problems"] if len(sizes) else ():
        draws = {
            entry["optimizer"]: counting(entry)
            for entry in tuning["entries"]
            if entry["problem"] == problem["name"] and len(entry["draws"]) == tuning["trials"]
        }
        draws = {optimizer: mine for optimizer, mine in draws.items() if mine}
        if not draws:
            continue
        for optimizer, mine in draws.items():
            curve = {"problem": problem["name"], "optimizer": optimizer}
            curves.append({**curve, **_curve(problem, tuning["rule"], mine, sizes, replacement)})
        shares = best_probabilities(_places(problem, tuning["rule"], draws.values()), sizes, replacement).T.tolist()
        chances.append({"problem": problem["name"], "optimizers": dict(zip(draws, shares, strict=True))})
    return {
        "expected_best": {"note": note, "replacement": replacement, "n": sizes.tolist(), "curves": curves},
        "best_probabilities": {"note": note, "n": sizes.tolist(), "problems": chances},
        "inclusion": special_cases(document),
    }


def _curve(problem: Row, rule: str, draws: list[Row], sizes: NDArray[np.int64], replacement: bool) -> dict[str, Any]:
    """Target, and the columns over `sizes`."""
    place = chosen_by(problem, rule, draws)
    found = (draw["final_loss"] if place is None else draw["hits"][place] for draw in draws)
    values = np.array([math.inf if value is None else value for value in found], np.float64)
    within = sizes if replacement else sizes[sizes <= len(draws)]
    best = expected_best(values, replacement=replacement, sizes=within)
    beyond = [None] * (len(sizes) - len(within))
    columns = {name: [*(getattr(one, name) for one in best), *beyond] for name in ("mean", "low", "median", "high")}
    return {"target": None if place is None else dict(problem["targets"][place]), **columns}


def _places(problem: Row, rule: str, groups: Iterable[list[Row]]) -> list[Reals]:
    """For each group of draws their places among all, equals sharing one; inf where nothing was reached or finite."""
    rule = effective_rule(problem, rule)
    keys = [[sort_key(rule, problem["targets"], draw["hits"], draw["final_loss"]) for draw in mine] for mine in groups]
    order = sorted({key for mine in keys for key in mine if min(key) < math.inf})
    place = {key: float(number) for number, key in enumerate(order)}
    return [np.array([place.get(key, math.inf) for key in mine], np.float64) for mine in keys]


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

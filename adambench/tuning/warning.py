"""What speaks against a tuning, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adambench.problem.problem import Problem
from adambench.text import number_text
from adambench.tuning.score import Score, key
from adambench.tuning.search import Search, Tried, targets_of
from adambench.tuning.space import Axis

OUTER = 0.1
"""This close to an end of a range, as a share of it on its log scale, more range might have been better."""

NOT_TUNED, ALL_DIVERGED, NO_TARGET, EDGE = "not tuned", "all diverged", "no target", "edge of range"
HALF_DIVERGED, ONE_SEED, FRESH_DIVERGED = "half diverged", "one seed", "fresh diverged"
ALL_ERRORS, ERRORS = "all errors", "errors"
SUMMARIES = {
    NOT_TUNED: "not tuned: {where}",
    ALL_DIVERGED: "every draw diverged, so none is better than another: {where}",
    ALL_ERRORS: "every draw ended in error, so nothing was tuned: {where}",
    ERRORS: "some draws ended in error, so fewer were compared than it seems: {where}",
    NO_TARGET: "no draw reaches a target, so the final loss decided: {where}",
    EDGE: "the best {hyperparameter} is in the outer tenth of its range: {where}: widen it with --space",
    HALF_DIVERGED: "half or more of the draws diverged, so fewer were compared than it seems: {where}",
    ONE_SEED: "chosen by one tuning seed, by luck as much as by merit: {where}",
    FRESH_DIVERGED: "the winner diverged on the fresh seeds: {where}",
}
"""What is said of several concerns of one kind."""
NAMED = 3
"""Problems that a summary names of each optimizer."""


def summary(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The warnings of `tuning.entries` of a report: a kind in one sentence, or in its own where it came once."""
    kinds: dict[tuple[str, str | None], list[tuple[Mapping[str, Any], str]]] = {}
    for entry in entries:
        unnamed = [{"kind": sentence, "hyperparameter": None} for sentence in entry["warnings"]]  # of earlier versions
        for concern, sentence in zip(entry.get("concerns", unnamed), entry["warnings"], strict=True):
            kinds.setdefault((concern["kind"], concern["hyperparameter"]), []).append((entry, sentence))
    return [
        found[0][1]
        if len(found) == 1 or kind not in SUMMARIES
        else SUMMARIES[kind].format(where=_where([entry for entry, _ in found]), hyperparameter=hyperparameter)
        for (kind, hyperparameter), found in kinds.items()
    ]


def _where(entries: Iterable[Mapping[str, Any]]) -> str:
    """'sgd, momentum on 5 problems (a, b, c, ...); adam on a'."""
    by: dict[str, list[str]] = {}
    for entry in entries:
        by.setdefault(entry["optimizer"], []).append(entry["problem"])
    alike: dict[tuple[str, ...], list[str]] = {}
    for optimizer, names in by.items():
        alike.setdefault(tuple(names), []).append(optimizer)
    return "; ".join(
        f"{', '.join(optimizers)} on {names[0]}"
        if len(names) == 1
        else f"{', '.join(optimizers)} on {len(names)} problems "
        f"({', '.join(names[:NAMED])}{', ...' if len(names) > NAMED else ''})"
        for names, optimizers in alike.items()
    )


@dataclass(frozen=True)
class Concern:
    """A sentence about one optimizer on one problem, its kind, and the hyperparameter that it is about, if any."""

    kind: str
    sentence: str
    hyperparameter: str | None = None


def concerns(search: Search, problem: Problem, tried: Tried, fresh: Score | None) -> list[Concern]:
    """What speaks against the tuning of one optimizer on one problem; none where all went well."""
    where = f"{tried.entrant.label} on {problem.name}"
    if tried.winner is None:
        return [Concern(NOT_TUNED, f"{where}: not tuned: {tried.reason}")]
    failed, lost = sum(found.failed for found in tried.scores), sum(not found.counts for found in tried.scores)
    count, best = len(tried.draws), tried.scores[tried.winner]
    if lost == count:
        said = f"{where}: every draw ended in error, so nothing was tuned, and the first is what ran on"
        return [Concern(ALL_ERRORS, said)]
    found = []
    if lost:
        said = f"{where}: {lost} of {count} draws ended in error, so fewer were compared than it seems"
        found.append(Concern(ERRORS, said))
    if math.inf == min(key(search.tuning.rule, targets_of(problem), best)):
        which = "every other draw" if lost else "every draw"
        said = f"{where}: {which} diverged, so none is better than another, and the first is what ran on"
        return [*found, Concern(ALL_DIVERGED, said)]
    if search.tuning.rule == "steps" and math.inf == min(best.hits, default=math.inf):
        found.append(Concern(NO_TARGET, f"{where}: no draw reaches a target, so the final loss decided"))
    for axis in search.spaces[tried.entrant.label]:
        value = tried.draws[tried.winner].hyperparameters.get(axis.name)
        end = None if value is None else _end(axis, float(value))
        if end is not None and value is not None:
            said = (
                f"{where}: the best {axis.name}, {number_text(value)}, is in the outer tenth of its range, at the "
                f"{end} end of {axis.low:.12g}..{axis.high:.12g}: a better one may lie beyond (--space)"
            )
            found.append(Concern(EDGE, said, axis.name))
    if 2 * failed >= count - lost:
        whose = f"{failed} of the other {count - lost}" if lost else f"{failed} of {count} draws"
        said = f"{where}: {whose} diverged, so fewer were compared than it seems"
        found.append(Concern(HALF_DIVERGED, said))
    if len(search.seeds) == 1 and problem.random:
        found.append(Concern(ONE_SEED, f"{where}: chosen by one tuning seed: by luck as much as by merit"))
    if fresh is not None and not math.isfinite(fresh.loss):
        found.append(Concern(FRESH_DIVERGED, f"{where}: the winner diverged on the fresh seeds"))
    return found


def _end(axis: Axis, value: float) -> str | None:
    """Which end of the range a value is close to, if any. Beyond a bound of the hyperparameter there is nothing."""
    if not axis.low <= value <= axis.high:
        return "upper" if value > axis.high else "lower"
    share = axis.share(value)
    if share < OUTER:
        return None if axis.one_minus and axis.low == 0 else "lower"
    return "upper" if share > 1 - OUTER else None


def reordered(problem: str, both: Mapping[str, tuple[tuple[Any, ...], tuple[Any, ...]]]) -> list[str]:
    """A sentence where two optimizers are in another order on the fresh seeds than on the tuning seeds.

    both  for each optimizer its sort keys there and here
    """
    pairs = list(both.values())
    if not any(a[0] < b[0] and a[1] > b[1] for a in pairs for b in pairs):
        return []
    before, after = (", ".join(sorted(both, key=lambda label, at=at: both[label][at])) for at in (0, 1))  # type: ignore[misc]
    return [f"{problem}: the ranking is {before} on the tuning seeds, and {after} on fresh ones"]

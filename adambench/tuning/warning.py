"""What speaks against a tuning, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from adambench.problem.problem import Problem
from adambench.text import number_text
from adambench.tuning.score import Score, key
from adambench.tuning.search import Search, Tried, targets_of
from adambench.tuning.space import Axis

OUTER = 0.1
"""This close to an end of a range, as a share of it on its log scale, more range might have been better."""


def concerns(search: Search, problem: Problem, tried: Tried, fresh: Score | None) -> list[str]:
    """Sentences about one optimizer on one problem; none where all went well."""
    where = f"{tried.entrant.label} on {problem.name}"
    if tried.winner is None:
        return [f"{where}: not tuned: {tried.reason}"]
    failed, count = sum(found.failed for found in tried.scores), len(tried.draws)
    best = tried.scores[tried.winner]
    if math.inf == min(key(search.tuning.rule, targets_of(problem), best)):
        return [f"{where}: every draw diverged, so none is better than another, and the first is what ran on"]
    found = []
    if search.tuning.rule == "steps" and math.inf == min(best.hits, default=math.inf):
        found.append(f"{where}: no draw reaches a target, so the final loss decided")
    for axis in search.spaces[tried.entrant.label]:
        value = tried.draws[tried.winner].hyperparameters.get(axis.name)
        end = None if value is None else _end(axis, float(value))
        if end is not None and value is not None:
            found.append(
                f"{where}: the best {axis.name}, {number_text(value)}, is in the outer tenth of its range, at the "
                f"{end} end of {axis.low:.12g}..{axis.high:.12g}: a better one may lie beyond (--space)"
            )
    if 2 * failed >= count:
        found.append(f"{where}: {failed} of {count} draws diverged, so fewer were compared than it seems")
    if len(search.seeds) == 1 and problem.random:
        found.append(f"{where}: chosen by one tuning seed: by luck as much as by merit")
    if fresh is not None and not math.isfinite(fresh.loss):
        found.append(f"{where}: the winner diverged on the fresh seeds")
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

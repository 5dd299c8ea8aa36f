"""What a tuning draw is chosen by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adambench.analysis.target import Target, from_hardest

Row = Mapping[str, Any]
STEPS, FINAL_LOSS = "steps", "final-loss"


def sort_key(
    rule: str, targets: Sequence[Target], hits: Sequence[float | None], loss: float | None
) -> tuple[float, ...]:
    """Of a draw with these medians under a rule: smaller is better. None is infinite: missed, or diverged.

    For `steps` the hardest target counts first, the final loss last: of draws that all miss a target, it decides
    nothing.
    """
    order = from_hardest(targets) if rule == STEPS else []
    return tuple(math.inf if value is None else value for value in [*(hits[index] for index in order), loss])


def effective_rule(problem: Row, rule: str) -> str:
    """The rule by which draws of different optimizers can be held against each other: the final loss alone where
    targets refer to the best loss of a run, as each optimizer's draws ran for themselves."""
    apart = problem["reference"] == "report" and any(target["kind"] == "relative" for target in problem["targets"])
    return FINAL_LOSS if apart else rule


def chosen_by(problem: Row, rule: str, draws: Iterable[Row]) -> int | None:
    """The target by whose steps the best of one optimizer's draws was chosen; None: by its loss.

    For the rule that asks for steps the hardest that any of these draws reaches, where any does: ties in it aside, what
    `sort_key` decides by. Nobody else's draws change it.
    """
    if effective_rule(problem, rule) != STEPS:
        return None
    mine = list(draws)
    hardest = from_hardest(problem["targets"])
    return next((place for place in hardest if any(draw["hits"][place] is not None for draw in mine)), None)


def counting(entry: Row) -> list[Row]:
    """The draws of an entry of `tuning.entries` that say something of the optimizer: not those of which every trial
    ended in error."""
    return [draw for draw in entry["draws"] if draw.get("errors", 0) < entry["seeds"]]

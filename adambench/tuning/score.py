"""What a draw did on the tuning seeds, and which did best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adambench.analysis.denominator import counted
from adambench.analysis.quantile import extended, quartiles
from adambench.analysis.rule import sort_key
from adambench.outcome import Trial


@dataclass(frozen=True)
class Score:
    """Medians over the trials of one draw that count; what diverged or was never reached is infinite.

    loss      at the end
    hits      evaluations to each target
    trials    that count
    diverged  of these, those without a finite final loss
    budget    evaluations each had
    errors    trials that ended in error, which do not count: the fault is not the setting's
    """

    loss: float
    hits: tuple[float, ...]
    trials: int
    diverged: int
    budget: int
    errors: int = 0

    @property
    def counts(self) -> bool:
        """Whether some trial does."""
        return self.trials > 0

    @property
    def failed(self) -> bool:
        """Half or more of its trials that count diverged; where none counts that is not known, and not said."""
        return self.counts and 2 * self.diverged >= self.trials


def score(trials: Sequence[Trial], targets: int, budget: int) -> Score:
    """The score of a draw, from its trials on each of the tuning seeds."""
    inside = counted(trials)
    errors = sum(trial.outcome == "error" for trial in trials)
    if not inside:
        return Score(math.inf, (math.inf,) * targets, 0, 0, budget, errors)
    hits = [[math.inf if hit is None else float(hit) for hit in trial.hits] for trial in inside]
    return Score(
        loss=float(quartiles(extended(trial.final_loss for trial in inside))[1]),
        hits=tuple(quartiles(np.array(hits).reshape(len(inside), targets))[1].tolist()),
        trials=len(inside),
        diverged=sum(not math.isfinite(trial.final_loss) for trial in inside),
        budget=budget,
        errors=errors,
    )


def key(rule: str, targets: Sequence[Mapping[str, Any]], found: Score) -> tuple[float, ...]:
    """Sort key under a rule, as `rule.sort_key` has it: smaller is better."""
    return sort_key(rule, targets, found.hits, found.loss)


def ranking(rule: str, targets: Sequence[Mapping[str, Any]], scores: Sequence[Score]) -> list[int]:
    """Places of the scores, the best first, those that do not count last; equals in the order of their draws."""
    return sorted(range(len(scores)), key=lambda place: (not scores[place].counts, key(rule, targets, scores[place])))

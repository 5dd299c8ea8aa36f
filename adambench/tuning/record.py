"""The tuning as the report has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from adambench.analysis.quantile import known
from adambench.outcome import Outcome
from adambench.problem.problem import Problem
from adambench.runner import Run
from adambench.tuning.score import Score, key, score
from adambench.tuning.search import Search, Tried, reference_known, targets_of
from adambench.tuning.warning import concerns, reordered


def record(search: Search, run: Run) -> dict[str, Any]:
    """`tuning` of the report: what was drawn, what each draw did, who won, and what the winners did in `run`.

    A loss or a step count is None where it is infinite: more than half of the trials diverged, or missed the target.
    `diverged` and `errors` of an entry count its draws: those of which half of the trials that count, or more,
    diverged, and those of which none counts; of a draw they count its trials.
    Where the optimum is unknown and the rule is final-loss, no draw is measured against relative targets.
    """
    tuning = search.tuning
    entries, warnings = [], []
    for tried, finished in zip(search.tried, run.finished, strict=False):
        problem = finished.problem
        fresh = [_fresh(problem, outcome) for outcome in finished.outcomes]
        entries += [_entry(search, problem, *pair) for pair in zip(tried, fresh, strict=True)]
        warnings += _reordered(tuning.rule, problem, tried, fresh)
    return {
        "trials": tuning.trials,
        "sampler": tuning.sampler,
        "rule": tuning.rule,
        "seed": tuning.seed,
        "seeds": list(search.seeds),
        "defaults": tuning.defaults,
        "halving": tuning.halving,
        "across": tuning.across,
        "spaces": {
            label: {axis.name: [axis.low, axis.high, axis.scale] for axis in axes}
            for label, axes in search.spaces.items()
        },
        "warnings": warnings,
        "entries": entries,
    }


def names(search: Search) -> list[tuple[str, ...]]:
    """What each problem's rows are called: the optimizers as they were given, whichever of their draws ran."""
    return [tuple(one.entrant.label for one in tried) for tried in search.tried]


def _fresh(problem: Problem, outcome: Outcome | None) -> Score | None:
    return None if outcome is None else score(outcome.trials, len(problem.targets), problem.budget)


def _entry(search: Search, problem: Problem, tried: Tried, fresh: Score | None) -> dict[str, Any]:
    best = None if tried.winner is None else tried.scores[tried.winner]
    against = concerns(search, problem, tried, fresh)
    tuned_loss, fresh_loss = (math.inf if found is None else found.loss for found in (best, fresh))
    gap = fresh_loss - tuned_loss if math.isfinite(tuned_loss) and math.isfinite(fresh_loss) else math.inf
    return {
        "problem": problem.name,
        "optimizer": tried.entrant.label,
        "winner": None if best is None else tried.setting.label,
        "draw": tried.winner,
        "random": problem.random,
        "seeds": len(search.seeds) if problem.random else 1,
        "tuning_loss": known(tuned_loss),
        "fresh_loss": known(fresh_loss),
        "gap": known(gap),
        "tuning_hits": None if best is None else list(map(known, best.hits)),
        "fresh_hits": None if fresh is None else list(map(known, fresh.hits)),
        "evaluations": tried.evaluations,
        "diverged": sum(found.failed for found in tried.scores),
        "errors": sum(not found.counts for found in tried.scores),
        "warnings": [concern.sentence for concern in against],
        "concerns": [{"kind": concern.kind, "hyperparameter": concern.hyperparameter} for concern in against],
        "draws": [
            {
                "hyperparameters": dict(draw.hyperparameters),
                "budget": found.budget,
                "final_loss": known(found.loss),
                "hits": list(map(known, found.hits)),
                "diverged": found.diverged,
                "errors": found.errors,
            }
            for draw, found in zip(tried.draws, tried.scores, strict=False)
        ],
    }


def _reordered(rule: str, problem: Problem, tried: Sequence[Tried], fresh: Sequence[Score | None]) -> list[str]:
    """By the rule; by the loss alone where each run has its own targets."""
    if not reference_known(problem):
        rule = "final-loss"
    targets = targets_of(problem)
    both = {
        one.entrant.label: (key(rule, targets, one.scores[one.winner]), key(rule, targets, found))
        for one, found in zip(tried, fresh, strict=True)
        if one.winner is not None and found is not None
    }
    return reordered(problem.name, both)

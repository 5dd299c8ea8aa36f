"""What a tuning would do, in lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from adambench.plan import unfit
from adambench.problem.problem import Problem
from adambench.problem.tuning import Tuning
from adambench.tuning.rung import rungs
from adambench.tuning.space import spaces


def outline(problems: Sequence[Problem], tuning: Tuning) -> list[str]:
    """The ranges, and the gradient evaluations that all trials take if none diverges."""
    entrants = {entrant.label: entrant for problem in problems for entrant in problem.optimizers}
    axes = spaces([entrant for problem in problems for entrant in problem.optimizers], tuning.ranges)
    lines = [f"tuned: {label}: {'; '.join(map(str, axes[label]))}" for label in entrants]
    each = {problem.name: _evaluations(problem, tuning) for problem in problems}
    total = sum(each[problem.name] * _fit(problem) for problem in problems)
    seeds = "1 tuning seed" if tuning.seeds == 1 else f"{tuning.seeds} tuning seeds"
    halved = ", of which half are discarded at an eighth, a quarter and a half of the budget" if tuning.halving else ""
    lines.append(
        f"tuned: {tuning.trials:,} {tuning.sampler} draws for each optimizer on {seeds}, by {tuning.rule}{halved}: "
        f"{total:,} gradient evaluations"
    )
    return lines


def _evaluations(problem: Problem, tuning: Tuning) -> int:
    seeds = tuning.seeds if problem.random else 1
    return sum(rung.draws * rung.budget * seeds for rung in rungs(tuning.trials, problem.budget, tuning.halving))


def _fit(problem: Problem) -> int:
    return sum(not unfit(problem, entrant) for entrant in problem.optimizers)

"""All draws of all optimizers on all problems, and the winners."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adambench.configuration import Entrant
from adambench.engine.assembly import Assembly
from adambench.observer import Observer
from adambench.outcome import Trial
from adambench.plan import Settings, unfit
from adambench.problem.problem import Problem
from adambench.problem.tuning import Tuning
from adambench.runner import Run
from adambench.tuning.check import check_tuning
from adambench.tuning.draw import Draw, draws
from adambench.tuning.rung import rungs
from adambench.tuning.score import Score, key, ranking, score
from adambench.tuning.space import Axis, spaces

FIRST_SEED = 1_000_000
"""Tuning seeds start here: a problem's own, where they are a count, lie below."""


@dataclass(frozen=True)
class Tried:
    """The draws of one optimizer on one problem.

    scores       of each draw, at the last rung it was on; empty where the optimizer is unfit for the problem
    winner       the place of the best draw; None where there is none
    evaluations  of all trials on all rungs
    """

    problem: str
    entrant: Entrant
    draws: tuple[Draw, ...]
    scores: tuple[Score, ...] = ()
    winner: int | None = None
    evaluations: int = 0
    reason: str = ""

    @property
    def setting(self) -> Entrant:
        """What runs on the fresh seeds: the winner, or else the optimizer as it was given."""
        return self.entrant if self.winner is None else self.draws[self.winner].setting


@dataclass(eq=False)
class Search:
    """One tuning. Raises AdambenchError, before the first trial, for a tuning that cannot be.

    After `execute`: `tried`, for each problem one entry an optimizer, and in `problems` optima that were solved for.
    """

    problems: list[Problem]
    tuning: Tuning
    settings: Settings
    observer: Observer
    assembly: Assembly = field(default_factory=Assembly)
    tried: list[list[Tried]] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        check_tuning(self.problems, self.settings, self.tuning)
        entrants = {entrant.label: entrant for problem in self.problems for entrant in problem.optimizers}
        everybody = [entrant for problem in self.problems for entrant in problem.optimizers]
        self.spaces: dict[str, tuple[Axis, ...]] = spaces(everybody, self.tuning.ranges)
        self.draws = {label: draws(entrant, self.spaces[label], self.tuning) for label, entrant in entrants.items()}
        self.seeds = tuning_seeds(self.tuning, self.problems)

    def execute(self) -> list[Problem]:
        """Run all draws; the problems with the winners as their optimizers, in the same order."""
        started = time.perf_counter()
        try:
            for place in range(len(self.problems)):
                self.tried.append(self._tune(place))
        finally:
            self.seconds = time.perf_counter() - started
        if self.tuning.across:
            self._agree()
        return [
            replace(problem, optimizers=tuple(one.setting for one in tried))
            for problem, tried in zip(self.problems, self.tried, strict=True)
        ]

    def _tune(self, place: int) -> list[Tried]:
        problem = self.problems[place]
        scores: list[dict[int, Score]] = [{} for _ in problem.optimizers]
        left = [[] if unfit(problem, entrant) else list(range(self.tuning.trials)) for entrant in problem.optimizers]
        spent = [0] * len(left)
        targets = targets_of(problem)
        for rung in rungs(self.tuning.trials, problem.budget, self.tuning.halving):
            for rows, kept in zip(left, scores, strict=True):
                order = ranking(self.tuning.rule, targets, [kept[row] for row in rows]) if kept else range(len(rows))
                rows[:] = sorted(rows[one] for one in order[: rung.draws])
            for places in self._companies(problem, left):
                lanes = [(one, row) for one in places for row in left[one]]
                settings = [self.draws[problem.optimizers[one].label][row].setting for one, row in lanes]
                for (one, row), trials in zip(lanes, self._run(place, settings, rung.budget), strict=True):
                    spent[one] += sum(trial.stopped[0] for trial in trials)
                    scores[one][row] = score(trials, len(targets), rung.budget)
        return [
            self._best(problem, entrant, kept, rows, evaluations)
            for entrant, kept, rows, evaluations in zip(problem.optimizers, scores, left, spent, strict=True)
        ]

    def _companies(self, problem: Problem, left: list[list[int]]) -> list[list[int]]:
        """The optimizers that run together: all. But each alone where targets refer to the best loss of the run, or
        the company of an optimizer would decide which of its draws wins."""
        places = [place for place, rows in enumerate(left) if rows]
        if self.tuning.rule == "steps" and not reference_known(problem):
            return [[place] for place in places]
        return [places] if places else []

    def _run(self, place: int, settings: list[Entrant], budget: int) -> list[tuple[Trial, ...]]:
        """The trials of each setting on the tuning seeds, their hits in the order of the problem's targets."""
        problem = self.problems[place]
        # A loss that nobody knows yet would cost a second pass, and this rule does not ask for the hits.
        blind = self.tuning.rule == "final-loss" and not reference_known(problem)
        targets = tuple(target for target in problem.targets if not (blind and target.kind == "relative"))
        seeds = self.seeds if problem.random else self.seeds[:1]
        shorter = replace(problem, optimizers=tuple(settings), seeds=seeds, budget=budget, targets=targets)
        run = Run([shorter], self.settings, _Announcing(self.observer), self.assembly)
        run.execute()
        solved = run.problems[0]
        self.problems[place] = replace(problem, optimum=solved.optimum, solution=solved.solution)
        outcomes = [outcome.trials if outcome is not None else () for outcome in run.finished[0].outcomes]
        return [tuple(_all_hits(trial, problem, targets) for trial in trials) for trials in outcomes]

    def _best(
        self, problem: Problem, entrant: Entrant, kept: dict[int, Score], rows: list[int], evaluations: int
    ) -> Tried:
        mine = self.draws[entrant.label]
        if not kept:
            return Tried(problem.name, entrant, mine, reason=unfit(problem, entrant))
        winner = rows[ranking(self.tuning.rule, targets_of(problem), [kept[row] for row in rows])[0]]
        return Tried(problem.name, entrant, mine, tuple(kept[row] for row in range(len(mine))), winner, evaluations)

    def _agree(self) -> None:
        """One winner for all problems: the draw with the least sum of ranks over them, ties sharing their mean."""
        sums: dict[str, list[float]] = {}
        for problem, tried in zip(self.problems, self.tried, strict=True):
            for one in tried:
                if one.winner is not None:
                    ranks = _ranks([key(self.tuning.rule, targets_of(problem), found) for found in one.scores])
                    before = sums.get(one.entrant.label, [0.0] * len(ranks))
                    sums[one.entrant.label] = [a + b for a, b in zip(before, ranks, strict=True)]
        self.tried = [
            [
                one if one.winner is None else replace(one, winner=(total := sums[one.entrant.label]).index(min(total)))
                for one in tried
            ]
            for tried in self.tried
        ]


def tuning_seeds(tuning: Tuning, problems: Sequence[Problem]) -> tuple[int, ...]:
    """The smallest from `FIRST_SEED` (times one more for each further tuning) that no problem has as its own."""
    own = {seed for problem in problems for seed in problem.seeds}
    free = (seed for seed in itertools.count(FIRST_SEED * (1 + tuning.seed)) if seed not in own)
    return tuple(itertools.islice(free, tuning.seeds))


def targets_of(problem: Problem) -> list[dict[str, Any]]:
    """The targets as the report has them."""
    return [target.as_dict() for target in problem.targets]


def reference_known(problem: Problem) -> bool:
    """Whether targets mean the same in every run."""
    located = problem.optimum is not None or problem.solve
    return located or all(target.kind != "relative" for target in problem.targets)


def _all_hits(trial: Trial, problem: Problem, targets: tuple[Any, ...]) -> Trial:
    """The trial with a miss at each target that was left out."""
    if targets == problem.targets:
        return trial
    hits = dict(zip(targets, trial.hits, strict=True))
    return replace(trial, hits=tuple(hits.get(target) for target in problem.targets))


def _ranks(keys: list[tuple[float, ...]]) -> list[float]:
    """From 1; equals share the mean of theirs."""
    ranks = [math.nan] * len(keys)
    before = 0
    for _, group in itertools.groupby(sorted(range(len(keys)), key=keys.__getitem__), key=keys.__getitem__):
        equal = list(group)
        for place in equal:
            ranks[place] = before + (len(equal) + 1) / 2
        before += len(equal)
    return ranks


@dataclass(frozen=True)
class _Announcing:
    """An observer that says what is being tuned."""

    observer: Observer

    def compiling(self, name: str, done: int, total: int) -> None:
        self.observer.compiling(name, done, total)

    def running(self, problem: str, share: float, trials: int, total: int) -> None:
        self.observer.running(f"tuning on {problem}", share, trials, total)

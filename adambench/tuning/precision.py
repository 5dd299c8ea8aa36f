"""As many seeds as a precision asks for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adambench.analysis.summary import summarize
from adambench.analysis.target import from_hardest, target_text
from adambench.problem.problem import Problem
from adambench.runner import ProblemRun, Run

STATISTICS = ("ert", "final-loss")


@dataclass(frozen=True)
class PrecisionGoal:
    """Seeds are added until half the width of a 95% interval is at most `share` of what it is an interval of.

    statistic  ert: the expected runtime to the hardest target of the problem that anybody solves, of those who do: half
               of their trials or more reach it; the median final loss where nobody solves any. final-loss: that
    most       seeds of a problem, where the goal is not met before

    Whose median is infinite there has no interval: the goal is about the others, and the record names who is left out.
    Where it is everybody's the goal is not met, and no seed is added, as none would narrow anything.
    """

    share: float
    statistic: str = STATISTICS[0]
    most: int = 1000


def refine(run: Run, goal: PrecisionGoal) -> None:
    """Run again, with twice the seeds, the problems of an executed `run` that are short of the goal, until none is.

    In `run.problems` and `run.finished` the last round takes the place of those before: what a run with that many
    seeds gives, to the bit. Interrupted, the round before stays. A problem in which nothing is random is left alone.
    """
    while places := [place for place, one in enumerate(run.finished) if _wants_more(one, goal)]:
        more = [_doubled(run.problems[place], goal.most) for place in places]
        again = Run(more, run.settings, run.observer, run.assembly, introductions=run.introductions)
        try:
            again.execute()
        finally:
            run.compile_seconds += again.compile_seconds
            run.run_seconds += again.run_seconds
        for place, finished in zip(places, again.finished, strict=True):
            run.problems[place], run.finished[place] = finished.problem, finished


def _wants_more(finished: ProblemRun, goal: PrecisionGoal) -> bool:
    problem = finished.problem
    if not problem.random or len(problem.seeds) >= goal.most:
        return False
    found = widths(finished, goal)
    return bool(found) and not met(found.values(), goal)


def met(found: Iterable[float | None], goal: PrecisionGoal) -> bool:
    """Whether all of these are narrow enough; an interval without an end is not, and of none nothing is known."""
    narrow = [width is not None and width <= goal.share for width in found]
    return bool(narrow) and all(narrow)


def widths(finished: ProblemRun, goal: PrecisionGoal) -> dict[int, float | None]:
    """Half the width of each optimizer's interval over the value, by its place in the problem; None where it has no
    end, and nothing for those whose median is infinite."""
    return measured(finished, goal)[1]


def measured(finished: ProblemRun, goal: PrecisionGoal) -> tuple[str, dict[int, float | None]]:
    """What the intervals are of, in words, and the `widths`."""
    problem = finished.problem
    targets = [target.as_dict() for target in problem.targets]
    rows = {
        place: summarize(outcome.trials, outcome.grid, targets, random=problem.random)
        for place, outcome in enumerate(finished.outcomes)
        if outcome is not None
    }
    order = from_hardest(targets) if goal.statistic == "ert" else []
    for index in order:
        reached = {place: row["targets"][index] for place, row in rows.items()}
        if solving := {place: target for place, target in reached.items() if target["median"] is not None}:
            of = f"the ERT to {target_text(targets[index])}"
            return of, {place: _width(target["ert"], target["ert_ci95"]) for place, target in solving.items()}
    finals = {place: row["final_loss"] for place, row in rows.items()}
    return "the median final loss", {
        place: _width(final["median"], final["ci95"]) for place, final in finals.items() if final["median"] is not None
    }


def _width(value: float, interval: Sequence[float | None] | None) -> float | None:
    if interval is None or interval[0] is None or interval[1] is None:
        return None
    half = (interval[1] - interval[0]) / 2
    return half / abs(value) if value else None if half else 0.0


def _doubled(problem: Problem, most: int) -> Problem:
    """The problem with twice its seeds, up to so many: its own, then the smallest that are not among them."""
    wanted = min(2 * len(problem.seeds), most)
    own = set(problem.seeds)
    further = itertools.islice((seed for seed in itertools.count() if seed not in own), wanted - len(own))
    return replace(problem, seeds=(*problem.seeds, *further))


def precision_record(run: Run, goal: PrecisionGoal, names: Sequence[Sequence[str]] = ()) -> dict[str, Any]:
    """`adaptive_seeds` of the report.

    names  what the rows of each problem are called, where not by the labels of its optimizers
    """
    called = names or [[entrant.label for entrant in finished.problem.optimizers] for finished in run.finished]
    return {
        "goal": goal.share,
        "statistic": goal.statistic,
        "max_seeds": goal.most,
        "problems": [_reached(*each, goal) for each in zip(run.finished, called, strict=False)],
    }


def _reached(finished: ProblemRun, names: Sequence[str], goal: PrecisionGoal) -> Mapping[str, Any]:
    """Widest: null where an interval has no end, or there is none; unmeasured: those whose median is infinite;
    wide: those whose interval is wider than the goal, the widest first, null being one without an end."""
    of, found = measured(finished, goal)
    wide = [] if not finished.problem.random else [(p, w) for p, w in found.items() if w is None or w > goal.share]
    wide.sort(key=lambda each: -math.inf if each[1] is None else -each[1])
    ends = [width for width in found.values() if width is not None]
    widest = max(ends) if ends and len(ends) == len(found) else None
    return {
        "problem": finished.problem.name,
        "seeds": len(finished.problem.seeds),
        "widest": widest,
        "met": not finished.problem.random or met(found.values(), goal),
        "measured": len(found),
        "of": of,
        "wide": [{"optimizer": names[place], "width": width} for place, width in wide],
        "unmeasured": [name for place, name in enumerate(names) if finished.problem.random and place not in found],
    }

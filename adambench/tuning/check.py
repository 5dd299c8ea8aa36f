"""Which tuning a run has, and whether it can have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from adambench.errors import AdambenchError
from adambench.plan import Settings
from adambench.problem.problem import Problem
from adambench.problem.tuning import MOST_DRAWS, MOST_TUNING_SEEDS, RULES, SAMPLERS, Tuning


def common_tuning(problems: Sequence[Problem], given: Mapping[str, Any] = MappingProxyType({})) -> Tuning | None:
    """What the files ask for, but for the fields that are `given` instead; of `ranges` those of the same owner and
    hyperparameter. A file that asks for none has the defaults, once the trials are given.

    AdambenchError where files still disagree: tuned alike or not, that is what is compared.
    """
    asked = [_replaced(problem.tuning, given) for problem in problems]
    for problem, tuning in zip(problems, asked, strict=True):
        if tuning != asked[0]:
            apart = " and ".join(_apart(asked[0], tuning))
            raise AdambenchError(
                f"problems {problems[0].name} and {problem.name} ask for different tunings ({apart}): run them one by "
                "one, or give what differs to compare for all of them, first --tune N"
            )
    if not asked or asked[0] is None:
        return None
    # A range of an optimizer that the command line leaves out is no mistake of the file.
    there = [entrant for problem in problems for entrant in problem.optimizers]
    ranges = tuple(one for one in asked[0].ranges if one in given.get("ranges", ()) or one.concerns(there))
    return replace(asked[0], ranges=ranges)


def _replaced(asked: Tuning | None, given: Mapping[str, Any]) -> Tuning | None:
    if asked is None:
        return Tuning(**given) if "trials" in given else None
    ranges = given.get("ranges", ())
    names = {(one.owner, one.hyperparameter) for one in ranges}
    kept = [one for one in asked.ranges if (one.owner, one.hyperparameter) not in names]
    return replace(asked, **{**given, "ranges": (*kept, *ranges)})


def _apart(first: Tuning | None, second: Tuning | None) -> list[str]:
    """The fields in which they differ, as files spell them."""
    if first is None or second is None:
        return ["trials"]
    names = [field.name for field in fields(Tuning) if getattr(first, field.name) != getattr(second, field.name)]
    return ["space" if name == "ranges" else name for name in names]


def check_tuning(problems: Sequence[Problem], settings: Settings, tuning: Tuning) -> None:
    """AdambenchError, in one sentence, for a tuning that cannot be."""
    for name, value, most in (("trials", tuning.trials, MOST_DRAWS), ("seeds", tuning.seeds, MOST_TUNING_SEEDS)):
        if type(value) is not int or not 1 <= value <= most:
            raise AdambenchError(f"tuning: {name}: expected a whole number from 1 to {most:,}, got {value!r}")
    for name, word, words in (("sampler", tuning.sampler, SAMPLERS), ("rule", tuning.rule, RULES)):
        if word not in words:
            raise AdambenchError(f"tuning: {name}: expected one of {', '.join(words)}, got {word!r}")
    if settings.stop_at_target and tuning.rule == "final-loss":
        raise AdambenchError(
            "--stop-at-target ends a trial before the horizon, and the rule final-loss compares the losses there: "
            "tune with --rule steps, or without --stop-at-target"
        )
    if tuning.halving and tuning.across:
        raise AdambenchError("--halving keeps other draws on each problem, and --tune-across needs all draws on all")
    for problem in problems if tuning.halving else ():
        if problem.schedule.kind in ("linear", "cosine"):
            raise AdambenchError(
                f"problem {problem.name}: --halving compares unfinished trials, and the {problem.schedule.kind} "
                "schedule ends with the budget: a shorter trial is another one"
            )

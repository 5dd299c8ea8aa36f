"""The options of a tuned comparison, and of seeds that are added until an interval is narrow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adambench.errors import AdambenchError
from adambench.problem.problem import Problem
from adambench.problem.tuning import MOST_DRAWS, MOST_TUNING_SEEDS, RULES, SAMPLERS, Tuning, parse_ranges
from adambench.tuning.check import common_tuning

if TYPE_CHECKING:
    from adambench.tuning.precision import PrecisionGoal

Command = TypeVar("Command", bound=Callable[..., Any])

FIELDS = {
    "sampler": "sampler",
    "rule": "rule",
    "tuning_seeds": "seeds",
    "tuning_seed": "seed",
    "include_defaults": "defaults",
    "halving": "halving",
    "tune_across": "across",
}
"""Options, and the fields of a Tuning that they are."""


def tuning_options(command: Command) -> Command:
    """How to tune, and how precise to be."""
    for option in reversed(
        [
            click.option(
                "--tune",
                type=click.IntRange(1, MOST_DRAWS),
                metavar="N",
                help="N draws for every optimizer; the best of each runs on the seeds.",
            ),
            click.option("--sampler", type=click.Choice(SAMPLERS), help="How they are drawn.  [default: sobol]"),
            click.option("--space", metavar="A.HYPER=LO..HI,...", help="Instead of the ranges that are declared."),
            click.option(
                "--rule",
                type=click.Choice(RULES),
                help="Which is best: the median loss at the horizon, or steps to the hardest target it reaches.  "
                "[default: final-loss]",
            ),
            click.option(
                "--tuning-seeds",
                type=click.IntRange(1, MOST_TUNING_SEEDS),
                metavar="R",
                help="Seeds, not among the others, that each draw runs on.  [default: 5]",
            ),
            click.option(
                "--tuning-seed",
                type=click.IntRange(0, 10**9),
                metavar="S",
                help="Another number, other draws.  [default: 0]",
            ),
            click.option("--halving", is_flag=True, help="Discard the worse draws early, by half."),
            click.option("--tune-across", is_flag=True, help="One setting for all problems, by the sum of ranks."),
            click.option("--include-defaults", is_flag=True, help="The defaults are the first draw."),
            click.option(
                "--precision-goal",
                metavar="P%",
                help="Double the seeds until 95% intervals are within P% of the value.",
            ),
            click.option(
                "--precision-of",
                type=click.Choice(["ert", "final-loss"]),
                default="ert",
                show_default=True,
                help="Which intervals: of the expected runtime, or of the median final loss.",
            ),
            click.option(
                "--max-seeds",
                type=click.IntRange(2, 10_000),
                default=1000,
                show_default=True,
                metavar="N",
                help="Where no more are added.",
            ),
        ]
    ):
        command = option(command)
    return command


def tuning_of(problems: Sequence[Problem], options: dict[str, Any]) -> Tuning | None:
    """The tuning that the options ask for, over what the problem files do; None: as the optimizers are given."""
    given = {field: options[name] for name, field in FIELDS.items() if options.get(name)}
    if options.get("tuning_seed") is not None:
        given["seed"] = options["tuning_seed"]
    if options.get("space") is not None:
        try:
            given["ranges"] = parse_ranges(options["space"])
        except AdambenchError as error:
            raise AdambenchError(f"--space: {error}") from None
    if options.get("tune") is not None:
        return Tuning(options["tune"], **given)
    tuning = common_tuning(problems)
    if tuning is None:
        if given:
            names = [name for name, field in {**FIELDS, "space": "ranges"}.items() if field in given]
            raise AdambenchError(f"--{names[0].replace('_', '-')}: nothing is tuned: say how many draws with --tune N")
        return None
    return replace(tuning, **{**given, "ranges": (*tuning.ranges, *given.get("ranges", ()))})


def precision_goal_of(options: dict[str, Any]) -> PrecisionGoal | None:
    """The goal that the options spell: 10% or 0.1."""
    text = options.get("precision_goal")
    if text is None:
        return None
    from adambench.tuning.precision import PrecisionGoal

    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        raise AdambenchError(f"--precision-goal: expected a share between 0% and 100%, as in 10%, got {text!r}")
    return PrecisionGoal(share, options["precision_of"], options["max_seeds"])


MOST_WARNINGS = 10


def warnings(document: dict[str, Any]) -> list[str]:
    """What speaks against the tuning and the seeds of a report, a line a kind; the report itself has it all."""
    from adambench.tuning.warning import summary  # with the search, which a command that does not tune need not load

    tuning = document.get("tuning", {"warnings": [], "entries": []})
    said = [*summary(tuning["entries"]), *tuning["warnings"]]
    adaptive = document.get("adaptive_seeds", {"problems": []})
    said += [
        f"{one['problem']}: at {one['seeds']:,} seeds an interval is still wider than the precision goal"
        for one in adaptive["problems"]
        if not one["met"]
    ]
    more = [f"and {len(said) - MOST_WARNINGS} more warnings, in the JSON"] if len(said) > MOST_WARNINGS else []
    return [f"warning: {line}" for line in [*said[:MOST_WARNINGS], *more]]

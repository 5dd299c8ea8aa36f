"""The options of a tuned comparison, and of seeds that are added until an interval is narrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from adambench.cli.options import Command, with_options
from adambench.errors import AdambenchError
from adambench.problem.problem import Problem
from adambench.problem.tuning import MOST_DRAWS, MOST_TUNING_SEEDS, RULES, SAMPLERS, Tuning, parse_ranges
from adambench.requirement import exact_percent
from adambench.tuning.check import common_tuning

if TYPE_CHECKING:
    from adambench.tuning.precision import PrecisionGoal

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
MOST_WARNINGS = 10
MOST_SEEDS, STATISTIC = 1000, "ert"
"""What --max-seeds and --precision-of are unless given."""


def tuning_options(command: Command) -> Command:
    """How to tune, and how precise to be."""
    return with_options(
        command,
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
            help=f"Which intervals: of the expected runtime, or of the median final loss.  [default: {STATISTIC}]",
        ),
        click.option(
            "--max-seeds",
            type=click.IntRange(2, 10_000),
            metavar="N",
            help=f"Where no more are added.  [default: {MOST_SEEDS}]",
        ),
    )


def tuning_of(problems: Sequence[Problem], options: dict[str, Any]) -> Tuning | None:
    """What the problem files ask for, but for the single fields that options are given for; None: no tuning."""
    given = {field: options[name] for name, field in FIELDS.items() if options.get(name)}
    if options.get("tuning_seed") is not None:
        given["seed"] = options["tuning_seed"]
    if options.get("space") is not None:
        try:
            given["ranges"] = parse_ranges(options["space"])
        except AdambenchError as error:
            raise AdambenchError(f"--space: {error}") from None
    if options.get("tune") is not None:
        given["trials"] = options["tune"]
    tuning = common_tuning(problems, given)
    if tuning is None and given:
        names = [name for name, field in {**FIELDS, "space": "ranges"}.items() if field in given]
        raise AdambenchError(f"--{names[0].replace('_', '-')}: nothing is tuned: say how many draws with --tune N")
    return tuning


def precision_goal_of(options: dict[str, Any]) -> PrecisionGoal | None:
    """The goal that the options spell: 10% or 0.1."""
    text, most, statistic = (options.get(name) for name in ("precision_goal", "max_seeds", "precision_of"))
    if text is None:
        for name, value in (("max-seeds", most), ("precision-of", statistic)):
            if value is not None:
                raise AdambenchError(f"--{name}: no seeds are added: say how narrow with --precision-goal P%")
        return None
    from adambench.tuning.precision import PrecisionGoal

    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        raise AdambenchError(f"--precision-goal: expected a share between 0% and 100%, as in 10%, got {text!r}")
    return PrecisionGoal(share, statistic or STATISTIC, most or MOST_SEEDS)


def warnings(document: dict[str, Any]) -> list[str]:
    """What speaks against the tuning and the seeds of a report, a line a kind; the report itself has it all."""
    from adambench.tuning.warning import summary  # with the search, which a command that does not tune need not load

    tuning = document.get("tuning", {"warnings": [], "entries": []})
    said = [*summary(tuning["entries"]), *tuning["warnings"]]
    adaptive = document.get("adaptive_seeds", {"problems": []})
    said += [line for one in adaptive["problems"] for line in _short_of(one, adaptive["goal"])]
    more = [f"and {len(said) - MOST_WARNINGS} more warnings, in the JSON"] if len(said) > MOST_WARNINGS else []
    return [f"warning: {line}" for line in [*said[:MOST_WARNINGS], *more]]


def _short_of(reached: dict[str, Any], goal: float) -> list[str]:
    """What a problem of `adaptive_seeds` is short of, the goal being such a share."""
    where, out = f"{reached['problem']}: at {reached['seeds']:,} seeds", reached.get("unmeasured", [])
    if not reached["met"] and reached["widest"] is None and reached.get("measured") == 0:
        return [f"{where} every median is infinite, so there is no interval, and the precision goal is not met"]
    wide = [] if reached["met"] else [f"{where} {_too_wide(reached, exact_percent(goal))}"]
    whom = f"{where} the precision goal leaves out {', '.join(out)}, of infinite median"
    return [*wide, *([whom] if out else [])]


def _too_wide(reached: dict[str, Any], goal: str) -> str:
    """Whose interval is the widest, of what, and how wide; and how many others' are too wide."""
    if not (rows := reached.get("wide")):  # in a report of an earlier version
        return f"an interval is still wider than the precision goal of {goal}"
    widest, *others = rows
    reach = (
        "has no end" if (width := widest["width"]) is None else f"is {exact_percent(float(f'{width:.2g}'))} either way"
    )
    more = f"; so are {len(others)} more" if len(others) > 1 else "; so is 1 more" if others else ""
    whose = f"the 95% interval of {widest['optimizer']}, of {reached['of']},"
    return f"{whose} {reach}, still wider than the precision goal of {goal}{more}"

"""The options that commands share, and what they mean for a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from adambench.cli.plugins import plugin_option
from adambench.configuration import parse_list
from adambench.errors import AdambenchError, nearest
from adambench.plan import Settings, check_settings
from adambench.problem.problem import Target
from adambench.render import FORMATS, format_names, own_names

Command = TypeVar("Command", bound=Callable[..., Any])


def with_options(command: Command, *options: Callable[[Command], Command]) -> Command:
    """The command with these options, which its help lists in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def run_options(command: Command, optimizers: str = "instead of the file's.") -> Command:
    """What to run: optimizers, seeds, budget, targets, limits, threads.

    optimizers  what the help says of those that are given
    """
    return with_options(
        command,
        click.option("--optimizers", metavar="A,B,...", help=f"NAME[@DIALECT][:HYPER=VALUE]..., {optimizers}"),
        plugin_option,
        click.option("--seeds", type=click.IntRange(1, 1_000_000), metavar="N", help="Seeds 0..N-1."),
        click.option("--budget", type=click.IntRange(1, 10**12), metavar="N", help="Gradient evaluations a trial."),
        click.option("--targets", metavar="T,T,...", help="Relative targets, such as 1e-1,1e-3."),
        click.option(
            "--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds a trial may take."
        ),
        click.option("--stop-at-target", is_flag=True, help="End a trial when it has hit every target."),
        click.option(
            "-j", "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Threads; all processors by default."
        ),
        click.option(
            "--precision",
            type=click.Choice(["float32", "float64"]),
            default="float64",
            show_default=True,
            help="Of x, gradient and state.",
        ),
        click.option(
            "--allow-invalid", is_flag=True, help="Run problems, too, whose targets a negative control reaches."
        ),
        click.option("--dry-run", is_flag=True, help="Say what would run, and its cost; run nothing."),
    )


def output_options(command: Command) -> Command:
    """Where and how the result is written."""
    return with_options(
        command,
        click.option(
            "-f",
            "--format",
            "form",
            callback=_format,
            default="table",
            show_default=True,
            metavar=f"[{'|'.join(own_names())}]",
            help="How the result is written.",
        ),
        click.option("--json", "form", flag_value="json", help="The same as --format json."),
        click.option("-o", "--output", metavar="FILE", help="Instead of standard output; - is standard output."),
        click.option("-q", "--quiet", is_flag=True, help="Results and errors only."),
        click.option("--no-progress", is_flag=True, help="No progress line."),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="auto: where the output is a terminal; NO_COLOR and FORCE_COLOR are honoured.",
        ),
    )


def _format(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """The name of a format that there is."""
    if name not in own_names() and FORMATS.get(name) is None:
        known = format_names()
        raise click.BadParameter(f"{name!r} is not one of {', '.join(map(repr, known))}{nearest(name, known)}.")
    return name


def settings_of(options: dict[str, Any], default_optimizers: str | None = None) -> Settings:
    """The settings that the run options spell; AdambenchError where a value is wrong."""
    optimizers = default_optimizers if options["optimizers"] is None else options["optimizers"]
    settings = Settings(
        optimizers=None if optimizers is None else tuple(parse_list(optimizers)),
        seeds=tuple(range(options["seeds"])) if options["seeds"] else None,
        budget=options["budget"],
        targets=tuple(_targets(options["targets"])) if options["targets"] is not None else None,
        timeout=options["timeout"],
        stop_at_target=options["stop_at_target"],
        jobs=options["jobs"],
        precision=options["precision"],
        allow_invalid=options["allow_invalid"],
    )
    try:
        check_settings(settings)
    except AdambenchError as error:
        raise AdambenchError(f"--{error}") from None
    return settings


def _targets(text: str) -> list[Target]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = [-1.0]
    if not all(0 < value < 1 for value in values):
        raise AdambenchError(f"--targets: expected numbers between 0 and 1, separated by commas, got {text!r}")
    return [Target("relative", value) for value in dict.fromkeys(values)]

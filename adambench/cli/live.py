"""The options of a gate that measures both sides now, and the measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from adambench.cli.line import draw, is_shown
from adambench.cli.options import Command, with_options
from adambench.errors import AdambenchError

if TYPE_CHECKING:
    from adambench.gate.live import Race


def live_options(command: Command) -> Command:
    """Against which environment, how often, how long."""
    return with_options(
        command,
        click.option(
            "--live",
            metavar="PYTHON",
            help="Measure now, here and with the adambench of another environment's Python, which is the baseline; "
            "PROBLEM... then stands in place of RESULTS.",
        ),
        click.option(
            "--rounds",
            type=click.IntRange(3, 1000),
            metavar="N",
            help="Rounds of --live, in which both sides take turns.  [default: 6]",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0, min_open=True),
            metavar="S",
            help="Seconds that one side may take in a round of --live.  [default: 1800]",
        ),
    )


def race_of(problems: Sequence[str], options: dict[str, Any]) -> Race | None:
    """What --live measures: the problems named, or those that the command recorded in --baseline names; None without
    --live."""
    if options["live"] is None:
        for name in ("rounds", "timeout"):
            if options[name] is not None:
                raise AdambenchError(f"--{name} goes with --live, which measures both sides now")
        return None
    from adambench.gate.live import ROUNDS, SECONDS, race
    from adambench.gate.recorded import arguments, recorded
    from adambench.gate.side import here, there
    from adambench.saved import read_report

    if "-" in problems:
        raise AdambenchError("--live: each side reads the problems for itself: name files instead of -")
    if problems:
        what = arguments(problems)
    elif options["baseline"] is not None:
        what = arguments(recorded(read_report(options["baseline"])["command"], options["baseline"]))
    else:
        raise AdambenchError(
            "--live: expected PROBLEM..., or the problems of a report with --baseline FILE, got neither"
        )
    with _shown(options) as doing:
        discreet = not problems
        sides = [replace(side, discreet=discreet) for side in (there(options["live"]), here())]
        rounds, seconds = options["rounds"], options["timeout"]
        found = race(sides[0], sides[1], what, rounds or ROUNDS, seconds or SECONDS, doing)
    if problems and options["baseline"] is not None:
        said = f"live: {options['baseline']} was not read, since the problems are named on the command line"
        return replace(found, notes=(*found.notes, said))
    return found


@contextmanager
def _shown(options: dict[str, Any]) -> Iterator[Callable[[str], None]]:
    """A line on standard error, gone when done; none where that is no terminal."""
    shown = is_shown(not (options.get("quiet") or options.get("no_progress")))

    def say(line: str) -> None:
        if shown:
            draw(line)

    try:
        yield say
    finally:
        say("")

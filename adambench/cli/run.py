"""adambench run PROBLEM..."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from adambench.cli.explain import explain_option
from adambench.cli.export import Export, export_option, opened_exports, write_exports
from adambench.cli.options import output_options, run_options, settings_of
from adambench.cli.output import Output, note, open_output
from adambench.cli.tuning import precision_goal_of, tuning_of, warnings
from adambench.errors import AdambenchError
from adambench.plan import Settings, settle
from adambench.problem import load_all
from adambench.problem.bundled import resolve
from adambench.problem.problem import Problem
from adambench.problem.tuning import Tuning
from adambench.render import find_format
from adambench.render.parts.sentence import not_asked
from adambench.tuning.check import check_tuning
from adambench.tuning.outline import outline

if TYPE_CHECKING:
    from adambench.tuning.precision import PrecisionGoal


@click.command("run")
@click.argument("problems", nargs=-1, required=True, metavar="PROBLEM...")
@run_options
@explain_option
@output_options
@export_option
def command(problems: tuple[str, ...], **options: Any) -> int:
    """Run problems, each with its own optimizers.

    PROBLEM is a file, a folder, a bundled name or suite, or - for standard input.
    """
    return execute(list(problems), settings_of(options), options, comparison=False)


def execute(names: list[str], settings: Settings, options: dict[str, Any], comparison: bool) -> int:
    """Load, run, report; the exit code."""
    goal = precision_goal_of(options)
    if options["dry_run"]:
        problems, tuning = _prepared(names, settings, options)
        lines = [] if tuning is None else outline(problems, tuning)
        click.echo("".join(f"{line}\n" for line in lines) + cost_of(problems, settings), nl=False)
        return 0
    with opened_exports(options, "report", _files(names)) as exports:
        problems, tuning = _prepared(names, settings, options)
        output = open_output(options["output"])
        try:
            return _measure(problems, settings, tuning, goal, options, comparison, output, exports)
        finally:
            output.discard()


def _files(names: Sequence[str]) -> Iterator[str]:
    """The files that problems are read from; none of a name that is wrong, which is said when they are read."""
    for name in names:
        with suppress(AdambenchError):
            yield from (str(path) for path in resolve(name) if path is not None)


def _prepared(names: list[str], settings: Settings, options: dict[str, Any]) -> tuple[list[Problem], Tuning | None]:
    """The problems as they are to run, and how their optimizers are tuned. Raises AdambenchError."""
    problems = [settle(problem, settings) for problem in load_all(names)]
    tuning = tuning_of(problems, options)
    if tuning is not None:
        check_tuning(problems, settings, tuning)
    return problems, tuning


def _measure(
    problems: list[Problem],
    settings: Settings,
    tuning: Tuning | None,
    goal: PrecisionGoal | None,
    options: dict[str, Any],
    comparison: bool,
    output: Output,
    exports: Sequence[Export],
) -> int:
    # Numba takes a third of a second to import: after the problems have been read and found good.
    from adambench.cli import Terminated
    from adambench.cli.progress import Progress
    from adambench.report import build_report
    from adambench.runner import Run
    from adambench.tuning.precision import refine
    from adambench.tuning.search import Search

    progress = Progress(not (options["no_progress"] or options["quiet"]))
    search = None if tuning is None else Search(problems, tuning, settings, progress)
    run = Run(problems, settings, progress)
    broken: BaseException | None = None
    try:
        with progress:
            if search is not None:
                run = Run(search.execute(), settings, progress, search.assembly)
            run.execute()
            if goal is not None:
                refine(run, goal)
    except (KeyboardInterrupt, Terminated) as error:
        broken = error
    report = build_report(run, sys.argv[1:], comparison, broken is not None, search, goal, **_asked(options))
    for line in [*warnings(report.document), *filter(None, [not_asked(report.document)])]:
        note(line, options["quiet"])
    if broken is not None:
        done = sum(row["trials"] for row in report.document["results"])
        total = sum(len(problem.optimizers) * len(problem.seeds) for problem in problems)
        note(f"interrupted: {done} of {total} trials had finished")
    if broken is None or report.document["results"]:
        style = replace(output.style(options["color"]), explain=options["explain"])
        output.write(find_format(options["form"]).render(report.document, style))
        write_exports(report.document, exports, options["color"])
    if broken is not None:
        return 130 if isinstance(broken, KeyboardInterrupt) else 143
    return report.exit_code


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    """What only `compare` can be asked about the comparison."""
    return {name: options[name] for name in ("reference", "partial", "nemenyi") if name in options}


def cost_of(problems: list[Problem], settings: Settings) -> str:
    """What would run: a line a problem, and the sum of gradient evaluations."""
    lines, total = [], 0
    for problem in problems:
        trials = len(problem.optimizers) * len(problem.seeds)
        total += trials * problem.budget
        labels = ", ".join(configuration.label for configuration in problem.optimizers)
        lines.append(
            f"{problem.name}: {len(problem.optimizers)} optimizers x {len(problem.seeds)} seeds x "
            f"{problem.budget:,} evaluations in dimension {problem.dimension:,}: {labels}"
        )
    return "\n".join([*lines, f"in all {total:,} gradient evaluations in {settings.precision}", ""])

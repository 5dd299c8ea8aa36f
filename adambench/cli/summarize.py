"""adambench summarize RESULTS.json..."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from adambench.analysis.agreement import Source
from adambench.analysis.merge import merge
from adambench.cli.explain import explain_option
from adambench.cli.export import export_option, opened_exports, write_exports
from adambench.cli.options import output_options
from adambench.cli.output import note, open_output
from adambench.cli.plugins import plugin_option
from adambench.cli.ranking import ranking_options
from adambench.cli.tuning import warnings
from adambench.errors import AdambenchError
from adambench.render import find_format
from adambench.requirements import check_requirement
from adambench.saved import read_report
from adambench.version import VERSION

STDIN = "standard input"


@click.command("summarize")
@click.argument("results", nargs=-1, required=True, metavar="RESULTS.json...")
@ranking_options
@plugin_option
@explain_option
@output_options
@export_option
def command(results: tuple[str, ...], **options: Any) -> int:
    """Merge reports, compute their statistics anew from the trials, and rank the optimizers over all problems.

    RESULTS.json is what --json wrote, or - for standard input. Seeds, optimizers and problems add up; reports that
    differ in what their problems are or were run on are refused.
    """
    with opened_exports(options, "report", results) as exports:
        output = open_output(options["output"])
        try:
            document = summary([*results], options)
            for line in warnings(document):
                note(line, options["quiet"])
            style = replace(output.style(options["color"]), explain=options["explain"])
            output.write(find_format(options["form"]).render(document, style))
            write_exports(document, exports, options["color"])
        finally:
            output.discard()
    from adambench.report import Report  # imports Numba, which takes a third of a second: after what may be wrong

    return Report(document).exit_code


def summary(places: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """The report of all of these together."""
    from adambench.analysis.derived import derive

    if places.count("-") > 1:
        raise AdambenchError("summarize: expected - once at most, as there is one standard input, got it twice")
    sources = [Source(STDIN if place == "-" else place, read_report(place)) for place in places]
    document = merge(sources, VERSION, sys.argv[1:], check_requirement)
    asked = {name: options[name] for name in ("reference", "partial", "nemenyi")}
    return document | derive(document, comparison=True, **asked)

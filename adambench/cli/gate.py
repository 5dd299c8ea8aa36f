"""adambench gate RESULTS --baseline FILE"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from adambench.cli.export import export_option, opened_exports, write_exports
from adambench.cli.live import live_options, race_of
from adambench.cli.options import output_options
from adambench.cli.output import note, open_output
from adambench.errors import AdambenchError
from adambench.render import find_format

if TYPE_CHECKING:
    from adambench.gate.live import Race
    from adambench.gate.row import Document
    from adambench.gate.verdict import Terms


@click.command("gate")
@click.argument("results", nargs=-1, metavar="RESULTS")
@click.option("--baseline", metavar="FILE", help="The report to hold it against; - is standard input.")
@click.option(
    "--tolerance",
    multiple=True,
    metavar="'NAME SHARE'",
    help="How much worse is allowed: 'steps 2%' or 1.02x, 'final-loss 5%', 'reached 0', 'diverged 0'; may be repeated.",
)
@click.option("--exact", is_flag=True, help="Any change of a fingerprint fails.")
@click.option("--time", is_flag=True, help="With --live: time per step counts, too.")
@click.option(
    "--inconclusive",
    type=click.Choice(["pass", "fail", "report"]),
    default="report",
    show_default=True,
    help="What the exit code makes of it: 0, 1 or 3.",
)
@click.option("--update", is_flag=True, help="Make RESULTS the new baseline, and say what changes.")
@live_options
@output_options
@export_option
def command(results: tuple[str, ...], **options: Any) -> int:
    """Hold a report against a baseline: pass (exit 0), fail (1) or inconclusive (3).

    RESULTS is a report, as `adambench run --json` prints it; - is standard input.
    """
    from adambench.gate.tolerance import parse_tolerances
    from adambench.gate.verdict import Terms, exit_code

    terms = Terms(parse_tolerances(options["tolerance"]), options["exact"], options["time"], options["inconclusive"])
    inputs = [place for place in (*results, options["baseline"]) if place is not None]
    with opened_exports(options, "verdict", inputs) as exports:
        output = open_output(options["output"])
        try:
            document = _verdict(results, options, terms)
            if document is None:  # a baseline where there was none
                return 0
            if not (options["update"] and options["quiet"] and output.place is None):
                output.write(find_format(options["form"]).render(document, output.style(options["color"])))
            write_exports(document, exports, options["color"])
            return 0 if options["update"] else exit_code(document)
        finally:
            output.discard()


def _verdict(results: Sequence[str], options: dict[str, Any], terms: Terms) -> Document | None:
    """None where an update met nothing to hold RESULTS against."""
    from adambench.gate.verdict import judge

    if options["update"]:
        if options["live"] is not None:
            raise AdambenchError("--update: expected RESULTS, not --live: run adambench run --json first")
        return _update(_results(results), options, terms)
    if (race := race_of(results, options)) is not None:
        return _judge_race(race, options, terms)
    if options["time"]:
        raise AdambenchError("--time: expected --live PYTHON: times of two reports are of two days, and decide nothing")
    places = _baseline(options), _results(results)
    return judge(*_read(places), terms, places)


def _results(results: Sequence[str]) -> str:
    """The one place of RESULTS."""
    if len(results) != 1:
        raise AdambenchError(f"expected one RESULTS, a report as `adambench run --json` prints it, got {len(results)}")
    return results[0]


def _baseline(options: dict[str, Any]) -> str:
    """The place of --baseline."""
    if options["baseline"] is None:
        raise AdambenchError("expected --baseline FILE, the report to hold RESULTS against, got none")
    return str(options["baseline"])


def _read(places: tuple[str, str]) -> tuple[Document, Document]:
    """Both reports, the baseline first, with the rows that the gate needs."""
    from adambench.gate.row import row_of
    from adambench.saved.both import read_both

    baseline, results = places
    if baseline == results == "-":
        raise AdambenchError("--baseline: RESULTS is standard input already: give a file")
    if baseline != "-" and not os.path.exists(baseline):
        raise AdambenchError(f"--baseline: expected a file, and there is no {baseline}: make it with --update")
    both = read_both(baseline, results, row_of)
    gc.freeze()  # they stay to the end: no collection need look at them
    return both


def _judge_race(race: Race, options: dict[str, Any], terms: Terms) -> Document:
    from adambench.gate.row import record
    from adambench.gate.verdict import judge

    terms = replace(terms, costs=race.costs, restless=race.restless, notes=race.notes)
    return judge(record(race.baseline), record(race.measured), terms, (options["live"], "here"))


def _update(results: str, options: dict[str, Any], terms: Terms) -> Document | None:
    """Write RESULTS over the baseline; the verdict on it, where there is a baseline that it can be held against."""
    from adambench.gate.row import record, row_of
    from adambench.gate.update import added, check_kept, check_update
    from adambench.saved import read_report

    place = _baseline(options)
    if place == "-":
        raise AdambenchError("--update: expected --baseline FILE to write, got standard input")
    report = read_report(results)
    measured = record(report)
    check_update(measured, results)
    verdict, said = None, "new"
    if os.path.exists(place):
        try:  # what is no report is not written over
            baseline = read_report(place, shorten=row_of)
        except AdambenchError as error:
            raise AdambenchError(f"--update: {error}; remove it first, if it is to go") from None
        check_kept(baseline, measured, place)
        terms = replace(terms, notes=(*terms.notes, f"as it was before the update: {place} is {results} from now on"))
        verdict, said = _held(baseline, measured, terms, (f"{place} as it was before the update", results))
        if come := added(baseline, measured):
            said += f"; new: {come}"
    written = open_output(place)
    try:
        written.write(find_format("json").render(report, written.style("never")))
    finally:
        written.discard()
    note(f"{place} updated: {said}")
    return verdict


def _held(baseline: Document, measured: Document, terms: Terms, places: tuple[str, str]) -> tuple[Document | None, str]:
    """The verdict on a new baseline against the old, and what changes by it; no verdict, and notes on why, where they
    cannot be held against each other."""
    from adambench.gate.comparable import differences
    from adambench.gate.update import changes
    from adambench.gate.verdict import judge
    from adambench.saved.text import printable

    apart = "not comparable with what it was"
    if found := differences(baseline, measured):
        note("\n".join(printable(f"{places[1]}: accepted: {one.sentence}") for one in found))
        return None, apart
    try:
        verdict = judge(baseline, measured, terms, places)
    except AdambenchError as error:  # nothing was measured in the old one
        note(str(error))
        return None, apart
    return verdict, changes(verdict)

"""Whether a report may become the baseline, and what changes by it."""

from __future__ import annotations

from collections import Counter

from adambench.analysis.listing import listed
from adambench.errors import AdambenchError
from adambench.gate.check import told
from adambench.gate.required import unmet
from adambench.gate.row import Document, Row
from adambench.gate.verdict import check_measured
from adambench.saved.text import named, printable

NAMED = 8
"""Rows that a message names."""


def check_update(measured: Document, place: str) -> None:
    """AdambenchError where the report, with rows of gate/row.py, is no baseline: interrupted, with errors or nulls,
    without any measurement, or with a requirement unmet."""
    check_measured(measured, place)
    for row in measured["results"]:
        if why := _unfit(row):
            who = f"{row.optimizer} on {row.problem}"
            said = f"{named(place)}: expected results to hold others against, got {why} of {who}: mend it first"
            raise AdambenchError(printable(said))
    for (problem, optimizer), checks in unmet(measured).items():
        said = f"expected results that meet what is required, got {optimizer} on {problem}: {told(checks)}"
        raise AdambenchError(printable(f"{named(place)}: {said}: mend it first, or make the requirement advisory"))


def check_kept(old: Document, measured: Document, place: str) -> None:
    """AdambenchError where rows of the old baseline, at `place`, would go: what is no more held fails no more."""
    if gone := _only_in(old, measured):
        said = f"--update: {place}: expected results with every row of the baseline, got none of {listed(gone, NAMED)}"
        raise AdambenchError(printable(f"{said}: run these, too, or remove the file to start anew"))


def added(old: Document, measured: Document) -> str:
    """The rows that come with an update; empty where none does."""
    return printable(listed(_only_in(measured, old), NAMED))


def _only_in(one: Document, other: Document) -> list[str]:
    held = {(row.problem, row.optimizer) for row in other["results"]}
    return [f"{row.optimizer} on {row.problem}" for row in one["results"] if (row.problem, row.optimizer) not in held]


def _unfit(row: Row) -> str:
    if not len(row.seeds):
        return "no trials"
    if errors := row.count("error"):
        return f"{errors} trials in error"
    return f"nulls ({row.nulls[0]})" if row.nulls else ""


def changes(verdict: Document) -> str:
    """What an update changes, of the verdict on it: '2 cells better, 1 worse, 3 as they were'."""
    words = Counter(
        {"extra": "new", "missing": "gone", "same": "as before"}.get(cell["status"], cell["status"])
        for cell in verdict["cells"]
    )
    return ", ".join(f"{count} {word}" for word, count in sorted(words.items()))

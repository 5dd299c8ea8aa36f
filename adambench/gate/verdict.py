"""The verdict on a report: the document that `adambench gate --json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adambench.errors import AdambenchError
from adambench.gate.basis import differences as elsewhere
from adambench.gate.cell import Cell, Rules, judge_cell, only_in
from adambench.gate.check import VERDICTS
from adambench.gate.comparable import differences
from adambench.gate.pace import Cost
from adambench.gate.row import Document, Row
from adambench.gate.tolerance import Tolerances
from adambench.saved.text import printable
from adambench.version import VERSION

SCHEMA = "adambench/verdict/1"
Key = tuple[str, str]


@dataclass(frozen=True)
class Terms:
    """What the gate was asked.

    tolerances    by name, as `--tolerance` says; those that are not named are the problem's own, or the defaults
    inconclusive  what an undecided whole ends with: pass, fail or report
    costs         of each cell in interleaved rounds, before and now, where both were measured now
    """

    tolerances: Mapping[str, float] = field(default_factory=dict)
    exact: bool = False
    time: bool = False
    inconclusive: str = "report"
    costs: Mapping[Key, tuple[Sequence[Cost], Sequence[Cost]]] | None = None
    notes: Sequence[str] = ()


def judge(baseline: Document, measured: Document, terms: Terms, places: tuple[str, str]) -> Document:
    """The verdict on `measured` against `baseline`, reports with rows of gate/row.py.

    places  what messages call the two, the baseline first

    AdambenchError, a line for each, where they are not of the same thing, and where the baseline measured nothing.
    """
    check_measured(baseline, places[0])
    if found := differences(baseline, measured):
        lines = [printable(f"{places[1]}: error: {said} (baseline: {places[0]})") for said in found]
        raise AdambenchError("\n".join(lines))
    changes = elsewhere(baseline["environment"], measured["environment"])
    cells = list(_cells(baseline, measured, terms, changes))
    counts = {verdict: sum(cell["verdict"] == verdict for cell in cells) for verdict in VERDICTS}
    return {
        "schema": SCHEMA,
        "adambench": VERSION,
        "verdict": next((verdict for verdict in ("fail", "inconclusive") if counts[verdict]), "pass"),
        "results": places[1],
        "baseline": places[0],
        "basis": "outcomes" if changes else "bits",
        "notes": [*terms.notes, *_notes(changes)],
        "settings": _settings(terms, changes),
        "cells": cells,
        "counts": counts,
    }


def check_measured(document: Document, place: str) -> None:
    """AdambenchError where a report cannot be a baseline: nothing was measured, or it is half a report."""
    if document.get("interrupted"):
        raise AdambenchError(f"{place}: expected a complete report, got that of a run that was interrupted")
    if not any(row.inside.any() for row in document["results"]):
        raise AdambenchError(f"{place}: expected a report that measured something, got one in which nothing was")


def exit_code(document: Document) -> int:
    """0 pass, 1 fail, 3 inconclusive; or what `--inconclusive` makes of the last."""
    undecided = {"pass": 0, "fail": 1, "report": 3}[document["settings"]["inconclusive"]]
    return {"pass": 0, "fail": 1, "inconclusive": undecided}[document["verdict"]]


def _cells(baseline: Document, measured: Document, terms: Terms, changes: Sequence[str]) -> list[Cell]:
    before, after = _rows(baseline), _rows(measured)
    problems = [{problem["name"]: problem for problem in document["problems"]} for document in (baseline, measured)]
    cells = []
    for key, row in after.items():
        if key not in before:
            cells.append(only_in(row, "extra"))
            continue
        both = problems[0][row.problem], problems[1][row.problem]
        rules = Rules(_tolerances(both[1], terms, changes), changes, terms.exact, terms.time)
        costs = None if terms.costs is None else terms.costs.get(key, ((), ()))
        cells.append(judge_cell(before[key], row, both, rules, costs))
    cells += [only_in(row, "missing") for key, row in before.items() if key not in after]
    order = {name: place for place, name in enumerate(dict.fromkeys([*problems[0], *problems[1]]))}
    return sorted(cells, key=lambda cell: order[cell["problem"]])


def _tolerances(problem: Mapping[str, Any], terms: Terms, changes: Sequence[str]) -> Tolerances:
    found = Tolerances().changed(problem.get("tolerance", {})).changed(terms.tolerances)
    return found.elsewhere() if changes else found


def _rows(document: Document) -> dict[Key, Row]:
    return {(row.problem, row.optimizer): row for row in document["results"]}


def _notes(changes: Sequence[str]) -> list[str]:
    if not changes:
        return []
    named = ", ".join(changes)
    return [f"by outcomes, hits within 5% and losses above the last target, not by bits, since these differ: {named}"]


def _settings(terms: Terms, changes: Sequence[str]) -> dict[str, Any]:
    tolerances = _tolerances({}, terms, changes)
    return {
        "exact": terms.exact,
        "time": terms.time,
        "tolerances": tolerances.as_dict(),
        "slowdown": 1.0 + tolerances.steps,
        "inconclusive": terms.inconclusive,
    }

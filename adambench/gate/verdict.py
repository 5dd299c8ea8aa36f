"""The verdict on a report: the document that `adambench gate --json` prints."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adambench.analysis.number import percent, significant
from adambench.errors import AdambenchError
from adambench.gate.basis import differences as elsewhere
from adambench.gate.cell import Cell, Rules, judge_cell, only_in
from adambench.gate.check import VERDICTS
from adambench.gate.comparable import differences
from adambench.gate.pace import TOO_SHORT, Cost
from adambench.gate.required import with_unmet
from adambench.gate.row import Document, Row
from adambench.gate.tolerance import Tolerances, tolerances_of
from adambench.saved.text import printable
from adambench.version import VERSION

SCHEMA = "adambench/verdict/1"
INTERRUPTED = "expected a complete report, got that of a run that was interrupted: run it again"
Key = tuple[str, str]


@dataclass(frozen=True)
class Terms:
    """What the gate was asked.

    tolerances    by name, as `--tolerance` says; those that are not named are the problem's own, or the defaults
    inconclusive  what an undecided whole ends with: pass, fail or report
    costs         of each cell in interleaved rounds, before and now, where both were measured now
    restless      cells of which rounds gave different results: nothing is shown by any one of them
    """

    tolerances: Mapping[str, float] = field(default_factory=dict)
    exact: bool = False
    time: bool = False
    inconclusive: str = "report"
    costs: Mapping[Key, tuple[Sequence[Cost], Sequence[Cost]]] | None = None
    restless: Collection[Key] = ()
    notes: Sequence[str] = ()

    @property
    def live(self) -> bool:
        return self.costs is not None


def judge(baseline: Document, measured: Document, terms: Terms, places: tuple[str, str]) -> Document:
    """The verdict on `measured` against `baseline`, reports with rows of gate/row.py.

    places  what messages call the two, the baseline first

    AdambenchError, a line for each, where they are not of the same thing, and where the baseline measured nothing.
    """
    check_measured(baseline, places[0])
    if found := _refusals(baseline, measured, terms):
        lines = [printable(f"{places[1]}: error: {said} (baseline: {places[0]})") for said in found]
        raise AdambenchError("\n".join(lines))
    changes = elsewhere(baseline["environment"], measured["environment"])
    cells = _cells(baseline, measured, terms, changes)
    counts = {verdict: sum(cell["verdict"] == verdict for cell in cells) for verdict in VERDICTS}
    return {
        "schema": SCHEMA,
        "adambench": VERSION,
        "verdict": next((verdict for verdict in VERDICTS if counts[verdict]), "pass"),
        "results": places[1],
        "baseline": places[0],
        "basis": "outcomes" if changes else "bits",
        "notes": [*terms.notes, *_notes(baseline, measured, terms, changes), *_untimed(cells, terms)],
        "settings": _settings(baseline, measured, terms, changes),
        "cells": cells,
        "counts": counts,
    }


def check_measured(document: Document, place: str) -> None:
    """AdambenchError where a report cannot be a baseline: nothing was measured, or it is half a report."""
    if document.get("interrupted"):
        raise AdambenchError(f"{place}: expected a complete report, got that of a run that was interrupted")
    if not any(row.inside.any() for row in document["results"]):
        raise AdambenchError(f"{place}: expected a report that measured something, got one in which nothing was")


def _refusals(baseline: Document, measured: Document, terms: Terms) -> list[str]:
    """Why there is no verdict, and what mends it."""
    whole = [INTERRUPTED] if measured.get("interrupted") else []
    accept = "" if terms.live else ", or accept it with --update"
    return [*whole, *(f"{one.sentence}: {one.mend}{accept}" for one in differences(baseline, measured))]


def exit_code(document: Document) -> int:
    """0 pass, 1 fail, 3 inconclusive; or what `--inconclusive` makes of the last."""
    undecided = {"pass": 0, "fail": 1, "report": 3}[document["settings"]["inconclusive"]]
    return {"pass": 0, "fail": 1, "inconclusive": undecided}[document["verdict"]]


def _cells(baseline: Document, measured: Document, terms: Terms, changes: Sequence[str]) -> list[Cell]:
    before, after = _rows(baseline), _rows(measured)
    problems = [{problem["name"]: problem for problem in document["problems"]} for document in (baseline, measured)]
    tolerances = {name: _tolerances(problem, terms, changes) for name, problem in problems[0].items()}
    cells = []
    for key, row in after.items():
        if key not in before:
            cells.append(only_in(row, "extra", terms.live))
            continue
        both = problems[0][row.problem], problems[1][row.problem]
        rules = Rules(tolerances[row.problem], changes, terms.exact, terms.time, terms.live)
        costs = None if terms.costs is None else terms.costs.get(key, ((), ()))
        cell = judge_cell(before[key], row, both, rules, costs)
        cells.append(_unsteady(cell) if key in terms.restless else cell)
    cells += [only_in(row, "missing", terms.live) for key, row in before.items() if key not in after]
    order = {name: place for place, name in enumerate(dict.fromkeys([*problems[0], *problems[1]]))}
    return sorted(with_unmet(cells, measured), key=lambda cell: order.get(cell["problem"], len(order)))


def _unsteady(cell: Cell) -> Cell:
    """A cell whose rounds differ: what failed in the first has failed; what passed has shown nothing."""
    if cell["verdict"] == "fail":
        return cell
    said = "its results were not the same in every round, so that no one of them shows anything"
    return {**cell, "verdict": "inconclusive", "status": "undecided", "sentence": said}


def _tolerances(problem: Mapping[str, Any], terms: Terms, changes: Sequence[str]) -> Tolerances:
    """Those of a problem of the baseline: what makes it worse is not to allow itself to."""
    return tolerances_of(problem.get("tolerance", {}), terms.tolerances, bool(changes))


def _rows(document: Document) -> dict[Key, Row]:
    return {(row.problem, row.optimizer): row for row in document["results"]}


def _notes(baseline: Document, measured: Document, terms: Terms, changes: Sequence[str]) -> list[str]:
    found, own = [], {problem["name"]: problem.get("tolerance", {}) for problem in baseline["problems"]}
    if changes:
        within = percent(_tolerances({}, terms, changes).steps)
        if "steps" not in terms.tolerances and any("steps" in given for given in own.values()):
            within += " or as its problem says"
        found.append(
            f"by outcomes, hits within {within} and losses above the last target, not by bits, since these differ: "
            f"{', '.join(changes)}"
        )
    for problem in measured["problems"]:
        name, theirs = problem["name"], problem.get("tolerance", {})
        if name not in own:
            continue
        held = _tolerances({"tolerance": own[name]}, terms, changes).as_dict()
        if own[name]:
            given = ", ".join(f"{key} {_allowed(key, held[key])}" for key in held if key in own[name])
            found.append(f"{name}: held to {given}, as the baseline and --tolerance say")
        if theirs != own[name]:
            found.append(
                f"{name}: its tolerance was changed since the baseline, which still holds: update to change it"
            )
    return [printable(note) for note in found]


def _untimed(cells: Sequence[Cell], terms: Terms) -> list[str]:
    """Where time counts: in how many cells it could not be measured."""
    short = sum(check["sentence"] == TOO_SHORT for cell in cells for check in cell["checks"])
    return [f"time/step in {short} of {len(cells)} cells: {TOO_SHORT}"] if terms.time and short else []


def _allowed(name: str, value: float) -> str:
    return significant(value) if name in ("reached", "diverged") and value >= 1.0 else percent(value)


def _settings(baseline: Document, measured: Document, terms: Terms, changes: Sequence[str]) -> dict[str, Any]:
    tolerances, names = _tolerances({}, terms, changes), {problem["name"] for problem in measured["problems"]}
    return {
        "exact": terms.exact,
        "time": terms.time,
        "tolerances": tolerances.as_dict(),
        "problem_tolerances": {
            problem["name"]: _tolerances(problem, terms, changes).as_dict()
            for problem in baseline["problems"]
            if problem.get("tolerance") and problem["name"] in names
        },
        "inconclusive": terms.inconclusive,
    }

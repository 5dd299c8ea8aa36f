"""What a report says of itself that no baseline excuses: requirements that are unmet, or of which none was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adambench.gate.check import Check, check, told
from adambench.saved.text import printable

METRIC = "require"
ANYBODY = "any optimizer"
"""Stands for one where a problem held to nothing has no row at all."""
UNHELD = "none of its requirements that count was asked: they are of optimizers or targets that were left out"

Cell = dict[str, Any]
Document = Mapping[str, Any]
Key = tuple[str, str]


def unmet(document: Document) -> dict[Key, list[Check]]:
    """The failed checks of each (problem, optimizer) of a report with rows of gate/row.py: one for each requirement
    that counts and is unmet; one where its problem has such requirements and none of them was asked, but for a
    comparison, which brings optimizers of its own. Empty where there are none."""
    found: dict[Key, list[Check]] = {}
    for entry in document.get("requirements", ()):
        if not (entry["met"] or entry["advisory"]):
            asked = entry["sentence"].removeprefix(f"{entry['optimizer']} ")
            failed = check(printable(f"{METRIC}: {asked}"), "worse", printable(f"unmet: {entry['measured']}"))
            found.setdefault((entry["problem"], entry["optimizer"]), []).append(failed)
    for name in () if "comparison" in document else document.get("held_to_nothing", ()):
        ran = [row.optimizer for row in document["results"] if row.problem == name]
        for optimizer in ran or [ANYBODY]:
            found.setdefault((name, optimizer), []).append(check(METRIC, "empty", UNHELD))
    return found


def with_unmet(cells: Iterable[Cell], document: Document) -> list[Cell]:
    """The cells, failed where a requirement is unmet; one of its own for each that is of no cell."""
    left = unmet(document)
    found = [_failed(cell, left.pop((cell["problem"], cell["optimizer"]), ())) for cell in cells]
    return [*found, *(_failed(_alone(key), checks) for key, checks in left.items())]


def _failed(cell: Cell, checks: Sequence[Check]) -> Cell:
    if not checks:
        return cell
    said = told(checks)
    if cell["verdict"] != "fail":
        status, own = checks[0]["status"], said
    else:
        status, own = cell["status"], f"{cell['sentence']}; {said}"
        if not cell["checks"]:  # it stands for itself in every format, and checks would be shown in its place
            checks = ()
    return {**cell, "verdict": "fail", "status": status, "sentence": own, "checks": [*checks, *cell["checks"]]}


def _alone(key: Key) -> Cell:
    """A cell in which nothing was compared."""
    whose = {"problem": key[0], "optimizer": key[1]}
    return {**whose, "verdict": "pass", "status": "within", "sentence": "", "checks": []}

"""The kinds of requirements: one file each, found by folder. A file declares KIND."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from adambench.catalog import in_folder
from adambench.errors import AdambenchError, nearest
from adambench.requirement import OPTIMIZER, Evidence, Judgement, Kind, counting
from adambench.shape import Fields, Key, Kinds, ListOf, Switch

Row = Mapping[str, Any]
EVERY_ENTRY = ("target", "within", "success_rate", "quantile")
"""Keys that every entry of a report has, null where its kind has no such thing: those of the kind that was the first.
Other keys stand only in the entries of the kinds that have them."""


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    return in_folder(__name__, __path__, "KIND")


def entry() -> Kinds:
    """What may stand in the list `require:`."""
    optimizer = Key(
        "optimizer",
        ListOf(OPTIMIZER, least=1, partial=True, alone=True),
        "one of the optimizers, or several; every one of the file by default",
    )
    return Kinds(
        {
            name: Fields(
                (
                    *kind.keys,
                    optimizer,
                    Key("advisory", Switch(), "shown, but never a reason for exit code 1", default=kind.advisory),
                ),
                kind.apart,
                partial=True,
            )
            for name, kind in kinds().items()
        }
    )


def check_requirement(problem: Row, asked: Row, results: Iterable[Row]) -> dict[str, Any]:
    """One requirement of one optimizer against the rows of a report: its entry in `requirements`.

    problem  the problem's "name" and "budget"
    asked    "kind", "optimizer" (label), "advisory" and the keys of the kind, defaults filled in. An entry of a report
             will do: it has them all
    results  rows of `results`; those of other problems are passed over

    Unmet where the row is absent or no trial counts, and where what was asked about has no value.
    """
    kind = kinds().get(asked["kind"])
    if kind is None:
        known = ", ".join(kinds())
        raise AdambenchError(
            f"requirement: expected one of the kinds {known}, got {asked['kind']!r}{nearest(asked['kind'], kinds())}"
        )
    rows = {row["optimizer"]: row for row in results if row["problem"] == problem["name"]}
    found = _judged(kind, asked, rows, problem["budget"])
    return {
        "problem": problem["name"],
        "optimizer": asked["optimizer"],
        "kind": kind.name,
        **dict.fromkeys(EVERY_ENTRY),
        **{key.name: asked.get(key.name) for key in kind.keys},
        "advisory": asked["advisory"],
        "sentence": f"{asked['optimizer']} {kind.sentence(asked)}",
        "met": found.met,
        "measured": found.measured,
        "value": found.value,
        **found.more,
    }


def _judged(kind: Kind, asked: Row, rows: Mapping[str, Row], budget: int) -> Judgement:
    row = rows.get(asked["optimizer"])
    if row is None:
        return Judgement(False, "the optimizer did not run")
    if not counting(row):
        return Judgement(False, "no trial counts: all were skipped or ended in error")
    return kind.check(asked, Evidence(row, rows, budget))

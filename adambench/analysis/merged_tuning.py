"""`tuning` of a merged report: what every optimizer was granted, wherever it was tuned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.agreement import Source, agree, name, refusal

Row = Mapping[str, Any]

PROTOCOL = ("trials", "sampler", "rule", "seed", "seeds", "defaults", "halving", "across")
FOUND = ("winner", "draw", "random", "tuning_loss", "tuning_hits", "seeds", "evaluations", "diverged", "draws")


def merged_tuning(sources: Sequence[Source], results: Sequence[Row], united: set[tuple[str, str]]) -> Row | None:
    """The tuning of all the reports; None where none is tuned. What follows from its entries is left to be derived.

    results  the merged rows
    united   (problem, optimizer) of the rows that several reports brought together: how the winner did on fresh seeds
             is computed anew

    Tunings are merged where each granted the same number of draws by the same sampler, rule and seeds from the same
    spaces: else the comparison would be of budgets. Rows of a report that tuned nothing were granted no draws. Both are
    an AdambenchError.
    """
    tuned = [source for source in sources if source.report.get("tuning") is not None]
    if not tuned:
        return None
    advice = "optimizers that were granted different tunings cannot be ranked together"
    for source in sources:
        if source.report.get("tuning") is None and source.report["results"]:
            draws = tuned[0].report["tuning"]["trials"]
            counted = f"1 draw in {tuned[0].place} and" if draws == 1 else f"{draws:,} draws in {tuned[0].place} and"
            raise refusal(f"each optimizer was tuned with {counted} none in {source.place}", advice)
    for key in PROTOCOL:
        values = [(source.place, source.report["tuning"][key]) for source in tuned]
        agree(f"tuning.{key}", values, advice)
    spaces: dict[str, tuple[str, Any]] = {}
    for source in tuned:
        for label, space in source.report["tuning"]["spaces"].items():
            known = spaces.setdefault(label, (source.place, space))
            agree(f"the tuning space of {name(label)}", [known, (source.place, space)], advice)
    rows = {(row["problem"], row["optimizer"]): row for row in results}
    return {
        **tuned[0].report["tuning"],
        "spaces": {label: space for label, (_, space) in spaces.items()},
        "warnings": list(dict.fromkeys(line for source in tuned for line in source.report["tuning"]["warnings"])),
        "entries": [
            _refreshed(entry, rows[cell]) if (cell := (entry["problem"], entry["optimizer"])) in united else entry
            for entry in _entries(tuned, list(dict.fromkeys(row["problem"] for row in results)))
        ],
    }


def _entries(tuned: Sequence[Source], problems: Sequence[str]) -> list[Row]:
    """One for each problem and optimizer, in the order of the problems."""
    found: dict[tuple[str, str], tuple[str, Row]] = {}
    for source in tuned:
        for entry in source.report["tuning"]["entries"]:
            cell = entry["problem"], entry["optimizer"]
            place, known = found.setdefault(cell, (source.place, entry))
            for key in FOUND:
                what = f"tuning's {key} of {name(cell[1])} on {name(cell[0])}"
                agree(what, [(place, known.get(key)), (source.place, entry.get(key))])
    order = {problem: number for number, problem in enumerate(problems)}
    return [entry for _, entry in sorted(found.values(), key=lambda one: order.get(one[1]["problem"], len(order)))]


def _refreshed(entry: Row, row: Row) -> Row:
    """With the numbers of the row that the winner has now."""
    loss, before = row["final_loss"]["median"], entry["tuning_loss"]
    hits = [None if target["median"] is None else float(target["median"]) for target in row["targets"]]
    gap = None if loss is None or before is None else loss - before
    return {**entry, "fresh_loss": loss, "fresh_hits": hits, "gap": gap}

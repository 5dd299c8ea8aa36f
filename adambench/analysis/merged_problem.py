"""One entry of `problems` out of several of the same name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.agreement import agree, name, refusal, said
from adambench.analysis.quantile import known, quartiles, reals

Row = Mapping[str, Any]

ALIKE = ("hash", "function", "dimension", "budget", "targets", "reference", "random", "unit", "sweep")
SOLVED = 1e-9
"""Share by which an optimum that was solved for may differ from one processor to another."""
ADVICE = {
    "hash": "give one of the two problems another name",
    "budget": "trials of different lengths are not comparable: measure again with one --budget",
    "targets": "measure again with the same --targets",
}
OWN = (
    "hits are relative to it, so measure the optimizers in one run, or give the problem the loss that its targets "
    "refer to (optimum: {loss: ...})"
)


def merged_problem(found: Sequence[tuple[str, Row]], results: Sequence[Row]) -> dict[str, Any]:
    """The problem that all of `found`, (place, entry) each, describe; `results` are its merged rows.

    `seeds` counts those of any row, `initial_loss` is computed anew. AdambenchError where they are different problems,
    or were run on different terms: another budget, other targets, another loss that relative targets refer to.
    """
    first = found[0][1]
    title = name(first["name"])
    for key in ALIKE:
        agree(f"the {key} of {title}", [(place, entry.get(key)) for place, entry in found], ADVICE.get(key, ""))
    if len(found) == 1:
        return dict(first)
    return {
        **first,
        **_reference(title, found),
        **({"seeds": _seeds(found, results)} if "seeds" in first else {}),
        "initial_loss": _initial_loss(found, results),
    }


def _reference(title: str, found: Sequence[tuple[str, Row]]) -> dict[str, Any]:
    """The loss that targets refer to; of optima that were solved for, which differ by roundings, the least."""
    values = [(place, entry["reference_loss"]) for place, entry in found]
    if not all(entry.get("solution") for _, entry in found):
        own = found[0][1]["reference"] == "report"
        return {"reference_loss": agree(f"the reference_loss of {title}", values, OWN if own else ADVICE["hash"])}
    least = min(found, key=lambda one: one[1]["reference_loss"])
    for place, value in values:
        if not math.isclose(value, least[1]["reference_loss"], rel_tol=SOLVED, abs_tol=SOLVED):
            raise refusal(
                f"the reference_loss of {title} is {said(least[1]['reference_loss'])} in {least[0]} and {said(value)} "
                f"in {place}"
            )
    return {"reference_loss": least[1]["reference_loss"], "solution": least[1]["solution"]}


def _seeds(found: Sequence[tuple[str, Row]], results: Sequence[Row]) -> int:
    ran = {seed["seed"] for row in results for seed in row["seeds"]}
    return max(len(ran), *(int(entry["seeds"]) for _, entry in found))


def _initial_loss(found: Sequence[tuple[str, Row]], results: Sequence[Row]) -> dict[str, Any]:
    """The median over the seeds: every optimizer has the same start."""
    given = found[0][1]["initial_loss"]
    starts: dict[int, float | None] = {}
    for seed in (seed for row in results for seed in row["seeds"]):
        if starts.get(seed["seed"]) is None:
            starts[seed["seed"]] = seed["initial_loss"]
    if all(loss is None for loss in starts.values()):
        return dict(given) if all(entry["initial_loss"] == given for _, entry in found) else {"median": None}
    return {"median": known(float(quartiles(reals(starts.values()))[1]))}

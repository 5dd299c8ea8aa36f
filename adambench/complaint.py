"""Why a row of a report will not do, in words: its requirements, its trials, and where it parts from a known run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.number import significant, steps
from adambench.analysis.parting import parting
from adambench.render import Style, find_format
from adambench.render.parts.plain import unheeded
from adambench.render.parts.sentence import requirement

Known = Mapping[str, Any]
"""What is kept of a run to compare later ones with, as JSON: hash, seeds, environment and curve."""


def trouble(row: Mapping[str, Any]) -> str:
    """What is wrong with a row of which nothing is required: all of its trials skipped, one in error, all diverged;
    '' where nothing is."""
    outcomes, first = row["outcomes"], row["seeds"][0] if row["seeds"] else None
    if first is None or outcomes["skipped"] == row["trials"]:
        return f"nothing was measured: {'no trial ran' if first is None else first['stopped']['cause']}"
    if fault := error(row):
        return fault
    return "every trial diverged" if outcomes["diverged"] == counted_in(row) else ""


def error(row: Mapping[str, Any]) -> str:
    """'2 of 5 trials ended in error: CAUSE'; '' where none did."""
    failed = [seed for seed in row["seeds"] if seed["outcome"] == "error"]
    return f"{len(failed)} of {row['trials']} trials ended in error: {failed[0]['stopped']['cause']}" if failed else ""


def complaint(
    document: Mapping[str, Any], problem: str, optimizer: str, unmet: Sequence[Mapping[str, Any]], known: str
) -> str:
    """The requirements that are unmet and what is wrong with the row; the row as the table has it; and what a
    comparison with a known run said."""
    rows = [row for row in document["results"] if (row["problem"], row["optimizer"]) == (problem, optimizer)]
    excerpt = {
        "problems": [entry for entry in document["problems"] if entry["name"] == problem],
        "results": rows,
    }
    wrong = [f"unmet: {requirement(entry)}" for entry in unmet]
    wrong += [f"{problem}: {optimizer}: {said}" for row in rows if (said := error(row) if unmet else trouble(row))]
    return unheeded("\n".join([*wrong, "", find_format("table").render(excerpt, Style()), *filter(None, [known])]))


def known_run(document: Mapping[str, Any], problem: str, optimizer: str) -> Known | None:
    """What a report has of an optimizer on a problem, to compare another run with; None where it has no such row."""
    rows = [row for row in document["results"] if (row["problem"], row["optimizer"]) == (problem, optimizer)]
    hashes = [entry["hash"] for entry in document["problems"] if entry["name"] == problem]
    if not rows or not hashes:
        return None
    curve = rows[0]["curve"]
    return {
        "hash": hashes[0],
        "seeds": [seed["seed"] for seed in rows[0]["seeds"]],
        "environment": {key: document["environment"].get(key) for key in ("python", "numpy", "numba", "cpu")},
        "curve": {"evaluations": curve["evaluations"], "median": curve["median"]},
    }


def departure(now: Known, then: Known | None, source: str) -> str:
    """Where a run first differs from the known one, which came from `source`: one sentence, with both losses."""
    if then is None:
        return f"nothing to compare with: {source}"
    if now["hash"] != then["hash"]:
        return f"nothing to compare with: {source} had another problem under this name (its hash differs)"
    if now["seeds"] != then["seeds"]:
        return f"nothing to compare with: {source} had other seeds"
    found = parting(now["curve"], then["curve"])
    if found is None:
        return f"no difference from {source}: the median loss is the same wherever both were watched"
    evaluation, loss, before = found
    changed = [key for key, value in now["environment"].items() if value != then["environment"].get(key)]
    elsewhere = f"; another {' and '.join(changed)}, of which rounding depends" if changed else ""
    return (
        f"first difference from {source}: after {steps(evaluation)} evaluation{'s' * (evaluation != 1)} "
        f"the median loss is {_loss(loss, before)}, was {_loss(before, loss)}{elsewhere}"
    )


def _loss(value: float | None, other: float | None) -> str:
    """As many digits as tell the two apart, at least 3."""
    if value is None:
        return "not finite"
    if other is not None:
        for digits in range(3, 17):
            if significant(value, digits) != significant(other, digits):
                return significant(value, digits)
    return repr(value) if other is not None else significant(value)

"""Series for github-action-benchmark (benchmark-action/github-action-benchmark: src/extract.ts, src/write.ts).

Its alert is a ratio to the last value of the same name: infinite from 0, upside down below 0. So every value here is
positive: shares of trials are given as 1 + 10 x share, so that where all fail that had not, of however few, the ratio
is 11 (its threshold is 2 by default), and what has no positive value is left out, which raises no alert by itself.
Times are left out: they are another machine's tomorrow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.number import significant
from adambench.analysis.target import target_text
from adambench.render import Document, Format, Style
from adambench.render.parts.name import series_name

Row = Mapping[str, Any]
UNSAFE = "`|"
"""They would break its table."""
LEAST = 1e-9
"""The share of the way left below which losses count as equal where no relative target says so."""


TENTHS = "1 + tenths of the trials"


def render(document: Document, style: Style) -> str:
    """For its tool customSmallerIsBetter: steps to each target (median), the trials that miss it, the final loss, and
    the trials that diverged; of each row that was measured.

    A median that is infinite leaves its series out; what made it so raises the share that misses, and among the
    `bigger` lowers the share that is at the target.
    """
    return _text(document, _smaller)


def bigger(document: Document, style: Style) -> str:
    """For customBiggerIsBetter: the trials at each target, accuracy on held-out data, the trials that end finite."""
    return _text(document, _bigger)


def _text(document: Document, series: Any) -> str:
    problems = {problem["name"]: problem for problem in document["problems"]}
    found = [
        {"name": series_name(row["problem"], row["optimizer"], name, without=UNSAFE), **entry}
        for row in document["results"]
        if counted_in(row)
        for name, entry in series(problems[row["problem"]], row)
        if entry["value"] is not None and entry["value"] > 0
    ]
    lines = ",".join(f"\n {json.dumps(entry, allow_nan=False)}" for entry in found)
    return f"[{lines}\n]\n"


def _smaller(problem: Mapping[str, Any], row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    for target in row["targets"]:
        reached = f"{target['reached']} of {target['trials']} trials reach it"
        yield (
            f"steps to {target_text(target)}",
            {"value": target["median"], "unit": "steps", **_range(target), "extra": reached},
        )
        yield f"misses of {target_text(target)}", _share(target["trials"] - target["reached"], target["trials"])
    yield "final loss", _loss(problem, row)
    yield "diverged trials", _share(row["outcomes"]["diverged"], counted_in(row))


def _bigger(problem: Mapping[str, Any], row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    for target in row["targets"]:
        yield f"trials at {target_text(target)}", _share(target["reached"], target["trials"])
    accuracy = (row.get("held_out") or {}).get("accuracy")
    if accuracy is not None:
        yield "held-out accuracy", {"value": accuracy["median"], "unit": "accuracy", **_range(accuracy)}
    yield "finite trials", _share(counted_in(row) - row["outcomes"]["diverged"], counted_in(row))


def _share(count: int, trials: int) -> dict[str, Any]:
    """Left out where there is no trial to count among."""
    value = 1 + 10 * count / trials if trials else None
    return {"value": value, "unit": TENTHS, "extra": f"{count} of {trials} trials"}


def _loss(problem: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """Of the way from the start to a known optimum the share that is left, down to the hardest relative target: below
    it only rounding differs. The loss itself where the optimum is unknown."""
    loss, start, best = (
        row["final_loss"]["median"],
        problem.get("initial_loss", {}).get("median"),
        problem["reference_loss"],
    )
    if None in (loss, start, best) or problem["reference"] != "optimum" or start <= best:
        return {"value": loss, "unit": "loss"}
    floor = min((target["value"] for target in problem["targets"] if target["kind"] == "relative"), default=LEAST)
    share = max((loss - best) / (start - best), floor)
    return {"value": share, "unit": "of the way left", "extra": f"loss {significant(loss)}"}


def _range(found: Mapping[str, Any]) -> dict[str, str]:
    """Half of what lies between the quartiles, as the text that its table takes for a range."""
    if None in (found["q25"], found["q75"]):
        return {}
    return {"range": f"± {significant((found['q75'] - found['q25']) / 2)}"}


FILES = {"smaller": render, "bigger": bigger}
FORMAT = Format("gab", "github-action-benchmark: FILE.smaller and FILE.bigger", render, files=FILES)

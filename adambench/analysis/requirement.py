"""Whether what a problem file requires holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.number import steps


def check_requirement(problem: str, require: Mapping[str, Any], results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One entry of `require` against the rows of `results`: what was asked, `met`, and `measured` in words.

    require  optimizer (label), target {"kind", "value"}, within (int or None: any), success_rate (1.0 by default)

    Met where the share of counted trials that hit the target, by the evaluation `within`, is at least success_rate.
    Unmet where the row or the target is absent, or no trial counts.
    """
    within, rate = require.get("within"), float(require.get("success_rate", 1.0))
    rows = [row for row in results if row["problem"] == problem and row["optimizer"] == require["optimizer"]]
    met, measured = _judge(rows[0], require["target"], within, rate) if rows else (False, "the optimizer did not run")
    return {
        "problem": problem,
        "optimizer": require["optimizer"],
        "target": {"kind": require["target"]["kind"], "value": require["target"]["value"]},
        "within": within,
        "success_rate": rate,
        "met": met,
        "measured": measured,
    }


def _judge(row: Mapping[str, Any], target: Mapping[str, Any], within: int | None, rate: float) -> tuple[bool, str]:
    places = [
        index
        for index, known in enumerate(row["targets"])
        if (known["kind"], known["value"]) == (target["kind"], target["value"])
    ]
    if not places:
        return False, "the target was not measured"
    hits = [seed["hits"][places[0]] for seed in row["seeds"] if seed["outcome"] not in OUTSIDE]
    if not hits:
        return False, "no trial counts: all were skipped or ended in error"
    good = sum(hit is not None and (within is None or hit <= within) for hit in hits)
    median = row["targets"][places[0]]["median"]
    pace = "never in the median" if median is None else f"{steps(median)} steps in the median"
    limit = "" if within is None else f" within {steps(within)} steps"
    return good / len(hits) >= rate, f"{good} of {len(hits)} trials{limit}, {pace}"

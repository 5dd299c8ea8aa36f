"""Targets of a problem: their names, their order, and who did better at one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.number import shortest

Target = Mapping[str, Any]


def target_text(target: Target) -> str:
    """'1e-5' for a relative target, else with its kind: 'loss 0.4'."""
    value = shortest(target["value"])
    return value if target["kind"] == "relative" else f"{target['kind']} {value}"


def from_hardest(targets: Sequence[Target]) -> list[int]:
    """Indices of the targets, the hardest first.

    Of one kind, the smaller is the harder. Kinds have no common scale: mixed ones are taken to be listed from easy
    to hard.
    """
    if len({target["kind"] for target in targets}) > 1:
        return list(reversed(range(len(targets))))
    return sorted(range(len(targets)), key=lambda index: float(targets[index]["value"]))


def standing(target_row: Mapping[str, Any]) -> tuple[float, float]:
    """Sort key of a row of `results[].targets` among those of one target: smaller is better.

    The higher success rate, then the fewer steps (median; where less than half hit it, the ERT). (0, inf) if never
    hit.
    """
    if not target_row["reached"]:
        return 0.0, math.inf
    return -target_row["reached"] / target_row["trials"], effort(target_row)


def effort(target_row: Mapping[str, Any]) -> float:
    """Steps to a target that was hit at least once: the median, or the ERT where that is infinite."""
    median = target_row["median"]
    return float(target_row["ert"] if median is None else median)

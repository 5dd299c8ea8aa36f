"""Whether the problems of a report can be: what its schema does not say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.saved.value import shown

BOUNDS = {
    "relative": (0.0, 1.0, "above 0 and below 1"),
    "gradient": (0.0, float("inf"), "above 0"),
    "distance": (0.0, float("inf"), "above 0"),
}
"""Between which values a target of a kind lies; a loss may be any."""


def problem_fault(problems: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """(path, sentence) of the first target that no problem file could have asked for; None where all are possible."""
    for index, problem in enumerate(problems):
        for place, target in enumerate(problem["targets"]):
            low, high, words = BOUNDS.get(target["kind"], (-float("inf"), float("inf"), ""))
            if not low < target["value"] < high:
                path = f"problems[{index}].targets[{place}].value"
                return path, f"expected a number {words} of kind {target['kind']}, got {shown(target['value'])}"
    return None

"""How close to the reference loss a problem counts as solved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adambench.analysis.target import from_hardest


def solved_gap(problem: Mapping[str, Any]) -> float:
    """The gap to the reference loss at the hardest target that is one of the loss: smaller gaps count as this.

    problem  as the report has it. A relative target tau is tau (initial_loss - reference_loss), in the median over the
             starts; a loss v is v - reference_loss. 0 where no target, or an unknown loss, says
    """
    reference, initial = problem.get("reference_loss"), problem.get("initial_loss", {}).get("median")
    if reference is None:
        return 0.0
    for index in from_hardest(problem["targets"]):
        kind, value = problem["targets"][index]["kind"], problem["targets"][index]["value"]
        if kind == "relative" and initial is not None:
            return max(float(value * (initial - reference)), 0.0)
        if kind == "loss":
            return max(float(value - reference), 0.0)
    return 0.0

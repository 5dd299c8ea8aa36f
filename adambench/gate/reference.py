"""Problems whose reference loss came from the report itself: both sides held to the baseline's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.quantile import Reals
from adambench.gate.row import Row

Problem = Mapping[str, Any]
ROUNDING = 1e-9
"""Of the way from the start to the reference: less than any target asks for."""


def moved(baseline: Problem, measured: Problem) -> bool:
    """Is there a reference loss of the report's own in both, and not the same, by more than rounding?"""
    if not baseline["reference"] == measured["reference"] == "report":
        return False
    one, other, start = baseline["reference_loss"], measured["reference_loss"], baseline["initial_loss"]["median"]
    if one is None or other is None or start is None:
        return bool(one != other)
    asked = [target["value"] for target in baseline["targets"] if target["kind"] == "relative"]
    return bool(abs(other - one) > min([ROUNDING, *(abs(value) * 1e-3 for value in asked)]) * abs(start - one))


def hits_at(row: Row, targets: Sequence[Mapping[str, Any]], reference_loss: float | None) -> Reals | None:
    """(targets, seeds) the first evaluation of the grid at each target, +inf for never; None of a row without losses.

    Relative targets refer to `reference_loss`; the others keep their hits, of every evaluation.
    """
    if row.losses is None or reference_loss is None or not row.losses.shape[1]:
        return None
    hits = row.hits.copy()
    start = row.losses[:, 0]
    for place, target in enumerate(targets):
        if target["kind"] != "relative":
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            levels = reference_loss + target["value"] * (start - reference_loss)
        below = np.isfinite(row.losses) & (row.losses <= levels[:, np.newaxis])
        hits[place] = np.where(below.any(axis=1), row.evaluations[below.argmax(axis=1)], np.inf)
    return hits

"""What is left of the loss at the end of a trial, as the gate compares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from adambench.analysis.quantile import Reals
from adambench.gate.row import Row

SMALLEST = 1e-12
"""Of the gap at the start: below it, rounding decides."""


def gaps(row: Row, problem: Mapping[str, Any]) -> Reals | None:
    """(seeds,) final loss less reference loss, but no less than the gap at the hardest target; None where neither the
    reference nor the loss at the start is known.

    Beyond the hardest target nothing was asked for, and 1e-17 against 1e-18 is no regression: with h the gap of the
    hardest relative target, tau (f(x_0) - f_L), or of a target {loss: v}, v - f_L, it is max(f - f_L, h).

    problem  the baseline's entry of `problems`, whose reference loss both sides are held to
    """
    reference = problem["reference_loss"]
    median = problem["initial_loss"]["median"]
    start = np.where(np.isfinite(row.initial_loss), row.initial_loss, np.nan if median is None else median)
    if reference is None or not np.isfinite(start).all():
        return None
    whole = start - reference
    floor = SMALLEST * np.maximum(np.abs(whole), np.abs(start))
    relative = [target["value"] for target in problem["targets"] if target["kind"] == "relative"]
    losses = [target["value"] for target in problem["targets"] if target["kind"] == "loss"]
    if relative:
        floor = np.maximum(floor, min(relative) * whole)
    elif losses:
        floor = np.maximum(floor, min(losses) - reference)
    left: Reals = np.maximum(np.maximum(row.final_loss - reference, floor), np.finfo(np.float64).tiny)
    return left

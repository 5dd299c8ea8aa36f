"""What is left of the loss at the end of a trial, and what became of the descent, as the gate compares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from adambench.analysis.quantile import Reals
from adambench.gate.row import Row

SMALLEST = 1e-12
"""Of the gap at the start, and of a descent: below it, rounding decides."""
Problem = Mapping[str, Any]


def gaps(row: Row, problem: Problem) -> Reals | None:
    """(seeds,) final loss less reference loss, but no less than the gap at the hardest target; None where either the
    reference or the loss at the start is not known.

    Beyond the hardest target nothing was asked for, and 1e-17 against 1e-18 is no regression: with h the gap of the
    hardest relative target, tau (f(x_0) - f_L), or of a target {loss: v}, v - f_L, it is max(f - f_L, h).

    problem  the baseline's entry of `problems`, whose reference loss both sides are held to
    """
    reference, start = problem["reference_loss"], _starts(row, problem)
    if reference is None or not np.isfinite(start).all():
        return None
    with np.errstate(over="ignore"):
        whole = start - reference
        floor = SMALLEST * np.maximum(np.abs(whole), np.abs(start))
        relative, losses = _values(problem, "relative"), _values(problem, "loss")
        if relative:
            floor = np.maximum(floor, min(relative) * whole)
        elif losses:
            floor = np.maximum(floor, min(losses) - reference)
        left: Reals = np.maximum(np.maximum(row.final_loss - reference, floor), np.finfo(np.float64).tiny)
    return left


def undone(baseline: Row, measured: Row, problem: Problem) -> Reals | None:
    """(seeds,) 1 + the share of the baseline's descent that is not made any more, 1 / s where s > 1 times it is made,
    with s = (f_0 - f) / (f_0 - f_baseline): what stands for the gap where no reference loss is known. None where s is
    not defined of a seed that ends higher than it did.

    Losses below the hardest target {loss: v} count as v. +inf where the loss is finite no more; 1 where a seed never
    had a finite one.

    problem  the baseline's entry of `problems`
    """
    start = _starts(baseline, problem)
    floor = min(_values(problem, "loss"), default=-np.inf)
    before, after = np.maximum(baseline.final_loss, floor), np.maximum(measured.final_loss, floor)
    with np.errstate(over="ignore", invalid="ignore"):
        made, makes = start - before, start - after
        defined = np.isfinite(made) & (made > SMALLEST * np.maximum(np.abs(start), np.abs(before)))
        share = np.where(defined, makes, 1.0) / np.where(defined, made, 1.0)
    if (~defined & np.isfinite(before) & (after > before)).any():
        return None
    return np.where(share > 1.0, 1.0 / np.maximum(share, 1.0), 2.0 - share)


def _starts(row: Row, problem: Problem) -> Reals:
    """(seeds,) the loss at the start, NaN where nobody says it."""
    median = problem["initial_loss"]["median"]
    return np.where(np.isfinite(row.initial_loss), row.initial_loss, np.nan if median is None else median)


def _values(problem: Problem, kind: str) -> list[float]:
    return [target["value"] for target in problem["targets"] if target["kind"] == kind]

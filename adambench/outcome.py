"""What running one optimizer on one problem gave: plain data, before any statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OUTCOMES = ("reached", "budget", "stalled", "diverged", "timeout", "error", "skipped")
"""In the order of the report; `skipped` and `error` stand outside every denominator."""


@dataclass(frozen=True)
class Trial:
    """One optimizer on one problem with one seed.

    hits     for each target of the problem, the first t with x_t at it, or None
    losses   the noise-free loss at each evaluation of the outcome's grid; inf from where it diverged
    stopped  the evaluation the trial ended at (also what it spent), and why, as a sentence
    held_out what the final x measures on data that no gradient saw, by name; None where there is none, or it diverged
    """

    seed: int
    outcome: str
    initial_loss: float
    final_loss: float
    best_loss: float
    hits: tuple[int | None, ...]
    losses: NDArray[np.float64]
    fingerprint: str
    stopped: tuple[int, str]
    held_out: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Outcome:
    """All trials of one (problem, optimizer), in the order of the seeds.

    grid     (points,) the evaluations at which losses were kept: 0..64, then round(2^(k/16)), and the budget
    seconds  in the compiled loop, summed over the trials
    """

    trials: tuple[Trial, ...]
    grid: NDArray[np.int64]
    seconds: float

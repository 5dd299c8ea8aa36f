"""The area over the convergence curve: one number for how low the loss was, how early, over the whole budget."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals, extended

BOUNDS = (1e-8, 1.0)
"""Relative gaps: at or below the first nothing more is gained, at or above the second nothing is."""


def area_over_curve(
    evaluations: NDArray[np.int64],
    losses: Reals,
    reference_loss: float,
    initial_loss: float,
) -> Reals | None:
    """(trials,) AOCC of each curve, from 0 (at the upper bound throughout) to 1 (at the lower from evaluation 1 on).

    AOCC = 1 - mean over t = 1 .. budget of (clip(log10 gap_t, lb, ub) - lb) / (ub - lb)
    gap_t = (f(x_t) - reference_loss) / (initial_loss - reference_loss);  lb, ub = log10 of BOUNDS

    evaluations  (points,) ascending from 0 to the budget: the grid; between two points the earlier loss stands
    losses       (trials, points) noise-free loss, inf or NaN where it diverged, which counts as the upper bound; the
                 report's median curve as (1, points) gives the AOCC of the median, not the median AOCC

    The source takes the best loss so far: pass np.minimum.accumulate(losses, axis=1) for that. Here a trial that
    leaves what it found, or diverges, loses it. None where there is no evaluation after 0, or where initial_loss is not
    above reference_loss.

    Source: Lopez-Ibanez, Vermetten, Dreo & Doerr 2024, Using the empirical attainment function for analyzing
    single-objective black-box optimization algorithms, arXiv:2404.02031; IOHprofiler/IOHinspector
    src/iohinspector/metrics/aocc.py.
    """
    scale = initial_loss - reference_loss
    spans = np.diff(np.maximum(evaluations, 1), append=int(evaluations[-1]) + 1) if len(evaluations) else np.zeros(0)
    if not (np.isfinite(scale) and scale > 0.0) or spans.sum() == 0 or evaluations[-1] < 1:
        return None
    with np.errstate(over="ignore"):
        gaps = np.clip((extended(losses) - reference_loss) / scale, *BOUNDS)
    low, high = np.log10(BOUNDS)
    areas: Reals = 1.0 - (np.log10(gaps) - low) / (high - low) @ spans / spans.sum()
    return areas

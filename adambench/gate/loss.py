"""Whether more is left of the loss at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from adambench.analysis.quantile import quartiles
from adambench.gate.check import Check, check
from adambench.gate.gap import gaps, undone
from adambench.gate.growth import Words, growth
from adambench.gate.row import Row


def loss(baseline: Row, measured: Row, problem: Mapping[str, Any], allowed: float, certain: bool) -> Check:
    """The check of what is left of the loss; of an unknown optimum, of what is made of the baseline's descent.

    problem  the baseline's entry of `problems`
    allowed  the share by which more may be left
    certain  whether nothing in either is random, as of `growth`
    """
    common, metric = baseline.inside & measured.inside, "final-loss"
    ends = baseline.final_loss[common], measured.final_loss[common]
    left = gaps(baseline, problem), gaps(measured, problem)
    if left[0] is not None and left[1] is not None:
        words = Words("more is left of the loss", "less is left of the loss", "not finite at the end")
        return growth(metric, left[0][common], left[1][common], allowed, words, certain)
    shown = float(quartiles(ends[0])[1]), float(quartiles(ends[1])[1])
    if np.array_equal(*ends):
        return check(metric, "same", "the same", *shown, None, allowed)
    if (share := undone(baseline, measured, problem)) is None:
        said = "the loss ends higher, and without a reference loss, or a descent, it cannot be said by how much"
        return check(metric, "undecided", said, *shown, None, allowed)
    if (share[common] == 1.0).all():
        return check(metric, "within", "not above what it was, or beyond the last target", *shown, None, allowed)
    words = Words("of the descent is not made any more", "more descent", "not finite at the end")
    return growth(metric, np.ones(len(share))[common], share[common], allowed, words, certain, shown=shown)

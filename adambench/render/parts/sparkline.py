"""A curve in one line of characters."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.:-=+*#"
POINTS = 12
DECADES = 16.0
"""No curve is drawn over more: a loss that is exactly the optimum has no logarithm."""


def sparklines(rows: Sequence[Mapping[str, Any]], reference_loss: float | None, unicode: bool) -> list[str]:
    """One line a row: log10 of the median loss above the reference, over evaluations on a log scale.

    All rows of a problem share the scale: top is where they start, or above; bottom is the lowest loss of any. 'x'
    where the median diverged. '' where there is no curve.
    """
    curves = [_sampled(row["curve"], reference_loss or 0.0) for row in rows]
    logs = [math.log10(gap) for curve in curves for gap in curve if gap is not None and gap > 0]
    starts = [math.log10(curve[0]) for curve in curves if curve and curve[0] is not None and curve[0] > 0]
    top = max(starts, default=max(logs, default=0.0))
    bottom = max(min(logs, default=0.0), top - DECADES)
    return ["".join(_character(gap, bottom, top, unicode) for gap in curve) for curve in curves]


def _sampled(curve: Mapping[str, Any], reference_loss: float) -> list[float | None]:
    """POINTS losses above the reference, from the first evaluation to the last; [] where the start is unknown."""
    evaluations, losses = curve["evaluations"], curve["median"]
    if not losses or losses[0] is None:
        return []
    times = [0.0, *(evaluations[-1] ** (point / (POINTS - 1)) for point in range(1, POINTS))]
    found = [losses[max(bisect_right(evaluations, time + 1e-9 * time) - 1, 0)] for time in times]
    return [None if loss is None else loss - reference_loss for loss in found]


def _character(gap: float | None, bottom: float, top: float, unicode: bool) -> str:
    characters = BLOCKS if unicode else ASCII
    if gap is None:
        return "x"
    if gap <= 0 or top <= bottom:
        return characters[0 if gap <= 0 else -1]
    share = (math.log10(gap) - bottom) / (top - bottom)
    return characters[round(min(max(share, 0.0), 1.0) * (len(characters) - 1))]

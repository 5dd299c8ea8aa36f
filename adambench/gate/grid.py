"""How far apart two hits may be that are neighbours on the grid on which losses are kept."""

from __future__ import annotations

import numpy as np

from adambench.analysis.quantile import Reals

DENSE = 64
"""Up to it every evaluation is on the grid; from there on, points are at round(2^(k/16)) (engine/block.py)."""
POINTS = np.array([*range(DENSE + 1), *(round(2 ** (k / 16)) for k in range(97, 63 * 16))], np.float64)


def one_step(hits: Reals, budget: float) -> Reals:
    """(seeds,) from each hit to the next point of the grid above it or below it, whichever is further: no hit at a
    neighbour is further away. The budget is a point, too; 1 where there is no hit.

    >>> one_step(np.array([20.0, 79.0, np.inf]), 1e4).tolist()
    [1.0, 4.0, 1.0]
    """
    points = np.append(POINTS[budget > POINTS], budget)
    known = np.where(np.isfinite(hits), hits, 0.0)
    above = points[np.minimum(np.searchsorted(points, known, side="right"), len(points) - 1)]
    below = points[np.maximum(np.searchsorted(points, known, side="left") - 1, 0)]
    return np.where(np.isfinite(hits), np.maximum(np.maximum(above - known, known - below), 1.0), 1.0)

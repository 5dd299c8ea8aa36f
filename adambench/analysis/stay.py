"""When a curve reaches a level for good."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals


def threshold(relative: float, initial_loss: float, reference_loss: float) -> float:
    """The loss of a relative target: f_L + tau (f(x_0) - f_L).

    Source: More & Wild 2009, SIAM J. Optim. 20(1), 172-191, section 2.
    """
    return reference_loss + relative * (initial_loss - reference_loss)


def stay_hit(evaluations: NDArray[np.int64], losses: Reals, level: float) -> int | None:
    """T_stay = the first evaluation of the grid from which on every loss is at or below the level; None where the last
    is not.

    evaluations  (points,) ascending: the grid
    losses       (points,) noise-free loss of one trial, inf or NaN from where it diverged

    A trial that stopped early keeps its last loss to the end of the grid, so one that
    stopped at its target stays there. An excursion between two points of the grid is not seen.
    """
    above = np.flatnonzero(~(losses <= level))
    start = int(above[-1]) + 1 if len(above) else 0
    return int(evaluations[start]) if start < len(losses) else None

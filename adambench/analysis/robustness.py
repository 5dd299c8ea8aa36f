"""How much a learning rate may be off: the basin of good ones, and where divergence begins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from adambench.analysis.quantile import Reals, extended

DELTA = 0.1
"""Without a reference loss: how much above the best loss, as a share of it, is still in the basin."""
DECADE = 10.0
"""With one: how many times the gap of the best."""


@dataclass(frozen=True)
class Robustness:
    """best_lr        the learning rate of the lowest loss, the smallest of equals
    best_loss      that loss
    basin          (lowest, highest) learning rate of the basin
    decades        its width, log10(highest / lowest): 0 where the best stands alone
    open_low/high  the basin ends where the learning rates tried end, so it may be wider
    boundary       the smallest learning rate above the best that diverged; None where none did
    safety         boundary / best_lr; None with it
    """

    best_lr: float
    best_loss: float
    basin: tuple[float, float]
    decades: float
    open_low: bool
    open_high: bool
    boundary: float | None
    safety: float | None


def learning_rate_robustness(
    rates: Reals,
    losses: Reals,
    reference_loss: float | None = None,
    floor: float = 0.0,
    start: float = math.inf,
    connected: bool = True,
) -> Robustness | None:
    """The basin {lr : loss <= limit} around the best learning rate; None where no loss is finite.

    limit = reference_loss + max(10 (best_loss - reference_loss), floor) with a reference loss: a decade of the gap, or
            the hardest target; but no more than half of what is left of the best's way back to the start;
            best_loss + DELTA |best_loss| without

    rates      (draws,) learning rates in any order; those not above 0 have no logarithm and are left out
    losses     (draws,) the loss of each, over seeds the median; inf or NaN where it counts as diverged
    floor      the gap at the hardest target, below which no end is told from another
    start      the loss at the start, above which nothing is good; inf where it is not known
    connected  the basin ends at the first rate, on either side of the best, that is beyond the limit: for a sweep of
               the learning rate alone. False, for draws that vary other hyperparameters too: it spans all that are
               within the limit

    The rates tried bound the answer from below: between two of them nothing is assumed.

    Source: after Wortsman et al. 2023, Small-scale proxies for large-scale Transformer training instabilities,
    arXiv:2309.14322, whose learning rate sensitivity is over a sweep too; basin, boundary and margin are defined here.
    """
    order = np.lexsort((extended(losses), rates))
    order = order[(rates[order] > 0.0) & np.isfinite(rates[order])]
    lr, loss = rates[order], extended(losses)[order]
    if not np.isfinite(loss).any():
        return None
    best = int(loss.argmin())
    good = loss <= _limit(float(loss[best]), reference_loss, floor, start)
    inside = np.flatnonzero(good)
    low, high = int(inside[0]), int(inside[-1])
    if connected:
        bad = np.flatnonzero(~good)
        low = int(bad[bad < best].max(initial=-1)) + 1
        high = int(bad[bad > best].min(initial=len(lr))) - 1
    diverged = lr[np.isinf(loss) & (lr > lr[best])]
    boundary = float(diverged[0]) if len(diverged) else None
    return Robustness(
        best_lr=float(lr[best]),
        best_loss=float(loss[best]),
        basin=(float(lr[low]), float(lr[high])),
        decades=math.log10(lr[high]) - math.log10(lr[low]),
        open_low=bool(lr[low] == lr[0]),
        open_high=bool(lr[high] == lr[-1]),
        boundary=boundary,
        safety=None if boundary is None else boundary / float(lr[best]),
    )


def _limit(best: float, reference: float | None, floor: float, start: float) -> float:
    if reference is None or not math.isfinite(reference):
        return best + DELTA * abs(best)
    decade = reference + max(DECADE * (best - reference), floor)
    return max(best, min(decade, best / 2.0 + start / 2.0))

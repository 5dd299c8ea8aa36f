"""Successive halving: who is discarded when."""

from __future__ import annotations

from dataclasses import dataclass

MOST_HALVINGS = 3


@dataclass(frozen=True)
class Rung:
    """So many draws of each optimizer run for so many evaluations."""

    draws: int
    budget: int


def rungs(draws: int, budget: int, halving: bool) -> tuple[Rung, ...]:
    """All draws to the horizon; with `halving`, N draws to budget/8, the better N/2 to budget/4, N/4, N/8.

    Every rung starts at x_0 again, as a trial that may be paused would need its state kept: the steps are the same. In
    all that is half of the N x budget evaluations that every draw to the horizon takes, and never more than these.
    Source: Karnin, Koren & Somekh 2013 (Sequential Halving); Jamieson & Talwalkar 2016, algorithm 1.
    """
    halvings = min(MOST_HALVINGS, draws.bit_length() - 1, budget.bit_length() - 1) if halving else 0
    return tuple(Rung(draws >> k, budget >> (halvings - k)) for k in range(halvings + 1))

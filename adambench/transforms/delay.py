"""Gradients that come late, as asynchronous workers send them."""

from __future__ import annotations

import numpy as np

from adambench.function import MOST_SIDE_BY_SIDE, Data, Function, Parameter, Parameters
from adambench.transform import Complaint, Transform

MOST_KEPT = 10_000_000
"""Numbers that are kept in one trial."""


def slope(LANES):
    def delay(gradient, loss, t, stream, seeds, reals, integers, work):
        """work: a ring of the last steps + 1 gradients. One evaluation may be asked for again; the last answer counts.

        The evaluations come in order, and what lies between them is noise-free.
        """
        if t > 0:
            steps, rows = integers[0], gradient.shape[0]
            new = (t - 1) % (steps + 1) * rows
            old = (max(t - steps, 1) - 1) % (steps + 1) * rows
            for i in range(rows):
                for lane in range(LANES):
                    work[new + i, lane] = gradient[i, lane]
                    gradient[i, lane] = work[old + i, lane]

    return delay


def prepare(dimension: int, settings: Parameters) -> Data:
    steps = settings["steps"]
    return Data(np.zeros(0), np.array([steps], np.int64), (steps + 1) * dimension)


def marks(dimension: int, settings: Parameters) -> dict[str, bool]:
    slow = (settings["steps"] + 1) * dimension > MOST_SIDE_BY_SIDE
    return {"online": True, "wide": False} if slow else {"online": True}


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    most = MOST_KEPT // dimension - 1
    if not 1 <= settings["steps"] <= most:
        return "steps", f"a whole number from 1 to {most:,} at dimension {dimension:,}", f"{settings['steps']:,}"
    return None


TRANSFORM = Transform(
    name="delay",
    summary="gradients that are some evaluations old, as asynchronous workers send them",
    formula="g_{t-d}(x_{t-d}); until d evaluations have passed, g_1(x_1)",
    source="Agarwal & Duchi 2011, Distributed Delayed Stochastic Optimization, NeurIPS, arXiv:1104.5525",
    parameters=(Parameter("steps", "count", None, "d, in evaluations"),),
    prepare=prepare,
    slope=slope,
    marks=marks,
    required=("steps",),
    check=check,
)

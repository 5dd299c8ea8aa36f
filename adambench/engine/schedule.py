"""Learning-rate schedules: a factor on the rate of the t-th update, t = 1, 2, ..."""

from __future__ import annotations

import numpy as np

CONSTANT, INVERSE_SQRT, STEP, EXPONENTIAL, LINEAR, COSINE = range(6)
KINDS = {
    "constant": CONSTANT,
    "inverse_sqrt": INVERSE_SQRT,
    "step": STEP,
    "exponential": EXPONENTIAL,
    "linear": LINEAR,
    "cosine": COSINE,
}


def factor(kind, first, second, warmup, budget, t):
    """The factor at update t of the budget. `first`, `second`: step every, factor; exponential rate;
    linear and cosine final."""
    done = (t - 1) / budget
    if kind == INVERSE_SQRT:
        value = 1.0 / np.sqrt(np.float64(t))
    elif kind == STEP:
        value = second ** np.floor((t - 1) / first)
    elif kind == EXPONENTIAL:
        value = first ** np.float64(t - 1)
    elif kind == LINEAR:
        value = 1.0 + (first - 1.0) * done
    elif kind == COSINE:
        value = first + (1.0 - first) * (1.0 + np.cos(np.pi * done)) / 2.0
    else:
        value = 1.0
    return value * (t / warmup) if t < warmup else value

"""The longest step that a pair of moments allows."""

from __future__ import annotations

import numpy as np


def step_bound(beta1: float, beta2: float, t: int) -> float:
    """The longest step of Adam at t = 1, 2, ..., in learning rates; eps > 0 only makes it shorter.

    (1 - beta1) / sqrt(1 - beta2) sqrt((1 - q^t) / (1 - q)) sqrt(1 - beta2^t) / (1 - beta1^t) with q = beta1^2 / beta2,
    by the inequality of Cauchy and Schwarz; the bound of Kingma & Ba 2015, section 2.1, is smaller, and exceeded.
    """
    q = beta1**2 / beta2 if beta2 > 0.0 else np.inf
    if not np.isfinite(q):
        return float("inf")
    series = float(t) if q == 1.0 else (1.0 - q**t) / (1.0 - q)
    correction = np.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
    return float((1.0 - beta1) / np.sqrt(1.0 - beta2) * np.sqrt(series) * correction)

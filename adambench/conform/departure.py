"""Where a path leaves the one that an invariant speaks of."""

from __future__ import annotations

import numpy as np

from adambench.conform.probe import Floats


def departure(
    path: Floats, expected: Floats, tolerance: float, after: int = 0, what: str = "x", but: str = "not"
) -> str:
    """The first step and coordinate off by more than tolerance (1 + |expected|), in words; "" where there is none.

    after  steps before the first
    what   the name of the numbers, (steps, *shape)
    but    how what was expected is told of: "x is 2.0, not 1.0"
    """
    with np.errstate(all="ignore"):
        close = np.abs(path - expected) <= tolerance * (1.0 + np.abs(expected))
    bad = np.argwhere(~close)
    if not len(bad):
        return ""
    step, *place = bad[0].tolist()
    found, wanted = float(path[tuple(bad[0])]), float(expected[tuple(bad[0])])
    return f"after step {after + step + 1}, {what}{place if place else ''} is {found!r}, {but} {wanted!r}"

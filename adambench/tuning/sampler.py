"""Points of the unit cube, a function of their key alone: an optimizer draws the same whoever else is there."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def points(sampler: str, count: int, dimensions: int, seed: int, label: str) -> Points:
    """(count, dimensions) in [0, 1), for the optimizer called `label`; fewer points are the first of more.

    sobol   scrambled Sobol points (Owen 1998; scipy.stats.qmc.Sobol): evenly spread, not independent of each other
    random  independent and uniform: raw Philox words, as numpy may change what its generators make of them
    """
    key = int.from_bytes(hashlib.sha256(f"{seed}:{label}".encode()).digest()[:16], "little")
    if sampler == "random":
        words = np.random.Philox(key=key).random_raw(count * dimensions)
        return np.asarray((words >> np.uint64(11)) * 2.0**-53).reshape(count, dimensions)
    from scipy.stats import qmc  # half a second to import

    # A power of two at a time: the first of these are the points of any smaller count.
    source = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(key))
    return np.asarray(source.random_base2((count - 1).bit_length())[:count])

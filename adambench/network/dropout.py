"""Inverted dropout: Srivastava et al. 2014, Dropout, J. Mach. Learn. Res. 15, 1929-1958; the kept units are scaled up.

The mask is a function of (seed, evaluation, layer, row, unit) alone.
"""

from __future__ import annotations

import numpy as np

from adambench.engine.noise import DROPOUT, philox

_LAYER = 1 << 16
"""Between the streams of two layers."""


def threshold(probability: float) -> int:
    """The least 32-bit word that keeps a unit, which is dropped with `probability`."""
    return round(probability * 2**32)


def drop(z, slope, rows, width, first, layer, t, seed, least, gain):
    """Units of z and their slopes, (rows, width) both, are dropped or scaled by `gain`.

    least  the least word that keeps a unit; first  the number of the first row in its minibatch
    """
    zero = z.dtype.type(0)
    step, stream, key = np.uint64(t), np.uint64(DROPOUT + layer * _LAYER), np.uint64(seed)
    quarter, bound = (width + 3) // 4, np.uint64(least)
    for k in range(rows):
        units, slopes = z[k * width : (k + 1) * width], slope[k * width : (k + 1) * width]
        for q in range(quarter):
            words = philox(np.uint64((first + k) * quarter + q), step, stream, key)
            j = 4 * q
            for word in words:
                if j < width:
                    factor = gain if word >= bound else zero
                    units[j] *= factor
                    slopes[j] *= factor
                    j += 1

"""What a classifier does on data that no gradient sees: numpy, outside the kernels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MOST_ROWS = 64
"""Rows at once."""
_ROOM = 1 << 24
"""Numbers at once, of what a network makes of the rows."""


def classified(
    logits: Callable[[Reals], Reals], inputs: Reals, codes: NDArray[np.int64], room: int = 1
) -> dict[str, float]:
    """The mean negative log-probability of the right class, and the share of rows whose most probable class is it.

    room  the numbers that `logits` needs for a row, at most
    """
    loss, right, rows = 0.0, 0, min(MOST_ROWS, max(1, _ROOM // room))
    for first in range(0, codes.size, rows):
        found, expected = logits(inputs[first : first + rows]), codes[first : first + rows]
        top = found.max(axis=1)
        mass = np.log(np.exp(found - top[:, None]).sum(axis=1)) + top
        loss += float((mass - found[np.arange(expected.size), expected]).sum())
        right += int((found.argmax(axis=1) == expected).sum())
    return {"loss": loss / codes.size, "accuracy": right / codes.size}

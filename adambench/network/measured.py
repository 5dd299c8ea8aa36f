"""What a classifier does on data that no gradient sees: numpy, outside the kernels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

BLOCK = 64
"""Rows at once: few, since numpy copies what each position of an image sees."""


def classified(logits: Callable[[Reals], Reals], inputs: Reals, codes: NDArray[np.int64]) -> dict[str, float]:
    """The mean negative log-probability of the right class, and the share of rows whose most probable class is it."""
    loss, right = 0.0, 0
    for first in range(0, codes.size, BLOCK):
        found, expected = logits(inputs[first : first + BLOCK]), codes[first : first + BLOCK]
        top = found.max(axis=1)
        mass = np.log(np.exp(found - top[:, None]).sum(axis=1)) + top
        loss += float((mass - found[np.arange(expected.size), expected]).sum())
        right += int((found.argmax(axis=1) == expected).sum())
    return {"loss": loss / codes.size, "accuracy": right / codes.size}

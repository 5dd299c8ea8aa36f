"""Labelled rows of sparse features: what a model is fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.errors import AdambenchError


class DataError(AdambenchError):
    """Data that cannot be used, as one sentence, which begins with the file and the line where there is one."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Compressed sparse rows.

    labels    (rows,) float64, -1 or +1
    values    (non-zeros,) float64, finite
    indices   (non-zeros,) int64, from 0, increasing within a row, below `features`
    starts    (rows + 1,) int64: row i has the non-zeros starts[i] .. starts[i + 1] - 1
    features  how many columns there are, empty ones included
    """

    labels: NDArray[np.float64]
    values: NDArray[np.float64]
    indices: NDArray[np.int64]
    starts: NDArray[np.int64]
    features: int

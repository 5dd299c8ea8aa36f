"""What labels mean to a model: signs of two classes, or codes of several."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import DataError

_PAIRS = ((-1.0, 1.0), (0.0, 1.0), (1.0, 2.0))


def signs(labels: NDArray[np.float64] | None, where: Callable[[int], str]) -> NDArray[np.float64]:
    """(rows,) -1 and 1: labels {-1, 1}, {0, 1} or {1, 2}, the smaller as -1; of one class alone, 1 is 1.

    `where(row)` says where a label stands (`rows.where`), for the DataError at the first that is of neither class.
    """
    labels = _given(labels)
    found, first = np.unique(labels, return_index=True)
    for lower, upper in _PAIRS:
        if set(found.tolist()) <= {lower, upper}:
            return np.where(labels == upper, 1.0, -1.0)
    in_order = np.argsort(first)
    seen: list[float] = []
    for label, row in zip(found[in_order].tolist(), first[in_order].tolist(), strict=True):
        if not any({*seen, label} <= set(pair) for pair in _PAIRS):
            others = f" after {', '.join(f'{other:g}' for other in seen)}" if seen else ""
            raise DataError(f"{where(row)}: expected labels -1 and 1, 0 and 1, or 1 and 2, got {label:g}{others}")
        seen.append(label)
    raise AssertionError("labels of two classes were not recognised")


def classes(*labels: NDArray[np.float64] | None) -> tuple[tuple[NDArray[np.int64], ...], int]:
    """The labels of each array as codes 0 .. K - 1, in the order of their size, and K: how many differ in all arrays.

    Every array is coded alike, so a class that only held-out rows have counts too.
    """
    given = [_given(part) for part in labels]
    found, codes = np.unique(np.concatenate(given), return_inverse=True)
    if (between := found[found != np.floor(found)]).size:
        raise DataError(f"expected whole numbers as the labels of classes, got {between[0]:g}")
    ends = np.cumsum([part.size for part in given])[:-1]
    return tuple(np.split(codes.astype(np.int64), ends)), found.size


def _given(labels: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if labels is None:
        raise DataError("expected rows with labels, got rows without")
    return labels

"""Rows drawn at random: words in documents, a few of them frequent and most of them rare."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import Rows

MOST_CELLS = 250_000_000
"""Samples times features: each is one draw."""
_DRAWS_AT_ONCE = 1 << 20


def frequencies(features: int, density: float, exponent: float) -> NDArray[np.float64]:
    """(features,) how probable each feature is in a row: min(1, c (j+1)^-exponent), the mean `density`.

    The power law of word frequencies: Zipf 1949, Human Behavior and the Principle of Least Effort.
    """
    shape = np.arange(1.0, features + 1.0) ** -exponent
    low, high = 0.0, 1.0 / float(shape[-1])
    for _ in range(200):
        c = 0.5 * (low + high)
        low, high = (c, high) if np.minimum(1.0, c * shape).mean() < density else (low, c)
    return np.minimum(1.0, high * shape)


def generate(samples: int, features: int, density: float, exponent: float, label_noise: float, seed: int) -> Rows:
    """`samples` rows in which feature j is 1 with probability frequencies(...)[j], independently, and else 0.

    A row without any gets one feature, drawn in proportion to the frequencies. A row's label is the sign of w.x, with
    true weights w standard normal, turned around with probability `label_noise`. Everything is drawn from Philox under
    `seed`: w, then the rows one after the other, the features of empty rows, the labels to turn.
    """
    random = np.random.Generator(np.random.Philox(seed))
    weights = random.standard_normal(features)
    probable = frequencies(features, density, exponent)
    present: list[NDArray[np.int64]] = []
    at_once = max(1, _DRAWS_AT_ONCE // features)
    for first in range(0, samples, at_once):
        rows = min(at_once, samples - first)
        present.append(np.flatnonzero(random.random((rows, features)) < probable) + first * features)
    row, index = np.divmod(np.concatenate(present), features)
    empty = np.setdiff1d(np.arange(samples), row)
    cumulated = probable.cumsum()
    drawn = np.searchsorted(cumulated, random.random(empty.size) * cumulated[-1], side="right").clip(max=features - 1)
    row, index = np.append(row, empty), np.append(index, drawn)
    order = np.argsort(row, kind="stable")
    row, index = row[order], index[order]
    margins = np.bincount(row, weights=weights[index], minlength=samples)
    labels = np.where(margins >= 0.0, 1.0, -1.0)
    labels[random.random(samples) < label_noise] *= -1.0
    starts = np.searchsorted(row, np.arange(samples + 1))
    return Rows(labels, np.ones(index.size), index.astype(np.int64), starts.astype(np.int64), features)

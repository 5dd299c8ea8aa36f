"""Rows drawn at random: words in documents, a few of them frequent and most of them rare."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adambench.data.preparation import SHARE
from adambench.data.rows import Dataset, Rows
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source

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


def check(settings: Parameters) -> Complaint | None:
    if complaint := check_drawn(settings, ("samples", "features")):
        return complaint
    if settings["samples"] * settings["features"] > MOST_CELLS:
        expected = f"at most {MOST_CELLS:,} samples x features"
        return "samples", expected, f"{settings['samples']:,} x {settings['features']:,}"
    if not 0.0 < settings["density"] <= 1.0:
        return "density", "a number above 0 and up to 1", f"{settings['density']:g}"
    if not 0.0 <= settings["exponent"] <= 10.0:
        return "exponent", "a number from 0 to 10", f"{settings['exponent']:g}"
    if not 0.0 <= settings["label_noise"] <= 0.5:
        return "label_noise", "a number from 0 to 0.5", f"{settings['label_noise']:g}"
    return None


def check_drawn(settings: Parameters, counts: Iterable[str]) -> Complaint | None:
    """For the keys that all generators share: `counts` from 1, and the seed."""
    for key in counts:
        if settings[key] < 1:
            return key, "a whole number from 1", f"{settings[key]}"
    if not 0 <= settings["seed"] < 1 << 63:
        return "seed", "a whole number from 0, below 2^63", f"{settings['seed']}"
    return None


def load(settings: Parameters, folder: Path | None) -> Dataset:
    keys = ("samples", "features", "density", "exponent", "label_noise", "seed")
    return Dataset(generate(*(settings[key] for key in keys)))


SEED = Parameter("seed", "integer", 0, "of everything drawn")
GENERATED = Source(
    keys=(
        Parameter("samples", "integer", None, "how many rows to generate"),
        Parameter("features", "integer", 500, "how many features there are"),
        Parameter("density", "positive", 0.01, "the expected share of features that a row has"),
        Parameter("exponent", "real", 1.1, "of the power law of the features' frequencies"),
        Parameter("label_noise", "real", 0.05, "the share of labels that are turned around"),
        SEED,
        SHARE,
    ),
    check=check,
    load=load,
)

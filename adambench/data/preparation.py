"""What is done to rows once they are read: some held out, rare features dropped, the rest brought to one scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import DataError, Dataset, Rows, Samples
from adambench.function import Parameter, Parameters
from adambench.model import Complaint

SHARE = Parameter("holdout", "share", None, "the share of the rows that no gradient sees")
HOLDOUT = Parameter(
    "holdout",
    "holdout",
    None,
    "the share of the rows that no gradient sees, or {file: ..., labels: ..., sha256: ...} with such rows",
)
STANDARDIZE = Parameter(
    "standardize",
    "boolean",
    False,
    "each feature to mean 0 and standard deviation 1 in the training rows, constant ones left; "
    "sparse rows to standard deviation 1 alone, so that they stay sparse",
)
CUTOFF = Parameter("cutoff", "integer", None, "drop the features that are not 0 in fewer training rows than this")


def check_preparation(settings: Parameters) -> Complaint | None:
    """For settings with a cut-off."""
    if settings["cutoff"] is not None and settings["cutoff"] < 1:
        return "cutoff", "a whole number from 1", f"{settings['cutoff']}"
    return None


def prepared(dataset: Dataset, settings: Parameters, cells: bool = False) -> Dataset:
    """The rows as `settings` ask for them; what is dropped and how it is scaled the training rows alone decide.

    Where `cells`, a share of the cells of sparse rows is held out, and of dense rows a share of the rows all the same.
    """
    share = settings.get("holdout")
    if isinstance(share, float):
        divide = _cells_divided if cells and isinstance(dataset.train, Rows) else _divided
        dataset = divide(dataset.train, share)
    if settings.get("cutoff") is not None:
        dataset = _without_rare(dataset, settings["cutoff"])
    return _standardized(dataset) if settings.get("standardize") else dataset


def order(count: int) -> NDArray[np.int64]:
    """(count,) a random order of so many things: a function of their number alone."""
    # Raw bits, whose stream NumPy keeps from version to version, as it does not that of `permutation`.
    return np.argsort(np.random.Philox(count).random_raw(count), kind="stable").astype(np.int64)


def _split(count: int, share: float, what: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What stays and what is held out, both as they stand in the file."""
    held = max(1, round(share * count))
    if held >= count:
        raise DataError(f"expected a holdout that leaves {what} to train on, got {share:g} of {count:,}")
    mixed = order(count)
    return np.sort(mixed[: count - held]), np.sort(mixed[count - held :])


def _divided(rows: Rows | Samples, share: float) -> Dataset:
    kept, held = _split(rows.count, share, "rows")
    return Dataset(rows.take(kept), rows.take(held))


def _cells_divided(rows: Rows | Samples, share: float) -> Dataset:
    assert isinstance(rows, Rows)
    kept, held = _split(rows.values.size, share, "cells")
    return Dataset(_with_cells(rows, kept), _with_cells(rows, held))


def _with_cells(rows: Rows, chosen: NDArray[np.int64]) -> Rows:
    """Some cells, in increasing order, of all rows."""
    starts = np.searchsorted(chosen, rows.starts).astype(np.int64)
    return replace(rows, values=rows.values[chosen], indices=rows.indices[chosen], starts=starts)


def _without_rare(dataset: Dataset, cutoff: int) -> Dataset:
    train = dataset.train
    if isinstance(train, Rows):
        seen = np.bincount(train.indices[train.values != 0.0], minlength=train.features)
    else:
        seen = np.count_nonzero(train.inputs, axis=0)
    kept = np.flatnonzero(seen >= cutoff)
    if not kept.size:
        raise DataError(f"expected a cutoff that leaves features, got {cutoff:,}: the most frequent has {seen.max():,}")
    return _both(dataset, lambda part: _columns(part, kept))


def _columns(part: Rows | Samples, kept: NDArray[np.int64]) -> Rows | Samples:
    """The features `kept`, numbered anew; an image with fewer pixels is none."""
    if kept.size == part.features:
        return part
    if isinstance(part, Samples):
        return replace(part, inputs=np.ascontiguousarray(part.inputs[:, kept]), image=None)
    place = np.full(part.features, -1, np.int64)
    place[kept] = np.arange(kept.size)
    moved = place[part.indices]
    return replace(_with_cells(replace(part, indices=moved), np.flatnonzero(moved >= 0)), features=kept.size)


def _standardized(dataset: Dataset) -> Dataset:
    train = dataset.train
    mean, deviation = _moments(train) if isinstance(train, Rows) else _dense_moments(train)

    def scaled(part: Rows | Samples) -> Rows | Samples:
        if isinstance(part, Rows):
            return replace(part, values=part.values / deviation[part.indices])
        inputs = part.inputs - mean
        inputs /= deviation
        return replace(part, inputs=inputs)

    return _both(dataset, scaled)


def _dense_moments(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(features,) mean and standard deviation; 0 and 1 of constant features."""
    inputs = samples.inputs
    constant = inputs.min(axis=0) == inputs.max(axis=0)
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0)
    _finite(mean, deviation)
    return np.where(constant, 0.0, mean), np.where(constant | (deviation == 0.0), 1.0, deviation)


def _moments(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As of the dense rows, the cells that are not there as 0."""
    count, features = rows.count, rows.features
    stored = np.bincount(rows.indices, minlength=features)
    mean = np.bincount(rows.indices, weights=rows.values, minlength=features) / count
    off = (rows.values - mean[rows.indices]) ** 2
    squares = np.bincount(rows.indices, weights=off, minlength=features) + (count - stored) * mean**2
    low, high = np.where(stored < count, 0.0, np.inf), np.where(stored < count, 0.0, -np.inf)
    np.minimum.at(low, rows.indices, rows.values)
    np.maximum.at(high, rows.indices, rows.values)
    deviation = np.sqrt(squares / count)
    _finite(mean, deviation)
    return np.zeros(features), np.where((low == high) | (deviation == 0.0), 1.0, deviation)


def _finite(*moments: NDArray[np.float64]) -> None:
    if not all(np.isfinite(moment).all() for moment in moments):
        raise DataError("expected values whose standard deviation is finite, got larger ones")


def _both(dataset: Dataset, change: Callable[[Rows | Samples], Rows | Samples]) -> Dataset:
    return Dataset(change(dataset.train), None if dataset.held_out is None else change(dataset.held_out))

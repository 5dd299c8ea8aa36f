"""The same rows, dense or sparse, as a model wants them."""

from __future__ import annotations

import numpy as np

from adambench.data.rows import DataError, Dataset, Rows, Samples

MOST_DENSE = 250_000_000
"""Rows times features of dense rows: 2 GB of float64."""


def formed(dataset: Dataset, form: str) -> Dataset:
    """Both parts `sparse` or `dense`; those that are so already are not copied."""
    change = sparse if form == "sparse" else dense
    return Dataset(change(dataset.train), None if dataset.held_out is None else change(dataset.held_out))


def dense(rows: Rows | Samples) -> Samples:
    """Every cell; DataError where they are more than MOST_DENSE."""
    if isinstance(rows, Samples):
        return rows
    if rows.count * rows.features > MOST_DENSE:
        raise DataError(
            f"expected at most {MOST_DENSE:,} cells, rows x features, of data that the model needs dense, "
            f"got {rows.count:,} x {rows.features:,}"
        )
    inputs = np.zeros((rows.count, rows.features))
    inputs[np.repeat(np.arange(rows.count), np.diff(rows.starts)), rows.indices] = rows.values
    return Samples(inputs, rows.labels, None, rows.origin, rows.numbers)


def sparse(rows: Rows | Samples) -> Rows:
    """The cells that are not 0."""
    if isinstance(rows, Rows):
        return rows
    present = rows.inputs != 0.0
    starts = np.concatenate((np.zeros(1, np.int64), np.count_nonzero(present, axis=1).cumsum()))
    indices = np.nonzero(present)[1].astype(np.int64)
    return Rows(rows.labels, rows.inputs[present], indices, starts, rows.features, rows.origin, rows.numbers)

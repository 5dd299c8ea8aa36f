"""What a model is fitted to: rows of features, sparse or dense, with a label each or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adambench.errors import AdambenchError

MOST_FEATURES = 100_000_000
"""A point has a coordinate for each index up to the largest, used or not."""


class DataError(AdambenchError):
    """Data that cannot be used, as one sentence, which begins with the file and the line where there is one."""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where rows come from, for messages: `files` (name, rows in it) in order; `lines` (rows,) where they have some."""

    files: tuple[tuple[str, int], ...]
    lines: NDArray[np.int64] | None = None

    def where(self, row: int) -> str:
        """`file:line`, or `file: row N` counted from 1 within its file."""
        before = 0
        for name, count in self.files:
            if row < before + count:
                return f"{name}: row {row - before + 1:,}" if self.lines is None else f"{name}:{self.lines[row]}"
            before += count
        return f"row {row + 1:,}"


@dataclass(frozen=True, eq=False)
class Rows:
    """Compressed sparse rows.

    labels    (rows,) float64, as the file has them: class codes, -1 and 1, targets; None where it has none
    values    (non-zeros,) float64, finite
    indices   (non-zeros,) int64, from 0, increasing within a row, below `features`
    starts    (rows + 1,) int64: row i has the non-zeros starts[i] .. starts[i + 1] - 1
    features  how many columns there are, empty ones included
    numbers   (rows,) the number of each row where it was read, from 0; None: as they stand
    """

    labels: NDArray[np.float64] | None
    values: NDArray[np.float64]
    indices: NDArray[np.int64]
    starts: NDArray[np.int64]
    features: int
    origin: Origin | None = None
    numbers: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.starts.size - 1

    def where(self, row: int) -> str:
        """What row `row` is called in a message."""
        return _where(self, row)

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """A copy of the rows `chosen`, in that order."""
        lengths = np.diff(self.starts)[chosen]
        starts = np.concatenate((np.zeros(1, np.int64), lengths.cumsum()))
        cells = np.arange(starts[-1]) + np.repeat(self.starts[:-1][chosen] - starts[:-1], lengths)
        labels, numbers = _chosen(self, chosen)
        return replace(
            self, labels=labels, values=self.values[cells], indices=self.indices[cells], starts=starts, numbers=numbers
        )


@dataclass(frozen=True, eq=False)
class Samples:
    """Dense rows.

    inputs   (rows, features) float64, C order, finite
    labels   (rows,) float64, as the file has them; None where it has none
    image    (channels, height, width) of one row, in that order; None where rows are no images
    numbers  (rows,) the number of each row where it was read, from 0; None: as they stand
    """

    inputs: NDArray[np.float64]
    labels: NDArray[np.float64] | None
    image: tuple[int, int, int] | None = None
    origin: Origin | None = None
    numbers: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.inputs.shape[0])

    @property
    def features(self) -> int:
        """How many columns there are."""
        return int(self.inputs.shape[1])

    def where(self, row: int) -> str:
        """What row `row` is called in a message."""
        return _where(self, row)

    def take(self, chosen: NDArray[np.int64]) -> Samples:
        """A copy of the rows `chosen`, in that order."""
        labels, numbers = _chosen(self, chosen)
        return replace(self, inputs=self.inputs[chosen], labels=labels, numbers=numbers)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The rows that gradients see, and those they never see: of one kind, with the same features."""

    train: Rows | Samples
    held_out: Rows | Samples | None = None


def joined(names: Sequence[str], counts: Sequence[int], lines: NDArray[np.int64] | None = None) -> Origin:
    """The origin of rows from several files, one after the other."""
    return Origin(tuple(zip(names, counts, strict=True)), lines)


def _where(rows: Rows | Samples, row: int) -> str:
    number = row if rows.numbers is None else int(rows.numbers[row])
    return rows.origin.where(number) if rows.origin else f"row {number + 1:,}"


def _chosen(rows: Rows | Samples, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64] | None, NDArray[np.int64]]:
    labels = None if rows.labels is None else rows.labels[chosen]
    return labels, chosen if rows.numbers is None else rows.numbers[chosen]

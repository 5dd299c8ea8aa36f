"""Which rows an evaluation sees, and where they lie side by side."""

from __future__ import annotations

from adambench.engine.noise import shuffle
from adambench.function import Parameter

BATCH = Parameter("batch", "integer", None, "rows a gradient; absent: all. The last, shorter batch of an epoch is kept")

LARGEST_BLOCK = 256
"""Rows that go through a model at once, at most: a larger minibatch, or all of the data, needs no more memory."""

_SMALL = 1_000_000
"""Multiplications of a product up to which BLAS may leave out its packing: three times as fast (OpenBLAS, AVX-512)."""


def block_of(weights: int) -> int:
    """How many rows go at once through layers of at most so many weights."""
    smaller = (LARGEST_BLOCK // part for part in (1, 2, 4))
    return next((rows for rows in smaller if rows * weights <= _SMALL), LARGEST_BLOCK)


def epoch_of(rows: int, batch: int) -> int:
    """Evaluations in an epoch, the last of a shorter batch where they do not come out even; 1 without minibatches."""
    return -(-rows // batch) if batch else 1


def window(work, rows, batch, t, seed):
    """(first, last) of the places in the order that evaluation t sees, of `rows` in batches of `batch` (0: all).

    work  the order of the rows in [0 : rows], the epoch it is the order of in [rows]; (rows + 1, 1) or more, -1 at
          first. It is an order only where there are minibatches and t > 0: else all rows are seen, in theirs.
    """
    if batch == 0 or t <= 0:
        return 0, rows
    batches = (rows + batch - 1) // batch
    epoch = (t - 1) // batches
    if work[rows, 0] != epoch:
        shuffle(work, 0, rows, seed, epoch)
        work[rows, 0] = epoch
    first = (t - 1) % batches * batch
    return first, min(first + batch, rows)


def gather(values, start, width, order, first, last, out):
    """out, (last - first, width) row by row, gets the rows order[first : last] of the matrix at values[start:]."""
    for k in range(first, last):
        place = start + int(order[k]) * width
        source, target = values[place : place + width], out[(k - first) * width : (k - first + 1) * width]
        for j in range(width):
            target[j] = source[j]

"""Products of matrices inside kernels, on flat stretches of memory: BLAS, nothing allocated.

Each argument is contiguous, one-dimensional and at least as long as its matrix, which lies in it row by row. `out` is
written whole and overlaps nothing. The order of the sums is a function of the sizes alone while BLAS has one thread
(`engine.blas`).
"""

from __future__ import annotations

import numpy as np


def times(a, b, out, rows, inner, columns):
    """out (rows, columns) = a (rows, inner) b (inner, columns)."""
    np.dot(
        a[: rows * inner].reshape(rows, inner),
        b[: inner * columns].reshape(inner, columns),
        out[: rows * columns].reshape(rows, columns),
    )


def times_transposed(a, b, out, rows, inner, columns):
    """out (rows, columns) = a (rows, inner) b', where b is (columns, inner)."""
    np.dot(
        a[: rows * inner].reshape(rows, inner),
        b[: columns * inner].reshape(columns, inner).T,
        out[: rows * columns].reshape(rows, columns),
    )


def transposed_times(a, b, out, rows, inner, columns):
    """out (rows, columns) = a' b, where a is (inner, rows) and b is (inner, columns)."""
    np.dot(
        a[: inner * rows].reshape(inner, rows).T,
        b[: inner * columns].reshape(inner, columns),
        out[: rows * columns].reshape(rows, columns),
    )

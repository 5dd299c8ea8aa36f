"""What the optimizers that work on matrices share: A A^T at half the work, A^T, and what LAPACK may be given."""

from __future__ import annotations

import numpy as np

LEAF = 32
"""Rows of the blocks on the diagonal: so few that BLAS multiplies them without packing them first."""


def gram(a, out, scratch):
    """out = a a^T, symmetric to the bit. a: (rows, columns), C-contiguous; out: (rows, rows); scratch: rows^2 or more.

    Each pair of rows meets once: first those of one block of LEAF rows, then of two neighbours, of two neighbours of
    twice as many rows, and so on.
    """
    rows, columns = a.shape
    flat = a.reshape(-1)  # a stretch of it is contiguous in its type too, as BLAS asks for
    size, gap = LEAF, 0
    while gap < rows:
        for first in range(gap, rows, size + gap):
            last, left = min(first + size, rows), first - gap
            height, width = last - first, min(size, rows - left)
            above = flat[first * columns : last * columns].reshape(height, columns)
            below = flat[left * columns : (left + width) * columns].reshape(width, columns)
            product = scratch[: height * width].reshape(height, width)
            np.dot(above, below.T, product)
            for i in range(height):
                for j in range(width):
                    out[first + i, left + j] = product[i, j]
            for edge in range(0, width, LEAF):  # as in `transpose`
                for i in range(height):
                    for j in range(edge, min(edge + LEAF, width if gap > 0 else i)):
                        out[left + j, first + i] = product[i, j]
        size = size + gap
        gap = size


def copy(a, out):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]


def transpose(a, out):
    """out = a^T, in stretches of columns that stay in the inner cache."""
    rows, columns = a.shape
    for first in range(0, columns, LEAF):
        for i in range(rows):
            for j in range(first, min(first + LEAF, columns)):
                out[j, i] = a[i, j]


def all_finite(a):
    """Whether every element of a vector is finite; LAPACK raises, or does not return, where one is not."""
    zero = np.float64(0.0)
    total = zero
    for j in range(a.size):
        total += zero * a[j]  # NaN from the first infinity or NaN on
    return total == zero

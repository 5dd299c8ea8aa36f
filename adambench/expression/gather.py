"""What generated source calls: of a loop's terms, left in rows of `work`, the sum, the product, the largest.

Each factory returns, for one lane, f(work, first, count[, room]) -> value, and for several f(work, first, count, to
[, room]), which writes row `to`. The order of the operations depends on `count` alone.
"""

from __future__ import annotations

import numpy as np

_1, _2, _3, _4, _5, _6, _7 = (np.uint64(k) for k in range(1, 8))
# NumPy's, in plain Python too: Python's own raise an exception where they are divided by 0.
_ZERO, _ONE, _INFINITY = np.float64(0.0), np.float64(1.0), np.float64(np.inf)


def modulus(a):
    """|a|, and in plain Python that on either side of 0 as an analytic function: for complex steps."""
    if a.imag == 0.0:
        return abs(a)
    return -a if a.real < 0.0 else a


def total(LANES):
    """The sum of rows first .. first + count - 1, in the order of `engine.total`; several lanes overwrite them."""
    if LANES == 1:

        def total(work, first, count):
            a = b = c = d = e = f = g = h = _ZERO
            whole = count - count % 8
            for k in range(0, whole, 8):
                i = np.uint64(first + k)
                a += work[i, 0]
                b += work[i + _1, 0]
                c += work[i + _2, 0]
                d += work[i + _3, 0]
                e += work[i + _4, 0]
                f += work[i + _5, 0]
                g += work[i + _6, 0]
                h += work[i + _7, 0]
            for k in range(whole, count):
                a += work[first + k, 0]
            return ((a + b) + (c + d)) + ((e + f) + (g + h))

        return total

    def total(work, first, count, to):
        whole = count - count % 8
        for i in range(8, whole, 8):
            for k in range(8):
                for lane in range(LANES):
                    work[first + k, lane] += work[first + (i + k), lane]
        if whole > 0:
            for i in range(whole, count):
                for lane in range(LANES):
                    work[first, lane] += work[first + i, lane]
            for lane in range(LANES):
                low = (work[first, lane] + work[first + 1, lane]) + (work[first + 2, lane] + work[first + 3, lane])
                high = (work[first + 4, lane] + work[first + 5, lane]) + (work[first + 6, lane] + work[first + 7, lane])
                work[to, lane] = low + high
        else:
            for lane in range(LANES):
                work[to, lane] = 0.0
            for i in range(count):
                for lane in range(LANES):
                    work[to, lane] += work[first + i, lane]

    return total


def product(LANES):
    """The product of the rows; each then holds the product of all the others, without a division. `room`: count rows
    more, and one."""
    if LANES == 1:

        def product(work, first, count, room):
            before = _ONE
            for i in range(count):
                work[room + i, 0] = before
                before *= work[first + i, 0]
            after = _ONE
            for k in range(count):
                i = np.uint64(first + count - 1 - k)
                factor = work[i, 0]
                work[i, 0] = work[np.uint64(room + count - 1 - k), 0] * after
                after *= factor
            return after

        return product

    def product(work, first, count, to, room):
        for lane in range(LANES):
            work[to, lane] = 1.0
        for i in range(count):
            for lane in range(LANES):
                work[room + i, lane] = work[to, lane]
                work[to, lane] *= work[first + i, lane]
        for lane in range(LANES):
            work[to, lane] = 1.0
        for k in range(count):
            i, j = np.uint64(first + count - 1 - k), np.uint64(room + count - 1 - k)
            for lane in range(LANES):
                factor = work[i, lane]
                work[i, lane] = work[j, lane] * work[to, lane]
                work[to, lane] *= factor

    return product


def largest(LANES):
    """The largest of the rows, nan where one is; row `room` gets the number of the first that it is."""
    if LANES == 1:

        def largest(work, first, count, room):
            best, place = -_INFINITY, -1.0
            for i in range(count):
                value = work[first + i, 0]
                if (value > best or value != value or place < 0.0) and best == best:
                    best, place = value, np.float64(i)
            work[room, 0] = place
            return best

        return largest

    def largest(work, first, count, to, room):
        for lane in range(LANES):
            work[to, lane] = -np.inf
            work[room, lane] = -1.0
        for i in range(count):
            for lane in range(LANES):
                value, best, place = work[first + i, lane], work[to, lane], work[room, lane]
                if (value > best or value != value or place < 0.0) and best == best:
                    work[to, lane] = value
                    work[room, lane] = np.float64(i)

    return largest

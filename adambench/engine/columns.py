"""Columns of a matrix as tuples, and back.

Written out for each length: built by recursion or by a loop over the tuple the same code compiles four times as slowly,
and these are the leaves of every kernel.
"""

from __future__ import annotations


def _read0(a, j):
    return (0.0,)


def _read1(a, j):
    return (a[0, j],)


def _read2(a, j):
    return a[0, j], a[1, j]


def _read3(a, j):
    return a[0, j], a[1, j], a[2, j]


def _read4(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j]


def _read5(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j]


def _read6(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j]


def _read7(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j]


def _read8(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j]


def _read9(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j]


def _read10(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j]


def _read11(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j], a[10, j]


def _read12(a, j):
    return a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j], a[10, j], a[11, j]


def _read13(a, j):
    return (*_read12(a, j), a[12, j])


def _read14(a, j):
    return (*_read12(a, j), a[12, j], a[13, j])


def _read15(a, j):
    return (*_read12(a, j), a[12, j], a[13, j], a[14, j])


def _read16(a, j):
    return (*_read12(a, j), a[12, j], a[13, j], a[14, j], a[15, j])


def _write0(a, j, values):
    pass


def _write1(a, j, values):
    (a[0, j],) = values


def _write2(a, j, values):
    a[0, j], a[1, j] = values


def _write3(a, j, values):
    a[0, j], a[1, j], a[2, j] = values


def _write4(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j] = values


def _write5(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j] = values


def _write6(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j] = values


def _write7(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j] = values


def _write8(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j] = values


def _write9(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j] = values


def _write10(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j] = values


def _write11(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j], a[10, j] = values


def _write12(a, j, values):
    a[0, j], a[1, j], a[2, j], a[3, j], a[4, j], a[5, j], a[6, j], a[7, j], a[8, j], a[9, j], a[10, j], a[11, j] = (
        values
    )


def _write13(a, j, values):
    _write12(a, j, values[:12])
    (a[12, j],) = values[12:]


def _write14(a, j, values):
    _write12(a, j, values[:12])
    a[12, j], a[13, j] = values[12:]


def _write15(a, j, values):
    _write12(a, j, values[:12])
    a[12, j], a[13, j], a[14, j] = values[12:]


def _write16(a, j, values):
    _write12(a, j, values[:12])
    a[12, j], a[13, j], a[14, j], a[15, j] = values[12:]


READ = (
    *(_read0, _read1, _read2, _read3, _read4, _read5, _read6, _read7, _read8),
    *(_read9, _read10, _read11, _read12, _read13, _read14, _read15, _read16),
)
"""READ[n](a, j): column j of the (n, columns) matrix `a`, as a tuple; (0.0,) for n = 0: an empty tuple has no type."""

WRITE = (
    *(_write0, _write1, _write2, _write3, _write4, _write5, _write6, _write7, _write8),
    *(_write9, _write10, _write11, _write12, _write13, _write14, _write15, _write16),
)
"""WRITE[n](a, j, values): column j of the (n, columns) matrix `a` becomes the tuple `values`."""

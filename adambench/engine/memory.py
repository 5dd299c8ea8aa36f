"""Handing arrays to a kernel as bare addresses.

An array argument of a compiled first-class function is five to nine words, copied at every call: with the nine
arrays of an evaluation that is 20 ns, as much as the work itself in two dimensions. An address is one register.
In plain Python, lending is the identity and borrowing a reshape, so every kernel also runs uncompiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, types
from numba.extending import intrinsic, overload

UNKNOWN = 1 << 40
"""A length that the kernel does not ask for: it indexes, and trusts its caller."""


def lend(array: Any) -> Any:
    """What a kernel is called with instead of a C-contiguous array: its address."""
    return array


def vector(lent: Any, count: int, element: Any) -> Any:
    """A lent array as (count,)."""
    return lent.reshape(-1)[:count]


def matrix(lent: Any, rows: int, columns: int, element: Any) -> Any:
    """A lent array as (rows, columns), C order. With a constant number of columns its strides are constants too."""
    return lent.reshape(-1, columns)[:rows]


def beyond(lent: Any, count: int, element: Any) -> Any:
    """What is lent behind the first `count` elements of a lent array."""
    return lent.reshape(-1)[count:]


@intrinsic
def _pointer(typingctx, address, element):  # type: ignore[no-untyped-def]
    signature = types.CPointer(element.dtype)(types.int64, element)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return signature, codegen


@overload(lend)
def _lend(array):  # type: ignore[no-untyped-def]
    return lambda array: np.int64(array.ctypes.data)


@overload(vector)
def _vector(lent, count, element):  # type: ignore[no-untyped-def]
    return lambda lent, count, element: carray(_pointer(lent, element), (count,))


@overload(matrix)
def _matrix(lent, rows, columns, element):  # type: ignore[no-untyped-def]
    return lambda lent, rows, columns, element: carray(_pointer(lent, element), (rows, columns))


@overload(beyond)
def _beyond(lent, count, element):  # type: ignore[no-untyped-def]
    size = np.dtype(str(element.dtype)).itemsize
    return lambda lent, count, element: lent + count * size


OVERLOADED = {lend: _lend, vector: _vector, matrix: _matrix, beyond: _beyond}
"""Functions that have a compiled form of their own, and what makes it."""

"""The compiled forms of `memory`: an array becomes its address, and an address an array."""

from __future__ import annotations

import numpy as np
from numba import carray, types
from numba.extending import intrinsic, overload

from adambench.engine.memory import beyond, lend, matrix, room, vector


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


@overload(room)
def _room(work, first, rows, like):  # type: ignore[no-untyped-def]
    real = np.float32 if like.dtype == types.float32 else np.float64

    def borrowed(work, first, rows, like):  # type: ignore[no-untyped-def]
        columns = work.shape[1]
        return carray(_pointer(work.ctypes.data + first * columns * 8, real), (rows, columns))

    return borrowed


OVERLOADED = {lend: _lend, vector: _vector, matrix: _matrix, beyond: _beyond, room: _room}
"""Functions that have a compiled form of their own, and what makes it."""

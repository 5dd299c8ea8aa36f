"""Handing arrays to a kernel as bare addresses.

An array argument of a compiled first-class function is five to nine words, copied at every call: with the nine
arrays of an evaluation that is 20 ns, as much as the work itself in two dimensions. An address is one register.
In plain Python, lending is the identity and borrowing a reshape, so every kernel also runs uncompiled; `borrowing` has
the compiled forms.
"""

from __future__ import annotations

from typing import Any

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


def room(work: Any, first: int, rows: int, like: Any) -> Any:
    """Rows of `work` from `first` on, as (rows, columns) of the precision of `like`, C order."""
    columns = work.shape[1]
    return work[first : first + rows].reshape(-1).view(like.dtype)[: rows * columns].reshape(rows, columns)

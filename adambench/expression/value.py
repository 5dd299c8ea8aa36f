"""What a part of an expression can be: one number (a Node), a vector, or an array of data with two indices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adambench.expression.node import Node
from adambench.expression.whole import Affine


@dataclass(frozen=True)
class Vector:
    """`length` numbers (an Affine without variables); `at(i)` is the i-th, for i from 0."""

    length: Affine
    at: Callable[[Affine], Node]


@dataclass(frozen=True)
class Matrix:
    """Data with two indices; `at(i, j)` is one number."""

    rows: Affine
    columns: Affine
    at: Callable[[Affine, Affine], Node]


Value = Node | Vector | Matrix


def described(value: Value) -> str:
    """For `got ...`."""
    match value:
        case Vector():
            return f"a vector of {value.length.constant:,}"
        case Matrix():
            return f"an array of {value.rows.constant:,} x {value.columns.constant:,}"
        case _:
            return "one number"


def length(value: Value | None) -> Affine | None:
    """What `len` is of it."""
    return value.rows if isinstance(value, Matrix) else value.length if isinstance(value, Vector) else None

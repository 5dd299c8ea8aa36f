"""What is wrong with an expression, and where."""

from __future__ import annotations

from adambench.errors import AdambenchError


class ExpressionError(AdambenchError):
    """`expected` and `got` as an error message says them; `column` from 0 in the text of `key`, None for all of it."""

    def __init__(self, key: str, column: int | None, expected: str, got: str) -> None:
        self.key, self.column, self.expected, self.got = key, column, expected, got
        at = "" if column is None else f" at column {column + 1}"
        super().__init__(f"{key}: expected {expected}, got {got}{at}")

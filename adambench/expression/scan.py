"""Text to Python's own syntax tree, of which nothing but the shape is used: never compiled, never evaluated."""

from __future__ import annotations

import ast
import re
import warnings

from adambench.expression.fault import ExpressionError

LONGEST = 4096
DEEPEST = 64
_STRANGE = re.compile(r"[^\x20-\x7e]")
_SPACE = str.maketrans("\n\t", "  ")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])(?:[0-9]|\.[0-9])[A-Za-z0-9_.]*(?:(?<=[0-9.][eE])[+-][0-9][A-Za-z0-9_.]*)?")
_DECIMAL = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MOST_DIGITS = 400


def parse(text: str, key: str) -> ast.expr:
    """The tree of one expression. Its columns are those of `text`; a newline counts as a space.

    Raises ExpressionError for what is too long or too deep to be looked at, for characters beyond ASCII (Python takes
    some of them for letters), for numbers that are not decimal, and for what is not Python.
    """
    if len(text) > LONGEST:
        raise ExpressionError(key, None, f"at most {LONGEST:,} characters", f"{len(text):,}")
    text = text.translate(_SPACE).rstrip()
    if not text.strip():
        raise ExpressionError(key, None, "an expression", "nothing")
    if strange := _STRANGE.search(text):
        raise ExpressionError(key, strange.start(), "ASCII characters", f"the character U+{ord(strange[0]):04X}")
    if "#" in text:
        raise ExpressionError(key, text.index("#"), "an expression without comments", "#")
    _shallow(text, key)
    for number in _NUMBER.finditer(text):
        if not _DECIMAL.fullmatch(number[0]) or len(number[0]) > _MOST_DIGITS:
            shown = number[0] if len(number[0]) <= 20 else number[0][:17] + "..."
            raise ExpressionError(key, number.start(), "a decimal number (2, 0.5, 1e-3)", shown)
    indent = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.lstrip(), mode="eval").body
    except SyntaxError as error:
        column = None if error.offset is None else min(indent + max(error.offset - 1, 0), len(text) - 1)
        raise ExpressionError(key, column, "an expression", f"what Python cannot read ({error.msg})") from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        raise ExpressionError(key, None, f"at most {DEEPEST} levels", "more") from None
    if indent:
        for node in ast.walk(tree):
            if isinstance(node, ast.expr):
                node.col_offset += indent
    return tree


def _shallow(text: str, key: str) -> None:
    """Refuse nesting that would take the parser, or a walk over its tree, to the end of their stacks."""
    depth = signs = 0
    for column, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if character in "+-~":
            signs += 1
        elif character != " ":
            signs = 0
        if depth > DEEPEST or signs > DEEPEST:
            raise ExpressionError(key, column, f"at most {DEEPEST} levels", "more")

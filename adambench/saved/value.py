"""Whether single values are of the type, size and spelling asked for, many values at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST = 2.0**1023
"""Numbers beyond are none that a report holds."""
WIDEST = 2**63 - 1
"""The same of what has to be a whole number: it is counted with, in 64 bits."""
DEEPEST = 32
"""Levels of lists and objects."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with the value at `index` of a column: at `path` within it."""

    index: int
    path: str
    sentence: str


Check = Callable[[Sequence[Any]], Fault | None]

TYPES: dict[str, tuple[set[type], str]] = {
    "object": ({dict}, "an object"),
    "array": ({list}, "a list"),
    "string": ({str}, "a text"),
    "boolean": ({bool}, "true or false"),
    "number": ({int, float}, "a number"),
    "integer": ({int}, "a whole number"),
    "null": ({type(None)}, "null"),
}


def one_of_values(allowed: Sequence[Any]) -> Check:
    """The check of `enum`: one of these texts, or null."""
    kinds, known = {type(value) for value in allowed}, set(allowed)
    words = ", ".join("null" if value is None else str(value) for value in allowed)
    sentence = f"expected {'one of ' if len(allowed) > 1 else ''}{words}, got {{}}"

    def check(values: Sequence[Any]) -> Fault | None:
        if set(map(type, values)) <= kinds and set(values) <= known:
            return None
        for index, value in enumerate(values):
            if type(value) not in kinds or value not in known:
                return Fault(index, "", sentence.format(shown(value)))
        return None

    return check


def of_types(names: Sequence[str]) -> Check:
    """The check of `type`; a float without a fraction is whole."""
    allowed = set().union(*(TYPES[name][0] for name in names))
    whole = "integer" in names and "number" not in names
    sentence = f"expected {' or '.join(TYPES[name][1] for name in names)}, got {{}}"

    def check(values: Sequence[Any]) -> Fault | None:
        if set(map(type, values)) <= allowed:
            return None
        for index, value in enumerate(values):
            if type(value) not in allowed and not (whole and isinstance(value, float) and value.is_integer()):
                return Fault(index, "", sentence.format(shown(value)))
        return None

    return check


def of_numbers(names: Sequence[str], minimum: float | None) -> Check:
    """The check of numbers, most of a report: what is all float or all whole has passed at once."""
    most = LARGEST if "number" in names else WIDEST
    kinds, types, numbers = of_types(names), set().union(*(TYPES[name][0] for name in names)), in_range(minimum, most)
    least = -most if minimum is None else minimum

    def check(values: Sequence[Any]) -> Fault | None:
        found = set(map(type, values))
        if found <= types and len(found) == 1:
            if found == {float} and minimum is None and most == LARGEST and _small(values):
                return None
            if found == {int} and least <= min(values) and max(values) <= most:
                return None
        return kinds(values) or numbers(values)

    return check


def _small(floats: Sequence[float]) -> bool:
    """Is it certain, after one pass, that none is NaN or beyond LARGEST? Not where their sizes add up to more."""
    return sum(map(abs, floats)) <= LARGEST


def in_range(minimum: float | None, most: float = LARGEST) -> Check:
    """The check of `minimum`, and of no number whose size is beyond `most`; of what is a number."""
    least = -most if minimum is None else minimum

    def check(values: Sequence[Any]) -> Fault | None:
        kinds = set(map(type, values))
        numbers = values if kinds <= {int, float} else [value for value in values if type(value) in (int, float)]
        if minimum is None and most == LARGEST and int not in kinds and _small(numbers):
            return None
        if not numbers or (least <= min(numbers) and max(numbers) <= most):  # no NaN comes this far
            return None
        for index, value in enumerate(values):
            if type(value) not in (int, float):
                continue
            if not -most <= value <= most:
                return Fault(index, "", "expected a number that fits in 64 bits, got a larger one")
            if value < least:
                return Fault(index, "", f"expected at least {minimum}, got {shown(value)}")
        return None

    return check


def of_text(pattern: str | None) -> Check:
    """The check of `pattern`, which may match anywhere, and of Unicode; of what is a text."""
    search = None if pattern is None else re.compile(pattern).search

    def check(values: Sequence[Any]) -> Fault | None:
        texts = values if set(map(type, values)) <= {str} else [value for value in values if type(value) is str]
        if all(map(str.isascii, texts)) and (search is None or all(map(search, texts))):
            return None
        for index, value in enumerate(values):
            if type(value) is not str:
                continue
            if not value.isascii() and (fault := unicode_fault(value)):
                return Fault(index, "", fault)
            if search is not None and not search(value):
                return Fault(index, "", f"expected a text that matches {pattern}, got {shown(value)}")
        return None

    return check


def unicode_fault(value: str) -> str:
    """What is wrong with a text that cannot be written; empty for all others."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return "expected Unicode, got half of a surrogate pair"
    return ""


def within_limits(values: Sequence[Any]) -> Fault | None:
    """What the schema leaves open: any JSON, within limits."""
    for index, value in enumerate(values):
        if sentence := _fault_within(value):
            return Fault(index, "", sentence)
    return None


def _fault_within(value: object) -> str:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, str):
                if sentence := unicode_fault(one):
                    return sentence
            elif isinstance(one, (int, float)) and not -LARGEST <= one <= LARGEST:
                return "expected numbers that fit in 64 bits, got a larger one"
            elif isinstance(one, list):
                inner += one
            elif isinstance(one, dict):
                inner += [*one, *one.values()]
        if not inner:
            return ""
        level = inner
    return f"expected at most {DEEPEST} levels of lists and objects, got more"


def shown(value: object) -> str:
    """The value as a message can hold it: short, ASCII and on one line."""
    if isinstance(value, (list, dict)):
        return TYPES["array" if isinstance(value, list) else "object"][1]
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

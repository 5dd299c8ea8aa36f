"""What is no strict JSON within a value, found by reading it again with a mark in its place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adambench.saved.value import shown

Scan = Callable[[str, int], tuple[Any, int]]
"""Takes a text and where a value begins in it, gives the value and where it ends."""


def scanner(**hooks: Any) -> Scan:
    """The scanner of a JSONDecoder with these hooks: not public, but no public function reads from the middle on."""
    found: Scan = json.JSONDecoder(**hooks).scan_once  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class _Mark:
    """Stands in place of what is no strict JSON."""

    sentence: str


def _marked_number(digits: str) -> Any:
    return int(digits) if len(digits) <= 400 else _Mark(f"expected a number, got {len(digits):,} digits")


def _marked_constant(name: str) -> Any:
    return _Mark(f"expected a number or null, got {name}, which is no JSON")


def _marked_pairs(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = next(key for key, count in Counter([key for key, _ in pairs]).items() if count > 1)
    return _Mark(f"expected each key once, got {shown(twice)} twice")


MARK = scanner(object_pairs_hook=_marked_pairs, parse_constant=_marked_constant, parse_int=_marked_number)


def first_mark(value: Any, path: str) -> tuple[str, str] | None:
    """The path of the first mark, joined only for that one, and its sentence; None without one."""
    steps, levels = [path], [iter([(path, value)])]
    while levels:
        following = next(levels[-1], None)
        if following is None:
            steps.pop()
            levels.pop()
            continue
        steps[-1], value = following
        if isinstance(value, _Mark):
            return "".join(steps), value.sentence
        if isinstance(value, (dict, list)):
            steps.append("")
            levels.append(_below(value))
    return None


def _below(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        return ((f".{key}", one) for key, one in value.items())
    return ((f"[{index}]", one) for index, one in enumerate(value))

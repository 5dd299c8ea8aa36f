"""A JSON document, item by item: the long lists of its top level are never held whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

SPACE = re.compile(r"[ \t\n\r]*")
UNFINISHED = re.compile(r"t(r(u)?)?|f(a(l(s)?)?)?|n(u(l)?)?|-?I[nfinity]*|N(a)?|-|\.|[eE][+-]?|\\(u[0-9a-fA-F]{0,3})?")
"""What is left of a token where a file has been cut off."""


LONGEST_ESCAPE = len(r"\u0000\u0000")


class Broken(Exception):
    """The text is no JSON, or not of the strict kind. `args` are the path of the item and what is wrong with it."""


class _Token(Exception):
    """A constant that is no JSON, or a key that is there twice: within an item."""


def batches(text: str, size: int) -> Iterator[tuple[str, int | None, Any]]:
    """What stands in a top-level object: (key, None, value), or of a list (key, index, the items from there on), at
    most `size` of them at once and at least one batch, in the order of the text.

    Raises Broken.
    """
    try:
        yield from _batches(text, size)
    except _Cut as error:
        path, offset, sentence = error.args
        if _ended(text, offset, sentence):
            said = f"the file ends in the middle of {path or 'the report'}: it was cut off, or is still being written"
            raise Broken("", said) from None
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        raise Broken(path, f"expected JSON, got something else in line {line}, column {column}") from None


def _ended(text: str, offset: int, sentence: str) -> bool:
    """Is it the end of the text that no token fits to?"""
    return (
        sentence.startswith("Unterminated")
        or (sentence.startswith("Invalid \\") and len(text) - offset < LONGEST_ESCAPE and '"' not in text[offset:])
        or SPACE.fullmatch(text, offset) is not None
        or UNFINISHED.fullmatch(text, offset) is not None
    )


class _Cut(Exception):
    """args: path, offset, sentence."""


def _batches(text: str, size: int) -> Iterator[tuple[str, int | None, Any]]:
    seen: set[str] = set()
    end = _skip(text, _expect(text, _skip(text, 0), "{", ""))
    last = text[end : end + 1] == "}"
    while not last:
        key, end = _key(text, end)
        if key in seen:
            raise Broken("", f"expected each key once, got {json.dumps(key)} twice")
        seen.add(key)
        if text[end : end + 1] == "[":
            end = yield from _list(text, end + 1, key, size)
        else:
            value, end = _value(text, end, key)
            yield key, None, value
        end, last = _next(text, end, "}", "")
    end = _skip(text, end + (not seen))
    if end < len(text):
        raise _Cut("", end, "")


def _key(text: str, start: int) -> tuple[str, int]:
    """A key, and where its value begins."""
    end = _expect(text, start, '"', "")
    try:
        key, end = json.decoder.scanstring(text, end, True)  # type: ignore[attr-defined]
    except json.JSONDecodeError as error:
        raise _Cut("", error.pos, error.msg) from None
    return key, _skip(text, _expect(text, _skip(text, end), ":", key))


def _list(text: str, start: int, key: str, size: int) -> Generator[tuple[str, int, list[Any]], None, int]:
    """The items of a list in batches; returns where it ends."""
    end, first = _skip(text, start), 0
    batch: list[Any] = []
    last = text[end : end + 1] == "]"
    if last:
        end += 1
    while not last:
        value, end = _value(text, end, f"{key}[{first + len(batch)}]")
        batch.append(value)
        if len(batch) == size:
            yield key, first, batch
            first, batch = first + size, []
        end, last = _next(text, end, "]", key)
    if batch or not first:
        yield key, first, batch
    return end


def _next(text: str, end: int, closing: str, path: str) -> tuple[int, bool]:
    """Where the next item begins, False; or after the closing mark, True."""
    end = _skip(text, end)
    mark = text[end : end + 1]
    if mark != "," and mark != closing:
        raise _Cut(path, end, "")
    return (end + 1, True) if mark == closing else (_skip(text, end + 1), False)


def _skip(text: str, end: int) -> int:
    return SPACE.match(text, end).end()  # type: ignore[union-attr]


def _expect(text: str, end: int, mark: str, path: str) -> int:
    if text[end : end + 1] != mark:
        raise _Cut(path, end, "")
    return end + 1


def _value(text: str, start: int, path: str) -> tuple[Any, int]:
    """One value, and where it ends."""
    try:
        return _SCAN(text, start)
    except StopIteration as error:
        raise _Cut(path, error.value, "") from None
    except json.JSONDecodeError as error:
        raise _Cut(path, error.pos, error.msg) from None
    except RecursionError:
        raise Broken(path, "expected at most 32 levels of lists and objects, got more") from None
    except (ValueError, _Token):  # the former is a number of more digits than Python reads
        raise Broken(*_locate(text, start, path)) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Token
    return found


def _constant(name: str) -> None:
    raise _Token


def _scanner(**hooks: Any) -> Callable[[str, int], tuple[Any, int]]:
    """Takes a text and where a value begins in it, gives the value and where it ends."""
    found: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(**hooks).scan_once  # type: ignore[attr-defined]
    return found


_SCAN = _scanner(object_pairs_hook=_pairs, parse_constant=_constant)


def _locate(text: str, start: int, path: str) -> tuple[str, str]:
    """Where within an item it is that no strict JSON stands: read again, with a mark in its place."""

    def number(digits: str) -> Any:
        return int(digits) if len(digits) <= 400 else _Mark(f"expected a number, got {len(digits):,} digits")

    def constant(name: str) -> Any:
        return _Mark(f"expected a number or null, got {name}, which is no JSON")

    def pairs(found: list[tuple[str, Any]]) -> Any:
        keys = [key for key, _ in found]
        twice = [key for key in keys if keys.count(key) > 1]
        return _Mark(f"expected each key once, got {json.dumps(twice[0])} twice") if twice else dict(found)

    try:
        value, _ = _scanner(object_pairs_hook=pairs, parse_constant=constant, parse_int=number)(text, start)
    except StopIteration as error:
        raise _Cut(path, error.value, "") from None
    except json.JSONDecodeError as error:
        raise _Cut(path, error.pos, error.msg) from None
    left = [(path, value)]
    while left:
        path, value = left.pop(0)
        if isinstance(value, _Mark):
            return path, value.sentence
        if isinstance(value, dict):
            left = [*((f"{path}.{key}", one) for key, one in value.items()), *left]
        elif isinstance(value, list):
            left = [*((f"{path}[{index}]", one) for index, one in enumerate(value)), *left]
    return path, "expected JSON, got something else"


class _Mark:
    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

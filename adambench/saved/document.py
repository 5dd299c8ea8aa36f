"""A JSON document, item by item: the long lists of its top level are never held whole."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adambench.saved.decoder import Decode
from adambench.saved.mark import MARK, Scan, first_mark, scanner
from adambench.saved.text import LONGEST_PATH, characters, shortened
from adambench.saved.value import DEEPEST, shown

SPACE = re.compile(r"[ \t\n\r]*")
UNFINISHED = re.compile(r"t(r(u)?)?|f(a(l(s)?)?)?|n(u(l)?)?|-?I[nfinity]*|N(a)?|-|\.|[eE][+-]?|\\(u[0-9a-fA-F]{0,3})?")
"""What is left of a token where a file has been cut off."""
LONGEST_ESCAPE = len(r"\u0000")
"""Characters. What stands between the last escape and the end of a text that was cut off within it is no longer."""
TOO_DEEP = f"expected at most {DEEPEST} levels of lists and objects, got more"


@dataclass(frozen=True)
class Item:
    """A value of the top level, of which `index` is None, or one of a list there that is not empty.

    checked  it is known to be good, since a decoder is certain of it
    """

    key: str
    index: int | None
    value: Any
    checked: bool = False


class Broken(Exception):
    """The text is no JSON, or not of the strict kind. `args` are the path of the item and what is wrong with it."""


class _Token(Exception):
    """A constant that is no JSON, or a key that is there twice: within an item."""


def items(text: str, decoders: Mapping[str, Decode]) -> Iterator[Item]:
    """What stands in a top-level object, and in the lists there, in the order of the text.

    text      as `read_text` gives it: its marks are found as they are, all else goes through `characters`
    decoders  for the items of some of these lists, which are then read with less care, and sooner, as long as a decoder
              is certain of them

    Raises Broken.
    """
    try:
        yield from _items(text, decoders)
    except _Cut as error:
        path, offset, sentence = error.args
        if _ended(text, offset, sentence):
            said = f"the file ends in the middle of {shortened(path, LONGEST_PATH) or 'the report'}"
            raise Broken("", f"{said}: it was cut off, or is still being written") from None
        line = text.count("\n", 0, offset) + 1
        column = len(characters(text[text.rfind("\n", 0, offset) + 1 : offset])) + 1
        raise Broken(path, f"expected JSON, got something else in line {line}, column {column}") from None


def _ended(text: str, offset: int, sentence: str) -> bool:
    """Is it the end of the text that no token fits to?

    Within quotes only the sentence of Python's json tells, since the offset is that of the opening quote, or of the
    escape. If another Python words it otherwise, a file cut off there is refused all the same, with line and column.
    """
    return (
        sentence.startswith("Unterminated")
        or (sentence.startswith("Invalid \\") and len(text) - offset <= LONGEST_ESCAPE and '"' not in text[offset:])
        or SPACE.fullmatch(text, offset) is not None
        or UNFINISHED.fullmatch(text, offset) is not None
    )


class _Cut(Exception):
    """args: path, offset, sentence."""


def _items(text: str, decoders: Mapping[str, Decode]) -> Iterator[Item]:
    seen: set[str] = set()
    end = _skip(text, _expect(text, _skip(text, 0), "{", ""))
    last = text[end : end + 1] == "}"
    while not last:
        key, end = _key(text, end)
        if key in seen:
            raise Broken("", f"expected each key once, got {shown(key)} twice")
        seen.add(key)
        if text[end : end + 1] == "[":
            end = yield from _list(text, end + 1, key, decoders.get(key))
        else:
            value, end = _value(text, end, key)
            yield Item(key, None, value)
        end, last = _next(text, end, "}", "")
    end = _skip(text, end + (not seen))
    if end < len(text):
        raise _Cut("", end, "")


def _key(text: str, start: int) -> tuple[str, int]:
    """A key, and where its value begins."""
    end = _expect(text, start, '"', "")
    try:  # not public, but no public function reads from the middle on
        key, end = json.decoder.scanstring(text, end, True)  # type: ignore[attr-defined]
    except json.JSONDecodeError as error:
        raise _Cut("", error.pos, error.msg) from None
    if not (spelled := text[start:end]).isascii():
        key = json.loads(characters(spelled))
    return key, _skip(text, _expect(text, _skip(text, end), ":", key))


def _list(text: str, start: int, key: str, decode: Decode | None) -> Generator[Item, None, int]:
    """The items of a list; returns where it ends."""
    end = _skip(text, start)
    if text[end : end + 1] == "]":
        yield Item(key, None, [])
        return end + 1
    opening = text[end : text.find(":", end) + 1]
    index, last = 0, False
    while not last:
        found = _decoded(text, end, opening, decode) if decode else None
        if found is None:
            decode = None  # not tried again: what it cost is the length of the text, at the most
        value, end = found or _value(text, end, f"{key}[{index}]")
        yield Item(key, index, value, checked=found is not None)
        index += 1
        end, last = _next(text, end, "]", key)
    return end


def _decoded(text: str, start: int, opening: str, decode: Decode) -> tuple[Any, int] | None:
    """One item that another follows, which has the same opening up to the colon of its first key, and where it ends."""
    following = text.find(opening, start + 1)
    item = text[start:following].rstrip(" \t\r\n") if following > 0 else ""
    value = decode(characters(item[:-1])) if item.endswith(",") else None
    return None if value is None else (value, start + len(item) - 1)


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
        return _scanned(_SCAN, text, start, path)
    except (ValueError, _Token):  # the former is a number of more digits than Python reads
        value, end = _scanned(MARK, text, start, path)
    if found := first_mark(value, path):
        raise Broken(*found)
    return value, end


def _scanned(scan: Scan, text: str, start: int, path: str) -> tuple[Any, int]:
    try:
        value, end = scan(text, start)
        spelled = text[start:end]
        return (value if spelled.isascii() else scan(characters(spelled), 0)[0]), end
    except StopIteration as error:
        raise _Cut(path, error.value, "") from None
    except json.JSONDecodeError as error:
        raise _Cut(path, error.pos, error.msg) from None
    except RecursionError:
        raise Broken(path, TOO_DEEP) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Token
    return found


def _constant(name: str) -> None:
    raise _Token


_SCAN = scanner(object_pairs_hook=_pairs, parse_constant=_constant)

"""What may stand at a key: the vocabulary in which the keys of a problem file are declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DURATION = r"(?P<number>[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?) ?(?P<unit>ns|us|ms|s)"
"""Text that is a time."""


@dataclass(frozen=True)
class Text:
    """Text; where `pattern` is given, matching it whole. `called` says what it is."""

    pattern: str = ""
    called: str = "text"


@dataclass(frozen=True)
class Number:
    """A finite number from `low` to `high`, themselves excluded where `open_low`, `open_high`; whole where `whole`."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Duration:
    """A positive time: a number of nanoseconds, or text with its unit (200ns, 1.5 us, 3ms, 2s); read in nanoseconds."""


@dataclass(frozen=True)
class Switch:
    """true or false."""


@dataclass(frozen=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A number, true or false, or text: what a hyperparameter may be, which its optimizer checks."""


@dataclass(frozen=True)
class Anything:
    """Whatever stands there: another table has its say later. `json` is the JSON Schema of what is common to all."""

    json: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ListOf:
    """A list of so many; where `partial`, read even if some items do not fit; where `alone`, an item that is a scalar
    may stand for a list of it."""

    item: Shape
    least: int = 0
    most: int | None = None
    partial: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Key:
    """A key of a mapping. A default of None is none, or one that depends on other keys, as `meaning` then says."""

    name: str
    shape: Shape
    meaning: str = ""
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Fields:
    """A mapping with these keys and no other; read as a dict, defaults filled in. Of those that are `apart` at most one
    is given, and then the others have no default. Where `partial`, read even if some values do not fit."""

    keys: tuple[Key, ...]
    apart: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True)
class Tagged:
    """`{NAME: ...}` with one of these names; read as (name, value). Where `bare`, NAME alone stands for {NAME: {}}."""

    names: Mapping[str, Shape]
    bare: bool = False


@dataclass(frozen=True)
class Kinds:
    """A mapping of one of these kinds, told apart by the key of the kind's name; read as (kind, dict)."""

    kinds: Mapping[str, Fields]


@dataclass(frozen=True)
class Named:
    """`{NAME: ...}` with any one name; read as (name, value)."""

    value: Shape
    called: str


@dataclass(frozen=True)
class Settings:
    """A mapping from any names to settings; read as a dict."""


@dataclass(frozen=True)
class Either:
    """One shape for a scalar, one for a list, one for a mapping; None where that may not stand there."""

    scalar: Shape | None = None
    sequence: Shape | None = None
    mapping: Shape | None = None


Shape = (
    Text
    | Number
    | Duration
    | Switch
    | Choice
    | Setting
    | Anything
    | ListOf
    | Fields
    | Tagged
    | Kinds
    | Named
    | Settings
    | Either
)


def expected(shape: Shape) -> str:
    """What should have stood there, for `expected ...`."""
    match shape:
        case Text():
            return shape.called
        case Number():
            return _number(shape)
        case Duration():
            return "a time above 0, as in 200ns, 1.5us or 3ms"
        case Switch():
            return "true or false"
        case Choice():
            return f"one of {', '.join(shape.words)}"
        case Setting():
            return "a number, true, false or text"
        case ListOf() if shape.alone:
            return f"{expected(shape.item)}, or a list of such"
        case ListOf() if shape.least == shape.most:
            return f"a list of {shape.least}"
        case ListOf():
            return "a list"
        case Fields():
            return f"a mapping with the keys {', '.join(key.name for key in shape.keys)}" if shape.keys else "{}"
        case Tagged():
            names = ", ".join(f"{{{name}: ...}}" for name in shape.names)
            return f"one of {', '.join(shape.names)}, or {{NAME: ...}}" if shape.bare else f"one of {names}"
        case Kinds():
            return f"a mapping with one of the keys {', '.join(shape.kinds)}"
        case Named():
            return f"{{{shape.called}: ...}}"
        case Settings():
            return "a mapping"
        case Either():
            return " or ".join(expected(part) for part in (shape.scalar, shape.sequence, shape.mapping) if part)
        case Anything():
            return "anything"


def _number(shape: Number) -> str:
    low, high = shape.low, shape.high
    noun = "a whole number" if shape.whole else "a number"
    if low is None and high is None:
        return noun
    if high is None:
        return f"{noun} above {low:,g}" if shape.open_low else f"{noun} from {low:,g}"
    if low is None:
        return f"{noun} below {_bound(high)}" if shape.open_high else f"{noun} up to {_bound(high)}"
    if shape.open_low and shape.open_high:
        return f"{noun} between {_bound(low)} and {_bound(high)}"
    lower = f"above {_bound(low)}" if shape.open_low else f"from {_bound(low)}"
    return f"{noun} {lower} {'below' if shape.open_high else 'to'} {_bound(high)}"


def _bound(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"

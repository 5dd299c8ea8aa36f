"""Whether a declaration is one: the parts of an optimizer, a function, a format, ... each of the type it must have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from adambench.optimizer import Optimizer

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a declaration may be called: it is part of the text that names an optimizer, and a word of YAML."""

_TYPES: dict[str, tuple[Any, str]] = {
    "str": (str, "text"),
    "tuple": (tuple, "a tuple"),
    "bool": (bool, "True or False"),
    "int": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "Value": ((int, float), "a number"),
    "Mapping": (Mapping, "a dict"),
    "Flags": (Mapping, "a dict"),
}
_EMPTY_LEFT = ("source", "note", "library", "listed")
"""Texts that may be empty."""


def misfit(declared: Any, path: str = "") -> str:
    """The first part that is not of its type, as "PART: expected ..., got ..."; "" where all are.

    `declared` is a frozen dataclass; those that it holds in tuples are looked at too.
    """
    for part in fields(declared):
        value, place = getattr(declared, part.name), f"{path}{part.name}"
        written = str(part.type)
        if value is None and written.endswith("None"):
            continue
        if written.startswith(("Callable", "Factory")):
            fits, wanted = callable(value), "a function"
        else:
            kind, wanted = _TYPES.get(re.split(r"\W", written)[0], (object, ""))
            fits = isinstance(value, kind) and not (kind in (int, (int, float)) and isinstance(value, bool))
            fits = fits or (written.startswith("Value") and isinstance(value, bool))
        if not fits:
            return f"{place}: expected {wanted}, got {_shown(value)}"
        if part.name == "name" and not (NAME.fullmatch(value) if not path else value.strip()):
            return f"{place}: expected letters, digits, - and _ (up to 64), got {_shown(value)}"
        if wanted == "text" and not value.strip() and part.name not in _EMPTY_LEFT:
            return f"{place}: expected a few words, got {_shown(value)}"
        inner = _item(written)
        for number, item in enumerate(value if inner else ()):
            if type(item).__name__ != inner:
                return f"{place}[{number}]: expected one {inner}, got {_shown(item)}"
            if wrong := misfit(item, f"{place}[{number}]."):
                return wrong
    return ""


def _item(written: str) -> str:
    """The dataclass of which a field is a tuple; "" where it is none."""
    found = re.match(r"tuple\[(Hyperparameter|Dialect|Flag|Slot|Parameter), \.\.\.\]", written)
    return found[1] if found else ""


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, (str, int, float, tuple)) or value is None else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def optimizer_complaint(optimizer: Optimizer) -> str:
    """What does not fit together in an optimizer; "" where all does."""
    names = [h.name for h in optimizer.everything]
    if len({*names}) < len(names):
        again = next(name for name in names if names.count(name) > 1)
        return f"hyperparameters: expected each once, got {again} again"
    if not optimizer.numbers or optimizer.numbers[0].name != "lr":
        return f"hyperparameters: expected lr, the learning rate, first, got {optimizer.numbers[0].name}"
    if (optimizer.rule is None) == (optimizer.whole is None):
        got = "neither" if optimizer.rule is None else "both"
        return f"rule: expected either a rule or a step of the whole vector (whole), got {got}"
    if not optimizer.dialects:
        return "dialects: expected at least one, got none"
    words = {flag.name: flag.words for flag in optimizer.choices}
    for number, dialect in enumerate(optimizer.dialects):
        place = f"dialects[{number}]"
        if dialect.name in (other.name for other in optimizer.dialects[:number]):
            return f"{place}.name: expected each once, got {dialect.name} again"
        if missing := {"decay", "single_rate"} - {*dialect.flags}:
            return f"{place}.flags: expected decay and single_rate, got none called {min(missing)}"
        if unknown := [key for key in dialect.defaults if key not in names]:
            return f"{place}.defaults: expected hyperparameters that are declared, got {unknown[0]}"
        if missing := {h.name for h in optimizer.hyperparameters if h.name == "lr"} - {*dialect.defaults}:
            return f"{place}.defaults: expected lr (None: it must be given), got none"
        if wrong := _outside(optimizer, dialect.defaults):
            return f"{place}.defaults: {wrong}"
    for name in {name for dialect in optimizer.dialects for name in dialect.flags}:
        values = {dialect.flags.get(name) for dialect in optimizer.dialects}
        if len(values) > 1 and not values - {None} <= {*words.get(name, ())}:
            return f"choices: expected a Flag that says in words how dialects differ in {name}, got none"
    return ""


def _outside(optimizer: Optimizer, defaults: Mapping[str, Any]) -> str:
    """The first default that its hyperparameter does not take, or search range outside its bounds."""
    for h in optimizer.everything:
        default = defaults.get(h.name, h.neutral)
        if h.switch:
            if default not in (None, True, False):
                return f"{h.name}: expected True or False, got {_shown(default)}"
            continue
        ends = [] if h.search is None else [1.0 - end if h.one_minus else end for end in h.search]
        for value in [*ends, *([] if default is None else [default])]:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not _within(h, value):
                return f"{h.name}: expected a number from {h.low:g} to {h.high:g}, got {_shown(value)}"
    return ""


def _within(h: Any, value: float) -> bool:
    return h.low <= value <= h.high and not (h.open_high and value == h.high)


def function_complaint(function: Any) -> str:
    """What does not fit together in a function; "" where all does."""
    if not function.start:
        return "start: expected at least one number, got none"
    if len(function.domain) != 2 or not function.domain[0] < function.domain[1]:
        return f"domain: expected (low, high), got {_shown(function.domain)}"
    least = function.dimension or function.least_dimension
    if least % function.multiple_of or len(function.start) > (function.dimension or function.default_dimension):
        return f"start: expected at most as many numbers as the dimension, got {len(function.start)}"
    names = [p.name for p in function.parameters]
    if len({*names}) < len(names):
        return f"parameters: expected each once, got {next(n for n in names if names.count(n) > 1)} again"
    for p in function.parameters:
        if p.kind not in KINDS:
            return f"parameters: {p.name}: expected one of the kinds {', '.join(KINDS)}, got {_shown(p.kind)}"
        if (p.kind == "choice") != bool(p.choices):
            return f"parameters: {p.name}: expected choices with the kind choice, and with no other"
    return ""


KINDS = ("real", "positive", "integer", "count", "boolean", "choice", "reals", "positives", "integers")
"""Of a function's parameters."""

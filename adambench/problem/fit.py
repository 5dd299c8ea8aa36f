"""Fitting a node of a document to its declared shape: plain values out, and a finding for each that does not fit."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from adambench.errors import nearest
from adambench.problem.document import Broken, Mapping, Node, Scalar, Sequence, Value, describe, join
from adambench.problem.finding import Finding, note, quoted
from adambench.shape import (
    DURATION,
    Anything,
    Choice,
    Duration,
    Either,
    Fields,
    Kinds,
    ListOf,
    Named,
    Number,
    Setting,
    Settings,
    Shape,
    Switch,
    Tagged,
    Text,
    expected,
)

_UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
_TIME = re.compile(DURATION)


class _Unfit:
    """What `fit` returns for a value that has been reported."""


UNFIT: Final = _Unfit()


def fit(node: Node, shape: Shape, path: str, findings: list[Finding]) -> Any:
    """The value of `node` as `shape` reads it, or UNFIT. `path` is its key.

    A mapping or a list is UNFIT where anything in it is, but for `fields` and what is `partial`: there the parts that
    do not fit stand as UNFIT, and the others can still be checked further.
    """
    match node, shape:
        case Broken(), _:
            return UNFIT
        case Mapping(), Fields():
            values = fields(node, shape, path, findings)
            return values if shape.partial else _whole(values)
        case Mapping(), Settings():
            names = {str(key.value): value for key, value in node.entries}
            return _whole({name: fit(value, Setting(), join(path, name), findings) for name, value in names.items()})
        case Mapping(), Tagged() | Named():
            return _tagged(node, shape, path, findings)
        case Mapping(), Kinds():
            return _kind(node, shape, path, findings)
        case Scalar(), Tagged() if shape.bare and isinstance(node.value, str):
            return _bare(node, shape, path, findings)
        case Sequence(), ListOf():
            return _list(node, shape, path, findings)
        case Scalar(), ListOf() if shape.alone:
            item = fit(node, shape.item, path, findings)
            return UNFIT if item is UNFIT else [item]
        case Scalar(), Text() | Number() | Duration() | Switch() | Choice() | Setting():
            return _scalar(node, shape, path, findings)
        case _, Anything():
            return node
        case _, Either():
            kinds = {Scalar: shape.scalar, Sequence: shape.sequence, Mapping: shape.mapping}
            part = kinds[type(node)]
            return fit(node, part, path, findings) if part else wrong(node, path, expected(shape), findings)
        case _:
            return wrong(node, path, expected(shape), findings)


def wrong(
    node: Node, path: str, wanted: str, findings: list[Finding], got: str | None = None, hint: str = ""
) -> _Unfit:
    """Report that something else was expected at `node`. Returns UNFIT."""
    if not isinstance(node, Broken):
        got = describe(node) if got is None else got
        note(findings, Finding(node.line, node.column, path, f"expected {wanted}, got {got}{hint}"))
    return UNFIT


def _scalar(node: Scalar, shape: Shape, path: str, findings: list[Finding]) -> Any:
    value = node.value
    match shape:
        case Text() if isinstance(value, str) and (not shape.pattern or re.fullmatch(shape.pattern, value)):
            return value
        case Switch() if isinstance(value, bool):
            return value
        case Choice() if value in shape.words and isinstance(value, str):
            return value
        case Choice():
            return wrong(node, path, expected(shape), findings, hint=nearest(node.text[:100], shape.words))
        case Setting() if value is not None:
            return value
        case Number() if not isinstance(value, bool) and isinstance(value, (int, float)) and _within(value, shape):
            return int(value) if shape.whole else float(value)
        case Duration() if (nanoseconds := _nanoseconds(value)) is not None:
            return nanoseconds
        case Text() if value is not None and not isinstance(value, str):
            return wrong(node, path, expected(shape), findings, hint=" (quotes make it text)")
        case _:
            return wrong(node, path, expected(shape), findings)


def _nanoseconds(value: Value) -> float | None:
    """A finite time above 0, or None."""
    if isinstance(value, str):
        found = _TIME.fullmatch(value)
        value = float(found["number"]) * _UNITS[found["unit"]] if found else None
    if isinstance(value, bool) or value is None or not _within(value, Number(0, open_low=True)):
        return None
    return float(value)


def _within(value: float, shape: Number) -> bool:
    try:
        if not math.isfinite(float(value)) or (shape.whole and value != int(value)):
            return False
    except OverflowError:
        return False
    if shape.low is not None and (value <= shape.low if shape.open_low else value < shape.low):
        return False
    return shape.high is None or (value < shape.high if shape.open_high else value <= shape.high)


def _list(node: Sequence, shape: ListOf, path: str, findings: list[Finding]) -> Any:
    count = len(node.items)
    if count < shape.least or (shape.most is not None and count > shape.most):
        if shape.least == shape.most:
            wanted = expected(shape)
        else:
            wanted = f"at least {shape.least}" if count < shape.least else f"at most {shape.most:,}"
        return wrong(node, path, wanted, findings, got=f"{count:,}")
    items = [fit(item, shape.item, f"{path}[{place}]", findings) for place, item in enumerate(node.items)]
    return UNFIT if not shape.partial and UNFIT in items else items


def fields(node: Mapping, shape: Fields, path: str, findings: list[Finding]) -> dict[str, Any]:
    """The values of the keys given, or their defaults; UNFIT for those that do not fit, or are required and missing."""
    known = {key.name: key for key in shape.keys}
    values = {key.name: key.default for key in shape.keys if key.default is not None}
    apart = [name for name, _ in node.entries if name.value in shape.apart]
    if apart:
        values = {name: value for name, value in values.items() if name not in shape.apart}
    for name in apart[1:]:
        got = " and ".join(str(name.value) for name in apart)
        wrong(name, join(path, str(name.value)), f"one of {', '.join(shape.apart)}", findings, got=got)
    for name, value in node.entries:
        text = str(name.value)
        inside = join(path, text)
        if text in known:
            values[text] = fit(value, known[text].shape, inside, findings)
        else:
            wanted = f"one of the keys {', '.join(known)}" if known else "no keys"
            wrong(name, inside, wanted, findings, got=quoted(text), hint=nearest(text[:100], known))
    for key in shape.keys:
        if key.required and node.get(key.name) is None:
            values[key.name] = wrong(node, join(path, key.name), expected(key.shape), findings, got="nothing")
    return values


def _whole(values: dict[str, Any]) -> Any:
    return UNFIT if any(value is UNFIT for value in values.values()) else values


def _tagged(node: Mapping, shape: Tagged | Named, path: str, findings: list[Finding]) -> Any:
    if len(node.entries) != 1:
        return wrong(node, path, expected(shape), findings, got=f"a mapping with {len(node.entries)} keys")
    ((name, value),) = node.entries
    text = str(name.value)
    if isinstance(shape, Named):
        fitted = fit(value, shape.value, join(path, text), findings)
    elif text in shape.names:
        fitted = fit(value, shape.names[text], join(path, text), findings)
    else:
        return wrong(name, path, expected(shape), findings, got=quoted(text), hint=nearest(text[:100], shape.names))
    return UNFIT if fitted is UNFIT else (text, fitted)


def _kind(node: Mapping, shape: Kinds, path: str, findings: list[Finding]) -> Any:
    """Of the kind whose name is one of the keys and that has the others that are names; where none is, of the only kind
    that has them all."""
    given = [str(name.value) for name, _ in node.entries]
    keys = {kind: {key.name for key in fields.keys} for kind, fields in shape.kinds.items()}
    known = set().union(*keys.values())
    named = [word for word in given if word in keys]
    asked = set(named or given) & known
    found = [kind for kind in named or keys if asked <= keys[kind]]
    if len(found) == 1:
        fitted = fit(node, shape.kinds[found[0]], path, findings)
        return UNFIT if fitted is UNFIT else (found[0], fitted)
    unknown = [name for name, _ in node.entries if name.value not in known]
    for name in unknown:
        text = str(name.value)
        wanted = f"one of the keys {', '.join(sorted(known))}"
        wrong(name, join(path, text), wanted, findings, got=quoted(text), hint=nearest(text[:100], known))
    if named or not unknown:
        got = " and ".join(named) or "none of them"
        wrong(node, path, f"one of the keys {', '.join(keys)}", findings, got=got)
    return UNFIT


def _bare(node: Scalar, shape: Tagged, path: str, findings: list[Finding]) -> Any:
    inner = shape.names.get(node.text)
    if inner is None:
        return wrong(node, path, expected(shape), findings, hint=nearest(node.text[:100], shape.names))
    missing = [key for key in inner.keys if key.required] if isinstance(inner, Fields) else []
    if missing:
        example = ", ".join(f"{key.name}: ..." for key in missing)
        return wrong(node, path, f"{{{node.text}: {{{example}}}}}", findings)
    return node.text, fit(Mapping(node.line, node.column, ()), inner, path, findings)

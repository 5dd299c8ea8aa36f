"""Whether values are as a JSON Schema says, many values at once.

Compiled to closures that each take a column of values that stand at the same place of a document, such as the `hits` of
all seeds of a row, so that most of the work is done by `set`, `map` and `max`. Knows the keywords that the schema of
reports uses, and refuses others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from adambench.saved.value import (
    LARGEST,
    TYPES,
    WIDEST,
    Check,
    Fault,
    in_range,
    of_numbers,
    of_text,
    of_types,
    one_of_values,
    shown,
    unicode_fault,
    within_limits,
)

Schema = dict[str, Any]
KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "minimum",
    "enum", "const", "pattern", "anyOf",
}  # fmt: skip
SAYS_NOTHING = {"$schema", "title", "description"}


def compile_schema(schema: Schema) -> Check:
    """A function from values to the first fault found among them, or None; ValueError of a keyword that is not known.

    Beyond the schema it refuses numbers beyond 2^1023, whole ones beyond 2^63, texts that are no Unicode,
    and, in keys that the schema leaves open, more than 32 levels.
    """
    if unknown := set(schema) - KNOWN - SAYS_NOTHING:
        raise ValueError(f"JSON Schema keywords that are not known here: {', '.join(sorted(unknown))}")
    checks: list[Check] = []
    if "anyOf" in schema:
        checks.append(_one_of(schema["anyOf"]) or _any_of([compile_schema(branch) for branch in schema["anyOf"]]))
    if "enum" in schema or "const" in schema:
        checks.append(one_of_values(schema.get("enum", [schema.get("const")])))
    if "type" in schema:
        asked = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if set(asked) <= {"number", "integer", "null"}:
            checks.append(of_numbers(asked, schema.get("minimum")))
        else:
            checks += [
                of_types(asked),
                *([in_range(schema.get("minimum"), _most(asked))] if {"number", "integer"} & set(asked) else []),
            ]
        if "string" in asked:
            checks.append(of_text(schema.get("pattern")))
        if "array" in asked:
            checks.append(_array(schema))
        if "object" in asked:
            checks.append(_object(schema))
    elif not checks:
        checks.append(within_limits)

    def check(values: Sequence[Any]) -> Fault | None:
        for one in checks:
            if (fault := one(values)) is not None:
                return fault
        return None

    return check


def _most(types: Sequence[str]) -> float:
    return LARGEST if "number" in types else WIDEST


def _one_of(branches: Sequence[Schema]) -> Check | None:
    """The check of branches of which no two take the same type, so that it says which one a value has to meet."""
    types = [branch["type"] for branch in branches if isinstance(branch.get("type"), str)]
    if len(types) < len(branches) or "integer" in types:
        return None
    kinds = {name: next(iter(TYPES[name][0])) for name in types if len(TYPES[name][0]) == 1}
    if len(kinds) < len(branches):
        return None
    routes = [(kinds[branch["type"]], compile_schema(branch)) for branch in branches]
    sentence = f"expected {' or '.join(TYPES[name][1] for name in types)}, got {{}}"

    def check(values: Sequence[Any]) -> Fault | None:
        for index, value in enumerate(values) if not set(map(type, values)) <= set(kinds.values()) else ():
            if type(value) not in kinds.values():
                return Fault(index, "", sentence.format(shown(value)))
        for kind, one in routes:
            places = _of_type(values, kind)
            if places and (fault := one([values[place] for place in places])):
                return Fault(places[fault.index], fault.path, fault.sentence)
        return None

    return check


def _any_of(branches: list[Check]) -> Check:
    def check(values: Sequence[Any]) -> Fault | None:
        if any(branch(values) is None for branch in branches):
            return None
        for index, value in enumerate(values):
            faults = [branch([value]) for branch in branches]
            if None not in faults:
                deepest = max((fault for fault in reversed(faults) if fault), key=lambda fault: len(fault.path))
                return Fault(index, deepest.path, deepest.sentence)
        return None

    return check


def _array(schema: Schema) -> Check:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    first = [compile_schema(item) for item in schema.get("prefixItems", ())]
    items = compile_schema(schema.get("items", {}))

    def check(values: Sequence[Any]) -> Fault | None:
        places = _of_type(values, list)
        lists = [values[place] for place in places] if len(places) < len(values) else values
        for index, value in zip(places, lists, strict=True) if least or most is not None else ():
            if len(value) < least or (most is not None and len(value) > most):
                return Fault(index, "", f"expected a list of {_span(least, most)}, got {len(value)}")
        for position, one in enumerate(first):
            having = [index for index, value in zip(places, lists, strict=True) if len(value) > position]
            if fault := one([values[index][position] for index in having]):
                return Fault(having[fault.index], f"[{position}]{fault.path}", fault.sentence)
        rest = [value[len(first) :] for value in lists] if first else lists
        if (fault := items(list(chain.from_iterable(rest)))) is None:
            return None
        place, left = 0, fault.index
        while left >= len(rest[place]):
            left -= len(rest[place])
            place += 1
        return Fault(places[place], f"[{left + len(first)}]{fault.path}", fault.sentence)

    return check


def _span(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def _object(schema: Schema) -> Check:
    properties = {key: compile_schema(value) for key, value in schema.get("properties", {}).items()}
    required = [key for key in schema.get("required", ()) if key in properties]
    needed = [key for key in schema.get("required", ()) if key not in properties]
    take = itemgetter(*required) if len(required) > 1 else lambda value: tuple(value[key] for key in required)
    others = compile_schema(schema.get("additionalProperties", {}))

    def check(values: Sequence[Any]) -> Fault | None:
        places = _of_type(values, dict)
        objects = [values[place] for place in places] if len(places) < len(values) else values
        try:
            columns = dict(zip(required, zip(*map(take, objects), strict=True), strict=True)) if objects else {}
        except KeyError:
            return _missing(required, places, objects)
        known = 0
        for key, one in properties.items():
            column = columns[key] if key in columns else [value[key] for value in objects if key in value]
            known += len(column)
            if fault := one(column):
                having = [place for place, value in zip(places, objects, strict=True) if key in value]
                return Fault(having[fault.index], f".{key}{fault.path}", fault.sentence)
        if known == sum(map(len, objects)):
            return _missing(needed, places, objects) if needed else None
        for place, value in zip(places, objects, strict=True):
            extra = [key for key in value if key not in properties]
            if sentence := next(filter(None, map(unicode_fault, extra)), ""):
                return Fault(place, "", f"a key: {sentence}")
            if fault := others([value[key] for key in extra]):
                return Fault(place, f".{extra[fault.index]}{fault.path}", fault.sentence)
        return _missing(needed, places, objects)

    return check


def _missing(keys: Sequence[str], places: Sequence[int], objects: Sequence[Any]) -> Fault | None:
    for place, value in zip(places, objects, strict=True):
        for key in keys:
            if key not in value:
                return Fault(place, "", f"expected the key {key}, got none")
    return None


def _of_type(values: Sequence[Any], kind: type) -> Sequence[int]:
    if set(map(type, values)) <= {kind}:
        return range(len(values))
    return [index for index, value in enumerate(values) if type(value) is kind]

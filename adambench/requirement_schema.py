"""JSON Schema of what a report says of its requirements: the keys of all kinds, each as its shape is reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adambench.json_type import NUMBER, TEXT, list_of, object_of
from adambench.json_type import TARGET as TARGET_KEYS
from adambench.requirement import TARGET
from adambench.requirements import EVERY_ENTRY, kinds
from adambench.shape import Choice, Duration, Fields, ListOf, Number, Shape, Switch, Text

Schema = dict[str, Any]
NULL: Schema = {"type": "null"}


def requirement_schema() -> Schema:
    """Of an entry of `requirements`, whichever of the kinds it is of."""
    keys = _keys()
    return object_of(
        {
            **dict.fromkeys(("problem", "optimizer", "kind", "sentence", "measured"), TEXT),
            **keys,
            "value": NUMBER,
            "met": {"type": "boolean"},
            "advisory": {"type": "boolean"},
        },
        optional=tuple(name for name in keys if name not in EVERY_ENTRY),
    )


def _reported(shape: Shape) -> Schema:
    """Of what types the value of a key is in a report. Which values are possible, `saved.requirement` knows."""
    if shape is TARGET:
        return object_of(TARGET_KEYS)
    match shape:
        case Number():
            return {"type": "integer" if shape.whole else "number"}
        case Duration():
            return {"type": "number"}
        case Switch():
            return {"type": "boolean"}
        case Choice():
            return {"enum": list(shape.words)}
        case Text():
            return TEXT
        case ListOf():
            return list_of(_reported(shape.item))
        case Fields():
            given = [key.name for key in shape.keys if key.required or key.default is not None]
            properties = {key.name: _reported(key.shape) for key in shape.keys}
            return {"type": "object", "properties": properties, "required": given}
        case _:
            return {}


def _keys() -> dict[str, Schema]:
    """The keys of every kind, and what their judgements add. Kinds that share a name may each mean another thing."""
    found: dict[str, list[Schema]] = {}
    for kind in kinds().values():
        for key in kind.keys:
            found.setdefault(key.name, []).append(_reported(key.shape))
            if not key.required or key.name in EVERY_ENTRY:
                found[key.name].append(NULL)
        for name, schema in kind.reported.items():
            found.setdefault(name, []).append(dict(schema))
    return {name: _any_of(schemas) for name, schemas in found.items()}


def _any_of(schemas: Sequence[Schema]) -> Schema:
    """Whatever one of the schemas takes."""
    found = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    if len(found) == 1:
        return found[0]
    if all(schema.keys() == {"type"} and isinstance(schema["type"], str) for schema in found):
        return {"type": [schema["type"] for schema in found]}
    return {"anyOf": found}


REQUIREMENT = requirement_schema()

"""The types that JSON schemas are put together of."""

from __future__ import annotations

from typing import Any

NUMBER = {"type": ["number", "null"]}
COUNT = {"type": "integer", "minimum": 0}
ALLOWANCE = {"type": "number", "minimum": 0}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}


def object_of(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys, all of them but the optional ones required; keys may be added in time."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": properties, "required": required}


def or_null(wanted: Any) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, wanted]}


def list_of(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


TARGET = {"kind": {"enum": ["relative", "loss", "gradient", "distance"]}, "value": {"type": "number"}}
PAIR = {"anyOf": [{"type": "null"}, {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}]}

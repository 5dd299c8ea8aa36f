"""Items of a list decoded and checked at once, several times as quick as one after the other: most of a report."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec

from adambench.saved.value import LARGEST, WIDEST

Decode = Callable[[str], Any]
KNOWN = {"type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minimum", "enum",
         "pattern", "anyOf"}  # fmt: skip


def compile_decoder(schema: dict[str, Any]) -> Decode:
    """A function from the text of a value to the value, or None where it is not quite certain that this is strict JSON
    and as the JSON Schema says, with no key that the schema does not name: then it has to be read with more care.
    """
    decode = msgspec.json.Decoder(_type(schema)).decode

    def plain(text: str) -> Any:
        try:
            value = decode(text)
        except (msgspec.MsgspecError, RecursionError):
            return None
        # A key that is not named, or there twice, was dropped, and with it a colon, if no escape has added one.
        whole = "\\" not in text or (r"\u003a" not in text and r"\u003A" not in text)
        return value if whole and msgspec.json.encode(value).count(b":") == text.count(":") else None

    return plain


def _type(schema: dict[str, Any]) -> Any:
    """The type of Python that has these values, and perhaps not all of them."""
    if unknown := set(schema) - KNOWN:
        raise ValueError(f"JSON Schema keywords that are not known here: {', '.join(sorted(unknown))}")
    if "anyOf" in schema:
        return reduce(or_, map(_type, schema["anyOf"]))
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    asked = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return reduce(or_, (_typed(name, schema) for name in asked))


def _typed(name: str, schema: dict[str, Any]) -> Any:
    least = schema.get("minimum")
    whole = Annotated[int, msgspec.Meta(ge=-WIDEST if least is None else least, le=WIDEST)]
    match name:
        case "null":
            return None
        case "boolean":
            return bool
        case "integer":
            return whole
        case "number":
            return whole | Annotated[float, msgspec.Meta(ge=-LARGEST if least is None else least, le=LARGEST)]
        case "string":
            return Annotated[str, msgspec.Meta(pattern=schema.get("pattern"))]
        case "array":
            limits = msgspec.Meta(min_length=schema.get("minItems"), max_length=schema.get("maxItems"))
            return Annotated[GenericAlias(list, (_type(schema["items"]),)), limits]
    if "properties" not in schema:
        return GenericAlias(dict, (str, _type(schema["additionalProperties"])))
    types = {key: _type(value) for key, value in schema["properties"].items()}
    required = schema.get("required", ())
    return TypedDict("Object", {key: one if key in required else NotRequired[one] for key, one in types.items()})  # type: ignore[operator]

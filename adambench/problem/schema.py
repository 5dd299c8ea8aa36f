"""The JSON Schema of problem files, made from the table of keys that the reader itself uses."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

from adambench.function import Function, Parameter
from adambench.functions import all_functions
from adambench.model import Model
from adambench.models import all_models
from adambench.problem.expression import EXPRESSION_KEYS
from adambench.problem.keys import file_keys, parameter_fields, parameter_key
from adambench.shape import (
    DURATION,
    Anything,
    Choice,
    Duration,
    Either,
    Fields,
    Key,
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
)

_SETTING = {"type": ["number", "boolean", "string"]}


def problem_schema() -> dict[str, Any]:
    """Draft 2020-12. It knows what stands where; whether numbers fit each other only the reader knows."""
    functions, models = all_functions().values(), all_models().values()
    schema = _of(file_keys())
    with_model = dict.fromkeys(parameter.name for model in models for parameter in model.keys)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "adambench problem",
        **schema,
        "oneOf": [{"required": [form]} for form in ("function", "expression", "model")],
        "dependentRequired": {
            "expression": ["start"],
            "model": ["data"],
            **{key: ["expression"] for key in EXPRESSION_KEYS},
            **{key: ["model"] for key in with_model},
        },
        "dependentSchemas": {
            "dimension": _either("function", "expression"),
            "parameters": _either("function", "expression"),
            "data": _either("model", "expression"),
            "expression": _either("dimension", "variables"),
        },
        "allOf": [*map(_function, functions), *map(_model, models)],
    }


def _either(*keys: str) -> dict[str, Any]:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _function(function: Function) -> dict[str, Any]:
    dimension: dict[str, Any] = {"minimum": function.least_dimension}
    if function.dimension is not None:
        dimension = {"const": function.dimension}
    elif function.multiple_of > 1:
        dimension["multipleOf"] = function.multiple_of
    return _when("function", function.name, {"dimension": dimension, "parameters": _declared(function.parameters)})


def _model(model: Model) -> dict[str, Any]:
    sources = [{**_declared(source.keys), "required": [source.keys[0].name]} for source in model.sources]
    keys = {key.name: _key(key) for key in map(parameter_key, model.keys)}
    return _when("model", model.name, {"data": {"oneOf": sources}, **keys})


def _when(key: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {key: {"const": name}}, "required": [key]},
        "then": {"properties": properties},
    }


def _declared(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    schema = _of(parameter_fields(parameters))
    for parameter in parameters:
        if parameter.default is not None:
            schema["properties"][parameter.name]["default"] = parameter.default
    return schema


def _of(shape: Shape) -> dict[str, Any]:
    """The schema of one shape."""
    match shape:
        case Text():
            return {"type": "string", **({"pattern": f"^{shape.pattern}$"} if shape.pattern else {})}
        case Number():
            return {"anyOf": [_number(shape), _sweep(_number(shape))]}
        case Duration():
            # JSON Schema's patterns have no named groups.
            pattern = re.sub(r"\?P<[a-z]+>", "", DURATION)
            return {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": f"^{pattern}$"}]}
        case Switch():
            return {"type": "boolean"}
        case Choice():
            return {"enum": list(shape.words)}
        case Setting():
            return dict(_SETTING)
        case Anything():
            return dict(shape.json)
        case ListOf():
            most = {} if shape.most is None else {"maxItems": shape.most}
            items = {"type": "array", "items": _of(shape.item), "minItems": shape.least, **most}
            return {"anyOf": [_of(shape.item), items]} if shape.alone else items
        case Fields():
            required = [key.name for key in shape.keys if key.required]
            properties = {key.name: _key(key) for key in shape.keys}
            apart = [{"not": {"required": list(pair)}} for pair in combinations(shape.apart, 2)]
            return {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": False,
                **({"allOf": apart} if apart else {}),
            }
        case Kinds():
            return {"anyOf": [_of(fields) for fields in shape.kinds.values()]}
        case Tagged():
            return _tagged(shape)
        case Named():
            return {
                "type": "object",
                "additionalProperties": _of(shape.value),
                "minProperties": 1,
                "maxProperties": 1,
            }
        case Settings():
            return {"type": "object", "additionalProperties": dict(_SETTING)}
        case Either():
            return {"anyOf": [_of(part) for part in (shape.scalar, shape.sequence, shape.mapping) if part]}


def _key(key: Key) -> dict[str, Any]:
    default = {} if key.default is None else {"default": key.default}
    return {**_of(key.shape), **({"description": key.meaning} if key.meaning else {}), **default}


def _sweep(item: dict[str, Any]) -> dict[str, Any]:
    """What may stand in the place of any number."""
    return {
        "type": "object",
        "properties": {"sweep": {"type": "array", "items": item, "minItems": 1}},
        "required": ["sweep"],
        "additionalProperties": False,
    }


def _number(shape: Number) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer" if shape.whole else "number"}
    if shape.low is not None:
        schema["exclusiveMinimum" if shape.open_low else "minimum"] = shape.low
    if shape.high is not None:
        schema["exclusiveMaximum" if shape.open_high else "maximum"] = shape.high
    return schema


def _tagged(shape: Tagged) -> dict[str, Any]:
    mapping = {
        "type": "object",
        "properties": {name: _of(value) for name, value in shape.names.items()},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    if not shape.bare:
        return mapping
    alone = [
        name
        for name, value in shape.names.items()
        if not isinstance(value, Fields) or not any(key.required for key in value.keys)
    ]
    return {"anyOf": [{"enum": alone}, mapping]}

"""JSON Schema of a verdict."""

from __future__ import annotations

from typing import Any

from adambench.gate.check import STATUSES, VERDICTS
from adambench.gate.verdict import SCHEMA
from adambench.problem.tolerance import TOLERANCES

NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
VERDICT = {"enum": list(VERDICTS)}
STATUS = {"enum": list(STATUSES)}
SWITCH = {"type": "boolean"}
SHARE = {"type": "number", "minimum": 0}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys, all of them but the optional ones required; keys may be added in time."""
    return {"type": "object", "properties": properties, "required": [key for key in properties if key not in optional]}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


CHECK = _object(
    {
        "metric": TEXT,
        "verdict": VERDICT,
        "status": STATUS,
        **dict.fromkeys(("baseline", "measured", "change", "allowed"), NUMBER),
        "ci95": {"anyOf": [{"type": "null"}, {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}]},
        "advisory": SWITCH,
        "sentence": TEXT,
    }
)

HELD = _object(dict.fromkeys(TOLERANCES, SHARE))

VERDICT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "adambench verdict",
    **_object(
        {
            "schema": {"const": SCHEMA},
            "adambench": TEXT,
            "verdict": VERDICT,
            "results": TEXT,
            "baseline": TEXT,
            "basis": {"enum": ["bits", "outcomes"]},
            "notes": _list(TEXT),
            "settings": _object(
                {
                    **dict.fromkeys(("exact", "time"), SWITCH),
                    "tolerances": HELD,
                    "problem_tolerances": {"type": "object", "additionalProperties": HELD},
                    "inconclusive": {"enum": ["pass", "fail", "report"]},
                },
                optional=("problem_tolerances",),
            ),
            "cells": _list(
                _object(
                    {
                        **dict.fromkeys(("problem", "optimizer"), TEXT),
                        "verdict": VERDICT,
                        "status": STATUS,
                        "sentence": TEXT,
                        "checks": _list(CHECK),
                    }
                )
            ),
            "counts": _object(dict.fromkeys(VERDICTS, COUNT)),
        }
    ),
}

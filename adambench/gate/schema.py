"""JSON Schema of a verdict."""

from __future__ import annotations

from typing import Any

from adambench.gate.check import STATUSES, VERDICTS
from adambench.gate.verdict import SCHEMA
from adambench.json_type import ALLOWANCE, COUNT, NUMBER, PAIR, TEXT, list_of, object_of
from adambench.problem.tolerance import TOLERANCES

VERDICT = {"enum": list(VERDICTS)}
STATUS = {"enum": list(STATUSES)}
SWITCH = {"type": "boolean"}


CHECK = object_of(
    {
        "metric": TEXT,
        "verdict": VERDICT,
        "status": STATUS,
        **dict.fromkeys(("baseline", "measured", "change", "allowed"), NUMBER),
        "ci95": PAIR,
        "unit": {"enum": ["share", "trials"]},
        "advisory": SWITCH,
        "sentence": TEXT,
    }
)

HELD = object_of(dict.fromkeys(TOLERANCES, ALLOWANCE))

VERDICT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "adambench verdict",
    **object_of(
        {
            "schema": {"const": SCHEMA},
            "adambench": TEXT,
            "verdict": VERDICT,
            "results": TEXT,
            "baseline": TEXT,
            "basis": {"enum": ["bits", "outcomes"]},
            "notes": list_of(TEXT),
            "settings": object_of(
                {
                    **dict.fromkeys(("exact", "time"), SWITCH),
                    "tolerances": HELD,
                    "problem_tolerances": {"type": "object", "additionalProperties": HELD},
                    "inconclusive": {"enum": ["pass", "fail", "report"]},
                },
                optional=("problem_tolerances",),
            ),
            "cells": list_of(
                object_of(
                    {
                        **dict.fromkeys(("problem", "optimizer"), TEXT),
                        "verdict": VERDICT,
                        "status": STATUS,
                        "sentence": TEXT,
                        "checks": list_of(CHECK),
                    }
                )
            ),
            "counts": object_of(dict.fromkeys(VERDICTS, COUNT)),
        }
    ),
}

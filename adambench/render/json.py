"""The document itself, strict: no NaN or Infinity, and every number parses back to itself."""

from __future__ import annotations

import json

from adambench.render import Document, Format, Style


def render(document: Document, style: Style) -> str:
    """One line a problem and a result, so that two reports can be compared by line. ASCII: the same bytes anywhere.

    ValueError where a number is not finite, TypeError where a value is no JSON.
    """
    return "{" + ",".join(f"\n{_dumps(key)}: {_lines(value)}" for key, value in document.items()) + "\n}\n"


def _lines(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return "[" + ",".join(f"\n {_dumps(item)}" for item in value) + "\n]"
    return _dumps(value)


def _dumps(value: object) -> str:
    return json.dumps(value, allow_nan=False)


FORMAT = Format("json", "everything, for programs", render, ("report", "verdict"))

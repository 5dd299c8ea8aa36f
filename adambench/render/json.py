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
    return unheeded_json(json.dumps(value, allow_nan=False))


def unheeded_json(text: str) -> str:
    """The same JSON, without the `##[` that the runner of GitHub Actions takes for a command wherever it stands."""
    return text.replace("##[", "##\\u005b")  # outside of texts, which take the escape, there is no such thing


FORMAT = Format("json", "everything, for programs", render, ("report", "verdict"))

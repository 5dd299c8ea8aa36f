"""JSON lines: the document's head, then one line for each problem, row, requirement or cell."""

from __future__ import annotations

import json

from adambench.render import Document, Format, Style
from adambench.render.json import unheeded_json


def render(document: Document, style: Style) -> str:
    """Nothing is lost: the first line has `part` = "document" and every key but lists of objects, whose items follow,
    each with `part` = that key ("problems", "results", "cells", ...) and its place in the list as `index`.

    Strict and ASCII. ValueError where a number is not finite.
    """
    parts = {key: value for key, value in document.items() if _is_rows(value)}
    head = {key: value for key, value in document.items() if key not in parts}
    lines = [
        {"part": "document", **head},
        *({"part": key, "index": index, **item} for key, rows in parts.items() for index, item in enumerate(rows)),
    ]
    return "".join(f"{unheeded_json(json.dumps(line, allow_nan=False))}\n" for line in lines)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


FORMAT = Format("jsonl", "a line a problem, row or check, for programs", render, ("report", "verdict"))

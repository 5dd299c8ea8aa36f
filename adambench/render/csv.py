"""One row a problem, optimizer and target, for spreadsheets and data frames; of a verdict, one row a check."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from adambench.outcome import OUTCOMES
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.plain import plain

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell, in both widths."""
COMMAND = "::"


def render(document: Document, style: Style) -> str:
    """Numbers parse back to themselves; what is unknown, infinite or undefined is empty."""
    header, rows = (_header(), _rows(document)) if kind_of(document) == "report" else (CHECK, _checks(document))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row[name], style) for name in header] for row in rows)
    return out.getvalue()


LOSS = ("median", "mean", "min", "max", "q25", "q75")
TARGET = ("reached", "trials", "median", "q25", "q75", "ert")
MEASURES = ("loss", "accuracy")
HELD_OUT = tuple(f"held_out_{name}" for name in MEASURES)
COST = ("evaluations", "seconds", "ns_per_step", "state_per_parameter")
VALUES = ("metric", "baseline", "measured", "change", "allowed")
CHECK = (
    *("problem", "optimizer", "cell_verdict", "verdict", "status"),
    *(*VALUES, "low", "high", "unit", "advisory", "sentence"),
)


def _header() -> list[str]:
    return [
        *("problem", "function", "dimension", "budget", "optimizer", "trials"),
        *("target_kind", "target", *(f"target_{name}" for name in (*TARGET, "ert_low", "ert_high"))),
        *(f"final_loss_{name}" for name in (*LOSS, "low", "high")),
        "best_loss_median",
        *HELD_OUT,
        *(f"outcome_{name}" for name in OUTCOMES),
        *COST,
    ]


def _rows(document: Document) -> list[dict[str, Any]]:
    problems = {problem["name"]: problem for problem in document["problems"]}
    return [
        {**_fields(problems[row["problem"]], row), **_target_fields(target)}
        for row in document["results"]
        for target in row["targets"] or [{}]
    ]


def _checks(document: Document) -> list[dict[str, Any]]:
    """A row a check; a cell without checks is one row, of no metric. `unit` goes with change, allowed, low, high."""
    return [
        {
            **{name: cell[name] for name in ("problem", "optimizer")},
            "cell_verdict": cell["verdict"],
            **{name: check[name] for name in ("verdict", "status", "sentence")},
            **{name: check.get(name) for name in (*VALUES, "unit")},
            **dict(zip(("low", "high"), check.get("ci95") or (None, None), strict=True)),
            "advisory": str(check.get("advisory", False)).lower(),
        }
        for cell in document["cells"]
        for check in cell["checks"] or [cell]
    ]


def _fields(problem: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("problem", "optimizer", "trials")},
        **{name: problem[name] for name in ("function", "dimension", "budget")},
        **{f"final_loss_{name}": row["final_loss"][name] for name in LOSS},
        **dict(zip(("final_loss_low", "final_loss_high"), row["final_loss"]["ci95"] or (None, None), strict=True)),
        "best_loss_median": row["best_loss"]["median"],
        **{f"held_out_{name}": ((row.get("held_out") or {}).get(name) or {}).get("median") for name in MEASURES},
        **{f"outcome_{name}": row["outcomes"][name] for name in OUTCOMES},
        **{name: row["cost"][name] for name in COST},
    }


def _target_fields(target: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "target_kind": target.get("kind"),
        "target": target.get("value"),
        **{f"target_{name}": target.get(name) for name in TARGET},
        **dict(zip(("target_ert_low", "target_ert_high"), target.get("ert_ci95") or (None, None), strict=True)),
    }


def _cell(value: object, style: Style) -> object:
    """A text that a spreadsheet would take for a formula, or GitHub's runner for a command, starts with an apostrophe;
    numbers are left alone."""
    if not isinstance(value, str):
        return value
    text = plain(value, style.unicode)
    return f"'{text}" if text.lstrip().startswith((*FORMULA, COMMAND)) else text


FORMAT = Format("csv", "one row a problem, optimizer and target, for spreadsheets", render, ("report", "verdict"))

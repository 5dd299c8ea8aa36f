"""Tables for pull requests and README files (GitHub's dialect)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adambench.analysis.verdict import verdict
from adambench.render import Document, Format, Style
from adambench.render.parts.column import COMPARISON_NOTE, Cell, Column, comparison_columns, problem_columns
from adambench.render.parts.plain import plain
from adambench.render.parts.sentence import GROWTH_NOTE, INTERRUPTED, growth, heading, notes_of, requirement


def render(document: Document, style: Style) -> str:
    """A section a problem: table (best values bold), what stopped trials, verdict; then requirements and comparison."""
    blocks = [f"*{INTERRUPTED}*"] if document.get("interrupted") else []
    for problem in document["problems"]:
        rows = [row for row in document["results"] if row["problem"] == problem["name"]]
        blocks += [f"## {_escaped(problem['name'], style)}", _escaped(heading(problem, rows), style)]
        blocks += [_table(problem_columns(problem, rows, style.unicode), style)] if rows else []
        notes = [f"- {_escaped(note, style)}" for row in rows for note in notes_of(row)]
        blocks += ["\n".join(notes)] if notes else []
        blocks.append(f"**{_escaped(verdict(rows), style)}**")
    if document.get("scaling"):
        lines = [f"- {_escaped(growth(found), style)}" for found in document["scaling"]]
        blocks += ["## Growth", "\n".join(lines), GROWTH_NOTE]
    if document.get("comparison"):
        columns = comparison_columns(document["comparison"], style.unicode)
        said = [f"- {_escaped(found['sentence'], style)}" for found in document.get("duels", {}).get("against", ())]
        blocks += ["## All problems", _table(columns, style), *(["\n".join(said)] if said else []), COMPARISON_NOTE]
    if document.get("requirements"):
        marks = {True: "met", False: "**unmet**"}
        lines = [
            f"- {marks[found['met']]}: {_escaped(requirement(found), style)}" for found in document["requirements"]
        ]
        blocks += ["## Requirements", "\n".join(lines)]
    return "\n\n".join(blocks) + "\n"


def _table(columns: Sequence[Column], style: Style) -> str:
    lines = [
        [column.title for column in columns],
        ["--:" if column.numeric else ":--" for column in columns],
        *([_cell(cell, style) for cell in line] for line in zip(*(column.cells for column in columns), strict=True)),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Cell, style: Style) -> str:
    value = _escaped(cell.value, style)
    return f"{f'**{value}**' if cell.best else value} {_escaped(cell.detail, style)}".rstrip()


def _escaped(text: object, style: Style) -> str:
    """Text that Markdown shows as it is. Underscores inside words stay: they mean nothing there."""
    safe = re.sub(r"([\\`*|\[\]~])", r"\\\1", plain(text, style.unicode))
    safe = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", safe)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMAT = Format("markdown", "tables for pull requests and README files", render)

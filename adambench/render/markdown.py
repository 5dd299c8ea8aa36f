"""Tables for pull requests and README files (GitHub's dialect)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adambench.analysis.verdict import verdict
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.column import Cell, Column, problem_columns
from adambench.render.parts.comparison import comparison_columns, comparison_note
from adambench.render.parts.explanation import explained
from adambench.render.parts.plain import plain, unheeded
from adambench.render.parts.sentence import (
    GROWTH_NOTE,
    INTERRUPTED,
    NOTHING,
    growth,
    heading,
    merged,
    not_asked,
    notes_of,
    ranked,
    requirement,
    standing,
)
from adambench.render.parts.tuned import tuned_columns
from adambench.render.parts.tuning import beneath, closing, tuning_note
from adambench.render.parts.verdict import basis, conclusion, sections


def render(document: Document, style: Style) -> str:
    """A section a problem: table (best values bold), what stopped trials, verdict; then requirements and comparison."""
    return "\n\n".join(blocks(document, style)) + "\n"


def blocks(document: Document, style: Style) -> list[str]:
    """Headings (`## ...`), tables, lists and paragraphs, in their order; each is whole by itself."""
    found = _report(document, style) if kind_of(document) == "report" else _verdict(document, style)
    return [unheeded(block) for block in found]


def _report(document: Document, style: Style) -> list[str]:
    blocks = [f"*{INTERRUPTED}*"] if document.get("interrupted") else []
    blocks += [_escaped(merged(document), style)] if merged(document) else []
    blocks += [] if document["problems"] else [NOTHING]
    for problem in document["problems"]:
        rows = [row for row in document["results"] if row["problem"] == problem["name"]]
        blocks += [f"## {_escaped(problem['name'], style)}", _escaped(heading(problem, rows), style)]
        blocks += [_table(problem_columns(problem, rows, style.unicode), style)] if rows else []
        notes = [f"- {_escaped(note, style)}" for row in rows for note in notes_of(row)]
        blocks += ["\n".join(notes)] if notes else []
        blocks.append(f"**{_escaped(verdict(rows), style)}**")
        under = [f"- {_escaped(line, style)}" for line in beneath(document, problem)]
        blocks += ["\n".join(under)] if under else []
        blocks += [_table(columns, style)] if (columns := tuned_columns(document, problem, style.unicode)) else []
    if document.get("scaling"):
        lines = [f"- {_escaped(growth(found), style)}" for found in document["scaling"]]
        blocks += ["## Growth", "\n".join(lines), GROWTH_NOTE]
    if document.get("comparison"):
        reference = document.get("duels", {}).get("reference")
        columns = comparison_columns(document["comparison"], style.unicode, reference)
        said = [f"- {_escaped(line, style)}" for line in ranked(document)]
        blocks += ["## All problems", _table(columns, style), *(["\n".join(said)] if said else [])]
        blocks += [legend] if (legend := comparison_note(columns)) else []
    if told := closing(document):
        listed = "\n".join(f"- {_escaped(line, style)}" for line in told)
        blocks += ["## Tuning", listed, tuning_note(document["tuning"])]
    if document.get("requirements") or not_asked(document):
        asked = [
            f"- {_met(found)}: {_escaped(requirement(found), style)}" for found in document.get("requirements", ())
        ]
        left_out = [not_asked(document)] if not_asked(document) else []
        blocks += ["## Requirements", *(["\n".join(asked)] if asked else []), *left_out]
    if style.explain and (meaning := explained(document)):
        meanings = [f"- **{_escaped(title, style)}**: {_escaped(text, style)}" for title, text in meaning]
        blocks += ["## What the columns mean", "\n".join(meanings)]
    return blocks


def _met(found: Mapping[str, object]) -> str:
    return standing(found) if found["met"] or found["advisory"] else f"**{standing(found)}**"


def _verdict(document: Document, style: Style) -> list[str]:
    blocks = []
    for section in sections(document, style.unicode):
        blocks += [f"## {_escaped(section.title, style)}", _escaped(section.heading, style)]
        blocks += [_table(section.columns, style)] if section.columns else []
        blocks += ["\n".join(f"- {_escaped(line, style)}" for line in section.lines)] if section.lines else []
    notes = [f"- {_escaped(note, style)}" for note in [basis(document), *document["notes"]]]
    return [*blocks, "## Gate", f"**{_escaped(conclusion(document), style)}**", "\n".join(notes)]


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


FORMAT = Format("markdown", "tables for pull requests and README files", render, ("report", "verdict"))

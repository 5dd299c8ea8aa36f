"""Tables for pull requests and README files (GitHub's dialect)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.column import Cell, Column
from adambench.render.parts.comparison import comparison_note
from adambench.render.parts.page import meanings, page
from adambench.render.parts.plain import plain, unheeded
from adambench.render.parts.section import Line, Meanings, Section
from adambench.render.parts.sentence import INTERRUPTED, merged
from adambench.render.parts.verdict import basis, conclusion, sections


def render(document: Document, style: Style) -> str:
    """A section a problem: table (best values bold), what stopped trials, verdict; then requirements and comparison."""
    return "\n\n".join(blocks(document, style)) + "\n"


def blocks(document: Document, style: Style) -> list[str]:
    """Headings (`## ...`), tables, lists and paragraphs, in their order; each is whole by itself."""
    found = _report if kind_of(document) == "report" else _verdict
    return [unheeded(block) for block in found(document, style)]


def _report(document: Document, style: Style) -> Iterator[str]:
    if document.get("interrupted"):
        yield f"*{INTERRUPTED}*"
    if said := merged(document):
        yield _escaped(said, style)
    for section in page(document, style.unicode):
        yield from _section(section, style)
    if style.explain and (section := meanings(document)).parts:
        yield from _section(section, style)


def _verdict(document: Document, style: Style) -> Iterator[str]:
    for section in sections(document, style.unicode):
        yield from _section(section, style)
    lines = [Line(conclusion(document), "strong"), *map(Line, [basis(document), *document["notes"]])]
    yield from _section(Section("gate", "", lines), style)


def _section(section: Section, style: Style) -> Iterator[str]:
    if section.title:
        yield f"## {_escaped(section.title if section.heading else section.title.capitalize(), style)}"
    if section.heading:
        yield _escaped(section.heading, style)
    for listed, parts in groupby(section.parts, key=lambda part: isinstance(part, Line) and not part.tone):
        found = [_part(part, style) for part in parts]
        yield from ["\n".join(f"- {line}" for line in found)] if listed else filter(None, found)


def _part(part: Sequence[Column] | Line | Meanings, style: Style) -> str:
    if isinstance(part, Line):
        said = _line(part, style)
        return f"**{said}**" if part.tone == "strong" else said
    return comparison_note(part.columns) if isinstance(part, Meanings) else _table(part, style)


def _line(line: Line, style: Style) -> str:
    lead = _escaped(line.lead, style)
    strong = f"**{lead}**" if line.standing in ("", "bad") else lead
    return f"{strong}: {_escaped(line.text, style)}" if lead else _escaped(line.text, style)


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

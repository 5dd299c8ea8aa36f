"""The table for a terminal: a block a problem, as wide as the screen, on its side where that is too narrow."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import fill
from typing import Any

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.column import Column
from adambench.render.parts.comparison import comparison_note
from adambench.render.parts.page import meanings, page
from adambench.render.parts.plain import plain, unheeded
from adambench.render.parts.section import Line, Meanings, Section
from adambench.render.parts.sentence import INTERRUPTED, merged
from adambench.render.parts.verdict import basis, conclusion, sections

NARROWEST = 20
LABEL = 20
"""An optimizer's label may be folded to this width, at its colons, before a column is left out."""
GAP = 2
RULED = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
RULED_ASCII = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
HOSTED = "theirs: the time inside an implementation that is not ours, without the objective."
TONES = {"": "", "strong": "bold", "aside": "dim"}
LEADS = {"": "bold", "good": "green", "bad": "bold red", "doubtful": "yellow"}
LEGEND = "* best of its column. steps: median over trials, then trials that hit the target / trials that count."


def render(document: Document, style: Style) -> str:
    """Lines of at most `style.width` columns (at least 20). Labels, targets and losses are folded, never cut."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=max(style.width, NARROWEST),
        height=100,
        color_system="standard" if style.color else None,
        force_terminal=style.color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},  # the Style decides, not NO_COLOR and the like
    )
    for number, block in enumerate((_report if kind_of(document) == "report" else _verdict)(document, style)):
        console.print(*([""] if number else []), *block, sep="\n")
    lines = "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")
    return unheeded(lines, "\\") + "\n"  # as wide as before


def _report(document: Document, style: Style) -> list[list[Any]]:
    blocks = [_section(section, style) for section in page(document, style.unicode)]
    if document["results"]:
        hosted = any(row.get("implementation") is not None for row in document["results"])
        blocks.append([Text(f"{LEGEND} {HOSTED}" if hosted else LEGEND, "dim")])
    if style.explain and (section := meanings(document)).parts:
        blocks.append(_section(section, style))
    if said := merged(document):
        blocks.append([Text(said, "dim")])
    if document.get("interrupted"):
        blocks.append([Text(INTERRUPTED, "bold yellow")])
    return blocks


def _verdict(document: Document, style: Style) -> list[list[Any]]:
    blocks = [_section(section, style) for section in sections(document, style.unicode)]
    notes = [Text(plain(note, style.unicode)) for note in document["notes"]]
    color = {"pass": "bold green", "fail": "bold red"}.get(document["verdict"], "bold yellow")
    said = Text(plain(conclusion(document), style.unicode), color)
    return [*blocks, [*notes, Text(plain(basis(document), style.unicode), "dim"), said]]


def _section(section: Section, style: Style) -> list[Any]:
    title = (plain(section.title, style.unicode), "bold")
    heading = plain(section.heading, style.unicode)
    found: list[Any] = [Text.assemble(title, ": " if section.title and heading else "", heading)]
    for part in section.parts:
        if isinstance(part, Line):
            found.append(_line(part, style))
        elif isinstance(part, Meanings):
            said = comparison_note(_kept(part.columns, style) or part.columns)
            found += [Text(said, "dim")] if said else []
        else:
            found += _grid(part, style)
    return found


def _line(line: Line, style: Style) -> Text:
    tick, cross = ("✓", "✗") if style.unicode else ("ok", "x")
    mark = f"{tick if line.standing == 'good' else cross} " if line.standing else ""
    lead = (f"{mark}{line.lead}: ", LEADS[line.standing]) if line.lead else ""
    return Text.assemble(lead, (plain(line.text, style.unicode), TONES[line.tone]))


def _grid(columns: Sequence[Column], style: Style) -> Iterator[Any]:
    """As many of the columns as fit, and a line that names the others; or a block of lines a row."""
    if not columns:
        return
    if not (kept := _kept(columns, style)):
        yield from _on_its_side(columns)
        return
    room = _room(kept, max(style.width, NARROWEST))
    table = Table(
        box=RULED if style.unicode else RULED_ASCII,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
        header_style="bold",
    )
    for place, column in enumerate(kept):
        table.add_column(
            column.title,
            width=_width(column) if place else min(_width(column), room),
            justify="right" if column.numeric else "left",
            overflow="fold",
        )
    labels = (Text(_folded(cell.value, room)) for cell in kept[0].cells)
    for line in zip(labels, *(_texts(column, aligned=True) for column in kept[1:]), strict=True):
        table.add_row(*line)
    yield table
    shown = {column.title.replace("\n", " ") for column in kept}
    if absent := [column.title for column in columns if column.title not in shown]:
        yield Text(f"not shown at this width: {', '.join(absent)}", "dim")


def _kept(columns: Sequence[Column], style: Style) -> list[Column]:
    """The columns that fit beside one another; none where those that have to stay do not."""
    width, least = max(style.width, NARROWEST), min(_width(columns[0]), LABEL)
    kept = list(columns)
    if _room(kept, width) < least:
        kept = [columns[0], *map(_narrowed, columns[1:])]
    while _room(kept, width) < least:
        if not any(column.spare for column in kept):
            return []
        kept.remove(max(kept, key=lambda column: column.spare))
    return kept


def _on_its_side(columns: Sequence[Column]) -> Iterator[Any]:
    for label, *texts in zip(columns[0].cells, *map(_texts, columns[1:]), strict=True):
        yield Text(label.value, "bold")
        for column, text in zip(columns[1:], texts, strict=True):
            yield Padding(Text.assemble(f"{column.title}: ", text), (0, 0, 0, 1))


def _texts(column: Column, aligned: bool = False) -> list[Text]:
    """Each cell with its mark and its detail; aligned, every cell leaves room for the mark that one has."""
    room = " " if aligned and any(cell.best for cell in column.cells) else ""
    return [
        Text.assemble(
            (cell.value, "bold green" if cell.best else ""),
            "*" if cell.best else room,
            cell.detail and f" {cell.detail}",
        )
        for cell in column.cells
    ]


def _width(column: Column) -> int:
    """Columns of the screen for the longest line of the title or a cell."""
    lines = (line for text in _texts(column, aligned=True) for line in text.plain.split("\n"))
    return max(map(cell_len, (*column.title.split("\n"), *lines)))


def _room(columns: Sequence[Column], width: int) -> int:
    """What the other columns leave for the first."""
    return width - sum(_width(column) + GAP for column in columns[1:])


def _narrowed(column: Column) -> Column:
    """The column with a title on several lines, and the parts of a list under one another."""
    cells = (
        column.cells if column.numeric else tuple(replace(c, value=c.value.replace(", ", ",\n")) for c in column.cells)
    )
    least = _width(Column("", cells, numeric=column.numeric))
    return replace(column, title=fill(column.title, max(least, *map(len, column.title.split()))), cells=cells)


def _folded(label: str, width: int) -> str:
    """The label on several lines, broken before a colon where one is in reach."""
    lines = [""]
    for number, piece in enumerate(label.split(":")):
        piece = f":{piece}" if number else piece
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


FORMAT = Format("table", "for people, as wide as the terminal", render, ("report", "verdict"))

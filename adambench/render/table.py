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

from adambench.analysis.verdict import verdict
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.column import Column, problem_columns
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

NARROWEST = 20
LABEL = 20
"""An optimizer's label may be folded to this width, at its colons, before a column is left out."""
GAP = 2
RULED = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
RULED_ASCII = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
HOSTED = "theirs: the time inside an implementation that is not ours, without the objective."
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
    blocks = [_problem(document, problem, style) for problem in document["problems"]] or [[Text(NOTHING)]]
    if document.get("scaling"):
        lines = [Text(plain(growth(found), style.unicode)) for found in document["scaling"]]
        blocks.append([Text("growth", "bold"), *lines, Text(GROWTH_NOTE, "dim")])
    if document.get("comparison"):
        blocks.append(_comparison(document, style))
    if told := closing(document):
        lines = [Text(plain(line, style.unicode)) for line in told]
        blocks.append([Text("tuning", "bold"), *lines, Text(tuning_note(document["tuning"]), "dim")])
    if document.get("requirements") or not_asked(document):
        asked = [_requirement(found, style) for found in document.get("requirements", ())]
        left_out = [Text(not_asked(document), "dim")] if not_asked(document) else []
        blocks.append([Text("requirements", "bold"), *asked, *left_out])
    if document["results"]:
        hosted = any(row.get("implementation") is not None for row in document["results"])
        blocks.append([Text(f"{LEGEND} {HOSTED}" if hosted else LEGEND, "dim")])
    if style.explain and (meaning := explained(document)):
        lines = [Text.assemble((title, "bold"), f": {text}") for title, text in meaning]
        blocks.append([Text("what the columns mean", "bold"), *lines])
    if said := merged(document):
        blocks.append([Text(said, "dim")])
    if document.get("interrupted"):
        blocks.append([Text(INTERRUPTED, "bold yellow")])
    return blocks


def _verdict(document: Document, style: Style) -> list[list[Any]]:
    blocks = []
    for section in sections(document, style.unicode):
        title = Text.assemble((section.title, "bold"), f": {section.heading}")
        blocks.append([title, *_grid(section.columns, style), *map(Text, section.lines)])
    notes = [Text(plain(note, style.unicode)) for note in document["notes"]]
    color = {"pass": "bold green", "fail": "bold red"}.get(document["verdict"], "bold yellow")
    said = Text(plain(conclusion(document), style.unicode), color)
    return [*blocks, [*notes, Text(plain(basis(document), style.unicode), "dim"), said]]


def _problem(document: Document, problem: dict[str, Any], style: Style) -> list[Any]:
    rows = [row for row in document["results"] if row["problem"] == problem["name"]]
    title = Text.assemble((plain(problem["name"], style.unicode), "bold"), ": ")
    title.append(plain(heading(problem, rows), style.unicode))
    notes = [Text(plain(note, style.unicode)) for row in rows for note in notes_of(row)]
    table = list(_grid(problem_columns(problem, rows, style.unicode), style)) if rows else []
    tuned = tuned_columns(document, problem, style.unicode)
    under = [Text(plain(line, style.unicode)) for line in beneath(document, problem)]
    said = [Text(plain(verdict(rows), style.unicode), "bold"), *under]
    return [title, *table, *notes, *said, *(_grid(tuned, style) if tuned else ())]


def _comparison(document: Document, style: Style) -> list[Any]:
    reference = document.get("duels", {}).get("reference")
    columns = comparison_columns(document["comparison"], style.unicode, reference)
    said = [Text(plain(line, style.unicode)) for line in ranked(document)]
    meaning = comparison_note(_kept(columns, style) or columns)
    return [Text("all problems", "bold"), *_grid(columns, style), *said, *([Text(meaning, "dim")] if meaning else [])]


def _requirement(found: dict[str, Any], style: Style) -> Text:
    tick, cross = ("✓", "✗") if style.unicode else ("ok", "x")
    unmet = "yellow" if found["advisory"] else "bold red"
    mark = (f"{tick if found['met'] else cross} {standing(found)}: ", "green" if found["met"] else unmet)
    return Text.assemble(mark, plain(requirement(found), style.unicode))


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

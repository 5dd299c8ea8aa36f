"""What a report shows, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adambench.analysis.verdict import verdict
from adambench.render.parts.column import problem_columns
from adambench.render.parts.comparison import comparison_columns
from adambench.render.parts.explanation import explained
from adambench.render.parts.section import Line, Meanings, Section
from adambench.render.parts.sentence import (
    GROWTH_NOTE,
    NOTHING,
    growth,
    heading,
    not_asked,
    notes_of,
    ranked,
    requirement,
    standing,
)
from adambench.render.parts.tuned import tuned_columns
from adambench.render.parts.tuning import beneath, closing, tuning_note

Part = Mapping[str, Any]


def page(document: Part, unicode: bool) -> Iterator[Section]:
    """A section a problem; then growth, the comparison over problems, tuning and requirements, where there are any."""
    if not document["problems"]:
        yield Section("", NOTHING, ())
    yield from (_problem(document, problem, unicode) for problem in document["problems"])
    if document.get("scaling"):
        lines = [Line(growth(found)) for found in document["scaling"]]
        yield Section("growth", "", (*lines, Line(GROWTH_NOTE, "aside")))
    if document.get("comparison"):
        reference = document.get("duels", {}).get("reference")
        columns = comparison_columns(document["comparison"], unicode, reference)
        yield Section("all problems", "", (columns, *map(Line, ranked(document)), Meanings(columns)))
    if told := closing(document):
        yield Section("tuning", "", (*map(Line, told), Line(tuning_note(document["tuning"]), "aside")))
    if document.get("requirements") or not_asked(document):
        asked = [_requirement(found) for found in document.get("requirements", ())]
        left_out = [Line(not_asked(document), "aside")] if not_asked(document) else []
        yield Section("requirements", "", (*asked, *left_out))


def meanings(document: Part) -> Section:
    """What each of its columns means."""
    lines = [Line(text, lead=title) for title, text in explained(document)]
    return Section("what the columns mean", "", lines)


def _problem(document: Part, problem: Part, unicode: bool) -> Section:
    rows = [row for row in document["results"] if row["problem"] == problem["name"]]
    notes = [Line(note) for row in rows for note in notes_of(row)]
    said = [Line(verdict(rows, problem["reference"]), "strong"), *map(Line, beneath(document, problem))]
    table = [problem_columns(problem, rows, unicode)] if rows else []
    tuned = tuned_columns(document, problem, unicode)
    return Section(problem["name"], heading(problem, rows), (*table, *notes, *said, *([tuned] if tuned else [])))


def _requirement(found: Part) -> Line:
    good = "good" if found["met"] else "doubtful" if found["advisory"] else "bad"
    return Line(requirement(found), lead=standing(found), standing=good)

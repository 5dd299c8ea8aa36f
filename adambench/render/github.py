"""Annotations of GitHub Actions: workflow commands (docs.github.com, Workflow commands for GitHub Actions).

A step shows ten of a kind, first come first served: the worst nine come, then how many more there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.verdict import verdict
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.plain import plain
from adambench.render.parts.sentence import not_asked, requirement, stops
from adambench.render.parts.verdict import cases, conclusion, said

SHOWN = 9


@dataclass(frozen=True)
class Annotation:
    """A command: `error` or `warning`; the larger the `weight`, of two the larger `standing`, the worse."""

    command: str
    title: str
    message: str
    weight: float = 0.0
    standing: int = 0


def render(document: Document, style: Style) -> str:
    """Errors, warnings, then one notice with the whole in a line. No text can start or end a command of its own."""
    report = kind_of(document) == "report"
    found = list((_report if report else _verdict)(document))
    lines = []
    for command in ("error", "warning"):
        worst = sorted((one for one in found if one.command == command), key=lambda one: (-one.standing, -one.weight))
        lines += [_line(one, style) for one in worst[:SHOWN]]
        if len(worst) > SHOWN:
            kind = f"{command}{'s' if len(worst) > SHOWN + 1 else ''}"
            lines.append(_line(Annotation(command, "adambench", f"and {len(worst) - SHOWN} more {kind}"), style))
    whole = _summary(document) if report else conclusion(document)
    return "\n".join([*lines, _line(Annotation("notice", "adambench", whole), style)]) + "\n"


def _report(document: Document) -> Iterator[Annotation]:
    if not any(counted_in(row) for row in document["results"]):
        yield Annotation("error", "adambench", "nothing was measured", 2.0)
    for found in document.get("requirements", ()):
        if not found["met"]:
            command = "warning" if found["advisory"] else "error"
            yield Annotation(command, f"{found['problem']}: requirement", requirement(found), 1.0)
    if document.get("held_to_nothing"):
        yield Annotation("warning" if "comparison" in document else "error", "requirements", not_asked(document), 1.0)
    for row in document["results"]:
        outcomes = row["outcomes"]
        if outcomes["error"] or outcomes["diverged"]:
            command = "error" if outcomes["error"] else "warning"
            share = (outcomes["error"] + outcomes["diverged"]) / row["trials"]
            yield Annotation(command, f"{row['problem']}: outcome", "; ".join(stops(row)), share)


def _verdict(document: Document) -> Iterator[Annotation]:
    undecided_fails = document["settings"]["inconclusive"] == "fail"
    for cell in document["cells"]:
        for name, part in cases(cell):
            if part["verdict"] == "fail" or (part["verdict"] != "pass" and not part.get("advisory")):
                counts, failed = not part.get("advisory"), part["verdict"] == "fail"
                command = "error" if counts and (failed or undecided_fails) else "warning"
                title, message = f"{cell['problem']}: {name}", f"{cell['problem']}: {said(cell, part)}"
                # What fails comes before what is undecided, and what is only shown last.
                standing = 2 if counts and failed else int(counts)
                yield Annotation(command, title, message, _weight(part), standing)
    if document["verdict"] == "fail" and not document["counts"]["fail"]:
        yield Annotation("error", "gate", "; ".join([conclusion(document), *document["notes"]]))


def _weight(part: Mapping[str, Any]) -> float:
    """By what share it changed: of trials, by that of the more there were on either side; infinite where it cannot be
    said."""
    if part.get("change") is None:
        return math.inf
    trials = max(part["baseline"], part["measured"]) if part["unit"] == "trials" else 1.0
    return float(abs(part["change"]) / max(trials, 1.0))


def _summary(document: Document) -> str:
    """'valley: adam reaches 1e-5 first ...' of one problem; of more, how many."""
    problems = document["problems"]
    if len(problems) == 1:
        return f"{problems[0]['name']}: {verdict(document['results'], problems[0]['reference'])}"
    return f"{len(problems)} problems, {len(document['results'])} results"


def _line(one: Annotation, style: Style) -> str:
    title = _data(one.title, style).replace(":", "%3A").replace(",", "%2C")
    return f"::{one.command} title={title}::{_data(one.message, style)}"


def _data(text: str, style: Style) -> str:
    return plain(text, style.unicode).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


FORMAT = Format("github", "annotations of GitHub Actions: the worst nine of a kind", render, ("report", "verdict"))

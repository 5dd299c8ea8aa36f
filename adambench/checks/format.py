"""What must hold for every format, of a report and of a gate's verdict, whichever it writes."""

from __future__ import annotations

import copy
import re
import unicodedata
from functools import cache
from itertools import product
from typing import Any

from adambench.checks.check import expect
from adambench.checks.optimizer import QUADRATIC
from adambench.gate.check import STATUSES
from adambench.gate.tolerance import Tolerances
from adambench.observer import Silent
from adambench.plan import Settings
from adambench.problem import read
from adambench.render import Document, Format, Style, kind_of
from adambench.report import build_report
from adambench.runner import Run
from adambench.version import VERSION

WIDTHS = (20, 40, 80, 200)
HOSTILE = (
    *(
        "\x1b[31mred",
        "\x1b]8;;http://x\x07link",
        "a\nb",
        "a\tb",
        "\u202eright to left",
        "\u200bzero width",
        "\x00\x7f\x9b",
    ),
    *("=1+1", "<script>alert(1)</script>", "[bold]", "|`*_", "\u30c7\u30fc\u30bf" * 20, "x" * 300, '"; --', "\\"),
)
"""Names as a report from elsewhere may have them."""
SAID = ("sentence", "measured", "cause", "notes", "results", "baseline", "metric", "said", "asked")
"""Keys of texts that names are part of."""
MOST = 8
"""A format may leave out some of more than so many."""
COLOR = re.compile("\x1b\\[[0-9;]*m")


def renders(form: Format) -> str:
    """A document, an empty one and an interrupted one are text that ends in one newline, at every width."""
    unknown = {*form.documents} - {*DOCUMENTS}
    expect(bool(form.documents) and not unknown, f"documents: expected some of {', '.join(DOCUMENTS)}")
    for document, style in product(documents_of(form), styles()):
        for text in texts(form, document, style).values():
            expect(isinstance(text, str), f"it returns {type(text).__name__} instead of text")
            last = repr(text[-20:])
            expect(text.endswith("\n") and not text.endswith("\n\n"), f"it does not end in one newline, but in {last}")
    return f"at {', '.join(map(str, WIDTHS))} columns, each text ends in one newline"


def names_its_files(form: Format) -> str:
    """Where it is several files, they are called by short words, and the first is what it renders."""
    if not form.files:
        return "it is one file"
    names = [*form.files]
    expect(all(re.fullmatch(r"[a-z0-9-]+", name) for name in names), f"files: expected short words, got {names}")
    for document, style in product(documents_of(form), styles()):
        first = form.files[names[0]](document, style)
        expect(first == form.render(document, style), "render: expected the first of its files")
    return f"they are {', '.join(names)}"


def the_same_each_time(form: Format) -> str:
    """The same document gives the same text, and is not changed."""
    for document, style in product(documents_of(form), styles()):
        before = copy.deepcopy(document)
        first, second = (texts(form, document, style) for _ in range(2))
        expect(first == second, f"the second text of one {kind_of(document)} is not the first")
        expect(document == before, f"it changes the {kind_of(document)}")
    return "and the document is left as it is"


def every_row(form: Format) -> str:
    """No optimizer is left out of which something bad is to be said, where there is room for it."""
    for kind in form.documents:
        document = DOCUMENTS[kind]()[0]
        text = form.render(document, Style(200))
        for name in optimizers_of(document):
            expect(name in text, f"the optimizer {name} is left out of a {kind}")
    return "each optimizer is named"


def hostile_names(form: Format) -> str:
    """Names that control a terminal, or hide, come out harmless."""
    whole = [DOCUMENTS[kind]()[0] for kind in form.documents]
    for document, name in product(whole, HOSTILE):
        changed = renamed(document, name)
        extremes = [style for style in styles() if style.width in (min(WIDTHS), max(WIDTHS))]
        for text in (text for style in extremes for text in texts(form, changed, style).values()):
            text = COLOR.sub("", text)
            found = sorted({c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")})
            expect(not found, f"the name {name[:20]!r} leaves {found[0]!r} in the text" if found else "")
    for document in whole:
        broken, joined = (form.render(renamed(document, name), Style(200)).count("\n") for name in ("a\nb", "a b"))
        expect(broken == joined, "a line break in a name breaks a line")
    return f"{len(HOSTILE)} come out harmless"


FORMAT_CHECKS = (renders, names_its_files, the_same_each_time, every_row, hostile_names)


def styles() -> list[Style]:
    return [Style(width, color, unicode) for width in WIDTHS for color in (False, True) for unicode in (False, True)]


def texts(form: Format, document: Document, style: Style) -> dict[str, str]:
    """All that the format writes of a document, by the names of its files."""
    return {part: render(document, style) for part, render in (form.files or {"": form.render}).items()}


@cache
def documents() -> tuple[Document, ...]:
    """A report with trials that hit, miss and diverge, and requirements that each of them does not meet; one of
    nothing; one that was interrupted."""
    text = QUADRATIC.replace("budget: 1000", "budget: 100")
    labels = ("sgd:lr=0.5", "sgd:lr=1e6", "sgd:lr=1e-9")
    unmet = "".join(f", {{optimizer: '{label}', target: 1e-1, within: 1}}" for label in labels)
    asked = f"optimizers: {[*labels]}\nseeds: 3\nrequire: [{{optimizer: '{labels[0]}', target: 1e-1}}{unmet}]\n"
    run = Run([read(text + asked, "sample", None)], Settings(jobs=1), Silent())
    nothing = build_report(run, ["adambench"], interrupted=True).to_dict()
    run.execute()
    whole = build_report(run, ["adambench"], comparison=True).to_dict()
    return whole, {"problems": [], "results": []}, nothing


@cache
def verdicts() -> tuple[Document, ...]:
    """A verdict with every status a cell may have; one on nothing."""
    cells = [
        {
            "problem": "sample",
            "optimizer": f"sgd:lr=0.{number}1",
            "verdict": verdict,
            "status": status,
            "sentence": f"it is {status}",
            "checks": [_check(status, verdict)] if number % 5 else [],
        }
        for number, (status, verdict) in enumerate(STATUSES.items(), 1)
    ]
    head = {"schema": "adambench/verdict/1", "adambench": VERSION, "results": "now.json", "baseline": "before.json"}
    tolerances = Tolerances().as_dict()
    settings = {"exact": False, "time": False, "tolerances": tolerances, "inconclusive": "report"}
    counts = {kind: sum(cell["verdict"] == kind for cell in cells) for kind in ("pass", "fail", "inconclusive")}
    whole = {"basis": "bits", "notes": ["a note"], "settings": settings, "cells": cells, "counts": counts}
    empty = {**whole, "notes": [], "cells": [], "counts": dict.fromkeys(counts, 0)}
    return {**head, "verdict": "fail", **whole}, {**head, "verdict": "fail", **empty}


def _check(status: str, verdict: str) -> dict[str, Any]:
    return {
        "metric": "steps to 1e-3",
        "verdict": verdict,
        "status": status,
        "baseline": 1000.0,
        "measured": None if status == "null" else 1125.0,
        "change": None if status == "null" else 0.125,
        "allowed": 0.02,
        "ci95": [0.1, 0.15] if status == "undecided" else None,
        "unit": "share",
        "advisory": False,
        "sentence": f"it is {status}",
    }


DOCUMENTS = {"report": documents, "verdict": verdicts}


def documents_of(form: Format) -> list[Document]:
    return [document for kind in form.documents for document in DOCUMENTS[kind]()]


def optimizers_of(document: Document) -> list[str]:
    """Those of a report; those of a verdict of which it is not said that nothing changed."""
    rows = document["results"] if kind_of(document) == "report" else document["cells"]
    return [row["optimizer"] for row in rows if row.get("verdict") != "pass"][:MOST]


def renamed(document: Document, name: str) -> Document:
    """The document with every problem and optimizer called `name` and something that tells them apart, and the same
    before whatever is said of them."""

    def there(value: Any, said: bool = False) -> Any:
        if isinstance(value, dict):
            return {key: there(inner, key in SAID) for key, inner in value.items()}
        if isinstance(value, list):
            return [there(inner, said) for inner in value]
        return f"{name}{value}" if (said and isinstance(value, str)) or value in names else value

    rows = [*document.get("results", ()), *document["problems"]] if "problems" in document else document["cells"]
    names = {row[key] for row in rows for key in ("optimizer", "problem", "name") if key in row} - {"sgd"}
    changed: Document = there(document)
    return changed

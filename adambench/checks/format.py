"""What must hold for every format of a report."""

from __future__ import annotations

import copy
import re
import unicodedata
from functools import cache
from itertools import product
from typing import Any

from adambench.checks.check import expect
from adambench.checks.optimizer import QUADRATIC
from adambench.observer import Silent
from adambench.plan import Settings
from adambench.problem import read
from adambench.render import Document, Format, Style
from adambench.report import build_report
from adambench.runner import Run

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
COLOR = re.compile("\x1b\\[[0-9;]*m")


def renders(form: Format) -> str:
    """A report, an empty one and an interrupted one are text that ends in one newline, at every width."""
    for document, style in product(documents(), styles()):
        text = form.render(document, style)
        expect(isinstance(text, str), f"it returns {type(text).__name__} instead of text")
        last = repr(text[-20:])
        expect(text.endswith("\n") and not text.endswith("\n\n"), f"it does not end in one newline, but in {last}")
    return f"at {', '.join(map(str, WIDTHS))} columns, each text ends in one newline"


def the_same_each_time(form: Format) -> str:
    """The same report gives the same text, and is not changed."""
    for document, style in product(documents(), styles()):
        before = copy.deepcopy(document)
        texts = {form.render(document, style) for _ in range(2)}
        expect(len(texts) == 1, "the second text of one report is not the first")
        expect(document == before, "it changes the report")
    return "and the report is left as it is"


def every_row(form: Format) -> str:
    """No optimizer is left out, where there is room for it."""
    (document, *_) = documents()
    text = form.render(document, Style(200))
    for row in document["results"]:
        name = row["optimizer"]
        expect(name in text, f"the optimizer {name} is left out")
    return f"{len(document['results'])} of {len(document['results'])} optimizers are named"


def hostile_names(form: Format) -> str:
    """Names that control a terminal, or hide, come out harmless."""
    for name in HOSTILE:
        document = renamed(documents()[0], name)
        for style in styles():
            text = form.render(document, style)
            if style.color:
                text = COLOR.sub("", text)
            found = sorted({c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")})
            expect(not found, f"the name {name[:20]!r} leaves {found[0]!r} in the text" if found else "")
    return f"{len(HOSTILE)} come out harmless"


FORMAT_CHECKS = (renders, the_same_each_time, every_row, hostile_names)


def styles() -> list[Style]:
    return [Style(width, color, unicode) for width in WIDTHS for color in (False, True) for unicode in (False, True)]


@cache
def documents() -> tuple[Document, ...]:
    """A report with trials that hit, miss and diverge and a requirement; one of nothing; one that was interrupted."""
    text = QUADRATIC.replace("budget: 1000", "budget: 100")
    optimizers = "optimizers: ['sgd:lr=0.5', 'sgd:lr=1e6', 'sgd:lr=1e-9']\nseeds: 3\n"
    required = "require: [{optimizer: 'sgd:lr=0.5', target: 1e-1}]\n"
    run = Run([read(text + optimizers + required, "sample", None)], Settings(jobs=1), Silent())
    nothing = build_report(run, ["adambench"], interrupted=True).to_dict()
    run.execute()
    whole = build_report(run, ["adambench"], comparison=True).to_dict()
    return whole, {"problems": [], "results": []}, nothing


def renamed(document: Document, name: str) -> Document:
    """The document with every problem and optimizer called `name` and something that tells them apart."""

    def there(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: there(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [there(inner) for inner in value]
        return f"{name}{value}" if value in names else value

    names = {row["optimizer"] for row in document["results"]} | {problem["name"] for problem in document["problems"]}
    changed: Document = there(document)
    return changed

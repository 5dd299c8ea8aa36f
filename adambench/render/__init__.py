"""The formats of a report and of a gate's verdict: one file each, found by folder. A file declares FORMAT.

A renderer is a pure function of the document (its JSON, as a dict) and a Style: no clock, no environment.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adambench.catalog import Catalog
from adambench.errors import AdambenchError, nearest
from adambench.version import REPORT

Document = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """What a reader's screen takes: columns, ANSI colour, characters beyond ASCII; and whether the reader is to be told
    what each column means."""

    width: int = 120
    color: bool = False
    unicode: bool = True
    explain: bool = False


Renderer = Callable[[Document, Style], str]


@dataclass(frozen=True)
class Format:
    """One way to write a document. `render` returns text that ends in one newline.

    documents  what it writes: "report", "verdict", or both
    files      where one export is several files: what renders each, by what stands before the file's extension
               ("smaller" for bench.smaller.json); `render` is then the first of them
    """

    name: str
    summary: str
    render: Renderer
    documents: tuple[str, ...] = ("report",)
    files: Mapping[str, Renderer] = field(default_factory=dict)


def kind_of(document: Document) -> str:
    """'report' or 'verdict': the second word of its schema; a document without one is a report."""
    return str(document.get("schema", REPORT)).split("/")[1]


def check_writes(form: Format, kind: str) -> None:
    """AdambenchError where the format has no way to write documents of that kind."""
    if kind not in form.documents:
        able = [name for name, other in all_formats().items() if kind in other.documents]
        raise AdambenchError(
            f"the format {form.name} writes a {' or a '.join(form.documents)}, and this is a {kind}; "
            f"of a {kind} there are: {', '.join(able)}"
        )


def own_names() -> list[str]:
    """The formats of this folder, in alphabetical order, without importing one: a format is called as its file."""
    return sorted(entry.name.replace("_", "-") for entry in pkgutil.iter_modules(__path__) if not entry.ispkg)


def _own(name: str) -> Format:
    found: Format = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").FORMAT
    return found


FORMATS: Catalog[Format] = Catalog(
    kind="format", declared=Format, attribute="FORMAT", names=own_names, own=_own, group="adambench.formats"
)


def format_names() -> list[str]:
    """The name of every format, those of plug-ins and installed ones too, in alphabetical order."""
    return FORMATS.all_names()


def find_format(name: str) -> Format:
    """The format called `name`; an AdambenchError with the nearest name where there is none."""
    found = FORMATS.get(name)
    if found is None:
        known = format_names()
        raise AdambenchError(f"unknown format {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return found


def all_formats() -> dict[str, Format]:
    """Every format by its name, in alphabetical order."""
    return FORMATS.all()

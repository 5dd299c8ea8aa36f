"""The formats of a report: one file each, found by folder. A file declares FORMAT.

A renderer is a pure function of the report document (interface: the JSON of a report, as a dict) and a Style.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adambench.catalog import Catalog
from adambench.errors import AdambenchError, nearest

Document = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """What a reader's screen takes: columns, ANSI colour, characters beyond ASCII."""

    width: int = 120
    color: bool = False
    unicode: bool = True


@dataclass(frozen=True)
class Format:
    """One way to write a report. `render` returns text that ends in one newline."""

    name: str
    summary: str
    render: Callable[[Document, Style], str]


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

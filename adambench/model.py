"""The declaration of a model: what one file in `models/` says. A model becomes an objective once it has its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adambench.data.rows import Rows
from adambench.function import Data, Function, Parameter, Parameters

Complaint = tuple[str, str, str]
"""(key, what was expected, what was given)"""


@dataclass(frozen=True)
class Source:
    """One way to give `data:`. The first of its keys tells it from the others, and must be given.

    Beside the kinds of a function's parameters there is `text`. `load(settings, folder)` returns the rows; a DataError
    says why there are none. `folder` is the problem file's, the only one that may be read; None where it has none.
    """

    keys: tuple[Parameter, ...]
    check: Callable[[Parameters], Complaint | None]
    load: Callable[[Parameters, Path | None], Rows]


@dataclass(frozen=True)
class Model:
    """One model: `keys` stand at the top level of a problem file, next to `data`, which is from one of `sources`.

    `check(settings, rows)` returns (key, expected, got) for settings that do not fit the rows, or None.
    `build(settings, rows)` returns the objective, what its `evaluate` reads, and its dimension.
    """

    name: str
    summary: str
    formula: str
    source: str
    keys: tuple[Parameter, ...]
    sources: tuple[Source, ...]
    check: Callable[[Parameters, Rows], Complaint | None]
    build: Callable[[Parameters, Rows], tuple[Function, Data, int]]

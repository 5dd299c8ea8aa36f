"""The declaration of a model: what one file in `models/` says. A model becomes an objective once it has its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from adambench.data.rows import Dataset, Rows
from adambench.function import Data, Function, Parameter, Parameters

Complaint = tuple[str, str, str]
"""(key, what was expected, what was given)"""


@dataclass(frozen=True)
class Source:
    """One way to give `data:`. The first of its keys tells it from the others, and must be given.

    Beside the kinds of a function's parameters there are `text`, `texts` (one or a list), `column` (a number or a
    name), `sizes` (two whole numbers), `share` (between 0 and 1) and `holdout` (a share, or a file).
    `load(settings, folder)` returns the rows as they are read, with held-out rows only where a file of their own has
    them; a DataError says why there are none. `folder` is the problem file's, the only one that may be read; None where
    it has none.
    """

    keys: tuple[Parameter, ...]
    check: Callable[[Parameters], Complaint | None]
    load: Callable[[Parameters, Path | None], Dataset]


def seen(dataset: Dataset) -> tuple[NDArray[Any], ...]:
    """The training rows, labels as the file has them."""
    train = dataset.train
    inputs = (train.values, train.indices, train.starts) if isinstance(train, Rows) else (train.inputs,)
    return inputs if train.labels is None else (*inputs, train.labels)


@dataclass(frozen=True)
class Model:
    """One model: `keys` stand at the top level of a problem file, next to `data`, which is from one of `sources`.

    `check(settings, dataset)` returns (key, expected, got) for settings that do not fit the data, or None.
    `build(settings, dataset)` returns the objective, what its `evaluate` reads, and its dimension.
    Both get rows of the `form` the model asks for: "sparse" (`Rows`) or "dense" (`Samples`), with labels where it is
    `supervised`. A DataError from either says what is wrong with the data. Where `cells`, single cells of sparse rows
    are held out instead of whole rows: each part then has every row.

    The hash of a problem covers the model's name, the dimension, `settled(settings)`, which has what the defaults stand
    for in their place, and `seen(dataset)`: the arrays that the objective is made of, whatever it packs them into.
    """

    name: str
    summary: str
    formula: str
    source: str
    keys: tuple[Parameter, ...]
    sources: tuple[Source, ...]
    check: Callable[[Parameters, Dataset], Complaint | None]
    build: Callable[[Parameters, Dataset], tuple[Function, Data, int]]
    form: str = "sparse"
    supervised: bool = True
    cells: bool = False
    settled: Callable[[Parameters], Parameters] = lambda settings: settings
    seen: Callable[[Dataset], tuple[NDArray[Any], ...]] = seen

"""The declaration of a kind of requirement: what one file in `requirements/` says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.number import shortest
from adambench.shape import Either, Key, Number, Tagged, Text

Row = Mapping[str, Any]
Asked = Mapping[str, Any]

OPTIMIZER = Text(called="the name of an optimizer")
"""Wherever a key has this very shape, its value is read as the label of one of the problem's optimizers."""
TARGET = Either(
    scalar=Number(0, 1, open_low=True, open_high=True),
    mapping=Tagged(
        {"loss": Number(), "gradient": Number(0, open_low=True), "distance": Number(0, open_low=True)},
    ),
)
"""And this, as one of its targets: {"kind", "value"}."""
EVALUATIONS = Number(0, 10**12, whole=True)
"""And this, as a number of evaluations, which its budget must allow."""
QUANTILE = Key("quantile", Number(0, 1, open_low=True), "of the seeds, from the best to the worst; 1, all, by default")
SUCCESS_RATE = Key("success_rate", Number(0, 1, open_low=True), "the share of trials where it must hold", default=1.0)

TIMES = (("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0))
"""The units of a time, in nanoseconds."""


@dataclass(frozen=True)
class Evidence:
    """What a requirement is held against: the `row` of its optimizer, in which at least one trial counts; all `rows` of
    the problem by their labels; the problem's `budget`, in evaluations."""

    row: Row
    rows: Mapping[str, Row]
    budget: int


@dataclass(frozen=True)
class Judgement:
    """Whether a requirement is `met`, and by what: `measured` in words, `value` as a number (None: none, or infinite);
    `more` are further keys of the report's entry."""

    met: bool
    measured: str
    value: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One way to ask something of an optimizer.

    name      the key that makes an entry of `require:` one of this kind
    keys      all its keys, but for `optimizer` and `advisory`, which every kind has; `name` is the first, and required
    check     of what was asked (the keys' values, defaults filled in) and the evidence: plain data in and out, and
              nothing that has not been measured is ever met
    sentence  what was asked, as it goes on after the optimizer's label: 'reaches 1e-3 within 9,000 steps in ...'
    apart     of these keys at most one is given
    advisory  whether it is only shown, unless the file says otherwise
    reported  JSON Schema, by name, of what its judgements' `more` may have; that of the keys follows from their shapes
    """

    name: str
    keys: tuple[Key, ...]
    check: Callable[[Asked, Evidence], Judgement]
    sentence: Callable[[Asked], str]
    apart: tuple[str, ...] = ()
    advisory: bool = False
    reported: Mapping[str, Any] = field(default_factory=dict)


def counting(row: Row) -> list[Row]:
    """The seeds of a row that are inside the denominators."""
    return [seed for seed in row["seeds"] if seed["outcome"] not in OUTSIDE]


def hits_by_seed(row: Row, target: Row) -> dict[int, int | None] | None:
    """The evaluation at which each trial that counts hit the target, None where it never did; None altogether where the
    target was not measured."""
    for place, known in enumerate(row["targets"]):
        if (known["kind"], known["value"]) == (target["kind"], target["value"]):
            return {seed["seed"]: seed["hits"][place] for seed in counting(row)}
    return None


def needed(trials: int, share: float) -> int:
    """How many of so many trials make up a share of them: the least k with k / trials >= share; for trials >= 1.

    >>> [needed(10, share) for share in (0.0, 0.05, 0.7, 1.0)], needed(100, 0.07)
    ([0, 1, 7, 10], 7)
    """
    about = math.ceil(trials * share)  # which rounding may leave one too high, or too low
    return next(k for k in (about - 1, about, about + 1) if k >= 0 and k / trials >= share)


def quantile_of(ordered: Sequence[float], share: float) -> float:
    """Of values from the best to the worst: the worst of those that make up the share (the inverted CDF)."""
    return ordered[max(needed(len(ordered), share), 1) - 1]


def at_quantile(share: float) -> str:
    """Of what was measured there: 'at worst', 'in the median', 'in the 0.9 quantile'."""
    return {1.0: "at worst", 0.5: "in the median"}.get(share, f"in the {shortest(share)} quantile")


def in_quantile(share: float | None, what: str) -> str:
    """Of what is asked for: 'in all trials', 'in the median', 'in the 0.9 quantile of trials'."""
    if share is None or share == 1.0:
        return f"in all {what}"
    return "in the median" if share == 0.5 else f"in the {shortest(share)} quantile of {what}"


def exact_time(nanoseconds: float) -> str:
    """Of a time that is asked for, which a problem file may spell so: '200 ns', '1.2345 us'; it reads back the same.

    >>> [exact_time(time) for time in (0.5, 1234.5, 3e6, 1e3 + 1e-13)]
    ['0.5 ns', '1.2345 us', '3 ms', '1000.0000000000001 ns']
    """
    for unit, size in TIMES:
        written = float(f"{nanoseconds / size:.15g}")  # without the last digit, which the division may have changed
        if written >= 1 and written * size == nanoseconds:
            return f"{shortest(written)} {unit}"
    return f"{shortest(nanoseconds)} ns"


def exact_percent(share: float) -> str:
    """'100%', '12.5%'."""
    return f"{float(f'{share * 100:.12g}'):.12g}%"

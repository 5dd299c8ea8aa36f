"""Which trials count: those that say something about the optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adambench.outcome import Trial

OUTSIDE = ("error", "skipped")
"""Outcomes that are not the optimizer's doing, and stand outside its denominators."""


def counted(trials: Iterable[Trial]) -> list[Trial]:
    """The trials inside the denominators, in their order."""
    return [trial for trial in trials if trial.outcome not in OUTSIDE]


def counted_in(row: Mapping[str, Any]) -> int:
    """How many trials of a row of `results` are inside the denominators."""
    return int(row["trials"] - sum(row["outcomes"][outcome] for outcome in OUTSIDE))

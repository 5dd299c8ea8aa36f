"""One check of a cell, as it stands in the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adambench.analysis.number import percent
from adambench.analysis.quantile import known

Check = dict[str, Any]
VERDICTS = ("fail", "inconclusive", "pass")
"""From the worst."""
STATUSES = {
    "same": "pass",
    "better": "pass",
    "within": "pass",
    "worse": "fail",
    "changed": "fail",
    "missing": "fail",
    "extra": "inconclusive",
    "empty": "fail",
    "error": "fail",
    "skipped": "fail",
    "null": "fail",
    "undecided": "inconclusive",
}
"""The words for what was found, and the verdict that goes with each unless more is known."""


def check(
    metric: str,
    status: str,
    sentence: str,
    baseline: float | None = None,
    measured: float | None = None,
    change: float | None = None,
    allowed: float | None = None,
    ci95: Sequence[float | None] | None = None,
    unit: str = "share",
) -> Check:
    """A check that counts. Infinite numbers become None.

    unit  of `change`, `allowed` and `ci95`: share, or trials
    """
    return {
        "metric": metric,
        "verdict": STATUSES[status],
        "status": status,
        "baseline": None if baseline is None else known(baseline),
        "measured": None if measured is None else known(measured),
        "change": None if change is None else known(change),
        "allowed": allowed,
        "ci95": None if ci95 is None else [None if bound is None else known(bound) for bound in ci95],
        "unit": unit,
        "advisory": False,
        "sentence": sentence,
    }


def between(bounds: Sequence[float | None]) -> str:
    """Of shares: '95% -3% to +12%', 'any' for a bound beyond all numbers."""
    low, high = ("any" if bound is None or known(bound) is None else signed(bound) for bound in bounds)
    return f"95% {low} to {high}"


def signed(share: float) -> str:
    """'+12%'"""
    return f"{'-' if share < 0 else '+'}{percent(abs(share))}"


def told(checks: Sequence[Check]) -> str:
    """'steps to 1e-3: 12% more steps; final-loss: the same'"""
    return "; ".join(f"{one['metric']}: {one['sentence']}" for one in checks)

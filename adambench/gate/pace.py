"""Whether a step takes longer than it did: the check of time, of two rows or of interleaved rounds of both."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.difference import LEAST, ratio_interval
from adambench.analysis.quantile import Reals
from adambench.gate.check import Check, between, check, signed

METRIC = "time/step"
ALLOWED = 0.25
"""The share by which a step may take longer. Timers, neighbours and clock rates of a shared machine reach a tenth."""
FLOOR = 2.0
"""ns a step; a difference up to it is nothing, whatever share it is: another alignment of the loop makes as much."""
SHORTEST = 1e-3
"""Seconds in the loop below which one interruption by the system is more than what is to be measured."""

TOO_SHORT = (
    f"a loop of less than {SHORTEST * 1e3:g} ms is too short to say what a step takes, so that it does not count: "
    "give it a larger budget, or more seeds"
)

Numbers = tuple[float, float, float, float, list[float] | None]
"""Of a check: baseline, measured, change, allowed and ci95."""
Cost = Mapping[str, Any]
"""`results[].cost` of a report: what is read is `seconds` in the loop and `ns_per_step`."""


def pace(
    baseline: Sequence[Cost],
    measured: Sequence[Cost],
    *,
    advisory: bool = True,
    comparable: bool = True,
) -> Check:
    """The check of time per step in one cell, as it stands in a verdict.

    baseline, measured  the cost in each round, the same round at the same place; one of each where two reports are
                        compared that were made at different times
    advisory            whether it does not count; a loop too short to be measured (SHORTEST) never counts
    comparable          False where the two ran on different processors

    `baseline` and `measured` of the check are medians over rounds, in ns a step. `change` is the share by which a step
    takes longer, from the log ratios of rounds; `ci95` is its interval, None below LEAST rounds. Up to 5 rounds that is
    Student's, from 6 on the signed-rank test's, which one disturbed round cannot move far. Worse, and failed, is only
    what is longer than ALLOWED, and by more than the FLOOR, at the interval's lower end; better is the reverse. Time
    that the upper end still allows passes. Fewer than LEAST rounds fail nothing: a busy machine looks the same. All
    else, also a loop too short to be measured (SHORTEST), is undecided.

    Intervals instead of single times: Georges, Buytaert & Eeckhout 2007, Statistically rigorous Java performance
    evaluation, OOPSLA. Paired by rounds, so that a drift of the machine meets both sides.
    """
    before, after, how = _middle(baseline), _middle(measured), {"advisory": advisory}
    if before is None or after is None or len(baseline) != len(measured):
        unknown = check(METRIC, "null", "time per step is not known on both sides", before, after, None, ALLOWED)
        return unknown | how | {"verdict": "inconclusive"}
    if not comparable:
        said = "time per step was measured on different processors, and says nothing"
        return check(METRIC, "undecided", said, before, after, None, ALLOWED) | how
    ratios = _logs(measured) - _logs(baseline)
    found = ratio_interval(ratios)
    estimate, (low, high) = (float(np.mean(ratios)), (min(ratios), max(ratios))) if found is None else found
    numbers = before, after, _grown(estimate), ALLOWED, found and [_grown(low), _grown(high)]
    if min(_seconds(cost) for cost in (*baseline, *measured)) < SHORTEST:
        return check(METRIC, "undecided", TOO_SHORT, *numbers) | {"advisory": True}
    status = _status(before, after, low, high)
    few = {"verdict": "inconclusive"} if status == "worse" and len(ratios) < LEAST else {}
    return check(METRIC, status, _sentence(status, numbers, len(ratios)), *numbers) | how | few


def _status(before: float, after: float, low: float, high: float) -> str:
    """worse, better, same, within or undecided: of bounds of the log ratio, and medians in ns a step."""
    limit = math.log1p(ALLOWED)
    if low > limit and before * _grown(low) > FLOOR:
        return "worse"
    if -high > limit and after * _grown(-high) > FLOOR:
        return "better"
    if low == high == 0.0:
        return "same"
    return "within" if high <= limit or before * _grown(high) <= FLOOR else "undecided"


def _logs(costs: Sequence[Cost]) -> Reals:
    """(rounds,) of ns a step; as floats, however a file writes them."""
    return np.log(np.array([cost["ns_per_step"] for cost in costs], np.float64))


def _middle(costs: Sequence[Cost]) -> float | None:
    """The median ns a step; None where there is none, or one is not known."""
    times = [float(cost.get("ns_per_step") or 0.0) for cost in costs]
    return float(statistics.median(times)) if times and all(0.0 < time < math.inf for time in times) else None


def _seconds(cost: Cost) -> float:
    found = cost.get("seconds")
    return 0.0 if found is None else float(found)


def _grown(ratio: float) -> float:
    """A log ratio as a share of change: exp(ratio) - 1."""
    return math.expm1(ratio) if ratio < 700.0 else math.inf


def _sentence(status: str, numbers: Numbers, rounds: int) -> str:
    before, after, share, allowed, bounds = numbers
    measured = f"a step takes {_ns(after)}, before {_ns(before)}"
    interval = "" if bounds is None else f", {between(bounds)}"
    change = f" ({signed(share)}{interval})" if math.isfinite(share) else ""
    of = f" in {rounds} interleaved rounds" if rounds > 1 else ""
    rest = {
        "worse": f"longer than the {allowed:.0%} allowed and by more than {FLOOR:g} ns"
        + ("" if rounds >= LEAST else ", by a measurement that one busy moment decides: --live repeats it"),
        "better": "faster than before",
        "same": "the same",
        "within": f"no more than {allowed:.0%} or {FLOOR:g} ns longer, which is allowed",
        "undecided": f"it cannot be told whether that is more than the {allowed:.0%} allowed: more rounds may",
    }[status]
    return f"{measured}{change}{of}: {rest}"


def _ns(value: float) -> str:
    return f"{value:,.0f} ns" if value >= 100 else f"{value:.3g} ns"

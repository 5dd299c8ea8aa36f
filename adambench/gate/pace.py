"""Whether a step takes longer than it did: the check of time, of two rows or of interleaved rounds of both."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.difference import LEAST, student_interval
from adambench.analysis.quantile import Reals
from adambench.analysis.signed_rank import shift_interval

METRIC = "time/step"
ALLOWED = 0.25
"""The share by which a step may take longer. Timers, neighbours and clock rates of a shared machine reach a tenth."""
FLOOR = 2.0
"""ns a step; a difference up to it is nothing, whatever share it is: another alignment of the loop makes as much."""
SHORTEST = 1e-3
"""Seconds in the loop below which one interruption by the system is more than what is to be measured."""

Cost = Mapping[str, Any]
"""`results[].cost` of a report: what is read is `seconds` in the loop and `ns_per_step`."""


def pace(
    baseline: Sequence[Cost],
    measured: Sequence[Cost],
    *,
    allowed: float = ALLOWED,
    floor: float = FLOOR,
    advisory: bool = True,
    comparable: bool = True,
) -> dict[str, Any]:
    """The check of time per step in one cell, as it stands in a verdict.

    baseline, measured  the cost in each round, the same round at the same place; one of each where two reports are
                        compared that were made at different times
    allowed             a share: 0.25 lets a step take 1.25 times as long
    floor               ns a step, up to which a difference is nothing
    comparable          False where the two ran on different processors

    `baseline` and `measured` of the check are medians over rounds, in ns a step. `change` is the share by which a step
    takes longer, from the log ratios of rounds; `ci95` is its interval, None below LEAST rounds. Up to 5 rounds that is
    Student's, from 6 on the signed-rank test's, which one disturbed round cannot move far. Worse, and failed, is only
    what is longer than allowed, and by more than the floor, at the interval's lower end; better is the reverse. Time
    that the upper end still allows passes. Fewer than LEAST rounds fail nothing: a busy machine looks the same. All
    else, also a loop too short to be measured (SHORTEST), is undecided.

    Intervals instead of single times: Georges, Buytaert & Eeckhout 2007, Statistically rigorous Java performance
    evaluation, OOPSLA. Paired by rounds, so that a drift of the machine meets both sides.
    """
    check: dict[str, Any] = {
        "metric": METRIC,
        "verdict": "inconclusive",
        "status": "null",
        "baseline": _middle(baseline),
        "measured": _middle(measured),
        "change": None,
        "allowed": allowed,
        "ci95": None,
        "unit": "share",
        "advisory": advisory,
        "sentence": "time per step is not known on both sides",
    }
    if check["baseline"] is None or check["measured"] is None or len(baseline) != len(measured):
        return check
    if not comparable:
        said = "time per step was measured on different processors, and says nothing"
        return check | {"status": "undecided", "sentence": said}
    ratios = _logs(measured) - _logs(baseline)
    estimate, (low, high), known = _interval(ratios)
    check["change"], check["ci95"] = _share(estimate), [_share(low), _share(high)] if known else None
    if min(_seconds(cost) for cost in (*baseline, *measured)) < SHORTEST:
        said = f"a loop of less than {SHORTEST * 1e3:g} ms is too short to say what a step takes: give it more seeds"
        return check | {"status": "undecided", "sentence": said}
    status = _status(check["baseline"], check["measured"], low, high, allowed, floor)
    worse = "fail" if len(ratios) >= LEAST else "inconclusive"
    verdict = {"worse": worse, "undecided": "inconclusive"}.get(status, "pass")
    return check | {"status": status, "verdict": verdict, "sentence": _sentence(status, check, len(ratios), floor)}


def _status(before: float, after: float, low: float, high: float, allowed: float, floor: float) -> str:
    """worse, better, same, within or undecided: of bounds of the log ratio, and medians in ns a step."""
    limit = math.log1p(allowed)
    if low > limit and before * _grown(low) > floor:
        return "worse"
    if -high > limit and after * _grown(-high) > floor:
        return "better"
    if low == high == 0.0:
        return "same"
    return "within" if high <= limit or before * _grown(high) <= floor else "undecided"


def _interval(ratios: Reals) -> tuple[float, tuple[float, float], bool]:
    """The estimate of the log ratio, its bounds, and whether these are a 95% interval; below LEAST their range."""
    if len(ratios) < LEAST:
        return float(np.mean(ratios)), (float(min(ratios)), float(max(ratios))), False
    estimate, bounds = shift_interval(ratios)
    if estimate is None or bounds is None or bounds[0] is None or bounds[1] is None:
        low, high = student_interval(ratios) or (-math.inf, math.inf)
        return (low + high) / 2, (low, high), True
    return estimate, (bounds[0], bounds[1]), True


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
    """exp(ratio) - 1, or as good as infinite."""
    return math.expm1(min(ratio, 700.0))


def _share(ratio: float) -> float | None:
    """A log ratio as a share of change; None where that is beyond all numbers."""
    return math.expm1(ratio) if ratio < 700.0 else None


def _sentence(status: str, check: Mapping[str, Any], rounds: int, floor: float) -> str:
    measured = f"a step takes {_ns(check['measured'])}, before {_ns(check['baseline'])}"
    change = "" if check["change"] is None else f" ({check['change']:+.1%}{_between(check['ci95'])})"
    of = f" in {rounds} interleaved rounds" if rounds > 1 else ""
    rest = {
        "worse": f"longer than the {check['allowed']:.0%} allowed and by more than {floor:g} ns"
        + ("" if rounds >= LEAST else ", by a measurement that one busy moment decides: --live repeats it"),
        "better": "faster than before",
        "same": "the same",
        "within": f"no more than {check['allowed']:.0%} or {floor:g} ns longer, which is allowed",
        "undecided": f"it cannot be told whether that is more than the {check['allowed']:.0%} allowed: more rounds may",
    }[status]
    return f"{measured}{change}{of}: {rest}"


def _between(bounds: Sequence[float | None] | None) -> str:
    if bounds is None:
        return ""
    low, high = ("any" if bound is None else f"{bound:+.1%}" for bound in bounds)
    return f", 95% {low} to {high}"


def _ns(value: float) -> str:
    return f"{value:,.0f} ns" if value >= 100 else f"{value:.3g} ns"

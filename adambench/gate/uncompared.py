"""Trials that one side or the other has no result of: what is left of a cell shows less than the whole."""

from __future__ import annotations

import numpy as np

from adambench.analysis.denominator import OUTSIDE
from adambench.gate.check import Check, check
from adambench.gate.row import Row

WORDS = {"error": "ended in error", "skipped": "skipped"}


def uncompared(baseline: Row, measured: Row) -> list[Check]:
    """An inconclusive check where not every trial counts on both sides, with their numbers; of the same seeds. Nothing
    where all do."""
    trials, compared = len(measured.seeds), int(np.count_nonzero(baseline.inside & measured.inside))
    if compared == trials:
        return []
    lost = [
        f"{row.count(outcome)} {WORDS[outcome]} {where}"
        for row, where in ((baseline, "in the baseline"), (measured, "now"))
        for outcome in OUTSIDE
        if row.count(outcome)
    ]
    status = "skipped" if measured.count("skipped") or baseline.count("skipped") else "error"
    said = f"{compared} of {trials} compared: {', '.join(lost)}"
    whole, change = float(trials), float(compared - trials)
    found = check("trials", status, said, whole, float(compared), change, 0.0, unit="trials")
    return [found | {"verdict": "inconclusive"}]

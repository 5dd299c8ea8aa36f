"""Whether more trials fail than before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.difference import ALPHA, LEAST
from adambench.analysis.mcnemar import mcnemar
from adambench.gate.check import Check, check
from adambench.gate.tolerance import allowed_trials

Flags = NDArray[np.bool_]


def count(metric: str, before: Flags, after: Flags, good: bool, tolerance: float, certain: bool) -> Check:
    """The check of how many trials did something.

    before, after  (seeds,) whether each did, the same seed at the same place
    good           whether it is meant to be done
    tolerance      a share, or a number, of trials by which it may be worse
    certain        whether chance is no excuse: nothing is random, or it is not to happen at all

    Worse by more than that fails where it is certain, or there are fewer than three seeds; where all trials changed for
    the worse; and where the exact test of McNemar shows it at 5%, of what is worse beyond what is allowed. Else it is
    undecided.
    """
    trials, allowed = len(before), allowed_trials(tolerance, len(before))
    numbers = float(np.count_nonzero(before)), float(np.count_nonzero(after))
    change = numbers[1] - numbers[0]

    def found(status: str, sentence: str) -> Check:
        return check(metric, status, sentence, *numbers, change, float(allowed), unit="trials")

    if np.array_equal(before, after):
        return found("same", "the same")
    said = f"{numbers[1]:.0f} of {trials} trials, {numbers[0]:.0f} before"
    gained, lost = int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after))
    worse, better = (lost, gained) if good else (gained, lost)
    if worse - better <= allowed:
        return found("better", f"better: {said}") if better > worse else found("within", said)
    if trials < LEAST or certain or worse == trials:
        return found("worse", said)
    p = mcnemar(worse - allowed, better)
    shown = f"McNemar p = {p:.2g}" + (f" beyond the {allowed} allowed" if allowed else "")
    if p <= ALPHA:
        return found("worse", f"{said} ({shown})")
    advice = _advice(worse, better, trials, tolerance)
    return found("undecided", f"{said}, which may be chance ({shown}): {advice}")


def _advice(worse: int, better: int, trials: int, tolerance: float) -> str:
    """How many more seeds might decide, were it to go on so."""
    for times in range(2, 101):
        beyond = times * worse - allowed_trials(tolerance, times * trials)
        if mcnemar(beyond, times * better) <= ALPHA:
            return f"about {(times - 1) * trials} more seeds might decide"
    return "more seeds may not decide"

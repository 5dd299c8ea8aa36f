"""Whether a quantity of each trial has grown: steps to a target, or the gap that is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from adambench.analysis.difference import LEAST, ratio_interval
from adambench.analysis.number import percent
from adambench.analysis.quantile import Reals, rank
from adambench.gate.check import Check, between, check

ROOM = 1e-12
"""Rounding between a median and what it may be."""
INFINITE = 1e5
"""Stands for the infinite among log ratios, so that its sign stays."""
TOO_MANY = 10_000
"""More seeds than this are no advice."""


@dataclass(frozen=True)
class Words:
    """How a quantity is spoken of: '12% {more}', '12% {less}', '{never} any more'."""

    more: str
    less: str
    never: str


def growth(
    metric: str,
    before: Reals,
    after: Reals,
    allowed: float,
    words: Words,
    certain: bool,
    *,
    room: Reals | float | None = None,
    charge: float = math.inf,
    spared: int = 0,
    shown: tuple[float, float] | None = None,
) -> Check:
    """The check of a quantity of which less is better.

    before, after  (seeds,) of the same seeds at the same place, at least one; above 0, +inf where it never came
    allowed        the share by which it may grow
    certain        whether nothing in either is random, so that it needs no statistics
    room           (seeds,) a difference that is nothing, in either direction; without it each is something
    charge         what stands in the mean for a quantity that never came; where it is infinite such pairs are left out
    spared         so many pairs, those that grew most, are left out of the mean: seeds that may as well be lost
    shown          what the check says of the two in place of their medians

    Deterministic first: it passes where neither the median nor the geometric mean of the paired ratios has grown by
    more than is allowed; the median alone would not see what happens to fewer than half of the seeds. Beyond that,
    fewer than three seeds, or what is certain, fail; of more, the paired log ratio decides: its 95% interval (the
    signed-rank test's; below 6 seeds Student's) above what is allowed fails; below it, and with a mean that is allowed,
    passes; and else it is undecided.
    """
    middle = _middle(before)
    if np.array_equal(before, after):
        middles = shown or (middle, middle)
        return check(metric, "same", "the same", *middles, 0.0 if np.isfinite(middles[0]) else None, allowed)
    middles = shown or (middle, _middle(after))
    now = after if room is None else _settled(before, after, room)
    change, mean = _change(middle, _middle(now)), _mean(before, now, charge, spared)
    steady = mean <= allowed + ROOM
    if change <= allowed + ROOM and steady:
        return _passed(metric, middles, change, allowed, words)
    if change <= allowed + ROOM:
        change, said = mean, f"{percent(mean)} {words.more} in the geometric mean of the seeds"
    else:
        said = f"{percent(change)} {words.more}" if np.isfinite(change) else f"{words.never} in the median any more"
    beyond = f"{said}, more than the {percent(allowed)} allowed" if np.isfinite(change) else said
    ratios = _ratios(before, now)
    if len(ratios) < LEAST or certain:
        return check(metric, "worse", beyond, *middles, change, allowed)
    if (found := ratio_interval(ratios, INFINITE)) is None:
        said = f"{beyond}; of so few seeds, some of which never arrive, no interval can be told: more may decide"
        return check(metric, "undecided", said, *middles, change, allowed)
    bounds, limit = found[1], math.log1p(allowed)
    shares = [math.expm1(bound) if bound < 690.0 else math.inf for bound in bounds]
    shown_bounds = between(shares)
    if bounds[0] > limit:
        return check(metric, "worse", f"{beyond} ({shown_bounds})", *middles, change, allowed, shares)
    if bounds[1] > limit:
        may = f"{said}, but it may be within the {percent(allowed)} allowed ({shown_bounds})"
        return check(metric, "undecided", f"{may}: {_advice(ratios, bounds, limit)}", *middles, change, allowed, shares)
    if not steady:
        said = f"{beyond}, though most seeds are within it ({shown_bounds}): look at the others, or run more seeds"
        return check(metric, "undecided", said, *middles, change, allowed, shares)
    where = " in the median" if np.isfinite(change) else ""  # else it is said already
    said = f"{said}{where}, but paired by seeds within the {percent(allowed)} allowed ({shown_bounds})"
    return check(metric, "within", said, *middles, change, allowed, shares)


def _passed(metric: str, middles: tuple[float, float], change: float, allowed: float, words: Words) -> Check:
    if not change:
        never = f"{words.never} in the median, as in the baseline"
        said = "the same in the median" if np.isfinite(middles[0]) else never
        return check(metric, "within", said, *middles, change, allowed)
    if -allowed <= change or change > 0:
        said = f"{percent(abs(change))} {words.more if change > 0 else words.less}"
        return check(metric, "within", f"{said}, within the {percent(allowed)} allowed", *middles, change, allowed)
    said = f"better: {percent(-change)} {words.less}" if np.isfinite(change) else f"better: {words.never} before"
    return check(metric, "better", said, *middles, change, allowed)


def _middle(values: Reals) -> float:
    """The median of (n,) values."""
    ordered, place = values.copy(), rank(len(values), 0.5)
    ordered.partition(place)
    return float(ordered[place])


def _settled(before: Reals, after: Reals, room: Reals | float) -> Reals:
    """`after`, with `before` wherever the difference is nothing."""
    both = np.isfinite(before) & np.isfinite(after)
    apart = np.abs(np.where(both, after, 0.0) - np.where(both, before, 0.0))
    return np.where(both & (apart <= room), before, after)


def _change(before: float, after: float) -> float:
    """The share by which a median has grown; 0 where it is infinite on both sides."""
    if not np.isfinite(before):
        return -math.inf if np.isfinite(after) else 0.0
    return after / before - 1.0


def _mean(before: Reals, after: Reals, charge: float, spared: int) -> float:
    """The share by which the geometric mean of the paired ratios is above 1."""
    one, other = (np.where(np.isfinite(values), values, charge) for values in (before, after))
    both = np.isfinite(one) & np.isfinite(other)
    ratios = sorted((np.log(other[both]) - np.log(one[both])).tolist())
    kept = ratios[: len(ratios) - min(spared, sum(ratio > 0 for ratio in ratios))] if spared else ratios
    return math.expm1(min(math.fsum(kept) / len(kept), 700.0)) if kept else 0.0


def _ratios(before: Reals, after: Reals) -> Reals:
    """(pairs,) log(after / before) where at least one is finite, +-INFINITE where the other is not."""
    either = np.isfinite(before) | np.isfinite(after)
    found = _logs(after[either]) - _logs(before[either])
    return np.clip(found, -INFINITE, INFINITE)


def _logs(values: Reals) -> Reals:
    finite = np.isfinite(values)
    return np.where(finite, np.log(np.where(finite, values, 1.0)), 2.0 * INFINITE)


def _advice(ratios: Reals, bounds: list[float], limit: float) -> str:
    """How many more seeds might decide: an interval narrows with the root of their number."""
    half, away = (bounds[1] - bounds[0]) / 2.0, abs(float(np.median(ratios)) - limit)
    if away and half < INFINITE / 2:
        more = math.ceil(len(ratios) * min((half / away) ** 2, 1e9)) - len(ratios)
        if more <= TOO_MANY:
            return f"about {max(more, len(ratios) // 2, 1)} more seeds might decide"
    return "it is about what is allowed, and more seeds may not decide"

"""Which dialect an implementation equals, or where it first differs from the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from adambench.configuration import Configuration
from adambench.conform.family import Candidate
from adambench.conform.probe import Floats
from adambench.conform.rounding import rounding_walk
from adambench.conform.trajectory import Trajectory, walk
from adambench.optimizer import DOUBLE, Value

TOLERANCE = 1e-12
"""Times 1 + the largest |x| so far of the coordinate: what two orders of the same operations may differ by."""

AFTER = 10
"""Steps after the first difference that say how far two are apart."""


@dataclass(frozen=True)
class Difference:
    """The first place on a probe where theirs and ours are not equal.

    what        "x", "point" (whose loss counts) or "step count"
    step        counted from 1
    coordinate  index into x; () for the step count
    """

    probe: str
    what: str
    step: int
    coordinate: tuple[int, ...]
    theirs: float
    ours: float


@dataclass(frozen=True)
class Comparison:
    """The first difference on one probe, the largest deviation and the largest that was allowed."""

    first: Difference | None
    deviation: float
    tolerance: float


@dataclass(frozen=True)
class Agreement:
    """A dialect beside an implementation.

    differences  one a probe on which they differ
    deviation    the largest |theirs - ours| / (1 + |x|) over all probes, of each up to soon after they differ
    distance     the same, added up over probes, each at most 1: how unlike they are
    lacking      hyperparameters that the probes set, which the dialect does not have
    missing      those that the implementation was given or has on, which the dialect does not have
    precision    whose rounding is no difference: float64's, or less where the dialect's library computes in less
    tolerance    times 1 + the largest |x| so far: the most that was allowed on any probe
    """

    candidate: Candidate
    differences: tuple[Difference, ...]
    deviation: float
    distance: float
    lacking: tuple[str, ...]
    missing: tuple[str, ...]
    precision: str = DOUBLE
    tolerance: float = TOLERANCE


def agreements(trajectories: Sequence[Trajectory], found: Sequence[Candidate]) -> tuple[Agreement, ...]:
    """Every candidate beside what an implementation did, in their order.

    Where none does the same in float64, those of libraries that compute in less are taken up to that rounding.
    """
    known: dict[object, tuple[Comparison, ...]] = {}
    result = [_agreement(candidate, trajectories, DOUBLE, known) for candidate in found]
    if all(agreement.differences for agreement in result):
        for place, candidate in enumerate(found):
            if candidate.dialect.precision != DOUBLE:
                result[place] = _agreement(candidate, trajectories, candidate.dialect.precision, known)
    return tuple(result)


def _agreement(
    candidate: Candidate,
    trajectories: Sequence[Trajectory],
    precision: str,
    known: dict[object, tuple[Comparison, ...]],
) -> Agreement:
    """One candidate; `known` are the comparisons so far, for many dialects are one rule under many names."""
    configurations = [candidate.at(t.probe.hyperparameters).configuration for t in trajectories]
    key = precision, tuple((c.kernel_key, c.numbers) for c in configurations)
    if key not in known:
        known[key] = tuple(compare(c, t, precision) for c, t in zip(configurations, trajectories, strict=True))
    compared = known[key]
    own, probed = candidate.values.items(), (i for t in trajectories for i in t.probe.hyperparameters.items())
    missing = _not_had(candidate, own)
    return Agreement(
        candidate,
        differences=tuple(one.first for one in compared if one.first is not None),
        deviation=max(one.deviation for one in compared),
        distance=sum(min(1.0, one.deviation) for one in compared),
        lacking=tuple(name for name in _not_had(candidate, probed) if name not in missing),
        missing=missing,
        precision=precision,
        tolerance=max(one.tolerance for one in compared),
    )


def equal(found: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """Those that do the same on every probe; those first that lack nothing, and are nearest where they round.

    A dialect that does not have what the implementation has on is another one, unless all are.
    """

    def key(agreement: Agreement) -> tuple[int, float]:
        return len(agreement.lacking), 0.0 if agreement.precision == DOUBLE else agreement.deviation

    same = [agreement for agreement in found if not agreement.differences]
    least = min((len(agreement.missing) for agreement in same), default=0)
    return tuple(sorted((a for a in same if len(a.missing) == least), key=key))


def by_nearness(found: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """Those that agree on most probes first; in their order where they are about as far, to a factor of ten."""

    def key(agreement: Agreement) -> tuple[int, int]:
        return len(agreement.differences), int(np.floor(np.log10(agreement.distance + 1e-300)))

    return tuple(sorted((a for a in found if a.differences), key=key))


def compare(configuration: Configuration, trajectory: Trajectory, precision: str = DOUBLE) -> Comparison:
    """One probe, up to the rounding of a precision; no deviation where ours cannot be taken to its step count."""
    probe = trajectory.probe
    if trajectory.counts is not None:
        return Comparison(_count_difference(trajectory), 0.0, TOLERANCE)
    first, worst, scale, last, tolerance = None, 0.0, np.abs(probe.x0), len(probe.gradients), TOLERANCE
    for step, (x, point, rounding) in enumerate(rounding_walk(configuration, probe, precision), 1):
        scale, tolerance = np.fmax(scale, np.abs(x)), TOLERANCE + rounding
        theirs = trajectory.iterates[step - 1]
        first = first or difference(probe.name, "x", step, theirs, x, scale, tolerance)
        worst = max(worst, _deviation(theirs, x, scale))
        if step == last and trajectory.point is not None:
            first = first or difference(probe.name, "point", step, trajectory.point, point, scale, tolerance)
            worst = max(worst, _deviation(trajectory.point, point, scale))
        if first is not None and step >= first.step + AFTER:
            break
    return Comparison(first, worst, tolerance)


def agrees(configuration: Configuration, trajectory: Trajectory, precision: str = DOUBLE) -> bool:
    """Whether `compare` finds no difference; looks no further than the first."""
    probe = trajectory.probe
    if trajectory.counts is not None:
        return _count_difference(trajectory) is None
    scale, last = np.abs(probe.x0), len(probe.gradients)
    for step, (x, point, rounding) in enumerate(rounding_walk(configuration, probe, precision), 1):
        scale, tolerance = np.fmax(scale, np.abs(x)), TOLERANCE + rounding
        if _unequal(trajectory.iterates[step - 1], x, scale, tolerance).any():
            return False
        if step == last and trajectory.point is not None:
            return not _unequal(trajectory.point, point, scale, tolerance).any()
    return True


def difference(
    probe: str, what: str, step: int, theirs: Floats, ours: Floats, scale: Floats, tolerance: float
) -> Difference | None:
    """The first coordinate that is not equal."""
    places = np.argwhere(_unequal(theirs, ours, scale, tolerance))
    if not len(places):
        return None
    place = tuple(places[0].tolist())
    return Difference(probe, what, step, place, float(theirs[place]), float(ours[place]))


def not_finite(trajectories: Sequence[Trajectory], found: Sequence[Candidate]) -> str:
    """Where x is not finite and no dialect's is either, in words; "" where there is no such place."""
    for trajectory in trajectories:
        bad = np.argwhere(~np.isfinite(trajectory.iterates))
        if not len(bad):
            continue
        step, *place = bad[0].tolist()
        probe = trajectory.probe
        configurations = (candidate.at(probe.hyperparameters).configuration for candidate in found)
        if all(np.isfinite([x for x, _ in walk(c, probe)][step]).all() for c in configurations):
            value = trajectory.iterates[tuple(bad[0])]
            return f"x{list(place)} is {value} after step {step + 1} of the probe {probe.name!r}"
    return ""


def _count_difference(trajectory: Trajectory) -> Difference | None:
    """Each step counts one."""
    start, counts = trajectory.probe.counted, trajectory.counts
    assert start is not None
    assert counts is not None
    for step, count in enumerate(counts, 1):
        if count != start + step:
            return Difference(trajectory.probe.name, "step count", step, (), float(count), float(start + step))
    return None


def _unequal(
    theirs: Floats, ours: Floats, scale: Floats, tolerance: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    with np.errstate(all="ignore"):
        close = np.abs(theirs - ours) <= tolerance * (1.0 + scale)
    same = (theirs == ours) | (np.isnan(theirs) & np.isnan(ours))
    return np.asarray(~(close | same))


def _deviation(theirs: Floats, ours: Floats, scale: Floats) -> float:
    """Infinite where one is not finite and the other is."""
    with np.errstate(all="ignore"):
        relative = np.abs(theirs - ours) / (1.0 + scale)
    relative = np.where((theirs == ours) | (np.isnan(theirs) & np.isnan(ours)), 0.0, relative)
    return float(np.max(np.where(np.isnan(relative), np.inf, relative)))


def _not_had(candidate: Candidate, values: Iterable[tuple[str, Value]]) -> tuple[str, ...]:
    """The names of those values, where they are not neutral, that the dialect does not have."""
    neutral = {declared.name: declared.neutral for declared in candidate.optimizer.everything}
    used = dict.fromkeys(name for name, value in values if value != neutral[name])
    return tuple(name for name in used if name not in candidate.dialect.defaults)

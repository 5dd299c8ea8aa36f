"""Why an implementation is not the dialect it is nearest to: the change of that dialect which makes the two equal."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_RATE
from adambench.configuration import Configuration, checked
from adambench.conform.comparison import Agreement, agrees
from adambench.conform.family import Candidate, family
from adambench.conform.mistake import Mistake, mistakes
from adambench.conform.trajectory import Trajectory, walk
from adambench.errors import AdambenchError
from adambench.optimizer import EXTRAS, Hyperparameter, Optimizer, Value
from adambench.text import number_text

COMMON = (decay.CHOICE, SINGLE_RATE)
"""The flags that all optimizers have."""
SHOWN = 3
"""Dialects that are named where many do the same."""


@dataclass(frozen=True)
class Change:
    """One thing in which an implementation may depart from a dialect; `words` say it as a clause.

    flag      (name, value): another choice
    assigned  (name, value): another value of a hyperparameter
    rounded   a hyperparameter that is kept in float32
    swapped   two hyperparameters, each in the other's place
    mistake   a rule that is no library's
    """

    words: str
    flag: tuple[str, Any] | None = None
    assigned: tuple[str, Value] | None = None
    rounded: str | None = None
    swapped: tuple[str, str] | None = None
    mistake: Mistake | None = None

    def set(self, candidate: Candidate) -> Candidate:
        """The candidate with another choice or another value, where a probe does not ask for one."""
        if self.flag is not None:
            flags = {**candidate.dialect.flags, self.flag[0]: self.flag[1]}
            candidate = replace(candidate, dialect=replace(candidate.dialect, flags=flags))
        return candidate if self.assigned is None else candidate.at(dict([self.assigned]))

    def bend(self, candidate: Candidate) -> Candidate:
        """The candidate that does not use its values as they are."""
        values = _complete(candidate)
        if self.rounded is not None:
            candidate = candidate.at({self.rounded: float(np.float32(values[self.rounded]))})
        if self.swapped is not None:
            one, other = self.swapped
            candidate = candidate.at({one: values[other], other: values[one]})
        if self.mistake is not None:
            candidate = replace(candidate, optimizer=self.mistake.made(candidate.optimizer))
        return candidate


def explain(
    found: Sequence[Agreement], trajectories: Sequence[Trajectory]
) -> tuple[Agreement, tuple[Change, ...]] | None:
    """The first of these dialects of which one change makes what the implementation did on every probe.

    Of each, flags are tried first, then values, then mistakes; then, of each, two values in each other's place; and
    pairs of changes for the first dialect, where nothing else explains it.
    """
    for swapped in (False, True):
        seen: set[object] = set()
        for agreement in found:
            for change in _fresh(agreement, trajectories, seen):
                if (change.swapped is not None) == swapped and _explains(agreement, trajectories, (change,)):
                    return agreement, (change,)
    for agreement in found[:1]:
        fresh = _fresh(agreement, trajectories, set())
        choices = [change for change in fresh if change.flag or change.assigned or change.mistake]
        for pair in itertools.combinations(choices, 2):
            if not _same_place(*pair) and _explains(agreement, trajectories, pair):
                return agreement, pair
    return None


def _fresh(agreement: Agreement, trajectories: Sequence[Trajectory], seen: set[object]) -> Iterator[Change]:
    """The changes of one dialect that make a difference, and one that was not seen before."""
    candidate = agreement.candidate
    seen.add(_key(candidate, trajectories, ()))
    for change in itertools.chain(
        _flag_changes(candidate),
        _value_changes(candidate),
        _rate_changes(candidate, trajectories),
        _rounded_changes(candidate),
        _swapped_changes(candidate),
        _mistake_changes(candidate),
    ):
        if change.swapped is not None and not _interchangeable(candidate, *change.swapped):
            continue
        key = _key(candidate, trajectories, (change,))
        if key not in seen:
            seen.add(key)
            yield change


def _interchangeable(candidate: Candidate, one: str, other: str) -> bool:
    """Whether two hyperparameters are of one kind, and each may have the other's value."""
    values, declared = _complete(candidate), {h.name: h for h in candidate.optimizer.everything}
    if _kind(declared[one]) != _kind(declared[other]):
        return False
    try:
        for name, value in ((one, values[other]), (other, values[one])):
            checked(candidate.name, declared[name], value)
    except AdambenchError:
        return False
    return True


def _kind(declared: Hyperparameter) -> object:
    """Equal for two that one may take for each other: decays of means, which are all below 1; else those of one stem,
    as eps and eps_root. Those that no library has are of none."""
    if declared in EXTRAS:
        return declared.name
    bounds = declared.low, declared.high, declared.whole
    return bounds if bounds == (0.0, 1.0, False) else re.split(r"[_\d]", declared.name)[0]


def _explains(agreement: Agreement, trajectories: Sequence[Trajectory], changes: Sequence[Change]) -> bool:
    """A wrong guess fails soonest where the two are known to differ: those probes come first."""
    differing = {difference.probe for difference in agreement.differences}
    ordered = sorted(trajectories, key=lambda trajectory: trajectory.probe.name not in differing)
    return all(agrees(_changed(agreement.candidate, t, changes), t, agreement.precision) for t in ordered)


def _changed(candidate: Candidate, trajectory: Trajectory, changes: Sequence[Change]) -> Configuration:
    """The changed candidate on a probe."""
    for change in changes:
        candidate = change.set(candidate)
    candidate = candidate.at(trajectory.probe.hyperparameters)
    for change in changes:
        candidate = change.bend(candidate)
    return candidate.configuration


def _key(candidate: Candidate, trajectories: Sequence[Trajectory], changes: Sequence[Change]) -> tuple[object, ...]:
    """Equal for changes that make no difference to any probe."""
    configurations = (_changed(candidate, trajectory, changes) for trajectory in trajectories)
    return tuple((c.kernel_key, c.numbers) for c in configurations)


def _flag_changes(candidate: Candidate) -> Iterator[Change]:
    flags = candidate.dialect.flags
    words = {flag.name: flag.words for flag in (*COMMON, *candidate.optimizer.choices)}
    for name, present in flags.items():
        seen = [d.flags[name] for _, d in _rows(candidate.optimizer, name)]
        for value in dict.fromkeys([*seen, *words.get(name, {})]):
            # A rule that takes the decay itself is written for it: no choice for others, nor without it.
            if value == present or (decay.OWN in (value, present) and value not in seen):
                continue
            said = words.get(name, {}).get(value, f"the flag {name} is {value}, not {present}")
            holders = [label for label, d in _rows(candidate.optimizer, name) if d.flags[name] == value]
            yield Change(f"{said}: {_holders(holders, candidate)}", flag=(name, value))


def _value_changes(candidate: Candidate) -> Iterator[Change]:
    """Every hyperparameter as another dialect has it, or off."""
    for declared in candidate.optimizer.everything:
        holders: dict[Value, list[str]] = {}
        for member in family(candidate.optimizer):
            for dialect in member.dialects:
                value = dialect.defaults.get(declared.name, declared.neutral)
                if value is not None:
                    holders.setdefault(value, []).append(f"{member.name}@{dialect.name}")
        if declared.switch:
            holders.setdefault(not declared.neutral, [])
        holders.setdefault(declared.neutral, [])
        present = _complete(candidate)[declared.name]
        for value, labels in holders.items():
            if value != present:
                here = f"{declared.name} is {number_text(value)}, not {number_text(present)}"
                also = f", as in {_several(labels)}" if labels else ""
                yield Change(here + also, assigned=(declared.name, value))


def _rate_changes(candidate: Candidate, trajectories: Sequence[Trajectory]) -> Iterator[Change]:
    """The learning rate that the first step speaks of."""
    rate = candidate.values.get("lr")
    plain = next((t for t in trajectories if not t.probe.hyperparameters and t.probe.recordable), None)
    if rate is None or plain is None:
        return
    ours = next(walk(candidate.configuration, plain.probe))[0] - plain.probe.x0
    theirs = plain.iterates[0] - plain.probe.x0
    with np.errstate(all="ignore"):
        found = float(f"{float(rate) * float(np.median(theirs / ours)):.6g}")
    if np.isfinite(found) and found > 0.0 and found != rate:
        yield Change(f"lr is {number_text(found)}, not {number_text(rate)}", assigned=("lr", found))


def _rounded_changes(candidate: Candidate) -> Iterator[Change]:
    for declared in candidate.optimizer.numbers:
        if declared.name in candidate.values:
            yield Change(f"{declared.name} is rounded to float32", rounded=declared.name)


def _swapped_changes(candidate: Candidate) -> Iterator[Change]:
    for one, other in itertools.combinations((h.name for h in candidate.optimizer.numbers if h.name != "lr"), 2):
        values = _complete(candidate)
        if values[one] != values[other]:
            now = f"{one} = {number_text(values[other])}, {other} = {number_text(values[one])}"
            said = f"{one} and {other} are in each other's place ({now})"
            if {one, other} == {"eps", "eps_root"}:
                said = f"epsilon is added inside the square root, not outside ({now})"
            yield Change(said, swapped=(one, other))


def _mistake_changes(candidate: Candidate) -> Iterator[Change]:
    for mistake in mistakes(candidate.optimizer):
        yield Change(mistake.words, mistake=mistake)


def _same_place(one: Change, other: Change) -> bool:
    """Whether the second undoes the first."""
    flags = one.flag is not None and other.flag is not None and one.flag[0] == other.flag[0]
    return flags or (one.assigned is not None and other.assigned is not None and one.assigned[0] == other.assigned[0])


def _rows(optimizer: Optimizer, flag: str) -> list[tuple[str, Any]]:
    """Every dialect of the family that has the flag, with its name in full."""
    return [(f"{o.name}@{d.name}", d) for o in family(optimizer) for d in o.dialects if flag in d.flags]


def _complete(candidate: Candidate) -> dict[str, Value]:
    return {declared.name: declared.neutral for declared in candidate.optimizer.everything} | dict(candidate.values)


def _holders(labels: Sequence[str], candidate: Candidate) -> str:
    """Who does so, and who does not."""
    own = candidate.optimizer.name
    shown = [label for label in labels if label.startswith(f"{own}@")] or list(labels)
    if not shown:
        return f"no dialect here does so, nor does {candidate.name}"
    return f"{_several(shown)} {'does' if len(shown) == 1 else 'do'} so, {candidate.name} does not"


def _several(labels: Sequence[str]) -> str:
    if len(labels) > SHOWN:
        return f"{', '.join(labels[:SHOWN])} and {len(labels) - SHOWN} more"
    *most, last = labels
    return f"{', '.join(most)} and {last}" if most else last

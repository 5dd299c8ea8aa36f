"""What an implementation is, after all: the probes, the comparison, the explanation and the invariants in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adambench.conform.comparison import Agreement, agreements, by_nearness, equal, not_finite
from adambench.conform.explanation import Change, explain
from adambench.conform.family import Candidate, candidates, default_rate, spoken_of
from adambench.conform.invariant import Finding, examine
from adambench.conform.probe import Probe, probes
from adambench.conform.recording import Recording, check_names, check_values
from adambench.conform.subject import our_subject, their_subject
from adambench.conform.trajectory import Trajectory, drive, scheduled
from adambench.errors import AdambenchError
from adambench.foreign.fault import ImplementationError
from adambench.foreign.worker import Worker
from adambench.optimizer import Dialect, Optimizer, Value


@dataclass(frozen=True)
class Conformance:
    """What was found.

    hyperparameters  of the implementation, as far as they are known: those of the optimizer's family
    assumed          the learning rate it was given because it has none of its own
    trajectories     what it did, one a probe
    equal            the dialects that do the same
    expected         the dialect that was asked for, beside it
    nearest          the dialect that it is not: the expected one, or where it equals none the one most like it
    changes          of `nearest`, that make it do the same; empty where none was found
    left_out         probes it could not be driven on, and why
    asked, findings  the invariants that could be asked, and those it does not satisfy, though the dialect does that it
                     equals or is nearest to
    fault            how it failed inside an invariant, as one sentence; None where it did not
    """

    optimizer: Optimizer
    hyperparameters: Mapping[str, Value]
    assumed: Mapping[str, Value]
    trajectories: tuple[Trajectory, ...]
    equal: tuple[Agreement, ...]
    expected: Agreement | None
    nearest: Agreement | None
    changes: tuple[Change, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    fault: str | None = None

    @property
    def follows(self) -> bool:
        """On every probe the dialect that was expected, or any where none was."""
        return bool(self.equal) if self.expected is None else self.expected in self.equal

    @property
    def conforms(self) -> bool:
        """It follows, and where a dialect was expected satisfies the invariants that this one satisfies."""
        return self.follows and not (self.expected is not None and self.findings)

    @property
    def steps(self) -> int:
        return sum(len(trajectory.iterates) for trajectory in self.trajectories)


def examined(
    implementation: Worker,
    name: str,
    optimizer: Optimizer,
    given: Mapping[str, Value],
    expected: Dialect | None = None,
) -> Conformance:
    """Drive an implementation of the optimizer's family at the values `given`, and say what it is.

    Raises ImplementationError where it fails on a probe.
    """
    check_values(optimizer, given, name)
    start = probes(optimizer, None)[0]
    read, assumed = _begun(implementation, optimizer, given, start)
    values = {**given, **assumed}
    known = spoken_of(optimizer)
    read = {key: value for key, value in {**values, **read}.items() if key in known}
    wanted = probes(optimizer, read)
    trajectories, left_out, follows = _driven(implementation, name, wanted, values)
    found = candidates(optimizer, read)
    if place := not_finite(trajectories, found):
        raise ImplementationError(f"{name} returned what is not finite: {place}")
    conformance = conclude(optimizer, trajectories, found, expected, read, assumed)
    nearest = conformance.nearest or (conformance.expected if conformance.follows else None) or conformance.equal[0]
    if not any((t.iterates != t.probe.x0).any() for t in trajectories):
        raise AdambenchError(f"{name}: x never moves on any probe, which tells no dialect from another")
    plain = [probe for probe in wanted if not probe.hyperparameters and probe.recordable and (probe.rates == 1.0).all()]
    ours = our_subject(nearest.candidate, plain)
    theirs = their_subject(implementation, values, read, nearest.candidate.values, plain, follows)
    examination = examine(ours, theirs, name)
    return Conformance(**{**vars(conformance), "left_out": left_out, **vars(examination)})


def recorded(recording: Recording, place: str, optimizer: Optimizer, expected: Dialect | None = None) -> Conformance:
    """What a recording from `place` is; AdambenchError where it speaks of what the optimizer has not."""
    check_names(recording, optimizer, place)
    if not any((t.iterates != t.probe.x0).any() for t in recording.trajectories):
        raise AdambenchError(f"{place}: x never moves, which tells no dialect from another")
    found = candidates(optimizer, recording.hyperparameters)
    return conclude(optimizer, recording.trajectories, found, expected, recording.hyperparameters, {})


def conclude(
    optimizer: Optimizer,
    trajectories: Sequence[Trajectory],
    found: Sequence[Candidate],
    expected: Dialect | None,
    hyperparameters: Mapping[str, Value],
    assumed: Mapping[str, Value],
) -> Conformance:
    """What the trajectories say."""
    compared = agreements(trajectories, found)
    same = equal(compared)
    wanted = next((a for a in compared if a.candidate.dialect is expected), None)
    bases: tuple[Agreement, ...] = ()
    if wanted is not None and wanted.differences:
        bases = (wanted,)
    elif wanted is None and not same:
        # Someone who does not say which dialect it is most often means the default one.
        bases = (compared[0], *(other for other in by_nearness(compared) if other is not compared[0]))
    nearest: Agreement | None = next(iter(by_nearness(bases)), None)
    changes: tuple[Change, ...] = ()
    if explained := explain(bases, trajectories):
        nearest, changes = explained
    return Conformance(optimizer, hyperparameters, assumed, tuple(trajectories), same, wanted, nearest, changes)


def _begun(
    implementation: Worker, optimizer: Optimizer, given: Mapping[str, Value], probe: Probe
) -> tuple[Mapping[str, Value], Mapping[str, Value]]:
    """The hyperparameters it has, and the learning rate it was given where it asks for one."""
    try:
        return implementation.begin(given, probe.x0, probe.x0.shape), {}
    except ImplementationError:
        raise
    except AdambenchError:
        if "lr" in given:
            raise
        assumed = {"lr": default_rate(optimizer)}
        try:
            return implementation.begin({**given, **assumed}, probe.x0, probe.x0.shape), assumed
        except AdambenchError:
            pass
        raise


def _driven(
    implementation: Worker, name: str, wanted: Sequence[Probe], values: Mapping[str, Value]
) -> tuple[list[Trajectory], dict[str, str], bool]:
    """What it does on the probes that it can be driven on, why not on the others, and whether it follows a schedule."""
    trajectories: list[Trajectory] = []
    left_out: dict[str, str] = {}
    follows: bool | None = None
    for probe in wanted:
        if (probe.rates != 1.0).any():
            if follows is None:
                follows = scheduled(implementation, wanted[0], values)
            if not follows:
                left_out[probe.name] = f"{name} has no way to change lr between two steps"
                continue
        driven = drive(implementation, probe, values)
        if isinstance(driven, str):
            left_out[probe.name] = driven
        else:
            trajectories.append(driven)
    return trajectories, left_out, bool(follows)

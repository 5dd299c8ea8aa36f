"""Invariants: what holds for an optimizer whatever its values are.

Each is one function of a subject, named after what it states; it returns "" where that holds, and else a sentence with
the numbers. None is meant for optimizers by name: those that our own kernel of a dialect satisfies are asked of the
implementations nearest to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adambench.conform.invariants import all_invariants
from adambench.conform.probe import Floats
from adambench.conform.subject import Point, Step, Subject, Undrivable
from adambench.foreign.fault import ImplementationError
from adambench.optimizer import Value

__all__ = ["INVARIANTS", "Examination", "Finding", "examine"]

INVARIANTS = all_invariants()

Paths = list[list[Floats]]
"""x after each step of each run."""


@dataclass(frozen=True)
class Finding:
    """An invariant that ours satisfies and theirs does not, in a sentence with the numbers."""

    name: str
    text: str


@dataclass(frozen=True)
class Examination:
    """The names of the invariants that were asked of theirs, and those it does not satisfy.

    fault  what it did that is no result at all, as one sentence with the invariant and the step: it failed, which ends
           the examination, or it was not finite where ours is; None where it did neither
    """

    asked: tuple[str, ...]
    findings: tuple[Finding, ...]
    fault: str | None = None


def examine(ours: Subject, theirs: Subject, name: str) -> Examination:
    """Ask theirs, called `name`, for every invariant that ours satisfies."""
    asked: list[str] = []
    findings: list[Finding] = []
    fault: str | None = None
    for invariant in INVARIANTS:
        said = invariant.__name__.replace("_", " ")
        our_paths: Paths = []
        their_paths: Paths = []
        try:
            with np.errstate(all="ignore"):
                if invariant(_followed(ours, our_paths)):
                    continue
                text = invariant(_followed(theirs, their_paths))
        except Undrivable:
            continue
        except ImplementationError as error:
            return Examination(tuple(asked), tuple(findings), fault or f"{error}, in the invariant {said!r}")
        asked.append(said)
        if text:
            findings.append(Finding(said, text))
        if fault is None and (place := _not_finite(our_paths, their_paths)):
            fault = f"{name} returned what is not finite: {place} of the invariant {said!r}"
    return Examination(tuple(asked), tuple(findings), fault)


def _followed(subject: Subject, paths: Paths) -> Subject:
    """The subject, with all its runs written down."""

    def start(values: Mapping[str, Value], x0: Floats, precision: str) -> tuple[Step, Point]:
        try:
            step, point = subject.start(values, x0, precision)
        except Undrivable as error:
            if not values and precision == "float64":  # it has started at these values before
                raise ImplementationError(str(error)) from None
            raise
        path: list[Floats] = []
        paths.append(path)

        def written(gradient: Floats, rate: float) -> Floats:
            path.append(step(gradient, rate))
            return path[-1]

        return written, point

    return replace(subject, start=start)


def _not_finite(ours: Sequence[Sequence[Floats]], theirs: Sequence[Sequence[Floats]]) -> str:
    """Where theirs is not finite and ours is, in words; "" where there is no such place."""
    for our_path, their_path in zip(ours, theirs, strict=False):  # one that is found out early runs no further
        for step, (our_x, their_x) in enumerate(zip(our_path, their_path, strict=False), 1):
            bad = np.argwhere(~np.isfinite(their_x))
            if len(bad) and np.isfinite(our_x).all():
                return f"x{bad[0].tolist()} is {their_x[tuple(bad[0])]} after step {step}"
    return ""

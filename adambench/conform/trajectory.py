"""Where an optimizer goes on a probe: ours step by step, theirs as it was driven or recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from adambench.configuration import Configuration
from adambench.conform.probe import Floats, Probe
from adambench.errors import AdambenchError
from adambench.foreign.fault import UNSAVED, ImplementationError
from adambench.foreign.worker import Worker
from adambench.optimizer import Value
from adambench.stepping import Stepper


@dataclass(frozen=True)
class Trajectory:
    """What an implementation did on a probe.

    iterates  (steps, *shape): x after each step
    point     the point whose loss counts, after the last; None where it was not recorded
    counts    its step counter after each step; None where it was not looked at
    """

    probe: Probe
    iterates: Floats
    point: Floats | None = None
    counts: tuple[int, ...] | None = None


def walk(configuration: Configuration, probe: Probe) -> Iterator[tuple[Floats, Floats]]:
    """x after each step of one of ours, and the point whose loss counts there."""
    step, x = Stepper(configuration, probe.x0.shape), probe.x0
    for gradient, rate in zip(probe.gradients, probe.rates, strict=True):
        x = step(x, gradient, rate=float(rate))
        yield x, step.eval_point(x)


def drive(implementation: Worker, probe: Probe, values: Mapping[str, Value]) -> Trajectory | str:
    """An implementation on a probe, at `values` and the probe's own.

    Why not, as a clause, where it refuses these hyperparameters, has no step counter to set or a state that cannot be
    saved. Raises ImplementationError.
    """
    shape = probe.x0.shape
    try:
        implementation.begin({**values, **probe.hyperparameters}, probe.x0, shape)
    except AdambenchError as error:
        if not probe.hyperparameters:
            raise
        return str(error)
    if probe.counted is not None:
        return _counted(implementation, probe, probe.counted)
    iterates = []
    for number, (gradient, rate) in enumerate(zip(probe.gradients, probe.rates, strict=True)):
        if number == probe.restored:
            try:
                implementation.save()
            except ImplementationError as error:
                if UNSAVED in str(error):
                    return str(error)
                raise
            implementation.restore()
        iterates.append(np.array(implementation.step(gradient, rate=float(rate)), np.float64).reshape(shape))
    point = np.array(implementation.point(), np.float64).reshape(shape) if implementation.watched else None
    return Trajectory(probe, np.array(iterates), point)


def scheduled(implementation: Worker, probe: Probe, values: Mapping[str, Value]) -> bool:
    """Whether an implementation that has run with a constant learning rate can follow a schedule."""
    implementation.begin(values, probe.x0, probe.x0.shape)
    try:
        implementation.step(probe.gradients[0], rate=0.5)
    except ImplementationError:
        return False
    return True


def _counted(implementation: Worker, probe: Probe, start: int) -> Trajectory | str:
    """The step counter alone: what x should be there, none of ours can say without as many steps."""
    implementation.step(probe.gradients[0])  # many make their state at the first step
    if implementation.count(start) is None:
        return "its state holds no step count that can be told from its other numbers"
    counts, iterates = [], []
    for gradient in probe.gradients[1:]:
        iterates.append(np.array(implementation.step(gradient), np.float64).reshape(probe.x0.shape))
        counts.append(implementation.count() or 0)
    return Trajectory(probe, np.array(iterates), None, tuple(counts))

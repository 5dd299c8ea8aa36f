"""Whoever an invariant is asked of: one of ours, or an implementation, at values of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adambench.conform.family import Candidate
from adambench.conform.probe import Floats, Probe
from adambench.conform.rounding import shaken
from adambench.engine.single import Single
from adambench.errors import AdambenchError
from adambench.foreign.worker import Worker
from adambench.optimizer import DOUBLE, Block, Value

Step = Callable[[Floats, float], Floats]
Point = Callable[[], Floats]
Start = Callable[[Mapping[str, Value], Floats, str], tuple[Step, Point]]


class Undrivable(Exception):
    """The subject has not what the invariant speaks of, or no way to change it."""


@dataclass(frozen=True)
class Subject:
    """An optimizer to be asked.

    start            (values that differ, x0, precision) -> a fresh one's step(gradient, rate) -> x, and its point()
    hyperparameters  what it runs at, as far as it is known
    settable         those that can be changed
    probes           of the shape it works on, without changes
    """

    start: Start
    hyperparameters: Mapping[str, Value]
    settable: frozenset[str]
    probes: Sequence[Probe]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.probes[0].x0.shape

    def number(self, name: str) -> float:
        """The value of a hyperparameter; Undrivable where it has none."""
        if name not in self.hyperparameters:
            raise Undrivable(name)
        return float(self.hyperparameters[name])

    def off(self, *names: str) -> dict[str, Value]:
        """Those of the named hyperparameters that are not zero, set to zero."""
        return {name: 0.0 for name in names if self.hyperparameters.get(name, 0.0) != 0.0}

    def run(
        self,
        x0: Floats,
        gradients: Floats,
        values: Mapping[str, Value] | None = None,
        rates: Floats | None = None,
        precision: str = "float64",
    ) -> Floats:
        """x after each of the gradients, (steps, *shape), from a fresh start."""
        step, _ = self._started(values or {}, x0, precision)
        rates = np.ones(len(gradients)) if rates is None else rates
        return np.array([step(gradient, float(rate)) for gradient, rate in zip(gradients, rates, strict=True)])

    def end(self, x0: Floats, gradients: Floats, values: Mapping[str, Value]) -> Floats:
        """The point whose loss counts, after all of the gradients."""
        step, point = self._started(values, x0, "float64")
        for gradient in gradients:
            step(gradient, 1.0)
        return point()

    def descend(
        self, x0: Floats, gradient: Callable[[Floats], Floats], steps: int, values: Mapping[str, Value]
    ) -> Floats:
        """x after each step of so many, (steps, *shape), with the gradient taken at x."""
        step, _ = self._started(values, x0, "float64")
        path, x = [], x0
        for _ in range(steps):
            x = step(gradient(x), 1.0)
            path.append(x)
        return np.array(path)

    def _started(self, values: Mapping[str, Value], x0: Floats, precision: str) -> tuple[Step, Point]:
        if not values.keys() <= self.settable:
            raise Undrivable(", ".join(values.keys() - self.settable))
        return self.start(values, x0, precision)


def our_subject(candidate: Candidate, probes: Sequence[Probe]) -> Subject:
    """Our own kernel of a dialect, of gradients and steps that are as exact as its library's numbers.

    What only float64 satisfies to the bit is then not asked of a library that computes in less.
    """
    precise = candidate.dialect.precision

    def start(values: Mapping[str, Value], x0: Floats, precision: str) -> tuple[Step, Point]:
        configuration, shape = candidate.at(values).configuration, x0.shape
        block: Block = (0, shape[0], shape[1] if len(shape) == 2 else 0)
        made = configuration.optimizer, configuration.flags, configuration.numbers
        single, t = Single(*made, x0.reshape(-1), (block,), precision), 0

        def step(gradient: Floats, rate: float) -> Floats:
            nonlocal t
            t += 1
            before = single.x.copy()
            single.slopes[: x0.size] = shaken(gradient.reshape(-1), precise)
            single.step(t, rate)
            if precise != DOUBLE:
                single.x[:] = before + shaken(single.x - before, precise)
            return single.x.reshape(shape).astype(np.float64)

        return step, lambda: single.point.reshape(shape).astype(np.float64)

    return Subject(start, candidate.values, frozenset(h.name for h in candidate.optimizer.everything), probes)


def their_subject(
    implementation: Worker,
    given: Mapping[str, Value],
    read: Mapping[str, Value],
    assumed: Mapping[str, Value],
    probes: Sequence[Probe],
    scheduled: bool,
) -> Subject:
    """An implementation: at the values `given`; `read` are those it says it has, `assumed` those of the others.

    scheduled  it can follow a schedule
    """

    def start(values: Mapping[str, Value], x0: Floats, precision: str) -> tuple[Step, Point]:
        try:
            implementation.begin({**given, **values}, x0, x0.shape, precision)
        except AdambenchError as error:
            raise Undrivable(str(error)) from None

        def step(gradient: Floats, rate: float) -> Floats:
            if rate != 1.0 and not scheduled:
                raise Undrivable("rate")
            return np.array(implementation.step(gradient, rate=rate), np.float64).reshape(x0.shape)

        return step, lambda: np.array(implementation.point(), np.float64).reshape(x0.shape)

    return Subject(start, {**assumed, **read}, frozenset(read), probes)

"""What an elementwise update cannot do without: its memory traffic, divisions and square roots.

Measured by a kernel that loads and stores as many arrays of the same length and type, does as many divisions and square
roots, and else only what keeps the compiler from leaving them out: two cheap operations an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adambench.composition import coefficients_of, rule_of
from adambench.configuration import Configuration
from adambench.engine.assembly import REAL, bare_kernel, sizes
from adambench.engine.kernel import compiled
from adambench.speed.case import Case, Update
from adambench.speed.timing import Work

FLOOR = "floor"


@dataclass
class Tally:
    """Divisions and square roots so far."""

    divisions: int = 0
    roots: int = 0


@dataclass(frozen=True, eq=False)
class Counted:
    """A number that counts the divisions and square roots it goes through, for a rule that is run as plain Python."""

    value: float
    tally: Tally = field(repr=False)

    def _with(self, value: float) -> Counted:
        return Counted(float(value), self.tally)

    def __add__(self, other: Any) -> Counted:
        return self._with(self.value + _plain(other))

    def __sub__(self, other: Any) -> Counted:
        return self._with(self.value - _plain(other))

    def __rsub__(self, other: Any) -> Counted:
        return self._with(_plain(other) - self.value)

    def __mul__(self, other: Any) -> Counted:
        return self._with(self.value * _plain(other))

    def __truediv__(self, other: Any) -> Counted:
        self.tally.divisions += 1
        return self._with(self.value / _plain(other))

    def __rtruediv__(self, other: Any) -> Counted:
        self.tally.divisions += 1
        return self._with(_plain(other) / self.value)

    def __neg__(self) -> Counted:
        return self._with(-self.value)

    def __abs__(self) -> Counted:
        return self._with(abs(self.value))

    def sqrt(self) -> Counted:
        """What np.sqrt calls."""
        self.tally.roots += 1
        return self._with(np.sqrt(self.value))

    def __lt__(self, other: Any) -> bool:
        return self.value < _plain(other)

    def __le__(self, other: Any) -> bool:
        return self.value <= _plain(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > _plain(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= _plain(other)

    def __eq__(self, other: object) -> bool:
        return self.value == _plain(other)

    __radd__, __rmul__, __hash__ = __add__, __mul__, None  # type: ignore[assignment]


def _plain(value: Any) -> float:
    return value.value if isinstance(value, Counted) else float(value)


def tally(configuration: Configuration) -> Tally:
    """The divisions and square roots of one coordinate's step, well after the first, which some take otherwise."""
    optimizer, flags = configuration.optimizer, configuration.flags
    coefficients, count = coefficients_of(optimizer, flags), Tally()
    hyper = tuple(np.float64(number) for number in configuration.numbers)
    carry: tuple[float, ...] = (*optimizer.carry,) or (0.0,)
    constants: tuple[float, ...] = ()
    for t in range(1, 101):
        constants, carry = coefficients(hyper, t, carry)
        carry = carry or (0.0,)
    slots = sizes(optimizer, flags)[3] + (optimizer.curvature is not None)
    state = tuple(Counted(0.5, count) for _ in range(slots)) or (0.0,)
    rule_of(optimizer, flags)(Counted(0.5, count), Counted(2.0, count), state, constants)
    return count


def floor_of(case: Case) -> Mapping[str, Work]:
    """The floor of an elementwise update; nothing for other cases."""
    if not isinstance(case, Update) or case.configuration.optimizer.rule is None:
        return {}
    optimizer, flags = case.configuration.optimizer, case.configuration.flags
    count, slots = tally(case.configuration), sizes(optimizer, flags)[3]
    curved = optimizer.curvature is not None
    kernel = bare_kernel(slots, count.divisions, count.roots, curved, case.dtype)
    bare = compiled(kernel.function, kernel.signature)
    gradient, x = case.vectors()
    state = np.ones((slots, case.dimension), REAL[case.dtype])
    arrays = (np.tile(abs(gradient) + 1, 2 if curved else 1), x, state)

    def run() -> tuple[Any, ...]:
        bare(case.dimension, 0.0, *(array.ctypes.data for array in arrays))
        return arrays  # held for as long as their addresses are

    return {FLOOR: Work(run, case.dimension)}

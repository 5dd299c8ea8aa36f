"""Where an optimizer's draws come from: one axis for each hyperparameter that is tuned."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adambench.configuration import Configuration, Entrant, checked
from adambench.errors import AdambenchError, nearest
from adambench.implementation import Implementation
from adambench.optimizer import Hyperparameter
from adambench.optimizers import all_optimizers
from adambench.problem.tuning import Range, tunable

LOG, ONE_MINUS_LOG = "log", "one-minus-log"


@dataclass(frozen=True)
class Axis:
    """Values low..high of a hyperparameter, uniform in log(value), or in log(1 - value) where `one_minus`."""

    name: str
    low: float
    high: float
    one_minus: bool = False
    whole: bool = False

    @property
    def scale(self) -> str:
        return ONE_MINUS_LOG if self.one_minus else LOG

    def value(self, share: float) -> float:
        """The value at `share`, in [0, 1), of the way from low to high, to six digits (of 1 - value)."""
        if self.one_minus:
            near, far = 1 - self.low, 1 - self.high
            return float(f"{1 - float(f'{near * (far / near) ** share:.6g}'):.12g}")
        value = self.low * (self.high / self.low) ** share
        return float(round(value)) if self.whole else float(f"{value:.6g}")

    def share(self, value: float) -> float:
        """How far along the axis a value is: 0 at low, 1 at high."""
        if self.one_minus:
            return math.log((1 - self.low) / (1 - value)) / math.log((1 - self.low) / (1 - self.high))
        return math.log(value / self.low) / math.log(self.high / self.low)

    def __str__(self) -> str:
        how = f"1 - {self.name} log-uniform" if self.one_minus else "log-uniform"
        return f"{self.name} in {self.low:.12g}..{self.high:.12g} ({how})"


def spaces(entrants: Sequence[Entrant], ranges: Iterable[Range]) -> dict[str, tuple[Axis, ...]]:
    """The axes of every optimizer, by its label.

    Tuned is what declares a search range, unless the user gave it a value (be it the default; but where the dialect
    has none, one has to be given and is no choice) or it is off (momentum 0, weight decay 0); and whatever `ranges`
    names.

    Raises AdambenchError for a range that fits no optimizer or no bounds, for an optimizer without any range, and for
    two of one label of which different hyperparameters were given.
    """
    ranges = tuple(ranges)
    for one in ranges:
        if not one.concerns(entrants):
            key = f"{one.owner}.{one.hyperparameter}".removeprefix(".")
            raise AdambenchError(
                f"space {key}: expected {one.wanted(entrants)}, got {(one.owner or one.hyperparameter)!r}"
            )
    found: dict[str, tuple[Axis, ...]] = {}
    for entrant in entrants:
        axes = _space(entrant, [one for one in ranges if one.concerns([entrant])])
        if found.setdefault(entrant.label, axes) != axes:
            raise AdambenchError(
                f"{entrant.label} is to be tuned in two ways: expected the same hyperparameters to be given wherever "
                "it is named, be it at their defaults; give all of them, or none"
            )
    return found


def _space(entrant: Entrant, ranges: Sequence[Range]) -> tuple[Axis, ...]:
    given = {one.hyperparameter: one for one in ranges}
    if isinstance(entrant, Implementation):
        axes = [_axis(entrant, _called(name), one) for name, one in given.items()]
    else:
        known = tunable(entrant)
        for name in given:
            if name not in known:
                raise AdambenchError(
                    f"space {entrant.label}.{name}: {entrant.optimizer.name} has no number called {name!r}"
                    f"{nearest(name, known)}; it has: {', '.join(known)}"
                )
        axes = [
            _axis(entrant, h, given[name]) if name in given else _declared(h)
            for name, h in known.items()
            if name in given or _searched(entrant, h)
        ]
    if not axes:
        raise AdambenchError(
            f"{entrant.label} has no search range: give it one, as in --space '{entrant.label}.lr=1e-5..1'"
        )
    return tuple(axes)


def _searched(entrant: Configuration, h: Hyperparameter) -> bool:
    default = entrant.dialect.defaults.get(h.name, h.neutral)
    value = entrant.hyperparameters.get(h.name, h.neutral)
    chosen = default is not None and (h.name in entrant.pinned or value != default)
    return h.search is not None and not chosen and value != h.neutral


def _declared(h: Hyperparameter) -> Axis:
    assert h.search is not None
    low, high = h.search
    return Axis(h.name, 1 - high, 1 - low, True) if h.one_minus else Axis(h.name, low, high, whole=h.whole)


def _axis(entrant: Entrant, h: Hyperparameter, one: Range) -> Axis:
    """The range of a user, inside the bounds of the hyperparameter and of the logarithm."""
    where = f"space {entrant.label}"
    low, high = (float(checked(where, h, value)) for value in (one.low, one.high))
    if h.one_minus and high >= 1:
        raise AdambenchError(f"{where}: {h.name}: the draws are uniform in log(1 - {h.name}): expected HIGH below 1")
    if not h.one_minus and low <= 0:
        raise AdambenchError(f"{where}: {h.name}: the draws are uniform in the logarithm: expected LOW above 0")
    return Axis(h.name, low, high, h.one_minus, h.whole)


def _called(name: str) -> Hyperparameter:
    """A hyperparameter of somebody else's optimizer: on the scale of ours of that name, with no bounds."""
    ours = (h for optimizer in all_optimizers().values() for h in optimizer.numbers if h.name == name)
    one_minus = next((h.one_minus for h in ours), False)
    return Hyperparameter(name, "", low=-math.inf, one_minus=one_minus)

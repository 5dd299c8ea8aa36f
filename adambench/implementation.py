"""Somebody else's implementation, under its dotted name, as it stands among our own optimizers."""

from __future__ import annotations

from dataclasses import dataclass

from adambench import composition
from adambench.decay import NONE
from adambench.hyperparameter import LR
from adambench.optimizer import START, Dialect, Flags, Optimizer, Slot, Value
from adambench.text import number_text


@dataclass(frozen=True)
class Implementation:
    """A dotted name, and the hyperparameters given with it, in our names or in its own.

    In a plan it stands like a `Configuration`: of an optimizer that leaves x where it is, since the steps are taken
    between the evaluations, and whose one slot is the point whose loss counts.
    """

    name: str
    given: tuple[tuple[str, Value], ...] = ()

    @property
    def label(self) -> str:
        return self.name + "".join(f":{key}={number_text(value)}" for key, value in sorted(self.given))

    @property
    def hyperparameters(self) -> dict[str, Value]:
        return dict(self.given)

    @property
    def optimizer(self) -> Optimizer:
        return STILL

    @property
    def dialect(self) -> Dialect:
        return STILL.dialects[0]

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(float(h.neutral) for h in STILL.numbers)

    @property
    def flags(self) -> Flags:
        values = {h.name: h.neutral for h in STILL.everything}
        return composition.resolve(STILL, STILL.dialects[0].flags, values)

    @property
    def kernel_key(self) -> tuple[object, ...]:
        """Its own: trials of one implementation are run one at a time."""
        return ("implementation", self.label)


def coefficients(flags):
    def of(hyper, t, carry):
        return (hyper[0],), carry

    return of


def rule(flags):
    def still(gradient, x, state, coefficients):
        return x, state

    return still


STILL = Optimizer(
    name="still",
    summary="leaves x where it is",
    formula=lambda flags: "x = x",
    source="",
    hyperparameters=(LR,),
    dialects=(Dialect("theirs", {"lr": 0.0}, {"decay": NONE, "single_rate": False}, "", ""),),
    coefficients=coefficients,
    rule=rule,
    slots=lambda flags: (Slot("point", "the point whose loss counts", START, watched=True),),
)

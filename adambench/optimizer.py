"""The declaration of an optimizer: what one file in `optimizers/` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = float | bool
Flags = Mapping[str, Any]
Hyperparameters = Mapping[str, Value]


@dataclass(frozen=True)
class Hyperparameter:
    """A named number or switch of an optimizer.

    `low` and `high` bound what is accepted (`high` itself is excluded where `open_high`).
    `search` is the range a tuning draws from, log-uniform; None where the number is not tuned. `one_minus`: that
    range is of 1 - value, as for decay rates. A `switch` is true or false and has no bounds. `neutral` is the value
    in a dialect that does not have the notion.
    """

    name: str
    meaning: str
    low: float = 0.0
    high: float = float("inf")
    open_high: bool = False
    search: tuple[float, float] | None = None
    one_minus: bool = False
    switch: bool = False
    neutral: Value = 0.0


COMMON = (
    Hyperparameter("weight_decay", "pull towards zero", search=(1e-5, 1e-1)),
    Hyperparameter("decoupled", "decay x itself, not through the gradient", switch=True, neutral=False),
)
"""What every optimizer has, where the dialect has it."""


@dataclass(frozen=True)
class Dialect:
    """What one library means by the optimizer's name: its defaults, and the flags in which its formula differs.

    `defaults` holds the hyperparameters that the dialect has; a default of None must be given by the user. `flags` are
    compile-time constants of the rule and of its coefficients; two are common to all: `decay`, how weight decay enters
    (see `decay`), and `single_rate`, whether the learning rate is kept in float32.
    """

    name: str
    defaults: Mapping[str, Value | None]
    flags: Flags
    library: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Slot:
    """One number of state per coordinate. `initial` names the hyperparameter it starts at; None is zero."""

    name: str
    meaning: str
    initial: str | None = None


@dataclass(frozen=True)
class Optimizer:
    """An elementwise optimizer: a scalar rule and its coefficients, as factories over the flags.

    rule(flags) -> rule(gradient, x, state, coefficients) -> (new x, new state)
        for one coordinate; `state` and the result hold one number a slot. It holds no literals and only
        + - * / abs, np.sqrt, np.maximum, so that float32 stays float32 and all widths give the same bits.
    coefficients(flags) -> coefficients(hyper, t, carry) -> (coefficients, carry)
        for one trial and step, in float64: t = 1, 2, ...; `hyper` holds the hyperparameters that are numbers, in the
        declared order, the learning rate (always the first) already times the schedule's factor; `carry` holds what
        powers need from step to step and starts at `carry`.
    settings(flags, hyperparameters) -> flags
        the flags that follow from the values of this run (switches, a slot that is not needed).
    slots(flags) -> the state, one Slot a row.
    At most 12 each of numbers, coefficients (two go to weight decay), carried numbers and slots (`engine.columns`).

    Weight decay is not the rule's: see `decay`. Every optimizer has the hyperparameters of `COMMON` too.
    """

    name: str
    summary: str
    formula: Callable[[Flags], str]
    source: str
    hyperparameters: tuple[Hyperparameter, ...]
    dialects: tuple[Dialect, ...]
    rule: Callable[[Flags], Callable[..., Any]]
    coefficients: Callable[[Flags], Callable[..., Any]]
    slots: Callable[[Flags], tuple[Slot, ...]]
    carry: tuple[float, ...] = ()
    settings: Callable[[Flags, Hyperparameters], Flags] = lambda flags, hyperparameters: flags

    @property
    def everything(self) -> tuple[Hyperparameter, ...]:
        """Its own hyperparameters, and those that every optimizer has."""
        return self.hyperparameters + COMMON

    @property
    def numbers(self) -> tuple[Hyperparameter, ...]:
        """Those that are numbers, in the order in which the kernels take them."""
        return tuple(h for h in self.everything if not h.switch)

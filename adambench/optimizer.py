"""The declaration of an optimizer: what one file in `optimizers/` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = float | bool
Flags = Mapping[str, Any]
Hyperparameters = Mapping[str, Value]
Block = tuple[int, int, int]
Blocks = tuple[Block, ...]
"""(start, rows, columns) of each; 0 columns: a vector."""


@dataclass(frozen=True)
class Hyperparameter:
    """A named number or switch of an optimizer.

    `low` and `high` bound what is accepted (`high` itself is excluded where `open_high`).
    `search` is the range a tuning draws from, log-uniform; None where the number is not tuned. `one_minus`: that
    range is of 1 - value, as for decay rates. `whole`: only whole numbers are accepted. A `switch` is true or false
    and has no bounds. `neutral` is the value in a dialect that does not have the notion.
    """

    name: str
    meaning: str
    low: float = 0.0
    high: float = float("inf")
    open_high: bool = False
    search: tuple[float, float] | None = None
    one_minus: bool = False
    whole: bool = False
    switch: bool = False
    neutral: Value = 0.0


DECAY = (
    Hyperparameter("weight_decay", "pull towards zero", search=(1e-5, 1e-1)),
    Hyperparameter("decoupled", "decay x itself, not through the gradient", switch=True, neutral=False),
)
"""What every optimizer has, where the dialect has it."""

EXTRAS = (
    Hyperparameter("average", "what counts is the mean of the iterates, with this decay", high=1.0, open_high=True),
    Hyperparameter("clip_norm", "the longest a gradient may be, in the 2-norm; 0: any"),
)
"""What every optimizer has in every dialect, off by default: no library's rule contains it."""


DOUBLE = "float64"


@dataclass(frozen=True)
class Dialect:
    """What one library means by the optimizer's name: its defaults, and the flags in which its formula differs.

    `defaults` holds the hyperparameters that the dialect has; a default of None must be given by the user. `flags` are
    compile-time constants of the rule and of its coefficients; two are common to all: `decay`, how weight decay enters
    (see `decay`), and `single_rate`, whether the learning rate is kept in float32. `precision` is what the library
    computes in, whatever its parameters are in: "float32" or "bfloat16" where some of its numbers are so.
    """

    name: str
    defaults: Mapping[str, Value | None]
    flags: Flags
    library: str
    source: str
    note: str = ""
    precision: str = DOUBLE


@dataclass(frozen=True)
class Flag:
    """A choice in which dialects differ: for each value the words that say it, to follow "in this dialect, ...".

    As in `Flag("epsilon", {"raw": "epsilon is added before the bias correction", ...})`.
    """

    name: str
    words: Mapping[Any, str]


START = "x"
"""As the `initial` of a slot: the start x_0."""


@dataclass(frozen=True)
class Slot:
    """One number of state per coordinate.

    `initial` names the hyperparameter it starts at, or is START; None is zero. `watched`: this is the point whose loss
    counts, instead of the x at which the gradient is taken; at most one slot is.
    """

    name: str
    meaning: str
    initial: str | None = None
    watched: bool = False


@dataclass(frozen=True)
class Optimizer:
    """An optimizer: its coefficients for one step, and either a scalar rule or a step of the whole vector, as factories
    over the flags.

    coefficients(flags) -> coefficients(hyper, t, carry) -> (coefficients, carry)
        for one trial and step, in float64: t = 1, 2, ...; `hyper` holds the hyperparameters that are numbers, in the
        declared order, the learning rate (always the first) already times the schedule's factor; `carry` holds what
        powers need from step to step and starts at `carry`.
    rule(flags) -> rule(gradient, x, state, coefficients) -> (new x, new state)
        for one coordinate; `state` and the result hold one number a slot. It holds no literals and only
        + - * / abs, comparisons, np.sqrt, np.maximum, np.minimum, np.sign, np.where, so that float32 stays float32 and
        all widths give the same bits. Where `curvature`, `state` has one number more, the last: this coordinate's
        Hessian diagonal at x, or NaN where it was not asked for.
    whole(flags) -> step(t, loss, gradient, x, state, memory, blocks, coefficients), instead of a rule
        for what needs norms or matrices; one trial at a time, in place. gradient, x: (count,); state: (slots, count);
        memory: (size,), whatever it likes, zero at first; all in the run's precision. blocks: (blocks, 3) int64: where
        a block of x starts, its rows and its columns (0 columns: a vector of so many rows). loss: that of the
        evaluation which gave the gradient. It may use np.dot, numpy.linalg and loops, and must not raise.
    memory(flags, blocks) -> the size of `memory`; blocks as a tuple of (start, rows, columns).
    settings(flags, hyperparameters) -> flags
        the flags that follow from the values of this run (switches, a slot that is not needed).
    slots(flags) -> the state, one Slot a row.
    curvature(flags) -> how many steps one Hessian diagonal serves, and the step of the first; absent for all that never
        ask for one.
    matrices: it works on matrices, so a problem must have a shape.
    choices: the flags in words, for those in which dialects differ.
    At most 16 each of numbers, coefficients (two go to weight decay, one to averaging), carried numbers and slots
    (`engine.columns`).

    Weight decay, averaging and clipping are not the rule's: see `decay` and `composition`. Every optimizer has the
    hyperparameters of `DECAY` and `EXTRAS` too.
    """

    name: str
    summary: str
    formula: Callable[[Flags], str]
    source: str
    hyperparameters: tuple[Hyperparameter, ...]
    dialects: tuple[Dialect, ...]
    coefficients: Callable[[Flags], Callable[..., Any]]
    slots: Callable[[Flags], tuple[Slot, ...]]
    rule: Callable[[Flags], Callable[..., Any]] | None = None
    whole: Callable[[Flags], Callable[..., None]] | None = None
    memory: Callable[[Flags, Blocks], int] = lambda flags, blocks: 0
    carry: tuple[float, ...] = ()
    settings: Callable[[Flags, Hyperparameters], Flags] = lambda flags, hyperparameters: flags
    curvature: Callable[[Flags], tuple[int, int]] | None = None
    matrices: bool = False
    choices: tuple[Flag, ...] = ()

    @property
    def everything(self) -> tuple[Hyperparameter, ...]:
        """Its own hyperparameters, and those that every optimizer has."""
        return self.hyperparameters + DECAY + EXTRAS

    @property
    def numbers(self) -> tuple[Hyperparameter, ...]:
        """Those that are numbers, in the order in which the kernels take them: its own, then the common ones."""
        return tuple(h for h in self.everything if not h.switch)

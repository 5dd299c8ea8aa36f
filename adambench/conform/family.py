"""The dialects that an implementation may follow: those of the optimizers that share one rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adambench.configuration import Configuration, find_optimizer
from adambench.errors import AdambenchError
from adambench.optimizer import Dialect, Optimizer, Value
from adambench.optimizers import all_optimizers

RATE = 1e-3
"""The learning rate where not even the first dialect has one."""


@dataclass(frozen=True)
class Candidate:
    """A dialect of an optimizer, driven at `values`: every hyperparameter it has, and others that were asked for.

    A hyperparameter that the dialect lacks is taken as the optimizer has it, under the dialect's flags.
    """

    optimizer: Optimizer
    dialect: Dialect
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        return f"{self.optimizer.name}@{self.dialect.name}"

    @property
    def configuration(self) -> Configuration:
        return Configuration(self.optimizer, self.dialect, tuple(self.values.items()))

    def at(self, hyperparameters: Mapping[str, Value]) -> Candidate:
        """It with these instead."""
        return replace(self, values={**self.values, **hyperparameters})


def named_optimizer(implementation: str) -> Optimizer:
    """The optimizer that the last part of a dotted name speaks of: `torch.optim.NAdam` of nadam.

    Of several, the one of which most letters stand in the name. Raises AdambenchError where there is none.
    """
    last = _letters(implementation.rpartition(".")[2])
    best, longest = None, 0
    for name, optimizer in all_optimizers().items():
        parts = [_letters(part) for part in name.split("-")]
        length = sum(map(len, parts))
        if length > longest and all(part in last for part in parts):
            best, longest = optimizer, length
    if best is None:
        raise AdambenchError(f"{implementation}: its name does not say which optimizer it is: say --as NAME")
    return best


def checked_optimizer(name: str) -> Optimizer:
    """The optimizer called `name`, if its steps follow from gradients alone; AdambenchError else."""
    optimizer = find_optimizer(name)
    if optimizer.curvature is not None:
        raise AdambenchError(f"{name} asks for Hessian diagonals: probes have only gradients")
    return optimizer


def family(optimizer: Optimizer) -> tuple[Optimizer, ...]:
    """The optimizer, and the others that have its rule."""
    rule = optimizer.coefficients, optimizer.rule, optimizer.whole
    others = (other for other in all_optimizers().values() if other is not optimizer)
    return optimizer, *(other for other in others if (other.coefficients, other.rule, other.whole) == rule)


def spoken_of(optimizer: Optimizer) -> frozenset[str]:
    """The hyperparameters that a dialect of the family has: one that none has may mean anything in another library."""
    return frozenset(name for member in family(optimizer) for dialect in member.dialects for name in dialect.defaults)


def candidates(optimizer: Optimizer, values: Mapping[str, Value]) -> tuple[Candidate, ...]:
    """Every dialect of the family at `values`, those of `optimizer` first; at its own default where none is given.

    Of the other optimizers only those that the values do not speak against: no amsgrad where amsgrad is off.
    """
    found = []
    for member in family(optimizer):
        neutral = {declared.name: declared.neutral for declared in member.everything}
        known = {name: value for name, value in values.items() if name in neutral}
        for dialect in member.dialects:
            against = any(known.get(name, default) == neutral[name] != default for name, default in _chosen(dialect))
            if member is optimizer or not against:
                own = {name: _given(optimizer, name, default) for name, default in dialect.defaults.items()}
                found.append(Candidate(member, dialect, {**own, **known}))
    return tuple(found)


def _chosen(dialect: Dialect) -> list[tuple[str, Value]]:
    return [(name, default) for name, default in dialect.defaults.items() if default is not None]


def default_rate(optimizer: Optimizer) -> float:
    """The learning rate of an implementation for which nobody gives one: that of the first dialect, if it has one."""
    rate = optimizer.dialects[0].defaults.get("lr")
    return RATE if rate is None else float(rate)


def _given(optimizer: Optimizer, name: str, value: Value | None) -> Value:
    """The default of the optimizer's first dialect, where a dialect asks for a value and none is given."""
    if value is None:
        value = optimizer.dialects[0].defaults.get(name)
    return default_rate(optimizer) if value is None else value


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

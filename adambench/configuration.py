"""Naming an optimizer: NAME[@DIALECT][:HYPER=VALUE]... and its canonical text."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adambench import composition
from adambench.errors import AdambenchError, nearest
from adambench.implementation import Implementation
from adambench.optimizer import EXTRAS, Dialect, Flags, Hyperparameter, Optimizer, Value
from adambench.optimizers import OPTIMIZERS, all_optimizers
from adambench.text import number_text

_RANGE = re.compile(r"(?P<low>[^.].*?)\.\.(?P<high>.+)x(?P<count>[0-9]+)")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_MOST_VALUES = 100_000


@dataclass(frozen=True)
class Configuration:
    """One optimizer at one setting.

    `values` has every hyperparameter of its dialect, in the declared order, and those of `EXTRAS` that are on.
    `pinned` are those that whoever named it gave, at their default or not: tuning leaves them alone. It makes no other
    optimizer of it.
    """

    optimizer: Optimizer
    dialect: Dialect
    values: tuple[tuple[str, Value], ...]
    pinned: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def hyperparameters(self) -> dict[str, Value]:
        return dict(self.values)

    @property
    def numbers(self) -> tuple[float, ...]:
        """What the kernels take, the learning rate first."""
        values = self.hyperparameters
        return tuple(float(values.get(h.name, h.neutral)) for h in self.optimizer.numbers)

    @property
    def flags(self) -> Flags:
        """The compile-time constants of the rule at this setting."""
        values = {h.name: h.neutral for h in self.optimizer.everything} | self.hyperparameters
        return composition.resolve(self.optimizer, self.dialect.flags, values)

    @property
    def kernel_key(self) -> tuple[object, ...]:
        """Equal for configurations that one update kernel serves."""
        flags = tuple(sorted((name, str(value)) for name, value in self.flags.items()))
        return self.optimizer.rule, self.optimizer.whole, self.optimizer.coefficients, flags

    @property
    def label(self) -> str:
        """The canonical text: parses back to the same optimizer, and names it in every table and file."""
        name = self.optimizer.name
        if self.dialect is not self.optimizer.dialects[0]:
            name += f"@{self.dialect.name}"
        differing = sorted((key, value) for key, value in self.values if value != self.dialect.defaults.get(key))
        return name + "".join(f":{key}={number_text(value)}" for key, value in differing)


Named = TypeVar("Named", Configuration, Implementation, Configuration | Implementation)
Entrant = Configuration | Implementation
"""What takes part in a run: one of our optimizers at one setting, or somebody else's."""


def parse(text: str) -> list[Entrant]:
    """The optimizers that one text (no commas) names; several where it holds ranges or alternatives."""
    head, *settings = text.strip().split(":")
    given: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key or not value:
            raise AdambenchError(f"optimizer {text!r}: expected HYPER=VALUE after ':', got {setting!r}")
        if key in given:
            raise AdambenchError(f"optimizer {text!r}: {key} is given twice")
        given[key] = value
    theirs = "." in head.partition("@")[0]
    return implementations(head, given) if theirs else list(configurations(head, given))


def parse_list(text: str) -> list[Entrant]:
    """The optimizers in a comma-separated text; one that stands there twice runs once."""
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        raise AdambenchError("expected the names of optimizers, separated by commas, got nothing")
    return unique(itertools.chain.from_iterable(parse(part) for part in parts))


def unique(found: Iterable[Named]) -> list[Named]:
    """The first of each label, in order."""
    first: dict[str, Named] = {}
    for configuration in found:
        first.setdefault(configuration.label, configuration)
    return list(first.values())


def configurations(name: str, given: Mapping[str, Any]) -> list[Configuration]:
    """The optimizers called `name` (NAME or NAME@DIALECT) with the `given` hyperparameters: numbers, booleans or text.

    Raises AdambenchError, in one sentence, for an unknown name, dialect or hyperparameter, a value out of bounds, and a
    dialect that leaves its learning rate to the user.
    """
    base, at, dialect_name = name.partition("@")
    optimizer = find_optimizer(base)
    dialect = find_dialect(optimizer, dialect_name) if at else optimizer.dialects[0]
    defaults = {**dialect.defaults, **{h.name: h.neutral for h in EXTRAS}}
    declared = {h.name: h for h in optimizer.everything if h.name in defaults}
    for key in given:
        if key not in declared:
            raise AdambenchError(
                f"{name} has no hyperparameter {key!r}{nearest(key, declared)}; it has: {', '.join(declared)}"
            )
    for key, default in dialect.defaults.items():
        if default is None and key not in given:
            raise AdambenchError(f"{name} has no default {key}: give one, as in {name}:{key}=0.001")
    choices = [
        _values(name, declared[key], given[key]) if key in given else [default] for key, default in defaults.items()
    ]
    if math.prod(len(values) for values in choices) > _MOST_VALUES:
        raise AdambenchError(f"{name}: the ranges multiply to more than {_MOST_VALUES:,} optimizers")
    found = [
        Configuration(
            optimizer,
            dialect,
            _used(dict(zip(defaults, values, strict=True))),  # type: ignore[arg-type]
            frozenset(given),
        )
        for values in itertools.product(*choices)
    ]
    return unique(found)


def _used(values: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """All but those of `EXTRAS` that are off."""
    off = {h.name: h.neutral for h in EXTRAS}
    return tuple((name, value) for name, value in values.items() if name not in off or value != off[name])


def implementations(name: str, given: Mapping[str, Any]) -> list[Entrant]:
    """Somebody else's optimizer under its dotted name; its hyperparameters are checked when it is imported.

    Raises AdambenchError for a name that cannot be one, and a value that is no number, true or false.
    """
    if "@" in name or not all(part.isidentifier() for part in name.split(".")):
        raise AdambenchError(f"{name}: expected the dotted name of a class or a function, as in torch.optim.Adam")
    choices = [_theirs(name, key, value) for key, value in given.items()]
    if math.prod(len(values) for values in choices) > _MOST_VALUES:
        raise AdambenchError(f"{name}: the ranges multiply to more than {_MOST_VALUES:,} optimizers")
    found = [Implementation(name, tuple(zip(given, values, strict=True))) for values in itertools.product(*choices)]
    return list(unique(found))


def _theirs(name: str, key: str, given: Any) -> list[Value]:
    """The values that one setting of somebody else's optimizer stands for."""
    switch = isinstance(given, bool) or (isinstance(given, str) and {*given.split("/")} <= {"true", "false"})
    return _values(name, Hyperparameter(key, "", low=-math.inf, switch=switch), given)


def find_optimizer(name: str) -> Optimizer:
    """The optimizer called `name`; an AdambenchError with the nearest name where there is none."""
    if "." in name:
        raise AdambenchError(f"{name}: somebody else's implementation; expected one of adambench's own optimizers")
    found = OPTIMIZERS.get(name)
    if found is None:
        known = all_optimizers()
        raise AdambenchError(f"unknown optimizer {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return found


def find_dialect(optimizer: Optimizer, name: str) -> Dialect:
    """The dialect called `name`; an AdambenchError that lists those it has where there is none."""
    known = {dialect.name: dialect for dialect in optimizer.dialects}
    if name not in known:
        raise AdambenchError(
            f"{optimizer.name} has no dialect {name!r}{nearest(name, known)}; it has: {', '.join(known)}"
        )
    return known[name]


def _values(name: str, hyperparameter: Hyperparameter, given: Any) -> list[Value]:
    """The values one setting stands for: a number, A/B/C, or LOW..HIGHxN."""
    if not isinstance(given, str):
        return [checked(name, hyperparameter, given)]
    if spread := _RANGE.fullmatch(given):
        low, high = (checked(name, hyperparameter, spread[end]) for end in ("low", "high"))
        count = int(spread["count"][:9])  # enough to see that it is too many
        if not 0 < low <= high or not 1 <= count <= _MOST_VALUES:
            raise AdambenchError(
                f"{name}: {hyperparameter.name}: expected LOW..HIGHxN with 0 < LOW <= HIGH and N from 1, got {given!r}"
            )
        exponents = [step / max(count - 1, 1) for step in range(count)]
        return [checked(name, hyperparameter, float(f"{low ** (1 - e) * high**e:.6g}")) for e in exponents]
    if _RANGE.fullmatch(f"{given}x1"):
        raise AdambenchError(
            f"{name}: {hyperparameter.name}: a range needs a count, LOW..HIGHxN, as in {given}x5; got {given!r}"
        )
    return [checked(name, hyperparameter, part) for part in given.split("/")]


def checked(name: str, hyperparameter: Hyperparameter, given: Any) -> Value:
    """One value, of the right type and within its bounds; AdambenchError else. `name` is whose it is."""
    where = f"{name}: {hyperparameter.name}"
    if hyperparameter.switch:
        words = {"true": True, "false": False, True: True, False: False}
        if not isinstance(given, (str, bool)) or given not in words:
            raise AdambenchError(f"{where}: expected true or false, got {given!r}")
        return words[given]
    try:
        plain = not isinstance(given, bool) and (not isinstance(given, str) or _NUMBER.fullmatch(given))
        value = float(given) + 0.0 if plain else math.nan  # -0 becomes 0
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    low, high = hyperparameter.low, hyperparameter.high
    fits = math.isfinite(value) and (not hyperparameter.whole or value == math.floor(value))
    if not low <= value <= high or (hyperparameter.open_high and value == high) or not fits:
        bound = f" below {high:g}" if hyperparameter.open_high else f" to {high:g}" if math.isfinite(high) else ""
        kind = "a whole number" if hyperparameter.whole else "a number"
        lower = f" from {low:g}" if math.isfinite(low) else ""
        raise AdambenchError(f"{where}: expected {kind}{lower}{bound}, got {given!r}")
    return value

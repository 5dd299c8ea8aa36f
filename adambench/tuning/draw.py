"""The settings that an optimizer is tried at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adambench.configuration import Entrant, configurations
from adambench.implementation import Implementation
from adambench.optimizer import Value
from adambench.problem.tuning import Tuning
from adambench.tuning.sampler import points
from adambench.tuning.space import Axis


@dataclass(frozen=True)
class Draw:
    """One setting of an optimizer, and the values of those hyperparameters that are tuned."""

    setting: Entrant
    hyperparameters: Mapping[str, Value]


def draws(entrant: Entrant, axes: tuple[Axis, ...], tuning: Tuning) -> tuple[Draw, ...]:
    """So many as the tuning has trials; the same on every problem, and whoever else is there.

    The optimizer's own setting is not one of them, unless the tuning asks for that: its defaults are what others have
    found by tuning, more of it for one optimizer than for another.
    """
    cube = points(tuning.sampler, tuning.trials, len(axes), tuning.seed, entrant.label)
    found = [
        _at(entrant, {axis.name: axis.value(share) for axis, share in zip(axes, row, strict=True)})
        for row in cube.tolist()
    ]
    if tuning.defaults:
        own = entrant.hyperparameters
        found[0] = Draw(entrant, {axis.name: own[axis.name] for axis in axes if axis.name in own})
    return tuple(found)


def _at(entrant: Entrant, values: dict[str, Value]) -> Draw:
    """The optimizer with these values instead of its own."""
    if isinstance(entrant, Implementation):
        return Draw(replace(entrant, given=tuple({**dict(entrant.given), **values}.items())), values)
    own = {key: value for key, value in entrant.values if value != entrant.dialect.defaults.get(key)}
    head = entrant.label.partition(":")[0]
    return Draw(configurations(head, {**own, **values})[0], values)

"""Probes: sequences of gradients on which dialects part.

They are given, not functions of the iterates, so that they can be recorded for other languages, and so that a
difference between two dialects is theirs, not that of the points at which the gradient was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from adambench.engine.vector import normal_vector
from adambench.optimizer import Optimizer, Value

Floats = NDArray[np.float64]

VECTOR, MATRIX = (6,), (3, 2)
STEPS = 100
LONG = 500
"""Steps of the extremal sequence: what it shows grows with the correction of the second moment."""
SINGLE_LIMIT = 2**24
"""Above it a float32 no longer counts in ones."""
SWITCHED: Mapping[str, Value] = {
    "weight_decay": 0.1,
    "momentum": 0.9,
    "dampening": 0.5,
    "eps": 1e-3,
    "eps_root": 1e-3,
    "lr_decay": 0.1,
    "initial_accumulator": 0.5,
    "decay_factor": 0.99,
}
"""Numbers that many leave at their defaults, and values at which dialects part; switches are turned over."""
COMPANIONS = {"nesterov": "momentum", "dampening": "momentum", "decoupled": "weight_decay"}
"""Without which a hyperparameter does nothing."""


@dataclass(frozen=True)
class Probe:
    """One sequence of gradients, from one start.

    x0               (rows,) or (rows, columns)
    gradients        (steps, *x0.shape)
    rates            (steps,): a schedule's factor on the learning rate
    hyperparameters  other than the implementation's own; a probe is for those that have them
    restored         after so many steps the state is saved, and a fresh optimizer goes on from it; None: never
    counted          the step counter starts there; None: at zero
    """

    name: str
    x0: Floats
    gradients: Floats
    rates: Floats
    hyperparameters: Mapping[str, Value] = field(default_factory=dict)
    restored: int | None = None
    counted: int | None = None

    @property
    def recordable(self) -> bool:
        """Whether it is its gradients, and nothing is done to the state."""
        return self.restored is None and self.counted is None


def probes(optimizer: Optimizer, hyperparameters: Mapping[str, Value] | None) -> tuple[Probe, ...]:
    """The probes for an optimizer and those who say that they implement it.

    hyperparameters  those that can be set, with their values; None: it is not known which
    """
    shape = MATRIX if optimizer.matrices else VECTOR
    plain = [_probe(name, shape, number, make) for number, (name, make) in enumerate(SEQUENCES.items())]
    ordinary, rates = plain[0], _changing_rates()
    found = [
        *plain,
        replace(ordinary, name="changing learning rate", rates=rates),
        replace(ordinary, name="state saved and restored", restored=STEPS // 2),
        replace(
            ordinary, name="step count past 2^24", gradients=ordinary.gradients[:4], rates=rates[:4] ** 0,
            counted=SINGLE_LIMIT - 2,
        ),
    ]  # fmt: skip
    if optimizer.whole is not None and not optimizer.matrices:
        found.append(_probe("ordinary gradients of a matrix", MATRIX, 0, ordinary_gradients))
    for change in _changes(optimizer, hyperparameters or {}):
        label = ", ".join(f"{name}={_text(value)}" for name, value in change.items())
        steady = replace(ordinary, x0=3.0 * ordinary.x0, hyperparameters=change)
        found += [
            replace(steady, name=label),
            replace(steady, name=f"{label}, changing learning rate", rates=rates),
            replace(_named(plain, "decaying gradients"), name=f"{label}, decaying gradients", hyperparameters=change),
        ]
    return tuple(found)


def ordinary_gradients(z: Floats) -> Floats:
    """Standard normals, as `z` (steps, count) are."""
    return z


def tiny_gradients(z: Floats) -> Floats:
    """About as large as epsilon."""
    return 1e-9 * z


def huge_gradients(z: Floats) -> Floats:
    """Epsilon is lost in them."""
    return 1e9 * z


def mixed_gradients(z: Floats) -> Floats:
    """Each coordinate has its scale, from 1e-8 to 100."""
    return z * np.geomspace(1e-8, 1e2, z.shape[1])


def sparse_gradients(z: Floats) -> Floats:
    """Coordinate j has a gradient every j + 1 steps, the last never."""
    steps, count = z.shape
    seen = np.arange(1, steps + 1)[:, None] % np.arange(1, count + 1) == 0
    seen[:, -1] = False
    return np.where(seen, z, 0.0)


def growing_gradients(z: Floats) -> Floats:
    """The second moment never falls."""
    return np.asarray(np.sign(z) * (0.1 * 1.1 ** np.arange(len(z)))[:, None])


def decaying_gradients(z: Floats) -> Floats:
    """The second moment falls: a maximum over it stays behind."""
    return z * (100.0 * 0.85 ** np.arange(len(z)))[:, None] + 1e-3


def alternating_gradients(z: Floats) -> Floats:
    """The sign changes with every step."""
    return np.asarray(np.abs(z) * (-1.0) ** np.arange(len(z))[:, None])


def constant_gradients(z: Floats) -> Floats:
    """The first for ever."""
    return np.tile(z[:1], (len(z), 1))


SEQUENCES: Mapping[str, Callable[[Floats], Floats]] = {
    "ordinary gradients": ordinary_gradients,
    "tiny gradients": tiny_gradients,
    "huge gradients": huge_gradients,
    "gradients of mixed scales": mixed_gradients,
    "sparse gradients": sparse_gradients,
    "growing gradients": growing_gradients,
    "decaying gradients": decaying_gradients,
    "alternating gradients": alternating_gradients,
    "constant gradients": constant_gradients,
    "extremal gradients": lambda z: extremal_gradients(z.shape[1]),
}


def extremal_gradients(count: int, steps: int = LONG, beta1: float = 0.9, beta2: float = 0.999) -> Floats:
    """The gradients after which Adam's last step is as long as it can be; (steps, count), in three scales.

    By the inequality of Cauchy and Schwarz, |m| / sqrt(v) is largest for g_j in proportion to
    (beta1 / beta2)^(steps - j).
    """
    powers = (beta1 / beta2) ** np.arange(steps - 1, -1, -1.0)
    return np.outer(powers, np.resize([1.0, -1e3, 1e6], count))


def _probe(name: str, shape: tuple[int, ...], number: int, make: Callable[[Floats], Floats]) -> Probe:
    count = int(np.prod(shape))
    z = normal_vector(STEPS * count, number, 0).reshape(STEPS, count)
    gradients = make(z)
    x0 = normal_vector(count, number, 1).reshape(shape)
    return Probe(name, x0, gradients.reshape(-1, *shape), np.ones(len(gradients)))


def _named(found: list[Probe], name: str) -> Probe:
    return next(probe for probe in found if probe.name == name)


def _changing_rates() -> Floats:
    """Warm-up, decay, and a drop."""
    t = np.arange(1.0, STEPS + 1)
    return np.asarray(np.minimum(t / 10.0, 1.0) / np.sqrt(t) * np.where(t > STEPS // 2, 0.1, 1.0))


def _changes(optimizer: Optimizer, hyperparameters: Mapping[str, Value]) -> list[dict[str, Value]]:
    """The settings beside its own at which an implementation is driven."""
    neutral = {declared.name: declared.neutral for declared in optimizer.everything}
    changes: list[dict[str, Value]] = []
    for declared in optimizer.everything:
        name, value = declared.name, hyperparameters.get(declared.name)
        if value is None or not (declared.switch or name in SWITCHED):
            continue
        change: dict[str, Value] = {name: not value if declared.switch else SWITCHED[name]}
        companion = COMPANIONS.get(name)
        if companion is not None and companion in hyperparameters and hyperparameters[companion] == neutral[companion]:
            change[companion] = SWITCHED[companion]
        if change[name] != value:
            changes.append(change)
    return changes


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"

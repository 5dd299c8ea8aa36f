"""Gradients in another unit."""

from __future__ import annotations

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example
from adambench.conform.subject import Subject
from adambench.optimizer import Value

POWER, FACTOR = 2.0**10, 3.7
"""One that is exact in binary, one that rounds."""


def gradient_scale(subject: Subject) -> str:
    """Gradients times 2^10, and epsilon with them: the same x, to the bit."""
    return _scaled(subject, POWER, 1, 0.0)


def gradient_scale_inside_the_root(subject: Subject) -> str:
    """Gradients times 2^10, and epsilon times its square: the same x, to the bit."""
    return _scaled(subject, POWER, 2, 0.0)


def gradient_scale_by_any_factor(subject: Subject) -> str:
    """Gradients times 3.7, and epsilon with them: the same x, to rounding."""
    return _scaled(subject, FACTOR, 1, 1e-13)


def gradient_scale_by_any_factor_inside_the_root(subject: Subject) -> str:
    """Gradients times 3.7, and epsilon times its square: the same x, to rounding."""
    return _scaled(subject, FACTOR, 2, 1e-13)


def learning_rate_scale(subject: Subject) -> str:
    """Gradients times 2^10, the learning rate over 2^10: the same x, to the bit."""
    x0, gradients = example(subject)
    steady = subject.run(x0, gradients)
    return departure(subject.run(x0, POWER * gradients, rates=np.full(FEW, 1.0 / POWER)), steady, 0.0)


def eigenvalues_do_not_matter(subject: Subject) -> str:
    """On a quadratic, from one point in every coordinate and with eps = 0, all coordinates take the same path."""
    eigenvalues = np.geomspace(1e-3, 1e3, int(np.prod(subject.shape))).reshape(subject.shape)
    path = subject.descend(np.ones(subject.shape), lambda x: eigenvalues * x, FEW, subject.off("weight_decay", "eps"))
    first = path.reshape(FEW, -1)[:, :1].reshape(FEW, *(1 for _ in subject.shape))
    return departure(path, np.broadcast_to(first, path.shape), 1e-13)


def _scaled(subject: Subject, factor: float, power: int, tolerance: float) -> str:
    """Epsilon has the unit of a gradient to `power`, which depends on where it stands."""
    x0, gradients = example(subject)
    powers = {"eps": power, "eps_root": 2, "initial_accumulator": 2}
    values: dict[str, Value] = {
        name: subject.number(name) * factor**exponent
        for name, exponent in powers.items()
        if subject.hyperparameters.get(name, 0.0) != 0.0
    }
    return departure(subject.run(x0, factor * gradients, values=values), subject.run(x0, gradients), tolerance)

"""What invariants are asked at: a start and a few gradients, always the same."""

from __future__ import annotations

import numpy as np

from adambench.conform.probe import Floats
from adambench.conform.subject import Subject, Undrivable
from adambench.engine.vector import normal_vector

FEW = 40
"""Steps of most invariants."""


def example(subject: Subject) -> tuple[Floats, Floats]:
    """A start, and the gradients of a few steps."""
    return drawn(subject.shape)


def matrix_example(subject: Subject) -> tuple[Floats, Floats]:
    """The same, for optimizers of matrices; Undrivable for others."""
    if len(subject.shape) != 2:
        raise Undrivable("a matrix")
    return example(subject)


def drawn(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Standard normals: (*shape), and (steps, *shape)."""
    count = int(np.prod(shape))
    z = normal_vector((FEW + 1) * count, 0, 2).reshape(FEW + 1, *shape)
    return z[0], z[1:]


def turned_round(array: Floats, first: int = 0) -> Floats:
    """The array backwards along each axis from `first` on; a copy."""
    return np.flip(array, axis=tuple(range(first, array.ndim))).copy()


def rotation_matrix(size: int) -> Floats:
    """An orthogonal matrix, (size, size)."""
    q, _ = np.linalg.qr(normal_vector(size * size, 1, 2).reshape(size, size))
    return np.asarray(q)


def rms(points: Floats) -> Floats:
    """The root mean square of each point, (steps,) of (steps, *shape)."""
    return np.asarray(np.sqrt(np.mean(points.reshape(len(points), -1) ** 2, axis=1)))

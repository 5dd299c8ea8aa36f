"""The same problem seen from elsewhere."""

from __future__ import annotations

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example, matrix_example, rotation_matrix, turned_round
from adambench.conform.probe import Floats
from adambench.conform.subject import Subject

SHIFT = 3.7


def translation(subject: Subject) -> str:
    """The start elsewhere: the same steps from there."""
    x0, gradients = example(subject)
    return departure(subject.run(x0 + SHIFT, gradients) - SHIFT, subject.run(x0, gradients), 1e-12)


def permutation(subject: Subject) -> str:
    """Coordinates in another order: x in that order, to the bit where none of them feels another."""
    x0, gradients = example(subject)
    path, turned = subject.run(x0, gradients), subject.run(turned_round(x0), turned_round(gradients, 1))
    return departure(turned, turned_round(path, 1), 1e-13 if separability(subject) else 0.0)


def sign_flip(subject: Subject) -> str:
    """Start and gradients negated: x negated, to the bit."""
    x0, gradients = example(subject)
    return departure(subject.run(-x0, -gradients), -subject.run(x0, gradients), 0.0)


def rotation(subject: Subject) -> str:
    """The rows of start and gradients rotated: x rotated."""
    x0, gradients = example(subject)
    turn = rotation_matrix(subject.shape[0])
    path = subject.run(x0, gradients)
    turned = subject.run(turn @ x0, np.array([turn @ g for g in gradients]))
    return departure(turned, np.array([turn @ x for x in path]), 1e-9)


def rotation_of_columns(subject: Subject) -> str:
    """The columns of start and gradients rotated: x rotated."""
    x0, gradients = matrix_example(subject)
    turn = rotation_matrix(subject.shape[1])
    return departure(subject.run(x0 @ turn, gradients @ turn), subject.run(x0, gradients) @ turn, 1e-9)


def transposition(subject: Subject) -> str:
    """Start and gradients transposed: x transposed."""
    x0, gradients = matrix_example(subject)
    turned = subject.run(x0.T, gradients.transpose(0, 2, 1))
    return departure(turned, subject.run(x0, gradients).transpose(0, 2, 1), 1e-9)


def separability(subject: Subject) -> str:
    """Another gradient in the last coordinate: nothing changes in the others, to the bit."""
    one, other = _last_changed(subject)
    return departure(other[:, :-1], one[:, :-1], 0.0)


def coupling(subject: Subject) -> str:
    """Another gradient in the last coordinate: the others feel it."""
    one, other = _last_changed(subject)
    moved = np.abs(one[:, :-1] - one[0, :-1]).max()
    felt = np.abs(other[:, :-1] - one[:, :-1]).max()
    if felt > 1e-3 * moved:
        return ""
    return f"the other coordinates move by {moved:.3g} in {FEW} steps, and {felt:.3g} of that follows the last"


def _last_changed(subject: Subject) -> tuple[Floats, Floats]:
    """Two paths, (steps, coordinates), of which the second has another gradient in the last coordinate."""
    x0, gradients = example(subject)
    other = gradients.reshape(FEW, -1).copy()
    other[:, -1] = 5.0 - other[:, -1]
    one, two = subject.run(x0, gradients), subject.run(x0, other.reshape(gradients.shape))
    return one.reshape(FEW, -1), two.reshape(FEW, -1)

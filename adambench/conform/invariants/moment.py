"""What the moments do, as far as x shows it."""

from __future__ import annotations

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, drawn, example
from adambench.conform.probe import Floats, growing_gradients
from adambench.conform.subject import Subject, Undrivable
from adambench.optimizer import Value


def without_first_moment(subject: Subject) -> str:
    """With beta1 = 0 it is RMSProp with the mean square corrected: x' = x - lr g / (sqrt(v / (1 - beta2^t)) + eps)."""
    x0, gradients = example(subject)
    path = subject.run(x0, gradients, values={**subject.off("weight_decay"), "beta1": 0.0})
    lr, beta2, eps = (subject.number(name) for name in ("lr", "beta2", "eps"))
    x, v, expected = x0, np.zeros(subject.shape), []
    for t, g in enumerate(gradients, 1):
        v = beta2 * v + (1.0 - beta2) * g * g
        x = x - lr * g / (np.sqrt(v / (1.0 - beta2**t)) + eps)
        expected.append(x)
    return departure(path, np.array(expected), 1e-13)


def maximum_of_growing_moments(subject: Subject) -> str:
    """While squared gradients do not fall, AMSGrad is Adam, to the bit."""
    x0, gradients = example(subject)
    growing = growing_gradients(gradients.reshape(FEW, -1)).reshape(gradients.shape)
    on, off = (subject.run(x0, growing, values={"amsgrad": switch}) for switch in (True, False))
    return departure(on, off, 0.0)


def second_moment_keeps_beta2_of_itself(subject: Subject) -> str:
    """With eps = 0 each step is against the corrected mean of the gradients, over the root of a second moment.

    Of that moment each step leaves a share of beta2 at least, so that it is not negative, having started at zero.
    """
    values: dict[str, Value] = {**subject.off("weight_decay", "eps")}
    if subject.hyperparameters.get("rectify"):
        values["rectify"] = False
    _, gradients = example(subject)
    beta2, root = subject.number("beta2"), _root(subject, gradients, values, subject.number("beta1"))
    but = "which is that of a step along the mean of the gradients, not"
    if text := departure(root, np.abs(root), 0.0, what="the root of the second moment", but=but):
        return text
    v = _uncorrected(root, beta2)
    least, but = np.maximum(v[1:], beta2 * v[:-1]), "less than beta2 times what it was,"
    return departure(v[1:], least, 1e-9, after=1, what="the second moment", but=but)


def second_moment_moves_by_the_latest_square(subject: Subject) -> str:
    """It moves towards the square of each gradient, by 1 - beta2 of that square."""
    beta2 = subject.number("beta2")
    _, gradients = example(subject)
    fading = gradients * (0.9 ** np.arange(FEW)).reshape(-1, *(1 for _ in subject.shape))
    v = _uncorrected(_root(subject, fading, {**subject.off("weight_decay", "eps"), "beta1": 0.0}, 0.0), beta2)
    square = fading[1:] ** 2
    moved = v[:-1] + (1.0 - beta2) * np.sign(square - v[:-1]) * square
    return departure(v[1:], moved, 1e-10, after=1, what="the second moment")


def gradients_of_rank_one(subject: Subject) -> str:
    """Gradients of a matrix that are multiples of one of rank 1: the steps of the same numbers in a vector.

    The squares then are the product of their means over rows and over columns, and factors lose nothing.
    """
    matrix = next((probe.x0 for probe in subject.probes if probe.x0.ndim == 2), None)
    if matrix is None or len(subject.shape) == 2:
        raise Undrivable("matrices and vectors")
    x0, z = drawn(matrix.shape)
    gradients = np.multiply.outer(z[:, 0, 0], np.outer(z[0, :, 0], z[1, 0, :]))
    flat = subject.run(x0.reshape(-1), gradients.reshape(FEW, -1))
    return departure(subject.run(x0, gradients), flat.reshape(gradients.shape), 1e-13)


def _root(subject: Subject, gradients: Floats, values: dict[str, Value], beta1: float) -> Floats:
    """The root of the corrected second moment after each step, of x' = x - lr m / (1 - beta1^t) / root from x = 0."""
    path = subject.run(0.0 * gradients[0], gradients, values)
    m, corrected = np.zeros(subject.shape), []
    for t, g in enumerate(gradients, 1):
        m = beta1 * m + (1.0 - beta1) * g
        corrected.append(m / (1.0 - beta1**t))
    return -subject.number("lr") * np.array(corrected) / np.diff(path, axis=0, prepend=0.0)


def _uncorrected(root: Floats, beta2: float) -> Floats:
    """The second moment of which it is the corrected root."""
    t = np.arange(1.0, len(root) + 1).reshape(-1, *(1 for _ in root.shape[1:]))
    return np.asarray(root**2 * (1.0 - beta2**t))

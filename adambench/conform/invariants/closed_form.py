"""Paths that a formula gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example
from adambench.conform.probe import Floats
from adambench.conform.subject import Subject


def constant_gradient_moves_by_the_learning_rate(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -t lr sign(g)."""
    return _constant(subject, lambda t: t)


def constant_gradient_of_a_sum_of_squares(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -lr sign(g) (1 + 1/sqrt(2) + ... + 1/sqrt(t))."""
    return _constant(subject, lambda t: np.cumsum(1.0 / np.sqrt(t)))


def constant_gradient_of_a_mean_of_squares(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -lr sign(g) times the sum of 1/sqrt(1 - rho^t)."""
    rho = subject.number("rho")
    return _constant(subject, lambda t: np.cumsum(1.0 / np.sqrt(1.0 - rho**t)))


def quadratic_by_plain_steps(subject: Subject) -> str:
    """On a quadratic x = (1 - lr h)^t x_0, where nothing decays."""
    return _quadratic(subject, lambda lr, h: np.array([[1.0 - lr * h, 0.0], [0.0, 0.0]]))


def quadratic_by_momentum(subject: Subject) -> str:
    """On a quadratic, x and v follow the powers of one matrix: v' = momentum v + h x, x' = x - lr v'."""
    momentum = subject.number("momentum")
    return _quadratic(subject, lambda lr, h: np.array([[1.0 - lr * h, -lr * momentum], [h, momentum]]))


def quadratic_by_looking_ahead(subject: Subject) -> str:
    """On a quadratic, x and v follow the powers of one matrix.

    v' = momentum v + h x, x' = x - lr (h x + momentum v').
    """
    momentum = subject.number("momentum")
    return _quadratic(
        subject,
        lambda lr, h: np.array([[1.0 - lr * h * (1.0 + momentum), -lr * momentum**2], [h, momentum]]),
    )


def mean_of_plain_steps(subject: Subject) -> str:
    """The point whose loss counts is the mean of x_0 - lr (g_1 + ... + g_t) over t, where nothing decays."""
    x0, gradients = example(subject)
    plain = x0 - subject.number("lr") * np.cumsum(gradients, axis=0)
    point = subject.end(x0, gradients, subject.off("weight_decay"))
    return departure(point[None], plain.mean(axis=0)[None], 1e-13)


def _constant(subject: Subject, lengths: Callable[[Floats], Floats]) -> str:
    _, gradients = example(subject)
    g, t = gradients[0], np.arange(1.0, FEW + 1)
    values = subject.off("weight_decay", "eps", "eps_root", "initial_accumulator", "momentum")
    path = subject.run(0.0 * g, np.broadcast_to(g, gradients.shape).copy(), values=values)
    return departure(path, -subject.number("lr") * np.multiply.outer(lengths(t), np.sign(g)), 1e-13)


def _quadratic(subject: Subject, matrix: Callable[[float, float], Floats]) -> str:
    """x beside the powers of a matrix of (x, v), from (x_0, 0), one for each eigenvalue."""
    x0, _ = example(subject)
    eigenvalues = np.geomspace(1e-2, 1e2, x0.size).reshape(subject.shape)
    path = subject.descend(x0, lambda x: eigenvalues * x, FEW, subject.off("weight_decay"))
    expected = np.empty((FEW, x0.size))
    for place, (start, h) in enumerate(zip(x0.reshape(-1), eigenvalues.reshape(-1), strict=True)):
        pair = np.array([start, 0.0])
        for step in range(FEW):
            pair = matrix(subject.number("lr"), float(h)) @ pair
            expected[step, place] = pair[0]
    return departure(path, expected.reshape(path.shape), 1e-12)

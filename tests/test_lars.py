"""LARS: steps in proportion to |x|, block by block."""

from __future__ import annotations

import numpy as np
import pytest

import adambench
from adambench.configuration import parse
from adambench.engine.single import Single

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.5]])
GRADIENT = np.array([[1.0, 2.0, -3.0], [0.1, -0.2, 5.0]])


@pytest.mark.parametrize("text", ["lars", "lars@optax", "lars@pytorch_optimizer"])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e12])
def test_without_momentum_a_step_has_the_length_lr_times_trust_times_x(text, scale):
    step = adambench.stepper(f"{text}:lr=2:momentum=0:trust_coefficient=0.01", shape=(2, 3))
    moved = X - step(X, scale * GRADIENT)
    np.testing.assert_allclose(np.linalg.norm(moved), 2.0 * 0.01 * np.linalg.norm(X), rtol=1e-12)
    np.testing.assert_allclose(moved / np.linalg.norm(moved), GRADIENT / np.linalg.norm(GRADIENT), rtol=1e-12)


@pytest.mark.parametrize("text", ["lars", "lars@optax:lr=1", "lars@pytorch_optimizer"])
def test_where_there_is_no_ratio_it_is_gradient_descent(text):
    head, _, _ = text.partition(":")
    step = adambench.stepper(f"{head}:lr=0.5:momentum=0", shape=(2, 3))
    assert np.array_equal(step(np.zeros((2, 3)), GRADIENT), -0.5 * GRADIENT)
    assert np.array_equal(step(X, np.zeros((2, 3))), X)


def test_weight_decay_stands_beside_the_norm_of_the_gradient_or_in_it():
    """x - lr trust |x| (g + d x) / (|g| + d |x|), and / |g + d x|."""
    size, slope, pulled = np.linalg.norm(X), np.linalg.norm(GRADIENT), GRADIENT + 0.3 * X
    beside = X - 0.01 * size * pulled / (slope + 0.3 * size)
    within = X - 0.01 * size * pulled / np.linalg.norm(pulled)
    setting = "lr=10:momentum=0:weight_decay=0.3"
    for text, expected in (("lars", beside), ("lars@pytorch_optimizer", beside), ("lars@optax", within)):
        step = adambench.stepper(f"{text}:{setting}", shape=(2, 3))
        np.testing.assert_allclose(step(X, GRADIENT), expected, rtol=1e-14)


def test_where_the_gradient_is_zero_weight_decay_is_plain_or_scaled():
    plain, scaled = (
        adambench.stepper(f"{text}:lr=0.5:momentum=0:weight_decay=0.3", shape=(2, 3))(X, np.zeros((2, 3)))
        for text in ("lars", "lars@pytorch_optimizer")
    )
    np.testing.assert_allclose(plain, X * (1.0 - 0.5 * 0.3), rtol=1e-15)
    np.testing.assert_allclose(scaled, X * (1.0 - 0.5 * 0.001), rtol=1e-15)


def test_a_vector_in_pytorch_optimizer_is_momentum_without_decay():
    lars = adambench.stepper("lars@pytorch_optimizer:lr=0.01:weight_decay=0.3:nesterov=true", shape=(3,))
    nesterov = adambench.stepper("nesterov:lr=0.01", shape=(3,))
    x = y = X[0]
    for t in range(20):
        x, y = lars(x, np.sin(x + t)), nesterov(y, np.sin(y + t))
        np.testing.assert_allclose(x, y, rtol=1e-14)


@pytest.mark.parametrize("compile", [False, True], ids=["plain", "machine code"])
def test_each_block_has_a_ratio_of_its_own(compile):
    (c,) = parse("lars:momentum=0.5:weight_decay=0.1")
    start, gradient = np.arange(1.0, 12.0), np.linspace(-3.0, 2.0, 11)
    together = Single(c.optimizer, c.flags, c.numbers, start, ((0, 2, 3), (6, 5, 0)), compile=compile)
    first = Single(c.optimizer, c.flags, c.numbers, start[:6], ((0, 2, 3),), compile=compile)
    second = Single(c.optimizer, c.flags, c.numbers, start[6:], ((0, 5, 0),), compile=compile)
    for t in range(1, 11):
        for lane, slopes in ((together, gradient), (first, gradient[:6]), (second, gradient[6:])):
            lane.slopes[:] = slopes
            lane.step(t)
    assert np.array_equal(together.x, np.append(first.x, second.x))
    assert not np.allclose(together.x, start)

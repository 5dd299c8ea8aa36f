"""ADOPT: what its first step does, and the authors' form that no installed library has."""

from __future__ import annotations

import numpy as np
import pytest

import adambench

DIALECTS = ["adopt", "adopt@optax:lr=0.001", "adopt@pytorch_optimizer"]
START = np.array([1.0, -2.0, 0.0])


@pytest.mark.parametrize("text", [*DIALECTS, "adopt:use_clipping=false", "adopt:weight_decay=0.1:decoupled=true"])
@pytest.mark.parametrize("eps", ["1e-6", "0"])
def test_the_first_step_leaves_x(text, eps):
    step = adambench.stepper(f"{text}:eps={eps}", shape=(3,))
    assert np.array_equal(step(START, [1e-9, -1e5, 0.0]), START)


def test_decoupled_decay_shrinks_x_in_the_first_step_of_pytorch_optimizer_alone():
    step = adambench.stepper("adopt@pytorch_optimizer:lr=0.5:weight_decay=0.1:decoupled=true", shape=(3,))
    assert np.array_equal(step(START, np.ones(3)), (1.0 - 0.5 * 0.1) * START)


@pytest.mark.parametrize("text", DIALECTS)
def test_the_second_step_divides_by_the_first_gradient_alone(text):
    head, _, _ = text.partition(":")
    step = adambench.stepper(f"{head}:lr=0.25:use_clipping=false:beta1=0.75", shape=(3,))
    after = step(step(START, [2.0, -4.0, 0.5]), [1.0, 8.0, 8.0])
    np.testing.assert_allclose(after, START - 0.25 * 0.25 * np.array([0.5, 2.0, 16.0]), rtol=1e-15)


@pytest.mark.parametrize(("text", "first"), [("adopt", 0), ("adopt@optax:lr=1", 0), ("adopt@pytorch_optimizer", 1)])
def test_quotients_are_clipped_to_the_fourth_root_of_the_steps(text, first):
    head, _, _ = text.partition(":")
    step, x = adambench.stepper(f"{head}:lr=1:beta1=0", shape=(1,)), np.zeros(1)
    x = step(x, [1.0])
    for k in range(1, 30):
        after = step(x, [-(1e3**k)])
        np.testing.assert_allclose(after - x, (k + first) ** 0.25, rtol=1e-12)
        x = after


@pytest.mark.parametrize("decoupled", [False, True])
def test_weight_decay_as_the_authors_write_it(decoupled):
    """Coupled, into the first second moment too; decoupled, from the second step on."""
    lr, beta1, beta2, eps, rate = 0.05, 0.9, 0.99, 1e-3, 0.3
    text = f"adopt:lr={lr}:beta2={beta2}:eps={eps}:weight_decay={rate}:decoupled={str(decoupled).lower()}"
    step, x, m, v = adambench.stepper(text, shape=(3,)), START, np.zeros(3), np.zeros(3)
    theirs = START.copy()
    for t in range(1, 101):
        given = np.sin(3.0 * theirs + t)
        gradient = given if decoupled else given + rate * theirs
        x = step(x, np.sin(3.0 * x + t))
        if t == 1:
            v = gradient * gradient
        else:
            if decoupled:
                theirs = theirs - lr * rate * theirs
            clip = (t - 1) ** 0.25
            m = m + (1.0 - beta1) * (np.clip(gradient / np.maximum(np.sqrt(v), eps), -clip, clip) - m)
            theirs = theirs - lr * m
            v = beta2 * v + (1.0 - beta2) * gradient * gradient
        assert abs(x - theirs).max() <= 1e-12

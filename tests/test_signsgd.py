"""signSGD and Signum: steps of one length."""

from __future__ import annotations

import numpy as np
import pytest

import adambench

GRADIENT = np.array([1e-300, -3.0, 0.0, 1e9, -1e-9])


@pytest.mark.parametrize("text", ["signsgd:lr=0.01", "signsgd@optax:lr=0.01", "signsgd@pytorch_optimizer:lr=0.01"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_every_step_has_the_length_lr_or_none(text, momentum):
    step, x = adambench.stepper(f"{text}:momentum={momentum}", shape=(5,)), np.zeros(5)
    for turn in (1.0, -0.3, 2.0, 0.0):
        after = step(x, turn * GRADIENT)
        moved = np.isclose(abs(after - x), 0.01, rtol=1e-12, atol=0.0)
        assert (moved | (after == x)).all()
        assert (after[2], moved[1]) == (0.0, turn != 0.0 or momentum != 0.0)
        x = after


TRANSCRIBED = ("signsgd",)


@pytest.mark.parametrize("text", TRANSCRIBED)
def test_signum_follows_the_sign_of_the_mean_gradient(text):
    rng = np.random.default_rng(0)
    step, x, m = adambench.stepper(f"{text}:lr=0.25:momentum=0.5", shape=(40,)), np.zeros(40), np.zeros(40)
    for _ in range(30):
        gradient = rng.normal(size=40)
        m = 0.5 * m + 0.5 * gradient
        after = step(x, gradient)
        assert np.array_equal(after, x - 0.25 * np.sign(m))
        x = after


def test_the_authors_decays_are_added_to_the_gradient_or_shrink_x():
    """MXNet: wd in the gradient, before the mean; wd_lh in x, before the step."""
    x, gradient = np.array([2.0, -1.0]), np.array([-0.1, 0.3])
    coupled = adambench.stepper("signsgd:lr=0.01:momentum=0.9:weight_decay=0.5", shape=(2,))
    assert np.array_equal(coupled(x, gradient), x - 0.01 * np.array([1.0, -1.0]))
    decoupled = adambench.stepper("signsgd:lr=0.01:momentum=0.9:weight_decay=0.5:decoupled=true", shape=(2,))
    assert np.array_equal(decoupled(x, gradient), (1.0 - 0.01 * 0.5) * x - 0.01 * np.array([-1.0, 1.0]))

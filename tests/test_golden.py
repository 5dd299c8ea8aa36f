"""The dialects against numbers that nobody here computed: recorded trajectories, sources transcribed in 60 digits."""

from __future__ import annotations

import json
import os
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest

DATA = Path(os.environ.get("ADAMBENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FILE = DATA / "golden_optimizers.json"
NOT_YET = {"torch:RAdam()", "keras:Lion()"}
RECORDED = {
    "torch:Adam()": "adam",
    "torch:Adam(weight_decay=0.1)": "adam:weight_decay=0.1",
    "torch:Adam(amsgrad=True)": "adam:amsgrad=true",
    "torch:Adam(eps=1e-3)": "adam:eps=1e-3",
    "torch:AdamW()": "adamw",
    "torch:NAdam()": "nadam",
    "torch:Adamax()": "adamax",
    "torch:Adagrad()": "adagrad",
    "torch:Adagrad(lr_decay=0.1)": "adagrad:lr_decay=0.1",
    "torch:RMSprop()": "rmsprop",
    "torch:RMSprop(centered=True,momentum=0.9)": "rmsprop:centered=true:momentum=0.9",
    "torch:Adadelta()": "adadelta",
    "torch:SGD(lr=0.01)": "sgd:lr=0.01",
    "torch:SGD(lr=0.01,momentum=0.9)": "momentum:lr=0.01",
    "torch:SGD(lr=0.01,momentum=0.9,nesterov=True)": "nesterov:lr=0.01",
    "torch:SGD(lr=0.01,momentum=0.9,dampening=0.5)": "sgd:lr=0.01:momentum=0.9:dampening=0.5",
    "keras:Adam()": "adam@keras",
    "keras:Adam(amsgrad=True)": "amsgrad@keras",
    "keras:AdamW()": "adamw@keras",
    "keras:Nadam()": "nadam@keras",
    "keras:Adamax()": "adamax@keras",
    "keras:Adagrad()": "adagrad@keras",
    "keras:RMSprop()": "rmsprop@keras",
    "keras:RMSprop(centered=True,momentum=0.9)": "rmsprop@keras:centered=true:momentum=0.9",
    "keras:Adadelta()": "adadelta@keras",
    "keras:SGD()": "sgd@keras",
    "keras:SGD(momentum=0.9)": "momentum@keras",
    "keras:SGD(momentum=0.9,nesterov=True)": "nesterov@keras",
}


@pytest.fixture(scope="module")
def golden():
    if not FILE.exists():
        pytest.skip(f"{FILE.name} is neither in $ADAMBENCH_DATA nor in shared/data beside the checkout")
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_every_recorded_trajectory_is_compared(golden):
    assert set(golden["trajectories"]) == set(RECORDED) | NOT_YET


@pytest.mark.parametrize("key", RECORDED)
def test_a_recorded_trajectory_is_met(golden, walk, key):
    gradients = iter(golden["grads"])
    points = walk(RECORDED[key], lambda x: next(gradients), golden["x0"], len(golden["grads"]))[1:]
    expected = np.array(golden["trajectories"][key])
    assert points.shape == expected.shape
    error = abs(points - expected) / (1.0 + abs(expected))
    assert error.max() <= 1e-14


START = [1.0, -2.0, 0.25]
GRADIENTS = [[1.5, 1e-7, -30.0], [-0.5, -3e-7, 12.0], [0.75, 0.0, -1.0], [2.0, 1e-8, 0.5]]
B1, B2 = Decimal("0.9"), Decimal("0.999")


def transcribed(rule):
    """The points of `rule(t, g, x, state) -> x`, coordinate by coordinate, t = 1, 2, ..., in 60 digits."""
    points = [[0.0] * len(START) for _ in GRADIENTS]
    with localcontext() as context:
        context.prec = 60
        for i, start in enumerate(START):
            x, state = Decimal(start), {}
            for t, gradients in enumerate(GRADIENTS, 1):
                x = rule(t, Decimal(gradients[i]), x, state)
                points[t - 1][i] = float(x)
    return np.array(points)


def algorithm_1(t, g, x, state):
    """Kingma & Ba 2015."""
    m, v = state.get("m", 0) * B1 + (1 - B1) * g, state.get("v", 0) * B2 + (1 - B2) * g * g
    state.update(m=m, v=v)
    m_hat, v_hat = m / (1 - B1**t), v / (1 - B2**t)
    return x - Decimal("0.001") * m_hat / (v_hat.sqrt() + Decimal("1e-8"))


def epsilon_hat(lr="0.001", beta1="0.9", weight_decay="0", lr_decay="0"):
    """The form before section 2.1 of the paper: TensorFlow's, Lasagne's, Caffe's, MXNet's, Torch7's, early Keras's."""
    alpha, b1, decay = Decimal(lr), Decimal(beta1), Decimal(weight_decay)

    def rule(t, g, x, state):
        g = g + decay * x
        m, v = b1 * state.get("m", 0) + (1 - b1) * g, B2 * state.get("v", 0) + (1 - B2) * g * g
        state.update(m=m, v=v)
        alpha_t = alpha / (1 + (t - 1) * Decimal(lr_decay)) * (1 - B2**t).sqrt() / (1 - b1**t)
        return x - alpha_t * m / (v.sqrt() + Decimal("1e-8"))

    return rule


def blocks(t, g, x, state):
    """The lines of blocks/algorithms/__init__.py, beta1 fading by 0.5."""
    b1 = B1 * Decimal("0.5") ** (t - 1)
    m, v = b1 * state.get("m", 0) + (1 - b1) * g, B2 * state.get("v", 0) + (1 - B2) * g * g
    state.update(m=m, v=v)
    rate = Decimal("0.002") * (1 - B2**t).sqrt() / (1 - b1**t)
    return x - rate * m / (v.sqrt() + Decimal("1e-8"))


TRANSCRIBED = {
    "adam@paper": algorithm_1,
    "adam@tensorflow": epsilon_hat(),
    "adam@keras-2.0": epsilon_hat(),
    "adam@keras-2.0:lr_decay=0.5": epsilon_hat(lr_decay="0.5"),
    "adam@blocks": epsilon_hat(lr="0.002"),
    "adam@blocks:decay_factor=0.5": blocks,
    "adam@lasagne": epsilon_hat(),
    "adam@caffe:lr=0.001": epsilon_hat(beta1="0"),
    "adam@caffe:lr=0.01:beta1=0.9:weight_decay=0.125": epsilon_hat(lr="0.01", weight_decay="0.125"),
    "adam@mxnet": epsilon_hat(),
    "adam@mxnet:weight_decay=0.125": epsilon_hat(weight_decay="0.125"),
    "adam@torch7": epsilon_hat(),
    "adam@torch7:weight_decay=0.125:lr_decay=0.5": epsilon_hat(weight_decay="0.125", lr_decay="0.5"),
}


@pytest.mark.parametrize("text", TRANSCRIBED)
def test_a_library_of_the_past_is_met(walk, text):
    gradients = iter(GRADIENTS)
    points = walk(text, lambda x: next(gradients), START, len(GRADIENTS))[1:]
    expected = transcribed(TRANSCRIBED[text])
    assert (abs(points - expected) <= 4e-15 * (1.0 + abs(expected))).all()


def test_the_two_forms_of_adam_are_told_apart():
    """The gradients above are small enough in one coordinate for eps to matter."""
    assert abs(transcribed(algorithm_1) - transcribed(epsilon_hat()))[:, 1].max() > 1e-4

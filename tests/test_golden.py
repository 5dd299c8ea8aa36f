"""The dialects against numbers that nobody here computed: recorded trajectories, sources transcribed in 60 digits."""

from __future__ import annotations

import json
import os
from decimal import Decimal, localcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import test_adaptive
import test_curvature
import test_matrices
import test_signsgd
from libraries.curved import DIAGONALS, MENDED
from libraries.trajectory import all_cases

import adambench
from adambench.configuration import parse
from adambench.optimizers import all_optimizers

DATA = Path(os.environ.get("ADAMBENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FILE = DATA / "golden_optimizers.json"
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
    "torch:RAdam()": "radam",
    "keras:Lion()": "lion@keras",
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
    assert set(golden["trajectories"]) == set(RECORDED)


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


def numbers(*texts):
    return [Decimal(text) for text in texts]


def float32(text):
    """What a float32 variable holds of it, exactly."""
    return str(Decimal(float(np.float32(float(text)))))


# Adam and its kin


def algorithm_1(t, g, x, state, lr="0.001", b2="0.999"):
    """Kingma & Ba 2015."""
    alpha, b2 = numbers(lr, b2)
    m, v = state.get("m", 0) * B1 + (1 - B1) * g, state.get("v", 0) * b2 + (1 - b2) * g * g
    state.update(m=m, v=v)
    m_hat, v_hat = m / (1 - B1**t), v / (1 - b2**t)
    return x - alpha * m_hat / (v_hat.sqrt() + Decimal("1e-8"))


def epsilon_hat(
    lr="0.001", beta1="0.9", beta2="0.999", weight_decay="0", lr_decay="0", eps="1e-8", amsgrad=False, apart=""
):
    """The form before section 2.1 of the paper: TensorFlow's, Lasagne's, Caffe's, MXNet's, Torch7's, early Keras's.

    apart  where weight decay is not part of the gradient, but of the step ("chainer") or of its direction ("mxnet"), or
           a step of its own after it ("mxnet-0")
    """
    alpha, b1, b2, decay, lr_decay, eps = numbers(lr, beta1, beta2, weight_decay, lr_decay, eps)

    def rule(t, g, x, state):
        g = g if apart else g + decay * x
        m, v = b1 * state.get("m", 0) + (1 - b1) * g, b2 * state.get("v", 0) + (1 - b2) * g * g
        peak = max(state.get("peak", 0), v) if amsgrad else v
        state.update(m=m, v=v, peak=peak)
        alpha_t = alpha / (1 + (t - 1) * lr_decay) * (1 - b2**t).sqrt() / (1 - b1**t)
        direction = m / (peak.sqrt() + eps)
        if apart == "chainer":
            return x - (alpha_t * direction + decay * x)
        if apart == "mxnet-0":
            x = x - alpha_t * direction
            return x - alpha_t * decay * x
        return x - alpha_t * (direction + decay * x if apart else direction)

    return rule


def blocks(t, g, x, state):
    """The lines of blocks/algorithms/__init__.py, beta1 fading by 0.5."""
    b1 = B1 * Decimal("0.5") ** (t - 1)
    m, v = b1 * state.get("m", 0) + (1 - b1) * g, B2 * state.get("v", 0) + (1 - B2) * g * g
    state.update(m=m, v=v)
    rate = Decimal("0.002") * (1 - B2**t).sqrt() / (1 - b1**t)
    return x - rate * m / (v.sqrt() + Decimal("1e-8"))


def blocks_2016(decay_factor):
    """The lines before 2017-01-24, where beta1 is 0.1, beta2 0.001."""
    beta1, beta2, factor = numbers("0.1", "0.001", decay_factor)

    def rule(t, g, x, state):
        rate = Decimal("0.002") * (1 - (1 - beta2) ** t).sqrt() / (1 - (1 - beta1) ** t)
        beta_1t = 1 - (1 - beta1) * factor ** (t - 1)
        mean = beta_1t * g + (1 - beta_1t) * state.get("mean", 0)
        variance = beta2 * g * g + (1 - beta2) * state.get("variance", 0)
        state.update(mean=mean, variance=variance)
        return x - rate * mean / (variance.sqrt() + Decimal("1e-8"))

    return rule


def keras_01(kappa):
    """The lines of Keras 0.1, where the iterations count from 0."""
    kappa = Decimal(kappa)

    def rule(t, g, x, state):
        beta_1t, beta_2t = B1 * kappa ** (t - 1), B2 * kappa ** (t - 1)
        m = beta_1t * state.get("m", 0) + (1 - beta_1t) * g
        v = beta_2t * state.get("v", 0) + (1 - beta_2t) * g * g
        state.update(m=m, v=v)
        m_b, v_b = m / (1 - beta_1t), v / (1 - beta_2t)
        return x - Decimal("0.001") * m_b / (v_b.sqrt() + Decimal("1e-8"))

    return rule


def adamax(lr="0.002", eps="0", inside=False, beta1="0.9", beta2="0.999", weight_decay="0", lr_decay="0"):
    """Lasagne's, TensorFlow's, Keras's; with epsilon inside the maximum Torch7's, without any the paper's, MXNet's."""
    lr, eps, b1, b2, decay, lr_decay = numbers(lr, eps, beta1, beta2, weight_decay, lr_decay)

    def rule(t, g, x, state):
        g = g + decay * x
        m = b1 * state.get("m", 0) + (1 - b1) * g
        u = max(b2 * state.get("u", 0), abs(g) + eps if inside else abs(g))
        state.update(m=m, u=u)
        rate = lr / (1 + (t - 1) * lr_decay) / (1 - b1**t)
        return x - rate * m / (u if inside else u + eps) if m else x

    return rule


def nadam(lr="0.001", eps="1e-8", beta1="0.9", beta2="0.999", schedule_decay="0.004", weight_decay="0"):
    """MXNet's lines, those of Keras to 2.3 and of tf.keras 2.0 to 2.10."""
    lr, eps, b1, b2, schedule, decay = numbers(lr, eps, beta1, beta2, schedule_decay, weight_decay)

    def momentum(t):
        return b1 * (1 - Decimal("0.5") * Decimal("0.96") ** (t * schedule))

    def rule(t, g, x, state):
        g = g + decay * x
        product = state.get("product", 1) * momentum(t)
        m, v = b1 * state.get("m", 0) + (1 - b1) * g, b2 * state.get("v", 0) + (1 - b2) * g * g
        state.update(m=m, v=v, product=product)
        ahead = momentum(t + 1) * m / (1 - product * momentum(t + 1)) + (1 - momentum(t)) * g / (1 - product)
        return x - lr * ahead / ((v / (1 - b2**t)).sqrt() + eps)

    return rule


def nadam_tensorflow(beta1):
    """ApplyAdamNonCuda with use_nesterov."""
    b1 = Decimal(beta1)

    def rule(t, g, x, state):
        m, v = b1 * state.get("m", 0) + (1 - b1) * g, B2 * state.get("v", 0) + (1 - B2) * g * g
        state.update(m=m, v=v)
        alpha = Decimal("0.001") * (1 - B2**t).sqrt() / (1 - b1**t)
        return x - (g * (1 - b1) + b1 * m) * alpha / (v.sqrt() + Decimal("1e-8"))

    return rule


# Sums and means of squares


def outside(square, eps):
    return square.sqrt() + eps


def inside(square, eps):
    return (square + eps).sqrt()


def floor(square, eps):
    return max(square.sqrt(), eps)


def adagrad(root, lr, eps="0", start="0", lr_decay="0", weight_decay="0", apart="0"):
    """apart: weight decay beside the quotient, as in MXNet 1."""
    lr, eps, start, lr_decay, decay, apart = numbers(lr, eps, start, lr_decay, weight_decay, apart)

    def rule(t, g, x, state):
        g = g + decay * x
        state["sum"] = state.get("sum", start) + g * g
        return x - lr / (1 + (t - 1) * lr_decay) * (g / root(state["sum"], eps) + apart * x)

    return rule


def rmsprop(
    root, lr, eps, rho="0.9", start="0", lr_decay="0", weight_decay="0", momentum="0", centered=False, apart="0"
):
    """The velocity holds the learning rates. apart: weight decay beside the quotient, as in MXNet 0.7."""
    lr, eps, rho, start, lr_decay = numbers(lr, eps, rho, start, lr_decay)
    decay, momentum, apart = numbers(weight_decay, momentum, apart)

    def rule(t, g, x, state):
        g = g + decay * x
        n = rho * state.get("n", start) + (1 - rho) * g * g
        mean = rho * state.get("mean", 0) + (1 - rho) * g
        square = n - mean * mean if centered else n
        rate = lr / (1 + (t - 1) * lr_decay)
        step = momentum * state.get("step", 0) + rate * (g / root(square, eps) + apart * x)
        state.update(n=n, mean=mean, step=step)
        return x - step

    return rule


def adadelta(lr="1", rho="0.95", eps="1e-6", lr_decay="0", weight_decay="0", apart="0", lazy=False):
    """apart: weight decay that is not times any learning rate, as in MXNet 1. lazy: `update` is an expression, which
    TensorFlow 1.0 evaluates twice, accum_update having changed in between."""
    lr, rho, eps, lr_decay, decay, apart = numbers(lr, rho, eps, lr_decay, weight_decay, apart)

    def rule(t, g, x, state):
        g = g + decay * x
        squares = rho * state.get("squares", 0) + (1 - rho) * g * g

        def step(steps):
            return (steps + eps).sqrt() / (squares + eps).sqrt() * g

        before = state.get("steps", Decimal(0))
        after = rho * before + (1 - rho) * step(before) ** 2
        state.update(squares=squares, steps=after)
        return x - lr / (1 + (t - 1) * lr_decay) * step(after if lazy else before) - apart * x

    return rule


# Gradient descent with and without a velocity


def gathering(lr, momentum="0", nesterov=False, dampening="0", weight_decay="0", lr_decay="0"):
    """The velocity adds up gradients: TensorFlow's, Torch7's, MXNet 1.0's NAG."""
    lr, mu, damp, decay, lr_decay = numbers(lr, momentum, dampening, weight_decay, lr_decay)

    def rule(t, g, x, state):
        g = g + decay * x
        state["v"] = mu * state["v"] + (1 - damp) * g if t > 1 else g
        return x - lr / (1 + (t - 1) * lr_decay) * (g + mu * state["v"] if nesterov else state["v"])

    return rule


def stepping(lr, momentum="0", nesterov=False, weight_decay="0", lr_decay="0"):
    """The velocity adds up steps: Keras's, Lasagne's, MXNet's, Blocks's."""
    lr, mu, decay, lr_decay = numbers(lr, momentum, weight_decay, lr_decay)

    def rule(t, g, x, state):
        g, rate = g + decay * x, lr / (1 + (t - 1) * lr_decay)
        state["v"] = mu * state.get("v", 0) - rate * g
        return x + (mu * state["v"] - rate * g if nesterov else state["v"])

    return rule


def caffe_nesterov(lr, momentum, weight_decay="0"):
    """nesterov_solver.cpp: step back, then over."""
    lr, mu, decay = numbers(lr, momentum, weight_decay)

    def rule(t, g, x, state):
        before = state.get("history", 0)
        state["history"] = lr * (g + decay * x) + mu * before
        return x - ((1 + mu) * state["history"] - mu * before)

    return rule


def nag(momentum="0.9", weight_decay="0", lr_decay="0"):
    """nag.lua, between the two halves of its step: x is where the gradient is taken."""
    mu, decay, lr_decay = numbers(momentum, weight_decay, lr_decay)

    def rule(t, g, x, state):
        v, rate = state.get("v", 0), Decimal("0.001") / (1 + (t - 1) * lr_decay)
        copy = x - mu * v
        state["v"] = mu * v - rate * (g + decay * x)
        return copy + state["v"] + mu * state["v"]

    return rule


TRANSCRIBED = {
    "adam@paper": algorithm_1,
    "adam@paper:beta2=0.99:lr=0.1": partial(algorithm_1, lr="0.1", b2="0.99"),
    "adam@torch-1.2": epsilon_hat(),
    "adam@torch-1.2:amsgrad=true:weight_decay=0.125": epsilon_hat(weight_decay="0.125", amsgrad=True),
    "adam@tensorflow": epsilon_hat(),
    "adam@tensorflow:beta1=0.5:eps=1": epsilon_hat(beta1="0.5", eps="1"),
    "adam@keras-tf2": epsilon_hat(*map(float32, ("0.001", "0.9", "0.999")), eps="1e-7"),
    "adam@keras-tf2:amsgrad=true:beta1=0.7:lr=0.01:lr_decay=0.5": epsilon_hat(
        *map(float32, ("0.01", "0.7", "0.999")), eps="1e-7", lr_decay="0.5", amsgrad=True
    ),
    "adam@keras-2.1": epsilon_hat(eps="1e-7"),
    "adam@keras-2.1:amsgrad=true:lr_decay=0.5": epsilon_hat(eps="1e-7", lr_decay="0.5", amsgrad=True),
    "adam@keras-2.0": epsilon_hat(),
    "adam@keras-2.0:lr_decay=0.5": epsilon_hat(lr_decay="0.5"),
    "adam@keras-0.1": keras_01("0.99999999"),
    "adam@keras-0.1:decay_factor=0.5": keras_01("0.5"),
    "adam@blocks": epsilon_hat(lr="0.002"),
    "adam@blocks:decay_factor=0.5": blocks,
    "adam@blocks-2016": blocks_2016("0.99999999"),
    "adam@blocks-2016:decay_factor=0.5": blocks_2016("0.5"),
    "adam@lasagne": epsilon_hat(),
    "adam@lasagne:beta1=0.5:lr=0.1": epsilon_hat(lr="0.1", beta1="0.5"),
    "adam@caffe:lr=0.001": epsilon_hat(beta1="0"),
    "adam@caffe:lr=0.01:beta1=0.9:weight_decay=0.125": epsilon_hat(lr="0.01", weight_decay="0.125"),
    "adam@mxnet": epsilon_hat(),
    "adam@mxnet:weight_decay=0.125": epsilon_hat(weight_decay="0.125"),
    "adam@mxnet-1": epsilon_hat(),
    "adam@mxnet-1:weight_decay=0.125": epsilon_hat(weight_decay="0.125"),
    "adam@mxnet-0": epsilon_hat(),
    "adam@mxnet-0:lr=0.1:weight_decay=0.125": epsilon_hat("0.1", weight_decay="0.125", apart="mxnet-0"),
    "adam@torch7": epsilon_hat(),
    "adam@torch7:weight_decay=0.125:lr_decay=0.5": epsilon_hat(weight_decay="0.125", lr_decay="0.5"),
    "adam@chainer": epsilon_hat(),
    "adam@chainer:weight_decay=0.125": epsilon_hat(weight_decay="0.125", apart="chainer"),
    "amsgrad@torch-1.2": epsilon_hat(amsgrad=True),
    "amsgrad@torch-1.2:weight_decay=0.125": epsilon_hat(weight_decay="0.125", amsgrad=True),
    "amsgrad@keras-tf2": epsilon_hat(*map(float32, ("0.001", "0.9", "0.999")), eps="1e-7", amsgrad=True),
    "amsgrad@keras-tf2:beta2=0.7:lr_decay=0.5": epsilon_hat(
        *map(float32, ("0.001", "0.9", "0.7")), eps="1e-7", lr_decay="0.5", amsgrad=True
    ),
    "amsgrad@keras-2.1": epsilon_hat(eps="1e-7", amsgrad=True),
    "amsgrad@keras-2.1:lr_decay=0.5": epsilon_hat(eps="1e-7", lr_decay="0.5", amsgrad=True),
    "amsgrad@chainer": epsilon_hat(),
    "amsgrad@chainer:weight_decay=0.125": epsilon_hat(weight_decay="0.125", apart="chainer"),
    "adamw@chainer": epsilon_hat(),
    "adamw@chainer:weight_decay=0.125": epsilon_hat(weight_decay="0.125", apart="chainer"),
    "adamw@mxnet": epsilon_hat(eps="1e-6"),
    "adamw@mxnet:weight_decay=0.125": epsilon_hat(eps="1e-6", weight_decay="0.125", apart="mxnet"),
    "adamax@paper": adamax(),
    "adamax@paper:beta2=0.5:lr=0.1": adamax(lr="0.1", beta2="0.5"),
    "adamax@keras-tf2": adamax(float32("0.001"), "1e-7", False, *map(float32, ("0.9", "0.999"))),
    "adamax@keras-tf2:beta2=0.7:eps=0.01:lr_decay=0.5": adamax(
        float32("0.001"), "0.01", False, *map(float32, ("0.9", "0.7")), lr_decay="0.5"
    ),
    "adamax@keras-2": adamax(eps="1e-7"),
    "adamax@keras-2:beta2=0.5:eps=0.01:lr_decay=0.5": adamax(eps="0.01", beta2="0.5", lr_decay="0.5"),
    "adamax@mxnet": adamax(),
    "adamax@mxnet:lr=0.1:weight_decay=0.125": adamax("0.1", weight_decay="0.125"),
    "adamax@torch7": adamax(eps="1e-38", inside=True),
    "adamax@torch7:lr=0.1:weight_decay=0.125": adamax("0.1", eps="1e-38", inside=True, weight_decay="0.125"),
    "adamax@torch7:beta2=0.5:eps=0.1": adamax(eps="0.1", inside=True, beta2="0.5"),
    "adamax@lasagne": adamax(eps="1e-8"),
    "adamax@lasagne:beta2=0.5:eps=0.1": adamax(eps="0.1", beta2="0.5"),
    "adamax@tensorflow": adamax(lr="0.001", eps="1e-8"),
    "adamax@tensorflow:beta2=0.5:eps=0.01": adamax(lr="0.001", eps="0.01", beta2="0.5"),
    "nadam@keras-tf2": nadam(float32("0.001"), "1e-7", *map(float32, ("0.9", "0.999"))),
    "nadam@keras-tf2:beta1=0.7:momentum_decay=1": nadam(
        float32("0.001"), "1e-7", *map(float32, ("0.7", "0.999")), schedule_decay="1"
    ),
    "nadam@keras-2": nadam("0.002", "1e-7"),
    "nadam@keras-2:eps=0.01:momentum_decay=1": nadam("0.002", "0.01", schedule_decay="1"),
    "nadam@mxnet": nadam(),
    "nadam@mxnet:weight_decay=0.125": nadam(weight_decay="0.125"),
    "nadam@tensorflow": nadam_tensorflow("0.9"),
    "nadam@tensorflow:beta1=0.5": nadam_tensorflow("0.5"),
    "adagrad@keras-tf2": adagrad(outside, float32("0.001"), "1e-7", "0.1"),
    "adagrad@keras-tf2:eps=0.01:lr=0.1:lr_decay=0.5": adagrad(outside, float32("0.1"), "0.01", "0.1", "0.5"),
    "adagrad@keras-2": adagrad(outside, "0.01", "1e-7"),
    "adagrad@keras-2:eps=0.01:lr_decay=0.5": adagrad(outside, "0.01", "0.01", lr_decay="0.5"),
    "adagrad@keras-1.0": adagrad(inside, "0.01", "1e-6"),
    "adagrad@keras-1.0:eps=0.01": adagrad(inside, "0.01", "0.01"),
    "adagrad@tensorflow:lr=0.01": adagrad(outside, "0.01", start="0.1"),
    "adagrad@tensorflow:initial_accumulator=2:lr=1": adagrad(outside, "1", start="2"),
    "adagrad@mxnet": adagrad(outside, "0.01", "1e-6"),
    "adagrad@mxnet:weight_decay=0.125": adagrad(outside, "0.01", "1e-6", weight_decay="0.125"),
    "adagrad@mxnet-1": adagrad(inside, "0.01", "1e-7"),
    "adagrad@mxnet-1:weight_decay=0.125": adagrad(inside, "0.01", "1e-7", apart="0.125"),
    "adagrad@caffe:lr=0.01": adagrad(outside, "0.01", "1e-8"),
    "adagrad@caffe:lr=0.01:weight_decay=0.125": adagrad(outside, "0.01", "1e-8", weight_decay="0.125"),
    "adagrad@lasagne": adagrad(inside, "1", "1e-6"),
    "adagrad@lasagne:eps=0.01:lr=0.1": adagrad(inside, "0.1", "0.01"),
    "adagrad@blocks": adagrad(outside, "0.002", "1e-6"),
    "adagrad@blocks:eps=0.01": adagrad(outside, "0.002", "0.01"),
    "adagrad@torch7": adagrad(outside, "0.001", "1e-10"),
    "adagrad@torch7:lr_decay=0.5:weight_decay=0.125": adagrad(
        outside, "0.001", "1e-10", lr_decay="0.5", weight_decay="0.125"
    ),
    "rmsprop@keras-tf2": rmsprop(outside, float32("0.001"), "1e-7", float32("0.9")),
    "rmsprop@keras-tf2:lr_decay=0.5:momentum=0.7": rmsprop(
        inside, float32("0.001"), "1e-7", float32("0.9"), lr_decay="0.5", momentum=float32("0.7")
    ),
    "rmsprop@keras-tf2:centered=true": rmsprop(outside, float32("0.001"), "1e-7", float32("0.9"), centered=True),
    "rmsprop@keras-2": rmsprop(outside, "0.001", "1e-7"),
    "rmsprop@keras-2:eps=0.01:lr_decay=0.5": rmsprop(outside, "0.001", "0.01", lr_decay="0.5"),
    "rmsprop@keras-1.0": rmsprop(inside, "0.001", "1e-6"),
    "rmsprop@keras-1.0:eps=0.01:rho=0.5": rmsprop(inside, "0.001", "0.01", rho="0.5"),
    "rmsprop@tensorflow:lr=0.001": rmsprop(inside, "0.001", "1e-10", start="1"),
    "rmsprop@tensorflow:centered=true:lr=0.01:momentum=0.5": rmsprop(
        inside, "0.01", "1e-10", start="1", momentum="0.5", centered=True
    ),
    "rmsprop@mxnet": rmsprop(outside, "0.001", "1e-8"),
    "rmsprop@mxnet:centered=true:weight_decay=0.125": rmsprop(
        inside, "0.001", "1e-8", weight_decay="0.125", momentum="0.9", centered=True
    ),
    "rmsprop@mxnet-1": rmsprop(inside, "0.001", "1e-8"),
    "rmsprop@mxnet-1:centered=true:momentum=0.5": rmsprop(inside, "0.001", "1e-8", momentum="0.5", centered=True),
    "rmsprop@mxnet-1:weight_decay=0.125": rmsprop(inside, "0.001", "1e-8", weight_decay="0.125"),
    "rmsprop@mxnet-0": rmsprop(inside, "0.01", "1e-4", rho="0.95", momentum="0.9", centered=True),
    "rmsprop@mxnet-0:momentum=0.5:weight_decay=0.125": rmsprop(
        inside, "0.01", "1e-4", rho="0.95", momentum="0.5", centered=True, apart="0.125"
    ),
    "rmsprop@mxnet-0:momentum=0:weight_decay=0.125": rmsprop(
        inside, "0.01", "1e-4", rho="0.95", centered=True, apart="0.125"
    ),
    "rmsprop@caffe:lr=0.01": rmsprop(outside, "0.01", "1e-8", rho="0.99"),
    "rmsprop@caffe:lr=0.01:rho=0.98:weight_decay=0.125": rmsprop(
        outside, "0.01", "1e-8", rho="0.98", weight_decay="0.125"
    ),
    "rmsprop@lasagne": rmsprop(inside, "1", "1e-6"),
    "rmsprop@lasagne:eps=0.01:lr=0.1": rmsprop(inside, "0.1", "0.01"),
    "rmsprop@blocks": rmsprop(floor, "1", "1e-5"),
    "rmsprop@blocks:eps=1:rho=0.5": rmsprop(floor, "1", "1", rho="0.5"),
    "rmsprop@torch7": rmsprop(outside, "0.01", "1e-8", rho="0.99"),
    "rmsprop@torch7:initial_accumulator=1:weight_decay=0.125": rmsprop(
        outside, "0.01", "1e-8", rho="0.99", start="1", weight_decay="0.125"
    ),
    "adadelta@keras-tf2": adadelta(*map(float32, ("0.001", "0.95")), eps="1e-7"),
    "adadelta@keras-tf2:lr=0.7:lr_decay=0.5:rho=0.7": adadelta(
        *map(float32, ("0.7", "0.7")), eps="1e-7", lr_decay="0.5"
    ),
    "adadelta@keras-2": adadelta(eps="1e-7"),
    "adadelta@keras-2:lr_decay=0.5": adadelta(eps="1e-7", lr_decay="0.5"),
    "adadelta@keras-1.0": adadelta(),
    "adadelta@keras-1.0:lr=0.5:rho=0.5": adadelta(lr="0.5", rho="0.5"),
    "adadelta@tensorflow": adadelta(lr="0.001", eps="1e-8"),
    "adadelta@tensorflow:eps=0.01:lr=1": adadelta(eps="0.01"),
    "adadelta@tensorflow-1.0": adadelta(lr="0.001", eps="1e-8", lazy=True),
    "adadelta@tensorflow-1.0:eps=1:lr=1:rho=0": adadelta(rho="0", eps="1", lazy=True),
    "adadelta@mxnet": adadelta(rho="0.9"),
    "adadelta@mxnet:lr=0.5:weight_decay=0.125": adadelta(lr="0.5", rho="0.9", weight_decay="0.125"),
    "adadelta@mxnet-1": adadelta(rho="0.9", eps="1e-5"),
    "adadelta@mxnet-1:weight_decay=0.125": adadelta(rho="0.9", eps="1e-5", apart="0.125"),
    "adadelta@caffe:lr=1": adadelta(rho="0", eps="1e-8"),
    "adadelta@caffe:eps=1e-6:lr=1:rho=0.95:weight_decay=0.125": adadelta(weight_decay="0.125"),
    "adadelta@lasagne": adadelta(),
    "adadelta@lasagne:lr=0.5:rho=0.5": adadelta(lr="0.5", rho="0.5"),
    "adadelta@blocks": adadelta(),
    "adadelta@blocks:eps=0.01": adadelta(eps="0.01"),
    "adadelta@torch7": adadelta(rho="0.9"),
    "adadelta@torch7:eps=0.01:weight_decay=0.125": adadelta(rho="0.9", eps="0.01", weight_decay="0.125"),
    "sgd@keras-tf2": stepping(float32("0.01")),
    "sgd@keras-tf2:lr_decay=0.5:momentum=0.7": stepping(*map(float32, ("0.01", "0.7")), lr_decay="0.5"),
    "sgd@keras-2": stepping("0.01"),
    "sgd@keras-2:lr_decay=0.5:momentum=0.5": stepping("0.01", "0.5", lr_decay="0.5"),
    "sgd@tensorflow:lr=0.01": gathering("0.01"),
    "sgd@tensorflow:lr=0.01:momentum=0.5": gathering("0.01", "0.5"),
    "sgd@lasagne:lr=0.01": stepping("0.01"),
    "sgd@lasagne:lr=0.01:momentum=0.5": stepping("0.01", "0.5"),
    "sgd@caffe:lr=0.01": stepping("0.01"),
    "sgd@caffe:lr=0.01:momentum=0.5:weight_decay=0.125": stepping("0.01", "0.5", weight_decay="0.125"),
    "sgd@mxnet": stepping("0.1"),
    "sgd@mxnet:momentum=0.5:weight_decay=0.125": stepping("0.1", "0.5", weight_decay="0.125"),
    "sgd@mxnet-1": stepping("0.01"),
    "sgd@mxnet-1:momentum=0.5:weight_decay=0.125": stepping("0.01", "0.5", weight_decay="0.125"),
    "sgd@torch7": gathering("0.001"),
    "sgd@torch7:lr_decay=0.5:momentum=0.25:weight_decay=0.125": gathering(
        "0.001", "0.25", dampening="0.25", weight_decay="0.125", lr_decay="0.5"
    ),
    "sgd@blocks": stepping("1"),
    "sgd@blocks:lr=0.1:momentum=0.5": stepping("0.1", "0.5"),
    "momentum@keras-tf2": stepping(*map(float32, ("0.01", "0.9"))),
    "momentum@keras-tf2:lr=0.1:lr_decay=0.5": stepping(*map(float32, ("0.1", "0.9")), lr_decay="0.5"),
    "momentum@keras-2": stepping("0.01", "0.9"),
    "momentum@keras-2:lr_decay=0.5": stepping("0.01", "0.9", lr_decay="0.5"),
    "momentum@tensorflow:lr=0.01": gathering("0.01", "0.9"),
    "momentum@tensorflow:lr=0.01:nesterov=true": gathering("0.01", "0.9", nesterov=True),
    "momentum@lasagne:lr=0.01": stepping("0.01", "0.9"),
    "momentum@lasagne:lr=0.01:momentum=0.5": stepping("0.01", "0.5"),
    "momentum@caffe:lr=0.01": stepping("0.01", "0.9"),
    "momentum@caffe:lr=0.01:weight_decay=0.125": stepping("0.01", "0.9", weight_decay="0.125"),
    "momentum@mxnet": stepping("0.1", "0.9"),
    "momentum@mxnet:weight_decay=0.125": stepping("0.1", "0.9", weight_decay="0.125"),
    "momentum@mxnet-1": stepping("0.01", "0.9"),
    "momentum@mxnet-1:weight_decay=0.125": stepping("0.01", "0.9", weight_decay="0.125"),
    "momentum@torch7": gathering("0.001", "0.9", dampening="0.9"),
    "momentum@torch7:lr_decay=0.5:momentum=0.5": gathering("0.001", "0.5", dampening="0.5", lr_decay="0.5"),
    "momentum@blocks": stepping("1", "0.9"),
    "momentum@blocks:lr=0.1:momentum=0.5": stepping("0.1", "0.5"),
    "nesterov@keras-tf2": stepping(*map(float32, ("0.01", "0.9")), nesterov=True),
    "nesterov@keras-tf2:lr=0.1:lr_decay=0.5": stepping(*map(float32, ("0.1", "0.9")), nesterov=True, lr_decay="0.5"),
    "nesterov@keras-2": stepping("0.01", "0.9", nesterov=True),
    "nesterov@keras-2:lr_decay=0.5": stepping("0.01", "0.9", nesterov=True, lr_decay="0.5"),
    "nesterov@tensorflow:lr=0.01": gathering("0.01", "0.9", nesterov=True),
    "nesterov@tensorflow:lr=0.01:momentum=0.5": gathering("0.01", "0.5", nesterov=True),
    "nesterov@lasagne:lr=0.01": stepping("0.01", "0.9", nesterov=True),
    "nesterov@lasagne:lr=0.01:momentum=0.5": stepping("0.01", "0.5", nesterov=True),
    "nesterov@caffe:lr=0.01": caffe_nesterov("0.01", "0.9"),
    "nesterov@caffe:lr=0.01:momentum=0.5:weight_decay=0.125": caffe_nesterov("0.01", "0.5", "0.125"),
    "nesterov@mxnet": stepping("0.1", "0.9", nesterov=True),
    "nesterov@mxnet:weight_decay=0.125": stepping("0.1", "0.9", nesterov=True, weight_decay="0.125"),
    "nesterov@mxnet-1": gathering("0.01", "0.9", nesterov=True),
    "nesterov@mxnet-1:weight_decay=0.125": gathering("0.01", "0.9", nesterov=True, weight_decay="0.125"),
    "nesterov@torch7": gathering("0.001", "0.9", nesterov=True),
    "nesterov@torch7:lr_decay=0.5:weight_decay=0.125": gathering(
        "0.001", "0.9", nesterov=True, lr_decay="0.5", weight_decay="0.125"
    ),
    "nesterov@torch7-nag": nag(),
    "nesterov@torch7-nag:lr_decay=0.5:momentum=0.5:weight_decay=0.125": nag("0.5", "0.125", "0.5"),
}


@pytest.mark.parametrize("text", TRANSCRIBED)
def test_a_library_of_the_past_is_met(walk, text):
    gradients = iter(GRADIENTS)
    points = walk(text, lambda x: next(gradients), START, len(GRADIENTS))[1:]
    expected = transcribed(TRANSCRIBED[text])
    assert (abs(points - expected) <= 4e-15 * (1.0 + abs(expected))).all()


SKLEARN = {
    "adam@sklearn": ("AdamOptimizer", {}),
    "adam@sklearn:beta1=0.5:eps=0.01:lr=0.1": (
        "AdamOptimizer",
        {"learning_rate_init": 0.1, "beta_1": 0.5, "epsilon": 0.01},
    ),
    "sgd@sklearn": ("SGDOptimizer", {}),
    "sgd@sklearn:lr=0.01:momentum=0.5:nesterov=false": (
        "SGDOptimizer",
        {"learning_rate_init": 0.01, "momentum": 0.5, "nesterov": False},
    ),
    "momentum@sklearn": ("SGDOptimizer", {"nesterov": False}),
    "momentum@sklearn:momentum=0.5": ("SGDOptimizer", {"nesterov": False, "momentum": 0.5}),
    "nesterov@sklearn": ("SGDOptimizer", {}),
    "nesterov@sklearn:momentum=0.5": ("SGDOptimizer", {"momentum": 0.5}),
}


@pytest.mark.parametrize("text", SKLEARN)
def test_sklearn_is_met(walk, text):
    module = pytest.importorskip("sklearn.neural_network._stochastic_optimizers")
    name, options = SKLEARN[text]
    x = np.array(START)
    theirs, expected = getattr(module, name)([x], **options), []
    for gradient in GRADIENTS:
        theirs.update_params([x], [np.array(gradient)])
        expected.append(x.copy())
    gradients = iter(GRADIENTS)
    points = walk(text, lambda x: next(gradients), START, len(GRADIENTS))[1:]
    np.testing.assert_allclose(points, expected, rtol=4e-15, atol=4e-15)


def test_the_step_that_a_user_of_tensorflow_1_0_reported_is_met():
    """tensorflow/tensorflow issue 9058: -0.866, not the -0.7071 of the paper, at rho 0, epsilon 1 and gradient 1."""
    for dialect, expected in (("tensorflow-1.0", -np.sqrt(0.75)), ("tensorflow", -np.sqrt(0.5))):
        step = adambench.stepper(f"adadelta@{dialect}:eps=1:lr=1:rho=0", shape=(1,))
        np.testing.assert_allclose(step(np.zeros(1), np.ones(1)), [expected], rtol=1e-15)


def test_the_loss_counts_where_the_look_ahead_stands():
    """Sutskever's form: from one velocity to the next the point that counts moves by the velocity."""
    step, x, v = adambench.stepper("nesterov@torch7-nag", shape=(3,)), np.array(START), np.zeros(3)
    point = x.copy()
    for gradient in np.array(GRADIENTS):
        x = step(x, gradient)
        v = 0.9 * v - 0.001 * gradient
        point = point + v
        np.testing.assert_allclose(step.eval_point(x), point, rtol=1e-15)
        np.testing.assert_allclose(x, point + 0.9 * v, rtol=1e-15)


# Nothing left out


def settings_of(*texts):
    """The texts by the dialect that they set."""
    found = {}
    for text in texts:
        for c in parse(text):
            found.setdefault((c.optimizer.name, c.dialect.name), set()).add(c.label)
    return found


def test_every_dialect_is_compared_with_something():
    """With its library (tests/libraries), with a recorded trajectory or with a transcription, here or elsewhere."""
    cases = [case.text for case in (*all_cases(), *DIAGONALS, *MENDED)]
    transcribed = [*TRANSCRIBED, *SKLEARN, *test_adaptive.TRANSCRIBED, *test_curvature.TRANSCRIBED]
    transcribed += [*test_signsgd.TRANSCRIBED, *test_matrices.TRANSCRIBED]
    compared = settings_of(*transcribed, *RECORDED.values(), *cases)
    assert {(o.name, d.name) for o in all_optimizers().values() for d in o.dialects} - set(compared) == set()


def test_every_library_that_cannot_run_here_is_compared_at_two_settings():
    assert {name for name, settings in settings_of(*TRANSCRIBED, *SKLEARN).items() if len(settings) < 2} == set()


DIFFERENT = {
    "where Adam has its epsilon": (algorithm_1, epsilon_hat()),
    "what AMSGrad keeps": (epsilon_hat(amsgrad=True), epsilon_hat()),
    "how weight decay enters": (epsilon_hat(weight_decay="0.1"), epsilon_hat(weight_decay="0.1", apart="chainer")),
    "when weight decay enters": (
        epsilon_hat("0.1", weight_decay="0.125", apart="mxnet-0"),
        epsilon_hat("0.1", weight_decay="0.125", apart="mxnet"),
    ),
    "what beta1 fades in": (blocks, blocks_2016("0.5")),
    "where AdaMax has its epsilon": (adamax(eps="0.1", beta2="0.5"), adamax(eps="0.1", beta2="0.5", inside=True)),
    "where RMSProp has its epsilon": (rmsprop(inside, "0.001", "1e-7"), rmsprop(outside, "0.001", "1e-7")),
    "which steps AdaDelta counts": (adadelta(eps="1e-8"), adadelta(eps="1e-8", lazy=True)),
    "where AdaGrad has its epsilon": (adagrad(inside, "0.01", "1e-7"), adagrad(outside, "0.01", "1e-7")),
    "which step looks ahead": (gathering("0.01", "0.9", nesterov=True), gathering("0.01", "0.9")),
    "what the velocity adds up": (gathering("0.01", "0.9", lr_decay="0.5"), stepping("0.01", "0.9", lr_decay="0.5")),
    "where the gradient is taken": (nag(), stepping("0.001", "0.9")),
}


@pytest.mark.parametrize("choice", DIFFERENT)
def test_the_forms_of_a_family_are_told_apart(choice):
    """By ten million times the tolerance above: the gradients are small, and different, enough."""
    one, other = DIFFERENT[choice]
    assert abs(transcribed(one) - transcribed(other)).max() > 4e-8

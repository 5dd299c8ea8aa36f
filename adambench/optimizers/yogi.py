"""Yogi: Adam whose second moment moves by no more than the latest square, so that rates rise slowly."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.hyperparameter import BETA1, BETA2, EPS, LR
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.optimizers.adam import CORRECTED, EPSILON, RAW
from adambench.power import next_power

INITIAL_ACCUMULATOR = Hyperparameter("initial_accumulator", "where the moments start")


def coefficients(flags):
    raw_epsilon, own = flags["epsilon"] == RAW, flags["decay"] == decay.OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, eps = hyper[:4]
        power1, power2 = next_power(carry[0], beta1), next_power(carry[1], beta2)
        alpha, unbias2 = lr / (1.0 - power1), 1.0 / (1.0 - power2)
        if raw_epsilon:
            alpha, unbias2 = lr * np.sqrt(1.0 - power2) / (1.0 - power1), 1.0
        constants = (beta1, 1.0 - beta1, 1.0 - beta2, unbias2, eps, hyper[-1] if own else 0.0, 1.0)
        return (alpha,) + constants, (power1, power2)

    return of


def rule(flags):
    own = flags["decay"] == decay.OWN

    def yogi(gradient, x, state, coefficients):
        alpha, beta1, gain1, gain2, unbias2, eps, weight_decay, one = coefficients
        m, v = state
        square = gradient * gradient
        m = beta1 * m + gain1 * gradient
        v = v - gain2 * np.sign(v - square) * square
        rate = alpha / (np.sqrt(v * unbias2) + eps)
        if own:
            return (x - rate * m) / (one + weight_decay * rate), (m, v)
        return x - rate * m, (m, v)

    return yogi


def slots(flags):
    start = "initial_accumulator"
    return (
        Slot("m", "first moment", None if flags["moment"] == "zero" else start),
        Slot("v", "second moment", start),
    )


def settings(flags, hyperparameters):
    undecayed = flags["decay"] == decay.OWN and hyperparameters["weight_decay"] == 0
    return {**flags, "decay": decay.NONE if undecayed else flags["decay"]}


def formula(flags):
    starts = "m = 0, v = initial_accumulator" if flags["moment"] == "zero" else "m = v = initial_accumulator"
    if flags["epsilon"] == RAW:
        rate = "rate = lr sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + eps)"
    else:
        rate = "rate = lr / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)"
    shrink = "\nx = x / (1 + weight_decay rate)" if flags["decay"] == decay.OWN else ""
    return (
        f"{starts} at first\n"
        "m = beta1 m + (1 - beta1) g\n"
        "v = v - (1 - beta2) sign(v - g^2) g^2\n"
        f"{rate}\n"
        f"x = x - rate m{shrink}"
    )


USUAL = {"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "initial_accumulator": 1e-6}
OPTAX = {"epsilon": CORRECTED, "moment": "accumulator", "decay": decay.COUPLED, "single_rate": False}

OPTIMIZER = Optimizer(
    name="yogi",
    summary="Adam that forgets large gradients slowly: its rates do not jump after a quiet spell",
    formula=formula,
    source="Zaheer et al. 2018, NeurIPS, Adaptive Methods for Nonconvex Optimization, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, INITIAL_ACCUMULATOR),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, "weight_decay": 0.0},
            {"epsilon": RAW, "moment": "zero", "decay": decay.OWN, "single_rate": False},
            "TensorFlow Addons",
            "tensorflow/addons tensorflow_addons/optimizers/yogi.py",
            "by the paper's first author; `l2_regularization_strength` is weight_decay here",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None},
            OPTAX,
            "optax >= 0.1.4",
            "google-deepmind/optax optax/_src/alias.py yogi, transform.py scale_by_yogi",
            "the first moment starts away from zero, so x moves without a gradient",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "weight_decay": 0.0, "decoupled": True},
            OPTAX,
            "pytorch_optimizer >= 3.0",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/yogi.py",
            "`weight_decouple` is decoupled here",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0, 1.0),
    settings=settings,
    choices=(
        EPSILON,
        Flag(
            "moment",
            {
                "zero": "the first moment starts at zero",
                "accumulator": "the first moment starts at initial_accumulator, as the second does",
            },
        ),
        Flag(
            "decay",
            {**decay.CHOICE.words, decay.OWN: "weight decay divides x by 1 + weight_decay times its own rate"},
        ),
    ),
)

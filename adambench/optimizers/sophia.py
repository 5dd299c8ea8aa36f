"""Sophia: the first moment over the diagonal of the Hessian, clipped coordinate by coordinate."""

from __future__ import annotations

import numpy as np

from adambench.decay import DECOUPLED
from adambench.hyperparameter import BETA1, EPS, LR
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

BETA2 = Hyperparameter(
    "beta2", "decay of the mean diagonal", high=1.0, open_high=True, search=(1e-4, 0.5), one_minus=True
)
GAMMA = Hyperparameter("gamma", "the diagonal counts so many times", search=(1e-3, 1.0), neutral=1.0)
CLIP_THRESHOLD = Hyperparameter("clip_threshold", "the longest step, in learning rates", neutral=1.0)
HESS_INTERVAL = Hyperparameter(
    "hess_interval", "steps that one Hessian diagonal serves", 1.0, 1e9, neutral=1.0, whole=True
)

LARGER, ADDED = "larger", "added"
NONE, MOMENT, RATE = "none", "moment", "rate"


def coefficients(flags):
    correction, late = flags["correction"], flags["first"] == "late"

    def of(hyper, t, carry):
        lr, beta1, beta2, gamma, eps, clip, hess_interval = hyper
        power = next_power(carry[0], beta1)
        unbias = 1.0 / (1.0 - power)
        alpha = lr * unbias if correction == RATE else lr
        unbias = unbias if correction == MOMENT else 1.0
        gain2 = 0.0 if late and t == 1 else 1.0 - beta2
        return (alpha, beta1, 1.0 - beta1, beta2, gain2, unbias, gamma, eps, clip, 0.0), (power,)

    return of


def rule(flags):
    larger, behind = flags["epsilon"] == LARGER, flags["refresh"] == "after"

    def sophia(gradient, x, state, coefficients):
        alpha, beta1, gain1, beta2, gain2, unbias, gamma, eps, clip, zero = coefficients
        m, h, diagonal = state
        m = beta1 * m + gain1 * gradient
        fresh = beta2 * h + gain2 * diagonal if diagonal == diagonal else h  # NaN: none is due
        h = h if behind else fresh
        floor = np.maximum(gamma * h, eps) if larger else gamma * np.maximum(h, zero) + eps
        step = unbias * m / floor
        return x - alpha * np.maximum(np.minimum(step, clip), -clip), (m, fresh)

    return sophia


def slots(flags):
    return Slot("m", "first moment"), Slot("h", "mean Hessian diagonal")


def settings(flags, hyperparameters):
    return {**flags, "interval": int(hyperparameters["hess_interval"])}


def curvature(flags):
    return flags["interval"], flags["interval"] + 1 if flags["first"] == "late" else 1


def formula(flags):
    refresh = "every hess_interval steps:   h = beta2 h + (1 - beta2) diag H"
    if flags["first"] == "late":
        refresh += "    (not at the first)"
    floor = "max(gamma h, eps)" if flags["epsilon"] == LARGER else "(gamma max(h, 0) + eps)"
    m = "m / (1 - beta1^t)" if flags["correction"] == MOMENT else "m"
    lr = "lr / (1 - beta1^t)" if flags["correction"] == RATE else "lr"
    step = f"x = x - {lr} clip({m} / {floor}, clip_threshold)"
    moment = "m = beta1 m + (1 - beta1) g"
    if flags["refresh"] == "after":
        return f"{moment}\n{step}\n{refresh}, of the x before the step"
    return f"{moment}\n{refresh}\n{step}"


COMMON = {"decay": DECOUPLED, "single_rate": False}
AUTHORS = {**COMMON, "epsilon": ADDED, "correction": NONE, "refresh": "before", "first": "late"}

OPTIMIZER = Optimizer(
    name="sophia",
    summary="a clipped Newton step a coordinate, from a diagonal of the Hessian now and then",
    formula=formula,
    source="Liu et al. 2023, Sophia, arXiv:2305.14342, Algorithm 3",
    hyperparameters=(LR, BETA1, BETA2, GAMMA, EPS, CLIP_THRESHOLD, HESS_INTERVAL),
    dialects=(
        Dialect(
            "authors",
            {
                "lr": 1e-4,
                "beta1": 0.965,
                "beta2": 0.99,
                "gamma": 0.04,
                "eps": 1e-15,
                "weight_decay": 0.1,
                "hess_interval": 10.0,
            },
            AUTHORS,
            "Sophia since 2023-06, SophiaG",
            "Liuhong99/Sophia sophia.py, train_sophiag.py",
            "gamma is `rho`, eps is fixed; the Hessian diagonal stands for bs times the squared gradients of sampled "
            "labels, which are never negative; it is refreshed after every 10th step",
        ),
        Dialect(
            "authors-h",
            {
                "lr": 1e-3,
                "beta1": 0.9,
                "beta2": 0.99,
                "gamma": 10.0,
                "eps": 1e-12,
                "weight_decay": 1e-2,
                "hess_interval": 10.0,
            },
            {**AUTHORS, "correction": RATE},
            "Sophia, first published version, SophiaH",
            "Liuhong99/Sophia 01af183 sophia.py",
            "the learning rate is corrected, after clipping, so early steps are longer than lr; eps is fixed; the "
            "interval is the paper's",
        ),
        Dialect(
            "optax",
            {
                "lr": None,
                "beta1": 0.965,
                "beta2": 0.99,
                "gamma": 0.01,
                "eps": 1e-8,
                "weight_decay": 1e-4,
                "clip_threshold": 1.0,
                "hess_interval": 10.0,
            },
            {**COMMON, "epsilon": LARGER, "correction": MOMENT, "refresh": "after", "first": "at once"},
            "optax >= 0.2.3",
            "google-deepmind/optax optax/contrib/_sophia.py",
            "`update_interval` is hess_interval here; a diagonal counts from the step after",
        ),
        Dialect(
            "pytorch_optimizer",
            {
                "lr": 6e-2,
                "beta1": 0.96,
                "beta2": 0.99,
                "eps": 1e-12,
                "weight_decay": 0.0,
                "clip_threshold": 0.01,
                "hess_interval": 10.0,
            },
            {**COMMON, "epsilon": LARGER, "correction": NONE, "refresh": "before", "first": "at once"},
            "pytorch_optimizer 4.1, SophiaH",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/sophia.py",
            "`update_period` is hess_interval here, `p` clip_threshold; no gamma",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0,),
    settings=settings,
    curvature=curvature,
    choices=(
        Flag(
            "epsilon",
            {
                LARGER: "the step divides by the larger of gamma h and eps",
                ADDED: "the step divides by gamma h plus eps, with negative h taken as 0",
            },
        ),
        Flag(
            "correction",
            {
                NONE: "the first moment is not corrected for its start at zero",
                MOMENT: "the first moment is corrected for its start at zero, before clipping",
                RATE: "the clipped step is corrected for the first moment's start at zero",
            },
        ),
        Flag(
            "refresh",
            {
                "before": "a new Hessian diagonal counts at once",
                "after": "a new Hessian diagonal counts from the next step",
            },
        ),
        Flag(
            "first",
            {
                "late": "the first Hessian diagonal comes after hess_interval steps",
                "at once": "the first Hessian diagonal comes at the first step",
            },
        ),
    ),
)

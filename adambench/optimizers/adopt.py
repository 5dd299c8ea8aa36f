"""ADOPT: Adam whose second moment leaves out the gradient that it divides."""

from __future__ import annotations

import numpy as np

from adambench.decay import CHOICE, COUPLED, NONE, OWN
from adambench.hyperparameter import BETA1, BETA2, EPS, LR, NESTEROV
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot

USE_CLIPPING = Hyperparameter(
    "use_clipping", "clip each quotient to the fourth root of the steps", switch=True, neutral=False
)


def coefficients(flags):
    own, ahead = flags["decay"] == OWN, 0 if flags["count"] == "updates" else 1

    def of(hyper, t, carry):
        lr, beta1, beta2, eps = hyper[0], hyper[1], hyper[2], hyper[3]
        shrink = 1.0 - lr * hyper[4] if own else 1.0
        clip = np.sqrt(np.sqrt(np.float64(t - 1 + ahead)))
        if t == 1:  # the first gradient is the second moment, and no more
            return (lr, 1.0, 0.0, 0.0, 1.0, 1.0, clip, 1.0), carry
        return (lr, beta1, 1.0 - beta1, beta2, 1.0 - beta2, eps, clip, shrink), carry

    return of


def rule(flags):
    clipping, nesterov, own = flags["clipping"], flags["nesterov"], flags["decay"] == OWN

    def adopt(gradient, x, state, coefficients):
        lr, beta1, gain1, beta2, gain2, eps, clip, shrink = coefficients
        m, v = state
        quotient = gradient / np.maximum(np.sqrt(v), eps)
        if clipping:
            quotient = np.minimum(np.maximum(quotient, -clip), clip)
        m = beta1 * m + gain1 * quotient
        v = beta2 * v + gain2 * gradient * gradient
        step = beta1 * m + gain1 * quotient if nesterov else m
        if own:
            x = shrink * x
        return x - lr * step, (m, v)

    return adopt


def slots(flags):
    return (Slot("m", "first moment of the quotients"), Slot("v", "second moment"))


def settings(flags, hyperparameters):
    waits = flags["first"] == "kept" and hyperparameters["decoupled"] and hyperparameters["weight_decay"] != 0
    return {
        **flags,
        "decay": OWN if waits else flags["decay"],
        "clipping": hyperparameters["use_clipping"],
        "nesterov": hyperparameters["nesterov"],
    }


def formula(flags):
    steps = "(t - 1)" if flags["count"] == "updates" else "t"
    kept = "      (decoupled decay too starts at t = 2)" if flags["first"] == "kept" else ""
    return (
        f"t = 1: v = g^2, x stays{kept}\n"
        f"q = clip(g / max(sqrt(v), eps), +-{steps}^(1/4))\n"
        "m = beta1 m + (1 - beta1) q\n"
        "v = beta2 v + (1 - beta2) g^2      (after q)\n"
        "x = x - lr m      (nesterov: x = x - lr (beta1 m + (1 - beta1) q))"
    )


USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.9999, "eps": 1e-6}

OPTIMIZER = Optimizer(
    name="adopt",
    summary="Adam that divides each gradient by the past ones only: converges for any beta2",
    formula=formula,
    source="Taniguchi et al. 2024, arXiv:2411.02853, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, NESTEROV, USE_CLIPPING),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, "weight_decay": 0.0, "decoupled": False, "use_clipping": True},
            {"count": "updates", "first": "kept", "decay": COUPLED, "single_rate": False},
            "adopt since 2024-11-22, with clip_lambda",
            "iShohei220/adopt adopt.py",
            "use_clipping=false is clip_lambda=None; before, eps fell with beta3 instead",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "nesterov": False, "use_clipping": True},
            {"count": "updates", "first": "kept", "decay": NONE, "single_rate": False},
            "optax >= 0.2.5, contrib",
            "google-deepmind/optax optax/contrib/_adopt.py",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "weight_decay": 0.0, "decoupled": False, "use_clipping": True},
            {"count": "gradients", "first": "decayed", "decay": COUPLED, "single_rate": False},
            "pytorch_optimizer >= 3.3.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adopt.py",
            "weight_decouple is decoupled, clip_lambda=None is use_clipping=false",
        ),
    ),
    choices=(
        Flag(
            "count",
            {
                "updates": "quotients are clipped to (t - 1)^(1/4), the updates so far",
                "gradients": "quotients are clipped to t^(1/4), the gradients so far",
            },
        ),
        Flag(
            "first",
            {
                "kept": "the first step leaves x, even where weight decay is decoupled",
                "decayed": "decoupled weight decay shrinks x in the first step too",
            },
        ),
        CHOICE,
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)

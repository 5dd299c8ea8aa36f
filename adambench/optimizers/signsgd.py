"""signSGD: steps of one length in every coordinate; Signum with momentum."""

from __future__ import annotations

import numpy as np

from adambench.decay import CHOICE, COUPLED, NONE
from adambench.hyperparameter import LR, MOMENTUM
from adambench.optimizer import Dialect, Optimizer, Slot


def coefficients(flags):
    def of(hyper, t, carry):
        lr, momentum = hyper
        return (lr, momentum, 1.0 - momentum), carry

    return of


def rule(flags):
    def sign_sgd(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        return x - lr * np.sign(gradient), state

    def signum(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        (m,) = state
        m = momentum * m + gain * gradient
        return x - lr * np.sign(m), (m,)

    return signum if flags["velocity"] else sign_sgd


def slots(flags):
    return (Slot("m", "mean gradient"),) if flags["velocity"] else ()


def settings(flags, hyperparameters):
    return {**flags, "velocity": hyperparameters["momentum"] != 0}


def formula(flags):
    return "m = momentum m + (1 - momentum) g\nx = x - lr sign(m)      (sign(0) = 0)"


OPTIMIZER = Optimizer(
    name="signsgd",
    summary="lr times the sign of each coordinate's gradient; momentum=0.9 makes it Signum",
    formula=formula,
    source="Bernstein et al. 2018, arXiv:1802.04434, Algorithms 1 and 2",
    hyperparameters=(LR, MOMENTUM),
    dialects=(
        Dialect(
            "authors",
            {"lr": 0.01, "momentum": 0.0, "weight_decay": 0.0, "decoupled": False},
            {"decay": COUPLED, "single_rate": False},
            "MXNet 1.0 to 1.9, signum, which the authors wrote",
            "apache/mxnet python/mxnet/optimizer/optimizer.py Signum; jxbz/signSGD README.md, signSGD_zeros.ipynb",
            "MXNet's momentum is 0.9 unless set; its wd_lh is the decoupled decay",
        ),
        Dialect(
            "optax",
            {"lr": None, "momentum": 0.0},
            {"decay": NONE, "single_rate": False},
            "optax >= 0.1.4 (sign_sgd), >= 0.2.5 (signum)",
            "google-deepmind/optax optax/_src/alias.py sign_sgd, signum",
            "signum's beta, 0.9 unless set, is momentum here",
        ),
        Dialect(
            "pytorch_optimizer",
            {"lr": 1e-3, "momentum": 0.9, "weight_decay": 0.0, "decoupled": True},
            {"decay": COUPLED, "single_rate": False},
            "pytorch_optimizer >= 2.11",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/sgd.py SignSGD",
        ),
    ),
    choices=(CHOICE,),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)

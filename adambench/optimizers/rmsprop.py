"""RMSProp: the gradient over the root of its recent mean square."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import EPS, LR, MOMENTUM, NESTEROV, RHO
from adambench.optimizer import Dialect, Hyperparameter, Optimizer, Slot

CENTERED = Hyperparameter("centered", "divide by the deviation instead of the mean square", switch=True, neutral=False)


def coefficients(flags):
    def of(hyper, t, carry):
        lr, rho, eps, momentum = hyper
        return (lr, rho, 1.0 - rho, eps, momentum, 0.0), carry

    return of


def rule(flags):
    inside, centered = flags["eps_inside"], flags["centered"]
    velocity, folded, nesterov = flags["velocity"], flags["rate_in_velocity"], flags["nesterov"]

    def rmsprop(gradient, x, state, coefficients):
        lr, rho, gain, eps, momentum, zero = coefficients
        v = rho * state[0] + gain * gradient * gradient
        spread = v
        if centered:
            mean = rho * state[1] + gain * gradient
            spread = np.maximum(v - mean * mean, zero)  # rounding can make the variance negative
        root = np.sqrt(spread + eps) if inside else np.sqrt(spread) + eps
        if velocity:
            b = momentum * state[-1] + (lr * gradient / root if folded else gradient / root)
            step = b
            if nesterov:
                step = momentum * b + (lr * gradient / root if folded else gradient / root)
            if centered:
                return x - (step if folded else lr * step), (v, mean, b)
            return x - (step if folded else lr * step), (v, b)
        if centered:
            return x - lr * gradient / root, (v, mean)
        return x - lr * gradient / root, (v,)

    return rmsprop


def slots(flags):
    mean = (Slot("mean", "mean gradient"),) if flags["centered"] else ()
    velocity = (Slot("b", "velocity"),) if flags["velocity"] else ()
    return (Slot("v", "mean square"), *mean, *velocity)


def settings(flags, hyperparameters):
    return {
        **flags,
        "centered": hyperparameters["centered"],
        "velocity": hyperparameters["momentum"] != 0,
        "nesterov": hyperparameters["nesterov"],
    }


def formula(flags):
    root = "sqrt(v + eps)" if flags["eps_inside"] else "(sqrt(v) + eps)"
    step = (
        f"b = momentum b + lr g / {root}\nx = x - b"
        if flags["rate_in_velocity"]
        else f"b = momentum b + g / {root}\nx = x - lr b"
    )
    return f"v = rho v + (1 - rho) g^2      (centered: less the squared mean gradient)\n{step}"


OPTIMIZER = Optimizer(
    name="rmsprop",
    summary="the gradient over the root of its recent mean square: keeps its rate where AdaGrad's dies",
    formula=formula,
    source="Tieleman & Hinton 2012, Coursera lecture 6.5; centered: Graves 2013, arXiv:1308.0850, eq. 38-45",
    hyperparameters=(LR, RHO, EPS, MOMENTUM, NESTEROV, CENTERED),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-2, "rho": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False},
            {"eps_inside": False, "rate_in_velocity": False, "decay": COUPLED, "single_rate": False},
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/rmsprop.py",
        ),
        Dialect(
            "optax",
            {"lr": None, "rho": 0.9, "eps": 1e-8, "momentum": 0.0, "nesterov": False, "centered": False},
            {"eps_inside": True, "rate_in_velocity": True, "decay": DECOUPLED, "single_rate": False},
            "optax >= 0.0.2 (eps_in_sqrt, the default, named since 0.2.3)",
            "google-deepmind/optax optax/_src/alias.py rmsprop, transform.py scale_by_rms, scale_by_stddev",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "weight_decay": 0.0, "momentum": 0.0, "centered": False},
            {"eps_inside": True, "rate_in_velocity": True, "decay": DECOUPLED, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/rmsprop.py",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)

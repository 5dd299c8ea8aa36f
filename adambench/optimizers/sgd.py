"""Stochastic gradient descent, with momentum in its two common forms."""

from __future__ import annotations

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import DAMPENING, LR, MOMENTUM, NESTEROV
from adambench.optimizer import Dialect, Optimizer, Slot


def coefficients(flags):
    def of(hyper, t, carry):
        lr, momentum, dampening = hyper
        gain = 1.0 if t == 1 else 1.0 - dampening  # the first velocity is the first gradient, undampened
        return (lr, momentum, gain), carry

    return of


def rule(flags):
    nesterov, folded = flags["nesterov"], flags["rate_in_velocity"]

    def sgd(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        return x - lr * gradient, state

    def heavy_ball(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        (v,) = state
        v = momentum * v + gain * gradient
        step = gradient + momentum * v if nesterov else v
        return x - lr * step, (v,)

    def heavy_ball_folded(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        (v,) = state
        v = momentum * v - lr * gradient
        step = momentum * v - lr * gradient if nesterov else v
        return x + step, (v,)

    if not flags["velocity"]:
        return sgd
    return heavy_ball_folded if folded else heavy_ball


def slots(flags):
    return (Slot("v", "velocity"),) if flags["velocity"] else ()


def settings(flags, hyperparameters):
    return {
        **flags,
        "velocity": hyperparameters["momentum"] != 0,
        "nesterov": hyperparameters["nesterov"],
    }


def formula(flags):
    if flags["rate_in_velocity"]:
        step = "v = momentum v - lr g\nx = x + v            (nesterov: x = x + momentum v - lr g)"
    else:
        step = (
            "v = momentum v + (1 - dampening) g    (v = g at t = 1)\n"
            "x = x - lr v         (nesterov: x = x - lr (g + momentum v))"
        )
    return step


TORCH = {"rate_in_velocity": False, "decay": COUPLED, "single_rate": False}
OPTAX = {"rate_in_velocity": False, "decay": DECOUPLED, "single_rate": False}
KERAS = {"rate_in_velocity": True, "decay": DECOUPLED, "single_rate": True}


def dialects(keras_rate, **momentum):
    """The three libraries' forms, with the momentum that the name stands for."""
    plain = {"momentum": 0.0, "nesterov": False} | momentum
    return (
        Dialect(
            "torch",
            {"lr": 1e-3, "dampening": 0.0, "weight_decay": 0.0} | plain,
            TORCH,
            "PyTorch >= 0.2 (lr has a default since 2.2)",
            "pytorch/pytorch torch/optim/sgd.py",
        ),
        Dialect(
            "optax", {"lr": None} | plain, OPTAX, "optax >= 0.0.1", "google-deepmind/optax optax/_src/alias.py sgd"
        ),
        Dialect(
            "keras",
            {"lr": keras_rate, "weight_decay": 0.0} | plain,
            KERAS,
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/sgd.py",
            "the velocity holds lr: with a schedule it differs from torch",
        ),
    )


OPTIMIZER = Optimizer(
    name="sgd",
    summary="the gradient times one learning rate; momentum=0.9 adds a velocity",
    formula=formula,
    source="Robbins & Monro 1951; momentum: Polyak 1964; Nesterov form: Sutskever et al. 2013, eq. 3-4",
    hyperparameters=(LR, MOMENTUM, DAMPENING, NESTEROV),
    dialects=dialects(0.01),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)

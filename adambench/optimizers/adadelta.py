"""AdaDelta: RMSProp with a learning rate in the units of the parameters."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import EPS, LR, RHO
from adambench.optimizer import Dialect, Optimizer, Slot


def coefficients(flags):
    def of(hyper, t, carry):
        lr, rho, eps = hyper
        return (lr, rho, 1.0 - rho, eps), carry

    return of


def rule(flags):
    def adadelta(gradient, x, state, coefficients):
        lr, rho, gain, eps = coefficients
        squares, steps = state
        squares = rho * squares + gain * gradient * gradient
        step = np.sqrt(steps + eps) / np.sqrt(squares + eps) * gradient
        steps = rho * steps + gain * step * step
        return x - lr * step, (squares, steps)

    return adadelta


def formula(flags):
    return (
        "G = rho G + (1 - rho) g^2\n"
        "step = sqrt(D + eps) / sqrt(G + eps) g\n"
        "D = rho D + (1 - rho) step^2\n"
        "x = x - lr step"
    )


OPTIMIZER = Optimizer(
    name="adadelta",
    summary="rates from the ratio of recent steps to recent gradients: no learning rate to set, slow to start",
    formula=formula,
    source="Zeiler 2012, arXiv:1212.5701, Algorithm 1",
    hyperparameters=(LR, RHO, EPS),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            {"decay": COUPLED, "single_rate": False},
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/adadelta.py",
        ),
        Dialect(
            "optax",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            {"decay": COUPLED, "single_rate": False},
            "optax >= 0.1.5",
            "google-deepmind/optax optax/_src/alias.py adadelta, transform.py scale_by_adadelta",
            "no learning rate is lr = 1 here; optax 0.2.8 then drops the sign too, and climbs",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "rho": 0.95, "eps": 1e-7, "weight_decay": 0.0},
            {"decay": DECOUPLED, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adadelta.py",
            "its default lr is a thousandth of the paper's",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("G", "mean squared gradient"), Slot("D", "mean squared step")),
)

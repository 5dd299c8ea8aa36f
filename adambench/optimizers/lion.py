"""Lion: steps of one length in every coordinate, along the sign of a mean of gradients."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_RATE
from adambench.hyperparameter import LR
from adambench.optimizer import Dialect, Hyperparameter, Optimizer, Slot

BETA1 = Hyperparameter(
    "beta1",
    "share of the first moment in the sign's argument",
    high=1.0,
    open_high=True,
    search=(1e-3, 1.0),
    one_minus=True,
)
BETA2 = Hyperparameter(
    "beta2", "decay of the first moment", high=1.0, open_high=True, search=(1e-3, 1.0), one_minus=True
)


def coefficients(flags):
    def of(hyper, t, carry):
        lr, beta1, beta2 = hyper
        return (lr, beta1, 1.0 - beta1, beta2, 1.0 - beta2), carry

    return of


def rule(flags):
    def lion(gradient, x, state, coefficients):
        lr, beta1, gain1, beta2, gain2 = coefficients
        (m,) = state
        c = beta1 * m + gain1 * gradient
        return x - lr * np.sign(c), (beta2 * m + gain2 * gradient,)

    return lion


def formula(flags):
    return "x = x - lr sign(beta1 m + (1 - beta1) g)\nm = beta2 m + (1 - beta2) g"


USUAL = {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}
AUTHORS = {"decay": decay.DECOUPLED, "single_rate": False}

OPTIMIZER = Optimizer(
    name="lion",
    summary="the sign of a mean of gradients: one length of step for all, so a rate some ten times below Adam's",
    formula=formula,
    source="Chen et al. 2023, arXiv:2302.06675, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2),
    dialects=(
        Dialect(
            "authors",
            USUAL,
            AUTHORS,
            "Lion by its authors; lion-pytorch 0.2",
            "google/automl lion/lion_pytorch.py; lucidrains/lion-pytorch lion_pytorch/lion_pytorch.py",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "weight_decay": 1e-3},
            AUTHORS,
            "optax >= 0.1.5",
            "google-deepmind/optax optax/_src/alias.py lion, transform.py scale_by_lion",
            "lr (sign(c) + weight_decay x): the same step, summed in another order",
        ),
        Dialect(
            "keras",
            {**USUAL, "lr": 1e-3},
            {"decay": decay.DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3 on its torch backend",
            "keras-team/keras keras/src/optimizers/lion.py, keras/src/backend/torch/optimizers/",
            "lr and 1 - lr weight_decay are rounded to float32",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "decoupled": True},
            {**AUTHORS, "decay": decay.COUPLED},
            "pytorch_optimizer >= 3.0",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/lion.py",
            "`weight_decouple` is decoupled here",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"),),
    choices=(decay.CHOICE, SINGLE_RATE),
)

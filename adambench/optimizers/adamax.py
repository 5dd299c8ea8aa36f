"""AdaMax: Adam with the infinity norm of the past gradients for its second moment."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import BETA1, BETA2, EPS, LR
from adambench.optimizer import Dialect, Optimizer, Slot
from adambench.power import next_power


def coefficients(flags):
    inside = flags["eps_in_maximum"]

    def of(hyper, t, carry):
        lr, beta1, beta2, eps = hyper
        power1 = next_power(carry[0], beta1)
        eps_inside, eps_outside = (eps, 0.0) if inside else (0.0, eps)
        alpha = lr / (1.0 - power1)
        return (alpha, beta1, 1.0 - beta1, beta2, eps_inside, eps_outside), (power1,)

    return of


def rule(flags):
    def adamax(gradient, x, state, coefficients):
        alpha, beta1, gain1, beta2, eps_inside, eps_outside = coefficients
        m, u = state
        m = beta1 * m + gain1 * gradient
        u = np.maximum(beta2 * u, abs(gradient) + eps_inside)
        return x - alpha * m / (u + eps_outside), (m, u)

    return adamax


def formula(flags):
    inside = flags["eps_in_maximum"]
    return (
        "m = beta1 m + (1 - beta1) g\n"
        f"u = max(beta2 u, |g|{' + eps' if inside else ''})\n"
        f"x = x - lr / (1 - beta1^t) m / {'u' if inside else '(u + eps)'}"
    )


OPTIMIZER = Optimizer(
    name="adamax",
    summary="Adam with the largest recent gradient for its scale: bounded steps, little affected by outliers below it",
    formula=formula,
    source="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS),
    dialects=(
        Dialect(
            "torch",
            {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
            {"eps_in_maximum": True, "decay": COUPLED, "single_rate": False},
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/adamax.py",
        ),
        Dialect(
            "optax",
            {"lr": None, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
            {"eps_in_maximum": True, "decay": DECOUPLED, "single_rate": False},
            "optax >= 0.1.3",
            "google-deepmind/optax optax/_src/alias.py adamax, transform.py scale_by_adamax",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7, "weight_decay": 0.0},
            {"eps_in_maximum": False, "decay": DECOUPLED, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adamax.py",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"), Slot("u", "infinity norm")),
    carry=(1.0,),
)

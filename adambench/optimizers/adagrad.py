"""AdaGrad: each coordinate's rate shrinks with the sum of its squared gradients."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import EPS, INITIAL_ACCUMULATOR, LR, LR_DECAY
from adambench.optimizer import Dialect, Optimizer, Slot


def coefficients(flags):
    def of(hyper, t, carry):
        lr, lr_decay, initial_accumulator, eps = hyper
        return (lr / (1.0 + (t - 1) * lr_decay), eps), carry

    return of


def rule(flags):
    inside = flags["eps_inside"]

    def adagrad(gradient, x, state, coefficients):
        rate, eps = coefficients
        (total,) = state
        total = total + gradient * gradient
        root = np.sqrt(total + eps) if inside else np.sqrt(total) + eps
        return x - rate * gradient / root, (total,)

    return adagrad


def formula(flags):
    root = "sqrt(G + eps)" if flags["eps_inside"] else "(sqrt(G) + eps)"
    return f"G = G + g^2            (G = initial_accumulator at first)\nx = x - lr / (1 + (t - 1) lr_decay) g / {root}"


OPTIMIZER = Optimizer(
    name="adagrad",
    summary="rates that shrink with the sum of squared gradients: strong on sparse features, slow in the long run",
    formula=formula,
    source="Duchi, Hazan & Singer 2011, JMLR 12, 2121-2159",
    hyperparameters=(LR, LR_DECAY, INITIAL_ACCUMULATOR, EPS),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-2, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator": 0.0, "eps": 1e-10},
            {"eps_inside": False, "decay": COUPLED, "single_rate": False},
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/adagrad.py",
        ),
        Dialect(
            "optax",
            {"lr": None, "initial_accumulator": 0.1, "eps": 1e-7},
            {"eps_inside": True, "decay": DECOUPLED, "single_rate": False},
            "optax >= 0.0.2",
            "google-deepmind/optax optax/_src/alias.py adagrad, transform.py scale_by_rss",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "weight_decay": 0.0, "initial_accumulator": 0.1, "eps": 1e-7},
            {"eps_inside": True, "decay": DECOUPLED, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adagrad.py",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("G", "sum of squared gradients", "initial_accumulator"),),
)

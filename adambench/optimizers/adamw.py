"""AdamW: Adam with weight decay applied to x itself, not through the gradient."""

from __future__ import annotations

from dataclasses import replace

from adambench.decay import DECOUPLED, DECOUPLED_SINGLE
from adambench.optimizer import Dialect
from adambench.optimizers import adam

BETAS = {"beta1": 0.9, "beta2": 0.999}

OPTIMIZER = replace(
    adam.OPTIMIZER,
    name="adamw",
    summary="Adam with decoupled weight decay: every weight shrinks at the same rate",
    source="Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2",
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-3, **BETAS, "eps": 1e-8, "weight_decay": 1e-2, "amsgrad": False},
            {**adam.PAPER, "decay": DECOUPLED},
            "PyTorch >= 1.2",
            "pytorch/pytorch torch/optim/adamw.py",
        ),
        Dialect(
            "optax",
            {"lr": None, **BETAS, "eps": 1e-8, "eps_root": 0.0, "weight_decay": 1e-4},
            {**adam.PAPER, "decay": DECOUPLED},
            "optax >= 0.0.1",
            "google-deepmind/optax optax/_src/alias.py adamw",
            "lr (m_hat / root + weight_decay x): the same step, summed in another order",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, **BETAS, "eps": 1e-7, "weight_decay": 4e-3, "amsgrad": False},
            {**adam.KERAS, "decay": DECOUPLED_SINGLE},
            "Keras 3 on its torch backend",
            "keras-team/keras keras/src/optimizers/adamw.py, keras/src/backend/torch/optimizers/",
            "lr and 1 - lr weight_decay are rounded to float32",
        ),
    ),
)

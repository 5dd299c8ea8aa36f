"""AdamW: Adam with weight decay applied to x itself, not through the gradient."""

from __future__ import annotations

from dataclasses import replace

from adambench.decay import DECOUPLED, OWN
from adambench.optimizer import Dialect
from adambench.optimizers import adam

OPTIMIZER = replace(
    adam.OPTIMIZER,
    name="adamw",
    summary="Adam with decoupled weight decay: every weight shrinks at the same rate",
    source="Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2",
    dialects=(
        Dialect(
            "torch",
            {**adam.USUAL, "weight_decay": 1e-2, "amsgrad": False},
            {**adam.PAPER, "decay": DECOUPLED},
            "PyTorch >= 1.3",
            "pytorch/pytorch torch/optim/adamw.py",
        ),
        Dialect(
            "optax",
            {**adam.USUAL, "lr": None, "eps_root": 0.0, "weight_decay": 1e-4},
            {**adam.PAPER, "decay": DECOUPLED},
            "optax >= 0.0.1",
            "google-deepmind/optax optax/_src/alias.py adamw",
            "lr (m_hat / root + weight_decay x): the same step, summed in another order",
        ),
        Dialect(
            "keras",
            {**adam.USUAL, "eps": 1e-7, "weight_decay": 4e-3, "amsgrad": False},
            adam.KERAS,
            "Keras 3 on its torch backend",
            "keras-team/keras keras/src/optimizers/adamw.py, keras/src/backend/torch/optimizers/",
            "lr and 1 - lr weight_decay are rounded to float32",
        ),
        Dialect(
            "chainer",
            {**adam.USUAL, "weight_decay": 0.0},
            adam.CHAINER,
            "Chainer 4 to 7, Adam with weight_decay_rate",
            "chainer/chainer chainer/optimizers/adam.py update_core_cpu",
            "weight decay is not times lr; its default is 0; eta is 1",
        ),
        Dialect(
            "mxnet",
            {**adam.USUAL, "eps": 1e-6, "weight_decay": 0.0},
            {**adam.EPSILON_HAT, "decay": OWN, "shrunk": adam.STANDING},
            "MXNet 2.0",
            "apache/mxnet python/mxnet/optimizer/adamW.py fused_step",
            "weight decay is times the corrected learning rate; its default is 0; correct_bias is on; its step, which "
            "use_fused_step=False takes instead, shrinks x after the step",
        ),
    ),
)

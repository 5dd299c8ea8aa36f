"""AdaMax: Adam with the infinity norm of the past gradients for its second moment."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE
from adambench.hyperparameter import BETA1, BETA2, EPS, LR, LR_DECAY
from adambench.optimizer import Dialect, Flag, Optimizer, Slot
from adambench.power import next_power

IN_MAXIMUM, ADDED, NONE = "in the maximum", "added", "none"
EPSILON = Flag(
    "epsilon",
    {
        IN_MAXIMUM: "epsilon is added to |g|, inside the maximum",
        ADDED: "epsilon is added to the infinity norm",
        NONE: "there is no epsilon, and no step until the first gradient that is not zero",
    },
)


def coefficients(flags):
    inside, single = flags["epsilon"] == IN_MAXIMUM, flags["single_decays"]

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, lr_decay = hyper
        if single:
            beta1, beta2 = np.float64(np.float32(beta1)), np.float64(np.float32(beta2))
        power1 = next_power(carry[0], beta1)
        eps_inside, eps_outside = (eps, 0.0) if inside else (0.0, eps)
        alpha = lr / (1.0 + lr_decay * (t - 1)) / (1.0 - power1)
        return (alpha, beta1, 1.0 - beta1, beta2, eps_inside, eps_outside, 0.0, 1.0), (power1,)

    return of


def rule(flags):
    unguarded = flags["epsilon"] == NONE

    def adamax(gradient, x, state, coefficients):
        alpha, beta1, gain1, beta2, eps_inside, eps_outside, zero, one = coefficients
        m, u = state
        m = beta1 * m + gain1 * gradient
        u = np.maximum(beta2 * u, abs(gradient) + eps_inside)
        scale = np.where(u > zero, u, one) if unguarded else u + eps_outside  # m is 0 where u is
        return x - alpha * m / scale, (m, u)

    return adamax


def formula(flags):
    inside = " + eps" if flags["epsilon"] == IN_MAXIMUM else ""
    scale = "(u + eps)" if flags["epsilon"] == ADDED else "u"
    rate = "lr / (1 + (t - 1) lr_decay) / (1 - beta1^t)"
    return f"m = beta1 m + (1 - beta1) g\nu = max(beta2 u, |g|{inside})\nx = x - {rate} m / {scale}"


TORCH = {"epsilon": IN_MAXIMUM, "decay": COUPLED, "single_rate": False, "single_decays": False}
ADDING = {**TORCH, "epsilon": ADDED}
USUAL = {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

OPTIMIZER = Optimizer(
    name="adamax",
    summary="Adam with the largest recent gradient for its scale: bounded steps, little affected by outliers below it",
    formula=formula,
    source="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, LR_DECAY),
    dialects=(
        Dialect(
            "torch", {**USUAL, "weight_decay": 0.0}, TORCH, "PyTorch >= 0.1", "pytorch/pytorch torch/optim/adamax.py"
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None},
            {**TORCH, "decay": DECOUPLED},
            "optax >= 0.1.3",
            "google-deepmind/optax optax/_src/alias.py adamax, transform.py scale_by_adamax",
        ),
        Dialect(
            "keras",
            {**USUAL, "lr": 1e-3, "eps": 1e-7, "weight_decay": 0.0},
            {**ADDING, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adamax.py",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "lr": 1e-3, "weight_decay": 0.0, "decoupled": False},
            TORCH,
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adamax.py",
        ),
        Dialect(
            "paper",
            {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999},
            {**TORCH, "epsilon": NONE},
            "Kingma & Ba 2015, v8 and v9",
            "arXiv:1412.6980 Algorithm 2",
            "it does not say what 0 / 0 is; here it is 0",
        ),
        Dialect(
            "keras-tf2",
            {**USUAL, "lr": 1e-3, "eps": 1e-7, "lr_decay": 0.0},
            {**ADDING, "single_rate": True, "single_decays": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras keras/optimizer_v2/adamax.py, optimizer_v2.py; "
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyAdaMaxNonCuda",
            "lr, beta1 and beta2 are float32 variables; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-2",
            {**USUAL, "eps": 1e-7, "lr_decay": 0.0},
            ADDING,
            "Keras 0.3 to 2.3",
            "keras-team/keras 2.1.3 keras/optimizers.py",
            "eps was 1e-8 before 2.1.3; `decay` is lr_decay here, 0.3 to 1.0 have none",
        ),
        Dialect(
            "mxnet",
            {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0},
            {**TORCH, "epsilon": NONE},
            "MXNet 1.0 to 2.0",
            "apache/mxnet python/mxnet/optimizer/adamax.py",
            "0 / 0 is NaN there; here it is 0",
        ),
        Dialect(
            "torch7",
            {**USUAL, "eps": 1e-38, "weight_decay": 0.0},
            TORCH,
            "Torch7 optim since 2015-07 (weight decay since 2016-06)",
            "torch/optim adamax.lua",
            "`weightDecay` is weight_decay here",
        ),
        Dialect("lasagne", USUAL, ADDING, "Lasagne 0.1", "Lasagne/Lasagne lasagne/updates.py"),
        Dialect(
            "tensorflow",
            {**USUAL, "lr": 1e-3},
            ADDING,
            "TensorFlow 1, tf.contrib.opt.AdaMaxOptimizer",
            "tensorflow/tensorflow tensorflow/contrib/opt/python/training/adamax.py, "
            "core/kernels/training_ops.cc ApplyAdaMaxNonCuda",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"), Slot("u", "infinity norm")),
    carry=(1.0,),
    choices=(EPSILON, decay.CHOICE, SINGLE_RATE, SINGLE_DECAYS),
)

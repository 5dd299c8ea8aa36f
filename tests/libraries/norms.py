"""The optimizers that take norms of x or of its update."""

from __future__ import annotations

import importlib.util

import numpy as np

from libraries.case import Case

DOUBLE = {}
if importlib.util.find_spec("torch"):
    import torch

    DOUBLE = {"momentum_dtype": torch.float64}

SINGLE_DECAY = "the decay of the second moment is computed in float32"
EXACT_DECAY = {"decay_rate": np.float64(0.8)}  # a float64 scalar keeps optax from rounding t^-0.8 to float32
ROUNDED = {"tolerance": 1e-5, "reason": "Keras rounds the constants, means and maxima of its steps to float32"}
SHAKEN = {
    "tolerance": 1e-9,
    "reason": "d rests on the first x0 - x, of ten digits: a last bit of a gradient moves x as far",
}
FULL = {"relative_step": False, "scale_parameter": False}

LAMB = (
    Case("lamb", "optax", "optax.lamb", {"learning_rate": 1e-3}),
    Case("lamb:lr=0.01:weight_decay=0.1", "optax", "optax.lamb", {"learning_rate": 0.01, "weight_decay": 0.1}),
    Case("lamb@optax:lr=0.001", "optax", "optax.lamb", {"learning_rate": 1e-3}),
    Case(
        "lamb@optax:lr=0.01:beta1=0.8:beta2=0.9:eps=1e-8:eps_root=1e-6:weight_decay=0.01",
        "optax",
        "optax.lamb",
        {"learning_rate": 0.01, "b1": 0.8, "b2": 0.9, "eps": 1e-8, "eps_root": 1e-6, "weight_decay": 0.01},
    ),
    Case("lamb@keras", "keras", "keras.optimizers.Lamb", **ROUNDED),
    Case(
        "lamb@keras:beta1=0.75:beta2=0.875:eps=0.0009765625:lr=0.0078125",
        "keras",
        "keras.optimizers.Lamb",
        {"learning_rate": 2.0**-7, "beta_1": 0.75, "beta_2": 0.875, "epsilon": 2.0**-10},
    ),
    Case(
        "lamb@keras:beta1=0.75:beta2=0.875:eps=0.0009765625:lr=0.0078125:weight_decay=0.125",
        "keras",
        "keras.optimizers.Lamb",
        {"learning_rate": 2.0**-7, "beta_1": 0.75, "beta_2": 0.875, "epsilon": 2.0**-10, "weight_decay": 0.125},
    ),
    Case("lamb@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.Lamb"),
    Case(
        "lamb@pytorch_optimizer:lr=0.01:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Lamb",
        {"lr": 0.01, "weight_decay": 0.1},
    ),
    Case(
        "lamb@pytorch_optimizer:lr=0.01:beta1=0.8:beta2=0.9:eps=1e-3:decoupled=false:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Lamb",
        {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decouple": False, "weight_decay": 0.1},
    ),
)


def vector_and_matrix(*case, **more):
    """The case on vectors, and on a matrix."""
    return Case(*case, **more), Case(*case, **more, matrix=True)


ADAFACTOR = (
    *vector_and_matrix("adafactor", "torch", "torch.optim.Adafactor"),
    *vector_and_matrix(
        "adafactor:lr=0.003:weight_decay=0.1", "torch", "torch.optim.Adafactor", {"lr": 0.003, "weight_decay": 0.1}
    ),
    *vector_and_matrix(
        "adafactor:lr=0.005:beta2_decay=-0.5:d=2:eps=1e-3:eps2=0.1",
        "torch",
        "torch.optim.Adafactor",
        {"lr": 0.005, "beta2_decay": -0.5, "d": 2.0, "eps": (1e-3, 0.1)},
    ),
    *vector_and_matrix(
        "adafactor@paper",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaFactor",
        {"betas": (None, 1.0 - 1e-12)},  # its largest decay, never reached
    ),
    *vector_and_matrix("adafactor@keras", "keras", "keras.optimizers.Adafactor", **ROUNDED),
    *vector_and_matrix(
        "adafactor@keras:lr=0.003:weight_decay=0.1",
        "keras",
        "keras.optimizers.Adafactor",
        {"learning_rate": 0.003, "weight_decay": 0.1},
        **ROUNDED,
    ),
    *vector_and_matrix(
        "adafactor@keras:lr=0.001:beta2_decay=-0.5:d=2:eps1=1e-3:eps2=0.1",
        "keras",
        "keras.optimizers.Adafactor",
        {"learning_rate": 0.001, "beta_2_decay": -0.5, "clip_threshold": 2.0, "epsilon_1": 1e-3, "epsilon_2": 0.1},
        **ROUNDED,
        steps=100,  # later the rounding turns a sign of the gradient
    ),
    Case(
        "adafactor@optax:lr=0.01",
        "optax",
        "optax.adafactor",
        {"learning_rate": 0.01},
        tolerance=1e-5,
        reason=SINGLE_DECAY,
    ),
    *vector_and_matrix("adafactor@optax:lr=0.01", "optax", "optax.adafactor", {"learning_rate": 0.01, **EXACT_DECAY}),
    *vector_and_matrix(
        "adafactor@optax:lr=0.003:min_dim_size_to_factor=2:weight_decay=0.001",
        "optax",
        "optax.adafactor",
        {"learning_rate": 0.003, "min_dim_size_to_factor": 2, "weight_decay_rate": 1e-3, **EXACT_DECAY},
    ),
    *vector_and_matrix(
        "adafactor@optax:lr=0.01:beta1=0.9:d=0:eps1=1e-3:multiply_by_parameter_scale=false",
        "optax",
        "optax.adafactor",
        {
            **{"learning_rate": 0.01, "momentum": 0.9, "dtype_momentum": np.float64, "clipping_threshold": None},
            **{"eps": 1e-3, "multiply_by_parameter_scale": False},
            **EXACT_DECAY,
        },
    ),
    Case(
        "adafactor@pytorch_optimizer",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaFactor",
        tolerance=0.1,
        reason="its mean update is kept in bfloat16",
    ),
    *vector_and_matrix("adafactor@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.AdaFactor", DOUBLE),
    *vector_and_matrix(
        "adafactor@pytorch_optimizer:beta1=0:lr=0.003:relative_step=false:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaFactor",
        {"lr": 0.003, "betas": (None, 0.999), "relative_step": False, "weight_decay": 0.1},
    ),
    *vector_and_matrix(
        "adafactor@pytorch_optimizer:lr=0.001:beta1=0.5:beta2=0.9:decoupled=false:weight_decay=0.1"
        ":multiply_by_parameter_scale=false:relative_step=false",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaFactor",
        {"lr": 1e-3, "betas": (0.5, 0.9), "weight_decouple": False, "weight_decay": 0.1, **FULL, **DOUBLE},
    ),
)

PRODIGY = (
    Case("prodigy", "prodigyopt", "prodigyopt.Prodigy", **SHAKEN),
    Case("prodigy:weight_decay=0.1", "prodigyopt", "prodigyopt.Prodigy", {"weight_decay": 0.1}, **SHAKEN),
    Case(
        "prodigy:beta1=0.8:beta2=0.99:d_coef=0.5:decoupled=false:growth_rate=1.02:lr=0.5"
        ":use_bias_correction=true:weight_decay=0.01",
        "prodigyopt",
        "prodigyopt.Prodigy",
        {
            **{"betas": (0.8, 0.99), "d_coef": 0.5, "decouple": False, "growth_rate": 1.02, "lr": 0.5},
            **{"use_bias_correction": True, "weight_decay": 0.01},
        },
    ),
    Case(
        "prodigy:beta1=0:beta3=0.9:d0=1e-4:eps=1e-3:safeguard_warmup=true:lr=0.1",
        "prodigyopt",
        "prodigyopt.Prodigy",
        {"betas": (0.0, 0.999), "beta3": 0.9, "d0": 1e-4, "eps": 1e-3, "safeguard_warmup": True, "lr": 0.1},
    ),
    Case("prodigy@optax", "optax", "optax.contrib.prodigy"),
    Case("prodigy@optax:weight_decay=0.1", "optax", "optax.contrib.prodigy", {"weight_decay": 0.1}),
    Case(
        "prodigy@optax:beta1=0.8:beta2=0.99:beta3=0.9:d0=1e-4:d_coef=0.5:eps=1e-3:safeguard_warmup=true:lr=0.5",
        "optax",
        "optax.contrib.prodigy",
        {
            **{"betas": (0.8, 0.99), "beta3": 0.9, "estim_lr0": 1e-4, "estim_lr_coef": 0.5, "eps": 1e-3},
            **{"safeguard_warmup": True, "learning_rate": 0.5},
        },
    ),
    Case("prodigy@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.Prodigy", **SHAKEN),
    Case(
        "prodigy@pytorch_optimizer:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Prodigy",
        {"weight_decay": 0.1},
        **SHAKEN,
    ),
    Case(
        "prodigy@pytorch_optimizer:beta1=0:growth_rate=1.1:lr=0.5:use_bias_correction=true",
        "pytorch_optimizer",
        "pytorch_optimizer.Prodigy",
        {"betas": (0.0, 0.999), "growth_rate": 1.1, "lr": 0.5, "bias_correction": True},
    ),
)

CASES = (*LAMB, *ADAFACTOR, *PRODIGY)

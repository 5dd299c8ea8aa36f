"""Schedule-free methods and Sophia."""

from __future__ import annotations

from libraries.case import Case

SF_SGD, SF_ADAMW = "schedulefree.SGDScheduleFree", "schedulefree.AdamWScheduleFree"
PO_SGD, PO_ADAMW = "pytorch_optimizer.ScheduleFreeSGD", "pytorch_optimizer.ScheduleFreeAdamW"
OPTAX_SGD, OPTAX_ADAMW = "optax.contrib.schedule_free_sgd", "optax.contrib.schedule_free_adamw"
KERAS_ADAMW = "libraries.curved.mended_keras"
SOPHIA_H, OPTAX_SOPHIA = "pytorch_optimizer.SophiaH", "optax.contrib.sophia"

DYADIC = 2.0**-10
"""Optax works out a warmup in float32, which changes no digit of such a rate over a power of two of steps."""

WEIGHED = "weight_decay=0.01:warmup_steps=20:r=1"

CASES = (
    Case("schedulefree-sgd:lr=0.001", "schedulefree", SF_SGD, {"lr": 0.001, "foreach": False}),
    Case(
        f"schedulefree-sgd:lr=0.0005:momentum=0.95:{WEIGHED}",
        "schedulefree",
        SF_SGD,
        {"lr": 0.0005, "momentum": 0.95, "weight_decay": 0.01, "warmup_steps": 20, "r": 1.0, "foreach": False},
    ),
    Case(
        "schedulefree-sgd:lr=0.001:momentum=0.7:warmup_steps=50:weight_lr_power=1",
        "schedulefree",
        SF_SGD,
        {"lr": 0.001, "momentum": 0.7, "warmup_steps": 50, "weight_lr_power": 1.0, "foreach": False},
    ),
    Case("schedulefree-sgd:lr=0.001", "pytorch_optimizer", PO_SGD, {"lr": 0.001}),
    Case(
        f"schedulefree-sgd:lr=0.0005:{WEIGHED}",
        "pytorch_optimizer",
        PO_SGD,
        {"lr": 0.0005, "weight_decay": 0.01, "warmup_steps": 20, "r": 1.0},
    ),
    Case("schedulefree-sgd@optax:lr=0.001", "optax", OPTAX_SGD, {"learning_rate": 0.001}),
    Case(
        "schedulefree-sgd@optax:lr=0.0005:momentum=0.95:weight_decay=0.01",
        "optax",
        OPTAX_SGD,
        {"learning_rate": 0.0005, "b1": 0.95, "weight_decay": 0.01},
    ),
    Case(
        f"schedulefree-sgd@optax:lr={DYADIC}:warmup_steps=64:weight_lr_power=1",
        "optax",
        OPTAX_SGD,
        {"learning_rate": DYADIC, "warmup_steps": 64, "weight_lr_power": 1.0},
    ),
    Case("schedulefree-adamw", "schedulefree", SF_ADAMW, {"foreach": False}),
    Case(
        f"schedulefree-adamw:lr=0.01:{WEIGHED}",
        "schedulefree",
        SF_ADAMW,
        {"lr": 0.01, "weight_decay": 0.01, "warmup_steps": 20, "r": 1.0, "foreach": False},
    ),
    Case(
        "schedulefree-adamw:lr=0.05:beta1=0.98:beta2=0.9:eps=0.001:warmup_steps=50:weight_lr_power=1",
        "schedulefree",
        SF_ADAMW,
        {
            "lr": 0.05,
            "betas": (0.98, 0.9),
            "eps": 0.001,
            "warmup_steps": 50,
            "weight_lr_power": 1.0,
            "foreach": False,
        },
    ),
    Case("schedulefree-adamw@optax", "optax", OPTAX_ADAMW),
    Case(
        f"schedulefree-adamw@optax:lr={DYADIC}:weight_decay=0.01:warmup_steps=16",
        "optax",
        OPTAX_ADAMW,
        {"learning_rate": DYADIC, "weight_decay": 0.01, "warmup_steps": 16},
    ),
    Case(
        "schedulefree-adamw@optax:lr=0.05:beta1=0.98:beta2=0.9:eps=0.001:weight_lr_power=1",
        "optax",
        OPTAX_ADAMW,
        {"learning_rate": 0.05, "b1": 0.98, "b2": 0.9, "eps": 0.001, "weight_lr_power": 1.0},
    ),
    Case("schedulefree-adamw@pytorch_optimizer", "pytorch_optimizer", PO_ADAMW),
    Case(
        f"schedulefree-adamw@pytorch_optimizer:lr=0.01:{WEIGHED}",
        "pytorch_optimizer",
        PO_ADAMW,
        {"lr": 0.01, "weight_decay": 0.01, "warmup_steps": 20, "r": 1.0},
    ),
    Case(
        "schedulefree-adamw@pytorch_optimizer:lr=0.05:beta1=0.98:beta2=0.9:eps=0.001",
        "pytorch_optimizer",
        PO_ADAMW,
        {"lr": 0.05, "betas": (0.98, 0.9), "eps": 0.001},
    ),
)


def mended_keras(**options):
    """Keras' ScheduleFreeAdamW, but z moves to new memory, so that `momentum_old` keeps the value it was taken for."""
    import keras
    import torch

    class ScheduleFreeAdamW(keras.optimizers.ScheduleFreeAdamW):
        def assign_sub(self, variable, value):
            variable._value = torch.nn.Parameter(variable.value.detach() - value, requires_grad=False)

    return ScheduleFreeAdamW(**options)


MENDED = (
    Case("schedulefree-adamw@keras", "keras", KERAS_ADAMW),
    Case(
        "schedulefree-adamw@keras:lr=0.01:weight_decay=0.01:warmup_steps=16",
        "keras",
        KERAS_ADAMW,
        {"learning_rate": 0.01, "weight_decay": 0.01, "warmup_steps": 16},
    ),
    Case(
        "schedulefree-adamw@keras:lr=0.05:beta1=0.98:beta2=0.9:eps=0.001",
        "keras",
        KERAS_ADAMW,
        {"learning_rate": 0.05, "beta_1": 0.98, "beta_2": 0.9, "epsilon": 0.001},
    ),
)
"""Keras 3.15.1 on its torch backend updates z in place while `momentum_old` still refers to it, so it recovers the mean
with the new z: these are of a copy that keeps the old one, and `test_curvature` shows that without it they differ. A
warmup over a power of two of steps, since Keras rounds t / warmup_steps to float32."""

DIAGONALS = (
    Case("sophia@pytorch_optimizer", "pytorch_optimizer", SOPHIA_H),
    Case(
        "sophia@pytorch_optimizer:lr=0.01:clip_threshold=1:weight_decay=0.1",
        "pytorch_optimizer",
        SOPHIA_H,
        {"lr": 0.01, "p": 1.0, "weight_decay": 0.1},
    ),
    Case(
        "sophia@pytorch_optimizer:lr=0.05:beta1=0.9:beta2=0.5:eps=0.1:clip_threshold=0.3:hess_interval=3",
        "pytorch_optimizer",
        SOPHIA_H,
        {"lr": 0.05, "betas": (0.9, 0.5), "eps": 0.1, "p": 0.3, "update_period": 3},
    ),
    Case("sophia@optax:lr=0.001", "optax", OPTAX_SOPHIA, {"learning_rate": 0.001}),
    Case(
        "sophia@optax:lr=0.01:gamma=0.5:weight_decay=0.1",
        "optax",
        OPTAX_SOPHIA,
        {"learning_rate": 0.01, "gamma": 0.5, "weight_decay": 0.1},
    ),
    Case(
        "sophia@optax:lr=0.05:beta1=0.9:beta2=0.5:eps=0.1:gamma=1:clip_threshold=0.3:hess_interval=3:weight_decay=0",
        "optax",
        OPTAX_SOPHIA,
        {
            "learning_rate": 0.05,
            "b1": 0.9,
            "b2": 0.5,
            "eps": 0.1,
            "gamma": 1.0,
            "clip_threshold": 0.3,
            "update_interval": 3,
            "weight_decay": 0.0,
        },
    ),
)
"""Both sides are given the same diagonals of the Hessian, which the cases above have no place for."""

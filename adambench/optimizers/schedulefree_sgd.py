"""Schedule-free SGD: gradient steps from z, their running mean x, and the gradient taken between the two."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED
from adambench.hyperparameter import LR
from adambench.optimizer import START, Dialect, Flag, Hyperparameter, Optimizer, Slot

MOMENTUM = Hyperparameter(
    "momentum",
    "share of the mean in the point where the gradient is taken",
    high=1.0,
    open_high=True,
    search=(1e-3, 1.0),
    one_minus=True,
)
WARMUP_STEPS = Hyperparameter(
    "warmup_steps", "steps in which the learning rate grows from 0, linearly", high=1e15, whole=True
)
R = Hyperparameter("r", "step t weighs t^r in the mean")
WEIGHT_LR_POWER = Hyperparameter("weight_lr_power", "step t weighs (largest lr so far)^weight_lr_power in the mean")
AVERAGING = (WARMUP_STEPS, R, WEIGHT_LR_POWER)

IN_STEP, LAGGING = "in step", "lagging"
WARMUP = Flag(
    "warmup",
    {
        IN_STEP: "the first step has the learning rate lr / warmup_steps",
        LAGGING: "the warmup of a step is one behind that of its weight: the first step has the learning rate 0",
    },
)


def warmed(lr, warmup_steps, t):
    """The learning rate at step t of a linear warmup."""
    return lr * (t / warmup_steps) if warmup_steps > 0.0 and t - 1 < warmup_steps else lr


def averaging(flags):
    """of(lr, warmup_steps, r, weight_lr_power, t, carry) -> (the step's learning rate, its share of the mean, carry).

    carry: the largest learning rate so far, and the sum of the weights
    """
    lagging = flags["warmup"] == LAGGING

    def of(lr, warmup_steps, r, weight_lr_power, t, carry):
        rate = warmed(lr, warmup_steps, t)
        largest = max(carry[0], rate)
        weight = np.float64(t) ** r * largest**weight_lr_power
        total = carry[1] + weight
        share = weight / total if total > 0.0 else 0.0
        return warmed(lr, warmup_steps, t - 1) if lagging else rate, share, (largest, total)

    return of


def coefficients(flags):
    average = averaging(flags)

    def of(hyper, t, carry):
        lr, momentum, warmup_steps, r, weight_lr_power = hyper
        lr, share, carry = average(lr, warmup_steps, r, weight_lr_power, t, carry)
        return (lr, momentum, share), carry

    return of


def rule(flags):
    def schedulefree_sgd(gradient, y, state, coefficients):
        lr, momentum, share = coefficients
        z, x = state
        z = z - lr * gradient
        x = x + share * (z - x)
        y = z + momentum * (x - z)  # (1 - momentum) z + momentum x, and exactly z where x = z
        return y, (z, x)

    return schedulefree_sgd


def slots(flags):
    return (
        Slot("z", "where plain gradient steps lead", START),
        Slot("x", "weighted mean of z", START, watched=True),
    )


MEAN = "x = (1 - c) x + c z                  c = w_t / (w_1 + ... + w_t),   w_t = t^r (max lr)^weight_lr_power"
SLOW = {
    IN_STEP: "lr min(1, t / warmup_steps)",
    LAGGING: "lr min(1, (t - 1) / warmup_steps) in z, lr t / warmup_steps in w",
}


def formula(flags):
    return (
        "z = z - lr g                         g: the gradient at y\n"
        f"{MEAN}\n"
        "y = (1 - momentum) z + momentum x    x: where the loss counts\n"
        f"(while it warms up lr is {SLOW[flags['warmup']]})"
    )


AUTHORS = {"warmup": IN_STEP, "decay": COUPLED, "single_rate": False}
OPTAX = {**AUTHORS, "warmup": LAGGING}
USUAL = {"warmup_steps": 0.0, "r": 0.0, "weight_lr_power": 2.0}

OPTIMIZER = Optimizer(
    name="schedulefree-sgd",
    summary="the mean of the iterates instead of a schedule: no budget has to be known in advance",
    formula=formula,
    source="Defazio et al. 2024, The Road Less Scheduled, arXiv:2405.15682, eq. 1-3",
    hyperparameters=(LR, MOMENTUM, *AVERAGING),
    dialects=(
        Dialect(
            "authors",
            {"lr": 1.0, "momentum": 0.9, "weight_decay": 0.0, **USUAL},
            AUTHORS,
            "schedulefree >= 1.2; pytorch_optimizer 4.1",
            "facebookresearch/schedule_free schedulefree/sgd_schedulefree.py",
            "weight decay is a gradient at y; the library keeps y and z, and works out x",
        ),
        Dialect(
            "optax",
            {"lr": 1.0, "momentum": 0.9, "weight_decay": 0.0, "warmup_steps": 0.0, "weight_lr_power": 2.0},
            OPTAX,
            "optax >= 0.2.3",
            "google-deepmind/optax optax/contrib/_schedule_free.py schedule_free_sgd",
            "its wrapper counts steps from 1, the optimizer inside from 0",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(0.0, 0.0),
    choices=(WARMUP,),
)

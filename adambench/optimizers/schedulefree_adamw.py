"""Schedule-free AdamW: z takes Adam's steps without a first moment, x is its mean, the gradient is taken between."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_RATE
from adambench.decay import DECOUPLED_SINGLE, OWN
from adambench.hyperparameter import BETA2, EPS, EPS_ROOT, LR
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.optimizers import schedulefree_sgd
from adambench.optimizers.schedulefree_sgd import AVERAGING, MEAN, SLOW, WARMUP, averaging
from adambench.power import next_power

BETA1 = Hyperparameter(
    "beta1",
    "share of the mean in the point where the gradient is taken",
    high=1.0,
    open_high=True,
    search=(1e-3, 1.0),
    one_minus=True,
)
KEPT, RECOVERED = "kept", "recovered"


def coefficients(flags):
    average, owns = averaging(flags), flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, warmup_steps, r, weight_lr_power = hyper[:8]
        weight_decay = hyper[-1] if owns else 0.0
        power2 = next_power(carry[0], beta2)
        lr, share, (largest, total) = average(lr, warmup_steps, r, weight_lr_power, t, carry[1:])
        constants = (lr, beta1, beta2, 1.0 - beta2, 1.0 / (1.0 - power2), eps, eps_root, weight_decay, share)
        return constants, (power2, largest, total)

    return of


def rule(flags):
    recovered = flags["mean"] == RECOVERED

    def schedulefree_adamw(gradient, y, state, coefficients):
        lr, beta1, beta2, gain2, unbias2, eps, eps_root, weight_decay, share = coefficients
        z, x, v = state
        if recovered:
            x = z + (y - z) / beta1
        v = beta2 * v + gain2 * gradient * gradient
        z = z - lr * (gradient / (np.sqrt(v * unbias2 + eps_root) + eps) + weight_decay * y)
        x = x + share * (z - x)
        y = z + beta1 * (x - z)  # (1 - beta1) z + beta1 x, and exactly z where x = z
        return y, (z, x, v)

    return schedulefree_adamw


def slots(flags):
    return (*schedulefree_sgd.slots(flags), Slot("v", "second moment"))


def formula(flags):
    first = "x = (y - (1 - beta1) z) / beta1      y: after its decay\n" if flags["mean"] == RECOVERED else ""
    pull = " + weight_decay y" if flags["decay"] == OWN else ""
    return (
        f"{first}v = beta2 v + (1 - beta2) g^2,   v_hat = v / (1 - beta2^t)\n"
        f"z = z - lr (g / (sqrt(v_hat + eps_root) + eps){pull})    g: the gradient at y\n"
        f"{MEAN}\n"
        "y = (1 - beta1) z + beta1 x          x: where the loss counts\n"
        f"(while it warms up lr is {SLOW[flags['warmup']]})"
    )


AUTHORS = {**schedulefree_sgd.AUTHORS, "mean": KEPT, "decay": OWN}
USUAL = {"lr": 2.5e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0, "warmup_steps": 0.0}

OPTIMIZER = Optimizer(
    name="schedulefree-adamw",
    summary="AdamW with the mean of the iterates instead of a schedule: no budget has to be known in advance",
    formula=formula,
    source="Defazio et al. 2024, The Road Less Scheduled, arXiv:2405.15682, Algorithm 1",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT, *AVERAGING),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, "r": 0.0, "weight_lr_power": 2.0},
            AUTHORS,
            "schedulefree >= 1.2",
            "facebookresearch/schedule_free schedulefree/adamw_schedulefree.py",
            "weight decay is taken at y; the library keeps y and z, and works out x",
        ),
        Dialect(
            "optax",
            {**USUAL, "weight_lr_power": 2.0},
            {**AUTHORS, "warmup": schedulefree_sgd.LAGGING},
            "optax >= 0.2.3",
            "google-deepmind/optax optax/contrib/_schedule_free.py schedule_free_adamw",
            "its wrapper counts steps from 1, the optimizer inside from 0",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "eps_root": 1e-15, "r": 0.0, "weight_lr_power": 2.0},
            AUTHORS,
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/schedulefree.py",
            "eps_root is fixed there",
        ),
        Dialect(
            "keras",
            USUAL,
            {**AUTHORS, "mean": RECOVERED, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3.15 as it is meant, and runs on JAX and TensorFlow",
            "keras-team/keras keras/src/optimizers/schedule_free_adamw.py",
            "all steps weigh the same in the mean, those of a warmup too; the decay of y moves x; on its torch backend "
            "3.15.1 takes the new z for the old one where it recovers x, and goes other ways from step 1",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0, 0.0, 0.0),
    choices=(
        WARMUP,
        Flag(
            "mean",
            {
                KEPT: "the mean x is kept between steps",
                RECOVERED: "the mean x is recovered from y, so weight decay of y moves it too",
            },
        ),
        decay.CHOICE,
        SINGLE_RATE,
    ),
)

"""NAdam: Adam with Nesterov's look ahead folded into the first moment."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

MOMENTUM_DECAY = Hyperparameter(
    "momentum_decay", "how fast the momentum schedule rises: 1 - 0.96^(t momentum_decay) / 2"
)

SCHEDULE = Flag(
    "momentum_schedule",
    {
        True: "the momentum rises by the schedule beta1 (1 - 0.96^(t momentum_decay) / 2)",
        False: "the momentum is beta1 at every step",
    },
)
APART, TOGETHER = "apart", "together"
CORRECTION = Flag(
    "correction",
    {
        APART: "gradient and first moment are corrected each by its own product of momenta; "
        "epsilon is added to the root of the corrected second moment",
        TOGETHER: "gradient and first moment share Adam's correction; "
        "epsilon is added to the root of the uncorrected second moment (epsilon hat)",
    },
)


def coefficients(flags):
    scheduled, together = flags["momentum_schedule"], flags["correction"] == TOGETHER
    single = flags["single_decays"]

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, momentum_decay = hyper
        if single:
            beta1, beta2 = np.float64(np.float32(beta1)), np.float64(np.float32(beta2))
        product, power2, fade, ratio = carry
        now = after = beta1
        if scheduled:
            if t == 1:
                ratio = 0.96**momentum_decay
            fade = next_power(fade, ratio)
            now, after = beta1 * (1.0 - 0.5 * fade), beta1 * (1.0 - 0.5 * fade * ratio)
        product, power2 = next_power(product, now), next_power(power2, beta2)
        by_gradient = lr * (1.0 - now) / (1.0 - product)
        by_moment = lr * after / (1.0 - product * after)
        unbias2 = 1.0 / (1.0 - power2)
        if together:
            alpha = lr * np.sqrt(1.0 - power2) / (1.0 - product)
            by_gradient, by_moment, unbias2 = alpha * (1.0 - now), alpha * now, 1.0
        constants = (beta1, 1.0 - beta1, beta2, 1.0 - beta2, unbias2, eps, eps_root)
        return (by_gradient, by_moment) + constants, (product, power2, fade, ratio)

    return of


def rule(flags):
    rooted = flags["rooted"]

    def nadam(gradient, x, state, coefficients):
        by_gradient, by_moment, beta1, gain1, beta2, gain2, unbias2, eps, eps_root = coefficients
        m, v = state
        m = beta1 * m + gain1 * gradient
        v = beta2 * v + gain2 * gradient * gradient
        v_hat = v * unbias2
        root = (np.sqrt(v_hat + eps_root) if rooted else np.sqrt(v_hat)) + eps
        return x - (by_gradient * gradient + by_moment * m) / root, (m, v)

    return nadam


def settings(flags, hyperparameters):
    return {**flags, "rooted": hyperparameters["eps_root"] != 0}


def formula(flags):
    schedule = "mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)" if flags["momentum_schedule"] else "mu_t = beta1"
    moments = f"{schedule}\nm = beta1 m + (1 - beta1) g\nv = beta2 v + (1 - beta2) g^2"
    if flags["correction"] == TOGETHER:
        return f"{moments}\nx = x - lr sqrt(1 - beta2^t) / (1 - beta1^t) (mu_t m + (1 - mu_t) g) / (sqrt(v) + eps)"
    return (
        f"{moments},   v_hat = v / (1 - beta2^t)\n"
        "m_hat = mu_{t+1} m / (1 - mu_1 ... mu_{t+1}) + (1 - mu_t) g / (1 - mu_1 ... mu_t)\n"
        "x = x - lr m_hat / (sqrt(v_hat + eps_root) + eps)"
    )


TORCH = {
    **{"momentum_schedule": True, "correction": APART, "decay": COUPLED},
    **{"single_rate": False, "single_decays": False},
}
USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

OPTIMIZER = Optimizer(
    name="nadam",
    summary="Adam that looks ahead along its first moment",
    formula=formula,
    source="Dozat 2016, ICLR workshop, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT, MOMENTUM_DECAY),
    dialects=(
        Dialect(
            "torch",
            {**USUAL, "lr": 2e-3, "weight_decay": 0.0, "momentum_decay": 4e-3, "decoupled": False},
            TORCH,
            "PyTorch >= 1.10",
            "pytorch/pytorch torch/optim/nadam.py",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "eps_root": 0.0},
            {**TORCH, "momentum_schedule": False, "decay": DECOUPLED},
            "optax >= 0.1.8",
            "google-deepmind/optax optax/_src/alias.py nadam, transform.py scale_by_adam(nesterov=True)",
            "constant momentum",
        ),
        Dialect(
            "keras",
            {**USUAL, "eps": 1e-7, "weight_decay": 0.0, "momentum_decay": 1.0},
            {**TORCH, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/nadam.py",
            "0.96^t: the factor 0.004 of the paper's schedule is missing, so momentum_decay is 1",
        ),
        Dialect(
            "keras-tf2",
            {**USUAL, "eps": 1e-7, "momentum_decay": 4e-3},
            {**TORCH, "single_rate": True, "single_decays": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras v2.6.0 keras/optimizer_v2/nadam.py, optimizer_v2.py",
            "lr, beta1 and beta2 are float32 variables; `schedule_decay` is momentum_decay here",
        ),
        Dialect(
            "keras-2",
            {**USUAL, "lr": 2e-3, "eps": 1e-7, "momentum_decay": 4e-3},
            TORCH,
            "Keras 1.1 to 2.3",
            "keras-team/keras 2.1.3 keras/optimizers.py",
            "eps was 1e-8 before 2.1.3; `schedule_decay` is momentum_decay here",
        ),
        Dialect(
            "mxnet",
            {**USUAL, "weight_decay": 0.0, "momentum_decay": 4e-3},
            TORCH,
            "MXNet 1.0 to 2.0",
            "apache/mxnet python/mxnet/optimizer/nadam.py",
            "`schedule_decay` is momentum_decay here; its product of momenta moves on with every array of parameters, "
            "here with every step",
        ),
        Dialect(
            "tensorflow",
            USUAL,
            {**TORCH, "momentum_schedule": False, "correction": TOGETHER},
            "TensorFlow 1, tf.contrib.opt.NadamOptimizer",
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyAdamNonCuda with use_nesterov",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"), Slot("v", "second moment")),
    carry=(1.0, 1.0, 1.0, 1.0),
    settings=settings,
    choices=(SCHEDULE, CORRECTION, decay.CHOICE, SINGLE_RATE, SINGLE_DECAYS),
)

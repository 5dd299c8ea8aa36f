"""LAMB: Adam's direction, in each block of x as long as the block itself."""

from __future__ import annotations

import numpy as np

from adambench.choice import SINGLE_RATE
from adambench.decay import CHOICE, DECOUPLED, DECOUPLED_SINGLE, OWN
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR
from adambench.norm import extent, norm
from adambench.optimizer import Dialect, Flag, Optimizer, Slot
from adambench.power import next_power

MOMENTS, RATE = "moments", "rate"
PLAIN, CLAMPED = "plain", "clamped"
LONGEST = 10.0
"""Beyond it, the norm of x counts no more in the clamped trust ratio."""


def coefficients(flags):
    moments, own = flags["correction"] == MOMENTS, flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root = hyper[:5]
        weight_decay = hyper[-1] if own else 0.0
        power1, power2 = next_power(carry[0], beta1), next_power(carry[1], beta2)
        unbias1, unbias2 = 1.0 / (1.0 - power1), 1.0 / (1.0 - power2)
        if not moments:
            lr, unbias1, unbias2 = lr * unbias1, 1.0, 1.0
        constants = (lr, beta1, 1.0 - beta1, beta2, 1.0 - beta2, unbias1, unbias2, eps, eps_root, weight_decay)
        return constants, (power1, power2)

    return of


def whole(flags):
    clamped = flags["trust"] == CLAMPED

    def lamb(t, loss, gradient, x, state, memory, blocks, coefficients):
        lr, beta1, gain1, beta2, gain2, unbias1, unbias2, eps, eps_root, weight_decay = coefficients
        m, v, update = state[0], state[1], memory
        for j in range(x.size):
            m[j] = beta1 * m[j] + gain1 * gradient[j]
            v[j] = beta2 * v[j] + gain2 * gradient[j] * gradient[j]
            update[j] = m[j] * unbias1 / (np.sqrt(v[j] * unbias2 + eps_root) + eps) + weight_decay * x[j]
        for block in range(blocks.shape[0]):
            first, count = extent(blocks, block)
            length, step = norm(x, first, count), norm(update, first, count)
            ratio = np.float64(1.0)
            if length != 0.0 and step != 0.0:
                ratio = np.minimum(length, LONGEST) / (step + eps) if clamped else length / step
            for j in range(first, first + count):
                x[j] = x[j] - ratio * lr * update[j]

    return lamb


def formula(flags):
    moments = "m = beta1 m + (1 - beta1) g\nv = beta2 v + (1 - beta2) g^2\n"
    if flags["correction"] == MOMENTS:
        rate = "lr"
        moments += "m_hat = m / (1 - beta1^t),   v_hat = v / (1 - beta2^t)\nu = m_hat / (sqrt(v_hat + eps_root) + eps)"
    else:
        rate = "lr / (1 - beta1^t)"
        moments += "u = m / (sqrt(v + eps_root) + eps)"
    if flags["decay"] == OWN:
        moments += " + weight_decay x"
    ratio = f"min(|x|, {LONGEST:g}) / (|u| + eps)" if flags["trust"] == CLAMPED else "|x| / |u|"
    return f"{moments}\nratio = {ratio}    (in each block; 1 where either norm is 0)\nx = x - {rate} ratio u"


PAPER = {"correction": MOMENTS, "trust": PLAIN, "decay": OWN, "single_rate": False}
USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.0}

OPTIMIZER = Optimizer(
    name="lamb",
    summary="Adam's direction with steps in proportion to x itself: for very large batches",
    formula=formula,
    source="You et al. 2020, arXiv:1904.00962, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT),
    dialects=(
        Dialect(
            "authors",
            USUAL,
            PAPER,
            "TensorFlow Addons",
            "tensorflow/addons tensorflow_addons/optimizers/lamb.py",
            "the implementation that the paper's abstract points to",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "eps_root": 0.0},
            PAPER,
            "optax >= 0.0.1",
            "google-deepmind/optax optax/_src/alias.py lamb, transform.py scale_by_trust_ratio",
        ),
        Dialect(
            "keras",
            {**USUAL, "eps": 1e-7},
            {**PAPER, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3 on its torch backend",
            "keras-team/keras keras/src/optimizers/lamb.py, keras/src/backend/torch/optimizers/",
            "x shrinks before its norm is taken; lr, 1 - lr weight_decay and what meets its variables, such as beta1, "
            "are rounded to float32",
            "float32",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "decoupled": True},
            {**PAPER, "correction": RATE, "trust": CLAMPED},
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/lamb.py",
            "decoupled=false is weight decay within the update, as in the paper",
        ),
    ),
    whole=whole,
    memory=lambda flags, blocks: sum(rows * max(columns, 1) for _, rows, columns in blocks),
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"), Slot("v", "second moment")),
    carry=(1.0, 1.0),
    settings=lambda flags, hyperparameters: {**flags, "decay": DECOUPLED} if hyperparameters["decoupled"] else flags,
    choices=(
        Flag(
            "correction",
            {
                MOMENTS: "both moments are corrected for their start at zero",
                RATE: "no moment is corrected, but the learning rate is divided by 1 - beta1^t",
            },
        ),
        Flag(
            "trust",
            {
                PLAIN: "the trust ratio is the norm of x over that of the update",
                CLAMPED: f"the norm of x is clamped to {LONGEST:g} and eps added to that of the update",
            },
        ),
        CHOICE,
        SINGLE_RATE,
    ),
)

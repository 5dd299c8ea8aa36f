"""Adam: the first moment of the gradient over the root of its second, both corrected for their start at zero."""

from __future__ import annotations

import numpy as np

from adambench.decay import COUPLED, DECOUPLED
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR, LR_DECAY
from adambench.optimizer import Dialect, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

DECAY_FACTOR = Hyperparameter("decay_factor", "beta1 at step t is beta1 decay_factor^(t - 1)", high=1.0, neutral=1.0)
AMSGRAD = Hyperparameter("amsgrad", "divide by the largest second moment so far", switch=True, neutral=False)


def coefficients(flags):
    raw_epsilon, fading = flags["epsilon"] == "raw", flags["fading"]

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, lr_decay, decay_factor = hyper
        lr = lr / (1.0 + lr_decay * (t - 1))
        power1, power2 = next_power(carry[0], beta1), next_power(carry[1], beta2)
        alpha, unbias2 = lr, 1.0 / (1.0 - power2)
        if raw_epsilon:
            alpha, unbias2 = lr * np.sqrt(1.0 - power2), 1.0
        if fading:
            beta1 = beta1 * decay_factor ** np.float64(t - 1)
            unbias1 = 1.0 / (1.0 - beta1 ** np.float64(t))
        else:
            unbias1 = 1.0 / (1.0 - power1)
        constants = (beta1, 1.0 - beta1, beta2, 1.0 - beta2, unbias1, unbias2, eps, eps_root)
        return (alpha,) + constants, (power1, power2)

    return of


def rule(flags):
    rooted, corrected_maximum = flags["rooted"], flags["maximum"] == "corrected"

    def adam(gradient, x, state, coefficients):
        alpha, beta1, gain1, beta2, gain2, unbias1, unbias2, eps, eps_root = coefficients
        m, v = state
        m = beta1 * m + gain1 * gradient
        v = beta2 * v + gain2 * gradient * gradient
        m_hat, v_hat = m * unbias1, v * unbias2
        root = np.sqrt(v_hat + eps_root) if rooted else np.sqrt(v_hat)
        return x - alpha * m_hat / (root + eps), (m, v)

    def amsgrad(gradient, x, state, coefficients):
        alpha, beta1, gain1, beta2, gain2, unbias1, unbias2, eps, eps_root = coefficients
        m, v, peak = state
        m = beta1 * m + gain1 * gradient
        v = beta2 * v + gain2 * gradient * gradient
        peak = np.maximum(peak, v * unbias2 if corrected_maximum else v)
        m_hat, v_hat = m * unbias1, peak if corrected_maximum else peak * unbias2
        root = np.sqrt(v_hat + eps_root) if rooted else np.sqrt(v_hat)
        return x - alpha * m_hat / (root + eps), (m, v, peak)

    return amsgrad if flags["amsgrad"] else adam


def slots(flags):
    peak = (Slot("peak", "largest second moment"),) if flags["amsgrad"] else ()
    return (Slot("m", "first moment"), Slot("v", "second moment"), *peak)


def settings(flags, hyperparameters):
    return {
        **flags,
        "amsgrad": hyperparameters["amsgrad"],
        "rooted": hyperparameters["eps_root"] != 0,
        "fading": hyperparameters["decay_factor"] != 1,
    }


def formula(flags):
    corrected = flags["maximum"] == "corrected"
    peak = "peak = max(peak, v_hat), in v_hat's place" if corrected else "peak = max(peak, v), in v's place"
    if flags["epsilon"] == "raw":
        step = "x = x - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)"
    else:
        step = (
            "m_hat = m / (1 - beta1^t),   v_hat = v / (1 - beta2^t)\nx = x - lr m_hat / (sqrt(v_hat + eps_root) + eps)"
        )
    return f"m = beta1 m + (1 - beta1) g\nv = beta2 v + (1 - beta2) g^2\n{step}\n(amsgrad: {peak})"


PAPER = {"epsilon": "corrected", "maximum": "raw", "decay": COUPLED, "single_rate": False}
RAW = {**PAPER, "epsilon": "raw"}
KERAS = {**RAW, "decay": DECOUPLED, "single_rate": True}
USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

DIALECTS = (
    Dialect(
        "torch",
        {**USUAL, "weight_decay": 0.0, "amsgrad": False, "decoupled": False},
        PAPER,
        "PyTorch >= 1.3",
        "pytorch/pytorch torch/optim/adam.py",
    ),
    Dialect(
        "optax",
        {**USUAL, "lr": None, "eps_root": 0.0, "amsgrad": False},
        {**PAPER, "maximum": "corrected", "decay": DECOUPLED},
        "optax >= 0.0.1; amsgrad >= 0.1.5",
        "google-deepmind/optax optax/_src/alias.py adam, transform.py scale_by_adam, scale_by_amsgrad",
        "AMSGrad keeps the largest corrected second moment",
    ),
    Dialect(
        "keras",
        {**USUAL, "eps": 1e-7, "weight_decay": 0.0, "amsgrad": False},
        KERAS,
        "Keras 3; tf.keras >= 2.11; Keras >= 2.3",
        "keras-team/keras keras/src/optimizers/adam.py, base_optimizer.py",
        "the learning rate is a float32 variable; eps acts before the correction",
    ),
    Dialect("paper", USUAL, PAPER, "Kingma & Ba 2015, v8 and v9", "arXiv:1412.6980 Algorithm 1"),
    Dialect(
        "tensorflow",
        USUAL,
        RAW,
        "TensorFlow 1, tf.train.AdamOptimizer",
        "tensorflow/tensorflow tensorflow/python/training/adam.py, core/kernels/training_ops.cc ApplyAdamNonCuda",
    ),
    Dialect(
        "keras-2.0",
        {**USUAL, "lr_decay": 0.0},
        RAW,
        "Keras 0.2 to 2.1.2",
        "keras-team/keras 2.0.0 keras/optimizers.py",
        "`decay` is lr_decay here",
    ),
    Dialect(
        "blocks",
        {**USUAL, "lr": 2e-3, "decay_factor": 1.0},
        RAW,
        "Blocks since 2017-01-24",
        "mila-iqia/blocks blocks/algorithms/__init__.py",
        "beta1 may fade; the correction is then 1 - beta1_t^t",
    ),
    Dialect("lasagne", USUAL, RAW, "Lasagne 0.1", "Lasagne/Lasagne lasagne/updates.py"),
    Dialect(
        "caffe",
        {"lr": None, "beta1": 0.0, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
        RAW,
        "Caffe 1.0",
        "BVLC/caffe src/caffe/solvers/adam_solver.cpp, src/caffe/proto/caffe.proto",
        "beta1 is `momentum`, 0 unless set; its example sets 0.9 and lr 0.001",
    ),
    Dialect(
        "mxnet",
        {**USUAL, "weight_decay": 0.0},
        RAW,
        "MXNet 2.0",
        "apache/mxnet python/mxnet/optimizer/adam.py, src/operator/optimizer_op-inl.h",
    ),
    Dialect(
        "torch7",
        {**USUAL, "weight_decay": 0.0, "lr_decay": 0.0},
        RAW,
        "Torch7 optim since 2015-07",
        "torch/optim adam.lua",
        "`learningRateDecay` is lr_decay here",
    ),
)

OPTIMIZER = Optimizer(
    name="adam",
    summary="first moment over the root of the second: scale-free steps that suit noisy and sparse gradients",
    formula=formula,
    source="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT, LR_DECAY, DECAY_FACTOR, AMSGRAD),
    dialects=DIALECTS,
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0, 1.0),
    settings=settings,
)


def dialects(names, **defaults):
    """The named dialects with other defaults (of the hyperparameters they have): Adam under another name."""
    return tuple(
        Dialect(d.name, {**d.defaults, **defaults}, d.flags, d.library, d.source, d.note)
        for d in DIALECTS
        if d.name in names
    )

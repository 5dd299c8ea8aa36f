"""Adam: the first moment of the gradient over the root of its second, both corrected for their start at zero."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE, OWN, UNSCALED
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR, LR_DECAY
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

DECAY_FACTOR = Hyperparameter("decay_factor", "beta1 at step t is beta1 decay_factor^(t - 1)", high=1.0, neutral=1.0)
AMSGRAD = Hyperparameter("amsgrad", "divide by the largest second moment so far", switch=True, neutral=False)
CORRECT_FIRST = Hyperparameter("bias_correction_mu", "correct the first moment", switch=True, neutral=True)
CORRECT_SECOND = Hyperparameter("bias_correction_nu", "correct the second moment", switch=True, neutral=True)

CORRECTED, RAW, FORGOTTEN = "corrected", "raw", "forgotten"
POWER, FADED, UNFADED, AT_ONCE = "beta^t", "faded beta^t", "beta^t, whatever fades", "beta"
EPSILON = Flag(
    "epsilon",
    {
        CORRECTED: "epsilon is added to the root of the corrected second moment",
        RAW: "epsilon is added to the root of the uncorrected second moment (epsilon hat)",
    },
)
MAXIMUM = Flag(
    "maximum",
    {
        RAW: "AMSGrad keeps the largest uncorrected second moment",
        CORRECTED: "AMSGrad keeps the largest corrected second moment",
        FORGOTTEN: "AMSGrad forgets the largest second moment after each step, which leaves plain Adam",
    },
)
CORRECTION = Flag(
    "correction",
    {
        POWER: "the moments are divided by 1 - beta^t",
        FADED: "beta1 fades as decay_factor^(t - 1), also where 1 - beta1^t corrects the first moment",
        UNFADED: "beta1 fades as decay_factor^(t - 1), but not where 1 - beta1^t corrects the first moment",
        AT_ONCE: "the moments are divided by 1 - beta at every step, as if they had always been short of history",
    },
)
DECAY = Flag("decay", {**decay.CHOICE.words, OWN: "weight decay shrinks x by the corrected lr times weight_decay"})
STANDING, MOVED = "standing", "moved"
SHRUNK = Flag(
    "shrunk",
    {
        STANDING: "weight decay shrinks x as it stood before the step",
        MOVED: "weight decay shrinks x as the step left it",
    },
)


def coefficients(flags):
    raw_epsilon, correction, fading = flags["epsilon"] == RAW, flags["correction"], flags["fading"]
    first, second, single = flags["corrects_first"], flags["corrects_second"], flags["single_decays"]
    faded, at_once = correction == FADED and fading, correction == AT_ONCE

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, lr_decay, decay_factor = hyper
        lr = lr / (1.0 + lr_decay * (t - 1))
        if single:
            beta1, beta2 = np.float64(np.float32(beta1)), np.float64(np.float32(beta2))
        power1, power2 = next_power(carry[0], beta1), next_power(carry[1], beta2)
        start1, start2 = 1.0 - power1, 1.0 - power2
        fade = decay_factor ** np.float64(t - 1) if fading else 1.0
        beta1 = beta1 * fade
        if faded:
            start1 = 1.0 - beta1 ** np.float64(t)
        if at_once:
            beta2 = beta2 * fade
            start1, start2 = 1.0 - beta1, 1.0 - beta2
        unbias1 = 1.0 / start1 if first else 1.0
        unbias2 = 1.0 / start2 if second else 1.0
        alpha = lr
        if raw_epsilon:
            alpha, unbias2 = lr * np.sqrt(start2), 1.0
        constants = (beta1, 1.0 - beta1, beta2, 1.0 - beta2, unbias1, unbias2, eps, eps_root)
        return (alpha,) + constants, (power1, power2)

    def decaying(hyper, t, carry):
        constants, carry = of(hyper[:-1], t, carry)
        return (constants[0] * constants[5] * hyper[-1],) + constants, carry

    return decaying if flags["decay"] == OWN else of


def rule(flags):
    rooted, corrected_maximum, late = flags["rooted"], flags["maximum"] == CORRECTED, flags.get("shrunk") == MOVED

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

    step = amsgrad if flags["amsgrad"] else adam

    def decaying(gradient, x, state, coefficients):
        moved, state = step(gradient, x, state, coefficients[1:])
        return moved - coefficients[0] * (moved if late else x), state

    return decaying if flags["decay"] == OWN else step


def slots(flags):
    peak = (Slot("peak", "largest second moment"),) if flags["amsgrad"] else ()
    return (Slot("m", "first moment"), Slot("v", "second moment"), *peak)


def settings(flags, hyperparameters):
    return {
        **flags,
        "amsgrad": hyperparameters["amsgrad"] and flags["maximum"] != FORGOTTEN,
        "rooted": hyperparameters["eps_root"] != 0,
        "fading": hyperparameters["decay_factor"] != 1,
        "corrects_first": hyperparameters["bias_correction_mu"],
        "corrects_second": hyperparameters["bias_correction_nu"],
    }


FADE = {
    POWER: "",
    FADED: "beta1 = beta1_0 decay_factor^(t - 1)\n",
    UNFADED: "beta1 = beta1_0 decay_factor^(t - 1)\n",
    AT_ONCE: "beta1 = beta1_0 decay_factor^(t - 1),   beta2 = beta2_0 decay_factor^(t - 1)\n",
}
PEAK = {
    RAW: "(amsgrad: peak = max(peak, v), in v's place)",
    CORRECTED: "(amsgrad: peak = max(peak, v_hat), in v_hat's place)",
    FORGOTTEN: "(amsgrad: max(0, v), in v's place)",
}


def formula(flags):
    correction = flags["correction"]
    first = "beta1_0^t" if correction == UNFADED else "beta1" if correction == AT_ONCE else "beta1^t"
    second = "beta2" if correction == AT_ONCE else "beta2^t"
    if flags["epsilon"] == RAW:
        rate, direction = f"lr sqrt(1 - {second}) / (1 - {first})", "m / (sqrt(v) + eps)"
        step = f"x = x - {rate} {direction}"
        if flags["decay"] == OWN and flags.get("shrunk") == MOVED:
            step = f"{step}\nx = x - {rate} weight_decay x"
        elif flags["decay"] == OWN:
            step = f"x = x - {rate} ({direction} + weight_decay x)"
    else:
        corrected = f"m_hat = m / (1 - {first}),   v_hat = v / (1 - {second})"
        step = f"{corrected}\nx = x - lr m_hat / (sqrt(v_hat + eps_root) + eps)"
    moments = "m = beta1 m + (1 - beta1) g\nv = beta2 v + (1 - beta2) g^2"
    return f"{FADE[correction]}{moments}\n{step}\n{PEAK[flags['maximum']]}"


PAPER = {
    **{"epsilon": CORRECTED, "maximum": RAW, "correction": POWER, "decay": COUPLED},
    **{"single_rate": False, "single_decays": False},
}
OPTAX = {**PAPER, "maximum": CORRECTED, "decay": DECOUPLED}
EPSILON_HAT = {**PAPER, "epsilon": RAW}
KERAS = {**EPSILON_HAT, "decay": DECOUPLED_SINGLE, "single_rate": True}
KERAS_TF2 = {**EPSILON_HAT, "single_rate": True, "single_decays": True}
CHAINER = {**EPSILON_HAT, "maximum": FORGOTTEN, "decay": UNSCALED}
USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
FADING = 1.0 - 1e-8

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
        OPTAX,
        "optax >= 0.0.1; amsgrad >= 0.1.5",
        "google-deepmind/optax optax/_src/alias.py adam, transform.py scale_by_adam, scale_by_amsgrad",
        "AMSGrad keeps the largest corrected second moment",
    ),
    Dialect(
        "keras",
        {**USUAL, "eps": 1e-7, "weight_decay": 0.0, "amsgrad": False},
        KERAS,
        "Keras 3; tf.keras >= 2.11",
        "keras-team/keras keras/src/optimizers/adam.py, base_optimizer.py",
        "the learning rate is a float32 variable; eps acts before the correction",
    ),
    Dialect("paper", USUAL, PAPER, "Kingma & Ba 2015, v8 and v9", "arXiv:1412.6980 Algorithm 1"),
    Dialect(
        "torch-1.2",
        {**USUAL, "weight_decay": 0.0, "amsgrad": False},
        EPSILON_HAT,
        "PyTorch 0.1 to 1.2; amsgrad >= 0.4",
        "pytorch/pytorch v1.2.0 torch/optim/adam.py",
        "eps acts before the correction: pull request 22628 moved it in 1.3",
    ),
    Dialect(
        "tensorflow",
        USUAL,
        EPSILON_HAT,
        "TensorFlow 1, tf.train.AdamOptimizer",
        "tensorflow/tensorflow tensorflow/python/training/adam.py, core/kernels/training_ops.cc ApplyAdamNonCuda",
    ),
    Dialect(
        "keras-tf2",
        {**USUAL, "eps": 1e-7, "amsgrad": False, "lr_decay": 0.0},
        KERAS_TF2,
        "tf.keras 2.0 to 2.10",
        "keras-team/keras keras/optimizer_v2/adam.py, optimizer_v2.py; "
        "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyAdamNonCuda, ApplyAdamWithAmsgrad",
        "lr, beta1 and beta2 are float32 variables; `decay` is lr_decay here",
    ),
    Dialect(
        "keras-2.1",
        {**USUAL, "eps": 1e-7, "amsgrad": False, "lr_decay": 0.0},
        EPSILON_HAT,
        "Keras 2.1.3 to 2.3",
        "keras-team/keras 2.1.3 keras/optimizers.py",
        "`decay` is lr_decay here",
    ),
    Dialect(
        "keras-2.0",
        {**USUAL, "lr_decay": 0.0},
        EPSILON_HAT,
        "Keras 0.2 to 2.1.2",
        "keras-team/keras 2.0.0 keras/optimizers.py",
        "`decay` is lr_decay here; 0.2 to 1.0 have none",
    ),
    Dialect(
        "keras-0.1",
        {**USUAL, "decay_factor": FADING},
        {**PAPER, "correction": AT_ONCE},
        "Keras 0.1",
        "keras-team/keras 0.1.2 keras/optimizers.py",
        "`kappa` is decay_factor here, and fades beta2 too; dividing by 1 - beta at every step makes lr 0.316 of what "
        "it says",
    ),
    Dialect(
        "blocks",
        {**USUAL, "lr": 2e-3, "decay_factor": 1.0},
        {**EPSILON_HAT, "correction": FADED},
        "Blocks since 2017-01-24",
        "mila-iqia/blocks blocks/algorithms/__init__.py",
        "beta1 may fade; the correction is then 1 - beta1_t^t",
    ),
    Dialect(
        "blocks-2016",
        {**USUAL, "lr": 2e-3, "decay_factor": FADING},
        {**EPSILON_HAT, "correction": UNFADED},
        "Blocks 2016-02 to 2017-01-24",
        "mila-iqia/blocks blocks/algorithms/__init__.py before 2017-01-24",
        "it calls 1 - beta1 beta1 and 1 - beta2 beta2: its defaults are 0.1 and 0.001",
    ),
    Dialect("lasagne", USUAL, EPSILON_HAT, "Lasagne 0.1", "Lasagne/Lasagne lasagne/updates.py"),
    Dialect(
        "caffe",
        {"lr": None, "beta1": 0.0, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
        EPSILON_HAT,
        "Caffe 1.0",
        "BVLC/caffe src/caffe/solvers/adam_solver.cpp, src/caffe/proto/caffe.proto",
        "beta1 is `momentum`, 0 unless set; its example sets 0.9 and lr 0.001",
    ),
    Dialect(
        "mxnet",
        {**USUAL, "weight_decay": 0.0},
        EPSILON_HAT,
        "MXNet 2.0",
        "apache/mxnet python/mxnet/optimizer/adam.py, src/operator/optimizer_op-inl.h",
    ),
    Dialect(
        "mxnet-1",
        {**USUAL, "weight_decay": 0.0},
        EPSILON_HAT,
        "MXNet 1.0 to 1.9",
        "apache/mxnet 1.9.1 python/mxnet/optimizer/optimizer.py, src/operator/optimizer_op-inl.h",
        "its own clipping comes after weight decay, mxnet's before",
    ),
    Dialect(
        "mxnet-0",
        {**USUAL, "weight_decay": 0.0},
        {**EPSILON_HAT, "decay": OWN, "shrunk": MOVED},
        "MXNet 0.7 and 0.8",
        "apache/mxnet v0.7.0 python/mxnet/optimizer.py",
        "weight decay follows the step, with the corrected lr; decay_factor is there but unused; earlier it faded "
        "beta1, lr was 0.002, and weight decay took the lr given",
    ),
    Dialect(
        "torch7",
        {**USUAL, "weight_decay": 0.0, "lr_decay": 0.0},
        EPSILON_HAT,
        "Torch7 optim since 2015-07 (weight decay since 2016-06, lr_decay since 2016-07)",
        "torch/optim adam.lua",
        "`weightDecay` is weight_decay, `learningRateDecay` lr_decay here",
    ),
    Dialect(
        "chainer",
        {**USUAL, "weight_decay": 0.0},
        CHAINER,
        "Chainer 4 to 7",
        "chainer/chainer chainer/optimizers/adam.py update_core_cpu",
        "weight decay is not times lr; amsgrad changes nothing on the CPU, which forgets its maximum; eta is 1",
    ),
    Dialect(
        "sklearn",
        USUAL,
        EPSILON_HAT,
        "scikit-learn >= 0.18, MLPClassifier and MLPRegressor",
        "scikit-learn/scikit-learn sklearn/neural_network/_stochastic_optimizers.py",
        "`alpha`, its L2 penalty, is part of the loss",
    ),
)

OPTIMIZER = Optimizer(
    name="adam",
    summary="first moment over the root of the second: scale-free steps that suit noisy and sparse gradients",
    formula=formula,
    source="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT, LR_DECAY, DECAY_FACTOR, AMSGRAD, CORRECT_FIRST, CORRECT_SECOND),
    dialects=DIALECTS,
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0, 1.0),
    settings=settings,
    choices=(EPSILON, MAXIMUM, CORRECTION, DECAY, SHRUNK, SINGLE_RATE, SINGLE_DECAYS),
)


def dialects(names, **defaults):
    """The named dialects with other defaults (of the hyperparameters they have): Adam under another name."""
    return tuple(
        replace(d, defaults={**d.defaults, **{key: value for key, value in defaults.items() if key in d.defaults}})
        for d in DIALECTS
        if d.name in names
    )

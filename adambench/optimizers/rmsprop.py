"""RMSProp: the gradient over the root of its recent mean square.

Tuned, it has no momentum: that is 0 in the defaults (of most libraries), which is off, and what is off is not drawn.
So it is a special case of adam, and contains `momentum` only where a range asks for it (--space
rmsprop.momentum=0.5..0.999).
"""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import INSIDE, OUTSIDE, ROOT, SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE, OWN
from adambench.hyperparameter import EPS, LR, LR_DECAY, MOMENTUM, NESTEROV, RHO
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

CENTERED = Hyperparameter("centered", "divide by the deviation instead of the mean square", switch=True, neutral=False)
INITIAL_ACCUMULATOR = Hyperparameter("initial_accumulator", "the mean square before the first gradient")
EPS_IN_SQRT = Hyperparameter("eps_in_sqrt", "epsilon inside the square root", switch=True, neutral=True)
BIAS_CORRECTION = Hyperparameter("bias_correction", "correct both means for their start", switch=True, neutral=False)

FLOOR, BY_MOMENTUM, BY_CENTERING = "floor", "inside with momentum", "inside with centering"
EPSILON = Flag(
    "epsilon",
    {
        **ROOT,
        FLOOR: "epsilon is the least value of the square root",
        BY_MOMENTUM: "epsilon is added inside the square root with momentum, to the square root without",
        BY_CENTERING: "epsilon is added inside the square root when centered, to the square root when not",
    },
)
RATE = Flag(
    "rate_in_velocity",
    {
        True: "the velocity adds up steps, which hold their own learning rates",
        False: "the velocity adds up scaled gradients, and the learning rate multiplies it",
    },
)
ANY, GRAVES, GRAVES_ONLY = "any", "momentum when centered", "always centered"
COMBINATION = Flag(
    "combination",
    {
        ANY: "momentum and centering can be had apart",
        GRAVES: "momentum counts only when centered (Graves's form)",
        GRAVES_ONLY: "the mean gradient is always taken off (Graves's form)",
    },
)
DECAY = Flag("decay", {**decay.CHOICE.words, OWN: "weight decay goes into the velocity, beside the scaled gradient"})


def coefficients(flags):
    single = flags["single_decays"]

    def of(hyper, t, carry):
        lr, rho, eps, momentum, lr_decay, initial_accumulator = hyper
        if single:
            rho, momentum = np.float64(np.float32(rho)), np.float64(np.float32(momentum))
        lr = lr / (1.0 + lr_decay * (t - 1))
        power = next_power(carry[0], rho)
        return (lr, rho, 1.0 - rho, eps, momentum, 1.0 / (1.0 - power), 0.0), (power,)

    def decaying(hyper, t, carry):
        constants, carry = of(hyper[:-1], t, carry)
        return (constants[0] * hyper[-1],) + constants, carry

    return decaying if flags["decay"] == OWN else of


def rule(flags):
    epsilon, centered, corrected = flags["epsilon"], flags["centered"], flags["corrected"]
    inside, floor, decaying = epsilon == INSIDE, epsilon == FLOOR, flags["decay"] == OWN
    velocity, nesterov = flags["velocity"], flags["nesterov"]
    folded = flags["rate_in_velocity"] or not velocity

    def rmsprop(gradient, x, state, coefficients):
        lr, rho, gain, eps, momentum, unbias, zero = coefficients[1:] if decaying else coefficients
        v = rho * state[0] + gain * gradient * gradient
        spread = v * unbias if corrected else v
        if centered:
            mean = rho * state[1] + gain * gradient
            center = mean * unbias if corrected else mean
            spread = np.maximum(spread - center * center, zero)  # rounding can make the variance negative
        root = np.sqrt(spread + eps) if inside else np.sqrt(spread)
        if not inside:
            root = np.maximum(root, eps) if floor else root + eps
        step = lr * gradient / root if folded else gradient / root
        if decaying:
            step = step + coefficients[0] * x
        if velocity:
            b = momentum * state[-1] + step
            step = momentum * b + step if nesterov else b
        x = x - step if folded else x - lr * step
        if velocity:
            return x, ((v, mean, b) if centered else (v, b))
        return x, ((v, mean) if centered else (v,))

    return rmsprop


def slots(flags):
    mean = (Slot("mean", "mean gradient"),) if flags["centered"] else ()
    velocity = (Slot("b", "velocity"),) if flags["velocity"] else ()
    return (Slot("v", "mean square", "initial_accumulator"), *mean, *velocity)


def settings(flags, hyperparameters):
    combination, moving = flags["combination"], hyperparameters["momentum"] != 0
    centered = hyperparameters["centered"] or combination == GRAVES_ONLY
    inside = {BY_MOMENTUM: moving, BY_CENTERING: centered, INSIDE: hyperparameters["eps_in_sqrt"], OUTSIDE: False}
    return {
        **flags,
        "epsilon": FLOOR if flags["epsilon"] == FLOOR else INSIDE if inside[flags["epsilon"]] else OUTSIDE,
        "centered": centered,
        "velocity": moving and (centered or combination != GRAVES),
        "nesterov": hyperparameters["nesterov"],
        "corrected": hyperparameters["bias_correction"],
    }


DIVISOR = {
    INSIDE: "sqrt(v + eps)",
    OUTSIDE: "(sqrt(v) + eps)",
    FLOOR: "max(sqrt(v), eps)",
    BY_MOMENTUM: "(sqrt(v) + eps)          (with momentum: / sqrt(v + eps))",
    BY_CENTERING: "(sqrt(v) + eps)          (centered: / sqrt(v + eps))",
}


def formula(flags):
    divisor = DIVISOR[flags["epsilon"]]
    square = "v = rho v + (1 - rho) g^2      (centered: less the squared mean gradient)"
    if flags["combination"] == GRAVES_ONLY:
        square = "mean = rho mean + (1 - rho) g\nv = rho v + (1 - rho) g^2,   less mean^2 in what follows"
    if flags["rate_in_velocity"]:
        decaying = " + lr weight_decay x" if flags["decay"] == OWN else ""
        return f"{square}\nb = momentum b{decaying} + lr g / {divisor}\nx = x - b"
    return f"{square}\nb = momentum b + g / {divisor}\nx = x - lr b"


TORCH = {
    **{"epsilon": OUTSIDE, "rate_in_velocity": False, "combination": ANY, "decay": COUPLED},
    **{"single_rate": False, "single_decays": False},
}
UNDER_ROOT = {**TORCH, "epsilon": INSIDE}
FOLDED = {**UNDER_ROOT, "rate_in_velocity": True}
MXNET = {**FOLDED, "combination": GRAVES}
MOVING = {"momentum": 0.0, "centered": False}

OPTIMIZER = Optimizer(
    name="rmsprop",
    summary="the gradient over the root of its recent mean square: keeps its rate where AdaGrad's dies",
    formula=formula,
    source="Tieleman & Hinton 2012, Coursera lecture 6.5; centered: Graves 2013, arXiv:1308.0850, eq. 38-45",
    hyperparameters=(
        *(LR, RHO, EPS, MOMENTUM, LR_DECAY, INITIAL_ACCUMULATOR),
        *(NESTEROV, CENTERED, EPS_IN_SQRT, BIAS_CORRECTION),
    ),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-2, "rho": 0.99, "eps": 1e-8, "weight_decay": 0.0, **MOVING},
            TORCH,
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/rmsprop.py",
        ),
        Dialect(
            "optax",
            {
                **{"lr": None, "rho": 0.9, "eps": 1e-8, "initial_accumulator": 0.0, "nesterov": False, **MOVING},
                **{"eps_in_sqrt": True, "bias_correction": False},
            },
            {**FOLDED, "decay": DECOUPLED},
            "optax >= 0.0.2 (eps_in_sqrt >= 0.2.3; bias_correction: read in 0.2.8)",
            "google-deepmind/optax optax/_src/alias.py rmsprop, transform.py scale_by_rms, scale_by_stddev",
            "`initial_scale` is initial_accumulator here",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "weight_decay": 0.0, **MOVING},
            {**FOLDED, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/rmsprop.py",
        ),
        Dialect(
            "keras-tf2",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "lr_decay": 0.0, **MOVING},
            {**FOLDED, "epsilon": BY_MOMENTUM, "single_rate": True, "single_decays": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras v2.6.0 keras/optimizer_v2/rmsprop.py, optimizer_v2.py; "
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyRMSProp, ApplyCenteredRMSProp",
            "with momentum another kernel runs, which puts eps elsewhere; lr, rho and momentum are float32 variables; "
            "`decay` is lr_decay here",
        ),
        Dialect(
            "keras-2",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "lr_decay": 0.0},
            TORCH,
            "Keras 1.1 to 2.3",
            "keras-team/keras 2.1.3 keras/optimizers.py",
            "eps was 1e-8 before 2.1.3; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-1.0",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-6},
            UNDER_ROOT,
            "Keras 0.1 to 1.0",
            "keras-team/keras 0.3.0 keras/optimizers.py",
        ),
        Dialect(
            "tensorflow",
            {"lr": None, "rho": 0.9, "eps": 1e-10, "initial_accumulator": 1.0, **MOVING},
            FOLDED,
            "TensorFlow 1, tf.train.RMSPropOptimizer",
            "tensorflow/tensorflow tensorflow/python/training/rmsprop.py, core/kernels/training_ops.cc ApplyRMSProp",
            "the mean square starts at 1, which cannot be changed there",
        ),
        Dialect(
            "mxnet",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.9, "centered": False},
            {**MXNET, "epsilon": BY_CENTERING},
            "MXNet 2.0",
            "apache/mxnet python/mxnet/optimizer/rmsprop.py",
        ),
        Dialect(
            "mxnet-1",
            {"lr": 1e-3, "rho": 0.9, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.9, "centered": False},
            MXNET,
            "MXNet 1.0 to 1.9",
            "apache/mxnet 1.9.1 python/mxnet/optimizer/optimizer.py, src/operator/optimizer_op-inl.h",
            "`gamma1` is rho, `gamma2` is momentum",
        ),
        Dialect(
            "mxnet-0",
            {"lr": 1e-2, "rho": 0.95, "eps": 1e-4, "weight_decay": 0.0, "momentum": 0.9},
            {**FOLDED, "combination": GRAVES_ONLY, "decay": OWN},
            "MXNet 0.7 and 0.8",
            "apache/mxnet v0.7.0 python/mxnet/optimizer.py",
            "`gamma1` is rho, `gamma2` is momentum; eps cannot be changed there; its documentation says lr 0.002; "
            "0.9.3 adds 1e-8 to the square root",
        ),
        Dialect(
            "caffe",
            {"lr": None, "rho": 0.99, "eps": 1e-8, "weight_decay": 0.0},
            TORCH,
            "Caffe 1.0",
            "BVLC/caffe src/caffe/solvers/rmsprop_solver.cpp, src/caffe/proto/caffe.proto",
            "rho is `rms_decay`, eps `delta`; its example sets 0.98 and lr 0.01",
        ),
        Dialect(
            "lasagne",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
            UNDER_ROOT,
            "Lasagne 0.1",
            "Lasagne/Lasagne lasagne/updates.py",
        ),
        Dialect(
            "blocks",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-5},
            {**TORCH, "epsilon": FLOOR},
            "Blocks 0.1 to 0.2",
            "mila-iqia/blocks blocks/algorithms/__init__.py BasicRMSProp",
            "eps is 1 / `max_scaling`",
        ),
        Dialect(
            "torch7",
            {"lr": 1e-2, "rho": 0.99, "eps": 1e-8, "weight_decay": 0.0, "initial_accumulator": 0.0},
            TORCH,
            "Torch7 optim since 2016-09-06",
            "torch/optim rmsprop.lua",
            "`initialMean` is initial_accumulator, `weightDecay` weight_decay here; the mean square started at 1 from "
            "2016-06-08 on; in 2015 lr was 0.001 and rho 0.998",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0,),
    settings=settings,
    choices=(EPSILON, RATE, COMBINATION, DECAY, SINGLE_RATE, SINGLE_DECAYS),
)

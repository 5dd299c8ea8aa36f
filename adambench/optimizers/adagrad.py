"""AdaGrad: each coordinate's rate shrinks with the sum of its squared gradients."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import INSIDE, OUTSIDE, ROOT, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE
from adambench.hyperparameter import EPS, INITIAL_ACCUMULATOR, LR, LR_DECAY
from adambench.optimizer import Dialect, Flag, Optimizer, Slot

GUARDED, NONE = "inside, guarded", "none"
EPSILON = Flag(
    "epsilon",
    {
        **ROOT,
        GUARDED: "epsilon is added inside the square root, and the step is 0 where the sum is 0",
        NONE: "there is no epsilon: the sum must not start at 0",
    },
)


def coefficients(flags):
    def of(hyper, t, carry):
        lr, lr_decay, initial_accumulator, eps = hyper
        return (lr / (1.0 + (t - 1) * lr_decay), eps, 0.0, 1.0), carry

    return of


def rule(flags):
    epsilon = flags["epsilon"]
    inside, guarded = epsilon in (INSIDE, GUARDED), epsilon == GUARDED

    def adagrad(gradient, x, state, coefficients):
        rate, eps, zero, one = coefficients
        (total,) = state
        total = total + gradient * gradient
        root = np.sqrt(total + eps) if inside else np.sqrt(total) + eps
        if guarded:
            root = np.where(total > zero, root, one)  # g is 0 where the sum is
        return x - rate * gradient / root, (total,)

    return adagrad


def formula(flags):
    root = {OUTSIDE: "(sqrt(G) + eps)", NONE: "sqrt(G)"}.get(flags["epsilon"], "sqrt(G + eps)")
    guard = "    (0 where G is 0)" if flags["epsilon"] == GUARDED else ""
    return (
        "G = G + g^2            (G = initial_accumulator at first)\n"
        f"x = x - lr / (1 + (t - 1) lr_decay) g / {root}{guard}"
    )


TORCH = {"epsilon": OUTSIDE, "decay": COUPLED, "single_rate": False}
UNDER_ROOT = {**TORCH, "epsilon": INSIDE}

OPTIMIZER = Optimizer(
    name="adagrad",
    summary="rates that shrink with the sum of squared gradients: strong on sparse features, slow in the long run",
    formula=formula,
    source="Duchi, Hazan & Singer 2011, JMLR 12, 2121-2159",
    hyperparameters=(LR, LR_DECAY, INITIAL_ACCUMULATOR, EPS),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-2, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator": 0.0, "eps": 1e-10},
            TORCH,
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/adagrad.py",
        ),
        Dialect(
            "optax",
            {"lr": None, "initial_accumulator": 0.1, "eps": 1e-7},
            {**TORCH, "epsilon": GUARDED, "decay": DECOUPLED},
            "optax >= 0.0.2",
            "google-deepmind/optax optax/_src/alias.py adagrad, transform.py scale_by_rss",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "weight_decay": 0.0, "initial_accumulator": 0.1, "eps": 1e-7},
            {**UNDER_ROOT, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adagrad.py",
        ),
        Dialect(
            "keras-tf2",
            {"lr": 1e-3, "lr_decay": 0.0, "initial_accumulator": 0.1, "eps": 1e-7},
            {**TORCH, "single_rate": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras v2.6.0 keras/optimizer_v2/adagrad.py, optimizer_v2.py; "
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyAdagradV2",
            "lr is a float32 variable; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-2",
            {"lr": 1e-2, "lr_decay": 0.0, "eps": 1e-7},
            TORCH,
            "Keras 1.1 to 2.3",
            "keras-team/keras 2.1.3 keras/optimizers.py",
            "eps was 1e-8 before 2.1.3; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-1.0",
            {"lr": 1e-2, "eps": 1e-6},
            UNDER_ROOT,
            "Keras 0.1 to 1.0",
            "keras-team/keras 0.3.0 keras/optimizers.py",
        ),
        Dialect(
            "tensorflow",
            {"lr": None, "initial_accumulator": 0.1},
            {**TORCH, "epsilon": NONE},
            "TensorFlow 1, tf.train.AdagradOptimizer",
            "tensorflow/tensorflow tensorflow/python/training/adagrad.py, core/kernels/training_ops.cc ApplyAdagrad",
            "initial_accumulator must be positive",
        ),
        Dialect(
            "mxnet",
            {"lr": 1e-2, "weight_decay": 0.0, "eps": 1e-6},
            TORCH,
            "MXNet 2.0",
            "apache/mxnet python/mxnet/optimizer/adagrad.py",
        ),
        Dialect(
            "mxnet-1",
            {"lr": 1e-2, "weight_decay": 0.0, "eps": 1e-7},
            {**UNDER_ROOT, "decay": DECOUPLED},
            "MXNet 0.8 to 1.9",
            "apache/mxnet 1.9.1 python/mxnet/optimizer/optimizer.py",
            "0.8's documentation says lr 0.05",
        ),
        Dialect(
            "caffe",
            {"lr": None, "weight_decay": 0.0, "eps": 1e-8},
            TORCH,
            "Caffe 1.0",
            "BVLC/caffe src/caffe/solvers/adagrad_solver.cpp, src/caffe/proto/caffe.proto",
            "eps is `delta`; its example sets lr 0.01",
        ),
        Dialect("lasagne", {"lr": 1.0, "eps": 1e-6}, UNDER_ROOT, "Lasagne 0.1", "Lasagne/Lasagne lasagne/updates.py"),
        Dialect(
            "blocks",
            {"lr": 2e-3, "eps": 1e-6},
            TORCH,
            "Blocks 0.1 to 0.2",
            "mila-iqia/blocks blocks/algorithms/__init__.py",
            "its documentation says lr 0.0002",
        ),
        Dialect(
            "torch7",
            {"lr": 1e-3, "lr_decay": 0.0, "weight_decay": 0.0, "eps": 1e-10},
            TORCH,
            "Torch7 optim",
            "torch/optim adagrad.lua",
            "eps cannot be changed there; `weightDecay` (a late addition) is weight_decay here, `learningRateDecay` "
            "lr_decay",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("G", "sum of squared gradients", "initial_accumulator"),),
    choices=(EPSILON, decay.CHOICE, SINGLE_RATE),
)

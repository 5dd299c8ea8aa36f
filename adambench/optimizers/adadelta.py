"""AdaDelta: RMSProp with a learning rate in the units of the parameters."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED_SINGLE, UNSCALED
from adambench.hyperparameter import EPS, LR, LR_DECAY, RHO
from adambench.optimizer import Dialect, Flag, Optimizer, Slot

APART, QUOTIENT = "apart", "quotient"
ROOTS = Flag(
    "roots",
    {
        APART: "the roots of steps and of gradients are taken apart",
        QUOTIENT: "one root is taken of the quotient, which differs by rounding",
    },
)
LAGS = Flag(
    "lags",
    {
        True: "a step's size comes from the mean square of the steps before it",
        False: "a step's size comes from a mean square that counts this step already, at the size it had without",
    },
)


def coefficients(flags):
    single = flags["single_decays"]

    def of(hyper, t, carry):
        lr, rho, eps, lr_decay = hyper
        if single:
            rho = np.float64(np.float32(rho))
        return (lr / (1.0 + lr_decay * (t - 1)), rho, 1.0 - rho, eps), carry

    return of


def rule(flags):
    apart, lags = flags["roots"] == APART, flags["lags"]

    def adadelta(gradient, x, state, coefficients):
        lr, rho, gain, eps = coefficients
        squares, steps = state
        squares = rho * squares + gain * gradient * gradient
        ratio = np.sqrt(steps + eps) / np.sqrt(squares + eps) if apart else np.sqrt((steps + eps) / (squares + eps))
        step = ratio * gradient
        steps = rho * steps + gain * step * step
        if not lags:
            step = np.sqrt(steps + eps) / np.sqrt(squares + eps) * gradient
        return x - lr * step, (squares, steps)

    return adadelta


def formula(flags):
    ratio = "sqrt(D + eps) / sqrt(G + eps)" if flags["roots"] == APART else "sqrt((D + eps) / (G + eps))"
    again = "" if flags["lags"] else f"step = {ratio} g\n"
    return (
        "G = rho G + (1 - rho) g^2\n"
        f"step = {ratio} g\n"
        "D = rho D + (1 - rho) step^2\n"
        f"{again}x = x - lr / (1 + (t - 1) lr_decay) step"
    )


TORCH = {"roots": APART, "lags": True, "decay": COUPLED, "single_rate": False, "single_decays": False}
UNRATED = "it has no learning rate, which is lr = 1"

OPTIMIZER = Optimizer(
    name="adadelta",
    summary="rates from the ratio of recent steps to recent gradients: no learning rate to set, slow to start",
    formula=formula,
    source="Zeiler 2012, arXiv:1212.5701, Algorithm 1",
    hyperparameters=(LR, RHO, EPS, LR_DECAY),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            TORCH,
            "PyTorch >= 0.1",
            "pytorch/pytorch torch/optim/adadelta.py",
        ),
        Dialect(
            "optax",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            TORCH,
            "optax >= 0.1.5",
            "google-deepmind/optax optax/_src/alias.py adadelta, transform.py scale_by_adadelta",
            "no learning rate is lr = 1 here; optax 0.2.8 then drops the sign too, and climbs",
        ),
        Dialect(
            "keras",
            {"lr": 1e-3, "rho": 0.95, "eps": 1e-7, "weight_decay": 0.0},
            {**TORCH, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/adadelta.py",
            "its default lr is a thousandth of the paper's",
        ),
        Dialect(
            "pytorch_optimizer",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0, "decoupled": False},
            TORCH,
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adadelta.py",
        ),
        Dialect(
            "keras-tf2",
            {"lr": 1e-3, "rho": 0.95, "eps": 1e-7, "lr_decay": 0.0},
            {**TORCH, "single_rate": True, "single_decays": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras keras/optimizer_v2/adadelta.py, optimizer_v2.py; "
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyAdadelta",
            "lr and rho are float32 variables; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-2",
            {"lr": 1.0, "rho": 0.95, "eps": 1e-7, "lr_decay": 0.0},
            TORCH,
            "Keras 1.1 to 2.3",
            "keras-team/keras 2.1.3 keras/optimizers.py",
            "eps was 1e-8 before 2.1.3; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-1.0",
            {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
            TORCH,
            "Keras 0.1 to 1.0",
            "keras-team/keras 0.3.0 keras/optimizers.py",
        ),
        Dialect(
            "tensorflow",
            {"lr": 1e-3, "rho": 0.95, "eps": 1e-8},
            TORCH,
            "TensorFlow 1.13 to 1.15, tf.train.AdadeltaOptimizer",
            "tensorflow/tensorflow tensorflow/python/training/adadelta.py, core/kernels/training_ops.cc ApplyAdadelta",
            "its default lr is a thousandth of the paper's",
        ),
        Dialect(
            "tensorflow-1.0",
            {"lr": 1e-3, "rho": 0.95, "eps": 1e-8},
            {**TORCH, "lags": False},
            "TensorFlow 1.0 to 1.4, tf.train.AdadeltaOptimizer",
            "tensorflow/tensorflow tensorflow/python/training/adadelta.py, core/kernels/training_ops.cc ApplyAdadelta",
            "the kernel reads the mean square of steps after it changed it (issue 9058); mended by 1.13",
        ),
        Dialect(
            "mxnet",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            TORCH,
            "MXNet 2.0",
            "apache/mxnet python/mxnet/optimizer/adadelta.py",
        ),
        Dialect(
            "mxnet-1",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-5, "weight_decay": 0.0},
            {**TORCH, "decay": UNSCALED},
            "MXNet 0.8 to 1.9",
            "apache/mxnet 1.9.1 python/mxnet/optimizer/optimizer.py",
            f"{UNRATED}; its documentation has weight decay in the gradient, its code outside",
        ),
        Dialect(
            "caffe",
            {"lr": None, "rho": 0.0, "eps": 1e-8, "weight_decay": 0.0},
            {**TORCH, "roots": QUOTIENT},
            "Caffe 1.0",
            "BVLC/caffe src/caffe/solvers/adadelta_solver.cpp, src/caffe/proto/caffe.proto",
            "rho is `momentum`, 0 unless set, eps `delta`; its example sets 0.95, 1e-6 and lr 1",
        ),
        Dialect(
            "lasagne", {"lr": 1.0, "rho": 0.95, "eps": 1e-6}, TORCH, "Lasagne 0.1", "Lasagne/Lasagne lasagne/updates.py"
        ),
        Dialect(
            "blocks",
            {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
            TORCH,
            "Blocks 0.1 to 0.2",
            "mila-iqia/blocks blocks/algorithms/__init__.py",
            UNRATED,
        ),
        Dialect(
            "torch7",
            {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
            TORCH,
            "Torch7 optim (weight decay since 2016-05)",
            "torch/optim adadelta.lua",
            f"{UNRATED}; `weightDecay` is weight_decay here",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("G", "mean squared gradient"), Slot("D", "mean squared step")),
    choices=(ROOTS, LAGS, decay.CHOICE, SINGLE_RATE, SINGLE_DECAYS),
)

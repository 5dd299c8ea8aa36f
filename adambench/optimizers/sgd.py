"""Stochastic gradient descent, with momentum in its common forms.

Tuned, `sgd` is plain SGD: its momentum is 0 in the defaults, which is off, and what is off is not drawn. So it is the
special case of `momentum` and `nesterov` that their tuning must not lose to. Who wants it drawn asks for it
(--space sgd.momentum=0.5..0.999), or tunes `momentum`.
"""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.choice import SINGLE_DECAYS, SINGLE_RATE
from adambench.decay import COUPLED, DECOUPLED, DECOUPLED_SINGLE
from adambench.hyperparameter import DAMPENING, LR, LR_DECAY, MOMENTUM, NESTEROV
from adambench.optimizer import START, Dialect, Flag, Optimizer, Slot

RATE = Flag(
    "rate_in_velocity",
    {
        True: "the velocity adds up steps, which hold their own learning rates",
        False: "the velocity adds up gradients, and the learning rate multiplies it",
    },
)
GIVEN, COMPLEMENT = "given", "momentum"
DAMPENED = Flag(
    "dampened",
    {
        GIVEN: "gradients enter the velocity whole, but for the dampening given",
        COMPLEMENT: "gradients enter the velocity times 1 - momentum, after the first",
    },
)
SWITCHED, NEVER, ALWAYS, AHEAD = "switched", "never", "always", "look-ahead point"
LOOK = Flag(
    "look",
    {
        SWITCHED: "Nesterov's look ahead is a switch",
        NEVER: "the step is the velocity, without a look ahead",
        ALWAYS: "the step looks one step of the velocity ahead, from a gradient taken where x stands",
        AHEAD: "the gradient is taken at the look-ahead point x + momentum v",
    },
)


def coefficients(flags):
    complement, single = flags["dampened"] == COMPLEMENT, flags["single_decays"]

    def of(hyper, t, carry):
        lr, momentum, dampening, lr_decay = hyper
        if single:
            momentum = np.float64(np.float32(momentum))
        damped = 1.0 - (momentum if complement else dampening)
        gain = 1.0 if t == 1 else damped  # the first velocity is the first gradient, undampened
        return (lr / (1.0 + lr_decay * (t - 1)), momentum, gain), carry

    return of


def rule(flags):
    nesterov, folded = flags["look"] == ALWAYS, flags["rate_in_velocity"]

    def sgd(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        return x - lr * gradient, state

    def heavy_ball(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        (v,) = state
        v = momentum * v + gain * gradient
        step = gradient + momentum * v if nesterov else v
        return x - lr * step, (v,)

    def heavy_ball_folded(gradient, x, state, coefficients):
        lr, momentum, gain = coefficients
        (v,) = state
        v = momentum * v - lr * gradient
        step = momentum * v - lr * gradient if nesterov else v
        return x + step, (v,)

    def look_ahead(gradient, ahead, state, coefficients):
        lr, momentum, gain = coefficients
        x, v = state
        v = momentum * v - lr * gradient
        x = x + v
        return x + momentum * v, (x, v)

    if not flags["velocity"]:
        return sgd
    if flags["look"] == AHEAD:
        return look_ahead
    return heavy_ball_folded if folded else heavy_ball


def slots(flags):
    if not flags["velocity"]:
        return ()
    velocity = Slot("v", "velocity")
    if flags["look"] == AHEAD:
        return (Slot("x", "where it stands; the gradient is taken ahead of it", START, watched=True), velocity)
    return (velocity,)


def settings(flags, hyperparameters):
    switched = flags["look"] == SWITCHED
    return {
        **flags,
        "velocity": hyperparameters["momentum"] != 0,
        "look": (ALWAYS if hyperparameters["nesterov"] else NEVER) if switched else flags["look"],
    }


def formula(flags):
    look = flags["look"]
    if look == AHEAD:
        return "v = momentum v - lr g          (g: the gradient at x + momentum v)\nx = x + v"
    if flags["rate_in_velocity"]:
        velocity, plain, ahead = "v = momentum v - lr g", "x + v", "x + momentum v - lr g"
    else:
        gain = "(1 - momentum)" if flags["dampened"] == COMPLEMENT else "(1 - dampening)"
        velocity, plain, ahead = f"v = momentum v + {gain} g    (v = g at t = 1)", "x - lr v", "x - lr (g + momentum v)"
    step = ahead if look == ALWAYS else plain
    switch = f"            (nesterov: x = {ahead})" if look == SWITCHED else ""
    return f"{velocity}\nx = {step}{switch}"


TORCH = {
    **{"rate_in_velocity": False, "dampened": GIVEN, "look": SWITCHED, "decay": COUPLED},
    **{"single_rate": False, "single_decays": False},
}
FOLDED = {**TORCH, "rate_in_velocity": True}


def dialects(momentum=0.0, nesterov=False):
    """What each library has for the name that stands for this momentum and this form of the step."""
    plain, switch = {"momentum": momentum}, {"momentum": momentum, "nesterov": nesterov}
    fixed = {"look": ALWAYS if nesterov else NEVER}
    return (
        Dialect(
            "torch",
            {"lr": 1e-3, "dampening": 0.0, "weight_decay": 0.0, **switch},
            TORCH,
            "PyTorch >= 0.2 (lr has a default since 2.2)",
            "pytorch/pytorch torch/optim/sgd.py",
        ),
        Dialect(
            "optax",
            {"lr": None, **switch},
            {**TORCH, "decay": DECOUPLED},
            "optax >= 0.0.1",
            "google-deepmind/optax optax/_src/alias.py sgd",
        ),
        Dialect(
            "keras",
            {"lr": 1e-2, "weight_decay": 0.0, **switch},
            {**FOLDED, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3; tf.keras >= 2.11",
            "keras-team/keras keras/src/optimizers/sgd.py",
            "the velocity holds lr: with a schedule it differs from torch",
        ),
        Dialect(
            "pytorch_optimizer",
            {"lr": 1e-4, "dampening": 0.0, "weight_decay": 0.0, "decoupled": True, **switch},
            TORCH,
            "pytorch_optimizer 4.1, SGDW",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/sgd.py SGDW",
        ),
        Dialect(
            "keras-tf2",
            {"lr": 1e-2, "lr_decay": 0.0, **switch},
            {**FOLDED, "single_rate": True, "single_decays": True},
            "tf.keras 2.0 to 2.10",
            "keras-team/keras keras/optimizer_v2/gradient_descent.py, optimizer_v2.py; "
            "tensorflow/tensorflow tensorflow/core/kernels/training_ops.cc ApplyKerasMomentum",
            "lr and momentum are float32 variables; `decay` is lr_decay here",
        ),
        Dialect(
            "keras-2",
            {"lr": 1e-2, "lr_decay": 0.0, **switch},
            FOLDED,
            "Keras 0.1 to 2.3",
            "keras-team/keras 2.0.0 keras/optimizers.py",
            "`decay` is lr_decay here",
        ),
        Dialect(
            "tensorflow",
            {"lr": None, **switch},
            TORCH,
            "TensorFlow 1, tf.train.GradientDescentOptimizer and MomentumOptimizer",
            "tensorflow/tensorflow tensorflow/python/training/momentum.py, core/kernels/training_ops.cc ApplyMomentum",
        ),
        Dialect(
            "lasagne",
            {"lr": None, **plain},
            {**FOLDED, **fixed},
            "Lasagne 0.1",
            "Lasagne/Lasagne lasagne/updates.py sgd, momentum, nesterov_momentum",
        ),
        Dialect(
            "caffe",
            {"lr": None, "weight_decay": 0.0, **plain},
            {**FOLDED, **fixed},
            "Caffe 1.0",
            "BVLC/caffe src/caffe/solvers/sgd_solver.cpp, nesterov_solver.cpp",
            "momentum is 0 unless set",
        ),
        Dialect(
            "mxnet",
            {"lr": 0.1, "weight_decay": 0.0, **plain},
            {**FOLDED, **fixed},
            "MXNet 2.0; NAG also 1.9",
            "apache/mxnet python/mxnet/optimizer/sgd.py, nag.py, src/operator/optimizer_op-inl.h",
        ),
        Dialect(
            "mxnet-1",
            {"lr": 1e-2, "weight_decay": 0.0, **plain},
            {**(TORCH if nesterov else FOLDED), **fixed},
            "MXNet 1.0; SGD to 1.9",
            "apache/mxnet 1.0.0 python/mxnet/optimizer.py, src/operator/optimizer_op-inl.h",
            "momentum is 0 unless set; only in NAG does lr multiply the velocity",
        ),
        Dialect(
            "sklearn",
            {"lr": 0.1, "momentum": 0.9, "nesterov": nesterov or not momentum},
            FOLDED,
            "scikit-learn >= 0.18, MLPClassifier and MLPRegressor",
            "scikit-learn/scikit-learn sklearn/neural_network/_stochastic_optimizers.py",
            "its sgd has Nesterov momentum; `alpha`, its L2 penalty, is part of the loss",
        ),
        Dialect(
            "torch7",
            {"lr": 1e-3, "weight_decay": 0.0, "lr_decay": 0.0, **plain},
            {**TORCH, **fixed, "dampened": GIVEN if nesterov else COMPLEMENT},
            "Torch7 optim",
            "torch/optim sgd.lua",
            "with nesterov dampening must be 0, else it is the momentum; with dampening 0 it is torch's; "
            "`learningRateDecay` is lr_decay here",
        ),
    )


OPTIMIZER = Optimizer(
    name="sgd",
    summary="the gradient times one learning rate; momentum=0.9 adds a velocity",
    formula=formula,
    source="Robbins & Monro 1951; momentum: Polyak 1964; Nesterov form: Sutskever et al. 2013, eq. 3-4",
    hyperparameters=(LR, MOMENTUM, DAMPENING, LR_DECAY, NESTEROV),
    dialects=(
        *dialects(),
        Dialect(
            "blocks",
            {"lr": 1.0, "momentum": 0.0},
            {**FOLDED, "look": NEVER},
            "Blocks 0.1 to 0.2",
            "mila-iqia/blocks blocks/algorithms/__init__.py Scale, Momentum",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
    choices=(RATE, DAMPENED, LOOK, decay.CHOICE, SINGLE_RATE, SINGLE_DECAYS),
)

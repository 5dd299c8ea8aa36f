"""Adafactor: second moments of a matrix kept as one number a row and one a column; steps relative to the size of x."""

from __future__ import annotations

import numpy as np

from adambench.choice import SINGLE_RATE
from adambench.decay import CHOICE, COUPLED, DECOUPLED_SINGLE, OWN
from adambench.hyperparameter import LR
from adambench.norm import extent, rms
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot

BETA1 = Hyperparameter("beta1", "decay of the mean update; 0: none is kept", high=1.0, open_high=True)
BETA2 = Hyperparameter("beta2", "largest decay of the second moment", high=1.0, neutral=1.0)
BETA2_DECAY = Hyperparameter("beta2_decay", "the second moment decays by 1 - t^beta2_decay", low=-10.0, high=0.0)
EPS = Hyperparameter("eps", "least root of the second moment; 0: the precision's epsilon")
EPS1 = Hyperparameter("eps1", "added to the squared gradient", neutral=1e-30)
EPS2 = Hyperparameter("eps2", "least size of x, for the size of a step", neutral=1e-3)
D = Hyperparameter("d", "largest root mean square of an update, before the learning rate; 0: any")
SMALLEST = Hyperparameter("min_dim_size_to_factor", "matrices with fewer rows or columns are kept in full", whole=True)
SCALE = Hyperparameter("multiply_by_parameter_scale", "steps are relative to the size of x", switch=True, neutral=False)
RELATIVE = Hyperparameter("relative_step", "the learning rate is at most 1 / sqrt(t)", switch=True, neutral=False)

ALWAYS, NEVER, SWITCHED = "always", "never", "switched"
FLOOR, ADDED = "floor", "added"
BY_RATE, BY_STEP, ALONE = "lr", "step", "alone"


def coefficients(flags):
    capped, floored, own = flags["capped"], flags["epsilon"] == FLOOR, flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, beta2_decay, eps, eps1, eps2, d, smallest = hyper[:9]
        weight_decay = hyper[-1] if own else 0.0
        step = np.float64(t)
        rho = np.minimum(lr, 1.0 / np.sqrt(step)) if capped else lr
        gain2 = np.maximum(1.0 - beta2, step**beta2_decay)
        floor, added = (eps, 0.0) if floored else (0.0, eps1)
        return (lr, rho, beta1, 1.0 - beta1, gain2, floor, added, eps2, d, smallest, weight_decay), carry

    return of


def whole(flags):
    scaled, momentum, own_precision = flags["scaled"], flags["momentum"], flags["own_precision"]
    by_rate, by_step = flags["shrink"] == BY_RATE, flags["shrink"] == BY_STEP

    def adafactor(t, loss, gradient, x, state, memory, blocks, coefficients):
        lr, rho, beta1, gain1, gain2, floor, added, eps2, d, smallest, weight_decay = coefficients
        v, update, factors = state[0], memory[: x.size], memory[x.size :]
        if own_precision:
            floor = np.finfo(x.dtype).eps
        kept = 0
        for block in range(blocks.shape[0]):
            first, count = extent(blocks, block)
            rows, columns = blocks[block, 1], blocks[block, 2]
            if columns > 0:
                if min(rows, columns) >= smallest:
                    r, c = factors[kept : kept + rows], factors[kept + rows : kept + rows + columns]
                    follow(gradient, first, r, c, gain2, added)
                    multiply(r, c, floor, v, first)
                else:
                    accumulate(gradient, first, count, gain2, added, v)
                kept += rows + columns
            else:
                accumulate(gradient, first, count, gain2, added, v)
            for j in range(first, first + count):
                # where the gradient is 0, so may be the moment: in a row or a column of zeros
                update[j] = gradient[j] / np.sqrt(np.maximum(v[j], floor * floor)) if gradient[j] != 0 else gradient[j]
            alpha = np.maximum(eps2, rms(x, first, count)) * rho if scaled else np.float64(rho)
            factor = alpha / np.maximum(1.0, rms(update, first, count) / d) if d > 0 else alpha
            decay = np.float64(weight_decay)
            if by_rate:
                decay = decay * lr
            elif by_step:
                decay = decay * alpha
            for j in range(first, first + count):
                step = factor * update[j]
                if momentum:
                    step = beta1 * state[1, j] + gain1 * step
                    state[1, j] = step
                x[j] = x[j] - decay * x[j] - step

    return adafactor


def accumulate(gradient, first, count, gain, added, v):
    """v += gain (g^2 + added - v), coordinate by coordinate."""
    for j in range(first, first + count):
        v[j] += gain * (gradient[j] * gradient[j] + added - v[j])


def follow(gradient, first, r, c, gain, added):
    """The same for the mean of g^2 + added in each row (into r) and each column (into c)."""
    rows, columns = r.size, c.size
    for i in range(rows):
        total = np.float64(0.0)
        for k in range(columns):
            value = np.float64(gradient[first + i * columns + k])
            total += value * value + added
        r[i] += gain * (total / columns - r[i])
    for k in range(columns):
        total = np.float64(0.0)
        for i in range(rows):
            value = np.float64(gradient[first + i * columns + k])
            total += value * value + added
        c[k] += gain * (total / rows - c[k])


def multiply(r, c, floor, v, first):
    """v = r c / mean(r), the matrix of rank 1 with these means of rows and of columns."""
    total = np.float64(0.0)
    for i in range(r.size):
        total += r[i]
    mean = np.maximum(total / r.size, floor)
    for i in range(r.size):
        share = r[i] / mean
        for k in range(c.size):
            v[first + i * c.size + k] = share * c[k]


def slots(flags):
    mean = (Slot("m", "mean update"),) if flags["momentum"] else ()
    return (Slot("v", "second moment; of a matrix, from its factors"), *mean)


def memory(flags, blocks):
    """The update, then the mean of the squares of each row and of each column of the matrices."""
    return sum(rows * columns + rows + columns if columns else rows for _, rows, columns in blocks)


def settings(flags, hyperparameters):
    floored = flags["epsilon"] == FLOOR
    return {
        **flags,
        "capped": chosen(flags["rate"], hyperparameters["relative_step"]),
        "scaled": chosen(flags["scale"], hyperparameters["multiply_by_parameter_scale"]),
        "momentum": hyperparameters["beta1"] != 0,
        "own_precision": floored and hyperparameters["eps"] == 0,
        "decay": OWN if flags["decay"] == COUPLED and hyperparameters["decoupled"] else flags["decay"],
    }


def chosen(kind, switch):
    return switch if kind == SWITCHED else kind == ALWAYS


def formula(flags):
    added = " + eps1" if flags["epsilon"] == ADDED else ""
    mean, least = ("mean(r)", "") if added else ("max(mean(r), eps)", ", eps")
    root = "sqrt(v)" if added else f"max(sqrt(v){least})"
    beta2 = "min(beta2, 1 - t^beta2_decay)" if flags["bounded"] else "1 - t^beta2_decay"
    rho = {ALWAYS: "min(lr, 1 / sqrt(t))", NEVER: "lr", SWITCHED: "min(lr, 1 / sqrt(t))    (lr without relative_step)"}
    scale = "    (rho without multiply_by_parameter_scale)" if flags["scale"] == SWITCHED else ""
    shrunk = {
        BY_RATE: "x = x - lr weight_decay x - step",
        BY_STEP: "x = x - alpha weight_decay x - step    (decoupled)",
        ALONE: "x = x - weight_decay x - step",
    }
    step = "alpha u / max(1, RMS(u) / d)"
    return (
        f"b = {beta2},   rho = {rho[flags['rate']]}\n"
        f"v = b v + (1 - b) (g^2{added})\n"
        f"(a matrix: v = r c / {mean}, of the means r of its rows and c of its columns, each followed like v)\n"
        f"u = g / {root}\n"
        f"alpha = rho max(eps2, RMS(x)){scale}\n"
        f"step = {f'beta1 step + (1 - beta1) {step}' if flags['averages'] else step}\n"
        f"{shrunk[flags['shrink']] if flags['decay'] in (OWN, COUPLED) else 'x = x - step'}"
    )


PAPER = {
    "epsilon": ADDED,
    "rate": ALWAYS,
    "scale": ALWAYS,
    "bounded": False,
    "averages": False,
    "shrink": BY_RATE,
    "decay": OWN,
    "single_rate": False,
}
USUAL = {"lr": 1e-2, "beta2_decay": -0.8, "eps1": 1e-30, "eps2": 1e-3, "d": 1.0}

OPTIMIZER = Optimizer(
    name="adafactor",
    summary="Adam without momentum in less memory, with steps relative to the size of x and updates of bounded size",
    formula=formula,
    source="Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 and 5",
    hyperparameters=(LR, BETA1, BETA2, BETA2_DECAY, EPS, EPS1, EPS2, D, SMALLEST, SCALE, RELATIVE),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1e-2, "beta2_decay": -0.8, "eps": 0.0, "eps2": 1e-3, "d": 1.0, "weight_decay": 0.0},
            {**PAPER, "epsilon": FLOOR},
            "PyTorch >= 2.5",
            "pytorch/pytorch torch/optim/_adafactor.py",
            "its `eps` is the pair (eps, eps2); None there is 0 here",
        ),
        Dialect("paper", USUAL, PAPER, "Shazeer & Stern 2018", "arXiv:1804.04235", "lr is the 0.01 in its rho"),
        Dialect(
            "optax",
            {
                **{"lr": 1.0, "beta1": 0.0, "beta2_decay": -0.8, "eps1": 1e-30, "d": 1.0, "weight_decay": 0.0},
                **{"min_dim_size_to_factor": 128, "multiply_by_parameter_scale": True},
            },
            {**PAPER, "rate": NEVER, "scale": SWITCHED, "averages": True, "shrink": ALONE},
            "optax >= 0.0.1",
            "google-deepmind/optax optax/_src/alias.py adafactor, factorized.py",
            "its `decay_rate` is -beta2_decay, `momentum` beta1, `clipping_threshold` d; the decay is a float32 there",
            "float32",
        ),
        Dialect(
            "keras",
            {**USUAL, "lr": 1e-3, "weight_decay": 0.0},
            {**PAPER, "decay": DECOUPLED_SINGLE, "single_rate": True},
            "Keras 3 on its torch backend",
            "keras-team/keras keras/src/optimizers/adafactor.py, keras/src/backend/torch/optimizers/",
            "x shrinks before its size is taken; its `clip_threshold` is d; its `relative_step` changes nothing; its "
            "constants and means are in float32",
            "float32",
        ),
        Dialect(
            "pytorch_optimizer",
            {
                **USUAL,
                **{"beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "decoupled": True},
                **{"multiply_by_parameter_scale": True, "relative_step": True},
            },
            {
                **{**PAPER, "rate": SWITCHED, "scale": SWITCHED, "bounded": True, "averages": True},
                **{"shrink": BY_STEP, "decay": COUPLED},
            },
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adafactor.py",
            "with relative_step its lr does nothing, and lr here is its 0.01; its mean update is in bfloat16",
            "bfloat16",
        ),
    ),
    whole=whole,
    memory=memory,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
    choices=(
        Flag(
            "epsilon",
            {
                FLOOR: "epsilon is the least root of the second moment, and the gradient is squared without it",
                ADDED: "epsilon is added to the squared gradient",
            },
        ),
        Flag(
            "rate",
            {
                ALWAYS: "the learning rate is at most 1 / sqrt(t)",
                NEVER: "the learning rate is taken as it is",
                SWITCHED: "the learning rate is at most 1 / sqrt(t), unless relative_step is off",
            },
        ),
        Flag(
            "scale",
            {
                ALWAYS: "steps are relative to the size of x",
                SWITCHED: "steps are relative to the size of x, unless multiply_by_parameter_scale is off",
            },
        ),
        Flag(
            "bounded",
            {
                False: "the decay of the second moment tends to 1",
                True: "the decay of the second moment is at most beta2",
            },
        ),
        Flag("averages", {False: "no mean update is kept", True: "beta1 keeps a mean update"}),
        Flag(
            "shrink",
            {
                BY_RATE: "decoupled weight decay is times lr",
                BY_STEP: "decoupled weight decay is times the size of the step",
                ALONE: "decoupled weight decay is not times lr",
            },
        ),
        CHOICE,
        SINGLE_RATE,
    ),
)

"""Muon: the momentum of a matrix with all its singular values near one, by a Newton-Schulz iteration."""

from __future__ import annotations

import numpy as np

from adambench.choice import SINGLE_RATE
from adambench.decay import CHOICE, COUPLED, DECOUPLED
from adambench.hyperparameter import BETA1, BETA2, EPS, LR, MOMENTUM, NESTEROV
from adambench.matrix import gram
from adambench.norm import norm
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

INFINITY = float("inf")
NORM_EPSILON = 1e-7
"""Of a dialect whose eps is that of vectors alone."""
A = Hyperparameter("a", "X -> a X + b (X X^T) X + c (X X^T)^2 X: the factor of X", low=-INFINITY)
B = Hyperparameter("b", "the factor of (X X^T) X", low=-INFINITY)
C = Hyperparameter("c", "the factor of (X X^T)^2 X", low=-INFINITY)
NS_STEPS = Hyperparameter("ns_steps", "how many Newton-Schulz iterations, a whole number", high=99.0, whole=True)
RMS_RATE = Hyperparameter(
    "rms_rate", "scale the step by rms_rate sqrt(max(rows, columns)); 0: by the library's own rule"
)
VECTORS1 = Hyperparameter("beta1", f"{BETA1.meaning} of vectors", high=1.0, open_high=True, neutral=0.9)
VECTORS2 = Hyperparameter("beta2", f"{BETA2.meaning} of vectors", high=1.0, open_high=True, neutral=0.999)


def coefficients(flags):
    nesterov, mean, corrected, matched = flags["nesterov"], flags["mean"], flags["corrected"], flags["matched"]

    def of(hyper, t, carry):
        lr, momentum, a, b, c, eps, ns_steps, rms_rate, beta1, beta2 = hyper
        power, power1, power2 = next_power(carry[0], momentum), next_power(carry[1], beta1), next_power(carry[2], beta2)
        gain = 1.0 - momentum if mean else 1.0
        of_gradient, of_average = (gain, momentum) if nesterov else (0.0, 1.0)
        if corrected:
            of_gradient = of_gradient / (1.0 - power)
            of_average = of_average / (1.0 - (next_power(power, momentum) if nesterov else power))
        rate = lr * rms_rate if matched else lr
        alpha, unbias2 = lr / (1.0 - power1), 1.0 / (1.0 - power2)
        constants = (rate, momentum, gain, of_gradient, of_average, a, b, c, eps, alpha, beta1, beta2, unbias2)
        return constants, (power, power1, power2)

    return of


def whole(flags):
    steps, floor, constant = flags["ns_steps"], flags["epsilon"] == "floor", flags["epsilon"] == "constant"
    matched, single = flags["matched"], flags["single_rate"]
    tall_scale, wide_scale = flags["scale"] == "rows over columns", flags["scale"] == "columns over rows"

    def scale_of(rows, columns):
        if matched:
            root = np.sqrt(max(rows, columns))
            return np.float64(np.float32(root)) if single else root
        if tall_scale:
            return np.sqrt(max(1.0, rows / columns))
        return np.sqrt(max(1.0, columns / rows)) if wide_scale else 1.0

    def orthogonalized(wide, other, square, update, a, b, c):
        for _ in range(steps):
            for factor, product, scratch in ((wide, square, update), (square, update, other)):
                gram(factor, product, scratch.reshape(-1))
            combine(b, square.reshape(-1), c, update.reshape(-1))
            for i in range(square.shape[0]):
                update[i, i] += a
            np.dot(update, wide, other)
            wide, other = other, wide
        return wide

    def matrix_step(gradient, x, average, memory, rows, columns, coefficients):
        rate, momentum, gain, of_gradient, of_average, a, b, c, eps = coefficients
        size, least = rows * columns, min(rows, columns)
        wide = memory[:size].reshape(least, size // least)
        other = memory[size : 2 * size].reshape(least, size // least)
        square = memory[2 * size : 2 * size + least * least].reshape(least, least)
        update = memory[2 * size + least * least : 2 * size + 2 * least * least].reshape(least, least)
        tall = rows > columns
        for i in range(rows):
            for j in range(columns):
                k = i * columns + j
                average[k] = momentum * average[k] + gain * gradient[k]
                mixed = of_gradient * gradient[k] + of_average * average[k]
                if tall:
                    wide[j, i] = mixed
                else:
                    wide[i, j] = mixed
        length = norm(memory, 0, size)
        if floor:
            length = max(length, eps)
        else:
            length += NORM_EPSILON if constant else eps
        for k in range(size):
            memory[k] = memory[k] / length
        wide = orthogonalized(wide, other, square, update, a, b, c)
        rate = rate * scale_of(rows, columns)
        for i in range(rows):
            for j in range(columns):
                x[i * columns + j] -= rate * (wide[j, i] if tall else wide[i, j])

    def vector_step(gradient, x, m, v, coefficients):
        eps, alpha, beta1, beta2, unbias2 = coefficients
        for j in range(x.size):
            m[j] = beta1 * m[j] + (1.0 - beta1) * gradient[j]
            v[j] = beta2 * v[j] + (1.0 - beta2) * gradient[j] * gradient[j]
            x[j] -= alpha * m[j] / (np.sqrt(v[j] * unbias2) + eps)

    def muon(t, loss, gradient, x, state, memory, blocks, coefficients):
        kept = 0  # of `memory`: the second moments of vectors come first, then what a matrix works in
        for k in range(blocks.shape[0]):
            if blocks[k, 2] == 0:
                kept += blocks[k, 1]
        work, place = memory[kept:], 0
        for k in range(blocks.shape[0]):
            first, rows, columns = blocks[k, 0], blocks[k, 1], blocks[k, 2]
            last = first + rows * max(columns, 1)
            slope, point, average = gradient[first:last], x[first:last], state[0][first:last]
            if columns == 0:
                vector_step(slope, point, average, memory[place : place + rows], coefficients[8:])
                place += rows
            else:
                matrix_step(slope, point, average, work, rows, columns, coefficients[:9])

    return muon


def combine(b, x, c, y):
    """y = b x + c y, of vectors: a flat loop is vector code."""
    for k in range(x.size):
        y[k] = b * x[k] + c * y[k]


def memory(flags, blocks):
    """Second moments of the vectors; two of the largest matrix, and two squares of its shorter side."""
    matrices = [2 * rows * columns + 2 * min(rows, columns) ** 2 for _, rows, columns in blocks if columns]
    return sum(rows for _, rows, columns in blocks if not columns) + max(matrices, default=0)


def slots(flags):
    return (Slot("momentum", "average of the gradients"),)


def settings(flags, hyperparameters):
    return {
        **flags,
        "nesterov": hyperparameters["nesterov"],
        "ns_steps": int(hyperparameters["ns_steps"]),
        "matched": hyperparameters["rms_rate"] != 0,
    }


def formula(flags):
    gain = "(1 - momentum) G" if flags["mean"] else "G"
    ahead = f"U = {gain} + momentum M    (nesterov; else U = M)"
    if flags["corrected"]:
        ahead = (
            "U = (1 - momentum) / (1 - momentum^t) G + momentum / (1 - momentum^(t+1)) M\n"
            "(nesterov; else U = M / (1 - momentum^t))"
        )
    length = {"floor": "max(|U|, eps)", "added": "(|U| + eps)", "constant": f"(|U| + {NORM_EPSILON:g})"}[
        flags["epsilon"]
    ]
    scales = {
        "rows over columns": "sqrt(max(1, rows / columns))",
        "columns over rows": "sqrt(max(1, columns / rows))",
        "none": "1",
    }
    return (
        f"M = momentum M + {gain}\n{ahead}\nO = U / {length}\n"
        "ns_steps times: O = a O + b (O O^T) O + c (O O^T)^2 O\n"
        f"scale = {scales[flags['scale']]}    (rms_rate sqrt(max(rows, columns)) where rms_rate is not 0)\n"
        "x = x - lr scale O    (vectors: Adam)"
    )


QUINTIC = {"a": 3.4445, "b": -4.7750, "c": 2.0315}
USUAL = {"momentum": 0.95, "nesterov": True, **QUINTIC, "eps": 1e-7, "ns_steps": 5.0}
TORCH = {
    "mean": True,
    "corrected": False,
    "epsilon": "floor",
    "scale": "rows over columns",
    "decay": DECOUPLED,
    "single_rate": False,
}

DIALECTS = (
    Dialect(
        "torch",
        {"lr": 1e-3, "weight_decay": 0.1, **USUAL, "rms_rate": 0.0},
        TORCH,
        "PyTorch >= 2.9",
        "pytorch/pytorch torch/optim/_muon.py",
        "it iterates in bfloat16, whatever the precision; adjust_lr_fn='match_rms_adamw' is rms_rate=0.2 here; "
        "it refuses vectors and names AdamW for them",
        "bfloat16",
    ),
    Dialect(
        "optax",
        {"lr": None, "weight_decay": 0.0, **USUAL, "eps": 1e-8, "rms_rate": 0.0, "beta1": 0.9, "beta2": 0.999},
        {**TORCH, "corrected": True, "epsilon": "added", "scale": "columns over rows"},
        "optax >= 0.2.5",
        "google-deepmind/optax optax/contrib/_muon.py",
        "`beta` is momentum, `ns_coeffs` are a, b, c and `consistent_rms` is rms_rate here; rows are the inputs of a "
        "layer; it decays vectors at a rate of their own",
    ),
    Dialect(
        "keras",
        {"lr": 1e-3, "weight_decay": 0.004, **USUAL, "rms_rate": 0.2, "beta1": 0.9, "beta2": 0.999},
        {**TORCH, "mean": False, "epsilon": "constant", "scale": "none", "single_rate": True},
        "Keras >= 3.10",
        "keras-team/keras keras/src/optimizers/muon.py",
        f"`muon_a`, `muon_b`, `muon_c` are a, b, c here; eps is that of vectors, {NORM_EPSILON:g} that of matrices; "
        "the norm, the root of the longer side and what meets its variables, such as momentum, are in float32",
        "float32",
    ),
    Dialect(
        "pytorch_optimizer",
        {"lr": 0.02, "weight_decay": 0.0, "decoupled": True, **USUAL, "rms_rate": 0.0, "beta1": 0.9, "beta2": 0.95},
        {**TORCH, "decay": COUPLED},
        "pytorch_optimizer >= 4.0",
        "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/muon/muon.py, base.py",
        "it iterates in bfloat16, whatever the precision; use_adjusted_lr is rms_rate=0.2 here, and eps a constant "
        "there",
        "bfloat16",
    ),
    Dialect(
        "authors",
        {"lr": 0.02, "weight_decay": 0.0, **USUAL, "beta1": 0.9, "beta2": 0.95},
        {**TORCH, "epsilon": "added"},
        "muon-optimizer 0.1.0",
        "KellerJordan/Muon muon.py",
        "it iterates in bfloat16, whatever the precision; a, b, c, eps and ns_steps are constants there",
        "bfloat16",
    ),
)

OPTIMIZER = Optimizer(
    name="muon",
    summary="momentum whose singular values are all moved near one: equal progress in all directions of a matrix",
    formula=formula,
    source="Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks",
    hyperparameters=(LR, MOMENTUM, NESTEROV, A, B, C, EPS, NS_STEPS, RMS_RATE, VECTORS1, VECTORS2),
    dialects=DIALECTS,
    coefficients=coefficients,
    slots=slots,
    whole=whole,
    memory=memory,
    carry=(1.0, 1.0, 1.0),
    settings=settings,
    matrices=True,
    choices=(
        Flag(
            "mean",
            {
                True: "the momentum is a mean of the gradients, which gain 1 - momentum",
                False: "the momentum is a sum of the gradients",
            },
        ),
        Flag(
            "corrected",
            {
                True: "the momentum is corrected for its start at zero",
                False: "the momentum is not corrected for its start at zero",
            },
        ),
        Flag(
            "epsilon",
            {
                "floor": "the norm is at least epsilon",
                "added": "epsilon is added to the norm",
                "constant": f"{NORM_EPSILON:g} is added to the norm, whatever epsilon is",
            },
        ),
        Flag(
            "scale",
            {
                "rows over columns": "the step is scaled by sqrt(max(1, rows / columns))",
                "columns over rows": "the step is scaled by sqrt(max(1, columns / rows))",
                "none": "the step is not scaled where rms_rate is 0",
            },
        ),
        CHOICE,
        SINGLE_RATE,
    ),
)

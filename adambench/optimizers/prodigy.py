"""Prodigy: Adam whose learning rate is d, an estimate from below of the distance from the start to the optimum."""

from __future__ import annotations

import numpy as np

from adambench.decay import CHOICE, COUPLED, OWN
from adambench.hyperparameter import BETA1, BETA2, EPS, LR
from adambench.optimizer import START, Dialect, Flag, Hyperparameter, Optimizer, Slot

BETA3 = Hyperparameter("beta3", "decay in the estimate of d; 0: the root of beta2", high=1.0, open_high=True)
D0 = Hyperparameter("d0", "d before the first step", low=1e-30, high=1e30, neutral=1.0)
D_COEF = Hyperparameter("d_coef", "factor on the estimate of d", neutral=1.0)
GROWTH_RATE = Hyperparameter("growth_rate", "the most d grows by in a step, a factor of at least 1; 0: any")
CORRECTION = Hyperparameter("use_bias_correction", "Adam's bias correction", switch=True, neutral=False)
WARMUP = Hyperparameter("safeguard_warmup", "no learning rate in the sum of gradients", switch=True, neutral=False)

ALWAYS, SWITCHED = "always", "switched"
NEW, OLD = "new", "old"
APART, TOGETHER, FACTOR = "apart", "together", "factor"
"""How the decay and the step are rounded; the first x0 - x, on which d rests, have only ten digits to lose."""
D, LARGEST, NUMERATOR, POWER1, POWER2, SIZE = range(6)
"""What `memory` holds: d, the largest estimate, the weighted sum of g . (x0 - x), beta1^t and beta2^t."""


def coefficients(flags):
    own = flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, beta3, eps, d0, d_coef, growth_rate = hyper[:8]
        weight_decay = hyper[-1] if own else 0.0
        decay = beta3 if beta3 > 0.0 else np.sqrt(beta2)
        growth = np.maximum(growth_rate, 1.0) if growth_rate > 0.0 else 0.0
        return (lr, beta1, 1.0 - beta1, beta2, 1.0 - beta2, decay, eps, d0, d_coef, growth, weight_decay), carry

    return of


def whole(flags):
    momentum, corrected, safeguarded = flags["momentum"], flags["corrected"], flags["safeguarded"]
    rests, newest = flags["rests"], flags["bare"] == NEW
    together, factored = flags["rounding"] == TOGETHER, flags["rounding"] == FACTOR

    def prodigy(t, loss, gradient, x, state, memory, blocks, coefficients):
        lr, beta1, gain1, beta2, gain2, beta3, eps, d0, d_coef, growth, weight_decay = coefficients
        v, s, start = state[0], state[1], state[2]
        if t == 1:
            memory[D], memory[LARGEST], memory[POWER1], memory[POWER2] = d0, d0, 1, 1
        if rests and lr == 0:
            return
        d, bias = np.float64(memory[D]), np.float64(1.0)
        power1, power2 = memory[POWER1] * beta1, memory[POWER2] * beta2
        if corrected:
            bias = np.sqrt(1.0 - np.float64(power2)) / (1.0 - np.float64(power1))
        dlr = d * lr * bias
        weight = d / d0 * (d if safeguarded else dlr)
        product, length = np.float64(0.0), np.float64(0.0)
        for j in range(x.size):
            slope = np.float64(gradient[j])
            product += slope * (start[j] - x[j])
            v[j] = beta2 * v[j] + gain2 * (d * slope) * (d * slope)
            s[j] = beta3 * s[j] + weight * slope
            length += abs(s[j])
            if momentum:
                state[3, j] = beta1 * state[3, j] + gain1 * d * slope
        if length == 0.0:  # no gradient so far
            if not rests:
                memory[POWER1], memory[POWER2] = power1, power2
            return
        numerator = beta3 * memory[NUMERATOR] + d / d0 * dlr * product
        estimate, before = d_coef * numerator / length, d
        if d == d0:
            d = np.maximum(d, estimate)
        largest = np.maximum(memory[LARGEST], estimate)
        d = np.minimum(largest, d * growth) if growth > 0 else largest
        memory[D], memory[LARGEST], memory[NUMERATOR] = d, largest, numerator
        memory[POWER1], memory[POWER2] = power1, power2
        for j in range(x.size):
            m = state[3, j] if momentum else (d if newest else before) * gradient[j]
            step, pull = dlr * m / (np.sqrt(v[j]) + d * eps), weight_decay * dlr
            if together:
                x[j] = x[j] - (pull * x[j] + step)
            elif factored:
                x[j] = (1.0 - pull) * x[j] - step
            else:
                x[j] = x[j] - pull * x[j] - step

    return prodigy


def slots(flags):
    mean = (Slot("m", "first moment, times d"),) if flags["momentum"] else ()
    return (
        Slot("v", "second moment, times d^2"),
        Slot("s", "weighted sum of gradients"),
        Slot("x0", "the start", START),
        *mean,
    )


def settings(flags, hyperparameters):
    return {
        **flags,
        "corrected": flags["correction"] == ALWAYS or hyperparameters["use_bias_correction"],
        "safeguarded": hyperparameters["safeguard_warmup"],
        "momentum": hyperparameters["beta1"] != 0,
        "decay": OWN if flags["decay"] == COUPLED and hyperparameters["decoupled"] else flags["decay"],
    }


def formula(flags):
    correction = "sqrt(1 - beta2^t) / (1 - beta1^t)"
    rate = f"d lr {correction}" if flags["correction"] == ALWAYS else "d lr"
    switch = "" if flags["correction"] == ALWAYS else f"    (use_bias_correction: times {correction})"
    bare = "the new d" if flags["bare"] == NEW else "d before it grew"
    return (
        f"dlr = {rate}{switch}\n"
        "m = beta1 m + (1 - beta1) d g\n"
        "v = beta2 v + (1 - beta2) d^2 g^2\n"
        "r = beta3 r + d / d0 dlr <g, x0 - x>\n"
        "s = beta3 s + d / d0 dlr g    (safeguard_warmup: d for dlr)\n"
        "d = max(d, d_coef r / |s|_1)    (growth_rate: at most that many times d)\n"
        f"x = x - dlr weight_decay x - dlr m / (sqrt(v) + d eps)    (beta1 = 0: m = d g, with {bare})"
    )


AUTHORS = {
    "correction": SWITCHED,
    "bare": NEW,
    "rests": True,
    "rounding": APART,
    "decay": COUPLED,
    "single_rate": False,
}
USUAL = {"lr": 1.0, "beta1": 0.9, "beta2": 0.999, "beta3": 0.0, "eps": 1e-8, "weight_decay": 0.0}
ESTIMATE = {"d0": 1e-6, "d_coef": 1.0, "safeguard_warmup": False}

OPTIMIZER = Optimizer(
    name="prodigy",
    summary="Adam that finds its learning rate: leave lr at 1",
    formula=formula,
    source="Mishchenko & Defazio 2024, arXiv:2306.06101, Algorithm 4",
    hyperparameters=(LR, BETA1, BETA2, BETA3, EPS, D0, D_COEF, GROWTH_RATE, CORRECTION, WARMUP),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, **ESTIMATE, "growth_rate": 0.0, "use_bias_correction": False, "decoupled": True},
            AUTHORS,
            "prodigyopt 1.1.2",
            "konstmish/prodigy prodigyopt/prodigy.py",
            "its `decouple` is decoupled; growth_rate = inf there is 0 here; slice_p = 1",
        ),
        Dialect(
            "optax",
            {**USUAL, **ESTIMATE},
            {**AUTHORS, "correction": ALWAYS, "bare": OLD, "rests": False, "rounding": TOGETHER, "decay": OWN},
            "optax 0.2.8",
            "google-deepmind/optax optax/contrib/_prodigy.py",
            "its `estim_lr0` is d0, `estim_lr_coef` d_coef; it gives NaN where the first gradient is 0",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, **ESTIMATE, "growth_rate": 0.0, "use_bias_correction": False},
            {**AUTHORS, "bare": OLD, "rests": False, "rounding": FACTOR, "decay": OWN},
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/prodigy.py",
            "its `weight_decouple` is always true: false is no decay at all there",
        ),
    ),
    whole=whole,
    memory=lambda flags, blocks: SIZE,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
    choices=(
        Flag(
            "correction",
            {
                ALWAYS: "the bias correction is always on",
                SWITCHED: "the bias correction is off unless use_bias_correction is on",
            },
        ),
        Flag(
            "bare",
            {
                NEW: "without momentum, the gradient is times the new d",
                OLD: "without momentum, the gradient is times d before it grew",
            },
        ),
        Flag(
            "rests",
            {
                True: "steps at a learning rate of 0, or before the first gradient that is not 0, do not count",
                False: "steps at a learning rate of 0, or before the first gradient that is not 0, count too",
            },
        ),
        Flag(
            "rounding",
            {
                APART: "x is rounded after the decay and after the step",
                TOGETHER: "the decay and the step are added up before x takes them",
                FACTOR: "the decay is a factor on x, rounded before x takes it",
            },
        ),
        CHOICE,
    ),
)

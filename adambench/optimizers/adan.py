"""Adan: moments of the gradient and of its differences, which foretell the gradient one step ahead."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.hyperparameter import BETA1, EPS, EPS_ROOT, LR
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

BETA2 = Hyperparameter(
    "beta2", "decay of the mean difference", high=1.0, open_high=True, search=(1e-3, 1.0), one_minus=True
)
BETA3 = Hyperparameter(
    "beta3", "decay of the second moment", high=1.0, open_high=True, search=(1e-4, 0.5), one_minus=True
)
NO_PROX = Hyperparameter("no_prox", "decay x before the step, by a factor", switch=True, neutral=False)


def coefficients(flags):
    complement, late = flags["ahead"] == "1 - beta2", flags["first"] == "remembered"

    def of(hyper, t, carry):
        lr, beta1, beta2, beta3, eps, eps_root = hyper
        power1, power2, power3 = next_power(carry[0], beta1), next_power(carry[1], beta2), next_power(carry[2], beta3)
        ahead = 1.0 - beta2 if complement else beta2
        by_mean, by_difference = lr / (1.0 - power1), lr * ahead / (1.0 - power2)
        gain1, gain2, gain3, known = 1.0 - beta1, 1.0 - beta2, 1.0 - beta3, 1.0
        if t == 1:
            known = 0.0
            if late:
                gain1, gain2, gain3 = 0.0, 0.0, 0.0
        decays = (beta1, gain1, beta2, gain2, beta3, gain3)
        return (by_mean, by_difference, ahead, known) + decays + (1.0 / (1.0 - power3), eps, eps_root), (
            power1,
            power2,
            power3,
        )

    return of


def rule(flags):
    rooted = flags["rooted"]

    def adan(gradient, x, state, coefficients):
        by_mean, by_difference, ahead, known, beta1, gain1, beta2, gain2, beta3, gain3, unbias3, eps, eps_root = (
            coefficients
        )
        m, v, n, before = state
        difference = known * (gradient - before)
        expected = gradient + ahead * difference
        m = beta1 * m + gain1 * gradient
        v = beta2 * v + gain2 * difference
        n = beta3 * n + gain3 * expected * expected
        n_hat = n * unbias3
        root = np.sqrt(n_hat + eps_root) if rooted else np.sqrt(n_hat)
        return x - (by_mean * m + by_difference * v) / (root + eps), (m, v, n, gradient)

    return adan


def settings(flags, hyperparameters):
    return {
        **flags,
        "decay": decay.DECOUPLED if hyperparameters["no_prox"] else flags["decay"],
        "rooted": hyperparameters["eps_root"] != 0,
    }


def formula(flags):
    ahead = "(1 - beta2)" if flags["ahead"] == "1 - beta2" else "beta2"
    first = "d = 0 at t = 1" if flags["first"] == "used" else "at t = 1 m, v, n and x stay"
    root = "(sqrt(n_hat + eps_root) + eps)" if flags["ahead"] == "1 - beta2" else "(sqrt(n_hat) + eps)"
    return (
        f"d = g - g of the step before      ({first})\n"
        "m = beta1 m + (1 - beta1) g,   m_hat = m / (1 - beta1^t)\n"
        "v = beta2 v + (1 - beta2) d,   v_hat = v / (1 - beta2^t)\n"
        f"n = beta3 n + (1 - beta3) (g + {ahead} d)^2,   n_hat = n / (1 - beta3^t)\n"
        f"x = x - lr (m_hat + {ahead} v_hat) / {root}"
    )


USUAL = {"lr": 1e-3, "beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "weight_decay": 0.0}
AUTHORS = {"ahead": "beta2", "first": "used", "decay": decay.PROXIMAL, "single_rate": False}

OPTIMIZER = Optimizer(
    name="adan",
    summary="Adam with Nesterov's look ahead taken from the differences of gradients",
    formula=formula,
    source="Xie et al. 2022, arXiv:2208.06677, Algorithm 1, with beta for its 1 - beta",
    hyperparameters=(LR, BETA1, BETA2, BETA3, EPS, EPS_ROOT, NO_PROX),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, "no_prox": False},
            AUTHORS,
            "Adan by its authors; pytorch_optimizer >= 3.0",
            "sail-sg/Adan adan.py; kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adan.py",
            "pytorch_optimizer calls no_prox `weight_decouple`",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "eps_root": 1e-8},
            {**AUTHORS, "ahead": "1 - beta2", "decay": decay.DECOUPLED},
            "optax >= 0.2.4",
            "google-deepmind/optax optax/_src/alias.py adan, transform.py scale_by_adan",
            "takes the paper's 1 - beta2 of a beta2 that is already 1 - the paper's: it looks ahead by 0.08, not 0.92",
        ),
        Dialect(
            "adan_pytorch",
            USUAL,
            {**AUTHORS, "first": "remembered"},
            "adan-pytorch 0.1",
            "lucidrains/Adan-pytorch adan_pytorch/adan.py",
            "its betas are 1 - these: 0.02, 0.08, 0.01; corrections count the first step, in which nothing moves",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (
        Slot("m", "first moment"),
        Slot("v", "mean difference"),
        Slot("n", "second moment"),
        Slot("before", "gradient of the step before"),
    ),
    carry=(1.0, 1.0, 1.0),
    settings=settings,
    choices=(
        Flag(
            "ahead",
            {
                "beta2": "differences are taken beta2 times (0.92)",
                "1 - beta2": "differences are taken 1 - beta2 times (0.08)",
            },
        ),
        Flag(
            "first",
            {
                "used": "the first gradient enters the moments, without a difference",
                "remembered": "the first gradient is only remembered: the moments start with the second",
            },
        ),
        decay.CHOICE,
    ),
)

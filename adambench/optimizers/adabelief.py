"""AdaBelief: Adam that divides by how far gradients fall from their mean, instead of by how large they are."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR, NESTEROV
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.optimizers.adam import AMSGRAD
from adambench.optimizers.radam import DEGENERATED_TO_SGD, THRESHOLD, rectification
from adambench.power import next_power

RECTIFY = Hyperparameter("rectify", "damp the first steps as RAdam does", switch=True, neutral=False)
FIXED_DECAY = Hyperparameter("fixed_decay", "decay x itself by weight_decay, not times lr", switch=True, neutral=False)


def coefficients(flags):
    rectify, stays, nesterov = flags["rectify"], flags["stays"], flags["nesterov"]
    floored = flags["floor"] == "eps"

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, threshold = hyper
        power1, power2 = next_power(carry[0], beta1), beta2 ** np.float64(t)
        alpha, unbias2, rectified = lr, 1.0 / (1.0 - power2), True
        if rectify:
            rectified, factor = rectification(beta2, power2, t, threshold, True)
            alpha, unbias2 = lr * factor * np.sqrt(1.0 - power2) if rectified else lr, 1.0
        if stays and not rectified:
            alpha = 0.0
        by_gradient, by_moment = 0.0, 1.0 / (1.0 - power1)
        if nesterov:
            by_gradient, by_moment = (1.0 - beta1) / (1.0 - power1), beta1 / (1.0 - power1 * beta1)
        constants = (beta1, 1.0 - beta1, beta2, 1.0 - beta2, by_gradient, by_moment, unbias2, eps)
        return (alpha, 1.0 if rectified else 0.0) + constants + (eps if floored else eps_root,), (power1,)

    return of


def rule(flags):
    rectify, nesterov, amsgrad, updated = flags["rectify"], flags["nesterov"], flags["amsgrad"], flags["mean"] == "new"

    def adabelief(gradient, x, state, coefficients):
        alpha, rectified, beta1, gain1, beta2, gain2, by_gradient, by_moment, unbias2, eps, floor = coefficients
        m, s = state[0], state[1]
        before = m
        m = beta1 * m + gain1 * gradient
        surprise = gradient - (m if updated else before)
        s = beta2 * s + gain2 * surprise * surprise + floor
        m_hat, s_hat = by_moment * m, s * unbias2
        if nesterov:
            m_hat = m_hat + by_gradient * gradient
        if amsgrad:
            peak = np.maximum(state[2], s)
            s_hat = peak * unbias2
        step = m_hat / (np.sqrt(s_hat) + eps)
        if rectify:
            step = step if rectified else m_hat
        if amsgrad:
            return x - alpha * step, (m, s, peak)
        return x - alpha * step, (m, s)

    return adabelief


def slots(flags):
    peak = (Slot("peak", "largest second moment"),) if flags["amsgrad"] else ()
    return (Slot("m", "first moment"), Slot("s", "second moment about the first"), *peak)


def settings(flags, hyperparameters):
    rectify = hyperparameters["rectify"]
    fixed = hyperparameters["fixed_decay"] and hyperparameters["decoupled"]
    return {
        **flags,
        "decay": decay.UNSCALED if fixed else flags["decay"],
        "rectify": rectify,
        "stays": rectify and not hyperparameters["degenerated_to_sgd"],
        "amsgrad": hyperparameters["amsgrad"] and not (rectify and flags["peak"] == "unrectified"),
        "nesterov": hyperparameters["nesterov"],
    }


def formula(flags):
    floor = "eps" if flags["floor"] == "eps" else "eps_root"
    before = "" if flags["mean"] == "new" else "    (m before this step)"
    lines = [
        "m = beta1 m + (1 - beta1) g,   m_hat = m / (1 - beta1^t)",
        f"s = beta2 s + (1 - beta2) (g - m)^2 + {floor}{before}",
        "x = x - lr m_hat / (sqrt(s / (1 - beta2^t)) + eps)",
    ]
    if flags["peak"] != "none":
        peak = " (but not with rectify)" if flags["peak"] == "unrectified" else ""
        lines += [
            "rectify, with RAdam's r and rho: where rho >= threshold (5)",
            "x = x - lr r sqrt(1 - beta2^t) m_hat / (sqrt(s) + eps),   elsewhere   x = x - lr m_hat",
            f"(amsgrad: peak = max(peak, s), in s's place{peak})",
        ]
    else:
        lines.append("(nesterov: m_hat = beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t))")
    return "\n".join(lines)


USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-16}
DECAY = {"weight_decay": 0.0, "decoupled": True, "fixed_decay": False}
AUTHORS = {"floor": "eps", "mean": "new", "peak": "unrectified", "decay": decay.COUPLED, "single_rate": False}
OPTAX = {**AUTHORS, "floor": "eps_root", "peak": "none"}

OPTIMIZER = Optimizer(
    name="adabelief",
    summary="Adam with long steps where gradients are as expected, short ones where they surprise",
    formula=formula,
    source="Zhuang et al. 2020, arXiv:2010.07468, Algorithm 2",
    hyperparameters=(
        *(LR, BETA1, BETA2, EPS, EPS_ROOT, THRESHOLD),
        *(NESTEROV, AMSGRAD, RECTIFY, DEGENERATED_TO_SGD, FIXED_DECAY),
    ),
    dialects=(
        Dialect(
            "authors",
            {**USUAL, **DECAY, "amsgrad": False, "rectify": True, "degenerated_to_sgd": True},
            AUTHORS,
            "adabelief-pytorch 0.2",
            "juntang-zhuang/Adabelief-Optimizer PyPI_packages/adabelief_pytorch0.2.0/adabelief_pytorch/AdaBelief.py",
            "`weight_decouple` is decoupled here; eps stays in s, step after step, and stands outside the root too",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "eps_root": 1e-16, "nesterov": False},
            OPTAX,
            "optax >= 0.2.4",
            "google-deepmind/optax optax/_src/alias.py adabelief, transform.py scale_by_belief",
            "eps_root stays in s, step after step",
        ),
        Dialect(
            "optax-0.2.3",
            {**USUAL, "lr": None, "eps_root": 1e-16},
            {**OPTAX, "mean": "old"},
            "optax 0.1.4 to 0.2.3",
            "google-deepmind/optax v0.2.3 optax/_src/transform.py scale_by_belief",
            "the surprise is about the mean of the step before",
        ),
        Dialect(
            "pytorch_optimizer",
            {
                **{**USUAL, **DECAY, "amsgrad": False, "rectify": False},
                **{"threshold": 5.0, "degenerated_to_sgd": True},
            },
            {**AUTHORS, "peak": "always"},
            "pytorch_optimizer 4.1",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/adabelief.py",
            "`ams_bound` is amsgrad, `n_sma_threshold` threshold, `weight_decouple` decoupled",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=slots,
    carry=(1.0,),
    settings=settings,
    choices=(
        Flag(
            "floor",
            {
                "eps": "eps is added to the second moment in every step, as well as to its root",
                "eps_root": "eps_root is added to the second moment in every step",
            },
        ),
        Flag(
            "mean",
            {
                "new": "the surprise is the gradient less the first moment that contains it",
                "old": "the surprise is the gradient less the first moment before it",
            },
        ),
        Flag(
            "peak",
            {
                "unrectified": "amsgrad does nothing with rectify",
                "always": "amsgrad divides by the largest second moment, with rectify too",
                "none": "there is neither amsgrad nor rectify",
            },
        ),
    ),
)

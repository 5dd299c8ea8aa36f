"""RAdam: Adam whose first rates, of too few gradients to mean much, are replaced by a plain step or damped."""

from __future__ import annotations

import numpy as np

from adambench import decay
from adambench.hyperparameter import BETA1, BETA2, EPS, EPS_ROOT, LR, NESTEROV
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.optimizers.adam import CORRECTED, EPSILON, RAW
from adambench.power import next_power

THRESHOLD = Hyperparameter("threshold", "length of the second moment from which its root divides", neutral=5.0)
DEGENERATED_TO_SGD = Hyperparameter(
    "degenerated_to_sgd", "below the threshold, step along the first moment", switch=True, neutral=False
)


def rectification(beta2, power, t, threshold, reached):
    """Whether the second moment is long enough at step t to divide by, and the factor on the rate for its length.

    power: beta2^t, to the last bit: 1 - power is small at first, and what it loses there the difference shows.
    reached: a length that equals the threshold is enough.
    """
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2 * t * power / (1.0 - power)
    enough = length >= threshold if reached else length > threshold
    if not enough:
        return False, 1.0
    shorter, longer = (length - 4.0) * (length - 2.0), (longest - 4.0) * (longest - 2.0)
    return True, np.sqrt(shorter * longest / (longer * length))


def coefficients(flags):
    raw_epsilon, nesterov, reached = flags["epsilon"] == RAW, flags["nesterov"], flags["boundary"] == "reached"
    stays, own = flags["stays"], flags["decay"] == decay.OWN

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, eps_root, threshold = hyper[:6]
        power1, power2 = next_power(carry[0], beta1), beta2 ** np.float64(t)
        rectified, factor = rectification(beta2, power2, t, threshold, reached)
        alpha, unbias2 = lr * factor, 1.0 / (1.0 - power2)
        if raw_epsilon:
            alpha, unbias2 = lr * factor * np.sqrt(1.0 - power2) if rectified else lr, 1.0
        by_gradient, by_moment = 0.0, 1.0 / (1.0 - power1)
        if nesterov:
            by_gradient, by_moment = (1.0 - beta1) / (1.0 - power1), beta1 / (1.0 - power1 * beta1)
        shrink = 1.0 - lr * hyper[-1] if own else 1.0
        if stays and not rectified:
            alpha, shrink = 0.0, 1.0
        constants = (beta1, 1.0 - beta1, beta2, 1.0 - beta2, by_gradient, by_moment, unbias2, eps, eps_root)
        return (alpha, 1.0 if rectified else 0.0, shrink) + constants, (power1,)

    return of


def rule(flags):
    rooted, nesterov, own = flags["rooted"], flags["nesterov"], flags["decay"] == decay.OWN

    def radam(gradient, x, state, coefficients):
        alpha, rectified, shrink, beta1, gain1, beta2, gain2, by_gradient, by_moment, unbias2, eps, eps_root = (
            coefficients
        )
        m, v = state
        m = beta1 * m + gain1 * gradient
        v = beta2 * v + gain2 * gradient * gradient
        m_hat, v_hat = by_moment * m, v * unbias2
        if nesterov:
            m_hat = m_hat + by_gradient * gradient
        root = np.sqrt(v_hat + eps_root) if rooted else np.sqrt(v_hat)
        step = m_hat / (root + eps) if rectified else m_hat
        return (shrink * x if own else x) - alpha * step, (m, v)

    return radam


def settings(flags, hyperparameters):
    undecayed = flags["decay"] == decay.OWN and hyperparameters["weight_decay"] == 0
    return {
        **flags,
        "decay": decay.NONE if undecayed else flags["decay"],
        "stays": flags["early"] == "stay" and not hyperparameters["degenerated_to_sgd"],
        "nesterov": hyperparameters["nesterov"],
        "rooted": hyperparameters["eps_root"] != 0,
    }


def formula(flags):
    sign = ">=" if flags["boundary"] == "reached" else ">"
    if flags["epsilon"] == RAW:
        step = "x = x - lr r sqrt(1 - beta2^t) m_hat / (sqrt(v) + eps)"
    else:
        step = "x = x - lr r m_hat / (sqrt(v / (1 - beta2^t) + eps_root) + eps)"
    early = "x = x - lr m_hat"
    if flags["early"] == "stay":
        early = "x stays (degenerated_to_sgd: x = x - lr m_hat)"
    shrink = "x = x - lr weight_decay x, in the steps that move x\n" if flags["decay"] == decay.OWN else ""
    return (
        "m = beta1 m + (1 - beta1) g,   m_hat = m / (1 - beta1^t)\n"
        "v = beta2 v + (1 - beta2) g^2\n"
        "rho_inf = 2 / (1 - beta2) - 1,   rho = rho_inf - 2 t beta2^t / (1 - beta2^t)\n"
        "r^2 = (rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho)\n"
        "(nesterov: m_hat = beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t))\n"
        f"{shrink}"
        f"{step}      where rho {sign} threshold (5)\n"
        f"{early}      elsewhere"
    )


USUAL = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
TORCH = {"epsilon": RAW, "boundary": "passed", "early": "sgd", "decay": decay.COUPLED, "single_rate": False}
AUTHORS = {**TORCH, "boundary": "reached", "early": "stay", "decay": decay.OWN}

OPTIMIZER = Optimizer(
    name="radam",
    summary="Adam that needs no warm-up: its first steps are plain, the next ones damped by what they can know",
    formula=formula,
    source="Liu et al. 2020, arXiv:1908.03265, Algorithm 2",
    hyperparameters=(LR, BETA1, BETA2, EPS, EPS_ROOT, THRESHOLD, NESTEROV, DEGENERATED_TO_SGD),
    dialects=(
        Dialect(
            "torch",
            {**USUAL, "weight_decay": 0.0, "decoupled": False},
            TORCH,
            "PyTorch >= 1.10",
            "pytorch/pytorch torch/optim/radam.py",
        ),
        Dialect(
            "optax",
            {**USUAL, "lr": None, "eps_root": 0.0, "threshold": 5.0, "nesterov": False},
            {**TORCH, "epsilon": CORRECTED, "boundary": "reached"},
            "optax >= 0.1.4; nesterov >= 0.2.3",
            "google-deepmind/optax optax/_src/alias.py radam, transform.py scale_by_radam",
        ),
        Dialect(
            "authors",
            {**USUAL, "weight_decay": 0.0, "degenerated_to_sgd": False},
            AUTHORS,
            "RAdam by its authors",
            "LiyuanLucasLiu/RAdam radam/radam.py RAdam",
            "computes in float32, whatever x is in",
        ),
        Dialect(
            "pytorch_optimizer",
            {**USUAL, "weight_decay": 0.0, "threshold": 5.0, "degenerated_to_sgd": False},
            AUTHORS,
            "pytorch_optimizer >= 3.0",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/radam.py",
            "`n_sma_threshold` is threshold here; with weight_decouple=False it does not decay at all",
        ),
    ),
    rule=rule,
    coefficients=coefficients,
    slots=lambda flags: (Slot("m", "first moment"), Slot("v", "second moment")),
    carry=(1.0,),
    settings=settings,
    choices=(
        EPSILON,
        Flag(
            "boundary",
            {
                "passed": "rectified steps begin where the length of the second moment exceeds 5",
                "reached": "rectified steps begin where the length of the second moment reaches the threshold",
            },
        ),
        Flag(
            "early",
            {
                "sgd": "the steps before the rectified ones go along the corrected first moment",
                "stay": "x stays until the rectified steps begin, unless degenerated_to_sgd",
            },
        ),
        Flag("decay", {**decay.CHOICE.words, decay.OWN: "weight decay shrinks x only in the steps that move it"}),
    ),
)

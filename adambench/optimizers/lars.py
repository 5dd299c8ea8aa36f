"""LARS: momentum whose learning rate is, in every block, in proportion to |x| over |g|."""

from __future__ import annotations

import numpy as np

from adambench.decay import CHOICE, COUPLED, OWN
from adambench.hyperparameter import DAMPENING, LR, MOMENTUM, NESTEROV
from adambench.norm import norm
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot

TRUST_COEFFICIENT = Hyperparameter(
    "trust_coefficient", "length of a step of learning rate 1, in units of |x|", search=(1e-4, 1.0)
)
EPS = Hyperparameter("eps", "added to the norm of the gradient")


def coefficients(flags):
    own = flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, momentum, dampening, trust, eps = hyper[0], hyper[1], hyper[2], hyper[3], hyper[4]
        return (lr, momentum, 1.0 - dampening, trust, eps, hyper[5] if own else 0.0), carry

    return of


def whole(flags):
    vectors, moving = flags["scaled"] == "all", flags["still"] == "plain"
    velocity, nesterov, folded = flags["velocity"], flags["nesterov"], flags["rate_in_velocity"]

    def lars(t, loss, gradient, x, state, memory, blocks, coefficients):
        lr, momentum, gain, trust, eps, decay = coefficients
        for block in range(blocks.shape[0]):
            first, rows, columns = blocks[block, 0], blocks[block, 1], blocks[block, 2]
            count = rows * max(columns, 1)
            ratio, pull = np.float64(1.0), np.float64(0.0)
            if vectors or columns > 0:
                pull = np.float64(decay)
                size, slope = norm(x, first, count), norm(gradient, first, count)
                resistance = slope + pull * size + eps
                if size > 0.0 and (slope if moving else resistance) > 0.0:
                    ratio = trust * size / resistance
            for j in range(first, first + count):
                step = ratio * (gradient[j] + pull * x[j])
                if folded:
                    step = lr * step
                if velocity:
                    v = momentum * state[0, j] + gain * step
                    step = step + momentum * v if nesterov else v
                    state[0, j] = v
                x[j] = x[j] - (step if folded else lr * step)

    return lars


def slots(flags):
    return (Slot("v", "velocity"),) if flags["velocity"] else ()


def settings(flags, hyperparameters):
    return {**flags, "velocity": hyperparameters["momentum"] != 0, "nesterov": hyperparameters["nesterov"]}


def formula(flags):
    own, matrices = flags["decay"] == OWN, flags["scaled"] == "matrices"
    slope = "(|g| + weight_decay |x|)" if own else "(|g| + eps)"
    direction = "(g + weight_decay x)" if own else "g"
    plain = "|x| or |g| is 0" if flags["still"] == "plain" else f"|x| or {slope} is 0"
    trust = f"r = trust_coefficient |x| / {slope}      (1 where {plain})\n"
    if matrices:
        trust += "      (a vector: r = 1, without weight decay)\n"
    if flags["rate_in_velocity"]:
        return trust + f"v = momentum v + lr r {direction}\nx = x - v      (nesterov: momentum v + lr r {direction})"
    return (
        f"{trust}v = momentum v + (1 - dampening) r {direction}\n"
        f"x = x - lr v      (nesterov: lr (momentum v + r {direction}))"
    )


OPTIMIZER = Optimizer(
    name="lars",
    summary="momentum with steps in proportion to |x| in every block, however long the gradient",
    formula=formula,
    source="You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1",
    hyperparameters=(LR, MOMENTUM, DAMPENING, TRUST_COEFFICIENT, EPS, NESTEROV),
    dialects=(
        Dialect(
            "paper",
            {"lr": 1.0, "momentum": 0.9, "trust_coefficient": 1e-3, "weight_decay": 0.0},
            {"scaled": "all", "still": "plain", "rate_in_velocity": True, "decay": OWN, "single_rate": False},
            "You, Gitman & Ginsburg 2017; Intel Caffe 1.1, local_lr_auto",
            "arXiv:1708.03888 Algorithm 1; intel/caffe src/caffe/solvers/sgd_solver.cpp GetLocalRate",
            "neither names a learning rate: 1, with which a step has the length trust_coefficient |x|",
        ),
        Dialect(
            "optax",
            {
                **{"lr": None, "momentum": 0.9, "trust_coefficient": 1e-3, "eps": 0.0},
                **{"nesterov": False, "weight_decay": 0.0},
            },
            {"scaled": "all", "still": "plain", "rate_in_velocity": True, "decay": COUPLED, "single_rate": False},
            "optax >= 0.1.0",
            "google-deepmind/optax optax/_src/alias.py lars, transform.py scale_by_trust_ratio",
        ),
        Dialect(
            "pytorch_optimizer",
            {
                **{"lr": 1e-3, "momentum": 0.9, "dampening": 0.0, "trust_coefficient": 1e-3},
                **{"nesterov": False, "weight_decay": 0.0},
            },
            {"scaled": "matrices", "still": "scaled", "rate_in_velocity": False, "decay": OWN, "single_rate": False},
            "pytorch_optimizer >= 2.0",
            "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/lars.py",
        ),
    ),
    choices=(
        Flag(
            "scaled",
            {
                "all": "every block has a trust ratio",
                "matrices": "a vector has no trust ratio and no weight decay",
            },
        ),
        Flag(
            "still",
            {
                "plain": "the trust ratio is 1 where the gradient is 0",
                "scaled": "the trust ratio stays where the gradient is 0 and weight decay is not",
            },
        ),
        Flag(
            "rate_in_velocity",
            {
                True: "the velocity holds lr",
                False: "lr multiplies the velocity",
            },
        ),
        Flag(
            "decay",
            {
                **CHOICE.words,
                COUPLED: "weight decay is added to the gradient before its norm is taken",
                OWN: "the trust ratio divides by |g| + weight_decay |x|, and weight decay is added after",
            },
        ),
    ),
    whole=whole,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)

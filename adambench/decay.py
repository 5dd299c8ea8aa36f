"""Weight decay, for every optimizer alike: how it enters is the library's choice, not the rule's."""

from __future__ import annotations

import numpy as np

from adambench.optimizer import Flag, Flags, Hyperparameters

NONE, COUPLED, DECOUPLED, DECOUPLED_SINGLE = "none", "coupled", "decoupled", "decoupled in float32"
UNSCALED, AFTER, PROXIMAL, OWN = "decoupled, without lr", "decoupled, after the step", "proximal", "in the rule"
FORMULA = {
    COUPLED: "g = g + weight_decay x",
    DECOUPLED: "x = x - lr weight_decay x",
    DECOUPLED_SINGLE: "x = x - lr weight_decay x    (the factor rounded to float32)",
    UNSCALED: "x = x - weight_decay x",
    AFTER: "x = x - lr weight_decay x    (after the step)",
    PROXIMAL: "x = x / (1 + lr weight_decay)    (after the step)",
}
CHOICE = Flag(
    "decay",
    {
        NONE: "there is no weight decay",
        COUPLED: "weight decay is added to the gradient (L2)",
        DECOUPLED: "weight decay shrinks x by lr weight_decay before the step",
        DECOUPLED_SINGLE: "weight decay shrinks x before the step, by a factor rounded to float32",
        UNSCALED: "weight decay shrinks x by weight_decay alone, not times lr",
        AFTER: "weight decay shrinks x after the step",
        PROXIMAL: "weight decay divides x by 1 + lr weight_decay after the step",
        OWN: "weight decay is part of the rule",
    },
)
_BEFORE, _LATER = (COUPLED, DECOUPLED, DECOUPLED_SINGLE, UNSCALED), (AFTER, PROXIMAL)


def resolve(flags: Flags, hyperparameters: Hyperparameters) -> Flags:
    """The flags of a run: no decay where its rate is zero, and decoupled where the switch says so."""
    if flags["decay"] == OWN:
        return flags
    if hyperparameters["weight_decay"] == 0:
        return {**flags, "decay": NONE}
    return {**flags, "decay": DECOUPLED} if hyperparameters["decoupled"] and flags["decay"] == COUPLED else flags


def before(flags: Flags) -> bool:
    """Whether g and x change before the step; the first two coefficients are then the factors of x in either."""
    return flags["decay"] in _BEFORE


def after(flags: Flags) -> bool:
    """Whether x shrinks after the step; the first coefficient is then the factor."""
    return flags["decay"] in _LATER


def decayed_rule(rule, flags):
    """`rule` with weight decay around it."""

    def prepared(gradient, x, state, coefficients):
        return rule(gradient + coefficients[0] * x, coefficients[1] * x, state, coefficients[2:])

    def finished(gradient, x, state, coefficients):
        x, state = rule(gradient, x, state, coefficients[1:])
        return coefficients[0] * x, state

    if before(flags):
        return prepared
    return finished if after(flags) else rule


def decayed_coefficients(coefficients, kind):
    """`coefficients` of hyperparameters of which the last is the rate of decay, with those that `kind` needs."""
    coupled, single, scaled, proximal = kind == COUPLED, kind == DECOUPLED_SINGLE, kind != UNSCALED, kind == PROXIMAL

    def undecayed(hyper, t, carry):
        return coefficients(hyper[:-1], t, carry)

    def prepared(hyper, t, carry):
        rate = hyper[-1]
        constants, carry = coefficients(hyper[:-1], t, carry)
        if coupled:
            return (rate, 1.0) + constants, carry
        shrink = 1.0 - hyper[0] * rate if scaled else 1.0 - rate
        if single:
            shrink = np.float64(np.float32(1.0) - np.float32(np.float32(rate) * np.float32(hyper[0])))
        return (0.0, shrink) + constants, carry

    def finished(hyper, t, carry):
        constants, carry = coefficients(hyper[:-1], t, carry)
        decay = hyper[0] * hyper[-1]
        return (1.0 / (1.0 + decay) if proximal else 1.0 - decay,) + constants, carry

    if kind == OWN:
        return coefficients
    if kind == NONE:
        return undecayed
    return prepared if kind in _BEFORE else finished

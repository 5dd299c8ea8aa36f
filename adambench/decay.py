"""Weight decay, for every optimizer alike: how it enters is the library's choice, not the rule's."""

from __future__ import annotations

import numpy as np

from adambench.optimizer import Flags, Hyperparameters

NONE, COUPLED, DECOUPLED, DECOUPLED_SINGLE = "none", "coupled", "decoupled", "decoupled in float32"
FORMULA = {
    COUPLED: "g = g + weight_decay x",
    DECOUPLED: "x = x - lr weight_decay x",
    DECOUPLED_SINGLE: "x = x - lr weight_decay x    (the factor rounded to float32)",
}


def resolve(flags: Flags, hyperparameters: Hyperparameters) -> Flags:
    """The flags of a run: no decay where its rate is zero, and decoupled where the switch says so."""
    if hyperparameters["weight_decay"] == 0:
        return {**flags, "decay": NONE}
    return {**flags, "decay": DECOUPLED} if hyperparameters["decoupled"] and flags["decay"] == COUPLED else flags


def composed(optimizer, flags):
    """The rule and coefficients of an optimizer with what is common to all around them.

    `hyper` is then the optimizer's own numbers and, last, the rate of decay.
    """
    rule, coefficients = optimizer.rule(flags), optimizer.coefficients(flags)
    if flags["decay"] == NONE:
        coefficients = undecayed_coefficients(coefficients)
    else:
        rule, coefficients = decayed_rule(rule), decayed_coefficients(coefficients, flags["decay"])
    return rule, single_coefficients(coefficients) if flags["single_rate"] else coefficients


def decayed_rule(rule):
    """`rule` after the gradient has become g + coupled x, and x shrink x: the first two coefficients."""

    def decayed(gradient, x, state, coefficients):
        return rule(gradient + coefficients[0] * x, coefficients[1] * x, state, coefficients[2:])

    return decayed


def decayed_coefficients(coefficients, kind):
    """`coefficients` after the two of `decayed_rule`; the rate of decay is the last of the hyperparameters."""
    coupled, single = kind == COUPLED, kind == DECOUPLED_SINGLE

    def decayed(hyper, t, carry):
        rate = hyper[-1]
        constants, carry = coefficients(hyper[:-1], t, carry)
        if coupled:
            return (rate, 1.0) + constants, carry
        shrink = 1.0 - hyper[0] * rate
        if single:
            shrink = np.float64(np.float32(1.0) - np.float32(np.float32(rate) * np.float32(hyper[0])))
        return (0.0, shrink) + constants, carry

    return decayed


def undecayed_coefficients(coefficients):
    """`coefficients` where the rate of decay, the last of the hyperparameters, is zero."""

    def undecayed(hyper, t, carry):
        return coefficients(hyper[:-1], t, carry)

    return undecayed


def single_coefficients(coefficients):
    """`coefficients` with the learning rate kept as a float32 variable, as Keras does."""

    def single(hyper, t, carry):
        return coefficients((np.float64(np.float32(hyper[0])),) + hyper[1:], t, carry)

    return single

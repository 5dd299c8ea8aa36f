"""What every optimizer has around its rule: weight decay, the mean of the iterates, a longest gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adambench import decay
from adambench.optimizer import START, Flags, Hyperparameters, Optimizer, Slot
from adambench.power import next_power

AVERAGED, CLIPPED = "averaged", "clipped"
MEAN = Slot("mean", "mean of the iterates", START, watched=True)


def resolve(optimizer: Optimizer, flags: Flags, hyperparameters: Hyperparameters) -> Flags:
    """All compile-time constants of a run at these hyperparameters (every one that the optimizer has)."""
    resolved = decay.resolve(optimizer.settings(flags, hyperparameters), hyperparameters)
    return {**resolved, AVERAGED: hyperparameters["average"] != 0, CLIPPED: hyperparameters["clip_norm"] != 0}


def slots_of(optimizer: Optimizer, flags: Flags) -> tuple[Slot, ...]:
    """The state. Where the iterates are averaged, their mean is the first slot, and what is watched."""
    slots = optimizer.slots(flags)
    if not flags[AVERAGED]:
        return slots
    return (MEAN, *(Slot(slot.name, slot.meaning, slot.initial) for slot in slots))


def carry_of(optimizer: Optimizer, flags: Flags) -> tuple[float, ...]:
    """What the coefficients carry from step to step, before the first."""
    return (*optimizer.carry, 1.0) if flags[AVERAGED] else optimizer.carry


def watched(slots: tuple[Slot, ...]) -> int | None:
    """The slot that holds the point whose loss counts; None where that is x itself."""
    return next((place for place, slot in enumerate(slots) if slot.watched), None)


def coefficients_of(optimizer: Optimizer, flags: Flags) -> Callable[..., Any]:
    """The coefficients from all of `Optimizer.numbers`.

    First the gain of the mean, where there is one; then what weight decay needs (`decay`); then the optimizer's own.
    """
    inner = decay.decayed_coefficients(optimizer.coefficients(flags), flags["decay"])
    if flags["single_rate"]:
        inner = single_coefficients(inner)
    return averaged_coefficients(inner, bool(optimizer.carry)) if flags[AVERAGED] else plain_coefficients(inner)


def rule_of(optimizer: Optimizer, flags: Flags) -> Callable[..., Any]:
    """The scalar rule with weight decay and averaging around it."""
    assert optimizer.rule is not None
    rule = decay.decayed_rule(optimizer.rule(flags), flags)
    if not flags[AVERAGED]:
        return rule
    slots = optimizer.slots(flags)
    return averaged_rule(rule, len(slots), watched(slots))


def plain_coefficients(coefficients):
    """`coefficients` without the two hyperparameters of `EXTRAS`, which come last."""

    def plain(hyper, t, carry):
        return coefficients(hyper[:-2], t, carry)

    return plain


def averaged_coefficients(coefficients, carries):
    """`coefficients` after the gain of a mean whose weights fall by `average` a step (Kingma & Ba 2015, section 7.2).

    With gain (1 - rate) / (1 - rate^t), mean += gain (x - mean) is their corrected average, at every t.
    """

    def averaged(hyper, t, carry):
        rate, power = hyper[-2], next_power(carry[-1], hyper[-2])
        gain = (1.0 - rate) / (1.0 - power)
        if carries:
            constants, kept = coefficients(hyper[:-2], t, carry[:-1])
            return (gain,) + constants, kept + (power,)
        constants, kept = coefficients(hyper[:-2], t, carry)
        return (gain,) + constants, (power,)

    return averaged


def averaged_rule(rule, slots, watched):
    """`rule` of so many slots, before which stands one more: the mean of x, or of the slot that was watched."""

    def averaged(gradient, x, state, coefficients):
        mean = state[0]
        x, inner = rule(gradient, x, state[1:] if slots else state, coefficients[1:])
        point = x if watched is None else inner[watched]
        mean = mean + coefficients[0] * (point - mean)
        return x, (mean,) + inner if slots else (mean,)

    return averaged


def single_coefficients(coefficients):
    """`coefficients` with the learning rate kept as a float32 variable, as Keras does."""

    def single(hyper, t, carry):
        return coefficients((np.float64(np.float32(hyper[0])),) + hyper[1:], t, carry)

    return single

"""Mistakes that are common and no library's choice: the same rule, at the wrong step or with less precision.

Each makes another optimizer of one; its coefficients and rule are the same objects whenever they are made of the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from adambench.optimizer import Flags, Optimizer

Factory = Callable[..., Any]
GRADIENT, X, STATE = "the gradient", "x", "the state"


@dataclass(frozen=True)
class Mistake:
    """What `made` makes of an optimizer; `words` say it as a clause."""

    words: str
    made: Callable[[Optimizer], Optimizer]


def mistakes(optimizer: Optimizer) -> tuple[Mistake, ...]:
    """Those that an optimizer's rule can be bent to."""
    if any(declared.name == "dampening" for declared in optimizer.hyperparameters):
        early = "the first step is dampened too, where the velocity should start as the first gradient"
        late = "the second step is not dampened, as if it were the first again"
    else:
        early = "the step count is one ahead: what holds at step t + 1, such as 1 - beta^(t + 1), stands at step t"
        late = "the step count is one behind: what holds at step t - 1, such as 1 - beta^(t - 1), stands at step t"
    return (
        Mistake(early, lambda made: replace(made, coefficients=step_ahead(made.coefficients))),
        Mistake(late, lambda made: replace(made, coefficients=step_behind(made.coefficients))),
        *(Mistake(f"{part} is rounded to float32 at every step", _rounding(part)) for part in (GRADIENT, X, STATE)),
    )


@cache
def step_ahead(coefficients: Factory) -> Factory:
    """`coefficients`, those of step t + 1 at step t."""

    def factory(flags: Flags) -> Factory:
        of = coefficients(flags)

        def ahead(hyper: tuple[float, ...], t: int, carry: tuple[float, ...]) -> Any:
            if t == 1:
                _, carry = of(hyper, t, carry)
            return of(hyper, t + 1, carry)

        return ahead

    return factory


@cache
def step_behind(coefficients: Factory) -> Factory:
    """`coefficients`, those of step t - 1 at step t, but for the first."""

    def factory(flags: Flags) -> Factory:
        of = coefficients(flags)

        def behind(hyper: tuple[float, ...], t: int, carry: tuple[float, ...]) -> Any:
            constants, later = of(hyper, max(t - 1, 1), carry)
            return constants, carry if t == 1 else later

        return behind

    return factory


def _rounding(part: str) -> Callable[[Optimizer], Optimizer]:
    def made(optimizer: Optimizer) -> Optimizer:
        if optimizer.rule is not None:
            return replace(optimizer, rule=rounded_rule(optimizer.rule, part))
        assert optimizer.whole is not None
        return replace(optimizer, whole=rounded_whole(optimizer.whole, part))

    return made


@cache
def rounded_rule(rule: Factory, part: str) -> Factory:
    """`rule`, with one part of what it takes or gives in float32."""

    def factory(flags: Flags) -> Factory:
        inner = rule(flags)

        def rounded(gradient: Any, x: Any, state: tuple[Any, ...], coefficients: tuple[float, ...]) -> Any:
            x, state = inner(_single(gradient) if part == GRADIENT else gradient, x, state, coefficients)
            return _single(x) if part == X else x, tuple(map(_single, state)) if part == STATE else state

        return rounded

    return factory


@cache
def rounded_whole(whole: Factory, part: str) -> Factory:
    """The same of a step of the whole vector."""

    def factory(flags: Flags) -> Factory:
        inner = whole(flags)

        def rounded(
            t: int, loss: float, gradient: Any, x: Any, state: Any, memory: Any, blocks: Any, coefficients: Any
        ) -> None:
            if part == GRADIENT:
                gradient[:] = _single(gradient)
            inner(t, loss, gradient, x, state, memory, blocks, coefficients)
            if part == X:
                x[:] = _single(x)
            if part == STATE:
                state[:], memory[:] = _single(state), _single(memory)

        return rounded

    return factory


def _single(value: Any) -> Any:
    return np.float64(np.float32(value))

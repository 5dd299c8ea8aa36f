"""How optimizers are to be tuned before they are compared: what `tuning:` says, and the options of the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from adambench.configuration import Configuration, Entrant
from adambench.errors import AdambenchError, nearest
from adambench.optimizer import EXTRAS, Hyperparameter

SAMPLERS = ("sobol", "random")
RULES = ("final-loss", "steps")
MOST_DRAWS = 65_536
MOST_TUNING_SEEDS = 1000

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Range:
    """LOW..HIGH of the values of one hyperparameter, instead of what its optimizer declares.

    `owner` is an optimizer as it was given, or its name alone (then all that are called so); empty: all that have it.
    """

    owner: str
    hyperparameter: str
    low: float
    high: float

    def concerns(self, entrants: Sequence[Entrant]) -> bool:
        """Whether it is of one of these."""
        return any(self._is_of(entrant) for entrant in entrants)

    def _is_of(self, entrant: Entrant) -> bool:
        if self.owner:
            return self.owner in _names(entrant)
        return isinstance(entrant, Configuration) and self.hyperparameter in tunable(entrant)

    def wanted(self, entrants: Sequence[Entrant]) -> str:
        """What should have stood there, for `expected ...`, where it concerns none of these."""
        if self.owner:
            labels = [entrant.label for entrant in entrants]
            return f"one of the optimizers {', '.join(labels)}{nearest(self.owner, labels)}"
        known = dict.fromkeys(name for e in entrants if isinstance(e, Configuration) for name in tunable(e))
        return f"a number that one of the optimizers has ({', '.join(known)}){nearest(self.hyperparameter, known)}"


def tunable(entrant: Configuration) -> dict[str, Hyperparameter]:
    """The numbers that its dialect has, and those that every optimizer has."""
    everywhere = {h.name for h in EXTRAS}
    return {h.name: h for h in entrant.optimizer.numbers if h.name in entrant.dialect.defaults or h.name in everywhere}


def _names(entrant: Entrant) -> tuple[str, ...]:
    """What an owner may call it: its label, the part before its hyperparameters, and without its dialect."""
    head = entrant.label.partition(":")[0]
    return entrant.label, head, head.partition("@")[0]


@dataclass(frozen=True)
class Tuning:
    """Every optimizer gets the same number of draws, whatever the number of its hyperparameters.

    trials    draws for each optimizer
    sampler   sobol: scrambled Sobol points; random: independent log-uniform draws
    rule      which draw wins. final-loss: the lowest median loss at the horizon; steps: the fewest evaluations to the
              hardest target that any draw reaches (median; what is never reached is infinite), ties by the final loss
    seeds     tuning seeds that each draw runs on
    seed      which draws and which tuning seeds: another number, another tuning
    ranges    what replaces the declared search ranges; of two for one hyperparameter the later holds
    defaults  the optimizer's own setting takes the place of its first draw
    halving   half of the draws are discarded at an eighth, a quarter and a half of the budget
    across    one setting for all problems, by the sum of a draw's ranks, instead of one for each problem
    """

    trials: int
    sampler: str = SAMPLERS[0]
    rule: str = RULES[0]
    seeds: int = 5
    seed: int = 0
    ranges: tuple[Range, ...] = ()
    defaults: bool = False
    halving: bool = False
    across: bool = False


def parse_ranges(text: str) -> tuple[Range, ...]:
    """'adam.lr=1e-5..1,beta1=0.8..0.99': the ranges that a comma-separated text spells, each key once."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise AdambenchError("expected OPTIMIZER.HYPER=LOW..HIGH, separated by commas, got nothing")
    halves = [_halves(part) for part in parts]
    keys = [key for key, _ in halves]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise AdambenchError(f"{twice[0]}: expected one range of it, got {keys.count(twice[0])}: leave all but one out")
    return tuple(parse_range(*half) for half in halves)


def _halves(part: str) -> tuple[str, str]:
    key, equals, spread = part.rpartition("=")
    if not equals or not key or not spread:
        raise AdambenchError(f"expected OPTIMIZER.HYPER=LOW..HIGH, got {part!r}")
    return key, spread


def parse_range(key: str, spread: object) -> Range:
    """The range that `OPTIMIZER.HYPER` or `HYPER` and LOW..HIGH spell; AdambenchError where it is empty or no range."""
    owner, _, hyperparameter = key.rpartition(".")
    low, dots, high = str(spread).partition("..")
    if not hyperparameter or not dots or not (_NUMBER.fullmatch(low) and _NUMBER.fullmatch(high)):
        raise AdambenchError(f"{key}: expected LOW..HIGH, as in 1e-5..1, got {str(spread)!r}")
    least, most = float(low) + 0.0, float(high) + 0.0
    if not least < most < math.inf:
        raise AdambenchError(f"{key}: expected a range with LOW below HIGH, got {str(spread)!r}")
    return Range(owner, hyperparameter, least, most)

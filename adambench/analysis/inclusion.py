"""Whether a tuned optimizer does at least as well as its own special case, which it must if tuning sufficed."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from adambench.analysis.quantile import Reals, extended

Ranges = Mapping[str, tuple[float, float]]
"""For each hyperparameter of an optimizer the least and the greatest value it could take in tuning."""


@dataclass(frozen=True)
class Reach:
    """What a hyperparameter must be able to be for the special case: at most, or at least, `value`."""

    hyperparameter: str
    value: float
    at_least: bool = False

    def within(self, ranges: Ranges) -> bool:
        if self.hyperparameter not in ranges:
            return False
        low, high = ranges[self.hyperparameter]
        return high >= self.value if self.at_least else low <= self.value

    def __str__(self) -> str:
        return f"large {self.hyperparameter}" if self.at_least else f"{self.hyperparameter} near 0"


@dataclass(frozen=True)
class Inclusion:
    """`general` with its hyperparameters as in `reaches` is `special`: exactly, in the limit, or but for `but_for`.

    renamed  what the special case's hyperparameters are called in the general one, where that differs; None: it has no
             such thing, and the special case must have it at 0
    """

    general: str
    special: str
    reaches: tuple[Reach, ...]
    renamed: Mapping[str, str | None]
    but_for: str = ""

    @property
    def how(self) -> str:
        """'large eps, beta1 near 0, but for the first steps'."""
        return ", ".join([*map(str, self.reaches), *([f"but for {self.but_for}"] if self.but_for else [])])

    def within(self, general: Ranges, special: Ranges) -> bool:
        """Whether tuning the general optimizer could choose all that tuning the special one could."""
        return all(reach.within(general) for reach in self.reaches) and all(
            _covered(general, self.renamed.get(name, name), *span) for name, span in special.items()
        )


NEGLIGIBLE = 1e-5
"""A number that is as good as 0 where 0 is what is wanted: log-uniform ranges do not reach it."""


def _covered(general: Ranges, name: str | None, low: float, high: float) -> bool:
    if name is None or name not in general:
        return high <= NEGLIGIBLE
    return general[name][0] <= max(low, NEGLIGIBLE) and high <= general[name][1]


STILL = Reach("momentum", NEGLIGIBLE)
MEMORYLESS = Reach("beta1", NEGLIGIBLE)
UNDECAYED = Reach("weight_decay", NEGLIGIBLE)
FLAT = Reach("eps", 1.0, at_least=True)
"""epsilon beyond the root of the second moment, with a learning rate in proportion: the rates no longer adapt."""
VELOCITY: Mapping[str, str | None] = {"momentum": "beta1"}
SQUARES: Mapping[str, str | None] = {"rho": "beta2", "momentum": None}
AT_START = "the first steps"
"""There moments are corrected for their start."""
COUPLED: Mapping[str, str | None] = {"weight_decay": None}
"""Decay through the gradient, which decay of x itself is not."""

INCLUSIONS = (
    Inclusion("momentum", "sgd", (STILL,), {}),
    Inclusion("nesterov", "sgd", (STILL,), {"momentum": None}),
    Inclusion("rmsprop", "sgd", (FLAT, STILL), {}),
    Inclusion("rmsprop", "momentum", (FLAT,), {}),
    Inclusion("adam", "sgd", (FLAT, MEMORYLESS), VELOCITY),
    Inclusion("adam", "momentum", (FLAT,), VELOCITY, AT_START),
    Inclusion("adam", "rmsprop", (MEMORYLESS,), SQUARES, AT_START),
    Inclusion("nadam", "sgd", (FLAT, MEMORYLESS), {"momentum": None}),
    Inclusion("nadam", "nesterov", (FLAT,), VELOCITY, AT_START),
    Inclusion("adamw", "sgd", (FLAT, MEMORYLESS, UNDECAYED), {**VELOCITY, **COUPLED}),
    Inclusion("adamw", "momentum", (FLAT, UNDECAYED), {**VELOCITY, **COUPLED}, AT_START),
    Inclusion("adamw", "rmsprop", (MEMORYLESS, UNDECAYED), {**SQUARES, **COUPLED}, AT_START),
    Inclusion("adamw", "adam", (UNDECAYED,), COUPLED),
)
"""Source: Choi et al. 2019, On Empirical Comparisons of Optimizers for Deep Learning, arXiv:1910.05446, section 3 and
appendix A; adam with beta1 = 0 is rmsprop with its mean square corrected for its start; adamw without decay is adam."""

TOO_SMALL = "tuning too small"
CONSISTENT = "consistent"
UNKNOWN = "cannot tell"
ALPHA = 0.05


def check_inclusions(
    results: Mapping[str, Mapping[str, Reals]],
    ranges: Mapping[str, Ranges],
    solved: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
    certain: Container[str] = (),
) -> list[dict[str, object]]:
    """One entry for each inclusion between tuned optimizers and each problem both ran on, in the order of INCLUSIONS.

    results  label: {problem: (seeds,) fresh loss of its best setting, or whatever else it was chosen by, the less the
             better}, inf or NaN where it diverged; at equal places the same seed
    ranges   label: what tuning could choose; a fixed value v is (v, v). Inclusions out of reach are left out
    solved   problem: the loss at which it counts as solved; lower ones count as this
    names    label: the optimizer it is of; each its own where not given
    certain  problems in which nothing is random: there one pair decides

    general, special, problem
    how       the values at which the general one is the special case, in words
    seeds     how many pairs
    worse     on how many of them the general one lost
    low       the lower 95% bound on its median loss less the special case's, +inf where it diverged; None where there
              are too few pairs for one, or it is infinite
    verdict   "tuning too small" where that bound is above 0: the general optimizer lost to a setting of its own, so
              its ranges were searched too little, and nothing is shown about it; "consistent" where not; "cannot tell"
              where there are too few pairs

    The bound is the order statistic d_(k) of the paired differences with P(Binomial(seeds, 1/2) < k) <= 0.025: exact
    for any distribution, and it holds with infinities (Conover 1999, Practical Nonparametric Statistics, section 3.2).
    Below 6 pairs there is none. Pairs of which both diverged are ties.
    """
    return [
        {
            **{"general": general, "special": special, "problem": problem, "how": inclusion.how},
            **_judge(
                results[general][problem],
                results[special][problem],
                (solved or {}).get(problem, -math.inf),
                problem in certain,
            ),
        }
        for inclusion, general, special in _asked(results, ranges, names or {})
        for problem in results[general]
        if problem in results[special]
    ]


def _asked(
    labels: Iterable[str], ranges: Mapping[str, Ranges], names: Mapping[str, str]
) -> Iterator[tuple[Inclusion, str, str]]:
    """(inclusion, general label, special label) of those within reach."""
    called: dict[str, list[str]] = {}
    for label in labels:
        called.setdefault(names.get(label, label), []).append(label)
    for inclusion in INCLUSIONS:
        for general in called.get(inclusion.general, ()):
            for special in called.get(inclusion.special, ()):
                if inclusion.within(ranges.get(general, {}), ranges.get(special, {})):
                    yield inclusion, general, special


def _judge(general: Reals, special: Reals, least: float, certain: bool) -> dict[str, object]:
    first, second = (np.maximum(extended(losses), least) for losses in (general, special))
    differences = np.zeros(len(first))  # 0 where both diverged
    np.subtract(first, second, out=differences, where=np.isfinite(first) | np.isfinite(second))
    differences.sort()
    seeds, worse = len(differences), int((differences > 0.0).sum())
    place = 0 if certain and seeds else _bound_place(seeds)
    if place is None:
        return {"seeds": seeds, "worse": worse, "low": None, "verdict": UNKNOWN}
    low = float(differences[place])
    verdict = TOO_SMALL if low > 0.0 else CONSISTENT
    return {"seeds": seeds, "worse": worse, "low": low if math.isfinite(low) else None, "verdict": verdict}


def _bound_place(seeds: int) -> int | None:
    """Where, from 0, the lower bound of the median stands among sorted values; None where there is none."""
    from scipy.special import bdtr  # a renderer that reads verdicts alone need not load it

    places = [place for place in range(seeds) if bdtr(place, seeds, 0.5) <= ALPHA / 2.0]
    return max(places, default=None)

"""Which optimizer is a special case of which other, and whether the ranges of a tuning let it be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Ranges = Mapping[str, tuple[float, float]]
"""For each hyperparameter of an optimizer the least and the greatest value it could take in tuning."""

NEGLIGIBLE = 1e-5
"""A number that is close to 0 where 0 is what is wanted: log-uniform ranges do not reach it."""


@dataclass(frozen=True)
class Reach:
    """What a hyperparameter must be able to be for the special case: 0, or, where `large` is given, without bound, of
    which a range that ends at `large` or beyond makes a beginning."""

    hyperparameter: str
    large: float | None = None

    def within(self, ranges: Ranges, slack: float) -> bool:
        if self.hyperparameter not in ranges:
            return False
        low, high = ranges[self.hyperparameter]
        return low <= slack if self.large is None else high >= self.large

    def __str__(self) -> str:
        return f"{self.hyperparameter} near 0" if self.large is None else f"large {self.hyperparameter}"


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

    @property
    def limit(self) -> bool:
        """Whether no setting of the general one is the special case, whatever its ranges."""
        return bool(self.but_for) or any(reach.large is not None for reach in self.reaches)

    def within(self, general: Ranges, special: Ranges, slack: float = NEGLIGIBLE) -> bool:
        """Whether tuning the general optimizer could choose all that tuning the special one could, what must be 0 to
        within `slack`, and a limit only nearly."""
        return all(reach.within(general, slack) for reach in self.reaches) and all(
            _covered(general, self.renamed.get(name, name), *span, slack) for name, span in special.items()
        )

    def exactly(self, general: Ranges, special: Ranges) -> bool:
        """Whether every setting of the special case is one that tuning the general one could choose."""
        return not self.limit and self.within(general, special, 0.0)


def _covered(general: Ranges, name: str | None, low: float, high: float, slack: float) -> bool:
    if name is None or name not in general:
        return high <= slack
    return general[name][0] <= max(low, slack) and high <= general[name][1]


STILL = Reach("momentum")
MEMORYLESS = Reach("beta1")
UNDECAYED = Reach("weight_decay")
FLAT = Reach("eps", large=1.0)
"""epsilon beyond the root of the second moment, with a learning rate in proportion: the rates no longer adapt. How
large it must be, gradients decide: at those of 1e4 an epsilon of 1 is small."""
VELOCITY: Mapping[str, str | None] = {"momentum": "beta1"}
SQUARES: Mapping[str, str | None] = {"rho": "beta2", "momentum": None}
AT_START = "the first steps"
"""There moments are corrected for their start: about 1 / (1 - beta) steps, which may be most of a budget."""
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
    Inclusion("adamw", "sgd", (FLAT, MEMORYLESS, UNDECAYED), {**VELOCITY, **COUPLED}),
    Inclusion("adamw", "momentum", (FLAT, UNDECAYED), {**VELOCITY, **COUPLED}, AT_START),
    Inclusion("adamw", "rmsprop", (MEMORYLESS, UNDECAYED), {**SQUARES, **COUPLED}, AT_START),
    Inclusion("adamw", "adam", (UNDECAYED,), COUPLED),
)
"""Source: Choi et al. 2019, On Empirical Comparisons of Optimizers for Deep Learning, arXiv:1910.05446, section 3 and
appendix A; adam with beta1 = 0 is rmsprop with its mean square corrected for its start; adamw without decay is adam.
nadam is not nesterov, however large eps: its momentum rises by a schedule, over tens of thousands of steps."""


def contained(ranges: Mapping[str, Ranges], names: Mapping[str, str]) -> Iterator[tuple[Inclusion, str, str, bool]]:
    """(inclusion, general label, special label, whether exactly) of those within reach, in the order of INCLUSIONS.

    ranges  label: what tuning could choose; a fixed value v is (v, v). Inclusions out of reach are left out
    names   label: the optimizer it is of
    """
    called: dict[str, list[str]] = {}
    for label in ranges:
        called.setdefault(names[label], []).append(label)
    for inclusion in INCLUSIONS:
        for general in called.get(inclusion.general, ()):
            for special in called.get(inclusion.special, ()):
                if inclusion.within(ranges[general], ranges[special]):
                    yield inclusion, general, special, inclusion.exactly(ranges[general], ranges[special])

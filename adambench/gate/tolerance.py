"""How much worse a result may be than its baseline."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adambench.errors import AdambenchError, nearest
from adambench.problem.tolerance import MOST, TOLERANCES

ELSEWHERE = 0.05
"""Of steps, at least, where the two ran on different processors or libraries."""


@dataclass(frozen=True)
class Tolerances:
    """Shares: 0.02 is 2%. Of `reached` and `diverged`, from 1 on, numbers of trials."""

    steps: float = 0.02
    final_loss: float = 0.05
    reached: float = 0.0
    diverged: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """By the names that --tolerance has."""
        return {name: getattr(self, _field(name)) for name in TOLERANCES}

    def changed(self, values: Mapping[str, float]) -> Tolerances:
        """These, with others by name."""
        return replace(self, **{_field(name): value for name, value in values.items()})

    def elsewhere(self) -> Tolerances:
        """These between machines: fused operations round otherwise, and move hits a little."""
        return replace(self, steps=max(self.steps, ELSEWHERE))


def allowed_trials(tolerance: float, trials: int) -> int:
    """A share, or a number of trials, as a number of trials."""
    return int(tolerance) if tolerance >= 1.0 else math.floor(tolerance * trials + 1e-9)


def parse_tolerances(texts: Iterable[str]) -> dict[str, float]:
    """`steps 2%`, `reached 1` and the like, the last of each name; AdambenchError where one is none."""
    found = {}
    for text in texts:
        name, _, value = text.strip().replace("=", " ").partition(" ")
        try:
            found[name] = checked(name, value.strip())
        except AdambenchError as error:
            raise AdambenchError(f"--tolerance {text!r}: {error}") from None
    return found


def checked(name: str, value: Any) -> float:
    """The tolerance that a name and a text or number mean; AdambenchError, which does not say where, for none."""
    if name not in TOLERANCES:
        raise AdambenchError(f"expected one of {', '.join(TOLERANCES)}, got {name!r}{nearest(name, TOLERANCES)}")
    number = re.fullmatch(r"(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)\s*(%?)", str(value))
    if number is None or isinstance(value, bool):
        raise AdambenchError(f"{name}: expected a share such as 2% or 0.02, got {value!r}")
    share = float(number[1]) / (100.0 if number[2] else 1.0)
    counts = name in ("reached", "diverged")
    if counts and number[2] and share >= 1.0:
        raise AdambenchError(f"{name}: expected less than 100% of the trials, got {value}")
    if counts and share > 1.0 and share != int(share):
        raise AdambenchError(f"{name}: expected a share, or a whole number of trials, got {value}")
    if share > MOST:
        raise AdambenchError(f"{name}: expected at most 1e6, got {value}")
    return share


def _field(name: str) -> str:
    return name.replace("-", "_")

"""How much worse a result may be than its baseline."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from adambench.errors import AdambenchError, nearest
from adambench.problem.tolerance import MOST, TOLERANCES

ELSEWHERE = 0.05
"""Of steps, where the two ran on different processors or libraries, and nothing else is said."""


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


def tolerances_of(own: Mapping[str, float], asked: Mapping[str, float], elsewhere: bool) -> Tolerances:
    """Those that hold on a problem: what was `asked` for, else the problem's `own`, else the defaults.

    elsewhere  whether the two ran on different machines, where fused operations round otherwise and move hits a little
    """
    defaults = Tolerances(steps=ELSEWHERE) if elsewhere else Tolerances()
    return defaults.changed(own).changed(asked)


def allowed_trials(tolerance: float, trials: int) -> int:
    """A share, or a number of trials, as a number of trials."""
    return int(tolerance) if tolerance >= 1.0 else math.floor(tolerance * trials + 1e-9)


def parse_tolerances(texts: Iterable[str]) -> dict[str, float]:
    """`steps 2%`, `reached 1` and the like, the last of each name; AdambenchError where one is none."""
    found = {}
    for text in texts:
        name, *value = text.replace("=", " ", 1).split(None, 1)[:2] or [""]
        try:
            found[name.replace("_", "-")] = checked(name.replace("_", "-"), value[0].strip() if value else "")
        except AdambenchError as error:
            raise AdambenchError(f"--tolerance {text!r}: {error}") from None
    return found


def checked(name: str, text: str) -> float:
    """The tolerance that a name and a text mean; AdambenchError, which does not say where, for none."""
    if name not in TOLERANCES:
        raise AdambenchError(f"expected one of {', '.join(TOLERANCES)}, got {name!r}{nearest(name, TOLERANCES)}")
    number = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)\s*(%|x?)", text)
    counts = name in ("reached", "diverged")
    if number is None or (counts and number[2] == "x"):
        more = " or a number of trials" if counts else " or 1.02x"
        raise AdambenchError(f"{name}: expected a share such as 2%, 0.02{more}, got {text!r}")
    value, unit = float(number[1]), number[2]
    if not counts and not unit and value >= 1.0:
        raise AdambenchError(
            f"{name}: expected % or x after {number[1]}, as in {number[1]}% or {number[1]}x, got neither"
        )
    if unit == "x" and value < 1.0:
        raise AdambenchError(f"{name}: expected at least 1x, which allows no more than before, got {text}")
    share = value / 100.0 if unit == "%" else value - 1.0 if unit == "x" else value
    if counts and unit and share >= 1.0:
        raise AdambenchError(f"{name}: expected less than 100% of the trials, got {text}")
    if counts and share > 1.0 and share != int(share):
        raise AdambenchError(f"{name}: expected a share, or a whole number of trials, got {text}")
    if share > MOST:
        raise AdambenchError(f"{name}: expected at most 1e6, got {text}")
    return share


def _field(name: str) -> str:
    return name.replace("-", "_")

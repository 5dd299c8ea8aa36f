"""A loss at the end that is low enough."""

from __future__ import annotations

import math

from adambench.analysis.number import shortest, significant
from adambench.analysis.quantile import known
from adambench.requirement import (
    QUANTILE,
    Asked,
    Evidence,
    Judgement,
    Kind,
    at_quantile,
    counting,
    in_quantile,
    quantile_of,
)
from adambench.shape import Key, Number


def check(asked: Asked, evidence: Evidence) -> Judgement:
    """Met where the `quantile` (1, the worst, by default) of the trials' final losses is at most `final_loss`; one that
    diverged ends at infinity. `value` is that quantile."""
    losses = sorted(math.inf if seed["final_loss"] is None else seed["final_loss"] for seed in counting(evidence.row))
    found = quantile_of(losses, _level(asked))
    diverged = sum(map(math.isinf, losses))
    said = "no finite loss" if math.isinf(found) else f"loss {significant(found)}"
    lost = f", {diverged} of them without a finite one" if diverged else ""
    return Judgement(
        found <= asked["final_loss"],
        f"{said} {at_quantile(_level(asked))} of {len(losses)} trials{lost}",
        known(found),
    )


def sentence(asked: Asked) -> str:
    return f"ends at a loss of at most {shortest(asked['final_loss'])} {in_quantile(_level(asked), 'trials')}"


def _level(asked: Asked) -> float:
    quantile = asked.get("quantile")
    return 1.0 if quantile is None else float(quantile)


KIND = Kind(
    name="final_loss",
    keys=(Key("final_loss", Number(), "the most that the loss at the end may be", required=True), QUANTILE),
    check=check,
    sentence=sentence,
)

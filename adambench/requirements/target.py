"""A target reached: by a share of the trials, or in a quantile of them, within so many evaluations."""

from __future__ import annotations

import math

from adambench.analysis.number import steps
from adambench.analysis.quantile import known
from adambench.analysis.target import target_text
from adambench.requirement import (
    EVALUATIONS,
    QUANTILE,
    SUCCESS_RATE,
    TARGET,
    Asked,
    Evidence,
    Judgement,
    Kind,
    at_quantile,
    counting,
    exact_percent,
    hits_by_seed,
    in_quantile,
    needed,
    quantile_of,
)
from adambench.shape import Key

GONE = ("diverged", "timeout")
"""Outcomes after which no budget would have made a trial go on."""


def check(asked: Asked, evidence: Evidence) -> Judgement:
    """Met where the share of trials that hit the target, by the evaluation `within` (None: ever), is at least
    `success_rate`; or where the `quantile` of the hits, a miss being infinite, is at most `within`: the same, said of
    steps. `value` is the share, or the quantile.

    Where the run's budget is less than `within`, a trial that missed the target and came to the end of the budget could
    still have hit it. What such trials could yet make met is not met either, and `undecided`, a further key, is true.
    """
    found = hits_by_seed(evidence.row, asked["target"])
    if found is None:
        return Judgement(False, "the target was not measured")
    hits = sorted(math.inf if hit is None else hit for hit in found.values())
    within, quantile = asked.get("within"), asked.get("quantile")
    good = sum(hit <= within if within is not None else hit < math.inf for hit in hits)
    share = quantile if quantile is not None else asked["success_rate"]
    least = needed(len(hits), share)
    value = good / len(hits) if quantile is None else known(quantile_of(hits, quantile))
    if within is not None and within > evidence.budget:
        cut = sum(found[seed["seed"]] is None and seed["outcome"] not in GONE for seed in counting(evidence.row))
        if good < least <= good + cut:
            went = (
                f"{good} of {len(hits)} trials within {steps(evidence.budget)} steps, where the budget of this run ends"
            )
            return Judgement(False, f"{went}; up to {cut} more by {steps(within)}", value, {"undecided": True})
    limit = "" if within is None else f" within {steps(within)} steps"
    level = 0.5 if quantile is None else quantile
    at = quantile_of(hits, level)
    pace = f"{'never' if math.isinf(at) else f'{steps(at)} steps'} {at_quantile(level)}"
    return Judgement(good >= least, f"{good} of {len(hits)} trials{limit}, {pace}", value)


def sentence(asked: Asked) -> str:
    limit = "" if asked.get("within") is None else f" within {steps(asked['within'])} steps"
    quantile = asked.get("quantile")
    where = (
        f"in {exact_percent(asked['success_rate'])} of trials" if quantile is None else in_quantile(quantile, "trials")
    )
    return f"reaches {target_text(asked['target'])}{limit} {where}"


KIND = Kind(
    name="target",
    keys=(
        Key("target", TARGET, "one of the targets", required=True),
        Key("within", EVALUATIONS, "evaluations, up to the budget; any number by default"),
        SUCCESS_RATE,
        QUANTILE,
    ),
    check=check,
    sentence=sentence,
    apart=("success_rate", "quantile"),
    reported={"undecided": {"type": "boolean"}},
)

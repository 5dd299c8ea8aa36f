"""Trials that end as they should."""

from __future__ import annotations

from collections import Counter

from adambench.analysis.denominator import OUTSIDE
from adambench.outcome import OUTCOMES
from adambench.requirement import SUCCESS_RATE, Asked, Evidence, Judgement, Kind, counting, exact_percent, needed
from adambench.shape import Choice, Key, ListOf


def check(asked: Asked, evidence: Evidence) -> Judgement:
    """Met where at least the share `success_rate` of the trials that count has one of the outcomes. `value` is the
    share that has."""
    counts = Counter(seed["outcome"] for seed in counting(evidence.row))
    trials, good = counts.total(), sum(counts[word] for word in {*asked["outcome"]})
    others = ", ".join(f"{counts[word]} {word}" for word in OUTCOMES if counts[word] and word not in asked["outcome"])
    return Judgement(
        good >= needed(trials, asked["success_rate"]),
        f"{good} of {trials} trials{f'; {others}' if others else ''}",
        good / trials,
    )


def sentence(asked: Asked) -> str:
    return f"ends as {' or '.join(asked['outcome'])} in {exact_percent(asked['success_rate'])} of trials"


KIND = Kind(
    name="outcome",
    keys=(
        Key(
            "outcome",
            ListOf(Choice(tuple(word for word in OUTCOMES if word not in OUTSIDE)), least=1, alone=True),
            "how trials may end: one outcome or several",
            required=True,
        ),
        SUCCESS_RATE,
    ),
    check=check,
    sentence=sentence,
)

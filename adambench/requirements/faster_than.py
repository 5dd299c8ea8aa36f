"""Faster than another optimizer to a target, over the seeds that both ran."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from adambench.analysis.number import shortest, significant
from adambench.analysis.target import target_text
from adambench.requirement import (
    OPTIMIZER,
    QUANTILE,
    TARGET,
    Asked,
    Evidence,
    Judgement,
    Kind,
    Row,
    at_quantile,
    hits_by_seed,
    in_quantile,
    quantile_of,
)
from adambench.shape import Fields, Key, Number

ROUNDING = 1e-12
"""Of a mean of logarithms: a speed-up of exactly `by` is one."""

Pair = tuple[int | None, int | None]


def check(asked: Asked, evidence: Evidence) -> Judgement:
    """Met where the speed-up T_other / T, in evaluations to the target and over common seeds, is at least `by`.

    Without `quantile` it is the geometric mean, and none where a trial of the optimizer itself missed the target. With
    it, the least speed-up among that share of the seeds which is the fastest; a miss of its own is slower than all.
    A miss of the other alone counts as the least that it can have needed: budget + 1 evaluations, or one more than it
    had made when its time was out.

    `value` is the speed-up. Further keys of the entry: ci95, the mean's interval as of `paired.compare_pair` (None for
    a quantile, after a miss of its own, and below three seeds); pairs; failed, its own misses; charged, those of the
    other alone.
    """
    other = asked["faster_than"]["optimizer"]
    if other not in evidence.rows:
        return Judgement(False, f"{other} did not run", more=_more([]))
    mine, theirs = (hits_by_seed(row, asked["target"]) for row in (evidence.row, evidence.rows[other]))
    if mine is None or theirs is None:
        return Judgement(False, "the target was not measured", more=_more([]))
    least = {seed["seed"]: _least(seed, evidence.budget) for seed in evidence.rows[other]["seeds"]}
    pairs = [(mine[seed], theirs[seed]) for seed in mine if seed in theirs]
    if not pairs:
        return Judgement(False, f"no seed counts for both it and {other}", more=_more([]))
    more = _more(pairs)
    speedups = [_speedup(mine[seed], theirs[seed], least[seed]) for seed in mine if seed in theirs]
    if asked.get("quantile") is not None:
        value = quantile_of(sorted(speedups, reverse=True), asked["quantile"])
        where = f"{at_quantile(asked['quantile'])} of {_seeds(pairs)}"
    else:
        value = 0.0 if more["failed"] else math.exp(math.fsum(map(math.log, speedups)) / len(pairs))
        where = f"in the geometric mean over {_seeds(pairs)}"
        more["ci95"] = None if more["failed"] else _interval(speedups)
    if not value:
        return Judgement(False, f"it missed the target on {more['failed']} of {_seeds(pairs)}", more=more)
    some = "at least " if more["charged"] else ""
    bounds = "" if more["ci95"] is None else f" (95%: {' to '.join(map(_bound, more['ci95']))})"
    met = value >= asked["faster_than"]["by"] * (1.0 - ROUNDING)
    return Judgement(met, f"{some}{significant(value)} times as fast{bounds} {where}", value, more)


def sentence(asked: Asked) -> str:
    other, by = asked["faster_than"]["optimizer"], asked["faster_than"]["by"]
    where = "" if asked.get("quantile") is None else f" {in_quantile(asked['quantile'], 'seeds')}"
    return f"reaches {target_text(asked['target'])} at least {shortest(by)} times as fast as {other}{where}"


def _more(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "ci95": None,
        "pairs": len(pairs),
        "failed": sum(mine is None for mine, _ in pairs),
        "charged": sum(mine is not None and theirs is None for mine, theirs in pairs),
    }


def _least(seed: Row, budget: int) -> int:
    return (seed["stopped"]["evaluation"] if seed["outcome"] == "timeout" else budget) + 1


def _speedup(mine: int | None, theirs: int | None, least: int) -> float:
    """0 where the optimizer itself missed. An evaluation 0 counts as 1, as in every ratio of times."""
    return 0.0 if mine is None else max(least if theirs is None else theirs, 1) / max(mine, 1)


def _interval(speedups: Sequence[float]) -> list[float | None] | None:
    import numpy as np

    from adambench.analysis.difference import factors, student_interval  # which need scipy, slow to import

    return factors(student_interval(-np.log(speedups)))


def _seeds(pairs: Sequence[Pair]) -> str:
    return f"{len(pairs)} common seed{'' if len(pairs) == 1 else 's'}"


def _bound(value: float | None) -> str:
    return "?" if value is None else significant(value)


KIND = Kind(
    name="faster_than",
    keys=(
        Key(
            "faster_than",
            Fields(
                (
                    Key("optimizer", OPTIMIZER, "another of the optimizers", required=True),
                    Key("by", Number(0, open_low=True), "how many times as fast, at least", default=1.0),
                ),
                partial=True,
            ),
            "another optimizer, and by what factor",
            required=True,
        ),
        Key("target", TARGET, "one of the targets", required=True),
        QUANTILE,
    ),
    check=check,
    sentence=sentence,
    reported={
        "ci95": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": ["number", "null"]}}]},
        **{key: {"type": "integer", "minimum": 0} for key in ("pairs", "failed", "charged")},
    },
)

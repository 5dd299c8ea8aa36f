"""Whether a tuned optimizer does at least as well as its own special case, which it must if tuning sufficed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.inclusion import Ranges, contained
from adambench.analysis.quantile import Reals, extended
from adambench.analysis.rule import STEPS, effective_rule
from adambench.analysis.solved import solved_gap
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]

TOO_SMALL = "tuning too small"
BEATEN = "lost to a limit"
CONSISTENT = "consistent"
UNKNOWN = "cannot tell"
ERROR = 0.025
"""How often at most an optimizer that was tuned enough loses by chance."""


def special_cases(document: Row) -> list[dict[str, Any]]:
    """One entry for each inclusion between tuned optimizers, problem of both and measure, in the order of INCLUSIONS.

    document  a report, of which problems, results and tuning are read; of the rows, those in their optimizers' first
              dialect whose trials count

    general, special, problem
    how       the values at which the general one is the special case, in words
    limit     whether the ranges only approach these: then losing shows nothing but itself
    target    null: of the final loss, those below the loss at which the problem counts as solved being alike. Else of
              the evaluations to this target, the hardest that either hits on a seed they share. Of what they were
              chosen by; where that is the loss, of the steps too, where there are any, as these are what is compared
    seeds     how many pairs: the seeds that count for both
    worse     on how many of them the general one lost
    low       the lower 95% bound on its median less the special case's, +inf where it diverged; None where there are
              too few pairs for one, or it is infinite
    verdict   "tuning too small" where that bound is above 0: the general optimizer lost to a setting of its own, so
              its ranges were searched too little, and nothing is shown about it; "lost to a limit" where it is and the
              ranges need not contain that setting; "consistent" where not; "cannot tell" where there are too few pairs

    The bound is the order statistic d_(k) of the paired differences with P(Binomial(seeds, 1/2) < k) <= 0.025: exact
    for any distribution, and it holds with infinities (Conover 1999, Practical Nonparametric Statistics, section 3.2).
    Below 6 pairs there is none; where nothing is random one pair decides. Pairs of which both diverged are ties. No
    third optimizer changes an entry, except where the reference loss is the best of the report. Entries are many, and
    nothing corrects for that: of those where tuning did suffice, up to 2.5% come out against the general one.
    """
    tuning = document["tuning"]
    tried = {(entry["problem"], entry["optimizer"]): entry for entry in tuning["entries"]}
    rows: dict[str, dict[str, Row]] = {}
    for row in document["results"]:
        entry = tried.get((row["problem"], row["optimizer"]), {"winner": None})
        if entry["winner"] is not None and counted_in(row) and _of_first_dialect(row):
            rows.setdefault(row["optimizer"], {})[row["problem"]] = row
    ranges = {label: _ranges(next(iter(mine.values())), tuning["spaces"][label]) for label, mine in rows.items()}
    names = {label: next(iter(mine.values()))["name"] for label, mine in rows.items()}
    found = []
    for inclusion, general, special, exact in contained(ranges, names):
        for problem in document["problems"]:
            name = problem["name"]
            if name not in rows[general] or name not in rows[special]:
                continue
            certain = not tried[name, general].get("random", True)
            head = {"general": general, "special": special, "problem": name, "how": inclusion.how, "limit": not exact}
            for target, first, second in _measured(problem, tuning["rule"], rows[general][name], rows[special][name]):
                judged = judge(first, second, certain, exact)
                found.append({**head, **judged, "target": target})
    return found


def _of_first_dialect(row: Row) -> bool:
    """Whether it is what inclusions are of: the formula that its name stands for, with nothing switched or added.

    The one switch that is on in an optimizer's own defaults is that of nesterov, and called as it.
    """
    switched = {name for name, value in row["hyperparameters"].items() if value is True}
    added = {"average", "clip_norm"} & set(row["hyperparameters"])
    return row["dialect"] is not None and "@" not in row["optimizer"] and switched <= {row["name"]} and not added


def _ranges(row: Row, space: Row) -> Ranges:
    """What tuning could choose, and the numbers that it had to leave."""
    fixed = {name: (value, value) for name, value in row["hyperparameters"].items() if not isinstance(value, bool)}
    return {**fixed, **{name: (axis[0], axis[1]) for name, axis in space.items()}}


def _measured(problem: Row, rule: str, general: Row, special: Row) -> Iterator[tuple[Row | None, Reals, Reals]]:
    """(target, what the general one got, what the special one did) on the seeds that count for both."""
    first, second = (
        {seed["seed"]: seed for seed in row["seeds"] if seed["outcome"] not in OUTSIDE} for row in (general, special)
    )
    pairs = [(first[seed], second[seed]) for seed in first if seed in second]
    hardest = from_hardest(problem["targets"])
    hit = next((at for at in hardest if any(one["hits"][at] is not None for pair in pairs for one in pair)), None)
    if hit is None or effective_rule(problem, rule) != STEPS:
        reference = problem["reference_loss"]
        least = -math.inf if reference is None else reference + solved_gap(problem)
        first_loss, second_loss = _columns([[one["final_loss"] for one in pair] for pair in pairs])
        yield None, np.maximum(first_loss, least), np.maximum(second_loss, least)
    if hit is not None:
        yield dict(problem["targets"][hit]), *_columns([[one["hits"][hit] for one in pair] for pair in pairs])


def _columns(pairs: Sequence[Sequence[float | None]]) -> tuple[Reals, Reals]:
    """Both sides; what is not known is infinite."""
    table = extended(np.array(pairs, np.float64).reshape(len(pairs), 2))
    return table[:, 0], table[:, 1]


def judge(general: Reals, special: Reals, certain: bool = False, exact: bool = True) -> dict[str, Any]:
    """seeds, worse, low and verdict of `special_cases`.

    general, special  (seeds,) what each got, the less the better, inf or NaN where it diverged; at equal places the
                      same seed
    certain           nothing is random, and one pair decides
    exact             the special case is a setting of the general one, not a limit of its settings
    """
    first, second = extended(general), extended(special)
    differences = np.zeros(len(first))  # 0 where both diverged
    np.subtract(first, second, out=differences, where=np.isfinite(first) | np.isfinite(second))
    differences.sort()
    seeds, worse = len(differences), int((differences > 0.0).sum())
    place = 0 if certain and seeds else _bound_place(seeds)
    if place is None:
        return {"seeds": seeds, "worse": worse, "low": None, "verdict": UNKNOWN}
    low = float(differences[place])
    verdict = CONSISTENT if low <= 0.0 else TOO_SMALL if exact else BEATEN
    return {"seeds": seeds, "worse": worse, "low": low if math.isfinite(low) else None, "verdict": verdict}


def _bound_place(seeds: int) -> int | None:
    """Where, from 0, the lower bound of the median stands among sorted values; None where there is none."""
    from scipy.special import bdtr  # a renderer that reads verdicts alone need not load it

    places = [place for place in range(seeds) if bdtr(place, seeds, 0.5) <= ERROR]
    return max(places, default=None)

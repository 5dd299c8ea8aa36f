"""Every optimizer of a comparison against one of them, on the same seeds: how many times faster, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from adambench.analysis.listing import listed
from adambench.analysis.number import significant
from adambench.analysis.paired import compare_pair, compare_problems
from adambench.analysis.pairing import by_optimizer, races

Row = Mapping[str, Any]
ALPHA = 0.05

ALIKE, NEITHER, EQUAL, FEW, TIED = "alike", "neither", "equal", "few", "tied"
"""Why neither of two was shown to be faster: nothing was found; no trial reached the target; every pair ties; the
seeds, or those without a tie, are so few that nothing could be found."""


def duels(
    results: Iterable[Row], reference: str, budgets: Mapping[str, float], exact: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Each other optimizer against `reference`: {"optimizer", "problems", "over", "sentence"}.

    budgets   of a trial, by problem: a failure is charged one evaluation beyond
    exact     problems on which nothing is random; an optimizer may still be, which its seeds show
    problems  by name: `paired.compare_pair(optimizer, reference)`, over the seeds that both ran
    over      `paired.compare_problems` of the same
    sentence  the verdicts in words

    The times are those of `pairing.times_of`. Relative only to the reference: no third optimizer changes anything here.
    """
    rows = by_optimizer(results)
    found = []
    for optimizer, theirs in rows.items():
        met = {} if optimizer == reference else races(theirs, rows.get(reference, {}), budgets)
        if not met:
            continue
        each = {name: compare_pair(race, ALPHA, name in exact and race.steady) for name, race in met.items()}
        found.append(
            {
                **{"optimizer": optimizer, "problems": each, "over": compare_problems(list(met.values()), ALPHA)},
                "sentence": sentence(optimizer, reference, each),
            }
        )
    return found


def sentence(optimizer: str, reference: str, problems: Mapping[str, Row]) -> str:
    """'adam needs 1.4 to 1.9 times fewer evaluations than sgd on 7 of 8 problems (paired, 95%); ...'.

    problems  by name, what `paired.compare_pair` found
    """
    verdicts = {name: found["verdict"] for name, found in problems.items()}
    faster = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "a"]
    slower = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "b"]
    clauses: list[str] = []
    charged = False
    for names, word in ((faster, "fewer"), (slower, "more")):
        if names:
            found = [problems[name] for name in names]
            intervals = [_interval(pair) for pair in found]
            known = None not in intervals
            charging = known and any(_failed(pair) for pair in found)
            clauses.append(
                f"{optimizer} needs {_range(intervals, word)}evaluations than {reference} on {len(names)} of "
                f"{len(problems)} problems ({_ground([pair['verdict'] for pair in found], charging and not charged)})"
            )
            charged = charged or charging
    for kind, names in _untold(problems).items():
        both, whom = ("they", "them") if clauses else (f"{optimizer} and {reference}",) * 2
        clauses.append(
            {
                ALIKE: f"{both} cannot be told apart",
                NEITHER: f"neither{'' if clauses else f' {optimizer} nor {reference}'} reaches a target",
                EQUAL: f"{both} are equal, seed by seed,",
                FEW: f"so few seeds cannot tell {whom} apart",
                TIED: f"so few seeds without a tie cannot tell {whom} apart",
            }[kind]
            + f" on {listed(names)}"
        )
    return "; ".join(clauses)


def _untold(problems: Mapping[str, Row]) -> dict[str, list[str]]:
    """By the reason, the names of problems on which neither of the two was shown to be faster."""
    found: dict[str, list[str]] = {kind: [] for kind in (ALIKE, NEITHER, EQUAL, FEW, TIED)}
    for name, pair in problems.items():
        if not pair["verdict"]["different"]:
            found[_why(pair)].append(name)
    return {kind: names for kind, names in found.items() if names}


def _why(pair: Row) -> str:
    if pair["both_failed"] == pair["pairs"]:
        return NEITHER
    if pair["win_ci95"] is None:
        return EQUAL
    if pair["verdict"]["different"] is False:
        return ALIKE
    return FEW if 2.0 ** (1 - pair["pairs"]) > ALPHA else TIED


def _ground(verdicts: Sequence[Row], charging: bool) -> str:
    """'paired, 95%', or that what is not random is exact; and what a failure counts as."""
    exact = sum(verdict.get("test") == "exact" for verdict in verdicts)
    charge = "; a failure counting as the budget and one" if charging else ""
    if exact == len(verdicts):
        return f"exact: nothing is random there{charge}"
    each = " each" if len(verdicts) > 1 else ""
    return f"paired, 95%{each}" + (f"; exact on {exact}, where nothing is random" if exact else "") + charge


def _failed(pair: Row) -> bool:
    return bool(pair["a_failed"] or pair["b_failed"] or pair["both_failed"])


def _interval(pair: Row) -> Sequence[float] | None:
    """That of the verdict, or, where a trial failed, of the charged speed-up; None where it would not bear the verdict
    out, or a bound is infinite."""
    bounds = pair["ci95"] if _failed(pair) else pair["verdict"]["ci95"]
    if bounds is None or None in bounds:
        return None
    borne_out = bounds[0] > 1.0 if pair["verdict"]["faster"] == "a" else bounds[1] < 1.0
    return bounds if borne_out or not _failed(pair) else None


def _range(intervals: Sequence[Sequence[float] | None], word: str) -> str:
    """'1.4 to 1.9 times fewer ', the widest the intervals allow; 'fewer ' where one of them is not known.

    'about 2 times fewer ' where rounding leaves no range.
    """
    bounds = [bound for interval in intervals if interval is not None for bound in interval]
    if None in intervals:
        return f"{word} "
    factors = [bound if word == "fewer" else 1.0 / bound for bound in bounds]
    low, high = map(_factor, (min(factors), max(factors)))
    if low != high:
        return f"{low} to {high} times {word} "
    return f"about {low} times {word} "


def _factor(bound: float) -> str:
    """Two digits, or as many as keep it from being 1; whole from 100 on."""
    if bound >= 100:
        return f"{bound:,.0f}"
    texts = (significant(bound, digits) for digits in range(2, 17))
    return next((text for text in texts if text != "1"), "1")

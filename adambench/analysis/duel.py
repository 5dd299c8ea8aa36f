"""Every optimizer of a comparison against one of them, on the same seeds: how many times faster, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from adambench.analysis.number import significant
from adambench.analysis.paired import compare_pair, compare_problems
from adambench.analysis.pairing import by_optimizer, races

Row = Mapping[str, Any]
ALPHA = 0.05


def duels(
    results: Iterable[Row], reference: str, budgets: Mapping[str, float], exact: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Each other optimizer against `reference`: {"optimizer", "problems", "over", "sentence"}.

    budgets   of a trial, by problem: a failure is charged one evaluation beyond
    exact     problems on which nothing is random
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
        each = {name: compare_pair(race, ALPHA, name in exact) for name, race in met.items()}
        found.append(
            {
                **{"optimizer": optimizer, "problems": each, "over": compare_problems(list(met.values()), ALPHA)},
                "sentence": sentence(optimizer, reference, each),
            }
        )
    return found


def sentence(optimizer: str, reference: str, problems: Mapping[str, Row]) -> str:
    """'adam needs 1.4 to 1.9 times fewer evaluations than sgd on 7 of 8 problems (paired, 95%); ...'."""
    verdicts = {name: found["verdict"] for name, found in problems.items()}
    faster = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "a"]
    slower = [name for name, verdict in verdicts.items() if verdict["different"] and verdict["faster"] == "b"]
    alike = [name for name, verdict in verdicts.items() if verdict["different"] is False]
    unknown = [name for name, verdict in verdicts.items() if verdict["different"] is None]
    clauses = []
    for names, word in ((faster, "fewer"), (slower, "more")):
        if names:
            clauses.append(
                f"{optimizer} needs {_range([verdicts[name] for name in names], word)}evaluations than {reference} on "
                f"{len(names)} of {len(problems)} problems ({_ground([verdicts[name] for name in names])})"
            )
    if alike:
        clauses.append(f"{_pair(clauses, optimizer, reference)} cannot be told apart on {_listed(alike)}")
    if unknown:
        whom = "them" if clauses else f"{optimizer} and {reference}"
        clauses.append(f"so few seeds cannot tell {whom} apart on {_listed(unknown)}")
    return "; ".join(clauses)


def _ground(verdicts: Sequence[Row]) -> str:
    """'paired, 95%', or that what is not random is exact."""
    exact = sum(verdict.get("test") == "exact" for verdict in verdicts)
    if exact == len(verdicts):
        return "exact: nothing is random there"
    return "paired, 95%" + (f"; exact on {exact}, where nothing is random" if exact else "")


def _range(verdicts: Sequence[Row], word: str) -> str:
    """'1.4 to 1.9 times fewer ', the widest the intervals allow; 'fewer ' where failures leave no factor.

    'about 2 times fewer ' and 'barely fewer ' where rounding leaves no range.
    """
    bounds = [bound for verdict in verdicts for bound in verdict["ci95"] or [None]]
    if None in bounds or not bounds:
        return f"{word} "
    factors = [bound if word == "fewer" else 1.0 / bound for bound in bounds]
    low, high = significant(min(factors), 2), significant(max(factors), 2)
    if low != high:
        return f"{low} to {high} times {word} "
    return f"barely {word} " if low == "1" else f"about {low} times {word} "


def _pair(clauses: Sequence[str], optimizer: str, reference: str) -> str:
    return "they" if clauses else f"{optimizer} and {reference}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} others" if len(names) > 3 else shown

"""The ranks of a report's optimizers over its problems, what they show, and what they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from adambench.analysis.difference import ALPHA, centre
from adambench.analysis.groups import letters
from adambench.analysis.listing import listed
from adambench.analysis.number import significant
from adambench.analysis.pairing import by_optimizer, by_problem, races
from adambench.analysis.quantile import real
from adambench.analysis.ranks import blocks, critical_difference, friedman, mean_ranks, pairwise, problems_needed
from adambench.analysis.speedup import charged_ratios
from adambench.analysis.target import from_hardest
from adambench.errors import AdambenchError

Row = Mapping[str, Any]
MOST = 20
"""Optimizers of which all pairs are looked at; of more there are no pairs and no letters."""
NAMED = 5
"""Problems that a sentence names before it counts the rest."""


def ranking(
    results: Sequence[Row], budgets: Mapping[str, float], partial: bool = False, nemenyi: bool = False
) -> dict[str, Any]:
    """`ranks` of a report. All of it is relative: another optimizer may change it.

    Within a problem, optimizers are ranked by `standing_on`: median steps to the hardest target, then to the next,
    and so on, then median final loss; infinite ones are last, and ties share the mean of their ranks.

    optimizers  in the order of the rows; with `partial`, without those of which nothing was measured at all, which
                are `unmeasured`
    problems    over which they are ranked: those on which every optimizer has a trial that counts
    left_out    the others, with `partial`
    refused     without `partial`, the sentence that says where nothing was measured; no rank is given then
    mean_ranks  one an optimizer; None where refused, or over no problem
    friedman    `ranks.friedman`; None where refused
    pairwise    `ranks.pairwise` of the mean log ratios of `speedup.charged_ratios`; empty where refused, and for more
                than MOST optimizers
    nemenyi     where asked for: {"critical_difference"}, None where there is none
    sentences   what the tests show, in words
    """
    cells = {problem: _placed(rows) for problem, rows in by_problem(results).items()}
    measured = {name for scores in cells.values() for name in scores}
    everybody = list(dict.fromkeys(row["optimizer"] for row in results))
    names = [name for name in everybody if name in measured or not partial]
    found: dict[str, Any] = {
        **{"optimizers": names, "unmeasured": [name for name in everybody if name not in names]},
        **{"problems": [], "left_out": [], "mean_ranks": None, "friedman": None},
        **{"pairwise": [], "refused": None, "sentences": []},
    }
    try:
        table = blocks(cells, partial, names)
    except AdambenchError as error:
        return {**found, **({"nemenyi": {"critical_difference": None}} if nemenyi else {}), "refused": str(error)}
    found.update(problems=list(table.problems), left_out=list(table.left_out))
    found.update(mean_ranks=mean_ranks(table.scores), friedman=friedman(table.scores))
    if 2 <= len(names) <= MOST:
        found["pairwise"] = pairwise(_differences(results, table.problems, names, budgets), names)
    if nemenyi:
        comparable = len(names) > 1 and len(table.problems) > 0
        critical = critical_difference(len(names), len(table.problems)) if comparable else None
        found["nemenyi"] = {"critical_difference": critical}
    return {**found, "sentences": sentences(found)}


def standing_on(row: Row) -> tuple[float, ...]:
    """The key by which rows of one problem are ranked: smaller is better, +inf what never happened."""
    order = from_hardest(row["targets"])
    values = [*(row["targets"][index]["median"] for index in order), row["final_loss"]["median"]]
    return tuple(map(real, values))


def lettered(ranks: Mapping[str, Any]) -> dict[str, str]:
    """A letter or several for each optimizer: those that share one cannot be told apart over the problems.

    By `pairwise`, at 5%. Empty where there are no pairs, or where too few problems could tell any two apart: a letter
    that all share would then say nothing.
    """
    names = ranks["optimizers"]
    if not ranks["pairwise"] or _too_few(ranks):
        return {}
    places = {name: place for place, name in enumerate(names)}
    apart = [[False] * len(names) for _ in names]
    for pair in ranks["pairwise"]:
        i, j = places[pair["a"]], places[pair["b"]]
        apart[i][j] = apart[j][i] = bool(pair["different"])
    return dict(zip(names, letters(apart), strict=True))


def sentences(ranks: Mapping[str, Any]) -> list[str]:
    """What the tests of the ranks show, what they could not have shown, and over which problems."""
    names, problems = ranks["optimizers"], len(ranks["problems"])
    said = []
    if ranks["unmeasured"]:
        said.append(f"neither ranked nor scored, since nothing was measured: {listed(ranks['unmeasured'], NAMED)}")
    if ranks["left_out"]:
        which = listed(ranks["left_out"], NAMED)
        said.append(f"ranks and scores leave out {which}: not every optimizer was measured there")
    if len(names) < 2 or not problems:
        return said
    over = f"{problems} problem{'' if problems == 1 else 's'}"
    said.append(_friedman(ranks["friedman"], over) + _reconciled(ranks))
    if ranks.get("nemenyi"):
        critical = significant(ranks["nemenyi"]["critical_difference"])
        said.append(
            f"by Nemenyi's test, mean ranks less than {critical} apart cannot be told apart (95%; who else takes part "
            "changes this)"
        )
    if not ranks["pairwise"]:
        said.append(f"pairs were not looked at: there are more than {MOST} optimizers")
    elif _too_few(ranks):
        said.append(f"{over} cannot tell any two of {len(names)} optimizers apart: {_needed(ranks)}")
    return said


def _friedman(found: Mapping[str, Any], over: str) -> str:
    if found["chi2"] is None:
        return f"every optimizer ties with every other on all of {over}"
    if found["p"] is None:
        return (
            f"whether the optimizers rank alike cannot be shown over {over}: the smallest p that Friedman's test could "
            f"give is {significant(found['smallest_p'], 2)}"
        )
    p = significant(found["p"])
    if found["method"] == "exact":
        test = f"(Friedman's test: chi2 = {significant(found['chi2'])}, exact p = {p})"
    else:
        statistic = (
            f"F({found['degrees'][0]}, {found['degrees'][1]}) = {significant(found['F'])}"
            if found["F"] is not None
            else "all rank them the same way"
        )
        test = f"(Friedman's test with Iman and Davenport's correction, not exact: {statistic}, p = {p})"
    if found["p"] <= ALPHA:
        return f"the optimizers do not rank alike over {over} {test}"
    return f"that the optimizers rank alike over {over} is not ruled out {test}"


def _reconciled(ranks: Mapping[str, Any]) -> str:
    """What joins the test of all ranks with the letters, where the one finds something and the others do not."""
    if ranks["friedman"]["p"] is None or not ranks["pairwise"] or _too_few(ranks):
        return ""
    shown, told = ranks["friedman"]["p"] <= ALPHA, any(pair["different"] for pair in ranks["pairwise"])
    if shown and not told and len(ranks["optimizers"]) > 2:
        return "; which of them differ, these problems cannot say"
    if shown and not told:
        return "; by how much they differ, not only in which order, they are not told apart"
    if told and not shown:
        return "; by how much they differ, not only in which order, some are told apart"
    return ""


def _too_few(ranks: Mapping[str, Any]) -> bool:
    """Could no pair have been told apart? Of its problems, those with a target on which the two differ count."""
    return all(pair["smallest_p"] > ALPHA for pair in ranks["pairwise"])


def _needed(ranks: Mapping[str, Any]) -> str:
    pairs, needed = len(ranks["pairwise"]), problems_needed(len(ranks["optimizers"]))
    test = "Wilcoxon's signed ranks" + (f" with Holm's correction for {pairs} pairs" if pairs > 1 else "")
    used = max(pair["nonzero"] for pair in ranks["pairwise"])
    if used == len(ranks["problems"]):
        return f"{test} need at least {needed} problems for that, at 5%"
    most = f"on more than {used}" if used else "on any"
    return f"{test} need at least {needed} problems on which two differ for that, at 5%, and no two differ {most}"


def _placed(rows: Sequence[Row]) -> dict[str, float]:
    """By optimizer, the place of its key among those of the problem: a score for ranks alone."""
    keys = {row["optimizer"]: standing_on(row) for row in rows}
    order = {key: float(place) for place, key in enumerate(sorted(set(keys.values())))}
    return {name: order[key] for name, key in keys.items()}


def _differences(
    results: Sequence[Row], problems: Sequence[str], names: Sequence[str], budgets: Mapping[str, float]
) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """For every pair, its mean log ratio on each of the problems that has a target which a trial of either hit."""
    kept = set(problems)
    rows = by_optimizer(row for row in results if row["problem"] in kept)
    return [
        np.array(
            [
                centre(charged_ratios(race))
                for race in races(rows.get(one, {}), rows.get(other, {}), budgets).values()
                if race.decided
            ],
            np.float64,
        )
        for one, other in combinations(names, 2)
    ]

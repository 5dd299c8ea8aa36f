"""What follows from the problems, results and tuning of a report: all that stands above single rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.basin import robustness
from adambench.analysis.comparison import compare, hardest_runtimes
from adambench.analysis.distribution import profiles
from adambench.analysis.duel import duels
from adambench.analysis.ranking import ranking
from adambench.analysis.reservation import with_reservations
from adambench.analysis.scaling import scaling
from adambench.analysis.score import algoperf_scores
from adambench.analysis.tuned import tuned
from adambench.errors import AdambenchError, nearest


def derive(
    document: Mapping[str, Any],
    *,
    comparison: bool,
    reference: str | None = None,
    partial: bool = False,
    nemenyi: bool = False,
) -> dict[str, Any]:
    """The top-level keys of a report that its problems, results and tuning decide: scaling where a problem is swept,
    robustness where learning rates were drawn or swept, tuning with what follows from it where there was one, and with
    `comparison` also comparison, duels, ranks and profiles.

    document    a report, of which only these three are read
    reference   whom the others are held against; unless given, the best by its mean rank (over the problems that all
                were measured on, where ranks over all are refused; the first of the rows where there are none). Of
                equals the one that solves more of these problems, then the one of the higher score, then the one whose
                label sorts first
    partial     leave problems out of the ranks that not every optimizer was measured on
    nemenyi     add the critical difference of mean ranks

    AdambenchError where no optimizer is called as `reference` says.
    """
    problems, results = document["problems"], document["results"]
    found: dict[str, Any] = {}
    if scaled := scaling(problems, results):
        found["scaling"] = scaled
    if basins := robustness(document):
        found["robustness"] = basins
    tuning = {**document["tuning"], **tuned(document)} if document.get("tuning") else None
    if tuning is not None:
        found["tuning"] = tuning
    if comparison:
        budgets = {problem["name"]: float(problem["budget"]) for problem in problems}
        ranks = ranking(results, budgets, partial, nemenyi)
        against = _reference(results, budgets, ranks, reference)
        exact = {problem["name"] for problem in problems if not problem.get("random", True)}
        met = duels(results, against, budgets, exact)
        found["comparison"] = compare(results, ranks, met, tuning, found.get("robustness", ()))
        found["duels"] = {"reference": against, "against": with_reservations(met, against, tuning)}
        found["ranks"] = ranks
        found["profiles"] = profiles(problems, results, ranks, against)
    return found


def _reference(
    results: Sequence[Mapping[str, Any]], budgets: Mapping[str, float], ranks: Mapping[str, Any], asked: str | None
) -> str:
    """The optimizer that the others are held against."""
    labels = list(dict.fromkeys(row["optimizer"] for row in results))
    if asked is not None and asked not in labels:
        raise AdambenchError(f"--reference: expected one of {', '.join(labels)}, got {asked}{nearest(asked, labels)}")
    if asked is not None:
        return asked
    if ranks["refused"] is not None:
        ranks = ranking(results, budgets, partial=True)
    if not ranks["mean_ranks"]:
        return next(iter(labels), "")
    runtimes = hardest_runtimes(results, ranks)
    solved = np.isfinite(runtimes).sum(axis=0).tolist()
    scores = algoperf_scores(runtimes) or [0.0] * len(solved)
    placed = zip(ranks["mean_ranks"], solved, scores, ranks["optimizers"], strict=True)
    return str(min((rank, -count, -score, name) for rank, count, score, name in placed)[3])

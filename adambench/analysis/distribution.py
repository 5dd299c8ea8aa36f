"""The profiles of a report: how runtimes are distributed over its problems, as lists of points to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adambench.analysis.comparison import hardest_runtimes
from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.ecdf import Ecdf, ecdf
from adambench.analysis.log_ratio import log_ratios
from adambench.analysis.pairing import by_optimizer, common_target
from adambench.analysis.profile import data_profiles, performance_profiles
from adambench.analysis.quantile import real, reals
from adambench.analysis.target import from_hardest

Row = Mapping[str, Any]
MOST = 200
"""Points of a profile; of more, so many are kept, evenly, the last among them."""


def profiles(
    problems: Sequence[Row], results: Sequence[Row], ranks: Mapping[str, Any], reference: str
) -> dict[str, list[dict[str, Any]]]:
    """`profiles` of a report. A step function is given by its jumps: points [x, share], from which on the share holds.

    performance  {"optimizer", "problems", "points"}: x a ratio to the fastest's median steps to the hardest target,
                 over the problems of the ranks (`profile.performance_profiles`); empty where these were refused.
                 Relative: taking an optimizer away may swap two others
    data         the same, x the median evaluations in units of cost (`problems[].unit`), over the optimizer's own
                 problems (`profile.data_profiles`)
    ecdf         {"optimizer", "problems", "points"}: the share of (problem, target, seed) hit within x units of cost,
                 each problem weighing the same (`ecdf.ecdf`)
    pairs        {"optimizer", "ratios", "alone", "reference_alone", "neither"}: log2 of its median steps over the
                 reference's, ascending, on the problems that both solved, at `pairing.common_target`; and on how many
                 only it, only the reference, and neither did
    """
    units = {problem["name"]: float(problem.get("unit", 1)) for problem in problems}
    rows = by_optimizer(results)
    return {
        "performance": _performance(results, ranks),
        "data": [_data(name, own, units) for name, own in rows.items()],
        "ecdf": [_runtimes(name, own, units) for name, own in rows.items()],
        "pairs": [_pair(name, own, rows.get(reference, {})) for name, own in rows.items() if name != reference],
    }


def _performance(results: Sequence[Row], ranks: Mapping[str, Any]) -> list[dict[str, Any]]:
    runtimes = hardest_runtimes(results, ranks)
    if not len(runtimes):
        return []
    return [
        {"optimizer": name, "problems": len(runtimes), "points": _points(profile)}
        for name, profile in zip(ranks["optimizers"], performance_profiles(runtimes), strict=True)
    ]


def _data(name: str, rows: Mapping[str, Row], units: Mapping[str, float]) -> dict[str, Any]:
    aimed = {problem: row for problem, row in rows.items() if row["targets"]}
    runtimes = np.array([_median(row, from_hardest(row["targets"])[0]) for row in aimed.values()], np.float64)
    (profile,) = data_profiles(runtimes[:, np.newaxis], np.array([units[problem] for problem in aimed]))
    return {"optimizer": name, "problems": len(aimed), "points": _points(profile)}


def _runtimes(name: str, rows: Mapping[str, Row], units: Mapping[str, float]) -> dict[str, Any]:
    costs, weights = [np.zeros(0)], [np.zeros(0)]
    aimed = {problem: row for problem, row in rows.items() if row["targets"]}
    for problem, row in aimed.items():
        hits = [hit for seed in row["seeds"] if seed["outcome"] not in OUTSIDE for hit in seed["hits"]]
        costs.append(reals(hits) / units[problem])
        weights.append(np.full(len(hits), 1.0 / len(hits)))
    profile = ecdf(np.concatenate(costs), np.concatenate(weights))
    return {"optimizer": name, "problems": len(aimed), "points": _points(profile)}


def _pair(name: str, rows: Mapping[str, Row], others: Mapping[str, Row]) -> dict[str, Any]:
    places = {
        problem: place
        for problem in rows
        if problem in others and (place := common_target(rows[problem], others[problem])) is not None
    }
    found = log_ratios(
        np.array([_median(rows[problem], place) for problem, place in places.items()], np.float64),
        np.array([_median(others[problem], place) for problem, place in places.items()], np.float64),
    )
    return {
        "optimizer": name,
        "ratios": [float(ratio) for ratio in found.values[np.isfinite(found.values)]],
        "alone": int(np.isneginf(found.values).sum()),
        "reference_alone": int(np.isposinf(found.values).sum()),
        "neither": found.failed,
    }


def _median(row: Row, place: int) -> float:
    return real(row["targets"][place]["median"])


def _points(profile: Ecdf) -> list[list[float]]:
    kept = thinned(len(profile.points))
    return [[float(x), float(share)] for x, share in zip(profile.points[kept], profile.shares[kept], strict=True)]


def thinned(size: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """At most MOST of 0..size-1, ascending, evenly spaced; the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, min(size, MOST)).round().astype(np.int64)) if size else np.zeros(0, int)

"""A row of a report as the gate needs it: columns over its seeds, and nothing of its curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.quantile import Reals, extended
from adambench.outcome import OUTCOMES

Document = dict[str, Any]
CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}
COUNTS = np.array([outcome not in OUTSIDE for outcome in OUTCOMES])
"""By code: whether such trials say something about the optimizer."""
NUMBER_DUE = np.array([outcome in ("budget", "stalled") for outcome in OUTCOMES])
"""By code: whether the final loss of such trials is finite."""


@dataclass(frozen=True)
class Row:
    """One (problem, optimizer). Arrays are over its seeds, in ascending order of these.

    identity      dialect, hyperparameters and implementation, as in the report
    outcomes      (seeds,) places in OUTCOMES
    final_loss    (seeds,) +inf where it diverged, or is not said
    initial_loss  (seeds,) NaN where it is not said
    hits          (targets, seeds) evaluations, +inf for never
    fingerprints  (seeds,) digests; each takes the room of the longest, which the schema bounds
    evaluations   (points,) at which `losses` are, empty without them
    losses        (seeds, points) +inf where not finite; None where the report has none
    cost          of the row, as in the report
    nulls         sentences about numbers that are due, and null
    """

    problem: str
    optimizer: str
    identity: Mapping[str, Any]
    seeds: NDArray[np.int64]
    outcomes: NDArray[np.intp]
    final_loss: Reals
    initial_loss: Reals
    hits: Reals
    fingerprints: NDArray[np.bytes_]
    evaluations: Reals
    losses: Reals | None
    cost: Mapping[str, Any]
    nulls: tuple[str, ...]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(seeds,) which trials say something about the optimizer."""
        return COUNTS[self.outcomes]

    def count(self, outcome: str) -> int:
        """How many trials ended so."""
        return int((self.outcomes == CODES[outcome]).sum())


def row_of(row: Mapping[str, Any]) -> Row:
    """From a row of `results` that has been checked."""
    seeds = sorted(row["seeds"], key=itemgetter("seed"))
    targets = len(row["targets"])
    hits = np.array([seed["hits"] for seed in seeds], np.float64).reshape(len(seeds), targets).T.copy()
    fingerprints = np.array([seed["fingerprint"] for seed in seeds], np.bytes_)
    outcomes = np.array([CODES[seed["outcome"]] for seed in seeds], np.intp)
    final_loss = np.array([seed["final_loss"] for seed in seeds], np.float64)
    losses = None
    if seeds and all("losses" in seed for seed in seeds):
        losses = extended(np.array([seed["losses"] for seed in seeds], np.float64))
    return Row(
        problem=row["problem"],
        optimizer=row["optimizer"],
        identity={key: row[key] for key in ("dialect", "hyperparameters", "implementation")},
        seeds=np.array([seed["seed"] for seed in seeds], np.int64),
        outcomes=outcomes,
        final_loss=extended(final_loss),
        initial_loss=np.array([seed.get("initial_loss") for seed in seeds], np.float64),
        hits=extended(hits),
        fingerprints=fingerprints,
        evaluations=np.array(row["curve"]["evaluations"] if losses is not None else (), np.float64),
        losses=losses,
        cost=row["cost"],
        nulls=tuple(_nulls(row, seeds, fingerprints, outcomes, final_loss, hits)),
    )


def record(document: Document) -> Document:
    """A report with such rows in place of its own."""
    return {**document, "results": [row_of(row) for row in document["results"]]}


def _nulls(
    row: Mapping[str, Any],
    seeds: list[Any],
    fingerprints: NDArray[np.bytes_],
    outcomes: NDArray[np.intp],
    final_loss: Reals,
    hits: Reals,
) -> list[str]:
    """What is null, NaN in the arrays, though the trial ended in a way that leaves a number."""
    inside = COUNTS[outcomes]
    unknown = NUMBER_DUE[outcomes] & np.isnan(final_loss)
    empty = inside & (fingerprints == b"")
    found = [
        *(f"the final loss of seed {seeds[place]['seed']} is null" for place in np.flatnonzero(unknown)),
        *(f"the fingerprint of seed {seeds[place]['seed']} is empty" for place in np.flatnonzero(empty)),
    ]
    if row["final_loss"]["median"] is None and _has_median(final_loss[inside]):
        found.append("the median of the final loss is null")
    if any(
        target["median"] is None and _has_median(column[inside])
        for target, column in zip(row["targets"], hits, strict=True)
    ):
        found.append("the median of the steps to a target is null")
    return found


def _has_median(values: Reals) -> bool:
    """Is the median of (n,) values, NaN for infinite, one of the finite ones?"""
    return len(values) > 0 and bool(2 * np.isfinite(values).sum() >= len(values))

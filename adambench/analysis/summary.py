"""The statistics of one row of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.denominator import OUTSIDE, counted
from adambench.analysis.ert import expected_runtime, spent_until
from adambench.analysis.interval import ert_interval, median_interval
from adambench.analysis.quantile import Reals, extended, known, mean, quartiles
from adambench.outcome import OUTCOMES, Trial


def summarize(trials: Sequence[Trial], grid: NDArray[np.int64], targets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """trials, outcomes, final_loss, best_loss, targets, curve and seeds of a row of `results`: plain data.

    targets  one {"kind": ..., "value": ...} for each of a trial's hits

    Statistics leave out trials that were skipped or ended in error, are None where nothing is left, and None where
    they are infinite.
    """
    inside = counted(trials)
    evaluations = np.array([trial.stopped[0] for trial in inside], dtype=np.float64)
    best = _three(extended(trial.best_loss for trial in inside))
    return {
        "trials": len(trials),
        "outcomes": {outcome: sum(trial.outcome == outcome for trial in trials) for outcome in OUTCOMES},
        "final_loss": _final_loss(extended(trial.final_loss for trial in inside)),
        "best_loss": {"median": best["median"]},
        "held_out": _held_out(inside),
        "targets": [
            {"kind": target["kind"], "value": target["value"], **_hits(inside, index, evaluations)}
            for index, target in enumerate(targets)
        ],
        "curve": _curve(inside, grid),
        "seeds": [_seed(trial) for trial in trials],
    }


def cost(trials: Sequence[Trial], seconds: float, state_per_parameter: float | None) -> dict[str, Any]:
    """The `cost` of a row: evaluations of all its trials, their time, and memory in numbers per parameter.

    ns_per_step is None where nothing was evaluated.
    """
    evaluations = sum(int(trial.stopped[0]) for trial in trials)
    return {
        "evaluations": evaluations,
        "seconds": float(seconds),
        "ns_per_step": float(seconds) * 1e9 / evaluations if evaluations else None,
        "state_per_parameter": state_per_parameter,
    }


def _three(values: Reals) -> dict[str, float | None]:
    if not len(values):
        return {"median": None, "q25": None, "q75": None}
    q25, median, q75 = (known(float(value)) for value in quartiles(values))
    return {"median": median, "q25": q25, "q75": q75}


def _final_loss(values: Reals) -> dict[str, Any]:
    three = _three(values)
    return {
        "median": three["median"],
        "mean": mean(values),
        "min": known(values.min(initial=np.inf)),
        "max": known(values.max()) if len(values) else None,
        "q25": three["q25"],
        "q75": three["q75"],
        "ci95": median_interval(values),
    }


def _held_out(trials: Sequence[Trial]) -> dict[str, dict[str, float | None]] | None:
    """Median and quartiles of each measure on held-out data, of the trials that have it; None where none has."""
    measured = [trial.held_out for trial in trials if trial.held_out is not None]
    if not measured:
        return None
    return {name: _three(np.array([one[name] for one in measured])) for name in measured[0]}


def _hits(trials: Sequence[Trial], index: int, evaluations: Reals) -> dict[str, Any]:
    hits = np.array([np.inf if trial.hits[index] is None else trial.hits[index] for trial in trials], dtype=np.float64)
    hit = np.isfinite(hits)
    return {
        "reached": int(hit.sum()),
        "trials": len(trials),
        **{name: None if step is None else int(step) for name, step in _three(hits).items()},
        "ert": expected_runtime(hits, evaluations),
        "ert_ci95": ert_interval(spent_until(hits, evaluations), hit.astype(np.float64)),
    }


def _curve(trials: Sequence[Trial], grid: NDArray[np.int64]) -> dict[str, Any]:
    losses = np.stack([trial.losses for trial in trials]) if trials else np.full((1, len(grid)), np.inf)
    q25, median, q75 = ([known(loss) for loss in level.tolist()] for level in quartiles(extended(losses)))
    return {"evaluations": [int(evaluation) for evaluation in grid], "median": median, "q25": q25, "q75": q75}


def _seed(trial: Trial) -> dict[str, Any]:
    evaluation, cause = trial.stopped
    return {
        "seed": int(trial.seed),
        "outcome": trial.outcome,
        "final_loss": None if trial.outcome in OUTSIDE else known(trial.final_loss),
        "hits": [None if hit is None else int(hit) for hit in trial.hits],
        "fingerprint": trial.fingerprint,
        "stopped": {"evaluation": int(evaluation), "cause": cause},
        **({} if trial.held_out is None else {"held_out": dict(trial.held_out)}),
    }

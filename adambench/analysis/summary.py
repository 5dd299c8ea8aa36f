"""The statistics of one row of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.aocc import area_over_curve
from adambench.analysis.denominator import OUTSIDE, counted
from adambench.analysis.ert import expected_runtime, spent_until
from adambench.analysis.interval import ert_interval, median_interval
from adambench.analysis.penalty import penalized_runtime
from adambench.analysis.proportion import wilson_interval
from adambench.analysis.quantile import Reals, extended, known, mean, quartiles, reals
from adambench.analysis.restarts import restart_quantiles
from adambench.analysis.stay import stay_hit, threshold
from adambench.outcome import OUTCOMES, Trial

Seed = Mapping[str, Any]
Target = Mapping[str, Any]
ON_THE_CURVE = ("relative", "loss")
"""Kinds of target that a curve of losses shows; of a gradient or a distance it says nothing."""


def summarize(
    trials: Sequence[Trial],
    grid: NDArray[np.int64],
    targets: Sequence[Target],
    budget: int | None = None,
    reference_loss: float | None = None,
    losses: bool = False,
    random: bool = True,
) -> dict[str, Any]:
    """A row of `results` but for its cost and identity: plain data, made from the trials.

    grid            the evaluations at which each trial's losses were kept
    targets         one {"kind": ..., "value": ...} for each of a trial's hits
    budget          of a trial; without one, what the penalised runtime needs is unknown
    reference_loss  what relative targets refer to; without one, neither stays nor areas are known
    losses          whether each seed keeps its losses: where the reference is this report's own, and another report
                    that is merged with this one may lower it
    random          `problems[].random`: whether seeds differ in anything
    """
    seeds = [_seed(trial, grid, targets, reference_loss, losses) for trial in trials]
    return {**statistics(seeds, targets, budget, random), "curve": _curve(counted(trials), grid), "seeds": seeds}


def statistics(
    seeds: Sequence[Seed], targets: Sequence[Target], budget: int | None = None, random: bool = True
) -> dict[str, Any]:
    """trials, outcomes, final_loss, best_loss, held_out, targets and aocc of a row, from its `seeds` as the JSON has
    them: the numbers that `summarize` made, to the bit.

    budget  `problems[].budget`, for the penalised runtime alone
    random  `problems[].random`: where nothing is, and all seeds came to the same, the expected runtime is exact, and
            its interval is that number twice

    Statistics leave out trials that were skipped or ended in error, are None where nothing is left, and None where
    they are infinite. A target's `stay` is None where the curve cannot say (see `ON_THE_CURVE`), or there was no
    reference loss to stay at.
    """
    inside = [seed for seed in seeds if seed["outcome"] not in OUTSIDE]
    areas = np.array([seed["aocc"] for seed in inside if seed.get("aocc") is not None], np.float64)
    return {
        "trials": len(seeds),
        "outcomes": {outcome: sum(seed["outcome"] == outcome for seed in seeds) for outcome in OUTCOMES},
        "final_loss": _final_loss(reals(seed["final_loss"] for seed in inside)),
        "best_loss": {"median": _three(reals(seed["best_loss"] for seed in inside))["median"]},
        "held_out": _held_out(inside),
        "targets": [
            {"kind": target["kind"], "value": target["value"], **_hits(inside, index, target, budget, random)}
            for index, target in enumerate(targets)
        ],
        "aocc": _three(areas),
    }


def cost(trials: Sequence[Trial], seconds: float, state_per_parameter: float | None) -> dict[str, Any]:
    """The `cost` of a row: evaluations of all its trials, their time, and memory in numbers per parameter.

    ns_per_step is None where nothing was evaluated.
    """
    evaluations = sum(int(trial.stopped[0]) for trial in trials)
    return {
        "evaluations": evaluations,
        "seconds": float(seconds),
        "ns_per_step": ns_per_step(float(seconds), evaluations),
        "state_per_parameter": state_per_parameter,
    }


def ns_per_step(seconds: float | None, evaluations: int) -> float | None:
    """Time of one evaluation; None where nothing was evaluated, or the time is not known."""
    return seconds * 1e9 / evaluations if evaluations and seconds is not None else None


def _three(values: Reals) -> dict[str, float | None]:
    if not len(values):
        return {"median": None, "q25": None, "q75": None}
    q25, median, q75 = (known(float(value)) for value in quartiles(values))
    return {"median": median, "q25": q25, "q75": q75}


def _steps(values: Reals) -> dict[str, int | None]:
    return {name: None if step is None else int(step) for name, step in _three(values).items()}


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


def _held_out(seeds: Sequence[Seed]) -> dict[str, dict[str, float | None]] | None:
    """Median and quartiles of each measure on held-out data, of the trials that have it; None where none has."""
    measured = [seed["held_out"] for seed in seeds if seed.get("held_out") is not None]
    if not measured:
        return None
    return {name: _three(np.array([one[name] for one in measured], np.float64)) for name in measured[0]}


def _hits(seeds: Sequence[Seed], index: int, target: Target, budget: int | None, random: bool) -> dict[str, Any]:
    hits = reals(seed["hits"][index] for seed in seeds)
    evaluations = np.array([seed["stopped"]["evaluation"] for seed in seeds], np.float64)
    hit = np.isfinite(hits)
    reached = int(hit.sum())
    restarts = restart_quantiles(hits, evaluations, (0.25, 0.5, 0.75))
    charged = budget is not None or reached == len(hits)
    spent, ert = spent_until(hits, evaluations), expected_runtime(hits, evaluations)
    exact = not random and reached == len(hits) > 0 and spent.min() == spent.max()
    return {
        "reached": reached,
        "trials": len(seeds),
        **_steps(hits),
        "ert": ert,
        "ert_ci95": [ert, ert] if exact else ert_interval(spent, hit.astype(np.float64)),
        "reached_ci95": wilson_interval(reached, len(seeds)),
        "stay": _stay(seeds, index, target),
        "par10": penalized_runtime(hits, float(budget or 0)) if charged else None,
        "restarts": {name: _whole(step) for name, step in zip(("q25", "median", "q75"), restarts, strict=True)},
    }


def _whole(step: float | None) -> int | None:
    return None if step is None else int(step)


def _stay(seeds: Sequence[Seed], index: int, target: Target) -> dict[str, Any] | None:
    """How many stayed at the target to the end, and from when in the median."""
    if target["kind"] not in ON_THE_CURVE:
        return None
    stays = reals(seed["stay"][index] for seed in seeds)
    return {"reached": int(np.isfinite(stays).sum()), "median": _steps(stays)["median"]}


def _curve(trials: Sequence[Trial], grid: NDArray[np.int64]) -> dict[str, Any]:
    losses = np.stack([trial.losses for trial in trials]) if trials else np.full((1, len(grid)), np.inf)
    q25, median, q75 = ([known(loss) for loss in level.tolist()] for level in quartiles(extended(losses)))
    return {"evaluations": [int(evaluation) for evaluation in grid], "median": median, "q25": q25, "q75": q75}


def _seed(
    trial: Trial, grid: NDArray[np.int64], targets: Sequence[Target], reference: float | None, losses: bool
) -> dict[str, Any]:
    evaluation, cause = trial.stopped
    outside = trial.outcome in OUTSIDE
    area = None
    if not outside and reference is not None:
        area = area_over_curve(grid, trial.losses[np.newaxis], reference, trial.initial_loss)
    return {
        "seed": int(trial.seed),
        "outcome": trial.outcome,
        "initial_loss": None if outside else known(trial.initial_loss),
        "final_loss": None if outside else known(trial.final_loss),
        "best_loss": None if outside else known(trial.best_loss),
        "hits": [None if hit is None else int(hit) for hit in trial.hits],
        "stay": [None if outside else _stays(trial, grid, target, reference) for target in targets],
        "aocc": None if area is None else float(area[0]),
        "fingerprint": trial.fingerprint,
        "stopped": {"evaluation": int(evaluation), "cause": cause},
        **({} if trial.held_out is None else {"held_out": dict(trial.held_out)}),
        **({"losses": [None] * len(grid) if outside else [known(x) for x in trial.losses.tolist()]} if losses else {}),
    }


def _stays(trial: Trial, grid: NDArray[np.int64], target: Target, reference: float | None) -> int | None:
    if target["kind"] == "loss":
        level = float(target["value"])
    elif target["kind"] == "relative" and reference is not None:
        level = threshold(target["value"], trial.initial_loss, reference)
    else:
        return None
    return stay_hit(grid, trial.losses, level)

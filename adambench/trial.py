"""From the arrays of a block that has ended to its trials."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adambench.composition import slots_of
from adambench.engine.blas import single_thread
from adambench.engine.block import watch_grid
from adambench.engine.descend import GRADIENT_NOT_FINITE, LOSS_NOT_FINITE, RUNNING, TARGETS_REACHED, Lanes
from adambench.outcome import Outcome, Trial
from adambench.plan import Batch, Lane, unfit
from adambench.problem.problem import Problem

DIVERGED = (LOSS_NOT_FINITE, GRADIENT_NOT_FINITE)
CAUSES = {
    LOSS_NOT_FINITE: "loss not finite",
    GRADIENT_NOT_FINITE: "gradient not finite",
    TARGETS_REACHED: "every target reached",
    RUNNING: "time limit",
}


@dataclass(frozen=True)
class Finished:
    """A block that has ended: where its lanes stand, the seconds in the loop, and what its implementation did wrong."""

    lanes: Lanes
    seconds: float
    timed_out: bool
    fault: str = ""


@lru_cache(maxsize=64)
def kept_at(budget: int) -> NDArray[np.int64]:
    """(points,), read-only: the evaluations at which a trial's losses are kept."""
    grid = watch_grid(budget)[:-1]
    grid.setflags(write=False)
    return grid


def trials_of(batch: Batch, block: tuple[Lane, ...], finished: Finished) -> dict[Lane, tuple[Trial, float]]:
    """Each lane's trial and its share of the seconds; a lane that an interruption cut off has none."""
    lanes = finished.lanes
    spent = np.maximum(lanes.stopped[: len(block)], 1)
    shares = finished.seconds * spent / spent.sum()
    return {
        lane: (_trial(batch, lane, finished, place), float(shares[place]))
        for place, lane in enumerate(block)
        if lanes.why[place] != RUNNING or finished.timed_out or finished.fault
    }


def _trial(batch: Batch, lane: Lane, finished: Finished, place: int) -> Trial:
    lanes = finished.lanes
    why, ended = int(lanes.why[place]), int(lanes.stopped[place])
    hits = tuple(int(hit) if hit >= 0 else None for hit in lanes.hits[:, place])
    x = lanes.final_x[:, place].astype(np.float64)
    outcome, cause = ("error", finished.fault) if finished.fault else _judge(batch, lanes, place, hits, x)
    final = float(lanes.final_loss[place])
    if why in DIVERGED or not np.isfinite(x).all() or not np.isfinite(final):
        final = np.inf
    grid = kept_at(batch.problem.budget)
    losses = lanes.curve[:, place].copy()
    losses[grid >= ended if why == RUNNING else grid > ended] = final
    losses[~np.isfinite(losses)] = np.inf
    if why in DIVERGED:
        losses[grid >= ended] = np.inf
    digest = hashlib.blake2b(digest_size=16)
    for part in (losses, np.where(np.isnan(x), np.nan, x), lanes.hits[:, place]):
        digest.update(np.ascontiguousarray(part).tobytes())
    return Trial(
        seed=lane.seed,
        outcome=outcome,
        initial_loss=float(losses[0]),
        final_loss=final,
        best_loss=float(lanes.best[place]),
        hits=hits,
        losses=losses,
        fingerprint=digest.hexdigest(),
        stopped=(ended, cause),
        held_out=_held_out(batch.problem, x) if np.isfinite(final) else None,
    )


def _held_out(problem: Problem, x: NDArray[np.float64]) -> dict[str, float] | None:
    measure = problem.function.held_out
    if measure is None:
        return None
    with single_thread():  # whatever else runs beside it
        measured = measure(x)
    return measured if measured and all(np.isfinite(value) for value in measured.values()) else None


def _judge(
    batch: Batch, lanes: Lanes, place: int, hits: tuple[int | None, ...], x: NDArray[np.float64]
) -> tuple[str, str]:
    """The outcome of a trial, the first that applies, and its cause as a sentence."""
    why = int(lanes.why[place])
    cause = CAUSES.get(why, "budget")
    if why == RUNNING:
        return "timeout", cause
    if hits and None not in hits:
        return "reached", cause
    if why in DIVERGED:
        return "diverged", cause
    if not np.isfinite(x).all():
        return "diverged", "x not finite"
    configuration = batch.configuration
    slots = slots_of(configuration.optimizer, configuration.flags)
    state = lanes.state.reshape(len(slots), *lanes.x.shape)[:, :, place]
    for slot, values in zip(slots, state, strict=True):
        if not np.isfinite(values).all():
            return "stalled", f"{slot.meaning} {'is not a number' if np.isnan(values).any() else 'overflowed'}"
    if not np.isfinite(lanes.memory).all():
        return "stalled", "the optimizer's memory overflowed"
    if lanes.pushed[place] and not lanes.moved[place]:
        return "stalled", "the last step left x unchanged though the gradient was not zero"
    return "budget", cause


def _skipped(problem: Problem, seed: int, reason: str) -> Trial:
    """The trial of an optimizer that is unfit for the problem, which never ran."""
    losses = np.full(kept_at(problem.budget).size, np.nan)
    return Trial(
        *(seed, "skipped", np.nan, np.nan, np.nan, (None,) * len(problem.targets), losses, "", (0, reason)),
    )


def outcomes_of(problem: Problem, collected: dict[Lane, tuple[Trial, float]]) -> tuple[Outcome | None, ...]:
    """The trials sorted into rows, in the order of the seeds."""
    grid = kept_at(problem.budget)
    rows: list[Outcome | None] = []
    for row in range(len(problem.optimizers)):
        if reason := unfit(problem, problem.optimizers[row]):
            rows.append(Outcome(tuple(_skipped(problem, seed, reason) for seed in problem.seeds), grid, 0.0))
            continue
        mine = [collected[lane] for seed in problem.seeds if (lane := Lane(row, seed)) in collected]
        seconds = sum(share for _, share in mine)
        rows.append(Outcome(tuple(trial for trial, _ in mine), grid, seconds) if mine else None)
    return tuple(rows)

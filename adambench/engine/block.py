"""The arrays of one block of lanes, at x_0 and ready for the loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.engine.assembly import REAL, sizes
from adambench.engine.descend import LOSS, Course, Lanes
from adambench.optimizer import Flags, Optimizer

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Entry:
    """A trial that enters a block: its seed, the numbers its coefficients unpack, x_0, and what each target asks."""

    seed: int
    numbers: tuple[float, ...]
    start: Floats
    thresholds: Floats


def update_arrays(
    optimizer: Optimizer, flags: Flags, numbers: list[tuple[float, ...]], coordinates: int, precision: str
) -> tuple[Floats, Floats, Floats, Floats]:
    """state, carry, hyper and scratch of a kernel that updates `coordinates` for each lane, before its first step.

    numbers  what `coefficients` unpacks, for each lane; the last three arrays have one column where all are equal
    """
    columns = 1 if len(set(numbers)) == 1 else len(numbers)
    hypers, _, constants, slots = sizes(optimizer, flags)
    hyper = np.array(numbers[:columns], np.float64).reshape(columns, hypers).T
    names = [h.name for h in optimizer.numbers]
    state = np.zeros((slots, coordinates, len(numbers)), REAL[precision])
    for row, slot in enumerate(optimizer.slots(flags)):
        if slot.initial is not None:
            state[row] = [lane[names.index(slot.initial)] for lane in numbers]
    return (
        state.reshape(slots, coordinates * len(numbers)),
        np.tile(np.array(optimizer.carry, np.float64)[:, None], (1, columns)),
        np.concatenate([hyper, hyper[:1]]).copy(),
        np.zeros((constants, columns), REAL[precision]),
    )


def make_lanes(
    optimizer: Optimizer, flags: Flags, entries: list[Entry], course: Course, work_rows: int, width: int, precision: str
) -> tuple[Lanes, int]:
    """The arrays for up to `width` entries, and the columns of hyperparameters (1 where all entries share theirs).

    Empty lanes repeat the last entry, dead from the start: they cost nothing that full ones would not.
    """
    real = REAL[precision]
    padded = entries + [entries[-1]] * (width - len(entries))
    numbers = [entry.numbers for entry in padded]
    state, carry, hyper, scratch = update_arrays(optimizer, flags, numbers, course.dimension, precision)
    x = np.array([entry.start for entry in padded], real).T.copy()
    thresholds = np.array([entry.thresholds for entry in padded]).reshape(width, course.target_kinds.size).T.copy()
    watched = thresholds[course.target_kinds == LOSS]
    seeds = np.array([entry.seed for entry in padded], np.int64)
    distinct, column = np.unique(seeds, return_inverse=True)
    pairs = np.zeros((2, (course.dimension + 1) // 2 if course.noise_kinds.size else 0, distinct.size))
    alive = np.zeros(width, np.int64)
    alive[: len(entries)] = 1
    lanes = Lanes(
        x=x,
        gradient=np.zeros_like(x),
        previous=np.zeros_like(x),
        state=state,
        carry=carry,
        hyper=hyper,
        scratch=scratch,
        loss=np.zeros(width),
        pending=watched.max(axis=0, initial=-np.inf),
        best=np.full(width, np.inf),
        thresholds=thresholds,
        hits=np.full(thresholds.shape, -1, np.int64),
        alive=alive,
        stopped=np.zeros(width, np.int64),
        why=np.zeros(width, np.int64),
        moved=np.zeros(width, np.int64),
        pushed=np.zeros(width, np.int64),
        final_x=np.zeros_like(x),
        final_loss=np.full(width, np.nan),
        curve=np.full((course.grid.size - 1, width), np.nan),
        cursor=np.zeros(1, np.int64),
        work=np.full((work_rows, width), -1.0),
        seeds=seeds,
        distinct=distinct,
        column=column.astype(np.int64),
        z=pairs.reshape(-1, distinct.size),
        pairs=pairs,
    )
    return lanes, hyper.shape[1]


def watch_grid(budget: int) -> Integers:
    """When losses are kept: at evaluations 0..64, then round(2^(k/16)), and the budget; last, one never reached."""
    points = {*range(min(budget, 64) + 1), budget}
    k = 97
    while (point := round(2 ** (k / 16))) < budget:
        points.add(point)
        k += 1
    return np.array([*sorted(points), np.iinfo(np.int64).max], np.int64)

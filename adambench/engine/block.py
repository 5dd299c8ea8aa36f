"""The arrays of one block of lanes, at x_0 and ready for the loop."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.composition import CLIPPED, carry_of, slots_of, watched
from adambench.engine.assembly import REAL, sizes
from adambench.engine.descend import LOSS, Course, Lanes
from adambench.optimizer import START, Blocks, Flags, Optimizer

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
    optimizer: Optimizer, flags: Flags, numbers: list[tuple[float, ...]], x: Floats, precision: str, columns: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """state, carry, hyper and scratch of a kernel that updates x, before its first step.

    numbers  what `coefficients` unpacks, for each lane
    x        (coordinates, lanes): where it starts
    columns  of the last three arrays: 1 where all lanes share their hyperparameters, else as many as lanes
    """
    hypers, carried, constants, slots = sizes(optimizer, flags)
    hyper = np.array(numbers[:columns], np.float64).reshape(columns, hypers).T
    names = [h.name for h in optimizer.numbers]
    state = np.zeros((slots, *x.shape), REAL[precision])
    for row, slot in enumerate(slots_of(optimizer, flags)):
        if slot.initial == START:
            state[row] = x
        elif slot.initial is not None:
            state[row] = [lane[names.index(slot.initial)] for lane in numbers]
    return (
        state.reshape(slots, x.size),
        np.tile(np.array(carry_of(optimizer, flags), np.float64).reshape(carried, 1), (1, columns)),
        np.concatenate([hyper, hyper[:1]]).copy(),
        np.zeros((constants, columns), REAL[precision]),
    )


def columns_of(flags: Flags, numbers: Collection[tuple[float, ...]]) -> int:
    """1 where lanes share their hyperparameters and nothing is done to a lane as a whole; else as many as lanes."""
    return len(numbers) if flags[CLIPPED] or len(set(numbers)) > 1 else 1


def make_lanes(
    optimizer: Optimizer, flags: Flags, entries: list[Entry], course: Course, work_rows: int, width: int, precision: str
) -> tuple[Lanes, int]:
    """The arrays for up to `width` entries, and the columns of hyperparameters.

    Empty lanes repeat the last entry, dead from the start: they cost nothing that full ones would not.
    """
    real, dimension = REAL[precision], course.dimension
    padded = entries + [entries[-1]] * (width - len(entries))
    numbers = [entry.numbers for entry in padded]
    columns = columns_of(flags, numbers)
    x = np.array([entry.start for entry in padded], real).T.copy()
    state, carry, hyper, scratch = update_arrays(optimizer, flags, numbers, x, precision, columns)
    place = watched(slots_of(optimizer, flags))
    slopes = np.zeros((slope_rows(optimizer, dimension), width), real)
    thresholds = np.array([entry.thresholds for entry in padded]).reshape(width, course.target_kinds.size).T.copy()
    losses = thresholds[course.target_kinds == LOSS]
    seeds = np.array([entry.seed for entry in padded], np.int64)
    distinct, column = np.unique(seeds, return_inverse=True)
    pairs = np.zeros((2, (course.dimension + 1) // 2 if course.noise_kinds.size else 0, distinct.size))
    alive = np.zeros(width, np.int64)
    alive[: len(entries)] = 1
    lanes = Lanes(
        x=x,
        point=x if place is None else state[place].reshape(x.shape),
        slopes=slopes,
        gradient=slopes[:dimension],
        previous=np.zeros_like(x),
        state=state,
        memory=np.zeros(int(course.blocks[1]), real),
        carry=carry,
        hyper=hyper,
        scratch=scratch,
        loss=np.zeros(width),
        pending=losses.max(axis=0, initial=-np.inf),
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
    return lanes, columns


def layout(optimizer: Optimizer, flags: Flags, blocks: Blocks) -> Integers:
    """`Course.blocks` for this optimizer."""
    rows = [(len(blocks), optimizer.memory(flags, blocks), 0), *blocks]
    return np.array(rows, np.int64).reshape(-1)


def slope_rows(optimizer: Optimizer, dimension: int) -> int:
    """Rows of `Lanes.slopes`: the gradient; where curvature is asked for, that, and room to estimate it in."""
    return dimension if optimizer.curvature is None else 4 * dimension


def watch_grid(budget: int) -> Integers:
    """When losses are kept: at evaluations 0..64, then round(2^(k/16)), and the budget; last, one never reached."""
    points = {*range(min(budget, 64) + 1), budget}
    k = 97
    while (point := round(2 ** (k / 16))) < budget:
        points.add(point)
        k += 1
    return np.array([*sorted(points), np.iinfo(np.int64).max], np.int64)

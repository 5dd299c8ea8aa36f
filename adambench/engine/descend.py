"""The one loop: every optimizer on every objective, compiled or as plain Python."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adambench.engine.memory import lend
from adambench.engine.noise import perturb
from adambench.engine.schedule import factor

LOSS, GRADIENT, DISTANCE = range(3)
RUNNING, BUDGET, LOSS_NOT_FINITE, GRADIENT_NOT_FINITE, TARGETS_REACHED = range(5)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Course(NamedTuple):
    """What is the same for every trial of a problem; read only.

    sparse         losses are watched on the grid only, since they cost more than a step
    separate       what is watched is an evaluation of its own (noise-free), not part of a step
    idle           evaluations in a row that may leave x where it is
    measured       some target is on the gradient or the distance
    grid           (points + 1,) the evaluations at which losses are kept, and one that is never reached
    target_kinds   (targets,)
    optima         (optima, dimension), for distance targets
    low, high      (dimension,), the box that x and the point whose loss counts are kept in; empty where there is none
    noise_kinds    (noises,), as numbered in `noise`
    noise_numbers  (noises, 2): scale, degrees of freedom (0 for normal noise)
    blocks         (1 + blocks) x 3, row by row: how many there are and the size of `Lanes.memory`; then for each block
                   of x where it starts, its rows and columns (0 columns: a vector)
    noise_spread   each coordinate's standard deviation (SPREAD), or a (dimension, dimension) root of the covariance,
                   row by row (COVARIANCE)
    """

    dimension: int
    budget: int
    sparse: bool
    separate: bool
    measured: bool
    stop_at_target: bool
    schedule_kind: int
    schedule_first: float
    schedule_second: float
    warmup: int
    idle: int
    grid: Integers
    target_kinds: Integers
    optima: Floats
    low: Floats
    high: Floats
    reals: Floats
    integers: Integers
    noise_kinds: Integers
    noise_numbers: Floats
    noise_spread: Floats
    blocks: Integers


class Lanes(NamedTuple):
    """A block of trials side by side, and where they stand. The loop writes all but `seeds`, `distinct` and `column`.

    x, gradient, previous   (dimension, LANES) in the run's precision; `previous` is x before the last step
    point                   where the loss counts: the memory of x, or of a slot
    slopes                  the gradient, and where the optimizer asks for curvature, room for it below
    state                   (slots, dimension LANES)
    memory                  (size,): what a step of the whole vector keeps
    carry, hyper, scratch   (numbers, columns), columns 1 where all lanes share their hyperparameters, else LANES
    loss, pending, best     (LANES,): f(x_t); the highest loss still asked for; the lowest loss so far
    thresholds, hits        (targets, LANES); hits are -1 until made
    alive, stopped, why     (LANES,): 1 while it runs; the evaluation it ended at; the reason, as numbered above
    moved, pushed           (LANES,): whether the last step changed x; whether its gradient was not zero
    final_x, final_loss     (dimension, LANES), (LANES,): where the trial ended
    curve                   (points, LANES): f at the grid
    cursor                  (1,): the next point of the grid
    distinct, column        the seeds each once, and the place of each lane's seed among them
    z, pairs                scratch for their draws: (rows, seeds), an even number of rows, and the same memory as
                            (2, rows / 2, seeds)
    """

    x: Floats
    point: Floats
    slopes: Floats
    gradient: Floats
    previous: Floats
    state: Floats
    memory: Floats
    carry: Floats
    hyper: Floats
    scratch: Floats
    loss: Floats
    pending: Floats
    best: Floats
    thresholds: Floats
    hits: Integers
    alive: Integers
    stopped: Integers
    why: Integers
    moved: Integers
    pushed: Integers
    final_x: Floats
    final_loss: Floats
    curve: Floats
    cursor: Integers
    work: Floats
    seeds: Integers
    distinct: Integers
    column: Integers
    z: Floats
    pairs: Floats


def loop(LANES, NOISY):
    """descend(evaluate, update, course, lanes, first, last): from x_first to x_last, or until no lane is alive.

    Any way of cutting a run into such calls gives the same bits. A run ends with last == budget + 1: there is no such
    point, but x_budget is watched then. Returns whether a lane is still alive.
    """
    add_noise = perturb(LANES)
    infinity = np.inf

    def descend(evaluate, update, course, lanes, first, last):
        dimension, budget = course.dimension, course.budget
        x, point, gradient, loss = lanes.x, lanes.point, lanes.gradient, lanes.loss
        best, pending, alive, grid, cursor = lanes.best, lanes.pending, lanes.alive, course.grid, lanes.cursor
        flat = gradient.reshape(dimension * LANES)
        x_, point_, gradient_, loss_ = lend(x), lend(point), lend(lanes.slopes), lend(loss)
        work_, memory_, blocks_ = lend(lanes.work), lend(lanes.memory), lend(course.blocks)
        seeds_, reals_, integers_ = lend(lanes.seeds), lend(course.reals), lend(course.integers)
        state_, carry_, hyper_, scratch_ = lend(lanes.state), lend(lanes.carry), lend(lanes.hyper), lend(lanes.scratch)
        for t in range(first, last):
            on_grid, event = t == grid[cursor[0]], False
            if on_grid or not course.sparse:
                number = -t - 1 if course.separate else t + 1
                evaluate(dimension, point_, gradient_, loss_, number, seeds_, reals_, integers_, work_)
                event = course.measured
                for lane in range(LANES):
                    value = loss[lane]
                    running = alive[lane] != 0
                    event |= running & ((value <= pending[lane]) | (not abs(value) < infinity))
                    best[lane] = value if running & (value < best[lane]) else best[lane]
                if event:
                    watch(
                        LANES,
                        t,
                        point,
                        gradient,
                        loss,
                        pending,
                        alive,
                        lanes.stopped,
                        lanes.why,
                        lanes.final_loss,
                        lanes.hits,
                        lanes.thresholds,
                        course.target_kinds,
                        course.optima,
                        course.stop_at_target,
                    )
                if on_grid:
                    for lane in range(LANES):
                        lanes.curve[cursor[0], lane] = loss[lane]
                    cursor[0] += 1
            broken = False
            if t == budget:
                for lane in range(LANES):
                    if alive[lane] != 0:
                        lanes.final_loss[lane] = loss[lane]
                        end(alive, lanes.stopped, lanes.why, lane, t, BUDGET)
            else:
                if course.separate:
                    evaluate(dimension, x_, gradient_, loss_, t + 1, seeds_, reals_, integers_, work_)
                if NOISY:
                    add_noise(
                        gradient,
                        t + 1,
                        course.noise_kinds,
                        course.noise_numbers,
                        course.noise_spread,
                        lanes.distinct,
                        lanes.column,
                        lanes.z,
                        lanes.pairs,
                    )
                for j in range(flat.size):
                    broken |= not abs(flat[j]) < infinity
                if broken:
                    for lane in range(LANES):
                        for i in range(dimension):
                            if alive[lane] != 0 and not abs(gradient[i, lane]) < infinity:
                                end(alive, lanes.stopped, lanes.why, lane, t, GRADIENT_NOT_FINITE)
            if event or broken or t == budget:
                running_lanes = 0
                for lane in range(LANES):
                    running_lanes += alive[lane]
                    if alive[lane] == 0 and lanes.stopped[lane] == t:
                        for i in range(dimension):
                            lanes.final_x[i, lane] = point[i, lane]
                if running_lanes == 0:
                    return False
            if t == max(budget - 1 - course.idle, 0):
                for i in range(dimension):
                    for lane in range(LANES):
                        lanes.previous[i, lane] = x[i, lane]
            rate = 1.0
            if course.schedule_kind != 0 or course.warmup > 0:
                rate = factor(
                    course.schedule_kind, course.schedule_first, course.schedule_second, course.warmup, budget, t + 1
                )
            update(*(t + 1, rate, flat.size, loss_, gradient_, x_, state_, carry_, hyper_, scratch_, memory_, blocks_))
            if course.low.size > 0:
                for i in range(dimension):
                    for lane in range(LANES):
                        x[i, lane] = min(max(x[i, lane], course.low[i]), course.high[i])
                        point[i, lane] = min(max(point[i, lane], course.low[i]), course.high[i])
            if t == budget - 1:
                for i in range(dimension):
                    for lane in range(LANES):
                        if x[i, lane] != lanes.previous[i, lane]:
                            lanes.moved[lane] = 1
                        if gradient[i, lane] != 0.0:
                            lanes.pushed[lane] = 1
        return last <= budget

    return descend


def watch(
    LANES,
    t,
    x,
    gradient,
    loss,
    pending,
    alive,
    stopped,
    why,
    final_loss,
    hits,
    thresholds,
    kinds,
    optima,
    stop_at_target,
):
    """Enter the targets hit at x_t, and end the trials that diverged there or have all they were asked for."""
    for lane in range(LANES):
        if alive[lane] == 0:
            continue
        if not abs(loss[lane]) < np.inf:
            end(alive, stopped, why, lane, t, LOSS_NOT_FINITE)
            continue
        pending[lane] = -np.inf
        missing = False
        for k in range(kinds.size):
            if hits[k, lane] >= 0:
                continue
            if kinds[k] == LOSS:
                value = loss[lane]
            elif kinds[k] == GRADIENT:
                value = norm(gradient, lane)
            else:
                value = distance(x, lane, optima)
            if value <= thresholds[k, lane]:
                hits[k, lane] = t
            else:
                missing = True
                if kinds[k] == LOSS:
                    pending[lane] = max(pending[lane], thresholds[k, lane])
        if stop_at_target and not missing:
            final_loss[lane] = loss[lane]
            end(alive, stopped, why, lane, t, TARGETS_REACHED)


def end(alive, stopped, why, lane, t, reason):
    """End a trial at x_t; what the lane computes from here on counts for nothing."""
    alive[lane], stopped[lane], why[lane] = 0, t, reason


def norm(gradient, lane):
    """The 2-norm of one lane's gradient."""
    square = 0.0
    for i in range(gradient.shape[0]):
        square += gradient[i, lane] * gradient[i, lane]
    return np.sqrt(square)


def distance(x, lane, optima):
    """From one lane's x to the nearest optimum, in the 2-norm."""
    nearest = np.inf
    for k in range(optima.shape[0]):
        square = 0.0
        for i in range(x.shape[0]):
            step = x[i, lane] - optima[k, i]
            square += step * step
        nearest = min(nearest, square)
    return np.sqrt(nearest)

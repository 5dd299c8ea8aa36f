"""The iterates of one optimizer on one problem with one seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from adambench.configuration import Entrant
from adambench.course import fitted, loss_at, make_course, pace_of
from adambench.draws import start_point
from adambench.engine.assembly import descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.blas import one_thread
from adambench.engine.block import Entry, make_lanes
from adambench.engine.descend import Course, Lanes
from adambench.engine.kernel import compiled
from adambench.errors import AdambenchError
from adambench.foreign.fault import ImplementationError
from adambench.hosting import Hosts, host
from adambench.implementation import Implementation
from adambench.plan import unfit
from adambench.problem.problem import Problem


@dataclass(frozen=True)
class Step:
    """The point that counts after `step` gradient evaluations, (dimension,), and the noise-free loss there.

    `y` is where the next gradient is taken, for optimizers that take it elsewhere.
    """

    step: int
    loss: float
    x: NDArray[np.float64]
    y: NDArray[np.float64] | None = None


def trace(
    problem: Problem,
    configuration: Entrant,
    at: Sequence[int],
    seed: int,
    precision: str = "float64",
    timeout: float | None = None,
) -> list[Step]:
    """The points at the evaluations `at`, in that order; the same bits as a trial of `run` passes through.

    A trial that diverged stays where it ended. `timeout`: seconds that a step of somebody else's may take.
    Raises AdambenchError for an evaluation outside 0..budget.
    """
    for step in at:
        if not 0 <= step <= problem.budget:
            raise AdambenchError(f"--at: expected evaluations from 0 to the budget of {problem.budget:,}, got {step:,}")
    optimizer, flags = configuration.optimizer, configuration.flags
    if reason := unfit(problem, configuration):
        raise AdambenchError(f"{configuration.label} on {problem.name}: {reason}")
    pace = pace_of(problem, optimizer, flags)
    course = make_course(replace(problem, targets=()), precision, stop_at_target=False)
    course = fitted(course, problem, optimizer, flags)
    kernels = [
        evaluate_kernel(problem.function, 1, precision),
        update_kernel(optimizer, flags, 1, precision, pace),
        descend_kernel(1, bool(problem.noise), precision),
    ]
    plain, update, descend = (compiled(kernel.function, kernel.signature) for kernel in kernels)
    evaluate = plain
    if pace is not None:
        curved = evaluate_kernel(problem.function, 1, precision, pace)
        evaluate = compiled(curved.function, curved.signature)
    entry = Entry(seed, configuration.numbers, start_point(problem, seed), np.zeros(0))
    lanes, _ = make_lanes(optimizer, flags, [entry], course, problem.data.work_rows, 1, precision)
    points: dict[int, Step] = {}
    hosted = isinstance(configuration, Implementation)

    def going(first: int, last: int) -> bool:
        with one_thread(optimizer, problem.function):
            alive: bool = descend(evaluate, update, course, lanes, first, last)
        return alive

    def keep(step: int) -> None:
        x = (lanes.point if lanes.alive[0] else lanes.final_x)[:, 0].astype(np.float64)
        apart = (lanes.point != lanes.x).any() if hosted else lanes.point is not lanes.x
        y = lanes.x[:, 0].astype(np.float64) if apart else None
        points[step] = Step(step, loss_at(plain, problem, course, x, precision, t=step), x, y)

    stops = sorted(set(at))
    if isinstance(configuration, Implementation):
        hosts = Hosts(timeout)
        _hosted(hosts, configuration, problem, precision, course, lanes, going, keep, stops)
    else:
        done = 0
        for step in stops:
            # Stopping short of the budget leaves the last call's closing evaluation out: the points are the same.
            if step > done and lanes.alive[0]:
                going(done, step)
            done = step
            keep(step)
    return [points[step] for step in at]


def _hosted(
    hosts: Hosts,
    implementation: Implementation,
    problem: Problem,
    precision: str,
    course: Course,
    lanes: Lanes,
    going: Callable[[int, int], bool],
    keep: Callable[[int], None],
    stops: Sequence[int],
) -> None:
    """Keep the points of somebody else's implementation; ImplementationError where it fails on the way."""
    steps = count(1)

    def pause(seconds: float) -> bool:
        step = next(steps)
        if step in stops:
            keep(step)
        return step >= stops[-1]

    if 0 in stops:
        keep(0)
    if stops[-1] == 0:
        return
    try:
        finished = host(hosts, implementation, problem, precision, course, lanes, going, pause)
    finally:
        hosts.close()
    if finished.fault:
        raise ImplementationError(finished.fault)
    for step in stops[len([stop for stop in stops if stop <= lanes.stopped[0]]) :]:
        keep(step)

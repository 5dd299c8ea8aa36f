"""Trials of somebody else's implementation: our loop, one evaluation a call, and a step of theirs between."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from adambench.draws import start_point
from adambench.engine.descend import Course, Lanes
from adambench.engine.schedule import factor
from adambench.errors import AdambenchError
from adambench.foreign.fault import ImplementationError
from adambench.implementation import Implementation
from adambench.optimizer import Value
from adambench.problem.problem import Problem
from adambench.trial import Finished

if TYPE_CHECKING:  # what starts processes is imported when there is one to start
    from adambench.foreign.worker import Worker


@dataclass(frozen=True)
class Introduction:
    """What an implementation said of itself: its library and version, and its hyperparameters in our names, those that
    are finite numbers or switches."""

    library: str
    hyperparameters: dict[str, Value]


@dataclass(eq=False)
class Hosts:
    """The child processes of a run, each used by one trial at a time."""

    timeout: float | None
    _free: dict[str, list[Worker]] = field(default_factory=dict)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def worker(self, name: str) -> Iterator[Worker]:
        """A child that has imported `name`."""
        with self._lock:
            waiting = self._free.setdefault(name, [])
            worker = waiting.pop() if waiting else None
        if worker is None:
            from adambench.foreign.worker import Worker

            worker = Worker(name, self.timeout)
        try:
            yield worker
        except BaseException:
            worker.close()
            raise
        with self._lock:
            if self._closed:  # an interruption did not wait for this trial
                worker.close()
            else:
                waiting.append(worker)

    def introduce(self, implementation: Implementation, problem: Problem, precision: str) -> Introduction:
        """Import it and make one optimizer, so that what the user got wrong is an AdambenchError before anything runs.

        What is its own fault will be its trials' fault.
        """
        try:
            with self.worker(implementation.name) as worker:
                start = start_point(problem, problem.seeds[0])
                found = worker.begin(implementation.hyperparameters, start, shape_of(problem), precision)
                finite = {name: value for name, value in found.items() if math.isfinite(value)}
                return Introduction(worker.library, {**finite, **implementation.hyperparameters})
        except ImplementationError:
            return Introduction(implementation.name.partition(".")[0], implementation.hyperparameters)

    def close(self) -> None:
        """End the children: those that wait now, those in a trial when it gives them back."""
        with self._lock:
            self._closed = True
            for worker in (worker for waiting in self._free.values() for worker in waiting):
                worker.close()
            self._free.clear()


def shape_of(problem: Problem) -> tuple[int, ...]:
    """x as an implementation sees it: a matrix where the problem has one, else a vector."""
    (_, rows, columns), *more = problem.blocks
    return (rows, columns) if columns and not more else (problem.dimension,)


def host(
    hosts: Hosts,
    implementation: Implementation,
    problem: Problem,
    precision: str,
    course: Course,
    lanes: Lanes,
    going: Callable[[int, int], bool],
    pause: Callable[[float], bool],
) -> Finished:
    """One trial, in the one lane there is.

    going  (first, last) -> whether the trial goes on, after our loop went from x_first to x_last, x standing still
    pause  seconds -> whether to end here; asked after every step with the seconds spent in theirs
    """
    seconds, timed_out, fault = 0.0, False, ""
    t = 0
    try:
        with hosts.worker(implementation.name) as worker:
            before = worker.seconds
            worker.begin(implementation.hyperparameters, lanes.x[:, 0], shape_of(problem), precision)
            while going(t, t + 1) and t < course.budget:
                gradient, x = lanes.gradient[:, 0], lanes.x[:, 0].copy()
                stepped = worker.step(gradient, _rate(course, t + 1), float(lanes.loss[0]))
                lanes.x[:, 0] = _boxed(course, stepped)
                if course.low.size and (lanes.x[:, 0] != stepped).any():
                    worker.move(lanes.x[:, 0])
                lanes.point[:, 0] = _boxed(course, worker.point()) if worker.watched else lanes.x[:, 0]
                t += 1
                if t == course.budget:
                    lanes.moved[0], lanes.pushed[0] = int((lanes.x[:, 0] != x).any()), int(gradient.any())
                seconds = worker.seconds - before
                if pause(seconds):
                    timed_out = True
                    break
    except AdambenchError as error:
        fault = str(error)
    if lanes.alive[0]:
        lanes.stopped[0] = min(t, course.budget)
    return Finished(lanes, seconds, timed_out, fault)


def _rate(course: Course, t: int) -> float:
    with np.errstate(all="ignore"):
        kind, first, second = course.schedule_kind, course.schedule_first, course.schedule_second
        return float(factor(kind, first, second, course.warmup, course.budget, t))


def _boxed(course: Course, x: Any) -> Any:
    return np.clip(x, course.low, course.high) if course.low.size else x

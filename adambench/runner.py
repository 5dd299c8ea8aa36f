"""Runs batches: compiles what they need, keeps worker threads busy, and says what happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from adambench.control import breaches, sentence
from adambench.course import fitted, loss_at, make_course, pace_of, thresholds
from adambench.draws import start_points
from adambench.engine.assembly import Assembly, Kernel, descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.blas import one_thread
from adambench.engine.block import Entry, columns_of, make_lanes
from adambench.engine.descend import Course, Lanes
from adambench.engine.kernel import LANES
from adambench.errors import AdambenchError
from adambench.hosting import Hosts, Introduction, host
from adambench.implementation import Implementation
from adambench.observer import Observer
from adambench.outcome import Outcome, Trial
from adambench.plan import Batch, Lane, Settings, plan
from adambench.pool import Pool, aside, cores
from adambench.problem.problem import Problem
from adambench.solution import solved
from adambench.trial import Finished, outcomes_of, trials_of

CHUNK_SECONDS = 0.05
"""How long a compiled call may run: the longest that a key press, a time limit or the progress line waits."""


@dataclass(frozen=True)
class ProblemRun:
    """All outcomes of a problem, in the order of its optimizers; None where an interruption left no trial."""

    problem: Problem
    reference_loss: float | None
    outcomes: tuple[Outcome | None, ...]


@dataclass(eq=False)
class Run:
    """One invocation. After an interruption `finished` holds what had ended by then."""

    problems: list[Problem]
    settings: Settings
    observer: Observer
    assembly: Assembly = field(default_factory=Assembly)
    finished: list[ProblemRun] = field(default_factory=list)
    introductions: dict[str, Introduction] = field(default_factory=dict)
    compile_seconds: float = 0.0
    run_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.hosts = Hosts(self.settings.timeout)

    @property
    def jobs(self) -> int:
        """Worker threads."""
        return self.settings.jobs or cores()

    def execute(self) -> None:
        """Compile, then run every problem; on an interruption keep what has ended and raise it again."""
        started = time.perf_counter()
        pool = Pool(self.jobs)
        try:
            self._introduce()
            self._solve()
            batches = [plan(problem, LANES) for problem in self.problems]
            self._compile(pool, [batch for some in batches for batch in some])
            self.compile_seconds = time.perf_counter() - started
            used = [entrant.optimizer for problem in self.problems for entrant in problem.optimizers]
            with one_thread(*used, *(problem.function for problem in self.problems)):
                for problem, some in zip(self.problems, batches, strict=True):
                    self._run_problem(pool, problem, some)
        except BaseException:
            pool.stopping.set()
            raise
        finally:
            self.run_seconds = time.perf_counter() - started - self.compile_seconds
            self.hosts.close()

    def _introduce(self) -> None:
        """Import what is somebody else's; `introductions` then has what each said of itself."""
        for problem in self.problems:
            for entrant in problem.optimizers:
                if isinstance(entrant, Implementation) and entrant.label not in self.introductions:
                    self.observer.compiling(entrant.name, 0, 1)
                    task = partial(self.hosts.introduce, entrant, problem, self.settings.precision)
                    self.introductions[entrant.label] = aside(task)

    def _solve(self) -> None:
        """Where a problem asks for its optimum to be solved for."""
        for place, problem in enumerate(self.problems):
            if problem.solve and problem.optimum is None:
                self.observer.compiling(f"the optimum of {problem.name}", 0, 1)
                self.problems[place] = aside(partial(solved, problem))

    def _compile(self, pool: Pool, batches: list[Batch]) -> None:
        wanted: dict[tuple[Any, ...], Callable[[], Kernel]] = {}
        for batch in batches:
            for key, make in _kernels(batch, self.settings.precision):
                wanted.setdefault(key, make)
        keys = self.assembly.missing(wanted)
        done = 0
        for key in keys:
            kernel = wanted[key]()
            self.observer.compiling(kernel.name, done, len(keys))
            # On a worker thread, one at a time (the compiler holds a lock), so that Ctrl-C is heard meanwhile.
            for _ in pool.run([lambda key=key, kernel=kernel: self.assembly.add(key, kernel)]):  # type: ignore[misc]
                pass
            done += 1
        self.observer.compiling("", done, len(keys))

    def _run_problem(self, pool: Pool, problem: Problem, batches: list[Batch]) -> None:
        # Where the best loss is unknown it is the best of a first pass, and the hits come from a second, identical one.
        known = problem.optimum is not None or all(target.kind != "relative" for target in problem.targets)
        reference = problem.optimum.loss if problem.optimum is not None else None
        if not known:
            losses = [
                loss
                for _, _, finished in self._blocks(pool, problem, batches, None)
                for loss in finished.lanes.best[np.isfinite(finished.lanes.best)]
            ]
            reference = float(min(losses)) if losses else None
        if batches:
            self._control(problem, reference)
        collected: dict[Lane, tuple[Trial, float]] = {}
        try:
            for batch, block, finished in self._blocks(pool, problem, batches, reference):
                collected.update(trials_of(batch, block, finished))
        finally:
            self.finished.append(ProblemRun(problem, reference, outcomes_of(problem, collected)))

    def _control(self, problem: Problem, reference: float | None) -> None:
        """AdambenchError where a target of the problem is reached without looking at the gradient."""
        if self.settings.allow_invalid:
            return
        precision = self.settings.precision
        course = make_course(problem, precision, stop_at_target=False)
        evaluate = self.assembly[("evaluate", problem.function.evaluate, 1, precision, None)]
        if found := aside(lambda: breaches(problem, evaluate, course, precision, reference)):
            said = "; ".join(sentence(problem, breach) for breach in found)
            raise AdambenchError(f"problem {problem.name}: {said}; --allow-invalid runs it all the same")

    def _blocks(
        self, pool: Pool, problem: Problem, batches: list[Batch], reference: float | None
    ) -> Iterator[tuple[Batch, tuple[Lane, ...], Finished]]:
        """Run every block of a problem; each as it ends."""
        if not batches:
            return
        starts = start_points(problem)
        course = make_course(problem, self.settings.precision, self.settings.stop_at_target)
        progress = _Progress()
        first = self.assembly[("evaluate", problem.function.evaluate, 1, self.settings.precision, None)]
        precision = self.settings.precision
        initial = aside(lambda: {seed: loss_at(first, problem, course, x, precision) for seed, x in starts.items()})
        work = [(batch, block) for batch in batches for block in batch.blocks]
        tasks = []
        for batch, block in work:
            entries = [
                Entry(
                    lane.seed,
                    batch.configurations[lane.row].numbers,
                    starts[lane.seed],
                    thresholds(problem, reference, initial[lane.seed]),
                )
                for lane in block
            ]
            tasks.append(self._task(pool, batch, entries, course, progress))
        done, total = 0, sum(len(block) for _, block in work)
        for index, finished in pool.run(tasks):
            if index >= 0:
                batch, block = work[index]
                done += len(block)
                yield batch, block, finished
            self.observer.running(problem.name, progress.evaluations / (total * problem.budget), done, total)

    def _task(
        self, pool: Pool, batch: Batch, entries: list[Entry], shared: Course, progress: _Progress
    ) -> Callable[[], Finished]:
        def task() -> Finished:
            width = LANES if batch.wide else 1
            precision = self.settings.precision
            problem, configuration = batch.problem, batch.configuration
            optimizer, flags = configuration.optimizer, configuration.flags
            course = fitted(shared, problem, optimizer, flags)
            lanes, columns = make_lanes(optimizer, flags, entries, course, problem.data.work_rows, width, precision)
            kernels = {key[0]: self.assembly[key] for key, _ in _kernels(batch, precision, columns)}
            evaluate, update, descend = kernels["evaluate"], kernels["update"], kernels["descend"]

            def going(first: int, last: int) -> bool:
                alive: bool = descend(evaluate, update, course, lanes, first, last)
                progress.add((min(last, course.budget) - min(first, course.budget)) * len(entries))
                return alive

            def pause(seconds: float) -> bool:
                return self._late(seconds / len(entries)) or pool.stopping.is_set()

            if isinstance(configuration, Implementation):
                finished = host(self.hosts, configuration, problem, precision, course, lanes, going, pause)
            else:
                finished = _descent(course, lanes, first_chunk(course, width), going, pause)
            if finished.timed_out and not self._late(finished.seconds / len(entries)):
                return replace(finished, timed_out=False)  # interrupted
            if finished.timed_out:
                single = self.assembly[("evaluate", problem.function.evaluate, 1, precision, None)]
                for place in np.flatnonzero(lanes.alive):
                    lanes.final_x[:, place] = lanes.point[:, place]
                    x, t = lanes.point[:, place], int(lanes.stopped[place])
                    lanes.final_loss[place] = loss_at(single, problem, course, x, precision, t=t)
            return finished

        return task

    def _late(self, seconds: float) -> bool:
        """Whether a trial has taken longer than it may."""
        return self.settings.timeout is not None and seconds > self.settings.timeout


def _descent(
    course: Course, lanes: Lanes, chunk: int, going: Callable[[int, int], bool], pause: Callable[[float], bool]
) -> Finished:
    """A block from start to end, in calls of `CHUNK_SECONDS`, the first of `chunk` steps."""
    seconds, t, paused = 0.0, 0, False
    # A call takes a while before its first step, and the very first more: that is no step's time.
    idle = min(_seconds(lambda: going(0, 0)) for _ in range(4))
    while True:
        last = min(t + chunk, course.budget + 1)
        begun = time.perf_counter()
        alive = going(t, last)
        spent = time.perf_counter() - begun
        seconds += max(spent - idle, spent / 100)
        t = last
        if not alive:
            break
        paused = pause(seconds)
        if paused:
            break
        chunk = max(1, min(4 * chunk, int(chunk * CHUNK_SECONDS / max(spent, 1e-6))))
    lanes.stopped[lanes.alive != 0] = min(t, course.budget)
    return Finished(lanes, seconds, paused)


def _seconds(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


class _Progress:
    """Evaluations done so far, added to by the workers."""

    def __init__(self) -> None:
        self.evaluations = 0
        self._lock = threading.Lock()

    def add(self, evaluations: int) -> None:
        with self._lock:
            self.evaluations += evaluations


def first_chunk(course: Course, width: int) -> int:
    """Steps of the first call, before any has been timed: by a generous guess of their cost."""
    touched = course.dimension * width + course.reals.size + course.integers.size
    return max(1, int(0.2 * CHUNK_SECONDS / (1e-7 + 1e-8 * touched)))


def _kernels(
    batch: Batch, precision: str, columns: int | None = None
) -> list[tuple[tuple[Any, ...], Callable[[], Kernel]]]:
    """The keys of the kernels that a batch needs, or one block of it where `columns` is given, and how to make each."""
    problem, width = batch.problem, LANES if batch.wide else 1
    function, noisy = problem.function, bool(problem.noise)
    configuration = batch.configuration
    optimizer, flags = configuration.optimizer, configuration.flags
    pace = pace_of(problem, optimizer, flags)
    wanted: list[tuple[tuple[Any, ...], Callable[[], Kernel]]] = [
        (("evaluate", function.evaluate, 1, precision, None), lambda: evaluate_kernel(function, 1, precision)),
        (
            ("evaluate", function.evaluate, width, precision, pace),
            lambda: evaluate_kernel(function, width, precision, pace),
        ),
        (("descend", width, noisy, precision), lambda: descend_kernel(width, noisy, precision)),
    ]
    needed = {columns} if columns else {_columns(batch, block, width) for block in batch.blocks}
    wanted += [
        (
            ("update", configuration.kernel_key, across, precision, pace),
            lambda across=across: update_kernel(optimizer, flags, across, precision, pace),  # type: ignore[misc]
        )
        for across in sorted(needed)
    ]
    return wanted


def _columns(batch: Batch, block: tuple[Lane, ...], width: int) -> int:
    numbers = [batch.configurations[lane.row].numbers for lane in block]
    return columns_of(batch.configuration.flags, numbers + numbers[:1] * (width - len(numbers)))

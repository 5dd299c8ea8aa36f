"""adambench's own side of each case: the kernels and the loop that `run` uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adambench.configuration import configurations
from adambench.course import make_course
from adambench.data.rows import Dataset
from adambench.engine.assembly import Assembly, Kernel, descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.block import Entry, make_lanes
from adambench.engine.descend import Lanes
from adambench.engine.kernel import LANES
from adambench.engine.single import Single
from adambench.models import all_models
from adambench.plan import plan
from adambench.problem import Noise as ProblemNoise
from adambench.problem import Problem, read
from adambench.speed.case import RATE, Case, Fit, Logistic, Noise, Steps, Update
from adambench.speed.timing import Work

NEVER = np.iinfo(np.int64).max
UNREACHED = -1.0
"""The loss that every target asks for: below all that these objectives have."""


def work_of(case: Case, assembly: Assembly) -> Work:
    """What is timed for `case`; its kernels are compiled now, each once an `assembly`."""
    match case:
        case Steps():
            problem = _problem("rosenbrock", case.dimension)
            return _descent(problem, [RATE], case.lanes, case.steps, assembly)
        case Noise():
            problem = _problem("quadratic", case.dimension, f"parameters: {{condition: {case.condition}}}")
            problem = replace(problem, noise=(ProblemNoise("gaussian", case.std),))
            rates, seeds = (case.rates, 1) if case.shared else ([RATE], case.lanes)
            return _descent(problem, rates, seeds, case.steps, assembly)
        case Logistic():
            settings = {"l2": case.l2, "intercept": False, "batch": case.batch}
            function, data, dimension = all_models()["logistic"].build(settings, Dataset(case.rows))
            problem = replace(_problem("sphere", dimension), function=function, data=data)
            return _descent(problem, [RATE], 1, case.steps, assembly)
        case Fit():
            problem = replace(_problem("sphere", case.dimension), function=case.function, data=case.data)
            return _descent(problem, [RATE], 1, case.steps, assembly, case.dtype)
        case Update():
            return _update(case)


def _problem(function: str, dimension: int, more: str = "") -> Problem:
    """A named function at a dimension, with a budget that no timing reaches."""
    text = f"name: speed\nfunction: {function}\ndimension: {dimension}\nbudget: 1000000000\n{more}\n"
    return read(text, "speed", folder=None)


def _descent(
    problem: Problem,
    rates: Sequence[float],
    seeds: int,
    steps: int,
    assembly: Assembly,
    dtype: str = "float64",
) -> Work:
    """So many steps of Adam for each rate and seed, in the blocks that `run` would make of them, one after another."""
    adams = tuple(configurations("adam", {"lr": rate})[0] for rate in rates)
    problem = replace(problem, optimizers=adams, seeds=tuple(range(seeds)))
    (batch,) = plan(problem, LANES)
    width = LANES if batch.wide else 1
    course = make_course(problem, dtype, stop_at_target=False)
    if course.sparse:
        course = course._replace(grid=np.array([NEVER]))
    draw = problem.function.draw
    start = np.resize(np.array(problem.function.start), problem.dimension) if draw is None else draw(0)
    targets = np.full(course.target_kinds.size, UNREACHED)
    entries = [[Entry(lane.seed, adams[lane.row].numbers, start, targets) for lane in block] for block in batch.blocks]
    optimizer, flags = adams[0].optimizer, adams[0].flags
    made = [make_lanes(optimizer, flags, block, course, problem.data.work_rows, width, dtype) for block in entries]
    blocks, columns, noisy = [lanes for lanes, _ in made], made[0][1], bool(problem.noise)
    function = problem.function
    evaluate = _kernel(
        assembly, ("evaluate", function.evaluate, width, dtype), lambda: evaluate_kernel(function, width, dtype)
    )
    update = _kernel(assembly, ("update", columns, dtype), lambda: update_kernel(optimizer, flags, columns, dtype))
    descend = _kernel(assembly, ("descend", width, noisy, dtype), lambda: descend_kernel(width, noisy, dtype))
    starts = [[array.copy() for array in lanes] for lanes in blocks]

    def rewind() -> None:
        for lanes, arrays in zip(blocks, starts, strict=True):
            for now, then in zip(lanes, arrays, strict=True):
                now[...] = then

    def run() -> list[Lanes]:
        for lanes in blocks:
            descend(evaluate, update, course, lanes, 0, steps)
        return blocks

    return Work(run, steps * len(rates) * seeds, rewind)


def _update(case: Update) -> Work:
    """The update kernel alone, on one long vector or one matrix."""
    optimizer, flags = case.configuration.optimizer, case.configuration.flags
    gradient, x = case.vectors()
    single = Single(optimizer, flags, case.configuration.numbers, x, case.blocks, case.dtype, compile=True)
    single.slopes[: x.size] = gradient
    t = 0

    def run() -> Single:
        nonlocal t
        t += 1
        single.step(t)
        return single

    return Work(run, case.dimension)


def _kernel(assembly: Assembly, key: tuple[Any, ...], make: Callable[[], Kernel]) -> Any:
    if assembly.missing({key: make}):
        assembly.add(key, make())
    return assembly[key]

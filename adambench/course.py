"""A problem as the loop reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.composition import slots_of, watched
from adambench.engine import noise, schedule
from adambench.engine.assembly import REAL
from adambench.engine.block import layout, watch_grid
from adambench.engine.curvature import Pace
from adambench.engine.descend import DISTANCE, GRADIENT, LOSS, Course
from adambench.optimizer import Flags, Optimizer
from adambench.problem.problem import Problem

Floats = NDArray[np.float64]


def make_course(problem: Problem, precision: str, stop_at_target: bool) -> Course:
    """What is the same for every trial of `problem`."""
    kinds = {"relative": LOSS, "loss": LOSS, "gradient": GRADIENT, "distance": DISTANCE}
    target_kinds = np.array([kinds[target.kind] for target in problem.targets], np.int64)
    measured = bool((target_kinds != LOSS).any())
    function, dimension = problem.function, problem.dimension
    box = (
        np.array([function.box[i % len(function.box)] for i in range(dimension)]) if function.box else np.zeros((0, 2))
    )
    first, second = (*problem.schedule.values, 0.0, 0.0)[:2]
    noise_kinds, numbers, spread = _noises(problem)
    points = problem.optimum.x if problem.optimum is not None else ()
    optima = np.array(points, np.float64) if points and len(points[0]) == dimension else np.zeros((0, dimension))
    return Course(
        dimension=dimension,
        budget=problem.budget,
        sparse=function.sampled,
        separate=function.sampled or function.rounded or (function.online and measured),
        measured=measured,
        stop_at_target=stop_at_target,
        schedule_kind=schedule.KINDS[problem.schedule.kind],
        schedule_first=float(first),
        schedule_second=float(second),
        warmup=problem.schedule.warmup,
        idle=0,
        grid=watch_grid(problem.budget),
        target_kinds=target_kinds,
        optima=optima,
        low=np.ascontiguousarray(box[:, 0]),
        high=np.ascontiguousarray(box[:, 1]),
        reals=problem.data.reals.astype(REAL[precision]),
        integers=problem.data.integers,
        noise_kinds=noise_kinds,
        noise_numbers=numbers,
        noise_spread=spread,
        blocks=np.zeros(3, np.int64),
    )


def pace_of(problem: Problem, optimizer: Optimizer, flags: Flags) -> Pace | None:
    """How an optimizer that asks for curvature gets it on this problem; None for all others."""
    if optimizer.curvature is None:
        return None
    return Pace(*optimizer.curvature(flags), exact=problem.function.curvature is not None)


def fitted(course: Course, problem: Problem, optimizer: Optimizer, flags: Flags) -> Course:
    """The course as this optimizer runs it."""
    pace = pace_of(problem, optimizer, flags)
    return course._replace(
        separate=course.separate or watched(slots_of(optimizer, flags)) is not None,
        idle=pace.charge if pace is not None else 0,
        blocks=layout(optimizer, flags, problem.blocks),
    )


def _noises(problem: Problem) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The problem's noises as `noise.perturb` reads them."""
    kinds = {"gaussian": noise.GAUSSIAN, "multiplicative": noise.MULTIPLICATIVE, "heavy_tail": noise.HEAVY_TAIL}
    spread = np.zeros(0)
    codes = []
    for entry in problem.noise:
        if entry.kind != "quadratic_model":
            codes.append(kinds[entry.kind])
            continue
        assert problem.function.spectrum is not None
        spectrum = problem.function.spectrum(problem.dimension, problem.parameters)
        deviation = entry.scale * np.sqrt(spectrum.eigenvalues)
        codes.append(noise.SPREAD if spectrum.rotation is None else noise.COVARIANCE)
        spread = deviation if spectrum.rotation is None else (spectrum.rotation.T * deviation).ravel()
    numbers = np.array([(entry.scale, entry.df) for entry in problem.noise], np.float64).reshape(-1, 2)
    return np.array(codes, np.int64), numbers, np.ascontiguousarray(spread, np.float64)


def scratch(problem: Problem) -> Floats:
    """What the function's kernel works in, one lane wide, before the first evaluation of a trial."""
    return np.full(max(problem.data.work_rows, 1), -1.0)


def loss_at(
    evaluate: Any,
    problem: Problem,
    course: Course,
    x: Floats,
    precision: str,
    gradient: Floats | None = None,
    t: int = 0,
    work: Floats | None = None,
) -> float:
    """The noise-free loss at x after t evaluations, through the compiled width-1 kernel (called with addresses).

    gradient  (dimension,) in the run's precision, overwritten where given
    work      scratch of one trial, of the same problem, with t that grow from call to call; else of this call
    """
    point = np.ascontiguousarray(x, REAL[precision])
    gradient = np.zeros_like(point) if gradient is None else gradient
    loss, seeds = np.zeros(1), np.zeros(1, np.int64)
    work = scratch(problem) if work is None else work
    evaluate(
        *(problem.dimension, point.ctypes.data, gradient.ctypes.data, loss.ctypes.data, -t - 1),
        *(seeds.ctypes.data, course.reals.ctypes.data, course.integers.ctypes.data, work.ctypes.data),
    )
    return float(loss[0])


def thresholds(problem: Problem, reference: float | None, initial: float) -> Floats:
    """What each target asks of the watched number; -inf (never) where a relative target has no reference."""
    return np.array(
        [
            target.value
            if target.kind != "relative"
            else -np.inf
            if reference is None
            else reference + target.value * (initial - reference)
            for target in problem.targets
        ],
        np.float64,
    )

"""The contest that a problem makes: unbiased noise, targets that mean something, a budget that tells rivals apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adambench.configuration import parse
from adambench.control import breaches, sentence
from adambench.course import make_course
from adambench.draws import start_point
from adambench.engine.vector import normal_vector
from adambench.measure import Measure
from adambench.observer import Silent
from adambench.plan import Settings
from adambench.problem.contest import target_text
from adambench.problem.problem import Problem, Schedule
from adambench.runner import Run
from adambench.trace import trace
from adambench.validation.check import Check

Floats = NDArray[np.float64]
TRIALS = 16
"""Seeds over which noisy gradients are averaged."""
DIRECTIONS = 8
SIGMAS = 6.0
"""How far an average may be off, in standard errors: with 15 degrees of freedom, once in 40,000 draws."""
MOST_TOUCHED = 1e8
"""Numbers that the averages may touch in all: large problems are averaged over fewer gradients."""
SEEDS = 5
"""On which the optimizers run."""
AT_ONCE = 10
"""Evaluations within which no problem should be solved by everybody."""
WITHOUT_VARIANCE = 2.0
"""Degrees of freedom up to which Student's t has none."""


def contest_checks(problem: Problem) -> list[Check]:
    """Noise, then one run of the problem's optimizers on its first few seeds."""
    checks = [_noise(problem)] if problem.noise or problem.function.sampled or problem.function.random else []
    alone = replace(problem, seeds=problem.seeds[:SEEDS], require=())
    run = Run([alone], Settings(allow_invalid=True), Silent())
    run.execute()
    (finished,) = run.finished
    trials = [outcome.trials for outcome in finished.outcomes if outcome is not None]
    checks += _controls(problem, finished.reference_loss)
    if problem.optimum is not None:
        lowest = min((trial.best_loss for row in trials for trial in row), default=np.inf)
        floor = problem.optimum.loss - 1e-9 * max(1.0, abs(problem.optimum.loss))
        if lowest < floor and not problem.function.moving:
            said = f"an optimizer came to a loss of {lowest:.17g}, below the declared {problem.optimum.loss:.17g}"
            checks.append(Check("optimum", "optimum", finding=said))
    hits = [[trial.hits for trial in row if trial.outcome != "skipped"] for row in trials]
    return [*checks, _budget(problem, [row for row in hits if row])]


def _noise(problem: Problem) -> Check:
    """The mean of many noisy gradients at the start against the noise-free one, along a few directions.

    They are summed up by the loop itself: SGD at a learning rate so small that it stays where it is moves by their sum.
    """
    function = problem.function
    if function.moving:
        return Check("noise", "noise transforms", "the objective moves while gradients are averaged: not compared")
    if function.biased or (function.online and not (function.random or function.sampled)):
        return Check("noise", "transforms dropout", "the gradient is not that of the loss, by design: not compared")
    if any(noise.kind == "heavy_tail" and noise.df <= WITHOUT_VARIANCE for noise in problem.noise):
        return Check("noise", "noise", "heavy tails without a variance: the mean gradient is not compared")
    touched = problem.dimension + problem.data.reals.size / (10 if problem.function.sampled else 1)
    steps = int(np.clip(MOST_TOUCHED / (TRIALS * touched), 20, 2000))
    start = start_point(problem, problem.seeds[0])
    if not function.smooth:  # a start may lie on a kink, as zero biases do
        start = start + 0.01 * normal_vector(problem.dimension, 300, 0)
    exact = Measure(problem)(start)[1]
    rate = 1e-7 / (steps * max(1.0, float(np.abs(exact).max())))
    (slow,) = parse(f"sgd:lr={rate!r}")
    still = replace(
        problem,
        schedule=Schedule(),
        targets=(),
        budget=steps,
        start=replace(problem.start, kind="fixed", values=tuple(start)),
    )
    means = []
    for seed in range(TRIALS):
        (last,) = trace(still, slow, [steps], seed)
        means.append((start - (last.x if last.y is None else last.y)) / (rate * steps))
    along = np.array([normal_vector(problem.dimension, 200 + k, 0) for k in range(DIRECTIONS)])
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    projected = np.array(means) @ along.T
    off = np.abs(projected.mean(axis=0) - along @ exact)
    allowed = SIGMAS * projected.std(axis=0, ddof=1) / np.sqrt(TRIALS) + 1e-6 * max(1.0, float(np.linalg.norm(exact)))
    worst = int(np.argmax(off / allowed))
    if not off[worst] <= allowed[worst]:
        said = (
            f"the mean of {TRIALS * steps:,} gradients at the start is {projected.mean(axis=0)[worst]:.6g} along a "
            f"direction, not {float(along[worst] @ exact):.6g}: the noise is biased"
        )
        return Check("noise", "noise batch stochastic", finding=said)
    what = "minibatch gradients" if problem.function.sampled else "noisy gradients"
    return Check(
        "noise", "noise batch", f"{TRIALS * steps:,} {what} average to the full one within {SIGMAS:g} standard errors"
    )


def _controls(problem: Problem, reference: float | None) -> list[Check]:
    course = make_course(problem, "float64", stop_at_target=False)
    found = breaches(problem, Measure(problem).kernel, course, "float64", reference)
    if not found:
        return [Check("controls", "targets", "lr = 0 and a random walk reach no target")]
    return [Check("controls", "targets", finding=sentence(problem, breach)) for breach in found]


def _budget(problem: Problem, hits: list[list[tuple[int | None, ...]]]) -> Check:
    """`hits` of each optimizer and seed, in the order of the targets."""
    if not problem.targets or not hits:
        return Check("budget", "budget", "no target to be reached" if hits else "no optimizer ran")
    reached = sum(any(hit is not None for seed in row for hit in seed) for row in hits)
    if not reached:
        also = ", or a loss under optimum that there is" if problem.optimum and not problem.optimum.x else ""
        said = (
            f"no optimizer reaches any target within {problem.budget:,} evaluations: a larger budget, or other targets"
        )
        return Check("budget", "budget", finding=said + also)
    slowest = max(np.inf if hit is None else hit for row in hits for seed in row for hit in seed)
    if slowest <= AT_ONCE and len(hits) > 1:
        said = f"every optimizer reaches every target within {AT_ONCE} evaluations: they are not told apart"
        return Check("budget", "budget", finding=said)
    easiest = target_text(problem.targets[0])
    unknown = "" if problem.optimum else "; the optimum is unknown: targets are relative to the best of them"
    said = f"{reached} of {len(hits)} optimizers reach a target (the first is {easiest}){unknown}"
    return Check("budget", "budget", said)

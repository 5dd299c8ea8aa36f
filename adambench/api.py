"""adambench from Python."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from os import PathLike, fspath

from adambench.configuration import Configuration, Entrant, parse, parse_list, unique
from adambench.errors import AdambenchError
from adambench.observer import Silent
from adambench.plan import Settings, check_settings, settle
from adambench.plugin import load_plugin
from adambench.problem import Problem, load, load_all
from adambench.problem.problem import Target
from adambench.problem.tuning import Tuning
from adambench.report import Report, build_report
from adambench.runner import Run
from adambench.stepping import Stepper
from adambench.tuning.check import common_tuning
from adambench.tuning.search import Search

__all__ = ["load", "load_plugin", "run", "stepper"]


def run(
    problems: str | PathLike[str] | Problem | Iterable[str | PathLike[str] | Problem],
    *,
    optimizers: str | Iterable[str | Entrant] | None = None,
    seeds: int | Iterable[int] | None = None,
    budget: int | None = None,
    targets: Iterable[float | Target] | None = None,
    timeout: float | None = None,
    stop_at_target: bool = False,
    jobs: int | None = None,
    precision: str = "float64",
    allow_invalid: bool = False,
    tuning: int | Tuning | None = None,
) -> Report:
    """Run optimizers on problems; what is None is taken from each problem.

    problems    a file, a folder, a bundled name or suite, or a loaded Problem; or several
    optimizers  "adam,sgd:lr=0.1", or a list of such texts
    seeds       a count (0..n-1) or the seeds themselves
    budget      gradient evaluations a trial
    targets     relative targets as numbers, or Target(kind, value)
    timeout     seconds a trial may take
    jobs        worker threads; all processors by default
    allow_invalid  run problems, too, whose targets a negative control reaches
    tuning      draws for every optimizer, of which the best runs on the seeds, else tuned as the problems ask; or all
                about them

    Raises AdambenchError for whatever a user can put right.
    """
    given = [problems] if isinstance(problems, (str, PathLike, Problem)) else list(problems)
    try:
        settings = Settings(
            optimizers=None if optimizers is None else tuple(_configurations(optimizers)),
            seeds=None if seeds is None else _seeds(seeds),
            budget=None if budget is None else index(budget),
            targets=None if targets is None else tuple(map(_target, targets)),
            timeout=timeout,
            stop_at_target=bool(stop_at_target),
            jobs=None if jobs is None else index(jobs),
            precision=precision,
            allow_invalid=bool(allow_invalid),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise AdambenchError(f"adambench.run: {error}") from None
    check_settings(settings)
    loaded = [
        problem for item in given for problem in ([item] if isinstance(item, Problem) else load_all([fspath(item)]))
    ]
    settled = [settle(problem, settings) for problem in loaded]
    wanted = tuning if isinstance(tuning, Tuning) else common_tuning(settled, _trials(tuning))
    search = None if wanted is None else Search(settled, wanted, settings, Silent())
    going = Run(settled if search is None else search.execute(), settings, Silent())
    going.execute()
    return build_report(going, ["adambench.run"], search=search)


def _seeds(seeds: int | Iterable[int]) -> tuple[int, ...]:
    return tuple(map(index, seeds)) if isinstance(seeds, Iterable) else tuple(range(index(seeds)))


def _trials(tuning: int | None) -> dict[str, int]:
    return {} if tuning is None else {"trials": tuning}


def _target(target: float | Target) -> Target:
    return target if isinstance(target, Target) else Target("relative", float(target))


def stepper(optimizer: str, shape: tuple[int, ...]) -> Stepper:
    """One optimizer to be stepped by hand: `x = step(x, gradient)`."""
    if not isinstance(shape, tuple) or not all(type(size) is int and size > 0 for size in shape):
        raise AdambenchError(f"shape: expected a tuple of positive whole numbers, got {shape!r}")
    found = parse(optimizer)
    if len(found) != 1:
        raise AdambenchError(f"a stepper takes one optimizer; {optimizer!r} names {len(found)}")
    if not isinstance(found[0], Configuration):
        raise AdambenchError(f"a stepper takes one of adambench's own optimizers; {optimizer} is somebody else's")
    return Stepper(found[0], shape)


def _configurations(optimizers: str | Iterable[str | Entrant]) -> list[Entrant]:
    if isinstance(optimizers, str):
        return parse_list(optimizers)
    return unique(
        configuration
        for item in optimizers
        for configuration in (parse_list(item) if isinstance(item, str) else [item])
    )

"""adambench from Python."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from adambench.configuration import Configuration, parse, parse_list, unique
from adambench.errors import AdambenchError
from adambench.plan import Settings, settle
from adambench.problem import Problem, load
from adambench.problem.problem import Target
from adambench.report import Report, build_report
from adambench.runner import Run
from adambench.stepping import Stepper

__all__ = ["load", "run", "stepper"]


class _Silent:
    def compiling(self, name: str, done: int, total: int) -> None: ...

    def running(self, problem: str, share: float, trials: int, total: int) -> None: ...


def run(
    problems: str | PathLike[str] | Problem | Iterable[str | PathLike[str] | Problem],
    *,
    optimizers: str | Iterable[str | Configuration] | None = None,
    seeds: int | Iterable[int] | None = None,
    budget: int | None = None,
    targets: Iterable[float | Target] | None = None,
    timeout: float | None = None,
    stop_at_target: bool = False,
    jobs: int | None = None,
    precision: str = "float64",
) -> Report:
    """Run optimizers on problems; what is None is taken from each problem.

    problems    a file, a bundled name, or a loaded Problem; or several
    optimizers  "adam,sgd:lr=0.1", or a list of such texts
    seeds       a count (0..n-1) or the seeds themselves
    budget      gradient evaluations a trial
    targets     relative targets as numbers, or Target(kind, value)
    timeout     seconds a trial may take
    jobs        worker threads; all processors by default

    Raises AdambenchError for whatever a user can put right.
    """
    given = [problems] if isinstance(problems, (str, PathLike, Problem)) else list(problems)
    settings = Settings(
        optimizers=None if optimizers is None else tuple(_configurations(optimizers)),
        seeds=None if seeds is None else tuple(range(seeds) if isinstance(seeds, int) else seeds),
        budget=budget,
        targets=None
        if targets is None
        else tuple(target if isinstance(target, Target) else Target("relative", float(target)) for target in targets),
        timeout=timeout,
        stop_at_target=stop_at_target,
        jobs=jobs,
        precision=precision,
    )
    loaded = [item if isinstance(item, Problem) else load(item) for item in given]
    going = Run([settle(problem, settings) for problem in loaded], settings, _Silent())
    going.execute()
    return build_report(going, ["adambench.run"])


def stepper(optimizer: str, shape: tuple[int, ...]) -> Stepper:
    """One optimizer to be stepped by hand: `x = step(x, gradient)`."""
    found = parse(optimizer)
    if len(found) != 1:
        raise AdambenchError(f"a stepper takes one optimizer; {optimizer!r} names {len(found)}")
    return Stepper(found[0], shape)


def _configurations(optimizers: str | Iterable[str | Configuration]) -> list[Configuration]:
    if isinstance(optimizers, str):
        return parse_list(optimizers)
    return unique(
        configuration
        for item in optimizers
        for configuration in (parse_list(item) if isinstance(item, str) else [item])
    )

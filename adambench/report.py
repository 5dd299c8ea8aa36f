"""The report: what `--json` prints, and what every renderer reads."""

from __future__ import annotations

import copy
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from adambench.analysis.denominator import counted_in
from adambench.analysis.derived import derive
from adambench.analysis.quantile import extended, known, quartiles
from adambench.analysis.summary import cost, summarize
from adambench.catalog import PLUGINS
from adambench.composition import slots_of
from adambench.configuration import Entrant
from adambench.engine.kernel import CPU, NUMBA_VERSION
from adambench.hosting import Introduction
from adambench.implementation import Implementation
from adambench.plan import Settings
from adambench.problem.problem import Problem, Requirement, Target
from adambench.problem.requirement import check, divided
from adambench.render import Style, find_format
from adambench.runner import ProblemRun, Run
from adambench.tuning.precision import PrecisionGoal, precision_record
from adambench.tuning.record import names, record
from adambench.tuning.search import Search
from adambench.version import REPORT, VERSION


@dataclass(frozen=True)
class Report:
    """One run, as the document of schema adambench/report/1. `print(report)` shows the table."""

    document: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The document; yours to change."""
        return copy.deepcopy(self.document)

    def to_json(self) -> str:
        """Strict JSON: no NaN or Infinity, floats that parse back to the same bits."""
        return json.dumps(self.document, allow_nan=False)

    def __str__(self) -> str:
        return find_format("table").render(self.document, Style()).rstrip("\n")

    @property
    def exit_code(self) -> int:
        """4 where trials ended in error or nothing was measured, 1 where a requirement is unmet, unless it is advisory,
        or where a run, which is no comparison, asked none of those of a problem that count; else 0."""
        rows = self.document["results"]
        if not any(map(counted_in, rows)) or any(row["outcomes"]["error"] for row in rows):
            return 4
        asked = self.document.get("requirements", ())
        unmet = any(not (entry["met"] or entry["advisory"]) for entry in asked)
        unheld = bool(self.document.get("held_to_nothing")) and "comparison" not in self.document
        return 1 if unmet or unheld else 0


def build_report(
    run: Run,
    command: Sequence[str],
    comparison: bool = False,
    interrupted: bool = False,
    search: Search | None = None,
    goal: PrecisionGoal | None = None,
    reference: str | None = None,
    partial: bool = False,
    nemenyi: bool = False,
) -> Report:
    """The report of what `run` has finished: the winners of a `search`, where there was one, under the names of those
    whose draws they are; with as many seeds as a `goal` asked for, where there was one."""
    named = [_labels(finished.problem) for finished in run.finished] if search is None else names(search)
    results = [
        row
        for finished, labels in zip(run.finished, named, strict=False)
        for row in _rows(finished, labels, run.introductions)
    ]
    document: dict[str, Any] = {
        "schema": REPORT,
        "adambench": VERSION,
        "command": list(command),
        "environment": environment(run.jobs),
        "settings": {
            "precision": run.settings.precision,
            "stop_at_target": run.settings.stop_at_target,
            "timeout": run.settings.timeout,
        },
        "problems": [_problem(finished) for finished in run.finished],
        "results": results,
        "timing": {"compile_seconds": run.compile_seconds, "run_seconds": run.run_seconds},
    }
    document |= _requirements(run, named, results)
    if search is not None:
        document["tuning"] = record(search, run)
        document["timing"]["tuning_seconds"] = search.seconds
    document |= derive(document, comparison=comparison, reference=reference, partial=partial, nemenyi=nemenyi)
    if goal is not None:
        document["adaptive_seeds"] = precision_record(run, goal, named)
    if interrupted:
        document["interrupted"] = True
    return Report(document)


def environment(jobs: int) -> dict[str, Any]:
    """Where it ran."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": NUMBA_VERSION,
        "cpu": processor(),
        "features": hashlib.sha256("\0".join(CPU).encode()).hexdigest()[:16],
        "platform": platform.platform(),
        "jobs": jobs,
        **({"plugins": [{"name": p.name, "sha256": p.sha256} for p in PLUGINS]} if PLUGINS else {}),
    }


def processor() -> str:
    """The processor's name, as the system gives it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _problem(finished: ProblemRun) -> dict[str, Any]:
    problem, sweep, solution = finished.problem, finished.problem.sweep, finished.problem.solution
    trials = next((outcome.trials for outcome in finished.outcomes if outcome is not None), ())
    initial = quartiles(extended(trial.initial_loss for trial in trials))[1] if trials else np.inf
    return {
        "name": problem.name,
        "hash": problem.hash,
        "function": problem.function.name,
        "dimension": problem.dimension,
        "budget": problem.budget,
        "seeds": len(problem.seeds),
        "random": problem.random,
        "unit": problem.function.epoch,
        "watched": "grid" if problem.function.sampled else "every",
        "reference": "optimum" if problem.optimum is not None else "report",
        "reference_loss": finished.reference_loss,
        "initial_loss": {"median": known(float(initial))},
        "targets": [target.as_dict() for target in problem.targets],
        **({} if solution is None else {"solution": {"method": solution.method, "gradient": solution.gradient}}),
        **({"tolerance": dict(problem.tolerance)} if problem.tolerance else {}),
        **({} if sweep is None else {"sweep": {"family": sweep.family, "values": dict(sweep.values)}}),
    }


def _labels(problem: Problem) -> tuple[str, ...]:
    return tuple(entrant.label for entrant in problem.optimizers)


def _rows(
    finished: ProblemRun, labels: Sequence[str], introductions: Mapping[str, Introduction]
) -> list[dict[str, Any]]:
    rows = []
    targets = [target.as_dict() for target in finished.problem.targets]
    for configuration, label, outcome in zip(finished.problem.optimizers, labels, finished.outcomes, strict=True):
        if outcome is None:
            continue
        slots = state_per_parameter(finished.problem, configuration)
        problem, reference = finished.problem, finished.reference_loss
        statistics = summarize(
            outcome.trials,
            outcome.grid,
            targets,
            problem.budget,
            reference,
            losses=problem.optimum is None,
            random=problem.random,
        )
        rows.append(
            {
                "problem": finished.problem.name,
                "optimizer": label,
                **_identity(configuration, introductions),
                **{
                    key: statistics[key]
                    for key in ("trials", "outcomes", "final_loss", "best_loss", "held_out", "targets", "aocc")
                },
                "cost": cost(outcome.trials, outcome.seconds, slots),
                **{key: statistics[key] for key in ("curve", "seeds")},
            }
        )
    return rows


def _identity(entrant: Entrant, introductions: Mapping[str, Introduction]) -> dict[str, Any]:
    """Which optimizer a row is of; `implementation` is the library and version where it is somebody else's."""
    if isinstance(entrant, Implementation):
        said = introductions[entrant.label]
        return {
            "name": entrant.name,
            "dialect": None,
            "hyperparameters": said.hyperparameters,
            "implementation": said.library,
        }
    return {
        "name": entrant.optimizer.name,
        "dialect": entrant.dialect.name,
        "hyperparameters": entrant.hyperparameters,
        "implementation": None,
    }


def state_per_parameter(problem: Problem, configuration: Entrant) -> float | None:
    """Numbers that the optimizer keeps, for each coordinate of x; None where it is not ours to see."""
    if isinstance(configuration, Implementation):
        return None
    optimizer, flags = configuration.optimizer, configuration.flags
    share = optimizer.memory(flags, problem.blocks) / problem.dimension
    return len(slots_of(optimizer, flags)) + (int(share) if share == int(share) else share)


def _requirements(run: Run, named: Sequence[Sequence[str]], results: list[dict[str, Any]]) -> dict[str, Any]:
    """Every requirement of every problem against the rows; how many were not asked; and the problems of which none that
    counts was, though their files have some. Nothing of what there is none."""
    entries, left_out, unheld = [], 0, []
    for finished, labels in zip(run.finished, named, strict=False):
        problem = finished.problem
        asked, others = divided(problem, labels, partial(_is_asked, problem, labels, run.settings))
        entries += [check(problem, one, results) for one in asked]
        left_out += len(others)
        if any(map(_counts, others)) and not any(map(_counts, asked)):
            unheld.append(problem.name)
    return {
        **({"requirements": entries} if entries else {}),
        **({"requirements_not_asked": left_out} if left_out else {}),
        **({"held_to_nothing": unheld} if unheld else {}),
    }


def _counts(requirement: Requirement) -> bool:
    return not requirement.asked["advisory"]


def _is_asked(problem: Problem, labels: Sequence[str], settings: Settings, requirement: Requirement) -> bool:
    """Not of optimizers or targets that the command line left out."""
    optimizers = (requirement.optimizer, *requirement.others)
    target = requirement.asked.get("target")
    return (settings.optimizers is None or all(label in labels for label in optimizers)) and (
        settings.targets is None or target is None or target in map(Target.as_dict, problem.targets)
    )

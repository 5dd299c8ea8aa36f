"""Problems x optimizers x seeds to batches: trials that one set of kernels can run side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from adambench.configuration import Entrant
from adambench.errors import AdambenchError
from adambench.implementation import Implementation
from adambench.problem.problem import Problem, Target

WIDEST = 256
"""Dimensions up to which lanes run side by side; beyond, a block of them falls out of the inner caches."""


TARGET_KINDS = ("relative", "loss", "gradient", "distance")


@dataclass(frozen=True)
class Settings:
    """What the command line may change about a run. None leaves it to the problem."""

    optimizers: tuple[Entrant, ...] | None = None
    seeds: tuple[int, ...] | None = None
    budget: int | None = None
    targets: tuple[Target, ...] | None = None
    timeout: float | None = None
    stop_at_target: bool = False
    jobs: int | None = None
    precision: str = "float64"
    allow_invalid: bool = False


@dataclass(frozen=True)
class Lane:
    """One trial: the row (of the problem's optimizers) and the seed."""

    row: int
    seed: int


@dataclass(frozen=True)
class Batch:
    """Trials of one problem whose optimizers share rule and flags, in blocks of lanes that run one after another.

    `configurations` are all the problem's rows; a Lane's `row` indexes them. `wide`: the blocks are 32 lanes side by
    side.
    """

    problem: Problem
    configurations: tuple[Entrant, ...]
    blocks: tuple[tuple[Lane, ...], ...]
    wide: bool

    @property
    def configuration(self) -> Entrant:
        """Any row of the batch: all share the rule and the flags."""
        return self.configurations[self.blocks[0][0].row]


def check_settings(settings: Settings) -> None:
    """AdambenchError, in one sentence, for a value that no run can have."""

    def expect(name: str, held: bool, expected: str) -> None:
        if not held:
            raise AdambenchError(f"{name}: expected {expected}, got {getattr(settings, name)}")

    def whole(value: object, least: int, most: int) -> bool:
        return type(value) is int and least <= value <= most

    seeds, targets = settings.seeds, settings.targets
    if settings.optimizers is not None:
        expect("optimizers", bool(settings.optimizers), "at least one optimizer")
    if seeds is not None:
        distinct = bool(seeds) and len(set(seeds)) == len(seeds)
        expect(
            "seeds", distinct and all(whole(seed, 0, 2**63 - 1) for seed in seeds), "a count, or distinct whole numbers"
        )
    if settings.budget is not None:
        expect("budget", whole(settings.budget, 1, 10**12), "a whole number from 1 to 10^12")
    if targets is not None:
        kinds = all(target.kind in TARGET_KINDS and math.isfinite(target.value) for target in targets)
        shares = all(0 < target.value < 1 for target in targets if target.kind == "relative")
        expect(
            "targets",
            kinds and shares and len(set(targets)) == len(targets),
            "distinct targets, relative ones in (0, 1)",
        )
    if settings.timeout is not None:
        timeout = settings.timeout
        valid = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and 0 < timeout < math.inf
        expect("timeout", valid, "a positive number of seconds")
    if settings.jobs is not None:
        expect("jobs", whole(settings.jobs, 1, 1024), "a whole number from 1 to 1024")
    expect("precision", settings.precision in ("float64", "float32"), "float64 or float32")


def settle(problem: Problem, settings: Settings) -> Problem:
    """The problem as this run has it: its own values, except where the settings say otherwise."""
    changes = {
        name: value
        for name in ("optimizers", "seeds", "budget", "targets")
        if (value := getattr(settings, name)) is not None
    }
    settled = replace(problem, **changes)
    located = settled.solve or (settled.optimum is not None and settled.optimum.x)
    if any(target.kind == "distance" for target in settled.targets):
        if not located:
            raise AdambenchError(f"problem {problem.name}: a target on the distance needs an optimum with its x")
        if problem.function.moving:
            raise AdambenchError(f"problem {problem.name}: a target on the distance needs an optimum that stays")
    return settled


def unfit(problem: Problem, configuration: Entrant) -> str:
    """Why the optimizer cannot run on the problem, as a sentence; empty where it can."""
    if configuration.optimizer.matrices and not any(columns for _, _, columns in problem.blocks):
        name = configuration.optimizer.name
        return f"{name} works on matrices, and this problem has none: give it a shape: [rows, columns]"
    return ""


def plan(problem: Problem, lanes_across: int) -> list[Batch]:
    """The batches of one problem, but for optimizers that are unfit for it.

    Any division gives the same results, to the bit; this one is fast.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, configuration in enumerate(problem.optimizers):
        if unfit(problem, configuration):
            continue
        groups.setdefault(configuration.kernel_key, []).append(row)
    return [_batch(problem, rows, lanes_across) for rows in groups.values()]


def _batch(problem: Problem, rows: list[int], lanes_across: int) -> Batch:
    # Settings of one seed stand together where there is noise, so that they share its draws; else seeds of one setting,
    # so that they share their coefficients.
    if problem.noise and len(rows) > 1:
        lanes = [Lane(row, seed) for seed in problem.seeds for row in rows]
    else:
        lanes = [Lane(row, seed) for row in rows for seed in problem.seeds]
    first = problem.optimizers[rows[0]]
    elementwise = first.optimizer.whole is None and not isinstance(first, Implementation)
    fits = problem.dimension <= WIDEST and len(lanes) >= 4 + problem.dimension // 2
    wide = elementwise and problem.function.wide and fits
    size = lanes_across if wide else 1
    blocks = tuple(tuple(lanes[first : first + size]) for first in range(0, len(lanes), size))
    return Batch(problem, problem.optimizers, blocks, wide)

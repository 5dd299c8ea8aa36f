"""A problem: what one YAML file says, checked and ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adambench.configuration import Entrant
from adambench.function import Data, Function, Optimum, Parameters
from adambench.optimizer import Blocks
from adambench.problem.tuning import Tuning


@dataclass(frozen=True)
class Start:
    """x_0. `fixed`: `values` repeated cyclically; `uniform` (low, high) and `normal` (mean, std) are drawn per seed.

    `drawn`: per seed as the function draws it.
    """

    kind: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Noise:
    """On the gradient g, with standard normal z per coordinate and evaluation.

    gaussian         g + scale z
    multiplicative   g (1 + scale z)
    heavy_tail       g + scale times Student-t with `df` degrees of freedom
    quadratic_model  g + scale z with the covariance of the Hessian; scale = 1/sqrt(batch)
    """

    kind: str
    scale: float
    df: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """A factor on the learning rate. `values`: step (every, factor); exponential (rate,); linear, cosine (final,)."""

    kind: str = "constant"
    values: tuple[float, ...] = ()
    warmup: int = 0


@dataclass(frozen=True)
class Target:
    """What to reach. kind: relative | loss | gradient | distance."""

    kind: str
    value: float

    def as_dict(self) -> dict[str, Any]:
        """As a report has it."""
        return {"kind": self.kind, "value": self.value}


@dataclass(frozen=True)
class Requirement:
    """What must hold of one optimizer, or the exit code is 1.

    asked   plain data: "kind", "optimizer" (label), "advisory" (then the exit code is not touched), and the keys of its
            kind, which `requirements/` declares
    others  labels of the optimizers that it is held against
    line    of the file, where its entry begins
    entry   its place in the list `require:`, which makes one requirement of each optimizer
    anyone  whether that entry names no optimizer, and so asks it of every one that runs
    """

    asked: Mapping[str, Any]
    others: tuple[str, ...] = ()
    line: int = 0
    entry: int = 0
    anyone: bool = False

    @property
    def optimizer(self) -> str:
        """The label of the one optimizer that it is about."""
        return str(self.asked["optimizer"])


@dataclass(frozen=True)
class Solution:
    """How an optimum was solved for, and the 2-norm of the gradient there."""

    method: str
    gradient: float


@dataclass(frozen=True)
class Sweep:
    """What a problem is one of: the name in its file, and the path and value of each number that is swept there."""

    family: str
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem file. `hash` covers what defines objective, gradient, noise, start, schedule and data; nothing else.

    `function` is the named family, or what a model became with its data; `data` is what its `evaluate` reads.
    `optimum` is None where neither the file nor the function knows it: targets are then relative to the report's best.
    `blocks` says how x divides: (start, rows, columns) of each block, 0 columns for a vector; one block unless told.
    `tolerance`: what a gate may tolerate, by the names of problem/tolerance.py, where it is not the gate's own.
    `tuning`: how the optimizers are to be tuned first; None: not at all.
    `solve`: the optimum is asked to be solved for before the first trial; `solution` then says how that went.
    `lines` has the line of each key of the file. `path` is where the file lies, or None (stdin, bundled under no path).
    """

    name: str
    function: Function
    dimension: int
    parameters: Parameters
    data: Data
    start: Start
    optimum: Optimum | None
    noise: tuple[Noise, ...]
    schedule: Schedule
    budget: int
    targets: tuple[Target, ...]
    seeds: tuple[int, ...]
    optimizers: tuple[Entrant, ...]
    require: tuple[Requirement, ...]
    suites: tuple[str, ...]
    description: str
    source: str
    hash: str
    blocks: Blocks
    path: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    sweep: Sweep | None = None
    solve: bool = False
    solution: Solution | None = None
    tuning: Tuning | None = None
    tolerance: Mapping[str, float] = field(default_factory=dict)

    @property
    def random(self) -> bool:
        """Whether seeds differ."""
        return is_random(self.function, self.start, self.noise)


def is_random(function: Function, start: Start, noise: tuple[Noise, ...]) -> bool:
    """Whether anything in a problem depends on the seed."""
    return bool(noise) or start.kind != "fixed" or function.sampled or function.random

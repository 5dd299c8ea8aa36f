"""The declaration of an objective family: what one file in `functions/` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.optimizer import Blocks

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Parameters = Mapping[str, Any]

MOST_SIDE_BY_SIDE = 100_000
"""Numbers kept in one trial; above, 32 of them side by side would take more memory than speed is worth."""


@dataclass(frozen=True)
class Optimum:
    """The best loss, and the points that have it (none listed where they are not known in closed form)."""

    loss: float
    x: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One key under `parameters:`.

    `kind` is real | positive | integer | count (from 1) | boolean | choice | reals (a list) | positives | integers (a
    list, each from 1).
    A parameter whose default is None is optional and absent unless given.
    """

    name: str
    kind: str
    default: Any
    meaning: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """What `evaluate` reads, and must not write: flat arrays, `reals` cast to the run's precision.

    `work_rows` is how many rows of scratch (float64, rows x LANES) one block of lanes needs.
    """

    reals: Reals
    integers: Integers
    work_rows: int


@dataclass(frozen=True)
class Spectrum:
    """The Hessian of a quadratic, for noise whose covariance is proportional to it.

    H = rotation' diag(eigenvalues) rotation; `rotation` is (dimension, dimension), or None for the identity, and no
    longer orthogonal (nor the eigenvalues those of H) where a rotated quadratic has been scaled.
    """

    eigenvalues: Reals
    rotation: Reals | None = None


def no_data(dimension: int, parameters: Parameters) -> Data:
    """For a family that reads nothing but x."""
    return Data(np.zeros(1), np.zeros(1, np.int64), dimension)


@dataclass(frozen=True)
class Function:
    """One family f(x; parameters).

    `evaluate(LANES)` returns `evaluate(x, gradient, loss, t, seeds, reals, integers, work)`, plain Python that the
    engine compiles (no numba, no `global`, no allocation inside):

    x, gradient  (dimension, LANES) in the run's precision; gradient is written whole
    loss         (LANES,) float64, written
    t            t >= 1 asks for the loss and gradient of the t-th evaluation; -t for the noise-free ones at that time,
                 which differ from the former only where `online` or `sampled`; 0 is the time of the first
    seeds        (LANES,) int64, the seed of each lane's trial
    reals, integers   as `prepare` made them
    work         (work_rows, LANES) float64 scratch; it keeps its contents between the calls of one trial and starts
                 at -1 everywhere

    Only x and gradient know their length: reals, integers and work are indexed, never asked for it.
    LANES is 1 or 32 and a compile-time constant. The order of every sum is a function of the dimension alone
    (`engine.total`), so that both widths give the same bits.

    `curvature(LANES)`, where given, returns `curvature(x, diagonal, reals, integers, work)`: the diagonal of the
    noise-free loss's Hessian, (dimension, LANES), written whole.
    `blocks(dimension, parameters)`, where given, says how x divides: (start, rows, columns) of each block, row by row,
    0 columns for a vector.
    `draw(seed)`, where given, is x_0 for one seed, (dimension,), in place of `start`.
    `held_out(x)`, where given, measures x on data that no gradient sees: {name: number}, at least `loss`.
    `matrices`: `evaluate` multiplies matrices (BLAS), which has one thread while it runs.
    `convex`: wherever a gradient is zero, the loss is least.
    `sampled`: the loss costs more than a step (minibatches), so it is asked for, with t = 0, on the fixed grid only.
    `epoch`: evaluations in which minibatches see every row once; 1 without minibatches.
    `online`: loss is noise-free at every t, but the gradient is that of the t-th function of a sequence.
    `rounded`: the loss at t >= 1 is not noise-free, so what is watched is measured apart, with -t.
    `random`: what happens at t >= 1 depends on the seed of the trial.
    `moving`: the optimum depends on the time; the one declared is that of the first evaluation.
    `biased`: the gradients at t >= 1 do not average to that of the loss, by design (dropout).
    `smooth`: False where the loss may have kinks at the start.
    `wide`: False where LANES is always 1 (data sets, BLAS).
    `operations`: how many one evaluation takes, where that is known; else 0.
    `check(dimension, parameters)` returns (key, expected, got) for parameters that do not fit together, or None.
    """

    name: str
    summary: str
    formula: str
    source: str
    evaluate: Callable[[int], Callable[..., None]]
    start: tuple[float, ...]
    domain: tuple[float, float]
    optimum: Callable[[int, Parameters], Optimum | None]
    dimension: int | None = None
    default_dimension: int = 2
    least_dimension: int = 1
    multiple_of: int = 1
    parameters: tuple[Parameter, ...] = ()
    prepare: Callable[[int, Parameters], Data] = no_data
    check: Callable[[int, Parameters], tuple[str, str, str] | None] = field(default=lambda dimension, parameters: None)
    spectrum: Callable[[int, Parameters], Spectrum] | None = None
    curvature: Callable[[int], Callable[..., None]] | None = None
    blocks: Callable[[int, Parameters], Blocks] | None = None
    draw: Callable[[int], Reals] | None = None
    held_out: Callable[[Reals], dict[str, float]] | None = None
    box: tuple[tuple[float, float], ...] | None = None
    targets: tuple[Any, ...] | None = None
    convex: bool = False
    matrices: bool = False
    online: bool = False
    moving: bool = False
    sampled: bool = False
    epoch: int = 1
    rounded: bool = False
    random: bool = False
    biased: bool = False
    smooth: bool = True
    wide: bool = True
    operations: int = 0

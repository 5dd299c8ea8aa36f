"""What is measured: each case states the work that adambench and its peers all do."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.configuration import Configuration, configurations
from adambench.data.rows import Dataset, Rows, Samples
from adambench.function import Data, Function, Parameters
from adambench.models import all_models
from adambench.optimizer import Blocks
from adambench.optimizers import all_optimizers

KINDS = ("steps", "noise", "logistic", "updates")
DIMENSIONS = (2, 10, 100, 10_000, 1_000_000)
MANY = 256
"""Lanes of a sweep; beyond WIDE_DIMENSION only one lane is measured."""
WIDE_DIMENSION = 100
NOISE_DIMENSION = 100
UPDATE_DIMENSION = 1_000_000
MATRIX_ROWS = 512
"""Of the square matrix that an optimizer of matrices updates."""
BATCH = 128
RATE = 1e-6
"""The learning rate of every descent: nothing converges while it is timed, and no state falls to subnormal numbers."""
MODELS: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "softmax": ({}, 64),
    "mlp": ({"layers": (1000, 1000)}, 8),
    "cnn": ({"channels": (32, 32), "kernel": 5, "dense": (128,)}, 2),
}
"""What is set of a model, and how many steps a timed call takes."""


@dataclass(frozen=True)
class Steps:
    """Value and gradient of the chained Rosenbrock from (-1.2, 1, ...) and a step of Adam; the loss is recorded."""

    dimension: int
    lanes: int
    kind = "steps"
    unit = "step and lane"
    what = "rosenbrock step"
    dtype = "float64"
    start = (-1.2, 1.0)

    @property
    def steps(self) -> int:
        """How many a timed call takes."""
        return _steps(self.dimension, self.lanes)


@dataclass(frozen=True)
class Noise:
    """A step of Adam on 1/2 sum h_i x_i^2 from x = 1, h from 1 to 100 evenly in the logarithm; the loss is recorded.

    The gradient is off by 0.1 z, z standard normal: each lane's own, or where `shared` one for all, whose rates differ.
    """

    dimension: int
    lanes: int
    shared: bool
    kind = "noise"
    unit = "step and lane"
    dtype = "float64"
    condition = 100.0
    std = 0.1

    @property
    def what(self) -> str:
        return "noisy quadratic step" + (", shared seed" if self.shared else "")

    @property
    def steps(self) -> int:
        """How many a timed call takes."""
        return _steps(self.dimension, self.lanes)

    @property
    def rates(self) -> tuple[float, ...]:
        """Each lane's learning rate."""
        return tuple(RATE * (1.0 + lane / self.lanes if self.shared else 1.0) for lane in range(self.lanes))


@dataclass(frozen=True, eq=False)
class Logistic:
    """The gradient of a minibatch of logistic regression from w = 0, rows in a new order each epoch, and a step of
    Adam. The loss over all rows, which costs more than a step, is left out."""

    rows: Rows
    batch: int
    kind = "logistic"
    unit = "step"
    what = "logistic regression step"
    dtype = "float64"
    lanes = 1
    l2 = 1e-4

    @property
    def dimension(self) -> int:
        return self.rows.features

    @property
    def epoch(self) -> int:
        """Batches; the last may be shorter."""
        return -(-self.rows.count // self.batch)

    @property
    def steps(self) -> int:
        """How many a timed call takes: whole epochs."""
        return self.epoch * max(1, 1_000 // self.epoch)


@dataclass(frozen=True, eq=False)
class Fit:
    """The gradient of a minibatch of a model from the start of seed 0, images in a new order each epoch, and a step of
    Adam. The loss over all images, which costs more than a step, is left out.

    `settings` are all of the model's; `function`, `data` and `dimension` what it made of them.
    """

    model: str
    settings: Parameters
    samples: Samples
    function: Function
    data: Data
    dimension: int
    dtype: str
    steps: int
    kind = "models"
    unit = "step"
    lanes = 1

    @property
    def what(self) -> str:
        return f"{self.model} step"


@dataclass(frozen=True)
class Update:
    """One step of an optimizer on a vector, or a matrix of so many columns, and a given gradient."""

    configuration: Configuration
    dimension: int
    dtype: str
    columns: int = 0
    kind = "updates"
    unit = "element"
    lanes = 1

    @property
    def what(self) -> str:
        return f"{self.configuration.optimizer.name} update"

    @property
    def blocks(self) -> Blocks:
        """The vector, or the matrix, as one block."""
        return ((0, self.dimension // max(self.columns, 1), self.columns),)

    def vectors(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The gradient and x, (dimension,) each, standard normal, fresh: to be written to."""
        random = np.random.Generator(np.random.Philox(0))
        gradient, x = random.standard_normal((2, self.dimension)).astype(self.dtype)
        return gradient.copy(), x.copy()


Case = Steps | Noise | Logistic | Fit | Update


def cases(
    kinds: Collection[str], max_dimension: int | None, rows: Rows | None, samples: Samples | None = None
) -> list[Case]:
    """What to measure of the `kinds`, up to `max_dimension`.

    rows     those of the logistic regression
    samples  the images of the models
    """
    limit = max_dimension or UPDATE_DIMENSION
    found: list[Case] = []
    if "steps" in kinds:
        found += [Steps(n, 1) for n in DIMENSIONS if n <= limit]
        found += [Steps(n, MANY) for n in DIMENSIONS if n <= min(limit, WIDE_DIMENSION)]
    if "noise" in kinds and limit >= NOISE_DIMENSION:
        found += [Noise(NOISE_DIMENSION, lanes, shared) for lanes, shared in ((1, False), (MANY, False), (MANY, True))]
    if "logistic" in kinds and rows is not None and (max_dimension is None or rows.features <= max_dimension):
        found.append(Logistic(rows, min(BATCH, rows.count)))
    if "models" in kinds and samples is not None:
        fits = [fit(model, samples, dtype) for model in MODELS for dtype in ("float32", "float64")]
        found += [case for case in fits if max_dimension is None or case.dimension <= max_dimension]
    if "updates" in kinds:
        found += [
            update(name, min(limit, UPDATE_DIMENSION), dtype)
            for name in all_optimizers()
            for dtype in ("float64", "float32")
        ]
    return found


def fit(model: str, samples: Samples, dtype: str, batch: int = BATCH) -> Fit:
    """Steps of a model as `MODELS` sets it."""
    given, steps = MODELS[model]
    declared = all_models()[model]
    settings = {key.name: key.default for key in declared.keys} | {**given, "batch": min(batch, samples.count)}
    return Fit(model, settings, samples, *declared.build(settings, Dataset(samples)), dtype, steps)


def update(name: str, dimension: int, dtype: str) -> Update:
    """One step of an optimizer at its defaults, on a vector; on a square matrix no larger for those of matrices."""
    configuration = default(name)
    if not configuration.optimizer.matrices:
        return Update(configuration, dimension, dtype)
    rows = min(MATRIX_ROWS, math.isqrt(dimension))
    return Update(configuration, rows * rows, dtype, columns=rows)


def default(name: str) -> Configuration:
    """An optimizer at the defaults of its first dialect; 0.001 where the user would have to say (a learning rate)."""
    defaults = all_optimizers()[name].dialects[0].defaults
    return configurations(name, {key: 1e-3 for key, value in defaults.items() if value is None})[0]


def _steps(dimension: int, lanes: int) -> int:
    # Enough for the call itself not to count, few enough that it takes well below a second and x moves by less than 1.
    return min(500_000, max(10, 10_000_000 // dimension)) if lanes == 1 else min(20_000, 500_000 // dimension)

"""What a plug-in declares, called once in plain Python with a few numbers: Python says what is wrong, and where.

A rehearsal raises whatever the declaration's own code raises, and Failed where it returns too few or too many numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adambench.catalog import Catalog
from adambench.checks.function import plain, problem_of
from adambench.checks.model import problem_with
from adambench.checks.optimizer import counts, pull, settings, walked
from adambench.checks.transform import problem_over
from adambench.draws import start_point
from adambench.engine.kernel import LANES
from adambench.function import Function
from adambench.functions import FUNCTIONS
from adambench.model import Model
from adambench.models import MODELS
from adambench.optimizer import Optimizer
from adambench.optimizers import OPTIMIZERS
from adambench.problem import Problem
from adambench.transform import Transform
from adambench.transforms import TRANSFORMS


def optimizer(declared: Optimizer) -> None:
    """Two steps of every dialect at its defaults."""
    for c in settings(declared):
        counts(c)
        walked(c, pull, 2)


def function(declared: Function) -> None:
    """At its start, with its defaults."""
    _evaluated(problem_of(declared))


def model(declared: Model) -> None:
    """On generated rows, with its defaults; nothing where it takes none."""
    if (problem := problem_with(declared)) is not None:
        _evaluated(problem)


def transform(declared: Transform) -> None:
    """Over a quadratic, with its defaults; nothing where some must be given."""
    if not declared.required:
        _evaluated(problem_over(declared))


REHEARSALS: tuple[tuple[Catalog[Any], Callable[[Any], None]], ...] = (
    *((OPTIMIZERS, optimizer), (FUNCTIONS, function)),
    *((MODELS, model), (TRANSFORMS, transform)),
)
"""What is compiled, and how each of it is rehearsed."""


def _evaluated(problem: Problem) -> None:
    """One evaluation of one lane, and of as many as there can be."""
    x = start_point(problem, problem.seeds[0])
    for width in (1, LANES) if problem.function.wide else (1,):
        plain(problem.function.evaluate(width), problem.data, np.repeat(x[:, None], width, axis=1), width)

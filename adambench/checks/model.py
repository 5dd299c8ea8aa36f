"""What must hold for every model."""

from __future__ import annotations

from adambench.checks.check import sound
from adambench.data.sources import FILE
from adambench.model import Model
from adambench.problem import Problem, read

ROWS = 40


def gradient(model: Model) -> str:
    """On generated rows, with its defaults."""
    problem = problem_with(model)
    if problem is None:
        return "not looked at: it takes no generated rows; validate a problem that uses it"
    return sound(problem)


MODEL_CHECKS = (gradient,)


def problem_with(model: Model) -> Problem | None:
    """The model with its defaults on generated rows; None where it takes none."""
    counts = ("integer", "count")
    generated = [source for source in model.sources if source is not FILE and source.keys[0].kind in counts]
    if not generated:
        return None
    return read(f"{{name: p, model: {model.name}, data: {{{generated[0].keys[0].name}: {ROWS}}}}}", "p", None)

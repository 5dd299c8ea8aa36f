"""What must hold for every transform."""

from __future__ import annotations

from adambench.checks.check import sound
from adambench.problem import Problem, read
from adambench.transform import Transform


def gradient_and_optimum(transform: Transform) -> str:
    """Over a quadratic, with its defaults: the chain rule, and where it takes the optimum."""
    if transform.required:
        needed = ", ".join(transform.required)
        return f"not looked at: it needs {needed}; validate a problem that uses it"
    return sound(problem_over(transform))


TRANSFORM_CHECKS = (gradient_and_optimum,)


def problem_over(transform: Transform) -> Problem:
    """A quadratic with this transform, at its defaults."""
    return read(f"{{name: p, function: quadratic, dimension: 4, transforms: [{transform.name}: {{}}]}}", "p", None)

"""What must hold for every transform."""

from __future__ import annotations

from adambench.checks.check import sound
from adambench.problem import read
from adambench.transform import Transform


def gradient_and_optimum(transform: Transform) -> str:
    """Over a quadratic, with its defaults: the chain rule, and where it takes the optimum."""
    if transform.required:
        needed = ", ".join(transform.required)
        return f"not looked at: it needs {needed}; validate a problem that uses it"
    over = f"{{name: p, function: quadratic, dimension: 4, transforms: [{transform.name}: {{}}]}}"
    return sound(read(over, "p", None))


TRANSFORM_CHECKS = (gradient_and_optimum,)

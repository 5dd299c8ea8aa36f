"""A transform."""

from __future__ import annotations

from adambench.description.parameter import parameter_lines
from adambench.transform import Transform


def describe_transform(transform: Transform) -> str:
    """Formula and parameters."""
    lines = [
        f"{transform.name}: {transform.summary}",
        "",
        f"    {transform.formula}",
        "",
        "parameters",
        *parameter_lines(transform.parameters, transform.required),
        "",
        f"source: {transform.source}",
    ]
    return "\n".join(lines) + "\n"

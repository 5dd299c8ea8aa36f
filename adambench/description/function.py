"""A function."""

from __future__ import annotations

from adambench.description.parameter import parameter_lines
from adambench.function import Function, Parameters
from adambench.text import number_text


def describe_function(function: Function) -> str:
    """Formula, dimension, start, optimum and parameters."""
    dimension = function.dimension or function.default_dimension
    parameters: Parameters = {p.name: p.default for p in function.parameters if p.default is not None}
    optimum = function.optimum(dimension, parameters)
    size = str(function.dimension) if function.dimension else f"{function.least_dimension} or more"
    if function.multiple_of > 1:
        size += f", a multiple of {function.multiple_of}"
    lines = [
        f"{function.name}: {function.summary}",
        "",
        *(f"    {line}" for line in function.formula.splitlines()),
        "",
        f"dimension  {size} (default {dimension})",
        f"start      {_point(function.start)}",
        f"domain     {function.domain[0]:g} to {function.domain[1]:g}",
    ]
    if function.box:
        lines.append("box        " + ", ".join(f"[{low:g}, {high:g}]" for low, high in function.box))
    if optimum is None:
        lines.append("optimum    none is known")
    else:
        where = "; ".join(f"x = {_point(x)}" for x in optimum.x)
        lines.append(f"optimum    loss {number_text(optimum.loss)}" + (f" at {where}" if where else ""))
    if function.parameters:
        lines += ["", "parameters", *parameter_lines(function.parameters)]
    lines += ["", f"source: {function.source}"]
    return "\n".join(lines) + "\n"


def _point(x: tuple[float, ...]) -> str:
    shown = ", ".join(number_text(value) for value in x[:6])
    return f"({shown}{', ...' if len(x) > 6 else ''})"

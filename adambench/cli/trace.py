"""adambench trace PROBLEM --optimizer A --at 1,10,100"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import click

from adambench.cli.output import open_output
from adambench.cli.plugins import plugin_option
from adambench.configuration import parse
from adambench.errors import AdambenchError
from adambench.problem import load_all

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from adambench.trace import Step

SCHEMA = "adambench/trace/1"
SHOWN = 6
"""Coordinates that the table prints; --json has them all."""


@click.command("trace")
@click.argument("problem", metavar="PROBLEM")
@click.option("--optimizer", required=True, metavar="A", help="NAME[@DIALECT][:HYPER=VALUE]...")
@plugin_option
@click.option(
    "--at", default="0,1,2,5,10,100,1000", show_default=True, metavar="T,T,...", help="Evaluations to stop at."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Of start and noise.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "float64"]),
    default="float64",
    show_default=True,
    help="Of x, gradient and state.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 1e6, min_open=True),
    metavar="S",
    help="Seconds a step of somebody else's may take.",
)
@click.option("--json", "as_json", is_flag=True, help="All coordinates, exactly.")
@click.option("-o", "--output", metavar="FILE", help="Instead of standard output.")
@click.pass_context
def command(
    context: click.Context,
    problem: str,
    optimizer: str,
    at: str,
    seed: int,
    precision: str,
    timeout: float | None,
    as_json: bool,
    output: str | None,
) -> int:
    """The iterates of one optimizer with one seed, for plots and for debugging an implementation."""
    configurations = parse(optimizer)
    if len(configurations) != 1:
        raise AdambenchError(f"--optimizer takes one optimizer; {optimizer!r} names {len(configurations)}")
    loaded = load_all([problem])
    if len(loaded) != 1:
        raise AdambenchError(f"trace takes one problem; {problem!r} names {len(loaded)}")
    steps = _evaluations(at)
    if context.get_parameter_source("at") is click.core.ParameterSource.DEFAULT:
        steps = [step for step in steps if step <= loaded[0].budget]
    place = open_output(output)
    from adambench.pool import aside
    from adambench.trace import trace

    try:
        points = aside(lambda: trace(loaded[0], configurations[0], steps, seed, precision, timeout))
        place.write(_json(loaded[0].name, configurations[0].label, seed, points) if as_json else _table(points))
    finally:
        place.discard()
    return 0


def _json(problem: str, label: str, seed: int, points: list[Step]) -> str:
    steps = [
        {"step": point.step, "loss": _finite(point.loss), "x": _numbers(point.x)}
        | ({} if point.y is None else {"y": _numbers(point.y)})
        for point in points
    ]
    document = {"schema": SCHEMA, "problem": problem, "optimizer": label, "seed": seed, "steps": steps}
    return json.dumps(document, allow_nan=False) + "\n"


def _table(points: list[Step]) -> str:
    lines = [f"{'step':>10}  {'loss':>24}  x"]
    for point in points:
        x = "  ".join(f"{value:.17g}" for value in point.x[:SHOWN])
        more = f"  ... {point.x.size - SHOWN} more (--json)" if point.x.size > SHOWN else ""
        lines.append(f"{point.step:>10,}  {point.loss:>24.17g}  {x}{more}")
    return "\n".join(lines) + "\n"


def _evaluations(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise AdambenchError(f"--at: expected whole numbers separated by commas, got {text!r}") from None


def _numbers(x: NDArray[np.float64]) -> list[float | None]:
    return [_finite(value) for value in x.tolist()]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""adambench show NAME"""

from __future__ import annotations

import click

from adambench import decay
from adambench.configuration import find_dialect, find_optimizer, number_text
from adambench.errors import AdambenchError, nearest
from adambench.function import Function, Parameters
from adambench.functions import all_functions
from adambench.optimizer import Dialect, Optimizer
from adambench.optimizers import all_optimizers
from adambench.problem import bundled_problems, read_text


@click.command("show")
@click.argument("name")
@click.option("--yaml", "as_yaml", is_flag=True, help="The file of a bundled problem, to edit.")
def command(name: str, as_yaml: bool) -> int:
    """What an optimizer (adam, adam@keras), a function or a bundled problem is."""
    base, _, dialect = name.partition("@")
    problems = bundled_problems()
    if base in all_optimizers() and not as_yaml:
        click.echo(_optimizer(find_optimizer(base), dialect), nl=False)
    elif name in all_functions() and not as_yaml:
        click.echo(_function(all_functions()[name]), nl=False)
    elif name in problems:
        click.echo(read_text(problems[name]), nl=False)
    elif as_yaml:
        raise AdambenchError(f"no bundled problem {name!r}{nearest(name, problems)}; see adambench list problems")
    else:
        known = [*all_optimizers(), *all_functions(), *problems]
        raise AdambenchError(f"nothing is called {name!r}{nearest(base, known)}; see adambench list --help")
    return 0


def _optimizer(optimizer: Optimizer, dialect_name: str) -> str:
    dialect = find_dialect(optimizer, dialect_name) if dialect_name else optimizer.dialects[0]
    lines = [f"{optimizer.name}@{dialect.name}: {optimizer.summary}", ""]
    if "weight_decay" in dialect.defaults:
        lines.append(f"    {decay.FORMULA[dialect.flags['decay']]}")
    lines += [f"    {line}" for line in optimizer.formula(dialect.flags).splitlines()]
    lines += ["", "hyperparameters"]
    declared = {h.name: h for h in optimizer.everything}
    for key, default in dialect.defaults.items():
        h = declared[key]
        shown = "required" if default is None else number_text(default)
        bounds = "true or false" if h.switch else f"{h.low:g} to {h.high:g}" + (" (excluded)" if h.open_high else "")
        search = ""
        if h.search:
            subject = f"1 - {h.name}" if h.one_minus else h.name
            search = f"; tuned over {subject} = {h.search[0]:g} to {h.search[1]:g}, log-uniform"
        lines.append(f"    {key:<20} {shown:<10} {h.meaning}; {bounds}{search}")
    lines += ["", "dialects" if not dialect_name else "this dialect"]
    for each in [dialect] if dialect_name else optimizer.dialects:
        lines += _dialect(each, optimizer.dialects[0])
    lines += ["", f"source: {optimizer.source}"]
    return "\n".join(lines) + "\n"


def _dialect(dialect: Dialect, usual: Dialect) -> list[str]:
    flags = ", ".join(
        f"{key.replace('_', ' ')}: {number_text(value) if isinstance(value, bool) else value}"
        for key, value in dialect.flags.items()
        if dialect is usual or value != usual.flags[key]
    )
    defaults = ", ".join(
        f"{key} {'required' if value is None else number_text(value)}"
        for key, value in dialect.defaults.items()
        if dialect is usual or value != usual.defaults.get(key)
    )
    lines = [f"    {dialect.name:<12} {dialect.library}", f"    {'':<12} {dialect.source}"]
    if defaults:
        lines.append(f"    {'':<12} {'defaults' if dialect is usual else 'other defaults'}: {defaults}")
    if flags:
        lines.append(f"    {'':<12} {'flags' if dialect is usual else 'other flags'}: {flags}")
    if dialect.note:
        lines.append(f"    {'':<12} note: {dialect.note}")
    return lines


def _function(function: Function) -> str:
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
        lines += ["", "parameters"]
        for p in function.parameters:
            kind = " | ".join(p.choices) if p.choices else p.kind
            default = "none" if p.default is None else p.default
            lines.append(f"    {p.name:<14} {kind}, default {default}: {p.meaning}")
    lines += ["", f"source: {function.source}"]
    return "\n".join(lines) + "\n"


def _point(x: tuple[float, ...]) -> str:
    shown = ", ".join(number_text(value) for value in x[:6])
    return f"({shown}{', ...' if len(x) > 6 else ''})"

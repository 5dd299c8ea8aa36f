"""adambench validate PROBLEM... | --plugin FILE.py"""

from __future__ import annotations

from functools import partial

import click

from adambench.catalog import PLUGINS
from adambench.cli.plugins import plugin_option
from adambench.problem import Problem, load_all
from adambench.problem.finding import printable


@click.command("validate")
@click.argument("problems", nargs=-1, metavar="PROBLEM...")
@plugin_option
@click.option("-q", "--quiet", is_flag=True, help="Findings only.")
def command(problems: tuple[str, ...], quiet: bool) -> int:
    """Check problem files: schema, gradient, optimum, noise, negative controls, budget; 1 where something is found.

    Without PROBLEM, check what the plug-ins declare: an optimizer, a function, a format.
    """
    if not problems:
        return _plugins(quiet)
    loaded = load_all(list(problems))
    from adambench.pool import aside
    from adambench.validation import validate

    found = 0
    for problem in loaded:
        for check in aside(partial(validate, problem)):
            if check.finding:
                found += 1
                click.echo(f"{_place(problem, check.key)}{problem.name}: {check.name}: {check.finding}")
            elif not quiet:
                click.echo(f"{problem.name}: {check.name}: {check.measured}")
    return 1 if found else 0


def _place(problem: Problem, keys: str) -> str:
    """'FILE:LINE: ' of the first of these keys that the file has, else of its name; nothing without a file."""
    line = next((problem.lines[key] for key in (*keys.split(), "name") if key in problem.lines), 0)
    return f"{printable(problem.path)}:{line}: " if problem.path is not None else ""


def _plugins(quiet: bool) -> int:
    """Check what each plug-in declares; the exit code."""
    if not PLUGINS:
        raise click.UsageError("Missing argument 'PROBLEM...', or --plugin.")
    from adambench.checks import declarations
    from adambench.pool import aside

    found = 0
    for plugin in PLUGINS:
        for name, checks in declarations(plugin):
            told = set()  # what several checks come upon is said once
            for make in checks:
                check = aside(make)
                found += bool(check.finding)
                if check.finding not in told if check.finding else not quiet:
                    click.echo(f"{name}: {check.name}: {check.finding or check.measured}")
                told.add(check.finding)
                if check.finding and make is checks[0]:
                    break  # what the declaration itself gets wrong would only be said again
    return 1 if found else 0

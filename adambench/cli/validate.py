"""adambench validate PROBLEM..."""

from __future__ import annotations

from functools import partial

import click

from adambench.problem import load_all


@click.command("validate")
@click.argument("problems", nargs=-1, required=True, metavar="PROBLEM...")
@click.option("-q", "--quiet", is_flag=True, help="Findings only.")
def command(problems: tuple[str, ...], quiet: bool) -> int:
    """Check problem files: schema, gradient, declared optimum. Exit code 1 where something is found."""
    loaded = load_all(list(problems))
    from adambench.pool import aside
    from adambench.validation import validate

    found = 0
    for problem in loaded:
        for check in aside(partial(validate, problem)):
            if check.finding:
                found += 1
                click.echo(f"{problem.name}: {check.name}: {check.finding}")
            elif not quiet:
                click.echo(f"{problem.name}: {check.name}: {check.measured}")
    return 1 if found else 0

"""adambench schema problem|report|verdict"""

from __future__ import annotations

import json

import click

from adambench.cli.plugins import plugin_option


@click.command("schema")
@click.argument("kind", type=click.Choice(["problem", "report", "verdict"]))
@plugin_option
def command(kind: str) -> int:
    """JSON Schema, for editors and validators."""
    if kind == "problem":
        from adambench.problem.schema import problem_schema

        schema = problem_schema()
    elif kind == "verdict":
        from adambench.gate.schema import VERDICT_SCHEMA

        schema = VERDICT_SCHEMA
    else:
        from adambench.report_schema import REPORT_SCHEMA

        schema = REPORT_SCHEMA
    click.echo(json.dumps(schema, indent=2))
    return 0

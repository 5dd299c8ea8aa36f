"""adambench new FILE"""

from __future__ import annotations

import os
from pathlib import Path

import click

from adambench.cli.output import open_output
from adambench.errors import AdambenchError
from adambench.problem.template import template


@click.command("new")
@click.argument("file", metavar="FILE")
def command(file: str) -> int:
    """Write a commented problem file to start from; a file that exists is left alone."""
    if file != "-" and os.path.lexists(file):
        raise AdambenchError(f"{file} exists already; choose another name")
    open_output(file).write(template(_name(file)))
    if file != "-":
        click.echo(f"wrote {file}; run it with: adambench run {file}", err=True)
    return 0


def _name(file: str) -> str:
    """A problem name from a file name."""
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "._+-") else "-" for c in Path(file).stem)[:64]
    return stem if stem[:1].isalnum() else "problem"

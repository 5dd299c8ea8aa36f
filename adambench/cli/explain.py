"""The option --explain, which every command has that prints a report."""

from __future__ import annotations

import click

explain_option = click.option(
    "--explain", is_flag=True, help="Below the tables, what each column means and how it is computed."
)

"""The options of whatever ranks optimizers over problems."""

from __future__ import annotations

import click

from adambench.cli.options import Command, with_options


def ranking_options(command: Command) -> Command:
    """Against whom, over which problems, by which tests."""
    return with_options(
        command,
        click.option(
            "--reference",
            metavar="A",
            help="Whom the others are held against; the first by its mean rank otherwise.",
        ),
        click.option("--partial", is_flag=True, help="Leave out of the ranks problems on which not all were measured."),
        click.option("--nemenyi", is_flag=True, help="Add Nemenyi's critical difference of mean ranks."),
    )

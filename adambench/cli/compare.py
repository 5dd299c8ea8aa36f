"""adambench compare [PROBLEM...] --optimizers A,B,..."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from adambench.cli.explain import explain_option
from adambench.cli.export import export_option
from adambench.cli.options import output_options, run_options, settings_of
from adambench.cli.ranking import ranking_options
from adambench.cli.run import execute
from adambench.cli.tuning import tuning_options
from adambench.problem.keys import DEFAULT_OPTIMIZERS


@click.command("compare")
@click.argument("problems", nargs=-1, metavar="[PROBLEM...]")
@partial(run_options, optimizers="on every problem, whatever its file names; by default six.")
@tuning_options
@ranking_options
@explain_option
@output_options
@export_option
def command(problems: tuple[str, ...], **options: Any) -> int:
    """Run the same optimizers on several problems, and rank them over all.

    Without PROBLEM: the bundled suite `core`; without --optimizers: the six defaults.
    """
    settings = settings_of(options, default_optimizers=",".join(DEFAULT_OPTIMIZERS))
    return execute(list(problems) or ["core"], settings, options, comparison=True)

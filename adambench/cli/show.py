"""adambench show NAME"""

from __future__ import annotations

import click

from adambench.cli.plugins import plugin_option
from adambench.configuration import find_optimizer
from adambench.description.function import describe_function
from adambench.description.model import describe_model
from adambench.description.optimizer import describe_optimizer
from adambench.description.transform import describe_transform
from adambench.errors import AdambenchError, nearest
from adambench.expression import SYNTAX
from adambench.functions import all_functions
from adambench.models import all_models
from adambench.optimizers import all_optimizers
from adambench.problem import bundled_problems, read_text
from adambench.problem.template import TUNING
from adambench.transforms import all_transforms

EXPRESSIONS = "expressions"


@click.command("show")
@click.argument("name")
@click.option("--yaml", "as_yaml", is_flag=True, help="The file of a bundled problem, to edit.")
@plugin_option
def command(name: str, as_yaml: bool) -> int:
    """What an optimizer (adam, adam@keras), a function, a model, a transform or a problem is.

    show expressions: how to write an objective of one's own.
    """
    click.echo(_text(name, as_yaml), nl=False)
    return 0


def _text(name: str, as_yaml: bool) -> str:
    """What `name` means: the file of a problem, or else the description of the first kind that has one so called."""
    base, _, dialect = name.partition("@")
    problems = bundled_problems()
    if as_yaml and name not in problems:
        raise AdambenchError(f"no bundled problem {name!r}{nearest(name, problems)}; see adambench list problems")
    if not as_yaml:
        if base in all_optimizers():
            return describe_optimizer(find_optimizer(base), dialect)
        if name in all_functions():
            return describe_function(all_functions()[name])
        if name in all_models():
            return describe_model(all_models()[name])
        if name in all_transforms():
            return describe_transform(all_transforms()[name])
        if name == EXPRESSIONS:
            return SYNTAX
    if name in problems:
        text = read_text(problems[name])
        return f"{text.rstrip()}\n{TUNING}" if as_yaml and "\ntuning:" not in text else text
    known = [*all_optimizers(), *all_functions(), *all_models(), *all_transforms(), EXPRESSIONS, *problems]
    raise AdambenchError(f"nothing is called {name!r}{nearest(base, known)}; see adambench list --help")

"""adambench list optimizers|problems|functions|models|transforms|dialects|formats"""

from __future__ import annotations

from collections.abc import Callable

import click

from adambench.cli.plugins import plugin_option
from adambench.render import all_formats, format_names


def _optimizers() -> list[tuple[str, str]]:
    from adambench.optimizers import all_optimizers

    return [(name, optimizer.summary) for name, optimizer in all_optimizers().items()]


def _functions() -> list[tuple[str, str]]:
    from adambench.functions import all_functions

    return [(name, function.summary) for name, function in all_functions().items()]


def _models() -> list[tuple[str, str]]:
    from adambench.models import all_models

    return [(name, model.summary) for name, model in all_models().items()]


def _transforms() -> list[tuple[str, str]]:
    from adambench.transforms import all_transforms

    return [(name, transform.summary) for name, transform in all_transforms().items()]


def _dialects() -> list[tuple[str, str]]:
    from adambench.optimizers import all_optimizers

    return [
        (f"{name}@{dialect.name}", dialect.library + (f"; {dialect.note}" if dialect.note else ""))
        for name, optimizer in all_optimizers().items()
        for dialect in optimizer.dialects
    ]


def _problems() -> list[tuple[str, str]]:
    from adambench.problem import bundled_problems, load_all

    return [(name, load_all([name])[0].description) for name in bundled_problems()]


def _problem_names() -> list[str]:
    from adambench.problem import bundled_problems

    return list(bundled_problems())


def _formats() -> list[tuple[str, str]]:
    return [(name, form.summary) for name, form in all_formats().items()]


KINDS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "optimizers": _optimizers,
    "problems": _problems,
    "functions": _functions,
    "models": _models,
    "transforms": _transforms,
    "dialects": _dialects,
    "formats": _formats,
}


BARE: dict[str, Callable[[], list[str]]] = {"problems": _problem_names, "formats": format_names}
"""Kinds whose names are known without reading or importing a file of this package."""


@click.command("list")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--long", "long", is_flag=True, help="A summary beside each name.")
@plugin_option
def command(kind: str, long: bool) -> int:
    """Names, one a line."""
    if not long:
        names = BARE[kind]() if kind in BARE else [name for name, _ in KINDS[kind]()]
        click.echo("\n".join(names))
        return 0
    found = KINDS[kind]()
    across = max((len(name) for name, _ in found), default=0)
    for name, summary in found:
        click.echo(f"{name:<{across}}  {summary}")
    return 0

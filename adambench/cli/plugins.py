"""The option --plugin, which every command has that takes names."""

from __future__ import annotations

import click


def _load(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from adambench.plugin import load_plugin

        for name in names:
            load_plugin(name)
    return names


# Eager: what the other options name may be declared there.
plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_load,
    metavar="FILE.py|MODULE",
    help="What it declares is known, too; may be given again.",
)

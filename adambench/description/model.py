"""A model."""

from __future__ import annotations

from adambench.description.parameter import parameter_lines
from adambench.model import Model


def describe_model(model: Model) -> str:
    """Formula, keys, and the ways to give it data: one of them, told by its first key."""
    lines = [f"{model.name}: {model.summary}", "", f"    {model.formula}", "", "keys", *parameter_lines(model.keys)]
    for source in model.sources:
        first = source.keys[0].name
        lines += ["", f"data: {{{first}: ...}}", *parameter_lines(source.keys, required=(first,))]
    lines += ["", f"source: {model.source}"]
    return "\n".join(lines) + "\n"

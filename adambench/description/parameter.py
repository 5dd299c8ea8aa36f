"""Declared parameters, a line each."""

from __future__ import annotations

from collections.abc import Iterator

from adambench.function import Parameter


def parameter_lines(parameters: tuple[Parameter, ...], required: tuple[str, ...] = ()) -> Iterator[str]:
    """Kind, default and meaning."""
    for p in parameters:
        kind = " | ".join(p.choices) if p.choices else p.kind
        default = "none" if p.default is None else p.default
        given = "required" if p.name in required else f"default {default}"
        yield f"    {p.name:<14} {kind}, {given}: {p.meaning}"

"""The document of `speed` as text."""

from __future__ import annotations

from itertools import groupby
from typing import Any


def table(document: dict[str, Any]) -> str:
    """One block a kind of work: ns a step or an element, and how many times as long each peer takes.

    Beside an elementwise update stands its floor, and how many times as long the update takes.
    """
    blocks = []
    for _, group in groupby(document["rows"], key=lambda row: row["kind"]):
        rows = list(group)
        peers = list(dict.fromkeys(name for row in rows for name in row["peers"]))
        floors = ["floor"] if any(row["floor"] for row in rows) else []
        lines = [[f"ns per {rows[0]['unit']}", "dimension", "lanes", "dtype", "adambench", *floors, *peers]]
        for row in rows:
            found = [row["floor"] for _ in floors] + [row["peers"].get(name) for name in peers]
            cells = [f"{_number(peer['ns'])} {_number(peer['ratio']) + 'x':>7}" if peer else "-" for peer in found]
            lines.append(
                [row["what"], f"{row['dimension']:,}", str(row["lanes"]), row["dtype"], _number(row["ns"]), *cells]
            )
        blocks.append(_aligned(lines))
    return "\n".join(blocks)


def _aligned(lines: list[list[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])] for first, *rest in lines]
    return "".join("  ".join(line) + "\n" for line in padded)


def _number(value: float) -> str:
    """Three significant digits or all whole ones."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

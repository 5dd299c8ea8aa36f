"""The columns of a problem's table; those over all problems are in `comparison`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.number import duration, significant, steps
from adambench.analysis.quantile import real
from adambench.analysis.target import from_hardest, standing, target_text
from adambench.gate.pace import ALLOWED, SHORTEST
from adambench.render.parts.plain import plain
from adambench.render.parts.sparkline import sparklines

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A value, what qualifies it, and whether it is the best of its column."""

    value: str
    detail: str = ""
    best: bool = False


@dataclass(frozen=True)
class Column:
    """A title over one cell a row. Where there is no room, the column of the largest `spare` goes first; 0 stays."""

    title: str
    cells: tuple[Cell, ...]
    spare: int = 0
    numeric: bool = True


def problem_columns(problem: Mapping[str, Any], rows: Sequence[Row], unicode: bool) -> list[Column]:
    """Optimizer, steps to each target, final loss, quartiles, outcomes, time per step, log-loss curve."""
    order = from_hardest(problem["targets"])
    medians = [_as_shown(row["final_loss"]["median"]) if counted_in(row) else None for row in rows]
    curves = sparklines(rows, problem["reference_loss"], unicode)
    quartiles = Column("quartiles", tuple(Cell(_between(row)) for row in rows), 100)
    return [
        Column("optimizer", tuple(Cell(plain(row["optimizer"], unicode)) for row in rows), numeric=False),
        *(
            Column(
                f"steps to {plain(target_text(target), unicode)}",
                _steps([row["targets"][index] for row in rows]),
                order.index(index),
            )
            for index, target in enumerate(problem["targets"])
        ),
        Column(
            "final loss",
            tuple(
                Cell(_loss(row, row["final_loss"]["median"]), best=best)
                for row, best in zip(rows, best_of(medians), strict=True)
            ),
        ),
        *([quartiles] if any(row["trials"] > 1 for row in rows) else []),
        Column("outcomes", tuple(Cell(outcomes_text(row)) for row in rows), 101, numeric=False),
        Column(
            "time/step",
            tuple(
                Cell(_duration(row["cost"]["ns_per_step"]), "theirs" if row.get("implementation") else "", best)
                for row, best in zip(rows, _fastest(rows), strict=True)
            ),
            102,
        ),
        Column("log loss", tuple(Cell(curve or "-") for curve in curves), 103, numeric=False),
    ]


def outcomes_text(row: Row) -> str:
    """'9 budget, 1 diverged'."""
    return ", ".join(f"{count} {outcome}" for outcome, count in row["outcomes"].items() if count) or "none"


def _steps(target_rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    places = [standing(row) if row["trials"] else None for row in target_rows]
    return tuple(
        Cell(
            "-" if row["median"] is None else steps(row["median"]),
            f"{row['reached']}/{row['trials']}",
            best and row["median"] is not None,
        )
        for row, best in zip(target_rows, best_of(places), strict=True)
    )


def best_of(values: Sequence[Any]) -> list[bool]:
    """Which values are the smallest: those that never came, None, are not compared, and none is the best where all
    others are alike, or infinite."""
    known = {value for value in values if value is not None}
    smallest = min(known) if len(known) > 1 else None
    return [value is not None and value == smallest for value in values]


def _fastest(rows: Sequence[Row]) -> list[bool]:
    """Which row takes the least time a step, by more than a second run might take back: all others, that are ours,
    take longer by more than what the gate allows, and its own loop is long enough to be judged."""
    found = [row["cost"] if row.get("implementation") is None else {} for row in rows]
    times = [real(cost.get("ns_per_step")) for cost in found]
    best = min(times, default=math.inf)
    known = [time for time in times if time < math.inf]
    apart = len(known) > 1 and sum(time <= (1.0 + ALLOWED) * best for time in known) == 1
    return [
        apart and time == best and (cost.get("seconds") or 0.0) >= SHORTEST
        for cost, time in zip(found, times, strict=True)
    ]


def _duration(time: float | None) -> str:
    return "-" if time is None else duration(time)


def _as_shown(loss: float | None) -> float:
    """Of two that look alike, neither is the better."""
    return math.inf if loss is None else float(significant(loss))


def _loss(row: Row, value: float | None) -> str:
    """'inf' for a loss that diverged, '-' where nothing counts."""
    if not counted_in(row):
        return "-"
    return "inf" if value is None else significant(value)


def _between(row: Row) -> str:
    low, high = (_loss(row, row["final_loss"][name]) for name in ("q25", "q75"))
    return "-" if low == "-" else f"{low} .. {high}"

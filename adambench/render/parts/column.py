"""The columns of a problem's table, and of the table over all problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.number import duration, significant, steps
from adambench.analysis.target import from_hardest, standing, target_text
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
    losses = [row["final_loss"] for row in rows]
    medians = [loss["median"] for loss in losses]
    times = [row["cost"]["ns_per_step"] for row in rows]
    ours = [None if row.get("implementation") is not None else time for row, time in zip(rows, times, strict=True)]
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
                Cell(_loss(row, loss["median"]), best=best)
                for row, loss, best in zip(rows, losses, _best(medians), strict=True)
            ),
        ),
        *([quartiles] if any(row["trials"] > 1 for row in rows) else []),
        Column("outcomes", tuple(Cell(outcomes_text(row)) for row in rows), 101, numeric=False),
        Column(
            "time/step",
            tuple(
                Cell("-" if time is None else duration(time), "theirs" if row.get("implementation") else "", best)
                for row, time, best in zip(rows, times, _best(ours), strict=True)
            ),
            102,
        ),
        Column("log loss", tuple(Cell(curve or "-") for curve in curves), 103, numeric=False),
    ]


def comparison_columns(rows: Sequence[Row], unicode: bool) -> list[Column]:
    """Optimizer, problems solved, wins, mean rank, slow-down, over all problems."""

    def share(row: Row, part: str, whole: str) -> float | None:
        return -row[part] / row[whole] if row[whole] and row[part] else None

    def column(title: str, text: Callable[[Row], tuple[str, str]], worth: Callable[[Row], float | None]) -> Column:
        best = _best([worth(row) for row in rows])
        return Column(title, tuple(Cell(*text(row), first) for row, first in zip(rows, best, strict=True)))

    def rank(row: Row) -> tuple[str, str]:
        return ("-" if row["mean_rank"] is None else f"{row['mean_rank']:.2f}", "")

    def score(row: Row) -> tuple[str, str]:
        return ("-" if row["score"] is None else f"{row['score']:.2f}", "")

    def slowdown(row: Row) -> tuple[str, str]:
        value = row["slowdown"]
        return ("-", "") if value is None else (f"{significant(value)}x", f"({row['slowdown_problems']})")

    return [
        Column("optimizer", tuple(Cell(plain(row["optimizer"], unicode)) for row in rows), numeric=False),
        column(
            "solved", lambda row: (f"{row['solved']}/{row['problems']}", ""), lambda r: share(r, "solved", "problems")
        ),
        column("wins", lambda row: (f"{row['wins']}/{row['ranked']}", ""), lambda r: share(r, "wins", "ranked")),
        column("mean rank", rank, lambda row: row["mean_rank"]),
        column("slow-down", slowdown, lambda row: None),  # over different problems: no best
        *(
            [column("score", score, lambda row: None if row["score"] is None else -row["score"])]
            if any(row.get("score") is not None for row in rows)
            else []
        ),
        *(
            [Column("group", tuple(Cell(row["group"] or "-") for row in rows), numeric=False)]
            if any(row.get("group") for row in rows)
            else []
        ),
    ]


COMPARISON_NOTE = (
    "solved: at least half of the trials reach the hardest target. wins: nobody is ahead. slow-down: geometric mean of "
    "the median steps to the hardest target over the fastest optimizer's, on the (number of) problems solved. score: "
    "AlgoPerf's, 1 always the fastest, 0 never within 4 times. group: who shares a letter cannot be told apart over "
    "the problems."
)


def outcomes_text(row: Row) -> str:
    """'9 budget, 1 diverged'."""
    return ", ".join(f"{count} {outcome}" for outcome, count in row["outcomes"].items() if count) or "none"


def _steps(target_rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    places = [standing(row) if row["reached"] else None for row in target_rows]
    return tuple(
        Cell("-" if row["median"] is None else steps(row["median"]), f"{row['reached']}/{row['trials']}", best)
        for row, best in zip(target_rows, _best(places), strict=True)
    )


def _best(values: Sequence[Any]) -> list[bool]:
    """Which values are the smallest; none is where all are alike."""
    smallest = min((value for value in values if value is not None), default=None)
    return [value is not None and value == smallest and len(set(values)) > 1 for value in values]


def _loss(row: Row, value: float | None) -> str:
    """'inf' for a loss that diverged, '-' where nothing counts."""
    if not counted_in(row):
        return "-"
    return "inf" if value is None else significant(value)


def _between(row: Row) -> str:
    low, high = (_loss(row, row["final_loss"][name]) for name in ("q25", "q75"))
    return "-" if low == "-" else f"{low} .. {high}"

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
Text = Callable[[Row], tuple[str, str]]
"""What a cell of a row says, and what qualifies it."""


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


def comparison_columns(rows: Sequence[Row], unicode: bool, reference: str | None = None) -> list[Column]:
    """Optimizer, problems solved, score, speed-up against the reference, mean rank, robustness, cost, settings, group,
    wins and slow-down, over all problems; what no row has is left out."""

    def has(name: str) -> bool:
        return any(row.get(name) is not None for row in rows)

    def column(
        title: str, text: Text, worth: Callable[[Row], float | None] = lambda row: None, spare: int = 0
    ) -> Column:
        """text: the value, and what qualifies it; worth: the smaller, the better."""
        best = _best([worth(row) for row in rows])
        cells = (Cell(*text(row), first) for row, first in zip(rows, best, strict=True))
        return Column(title, tuple(cells), spare)

    def speedup(row: Row) -> tuple[str, str]:
        if row["optimizer"] == reference:
            return "1x", "reference"
        found = row["speedup"]
        if found is None or found["factor"] is None:
            return "-", ""
        return f"{significant(found['factor'])}x", _bounds(found["ci95"], lambda bound: significant(bound, 2))

    def share(row: Row, part: str, whole: str) -> float | None:
        return -row[part] / row[whole] if row[whole] and row[part] else None

    def solved(row: Row) -> tuple[str, str]:
        bounds = _bounds(row.get("solved_ci95"), lambda bound: f"{100 * bound:.0f}", "%")
        return f"{row['solved']}/{row['problems']}", bounds

    def minus(row: Row, name: str) -> float | None:
        return None if row[name] is None else -row[name]

    found = [
        column("solved", solved, lambda row: share(row, "solved", "problems")),
        column("score", _fixed("score"), lambda row: minus(row, "score"), 20) if has("score") else None,
        column("speed-up", speedup, spare=10) if has("speedup") else None,
        column("charged", _charged, spare=105) if any(_charged(row)[0][0] not in "-0" for row in rows) else None,
        column("mean rank", _fixed("mean_rank"), lambda row: row["mean_rank"], 15),
        column("lr basin", _basin, spare=103) if has("robustness") else None,
        *(_costs(column) if has("cost") else ()),
        _words("settings", [row["settings"] for row in rows], 108) if has("settings") else None,
        _words("group", [row["group"] or "-" for row in rows], 30) if has("group") else None,
        column(
            "wins", lambda row: (f"{row['wins']}/{row['ranked']}", ""), lambda row: share(row, "wins", "ranked"), 109
        ),
        column("slow-down", _slowdown, spare=110),  # over different problems: no best
    ]
    label = Column("optimizer", tuple(Cell(plain(row["optimizer"], unicode)) for row in rows), numeric=False)
    return [label, *(one for one in found if one is not None)]


def _costs(column: Callable[..., Column]) -> list[Column]:
    def text(name: str, write: Callable[[float], str]) -> Text:
        return lambda row: ("-" if row["cost"][name] is None else write(row["cost"][name]), "")

    return [
        column("evaluations", text("evaluations", steps), spare=107),
        column("time/step", text("ns_per_step", duration), spare=104),
        column("state", text("state_per_parameter", significant), spare=106),
    ]


def _words(title: str, words: Sequence[str], spare: int) -> Column:
    return Column(title, tuple(Cell(word) for word in words), spare, numeric=False)


def _bounds(interval: Sequence[float | None] | None, write: Callable[[float], str], unit: str = "") -> str:
    """'(1.1..1.9)'; an end that is unknown is 0 or inf; nothing where both are."""
    if interval is None or interval == [None, None]:
        return ""
    low, high = interval
    return f"({'0' if low is None else write(low)}..{'inf' if high is None else write(high)}{unit})"


def _fixed(name: str) -> Text:
    return lambda row: ("-" if row[name] is None else f"{row[name]:.2f}", "")


def _charged(row: Row) -> tuple[str, str]:
    found = row.get("speedup")
    return ("-" if found is None else f"{found['charged']}/{found['problems']}", "")


def _basin(row: Row) -> tuple[str, str]:
    found = row["robustness"]
    if found is None or found["decades"] is None:
        return "-", ""
    return f"{found['decades']:.1f}", f"({found['problems']})"


def _slowdown(row: Row) -> tuple[str, str]:
    value = row["slowdown"]
    return ("-", "") if value is None else (f"{significant(value)}x", f"({row['slowdown_problems']})")


COMPARISON_NOTE = (
    "solved: at least half of the trials reach the hardest target (95% of that share of problems). score: AlgoPerf's, "
    "1 always the fastest, 0 never within 4 times. speed-up: how many times fewer evaluations than the reference, by "
    "paired logarithms, 95%; charged: on so many problems a failure counts as the budget and one. lr basin: decades, "
    "in the median of (so many) problems. state: numbers kept for each parameter. group: who shares a letter cannot be "
    "told apart over the problems. wins: nobody is ahead. slow-down: geometric mean of the median steps to the hardest "
    "target over the fastest optimizer's, on the (number of) problems solved."
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

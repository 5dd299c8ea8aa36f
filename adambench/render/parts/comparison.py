"""The columns of the table over all problems, and the note under it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from adambench.analysis.number import duration, significant, steps
from adambench.render.parts.column import Cell, Column, best_of
from adambench.render.parts.plain import plain

Row = Mapping[str, Any]
Text = Callable[[Row], tuple[str, str]]
"""What a cell of a row says, and what qualifies it."""

BOUNDS = {"at most": ("≤", "<="), "at least": ("≥", ">="), "unknown": ("~", "~")}
"""What failures make of a speed-up, with Unicode and without."""
NOTES = {
    "solved": "at least half of the trials reach the hardest target (95% of that share of problems)",
    "score": "AlgoPerf's, 1 always the fastest, 0 never within 4 times",
    "speed-up": (
        "how many times fewer evaluations than the reference, by paired logarithms, 95%, over the problems on which "
        "either hits a target"
    ),
    "charged": "on so many problems a failure counts as the budget and one; on all, what is left is a bound",
    "lr basin": "decades, in the median of (so many) problems",
    "state": "numbers kept for each parameter",
    "group": "who shares a letter cannot be told apart over the problems",
    "wins": "nobody is ahead; where all failed, nobody wins",
    "slow-down": (
        "geometric mean of the median steps to the hardest target over the fastest optimizer's, on the (number of) "
        "problems solved"
    ),
}


def comparison_note(columns: Iterable[Column]) -> str:
    """'solved: at least half ...; wins: ...': what the columns mean that need a word; '' where none does."""
    said = [f"{title}: {NOTES[title]}" for column in columns for title in titles_of(column) if title in NOTES]
    return f"{'. '.join(said)}." if said else ""


def titles_of(column: Column) -> list[str]:
    """What there is to explain of a column: its title, and what its cells add."""
    charged = any(" charged" in cell.detail for cell in column.cells)
    return [column.title.replace("\n", " "), *(["charged"] if charged else [])]


def comparison_columns(rows: Sequence[Row], unicode: bool, reference: str | None = None) -> list[Column]:
    """Optimizer, problems solved, score, speed-up against the reference, mean rank, robustness, cost, settings, group,
    wins and slow-down, over all problems; what no row has is left out, and what only compares where there is one row.
    """
    several = len(rows) > 1

    def has(name: str) -> bool:
        return any(row.get(name) is not None for row in rows)

    def column(
        title: str, text: Text, worth: Callable[[Row], float | None] = lambda row: None, spare: int = 0
    ) -> Column:
        """text: the value, and what qualifies it; worth: the smaller, the better."""
        best = best_of([worth(row) for row in rows])
        cells = (Cell(*text(row), first) for row, first in zip(rows, best, strict=True))
        return Column(title, tuple(cells), spare)

    alike = len({row["problems"] for row in rows}) == 1
    found = [
        column("solved", _solved, lambda row: _share(row, "solved", "problems") if alike else None),
        column("score", _fixed("score"), lambda row: _rounded(row["score"], -1), 20)
        if several and has("score")
        else None,
        column("speed-up", lambda row: _speedup(row, unicode, reference), spare=10) if has("speedup") else None,
        column("mean rank", _fixed("mean_rank"), lambda row: _rounded(row["mean_rank"]), 15) if several else None,
        column("lr basin", _basin, spare=103) if has("robustness") else None,
        *(_costs(column) if has("cost") else ()),
        _words("settings", [row["settings"] for row in rows], 108) if has("settings") else None,
        _words("group", [row["group"] or "-" for row in rows], 30) if has("group") else None,
        column("wins", _wins, lambda row: _share(row, "wins", "ranked") if _is_ranked(row) else None, 109)
        if several
        else None,
        column("slow-down", _slowdown, spare=110) if several else None,  # over different problems: no best
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


def _solved(row: Row) -> tuple[str, str]:
    bounds = _bounds(row.get("solved_ci95"), lambda bound: f"{100 * bound:.0f}", "%")
    return f"{row['solved']}/{row['problems']}", bounds


def _speedup(row: Row, unicode: bool, reference: str | None) -> tuple[str, str]:
    """'0.29x', '(0.066..1.3), 4/7 charged, on 7 of 9'; a bound where failures were charged on every problem: '≤0.43x'.

    On the 2 others neither hit a target.
    """
    if row["optimizer"] == reference:
        return "1x", "reference"
    found = row["speedup"]
    if found is None or found["factor"] is None:
        return "-", ""
    charged = f"{found['charged']}/{found['problems']} charged" if found["charged"] else ""
    undecided = found.get("undecided", 0)
    over = f"on {found['problems']} of {found['problems'] + undecided}" if undecided else ""
    if found["charged"] == found["problems"]:
        bound = BOUNDS.get(found.get("bound"), ("", ""))[not unicode]
        return f"{bound}{significant(found['factor'], 2)}x", ", ".join(filter(None, (charged, over)))
    interval = _bounds(found["ci95"], lambda bound: significant(bound, 2))
    return f"{significant(found['factor'])}x", ", ".join(filter(None, (interval, charged, over)))


def _bounds(interval: Sequence[float | None] | None, write: Callable[[float], str], unit: str = "") -> str:
    """'(1.1..1.9)'; an end that is unknown is 0 or inf; nothing where both are."""
    if interval is None or interval == [None, None]:
        return ""
    low, high = interval
    return f"({'0' if low is None else write(low)}..{'inf' if high is None else write(high)}{unit})"


def _fixed(name: str) -> Text:
    return lambda row: ("-" if row[name] is None else f"{row[name]:.2f}", "")


def _rounded(value: float | None, sign: int = 1) -> float | None:
    """As it is shown: of two that look alike, neither is the better."""
    return None if value is None else sign * round(value, 2)


def _share(row: Row, part: str, whole: str) -> float | None:
    return -row[part] / row[whole] if row[whole] else None


def _is_ranked(row: Row) -> bool:
    """Not where ranks were refused: wins over other problems are others."""
    return row["mean_rank"] is not None


def _wins(row: Row) -> tuple[str, str]:
    return (f"{row['wins']}/{row['ranked']}" if _is_ranked(row) else "-", "")


def _basin(row: Row) -> tuple[str, str]:
    found = row["robustness"]
    if found is None or found["decades"] is None:
        return "-", ""
    return f"{'>=' if found['at_least'] else ''}{found['decades']:.1f}", f"({found['problems']})"


def _slowdown(row: Row) -> tuple[str, str]:
    value = row["slowdown"]
    return ("-", "") if value is None else (f"{significant(value)}x", f"({row['slowdown_problems']})")

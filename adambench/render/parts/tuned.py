"""The table of a tuning: what won, what it got there and on fresh seeds, and how much room there was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.number import significant, steps
from adambench.analysis.rule import chosen_by, counting
from adambench.analysis.target import from_hardest, target_text
from adambench.render.parts.column import Cell, Column
from adambench.render.parts.plain import plain
from adambench.render.parts.sweep import times

Row = Mapping[str, Any]


def tuned_columns(document: Row, problem: Row, unicode: bool) -> list[Column]:
    """Optimizer, winning settings, what they got in tuning and on fresh seeds, lr basin, diverged draws, P(best).

    No columns where nothing was tuned.
    """
    tuning = document.get("tuning", {"entries": ()})
    entries = [entry for entry in tuning["entries"] if entry["problem"] == problem["name"]]
    shown = [entry for entry in entries if entry["draws"]]
    if not shown:
        return []
    basins = {
        found["optimizer"]: found for found in document.get("robustness", ()) if found["problem"] == problem["name"]
    }
    found = [basins.get(entry["optimizer"]) for entry in shown]
    return [
        Column("tuned", tuple(Cell(plain(entry["optimizer"], unicode)) for entry in shown), numeric=False),
        Column(
            f"best of {tuning['trials']:,}",
            tuple(Cell(plain(_setting(entry, tuning["spaces"]), unicode)) for entry in shown),
            100,
            numeric=False,
        ),
        *_achieved(problem, tuning["rule"], shown, unicode),
        Column("lr basin", tuple(Cell(_decades(basin, unicode)) for basin in found)),
        Column("margin", tuple(Cell(_margin(basin)) for basin in found), 101),
        Column("diverged", tuple(Cell(f"{entry['diverged']}/{len(counting(entry))}") for entry in shown), 102),
        *_chances(problem["name"], tuning, shown),
    ]


def _setting(entry: Row, spaces: Row) -> str:
    """'lr 0.016, beta2 0.99977': the tuned values of the winner, to 3 digits (2 of 1 - value where that is drawn)."""
    values = entry["draws"][entry["draw"]]["hyperparameters"]
    scales = {name: axis[2] for name, axis in spaces.get(entry["optimizer"], {}).items()}
    return ", ".join(f"{name} {_rounded(value, scales.get(name))}" for name, value in values.items())


def _rounded(value: float, scale: str | None) -> str:
    if scale != "one-minus-log":
        return significant(value)
    return f"{1 - float(f'{1 - value:.1e}'):.12g}"


def _achieved(problem: Row, rule: str, entries: Sequence[Row], unicode: bool) -> list[Column]:
    """What the winners were chosen by, in tuning and on fresh seeds; nothing where both are the same, as no seed
    changes anything.

    The title has the hardest of their measures; a cell of another one says which.
    """
    if not any(entry.get("random", True) for entry in entries):
        return []
    targets = problem["targets"]
    places = [chosen_by(problem, rule, counting(entry)) for entry in entries]
    hardest = next((place for place in from_hardest(targets) if place in places), None)
    what = "loss" if hardest is None else f"steps to {plain(target_text(targets[hardest]), unicode)}"
    other = {None: " (loss)"} | {place: f" (to {target_text(target)})" for place, target in enumerate(targets)}
    mine = [
        (entry, place, "" if place == hardest else other[place]) for entry, place in zip(entries, places, strict=True)
    ]

    def column(title: str, kinds: Sequence[str], priority: int = 0) -> Column:
        return Column(
            title, tuple(Cell(plain(_cell(one, place, kinds) + of, unicode)) for one, place, of in mine), priority
        )

    return [
        column(f"tuning {what}", ["tuning"], 103),
        column(f"fresh {what}", ["fresh"]),
        column("gap", ["fresh", "tuning"], 104),
    ]


def _cell(entry: Row, place: int | None, kinds: Sequence[str]) -> str:
    """The value of that kind; of two kinds the first less the second, with its sign."""
    values = [_value(entry, kind, place) for kind in kinds]
    if len(values) == 1:
        return _number(values[0], place)
    after, before = values
    if after is None or before is None:
        return "-"
    return f"{'+' if after > before else ''}{_number(after - before, place)}"


def _value(entry: Row, kind: str, place: int | None) -> float | None:
    if place is None:
        return None if entry[f"{kind}_loss"] is None else float(entry[f"{kind}_loss"])
    hits = entry[f"{kind}_hits"]
    return None if hits is None or hits[place] is None else float(hits[place])


def _number(value: float | None, place: int | None) -> str:
    """A loss or a number of steps; what is infinite is 'inf', or '-' for a target that was missed."""
    if place is None:
        return "inf" if value is None else significant(value)
    return "-" if value is None else steps(value)


def _decades(basin: Row | None, unicode: bool) -> str:
    if basin is None:
        return "-"
    least = ("≥" if unicode else ">=") if basin["open_low"] or basin["open_high"] else ""
    return f"{least}{basin['decades']:.1f}"


def _margin(basin: Row | None) -> str:
    if basin is None or basin["safety"] is None:
        return "-"
    return f"{times(basin['safety'])}x"


def _chances(problem: str, tuning: Row, entries: Sequence[Row]) -> list[Column]:
    """P(best) at one draw, an eighth of them, and all: without replacement half, as of all that is 0 or 1."""
    chances = tuning.get("best_probabilities", {"n": [], "problems": []})
    found = next((one["optimizers"] for one in chances["problems"] if one["problem"] == problem), None)
    if found is None or len(entries) < 2:
        return []
    last = tuning["trials"] if tuning["expected_best"]["replacement"] else max(tuning["trials"] // 2, 1)
    sizes = sorted(
        {min(chances["n"], key=lambda n: abs(n - size)) for size in (1, max(tuning["trials"] // 8, 1), last)}
    )
    places = [chances["n"].index(size) for size in sizes]
    cells = (
        ", ".join(f"{found[entry['optimizer']][place]:.0%}" for place in places) if entry["optimizer"] in found else "-"
        for entry in entries
    )
    return [Column(f"P(best) of {', '.join(f'{size:,}' for size in sizes)}", tuple(map(Cell, cells)), 105)]

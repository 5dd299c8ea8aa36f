"""Whether the tuning of a report agrees with itself and with its problems: what no schema can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adambench.saved.value import shown

Row = Mapping[str, Any]
Faults = Iterator[tuple[str, str]]
ROUNDED = 1e-5
"""Share by which a draw, which has six digits, may lie beyond an end of its range."""


def tuning_fault(tuning: Row | None, problems: Sequence[Row]) -> tuple[str, str] | None:
    """(path, sentence) of the first part that is impossible, of a `tuning` that is as the schema says; None of none."""
    return None if tuning is None else next(_faults(tuning, problems), None)


def _faults(tuning: Row, problems: Sequence[Row]) -> Faults:
    targets = {problem["name"]: len(problem["targets"]) for problem in problems}
    for label, space in tuning["spaces"].items():
        for name, axis in space.items():
            yield from _of_axis(axis, f"tuning.spaces.{label}.{name}")
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(tuning["entries"]):
        path, cell = f"tuning.entries[{index}]", (entry["problem"], entry["optimizer"])
        if entry["problem"] not in targets:
            yield f"{path}.problem", "expected one of the problems, got a name that is none of theirs"
        if entry["optimizer"] not in tuning["spaces"]:
            yield f"{path}.optimizer", "expected one of tuning.spaces, got a name that has none"
        if cell in seen:
            yield f"{path}.optimizer", "expected each optimizer once a problem, got one for the second time"
        seen.add(cell)
        yield from _of_entry(entry, path, tuning, targets[entry["problem"]])


def _of_axis(axis: Sequence[Any], path: str) -> Faults:
    low, high, scale = axis
    if not low < high:
        yield path, f"expected the lower end of a range below the upper, got {shown(low)} and {shown(high)}"
    if scale == "log" and low <= 0:
        yield f"{path}[0]", f"expected a number above 0, which has a logarithm, got {shown(low)}"
    if scale != "log" and high >= 1:
        yield f"{path}[1]", f"expected a number below 1, so that 1 less it has a logarithm, got {shown(high)}"


def _of_entry(entry: Row, path: str, tuning: Row, targets: int) -> Faults:
    draws, trials = entry["draws"], tuning["trials"]
    if len(draws) not in (0, trials):
        yield f"{path}.draws", f"expected {trials} draws, as tuning.trials says, or none, got {len(draws)}"
    if draws and entry["draw"] is None:
        yield f"{path}.draw", "expected the place of the winning draw, got null"
    if entry["draw"] is not None and not 0 <= entry["draw"] < len(draws):
        yield f"{path}.draw", f"expected the place of one of the {len(draws)} draws, from 0, got {entry['draw']}"
    for key in ("tuning_hits", "fresh_hits"):
        if entry[key] is not None and len(entry[key]) != targets:
            yield f"{path}.{key}", f"expected {targets} values, one a target, got {len(entry[key])}"
    if len(entry.get("concerns", entry["warnings"])) != len(entry["warnings"]):
        yield f"{path}.concerns", "expected one for each of the warnings, got another number"
    space = tuning["spaces"][entry["optimizer"]]
    for place, draw in enumerate(draws):
        if len(draw["hits"]) != targets:
            yield f"{path}.draws[{place}].hits", f"expected {targets} values, one a target, got {len(draw['hits'])}"
        own = tuning["defaults"] and place == 0  # which may lack one, and lie beyond a range
        yield from _of_draw(draw["hyperparameters"], space, own, f"{path}.draws[{place}].hyperparameters")


def _of_draw(values: Row, space: Row, own: bool, path: str) -> Faults:
    for name, (low, high, _) in space.items():
        if name not in values:
            if not own:
                yield path, f"expected the key {name}, of which tuning.spaces has a range, got none"
            continue
        value, room = values[name], ROUNDED * max(abs(low), abs(high))
        if isinstance(value, bool) or not (own or low - room <= value <= high + room):
            yield f"{path}.{name}", f"expected a number from {shown(low)} to {shown(high)}, got {shown(value)}"

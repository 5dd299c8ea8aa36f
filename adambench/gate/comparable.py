"""Whether two reports are of the same thing: what differs, all at once, and what mends it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adambench.analysis.target import target_text
from adambench.gate.row import Document, Row
from adambench.text import number_text

ROUNDING = 1e-9
"""Share by which the loss at an optimum may differ from one processor to another."""
TINY = 1e-12
"""The same, of the way to it from the start."""


@dataclass(frozen=True)
class Difference:
    """`sentence`: 'problem bowl: budget: expected 600, got 60'; `mend`: 'run with --budget 600'."""

    sentence: str
    mend: str


def differences(baseline: Document, measured: Document) -> list[Difference]:
    """Each thing in which the reports, with rows of gate/row.py, differ where they must not; of problems and rows that
    both have. Empty where they can be compared."""
    found = _settings(baseline["settings"], measured["settings"])
    problems = {problem["name"]: problem for problem in baseline["problems"]}
    for problem in measured["problems"]:
        if problem["name"] in problems:
            found += _problem(problems[problem["name"]], problem)
    rows = {(row.problem, row.optimizer): row for row in baseline["results"]}
    for row in measured["results"]:
        if (row.problem, row.optimizer) in rows:
            found += _row(rows[row.problem, row.optimizer], row)
    return found


def _settings(baseline: Mapping[str, Any], measured: Mapping[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    if baseline["precision"] != measured["precision"]:
        one, other = baseline["precision"], measured["precision"]
        found.append(Difference(f"settings.precision: {_expected(one, other)}", f"run with --precision {one}"))
    if baseline["stop_at_target"] != measured["stop_at_target"]:
        how = "with" if baseline["stop_at_target"] else "without"
        said = _expected(_word(baseline["stop_at_target"]), _word(measured["stop_at_target"]))
        found.append(Difference(f"settings.stop_at_target: {said}", f"run {how} --stop-at-target"))
    one, other = baseline["timeout"], measured["timeout"]
    if one != other:
        how = "without --timeout" if one is None else f"with --timeout {number_text(one)}"
        found.append(Difference(f"settings.timeout: {_expected(_value(one), _value(other))}", f"run {how}"))
    return found


def _problem(baseline: Mapping[str, Any], measured: Mapping[str, Any]) -> list[Difference]:
    name, found = f"problem {baseline['name']}", []
    if baseline["hash"] != measured["hash"]:
        said = _expected(baseline["hash"][:12], measured["hash"][:12])
        found.append(Difference(f"{name}: hash: {said}", "the problem was edited; restore it"))
    if baseline["budget"] != measured["budget"]:
        said = _expected(baseline["budget"], measured["budget"])
        found.append(Difference(f"{name}: budget: {said}", f"run with --budget {baseline['budget']}"))
    one, other = (", ".join(map(target_text, problem["targets"])) for problem in (baseline, measured))
    if one != other:
        flag = one.replace(" ", "")
        mend = f"run with --targets {flag}" if _relative(baseline) else "restore them"
        found.append(Difference(f"{name}: targets: {_expected(one, other)}", mend))
    if baseline["reference"] != measured["reference"]:
        said = _expected(baseline["reference"], measured["reference"])
        found.append(Difference(f"{name}: reference: {said}", "the optimum came or went; restore it"))
    elif baseline["reference"] == "optimum" and not _same_optimum(baseline, measured):
        said = _expected(_value(baseline["reference_loss"]), _value(measured["reference_loss"]))
        found.append(Difference(f"{name}: reference_loss: {said}", "the loss at the optimum was edited; restore it"))
    return found


def _row(baseline: Row, measured: Row) -> list[Difference]:
    name, found = f"{baseline.optimizer} on {baseline.problem}", []
    for key in ("dialect", "implementation"):
        one, other = baseline.identity[key], measured.identity[key]
        if one != other:
            found.append(Difference(f"{name}: {key}: {_expected(_word(one), _word(other))}", "run the same one"))
    one, other = baseline.identity["hyperparameters"], measured.identity["hyperparameters"]
    for key in sorted({*one, *other}):
        if key not in one or key not in other or one[key] != other[key]:
            said = _expected(_value(one.get(key)), _value(other.get(key)))
            found.append(Difference(f"{name}: hyperparameters.{key}: {said}", "run it as it was"))
    if len(baseline.seeds) and len(measured.seeds) and not np.array_equal(baseline.seeds, measured.seeds):
        one, other = _seeds(baseline), _seeds(measured)
        count = len(baseline.seeds)
        counted = np.array_equal(baseline.seeds, np.arange(count))
        mend = f"run with --seeds {count}" if counted else "give these seeds in the problem's file"
        found.append(Difference(f"{name}: seeds: {_expected(one, other)}", mend))
    return found


def _same_optimum(baseline: Mapping[str, Any], measured: Mapping[str, Any]) -> bool:
    """Is the loss at the optimum the same but for rounding? gate/cell.py judges a null, where targets need it."""
    one, other, start = baseline["reference_loss"], measured["reference_loss"], baseline["initial_loss"]["median"]
    if one is None or other is None:
        return one is other or any(target["kind"] == "relative" for target in baseline["targets"])
    solved = ROUNDING if baseline.get("solution") else 0.0
    tiny = 0.0 if start is None else TINY * min(abs(start - one), 1e300)
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=max(solved, tiny))


def _relative(problem: Mapping[str, Any]) -> bool:
    return all(target["kind"] == "relative" for target in problem["targets"]) and bool(problem["targets"])


def _seeds(row: Row) -> str:
    seeds = row.seeds.tolist()
    if all(seed == seeds[0] + place for place, seed in enumerate(seeds)):
        return f"{seeds[0]}..{seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
    return ",".join(map(str, seeds[:8])) + (f",... ({len(seeds)} in all)" if len(seeds) > 8 else "")


def _expected(one: object, other: object) -> str:
    return f"expected {one}, got {other}"


def _word(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _value(value: float | bool | None) -> str:
    return "none" if value is None else number_text(value)

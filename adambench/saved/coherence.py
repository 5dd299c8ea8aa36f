"""Whether the parts of a report agree: what no schema can say, and what readers of a report rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

from adambench.analysis.denominator import OUTSIDE

Found = tuple[str, str] | None
Outline = tuple[str, str, tuple[tuple[str, float], ...], int, int]
"""Problem, optimizer, targets, last hit and last evaluation of a row."""


def outline(row: dict[str, Any]) -> Outline:
    seeds = row["seeds"]
    hits = chain.from_iterable([seed["hits"] for seed in seeds])
    last = max(filter(None, hits), default=0)
    return (
        row["problem"],
        row["optimizer"],
        _targets(row),
        last,
        max([seed["stopped"]["evaluation"] for seed in seeds], default=0),
    )


def disagreement(row: dict[str, Any], path: str) -> Found:
    """(path, sentence) of the first part of a row, at `path`, that contradicts another; of one as the schema says."""
    seeds, targets = row["seeds"], len(row["targets"])
    if row["trials"] != len(seeds):
        return f"{path}.trials", f"expected {len(seeds)}, the number of seeds, got {row['trials']}"
    outcomes, hits = [seed["outcome"] for seed in seeds], [seed["hits"] for seed in seeds]
    counts = Counter(outcomes)
    for outcome, count in row["outcomes"].items():
        if counts[outcome] != count:
            return f"{path}.outcomes.{outcome}", f"expected {counts[outcome]}, as of the seeds, got {count}"
    if fault := _misplaced(outcomes, hits):
        return f"{path}.{fault[0]}", fault[1]
    counted = [
        hit for hit, outcome in zip(hits, outcomes, strict=True) if outcome not in OUTSIDE and len(hit) == targets
    ]
    for place, column in enumerate(zip(*counted, strict=True)):
        reached = len(column) - column.count(None)
        if row["targets"][place]["reached"] != reached:
            said = f"expected {reached}, as of the seeds, got {row['targets'][place]['reached']}"
            return f"{path}.targets[{place}].reached", said
    if len({seed["seed"] for seed in seeds}) < len(seeds):
        return f"{path}.seeds", "expected each seed once"
    points = len(row["curve"]["evaluations"])
    for key, length, one in (("hits", targets, "target"), ("stay", targets, "target"), ("losses", points, "point")):
        if set(map(len, [seed[key] for seed in seeds if key in seed])) - {length}:
            index = next(index for index, seed in enumerate(seeds) if key in seed and len(seed[key]) != length)
            return f"{path}.seeds[{index}].{key}", f"expected {length} values, one a {one}, got another number"
    for key in ("median", "q25", "q75"):
        if len(row["curve"][key]) != points:
            return f"{path}.curve.{key}", f"expected {points}, one a point, got {len(row['curve'][key])}"
    return None


def _misplaced(outcomes: Sequence[str], hits: Sequence[Sequence[int | None]]) -> Found:
    """The first hit before the start, or trial that reached every target without a hit."""
    flat = list(chain.from_iterable(hits))
    if min(filter(None, flat), default=0) < 0:
        index, hit = next((at, hit) for at, own in enumerate(hits) for hit in own if (hit or 0) < 0)
        return f"seeds[{index}].hits", f"expected evaluations from 0 on, got {hit}"
    for index, (outcome, own) in enumerate(zip(outcomes, hits, strict=True)) if None in flat else ():
        if outcome == "reached" and None in own:
            return f"seeds[{index}].hits", "expected a hit of each target, which outcome reached says, got null"
    return None


def mismatch(problems: Sequence[dict[str, Any]], rows: Sequence[Outline]) -> Found:
    """(path, sentence) of the first row that does not belong to the problems, or that is there twice."""
    targets: dict[str, tuple[tuple[str, float], ...]] = {}
    budgets = {entry["name"]: entry["budget"] for entry in problems}
    for index, entry in enumerate(problems):
        if entry["name"] in targets:
            return f"problems[{index}].name", "expected each problem once, got a name for the second time"
        targets[entry["name"]] = _targets(entry)
    seen: set[tuple[str, str]] = set()
    for index, (problem, optimizer, own, *latest) in enumerate(rows):
        if problem not in targets:
            return f"results[{index}].problem", "expected one of the problems, got a name that is none of theirs"
        if own != targets[problem]:
            return f"results[{index}].targets", "expected the targets of its problem, got others"
        for what, last in zip(("hits", "evaluations"), latest, strict=True):
            if last > budgets[problem]:
                said = f"expected {what} up to the budget of its problem, {budgets[problem]}, got {last}"
                return f"results[{index}].seeds", said
        if (problem, optimizer) in seen:
            return f"results[{index}].optimizer", "expected each optimizer once a problem, got one for the second time"
        seen.add((problem, optimizer))
    return None


def _targets(holder: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    return tuple((target["kind"], target["value"]) for target in holder["targets"])

"""Two environments run the same problems now, taking turns: what both report, and what each step cost in each round."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adambench.errors import AdambenchError
from adambench.gate.pace import Cost
from adambench.gate.side import Side, call
from adambench.saved import read_report

ROUNDS = 6
"""As many as the signed-rank test needs to say something at 5%."""
SECONDS = 1800.0
"""That one run of one side may take."""

Document = dict[str, Any]
Cell = tuple[str, str]
"""A problem's name and an optimizer's label."""
Costs = dict[Cell, tuple[list[Cost], list[Cost]]]
"""The cost of each round, there and here."""


@dataclass(frozen=True)
class Race:
    """`baseline` and `measured`: the reports of the first, unmeasured round.

    costs     of the measured rounds
    restless  cells of which the results were not the same in every round, of one side or both
    notes     sentences about how it was measured
    """

    baseline: Document
    measured: Document
    costs: Costs = field(default_factory=dict)
    restless: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()


def race(
    baseline: Side,
    measured: Side,
    arguments: Sequence[str],
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    doing: Callable[[str], None] = lambda said: None,
) -> Race:
    """Run both, each in a process of its own, one after the other: once to compile, which is not measured, then
    `rounds` times in the order A B, B A, A B, ..., so that a drift of the machine meets both alike.

    seconds  that one run may take
    doing    told what is run now
    """
    sides = (baseline, measured)
    first: list[Document] = [{}, {}]
    for place in (1, 0):  # a mistake in what is to be run is told by this side
        doing(f"compiling, unmeasured: {sides[place].name}")
        first[place] = report_of(sides[place], arguments, seconds)
    costs: Costs = {cell: ([], []) for cell in _rows(first[0]) if cell in _rows(first[1])}
    digests = [_digests(_rows(report)) for report in first]
    restless: set[Cell] = set()
    for number, place in turns(rounds):
        doing(f"round {number} of {rounds}: {sides[place].name}")
        rows = _rows(report_of(sides[place], arguments, seconds))
        for cell, both in costs.items():
            both[place].append(rows.get(cell, {}).get("cost", {}))
        restless |= {cell for cell, digest in digests[place].items() if _digests(rows).get(cell) != digest}
    return Race(first[0], first[1], costs, tuple(sorted(restless)), tuple(_notes(sides, first, rounds)))


def turns(rounds: int) -> Iterator[tuple[int, int]]:
    """(round from 1, side 0 or 1) in the order of measuring: 0 1, 1 0, 0 1, ..."""
    for number in range(1, rounds + 1):
        yield from ((number, place) for place in ((0, 1) if number % 2 else (1, 0)))


def report_of(side: Side, arguments: Sequence[str], seconds: float) -> Document:
    """The report that one side prints; AdambenchError, which names the side, where it is none."""
    printed = io.BytesIO(call(side, arguments, seconds))
    try:
        return read_report("-", printed)
    except AdambenchError as error:
        raise AdambenchError(str(error).replace("<stdin>", side.name, 1)) from None


def _rows(document: Document) -> Mapping[Cell, Mapping[str, Any]]:
    return {(row["problem"], row["optimizer"]): row for row in document["results"]}


def _digests(rows: Mapping[Cell, Mapping[str, Any]]) -> dict[Cell, list[Any]]:
    return {cell: [seed["fingerprint"] for seed in row["seeds"]] for cell, row in rows.items()}


def _notes(sides: Sequence[Side], first: Sequence[Document], rounds: int) -> list[str]:
    versions = [f"{side.name} is adambench {report['adambench']}" for side, report in zip(sides, first, strict=True)]
    compiling = [
        f"{report['timing']['compile_seconds']:.1f} s ({side.name})" for side, report in zip(sides, first, strict=True)
    ]
    return [
        f"live: {' and '.join(versions)}, in {rounds} interleaved rounds on one thread",
        f"live: compiling, in a first, unmeasured round, took {' and '.join(compiling)}",
    ]

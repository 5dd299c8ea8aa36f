"""What a gate found, as plain text and before any layout: a table a problem, what it says in words, the conclusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adambench.analysis.listing import listed
from adambench.analysis.number import percent, significant
from adambench.gate.check import VERDICTS
from adambench.render.parts.column import Cell, Column
from adambench.render.parts.plain import plain
from adambench.render.parts.section import Line, Section

Part = Mapping[str, Any]
FEW = 8
"""So many cells are shown whatever they say; of more only those that are not the same as before."""
MOST = 100
"""Cells that are shown, the worst; the others are counted."""


def sections(document: Part, unicode: bool = True) -> list[Section]:
    """One for each problem on which something changed, in the order of the cells: a table, then sentences; then one for
    all others."""
    cells = document["cells"]
    changed = [cell for cell in cells if not _equal(cell) or len(cells) <= FEW]
    shown = {id(cell) for cell in sorted(changed, key=lambda cell: VERDICTS.index(cell["verdict"]))[:MOST]}
    problems: dict[str, list[Part]] = {}
    for cell in cells:
        problems.setdefault(cell["problem"], []).append(cell)
    found = [
        _section(name, of, [cell for cell in of if id(cell) in shown], unicode)
        for name, of in problems.items()
        if any(id(cell) in shown for cell in of)
    ]
    told = {section.title for section in found}
    rest = {name: of for name, of in problems.items() if plain(name, unicode) not in told}
    return [*found, *([_rest(rest, unicode)] if rest else [])]


def conclusion(document: Part) -> str:
    """'fail: of 12 cells 2 fail, 1 inconclusive, 9 pass (5 equal to the bit)'."""
    counts, total = document["counts"], sum(document["counts"].values())
    words = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]]
    equal = sum(cell["status"] == "same" for cell in document["cells"])
    bits = f" ({equal} equal to the bit)" if equal else ""
    return plain(f"{document['verdict']}: of {total} cells {', '.join(words)}{bits}" if total else document["verdict"])


def basis(document: Part) -> str:
    """What was held against what, and how closely."""
    closely = {
        "bits": "same processor and libraries: equal to the bit where nothing changed",
        "outcomes": "another processor or other libraries: outcomes and steps, not bits",
    }
    return plain(f"{document['results']} against {document['baseline']}, {closely[document['basis']]}")


def cases(cell: Part) -> Iterator[tuple[str, Part]]:
    """What of a cell has a verdict, each under a name that stays from run to run: its checks, and the cell itself where
    no check that counts is as bad."""
    counting = [check["verdict"] for check in cell["checks"] if not check["advisory"]]
    if not counting or min(map(VERDICTS.index, counting)) > VERDICTS.index(cell["verdict"]):
        yield "gate", cell
    yield from ((check["metric"], check) for check in cell["checks"])


def said(cell: Part, part: Part) -> str:
    """What is said of a cell or of one of its checks, after the names of whom and what it is about."""
    about = [cell["optimizer"], *([part["metric"]] if "metric" in part else []), part["sentence"]]
    return ": ".join(map(str, about))


def change_text(check: Part | None, key: str) -> str:
    """'+12.5%' for a `change` of 0.125, '+3 trials' for one of 3 where trials are counted, `allowed` without the plus;
    '-' where there is none."""
    value = None if check is None else check[key]
    if check is None or value is None:
        return "-"
    sign = "+" if key == "change" and value > 0 else ""
    if check["unit"] == "trials":
        return f"{sign}{significant(value)} trial{'' if abs(value) == 1 else 's'}"
    return f"{sign}{percent(value)}"


def _rest(problems: Mapping[str, Sequence[Part]], unicode: bool) -> Section:
    """What is not shown of whole problems: nothing that changed, unless too much did."""
    cells = [cell for of in problems.values() for cell in of]
    title = f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}"
    return Section(title, plain(listed(list(problems), FEW), unicode), [Line(_unshown(cells, len(cells)))])


def _unshown(cells: Sequence[Part], total: int) -> str:
    """'5 of 6 the same as the baseline, 2 of them but for fingerprints', and how many changed ones are left
    to the other formats."""
    equal = [cell for cell in cells if _equal(cell)]
    other = sum(cell["status"] != "same" for cell in equal)
    rest = f", {other} of them but for fingerprints" if other else ""
    said = [f"{len(equal)} of {total} the same as the baseline{rest}"] if equal else []
    return "; ".join(
        [*said, *([f"{len(cells) - len(equal)} more that changed: see --json"] if len(cells) > len(equal) else [])]
    )


def _equal(cell: Part) -> bool:
    """Is every number of it as it was, whatever its fingerprints?"""
    checks = [check for check in cell["checks"] if not check["advisory"]]
    equal = bool(checks) and all(check["status"] == "same" for check in checks)
    return cell["status"] == "same" or (cell["status"] == "within" and equal)


def _section(name: str, cells: Sequence[Part], shown: Sequence[Part], unicode: bool) -> Section:
    rows = [(cell, check) for cell in shown for check in _told(cell)]
    counts = Counter(cell["verdict"] for cell in cells)
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    told = [cell for cell in shown if cell["verdict"] != "pass" or cell["status"] == "better"]
    lines = [plain(said(cell, cell), unicode) for cell in told]
    if len(cells) > len(shown):
        here = {id(cell) for cell in shown}
        lines.append(_unshown([cell for cell in cells if id(cell) not in here], len(cells)))
    return Section(plain(name, unicode), words, [*([_columns(rows, unicode)] if rows else []), *map(Line, lines)])


def _told(cell: Part) -> list[Part | None]:
    """The checks of a cell that say something; one row with none where the cell itself has all to say."""
    return [check for check in cell["checks"] if check["status"] != "same"] or [None]


def _columns(rows: Sequence[tuple[Part, Part | None]], unicode: bool) -> tuple[Column, ...]:
    def text(value: object) -> Cell:
        return Cell(plain(value, unicode))

    def number(name: str) -> tuple[Cell, ...]:
        return tuple(Cell(_value((check or {}).get(name))) for _, check in rows)

    columns = (
        Column("optimizer", tuple(text(cell["optimizer"]) for cell, _ in rows), numeric=False),
        Column(
            "verdict",
            tuple(text(_word(check or cell)) for cell, check in rows),
            numeric=False,
        ),
        Column(
            "what",
            tuple(
                Cell("-") if check is None else Cell(plain(check["metric"], unicode), "(advisory)" * check["advisory"])
                for _, check in rows
            ),
            1,
            numeric=False,
        ),
        Column("baseline", number("baseline"), 2),
        Column("now", number("measured"), 2),
        Column("change", tuple(Cell(change_text(check, "change")) for _, check in rows)),
        Column("allowed", tuple(Cell(change_text(check, "allowed")) for _, check in rows), 3),
    )
    return tuple(column for column in columns if any(cell.value != "-" for cell in column.cells))


def _word(part: Part) -> str:
    """'fail, worse'; of what is advisory 'worse', since nothing follows from it."""
    return str(part["status"] if part.get("advisory") else f"{part['verdict']}, {part['status']}")


def _value(value: float | None) -> str:
    return "-" if value is None else significant(value, 4)

"""One file, several problems: wherever a number may stand, `{sweep: [10, 100, 1000]}` may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from adambench.problem.document import Mapping, Node, Scalar, Sequence, join
from adambench.problem.finding import Finding
from adambench.problem.fit import wrong
from adambench.text import number_text

MOST_VARIANTS = 1000
"""Problems that one file may become."""
_KEY = "sweep"
_MOST_BITS = 1023
"""Of a whole number that is a float, too."""


@dataclass(frozen=True)
class Variant:
    """A file with one value in the place of each sweep; `values` are they, each with its path."""

    root: Mapping
    values: tuple[tuple[str, float], ...]

    @property
    def suffix(self) -> str:
        """What tells its name from its sisters': -condition-100."""
        return "".join(f"-{path.rpartition('.')[2].partition('[')[0]}-{number_text(v)}" for path, v in self.values)


def variants(root: Mapping, findings: list[Finding]) -> list[Variant]:
    """Every combination of the values swept, the first sweep slowest; the file itself where it has none.

    Empty where a sweep is wrong, which has then been reported.
    """
    before = len(findings)
    swept = {path: _values(node, path, findings) for path, node in _sweeps(root, "")}
    if len(findings) > before:
        return []
    count = prod(len(values) for values in swept.values())
    if count > MOST_VARIANTS:
        wrong(root, "", f"at most {MOST_VARIANTS:,} combinations of swept values", findings, got=f"{count:,}")
        return []
    found = []
    for chosen in product(*swept.values()):
        scalars = dict(zip(swept, chosen, strict=True))
        replaced = _replaced(root, "", scalars)
        assert isinstance(replaced, Mapping)
        numbers = tuple((path, float(scalar.value)) for path, scalar in scalars.items())  # type: ignore[arg-type]
        found.append(Variant(replaced, numbers))
    return found


def _sweeps(node: Node, path: str) -> Iterator[tuple[str, Mapping]]:
    """Each sweep with the path of the number that it stands for."""
    if isinstance(node, Mapping):
        if path and [name.value for name, _ in node.entries] == [_KEY]:
            yield path, node
            return
        for name, value in node.entries:
            yield from _sweeps(value, join(path, str(name.value)))
    if isinstance(node, Sequence):
        for place, item in enumerate(node.items):
            yield from _sweeps(item, f"{path}[{place}]")


def _values(node: Mapping, path: str, findings: list[Finding]) -> list[Scalar]:
    """The numbers of a sweep, each once."""
    given = node.entries[0][1]
    if path.startswith(("optimizers", "require")):
        wanted = "no sweep here (the values of an optimizer are listed: adam:lr=0.1/0.01)"
        wrong(node, path, wanted, findings, got="one")
        return []
    if not isinstance(given, Sequence) or not given.items:
        wrong(given, join(path, _KEY), "a list of numbers", findings)
        return []
    numbers: dict[float, Scalar] = {}
    for place, item in enumerate(given.items):
        where = f"{join(path, _KEY)}[{place}]"
        if not isinstance(item, Scalar) or isinstance(item.value, bool) or not isinstance(item.value, (int, float)):
            wrong(item, where, "a number", findings)
        elif isinstance(item.value, int) and item.value.bit_length() > _MOST_BITS:
            wrong(item, where, "a finite number", findings)
        elif item.value in numbers:
            wrong(item, where, "each number once", findings, got=f"{item.text} again")
        else:
            numbers[item.value] = item
    return list(numbers.values())


def _replaced(node: Node, path: str, scalars: dict[str, Scalar]) -> Node:
    """The tree with a number in the place of each sweep."""
    if path in scalars:
        return scalars[path]
    if isinstance(node, Mapping):
        entries = ((name, _replaced(value, join(path, str(name.value)), scalars)) for name, value in node.entries)
        return Mapping(node.line, node.column, tuple(entries))
    if isinstance(node, Sequence):
        items = (_replaced(item, f"{path}[{place}]", scalars) for place, item in enumerate(node.items))
        return Sequence(node.line, node.column, tuple(items))
    return node

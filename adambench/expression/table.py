"""What the run cannot change is computed before it: numbers, and one for each turn of a loop, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.expression.node import Graph, Node, below
from adambench.expression.whole import Affine

MOST_NUMBERS = 40_000_000
"""That are computed before the run: 320 MB, and a second or two, at most."""
_LEAVES = ("const", "number", "entry")
_NUMPY: dict[str, Any] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "power": np.power,
    "larger": np.maximum,
    "smaller": np.minimum,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sigmoid": lambda a: np.where(a >= 0.0, 1.0, np.exp(-abs(a))) / (1.0 + np.exp(-abs(a))),
    "softplus": lambda a: np.maximum(a, 0.0) + np.log1p(np.exp(-abs(a))),
}
_COMPARED = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@dataclass(frozen=True)
class Tables:
    """What is put in place of parts of the tree: `parts`, by the names of their tables. Not computed yet."""

    parts: dict[str, Node]

    def fill(self, g: Graph, arrays: dict[str, NDArray[np.float64]]) -> None:
        """Add them to `arrays`; what they are made of is forgotten after its last use."""
        order = below(self.parts.values())
        uses = Counter(argument.order for node in order for argument in node.arguments)
        uses.update(part.order for part in self.parts.values())
        values: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for node in order:
                values[node.order] = evaluated(g, node, values, arrays)
                for argument in node.arguments:
                    _used(values, uses, argument)
        for name, part in self.parts.items():
            (variable,) = part.variables
            numbers = np.broadcast_to(values[part.order], (variable.count.constant,))
            arrays[name] = numbers.astype(np.float64, copy=False)
            _used(values, uses, part)


def _used(values: dict[int, Any], uses: Counter[int], node: Node) -> None:
    uses[node.order] -= 1
    if not uses[node.order]:
        del values[node.order]


def tabulate(g: Graph, roots: list[Node], arrays: Mapping[str, NDArray[np.float64]]) -> tuple[list[Node], Tables]:
    """The roots with every part that depends on at most one loop, and not on x, replaced by an entry of a table; or by
    a number. What would take more than `MOST_NUMBERS` to compute is left to the run."""
    new: dict[int, Node] = {}
    values: dict[int, Any] = {}
    tabled: set[int] = set()
    room = MOST_NUMBERS
    order = below(roots)
    with np.errstate(all="ignore"):
        for node in order:
            if not _fixed(node):
                continue
            if not node.variables:
                values[node.order] = evaluated(g, node, values, arrays)
            elif all(argument.order in values or argument.order in tabled for argument in node.arguments):
                (variable,) = node.variables
                if variable.count.constant <= room:
                    room -= variable.count.constant
                    tabled.add(node.order)
    parts: dict[str, Node] = {}

    def replaced(node: Node) -> Node:
        if node.operation in _LEAVES or (node.order not in values and node.order not in tabled):
            return new.get(node.order, node)
        if node.order in values:
            value = float(values[node.order])
            return g.number(f"={value!r}", value)
        (variable,) = node.variables
        name = f"#{node.order}"
        parts[name] = node
        return g.make("entry", payload=(name, Affine(0, ((variable, 1),))))

    for node in order:
        if node.order not in values and node.order not in tabled:
            arguments = [replaced(argument) for argument in node.arguments]
            new[node.order] = g.make(node.operation, *arguments, payload=node.payload)
    return [replaced(root) for root in roots], Tables(parts)


def settled(node: Node) -> bool:
    """Whether it is one number that is known before the run."""
    return not node.variables and not node.varies and not node.gathered


def _fixed(node: Node) -> bool:
    """Whether all is known before the run, turn by turn of one loop."""
    if node.varies or node.gathered or len(node.variables) > 1:
        return False
    return all(not loop.count.terms and not loop.sampled for loop in node.variables)


def evaluated(g: Graph, node: Node, values: Mapping[int, Any], arrays: Mapping[str, NDArray[np.float64]]) -> Any:
    """A number, or an array with one for each turn."""
    arguments = [values[argument.order] for argument in node.arguments]
    match node.operation:
        case "const":
            return np.float64(node.payload)
        case "number":
            return np.float64(g.numbers[node.payload])
        case "index":
            return _turns(node.payload).astype(np.float64)
        case "entry":
            name, index = node.payload
            return arrays[name].ravel()[_turns(index)]
        case "choose":
            left, right, then, otherwise = arguments
            return np.where(_COMPARED[node.payload](left, right), then, otherwise)
    return applied(node.operation, *arguments)


def applied(operation: str, *arguments: Any) -> Any:
    """What an operation on numbers, or on arrays of them, makes."""
    return (_NUMPY.get(operation) or getattr(np, operation))(*arguments)


def _turns(index: Affine) -> Any:
    if not index.terms:
        return np.int64(index.constant)
    ((variable, factor),) = index.terms
    return index.constant + factor * np.arange(variable.count.constant)

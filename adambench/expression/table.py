"""What the run cannot change is computed before it: numbers, and one for each turn of a loop, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.expression.node import Graph, Node, below
from adambench.expression.whole import Affine

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
}
_COMPARED = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def tabulate(g: Graph, roots: list[Node], arrays: dict[str, NDArray[np.float64]]) -> list[Node]:
    """The roots with every part that depends on at most one loop, and not on x, replaced by an entry of a table, which
    is added to `arrays`; or by a number."""
    new: dict[int, Node] = {}
    values: dict[int, Any] = {}
    order = below(roots)
    with np.errstate(all="ignore"):
        for node in order:
            if _fixed(node):
                values[node.order] = _evaluated(g, node, values, arrays)
    tables: dict[str, NDArray[np.float64]] = {}

    def replaced(node: Node) -> Node:
        if node.order not in values or node.operation in _LEAVES:
            return new.get(node.order, node)
        if not node.variables:
            value = float(values[node.order])
            return g.number(f"={value!r}", value)
        (variable,) = node.variables
        name = f"#{node.order}"
        tables[name] = np.broadcast_to(values[node.order], (variable.count.constant,)).astype(np.float64)
        return g.make("entry", payload=(name, Affine(0, ((variable, 1),))))

    for node in order:
        if node.order not in values:
            arguments = [replaced(argument) for argument in node.arguments]
            new[node.order] = g.make(node.operation, *arguments, payload=node.payload)
    found = [replaced(root) for root in roots]
    arrays.update(tables)
    return found


def _fixed(node: Node) -> bool:
    """Whether all is known before the run, turn by turn of one loop."""
    if node.varies or node.gathered or len(node.variables) > 1:
        return False
    return all(not loop.count.terms and not loop.sampled for loop in node.variables)


def _evaluated(g: Graph, node: Node, values: dict[int, Any], arrays: dict[str, NDArray[np.float64]]) -> Any:
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
    return (_NUMPY.get(node.operation) or getattr(np, node.operation))(*arguments)


def _turns(index: Affine) -> Any:
    if not index.terms:
        return np.int64(index.constant)
    ((variable, factor),) = index.terms
    return index.constant + factor * np.arange(variable.count.constant)

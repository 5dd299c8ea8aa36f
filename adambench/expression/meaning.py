"""What an expression means, for the hash of a problem: its tree with its numbers, and no names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.expression.node import Graph, Node, below
from adambench.expression.whole import Affine, Variable

_COMMUTATIVE = ("add", "mul")


def meaning(g: Graph, root: Node, arrays: Mapping[str, NDArray[np.float64]]) -> str:
    """64 hexadecimal digits: equal where the operations on x and the numbers in them are, whatever these are called,
    wherever they are declared, and however sums and products of two are turned."""
    tree = Digests(g, arrays)
    for node in below([root]):
        tree.add(node)
    return tree.nodes[root.order]


class Digests:
    """Of nodes, loops and arrays, each from those of what it is made of, so that each is made once."""

    def __init__(self, g: Graph, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        self.numbers, self.arrays = g.numbers, arrays
        self.nodes: dict[int, str] = {}
        self.loops: dict[Variable, str] = {}
        self.data: dict[str, str] = {}

    def add(self, node: Node) -> None:
        parts = [self.nodes[argument.order] for argument in node.arguments]
        if node.operation in _COMMUTATIVE:
            parts.sort()
        match node.operation, node.payload:
            case "number", key:
                self.nodes[node.order] = _digest("const", repr(float(self.numbers[key])))
            case "const", value:
                self.nodes[node.order] = _digest("const", repr(value))
            case "entry", (name, index):
                if name not in self.data:
                    self.data[name] = _digest(self.arrays[name].astype("<f8").tobytes().hex())
                self.nodes[node.order] = _digest("entry", self.data[name], self._affine(index))
            case operation, payload:
                self.nodes[node.order] = _digest(operation, self._shown(payload), *parts)

    def _shown(self, payload: Any) -> str:
        match payload:
            case Affine():
                return self._affine(payload)
            case Variable():
                return self._loop(payload)
        return repr(payload)

    def _affine(self, value: Affine) -> str:
        return repr([value.constant, *sorted((self._loop(variable), factor) for variable, factor in value.terms)])

    def _loop(self, variable: Variable) -> str:
        if variable not in self.loops:
            self.loops[variable] = _digest(repr(variable.depth), repr(variable.sampled), self._affine(variable.count))
        return self.loops[variable]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

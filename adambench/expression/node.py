"""The tree of an expression: scalars in loops. Equal parts are one node, so that each is computed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adambench.expression.whole import Affine, Variable, Variables

MOST_NODES = 2000
REDUCTIONS = ("sum", "prod", "max")


@dataclass(frozen=True, eq=False)
class Node:
    """One operation on `arguments`.

    operation    payload
    const        a float
    number       its key in `Graph.numbers`: known before the run, but not part of the code
    coordinate   an Affine: x there
    entry        (name of an array, Affine): data there
    index        an Affine, as a real number
    add sub mul div power less ..., unary functions
    choose       a comparison; arguments: left, right, then, otherwise
    sum prod max the Variable whose loop the only argument is evaluated in
    others       of (prod,): the product of all factors but that of its Variable's value
    first        of (max,): 1 where its Variable has the first value that is largest, else 0

    `variables`: the loops that it must be computed in. `varies`: it depends on x. `gathered`:
    it is made of what loops leave or runs decide. `order`: after all its arguments'.
    """

    operation: str
    arguments: tuple[Node, ...]
    payload: Any
    variables: frozenset[Variable]
    varies: bool
    gathered: bool
    order: int


class TooLarge(Exception):
    """More nodes than any formula needs."""


class NotFinite(Exception):
    """A constant that is not a number."""


@dataclass
class Graph:
    """All nodes of one expression, and its loops. `most`: how many nodes there may be. `numbers`: the values of
    `number` nodes. `strict`: constants must be finite."""

    nodes: dict[tuple[Any, ...], Node] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    loops: Variables = field(default_factory=Variables)
    most: int = MOST_NODES
    strict: bool = True

    def make(self, operation: str, *arguments: Node, payload: Any = None) -> Node:
        key = (operation, tuple(argument.order for argument in arguments), payload)
        found = self.nodes.get(key)
        if found is None:
            if len(self.nodes) >= self.most:
                raise TooLarge
            variables = frozenset().union(*(argument.variables for argument in arguments))
            varies = operation == "coordinate" or any(argument.varies for argument in arguments)
            if operation in REDUCTIONS:
                variables = (variables | payload.count.variables) - {payload}
            elif operation in ("others", "first"):
                variables |= payload.needs
            elif isinstance(payload, Affine):
                variables |= payload.variables
            elif operation == "entry":
                variables |= payload[1].variables
            gathered = operation in (*REDUCTIONS, "share") or any(argument.gathered for argument in arguments)
            place = len(self.nodes)
            found = self.nodes[key] = Node(operation, arguments, payload, variables, varies, gathered, place)
        return found

    def const(self, value: float) -> Node:
        if not np.isfinite(value) and self.strict:
            raise NotFinite
        return self.make("const", payload=float(value) + 0.0)

    def number(self, key: str, value: float) -> Node:
        self.numbers[key] = value
        return self.make("number", payload=key)

    def index(self, value: Affine) -> Node:
        if value.terms:
            return self.make("index", payload=value)
        return self.number(f"={value.constant}", value.constant) if value.varies else self.const(value.constant)

    def add(self, a: Node, b: Node) -> Node:
        if is_const(a, 0.0):
            return b
        if is_const(b, 0.0):
            return a
        if b.operation == "neg":
            return self.sub(a, b.arguments[0])
        if joined := self._joined(a, b):
            return joined
        return self._folded("add", a, b) or self.make("add", *sorted((a, b), key=_order))

    def sub(self, a: Node, b: Node) -> Node:
        if is_const(b, 0.0):
            return a
        if is_const(a, 0.0):
            return self.neg(b)
        if b.operation == "neg":
            return self.add(a, b.arguments[0])
        return self._folded("sub", a, b) or self.make("sub", a, b)

    def mul(self, a: Node, b: Node) -> Node:
        if b.operation == "const":
            a, b = b, a
        if is_const(a, 1.0):
            return b
        if is_const(a, -1.0):
            return self.neg(b)
        if folded := self._folded("mul", a, b):
            return folded
        if a.operation == "const" and b.operation == "mul":
            if factor := self._folded("mul", a, b.arguments[0]):
                return self.mul(factor, b.arguments[1])
            return self.make("mul", a, b)
        if a.operation == "const" and b.operation == "neg":
            return self.mul(self.neg(a), b.arguments[0])
        if a.operation != "const" and b.operation == "mul" and b.arguments[0].operation == "const":
            return self.mul(b.arguments[0], self.mul(a, b.arguments[1]))
        if a.operation == "mul" and a.arguments[0].operation == "const" and b.operation != "const":
            return self.mul(a.arguments[0], self.mul(a.arguments[1], b))
        return self.make("mul", *((a, b) if a.operation == "const" else sorted((a, b), key=_order)))

    def div(self, a: Node, b: Node) -> Node:
        return a if is_const(b, 1.0) else self._folded("div", a, b) or self.make("div", a, b)

    def neg(self, a: Node) -> Node:
        if a.operation == "const":
            return self.const(-a.payload)
        if a.operation == "neg":
            return a.arguments[0]
        if a.operation == "sub":
            return self.sub(a.arguments[1], a.arguments[0])
        if a.operation == "mul" and a.arguments[0].operation == "const":
            return self.mul(self.neg(a.arguments[0]), a.arguments[1])
        return self.make("neg", a)

    def raised(self, a: Node, exponent: int) -> Node:
        """A whole power as products: pow differs from machine to machine, and takes ten times as long."""
        if exponent < 0:
            return self.div(self.const(1.0), self.raised(a, -exponent))
        if exponent == 0:
            return self.const(1.0)
        if exponent == 1:
            return a
        half = self.raised(a, exponent // 2)
        square = self.mul(half, half)
        return self.mul(square, a) if exponent % 2 else square

    def choose(self, comparison: str, left: Node, right: Node, then: Node, otherwise: Node) -> Node:
        return then if then is otherwise else self.make("choose", left, right, then, otherwise, payload=comparison)

    def unary(self, operation: str, a: Node) -> Node:
        return self.make(operation, a)

    def reduce(self, operation: str, variable: Variable, body: Node) -> Node:
        if operation == "sum" and variable not in body.variables and not variable.sampled:
            return self.mul(self.index(variable.count), body)
        return self.make(operation, body, payload=variable)

    def _folded(self, operation: str, a: Node, b: Node) -> Node | None:
        """What two constants make, in float64 only."""
        if a.operation != "const" or b.operation != "const":
            return None
        left, right = np.float64(a.payload), np.float64(b.payload)
        with np.errstate(all="ignore"):
            value = {
                "add": left + right,
                "sub": left - right,
                "mul": left * right,
                "div": left / right,
            }[operation]
        return self.const(float(value)) if np.isfinite(value) or self.strict else None

    def _joined(self, a: Node, b: Node) -> Node | None:
        """Of a choice of something or 0, and one of 0 or something, by the same comparison: one choice."""
        if a.operation != "choose" or b.operation != "choose":
            return None
        if a.payload != b.payload or a.arguments[:2] != b.arguments[:2]:
            return None
        (left, right, p, q), (_, _, r, s) = a.arguments, b.arguments
        if (is_const(p, 0.0) or is_const(r, 0.0)) and (is_const(q, 0.0) or is_const(s, 0.0)):
            return self.choose(a.payload, left, right, self.add(p, r), self.add(q, s))
        return None


def is_const(node: Node, value: float) -> bool:
    return node.operation == "const" and node.payload == value


def below(roots: Iterable[Node]) -> list[Node]:
    """The roots and all that they are made of, arguments first."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.order not in found:
            found[node.order] = node
            waiting.extend(node.arguments)
    return [found[order] for order in sorted(found)]


def _order(node: Node) -> int:
    return node.order

"""The functions of one number: how a kernel computes each, and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adambench.expression.node import Graph, Node
from adambench.expression.whole import Affine


@dataclass(frozen=True)
class Elementary:
    """`code`: Python with {} for the argument; empty where `lower` spells it in other operations.

    `slope(graph, y, a)`: dy/da at y = f(a); None is 0 everywhere.
    """

    code: str
    slope: Callable[[Graph, Node, Node], Node] | None


def _sqrt(g: Graph, y: Node, a: Node) -> Node:
    """0 stands for the infinite slope at 0: of a distance, it is the middle of all slopes that meet there."""
    return g.choose("==", y, g.const(0.0), g.const(0.0), g.div(g.const(0.5), y))


def _tan(g: Graph, y: Node, a: Node) -> Node:
    return g.add(g.const(1.0), g.mul(y, y))


def _tanh(g: Graph, y: Node, a: Node) -> Node:
    return g.sub(g.const(1.0), g.mul(y, y))


def _asin(g: Graph, y: Node, a: Node) -> Node:
    return g.div(g.const(1.0), g.unary("sqrt", g.sub(g.const(1.0), g.mul(a, a))))


def _atan(g: Graph, y: Node, a: Node) -> Node:
    return g.div(g.const(1.0), g.add(g.const(1.0), g.mul(a, a)))


def _sigmoid(g: Graph, y: Node, a: Node) -> Node:
    """1 - y would have no digits left where y is close to 1."""
    return g.mul(y, g.unary("sigmoid", g.neg(a)))


ELEMENTARY = {
    "exp": Elementary("np.exp({})", lambda g, y, a: y),
    "log": Elementary("np.log({})", lambda g, y, a: g.div(g.const(1.0), a)),
    "sqrt": Elementary("np.sqrt({})", _sqrt),
    "sin": Elementary("np.sin({})", lambda g, y, a: g.unary("cos", a)),
    "cos": Elementary("np.cos({})", lambda g, y, a: g.neg(g.unary("sin", a))),
    "tan": Elementary("np.tan({})", _tan),
    "asin": Elementary("np.arcsin({})", _asin),
    "acos": Elementary("np.arccos({})", lambda g, y, a: g.neg(_asin(g, y, a))),
    "atan": Elementary("np.arctan({})", _atan),
    "sinh": Elementary("np.sinh({})", lambda g, y, a: g.unary("cosh", a)),
    "cosh": Elementary("np.cosh({})", lambda g, y, a: g.unary("sinh", a)),
    "tanh": Elementary("np.tanh({})", _tanh),
    "log1p": Elementary("np.log1p({})", lambda g, y, a: g.div(g.const(1.0), g.add(g.const(1.0), a))),
    "expm1": Elementary("np.expm1({})", lambda g, y, a: g.unary("exp", a)),
    "abs": Elementary("modulus({})", lambda g, y, a: g.unary("sign", a)),
    "sign": Elementary("np.sign({})", None),
    "floor": Elementary("np.floor({})", None),
    "sigmoid": Elementary("", _sigmoid),
    "softplus": Elementary("", lambda g, y, a: g.unary("sigmoid", a)),
}
REDUCING = ("sum", "mean", "prod", "max", "min", "logsumexp")
CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045}
RESERVED = frozenset([*ELEMENTARY, *REDUCING, *CONSTANTS, "where", "range", "len", "n"])
"""Names that nothing of the user's may have; `x` is one more, unless it is among the variables."""


def lower(g: Graph, roots: list[Node], order: list[Node]) -> list[Node]:
    """The roots with every operation spelled in those that kernels have. `order`: all their parts, arguments first."""
    powers = {node.arguments for node in order if node.operation == "power"}
    new: dict[int, Node] = {}
    for node in order:
        arguments = [new[argument.order] for argument in node.arguments]
        new[node.order] = _lowered(g, node, arguments, powers)
    return [new[root.order] for root in roots]


def _lowered(g: Graph, node: Node, arguments: list[Node], powers: set[tuple[Node, ...]]) -> Node:
    match node.operation:
        case "sigmoid" | "softplus":
            (a,) = arguments
            small = g.unary("exp", g.neg(g.unary("abs", a)))
            if node.operation == "softplus":
                return g.add(g.make("larger", a, g.const(0.0)), g.unary("log1p", small))
            top = g.choose(">=", a, g.const(0.0), g.const(1.0), small)
            return g.div(top, g.add(g.const(1.0), small))
        case "frozen":
            return arguments[0]
        case "power":
            # b^a and its slope's b^(a-1) are one pow, where a is known to be at least 1.
            base, exponent = node.arguments
            if exponent.operation == "index" and exponent.payload.least() >= 1:
                less = one_less(g, exponent)
                if (base, less) in powers:
                    return g.mul(g.make("power", arguments[0], less), arguments[0])
    return g.make(node.operation, *arguments, payload=node.payload)


def one_less(g: Graph, exponent: Node) -> Node:
    if exponent.operation == "index":
        return g.index(exponent.payload.plus(Affine(-1)))
    return g.sub(exponent, g.const(1.0))

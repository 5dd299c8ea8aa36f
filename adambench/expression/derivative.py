"""The gradient of an expression: reverse mode on the tree, which makes more tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adambench.expression.node import Graph, Node, below, is_const
from adambench.expression.vocabulary import ELEMENTARY, one_less
from adambench.expression.whole import Affine, Variable

Path = tuple[Variable, ...]
"""Loops, from the outermost on."""


@dataclass(frozen=True, eq=False)
class Share:
    """gradient[index] += value, in every turn of the loops of `path`; `index` depends on the innermost of them."""

    path: Path
    index: Affine
    value: Node


def gradient(g: Graph, root: Node) -> list[Share]:
    """What each read of x adds to the gradient of `root`; in the order of the reads, one for each path and index.

    The slope by a node that an outer loop computes is summed over the inner loops first: a loop over what a sum was
    made of then runs once, and not once for every use of the sum.
    """
    slopes: dict[int, dict[Path, Node]] = {root.order: {(): g.const(1.0)}}

    def give(node: Node, path: Path, slope: Node) -> None:
        if not node.varies or is_const(slope, 0.0):
            return
        while path and path[-1] not in node.variables:
            slope = g.reduce("sum", path[-1], slope)
            path = path[:-1]
        by_path = slopes.setdefault(node.order, {})
        by_path[path] = g.add(by_path[path], slope) if path in by_path else slope

    shares = []
    for node in reversed(below([root])):
        for path, slope in slopes.get(node.order, {}).items():
            if node.operation == "coordinate":
                shares.append(Share(path, node.payload, slope))
            else:
                _pass_on(g, node, path, slope, give)
    return shares[::-1]


def _pass_on(g: Graph, node: Node, path: Path, slope: Node, give: Callable[[Node, Path, Node], None]) -> None:
    """The slopes by the arguments of `node`, given the one by it."""
    match node.operation, node.arguments:
        case "add", (a, b):
            give(a, path, slope)
            give(b, path, slope)
        case "sub", (a, b):
            give(a, path, slope)
            give(b, path, _live(g, slope, g.neg))
        case "neg", (a,):
            give(a, path, _live(g, slope, g.neg))
        case "mul", (a, b):
            if a is b:
                give(a, path, _times(g, slope, g.mul(g.const(2.0), a)))
                return
            if a.varies:
                give(a, path, _times(g, slope, b))
            if b.varies:
                give(b, path, _times(g, slope, a))
        case "div", (a, b):
            part = _live(g, slope, lambda s: g.div(s, b))
            give(a, path, part)
            if b.varies:
                give(b, path, _live(g, part, lambda s: g.neg(g.mul(s, node))))
        case "power", (a, b):
            if a.varies:
                give(a, path, _times(g, slope, g.mul(b, g.make("power", a, one_less(g, b)))))
            if b.varies:
                curve = g.mul(node, g.unary("log", a))
                give(b, path, _times(g, slope, g.choose(">", a, g.const(0.0), curve, g.const(0.0))))
        case "choose", (left, right, then, otherwise):
            give(then, path, g.choose(node.payload, left, right, slope, g.const(0.0)))
            give(otherwise, path, g.choose(node.payload, left, right, g.const(0.0), slope))
        case "larger" | "smaller", (a, b):
            comparison = ">=" if node.operation == "larger" else "<="
            give(a, path, g.choose(comparison, a, b, slope, g.const(0.0)))
            give(b, path, g.choose(comparison, a, b, g.const(0.0), slope))
        case "sum", (body,):
            give(body, (*path, node.payload), slope)
        case "prod", (body,):
            give(body, (*path, node.payload), _times(g, slope, g.make("others", node, payload=node.payload)))
        case "max", (body,):
            first = g.make("first", node, payload=node.payload)
            give(body, (*path, node.payload), g.choose("!=", first, g.const(0.0), slope, g.const(0.0)))
        case "frozen", _:
            pass
        case _, (a,):
            rule = ELEMENTARY[node.operation].slope
            if rule is not None:
                give(a, path, _times(g, slope, rule(g, node, a)))


def _times(g: Graph, slope: Node, factor: Node) -> Node:
    return _live(g, slope, lambda s: g.mul(s, factor))


def _live(g: Graph, slope: Node, change: Callable[[Node], Node]) -> Node:
    """`change` of a slope; of one that `where` made 0, it stays 0, whatever the other branch may hold."""
    if slope.operation == "choose":
        left, right, then, otherwise = slope.arguments
        if is_const(otherwise, 0.0):
            return g.choose(slope.payload, left, right, _live(g, then, change), otherwise)
        if is_const(then, 0.0):
            return g.choose(slope.payload, left, right, then, _live(g, otherwise, change))
    return change(slope)

"""Reductions: a sum, mean, product or extreme of a vector or of a loop."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from adambench.expression.construct import construct
from adambench.expression.node import Node
from adambench.expression.value import Vector, described
from adambench.expression.vocabulary import RESERVED
from adambench.expression.whole import Affine, Variable

if TYPE_CHECKING:
    from adambench.expression.reading import Reader

MOST_LOOPS = 8
"""In one another."""


def reduction(reader: Reader, node: ast.Call, name: str, argument: ast.expr) -> Node:
    if isinstance(argument, ast.GeneratorExp):
        return _loops(reader, node, name, argument, argument.generators)
    value = reader.value(argument)
    if not isinstance(value, Vector):
        reader.wrong(argument, f"a vector, or ... for i in range(...), in {name}", described(value))
    variable = _loop(reader, argument, value.length)
    if value.length.constant == 0:
        return _nothing(reader, node, name)
    return _reduced(reader, name, variable, value.at(Affine(0, ((variable, 1),))))


def _loops(
    reader: Reader, node: ast.Call, name: str, argument: ast.GeneratorExp, loops: list[ast.comprehension]
) -> Node:
    """`name(... for i in range(...) for j in range(...))`: `loops`, of which the last is the innermost."""
    around = len(argument.generators) - len(loops)
    loop = loops[0]
    if loop.ifs or loop.is_async:
        reader.wrong(loop.ifs[0] if loop.ifs else argument, "a loop without a condition (where has one)", "a condition")
    if not isinstance(loop.target, ast.Name):
        reader.wrong(loop.target, "one name as the index of a loop", construct(loop.target))
    index = loop.target.id
    if (
        index in reader.names
        or index in reader.wholes.names
        or index in RESERVED
        or index == "x"
        or index.startswith("_")
    ):
        reader.wrong(loop.target, "a new name for the index of a loop", f"{index[:60]!r}")
    variable, value = _range(reader, loop.iter, index)
    if name == "mean" and any(outer.depth >= reader.depth - around for outer in variable.count.variables):
        reader.wrong(loop.iter, "a mean over loops of fixed bounds", "bounds that depend on another of its loops")
    if index == reader.over:
        variable = _sampled(reader, loop.iter, name, variable, value)
        value = Affine(0, ((variable, 1),))
    if not variable.count.terms and variable.count.constant == 0:
        return _nothing(reader, node, name)
    reader.wholes.names[index] = value
    reader.depth += 1
    try:
        if len(loops) > 1:
            inner = _loops(reader, node, name, argument, loops[1:])
        else:
            inner = reader.number(argument.elt, "in a loop")
    finally:
        reader.depth -= 1
        del reader.wholes.names[index]
    return _reduced(reader, name, variable, inner)


def _range(reader: Reader, node: ast.expr, index: str) -> tuple[Variable, Affine]:
    """The loop, and the value of its index."""
    is_range = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
    if not isinstance(node, ast.Call) or not is_range or node.keywords or not 1 <= len(node.args) <= 3:
        reader.wrong(node, "range(stop), range(start, stop) or range(start, stop, step)", construct(node))
    bounds = []
    for argument in node.args:
        bound = reader.wholes.of(argument)
        if bound is None:
            wanted = "a bound of whole numbers, loop indices, n, len(...) and whole parameters"
            reader.wrong(argument, wanted, construct(argument))
        bounds.append(bound)
    start, stop = (Affine(0), bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2].constant if len(bounds) == 3 else 1
    if step == 0 or (len(bounds) == 3 and bounds[2].terms):
        reader.wrong(node.args[2], "a fixed step other than 0", construct(node.args[2]))
    distance = stop.plus(start.times(-1))
    if distance.terms and abs(step) != 1:
        reader.wrong(node, "fixed bounds with a step", "bounds that depend on a loop")
    if distance.terms:
        count = distance.times(step)
    else:
        count = Affine(len(range(0, distance.constant, step)), (), distance.varies)
    variable = _loop(reader, node, count)
    return variable, start.plus(Affine(0, ((variable, step),)))


def _loop(reader: Reader, node: ast.AST, count: Affine) -> Variable:
    """One of so many turns, inside of those that the reader is in."""
    if reader.depth >= MOST_LOOPS:
        reader.wrong(node, f"at most {MOST_LOOPS} loops in one another", "more")
    most = count.most()
    if most > reader.most_turns:
        reader.wrong(node, f"at most {reader.most_turns:,} turns of a loop", f"{most:,}")
    return reader.graph.loops.at(reader.depth, count)


def _sampled(reader: Reader, node: ast.expr, name: str, variable: Variable, value: Affine) -> Variable:
    count = variable.count
    if name not in ("sum", "mean") or reader.depth or value != Affine(0, ((variable, 1),)) or count.terms:
        wanted = f"an outermost sum or mean over range(...) from 0 for the sampled index {reader.over}"
        reader.wrong(node, wanted, f"{name} with another loop")
    if reader.rows not in (None, count.constant):
        reader.wrong(node, f"{reader.rows:,} rows in every loop over {reader.over}", f"{count.constant:,}")
    reader.rows = count.constant
    return reader.graph.loops.at(0, count, sampled=True)


def _nothing(reader: Reader, node: ast.AST, name: str) -> Node:
    if name not in ("sum", "prod"):
        reader.wrong(node, f"something in {name}", "nothing")
    return reader.graph.const(0.0 if name == "sum" else 1.0)


def _reduced(reader: Reader, name: str, variable: Variable, body: Node) -> Node:
    g = reader.graph
    match name:
        case "sum" | "mean":
            total = g.reduce("sum", variable, body)
            if variable.sampled:
                total = g.mul(g.make("share"), total)
            return total if name == "sum" else g.div(total, g.index(variable.count))
        case "min":
            return g.neg(g.reduce("max", variable, g.neg(body)))
        case "logsumexp":
            # The slopes by the largest cancel, exactly only on paper.
            largest = g.make("frozen", g.reduce("max", variable, body))
            grown = g.reduce("sum", variable, g.unary("exp", g.sub(body, largest)))
            return g.add(largest, g.unary("log", grown))
    return g.reduce(name, variable, body)

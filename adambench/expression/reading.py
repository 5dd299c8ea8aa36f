"""Python's syntax tree to a tree of our own: what is not allowed here by name does not get through."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from adambench.errors import nearest
from adambench.expression.construct import construct
from adambench.expression.fault import ExpressionError
from adambench.expression.loops import reduction
from adambench.expression.node import Graph, Node, NotFinite, TooLarge
from adambench.expression.table import applied
from adambench.expression.value import Matrix, Value, Vector, described
from adambench.expression.vocabulary import CONSTANTS, ELEMENTARY, REDUCING
from adambench.expression.whole import Affine
from adambench.expression.wholes import Wholes, chain

LARGEST_EXPONENT = 64
"""Whole powers up to this one are products."""
DEEPEST = 256
_OPERATIONS: dict[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CALLABLE = (*ELEMENTARY, *REDUCING, "where", "len")


@dataclass
class Reader:
    """Reads the texts of one problem. `names`: what they may refer to; `wholes`: those that may stand in an index.

    `over`: the loop whose rows are sampled, and `rows` how many there turn out to be. `places`: the text and column
    where each operation first stands.
    """

    graph: Graph
    names: dict[str, Value]
    wholes: Wholes
    most_turns: int
    over: str | None = None
    rows: int | None = None
    key: str = "expression"
    depth: int = 0
    level: int = 0
    places: dict[int, tuple[str, int]] = field(default_factory=dict)

    def read(self, tree: ast.expr, key: str) -> Value:
        """The meaning of one text. Raises ExpressionError."""
        self.key, self.depth, self.level = key, 0, 0
        try:
            return self.value(tree)
        except TooLarge:
            raise ExpressionError(key, None, f"at most {self.graph.most:,} operations", "more") from None
        except RecursionError:
            raise ExpressionError(key, None, "fewer levels", "too many") from None

    def wrong(self, node: ast.AST, expected: str, got: str) -> NoReturn:
        raise ExpressionError(self.key, getattr(node, "col_offset", None), expected, got)

    def value(self, node: ast.expr) -> Value:
        self.level += 1
        if self.level > DEEPEST:
            raise RecursionError
        try:
            whole = self.wholes.of(node)
            if whole is not None and whole.terms:
                return self.graph.index(whole)
            result = self._value(node)
            if isinstance(result, Node):
                self.places.setdefault(result.order, (self.key, node.col_offset))
            return result
        except NotFinite:
            self.wrong(node, "finite constants", "one that is infinite or not a number")
        finally:
            self.level -= 1

    def number(self, node: ast.expr, where: str) -> Node:
        value = self.value(node)
        return value if isinstance(value, Node) else self.wrong(node, f"one number {where}", described(value))

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return self.graph.const(self._constant(node))
            case ast.Name():
                return self._name(node)
            case ast.BinOp(op=ast.Pow()):
                return self.each(node, self._power, self.value(node.left), self.value(node.right))
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                *inner, first = chain(node)
                result = self.value(first)
                for part in reversed(inner):
                    assert isinstance(part, ast.BinOp)
                    whole = self.wholes.of(part)
                    if whole is not None and whole.terms:
                        result = self.graph.index(whole)
                    else:
                        operation = getattr(self.graph, _OPERATIONS[type(part.op)])
                        result = self.each(part, operation, result, self.value(part.right))
                return result
            case ast.UnaryOp(op=ast.USub()):
                return self.each(node, self.graph.neg, self.value(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.value(node.operand)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self._call(node)
        return self.wrong(node, "numbers, names, + - * / **, indices and function calls", construct(node))

    def each(self, at: ast.AST, operation: Callable[..., Node], *values: Value) -> Value:
        """The operation on numbers, or on each element of vectors, which must then be equally long."""
        lengths = [value.length for value in values if isinstance(value, Vector)]
        if matrix := next((value for value in values if isinstance(value, Matrix)), None):
            self.wrong(
                at, "numbers and vectors (an array with two indices takes them: A[k, i], A[k])", described(matrix)
            )
        if not lengths:
            return operation(*values)
        if other := next((length for length in lengths if length.constant != lengths[0].constant), None):
            lengths_text = f"{lengths[0].constant:,} and {other.constant:,}"
            self.wrong(at, "vectors of the same length", lengths_text)

        def at_index(index: Affine) -> Node:
            return operation(*(value.at(index) if isinstance(value, Vector) else value for value in values))

        cache: dict[Affine, Node] = {}

        def kept(index: Affine) -> Node:
            if index not in cache:
                cache[index] = at_index(index)
            return cache[index]

        return Vector(next((length for length in lengths if length.varies), lengths[0]), kept)

    def _constant(self, node: ast.Constant) -> float:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(node, "numbers", construct(node))
        try:
            return float(value)
        except OverflowError:
            raise NotFinite from None

    def _name(self, node: ast.Name) -> Value:
        name = node.id
        if name in self.names:
            return self.names[name]
        if name in CONSTANTS:
            return self.graph.const(CONSTANTS[name])
        if name in self.wholes.names:
            return self.graph.index(self.wholes.names[name])
        known = list(dict.fromkeys([*self.names, *self.wholes.names, *CONSTANTS]))
        return self.wrong(node, f"one of the names {', '.join(known)}", f"{name[:60]!r}{nearest(name[:60], known)}")

    def _power(self, base: Node, exponent: Node) -> Node:
        g = self.graph
        value = exponent.payload if exponent.operation == "const" else None
        if exponent.operation == "number":
            value = g.numbers[exponent.payload]
            value = value if value == int(value) else None
        if value is not None and value == int(value) and abs(value) <= LARGEST_EXPONENT:
            return g.raised(base, int(value))
        if value is not None and base.operation == "const":
            try:
                result = float(base.payload) ** float(value)
            except (OverflowError, ZeroDivisionError):
                raise NotFinite from None
            if isinstance(result, complex):
                raise NotFinite
            return g.const(result)
        if value in (0.5, -0.5):
            root = g.unary("sqrt", base)
            return root if value == 0.5 else g.div(g.const(1.0), root)
        return g.make("power", base, exponent)

    def _applied(self, name: str, a: Node) -> Node:
        if a.operation != "const":
            return self.graph.unary(name, a)
        with np.errstate(all="ignore"):
            return self.graph.const(float(applied(name, np.float64(a.payload))))

    # Indices

    def _fixed(self, node: ast.expr, what: str) -> Affine:
        """A whole number that no loop changes."""
        found = self.wholes.of(node)
        if found is None or found.terms:
            self.wrong(node, f"{what} of whole numbers, n and whole parameters", construct(node))
        return found

    def _index(self, node: ast.expr, length: Affine) -> Affine:
        index = self.wholes.of(node)
        if index is None:
            self.wrong(node, "an index of whole numbers, loop indices, n, + - and *", construct(node))
        if not index.terms and -length.constant <= index.constant < 0:
            return index.plus(length)
        least, most = index.least(), index.most()
        if least < 0 or most >= length.constant:
            got = f"{least:,}" if least == most else f"one from {least:,} to {most:,}"
            self.wrong(node, f"an index from 0 to {length.constant - 1:,}", got)
        return index

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(base, Node):
            self.wrong(node, "a vector before [", "one number")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if len(parts) > (2 if isinstance(base, Matrix) else 1):
            self.wrong(node.slice, "one index", f"{len(parts)}")
        if isinstance(base, Vector):
            return self._part(parts[0], base)
        columns = parts[1] if len(parts) == 2 else ast.Slice()
        matrix = base
        if isinstance(parts[0], ast.Slice):
            if isinstance(columns, ast.Slice):
                self.wrong(node.slice, "at least one index (A[k, i], A[k], A[:, i])", "slices")
            j = self._index(columns, matrix.columns)
            return self._part(parts[0], Vector(matrix.rows, lambda i: matrix.at(i, j)))
        i = self._index(parts[0], matrix.rows)
        return self._part(columns, Vector(matrix.columns, lambda j: matrix.at(i, j)))

    def _part(self, node: ast.expr, vector: Vector) -> Value:
        """One element, or every so many of them."""
        if not isinstance(node, ast.Slice):
            return vector.at(self._index(node, vector.length))
        given = [None if part is None else self._fixed(part, "bounds") for part in (node.lower, node.upper, node.step)]
        if given[2] is not None and given[2].constant == 0:
            self.wrong(node, "a step other than 0", "0")
        bounds = [None if part is None else part.constant for part in given]
        taken = range(vector.length.constant)[slice(*bounds)]
        varies = vector.length.varies or any(part is not None and part.varies for part in given)
        from_end = (given[0] is None and taken.step < 0) or (given[0] is not None and given[0].constant < 0)
        first = Affine(taken.start, (), (from_end and varies) or (given[0] is not None and given[0].varies))
        return Vector(Affine(len(taken), (), varies), lambda i: vector.at(i.times(taken.step).plus(first)))

    # Calls

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            self.wrong(node.func, "the name of a function before (", construct(node.func))
        name = node.func.id
        if name not in _CALLABLE:
            hint = nearest(name[:60], _CALLABLE)
            self.wrong(node, f"one of the functions {', '.join(_CALLABLE)}", f"{name[:60]!r}{hint}")
        if node.keywords:
            self.wrong(node.keywords[0].value, "arguments without names", "a keyword")
        if star := next((argument for argument in node.args if isinstance(argument, ast.Starred)), None):
            self.wrong(star, "arguments", construct(star))
        if name == "where":
            return self._where(node)
        if name == "len":
            found = self.wholes.of(node)
            return (
                self.wrong(node, "len of a vector or of data, by its name", "something else")
                if found is None
                else self.graph.index(found)
            )
        if name in ("max", "min") and len(node.args) > 1:
            operation = "larger" if name == "max" else "smaller"
            result = self.value(node.args[0])
            for argument in node.args[1:]:
                result = self.each(node, lambda a, b: self.graph.make(operation, a, b), result, self.value(argument))
            return result
        if len(node.args) != 1:
            self.wrong(node, f"one argument of {name}", f"{len(node.args)}")
        (argument,) = node.args
        if name in REDUCING:
            return reduction(self, node, name, argument)
        return self.each(node, lambda a: self._applied(name, a), self.value(argument))

    def _where(self, node: ast.Call) -> Value:
        if len(node.args) != 3:
            self.wrong(node, "where(comparison, a, b)", f"{len(node.args)} arguments")
        test = node.args[0]
        if not isinstance(test, ast.Compare):
            self.wrong(test, "a comparison (x < 0) as the first argument of where", construct(test))
        if len(test.ops) != 1 or type(test.ops[0]) not in _COMPARISONS:
            got = "several in a chain" if len(test.ops) != 1 else construct(test.ops[0])
            self.wrong(test, "one comparison, with < <= > >= == or !=", got)
        sign = _COMPARISONS[type(test.ops[0])]
        parts = [self.value(part) for part in (test.left, test.comparators[0], *node.args[1:])]
        return self.each(node, lambda a, b, then, other: self.graph.choose(sign, a, b, then, other), *parts)

"""Whole numbers in the text of an expression: what may stand in an index or bound a loop."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adambench.expression.whole import Affine

LARGEST = 10**12
_ADDED = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass
class Wholes:
    """`names`: those that stand for whole numbers. `length(name)`: of a vector or of data, None of anything else."""

    names: dict[str, Affine]
    length: Callable[[str], Affine | None]
    known: dict[int, Affine | None] = field(default_factory=dict)
    kept: list[ast.expr] = field(default_factory=list)

    def of(self, node: ast.expr) -> Affine | None:
        """The whole number that `node` is, where it is known before the run; else None."""
        if id(node) not in self.known:
            self.kept.append(node)  # `known` goes by identity
            for part in reversed([*chain(node)]):
                if id(part) not in self.known:
                    self.known[id(part)] = self._read(part)
        return self.known[id(node)]

    def _read(self, node: ast.expr) -> Affine | None:
        result: Affine | None = None
        match node:
            case ast.Constant(value=value):
                result = Affine(value) if type(value) is int and value <= LARGEST else None
            case ast.Name():
                result = self.names.get(node.id)
            case ast.UnaryOp(op=ast.USub()) if (inner := self.of(node.operand)) is not None:
                result = inner.times(-1)
            case ast.UnaryOp(op=ast.UAdd()):
                result = self.of(node.operand)
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name() as name], keywords=[]):
                result = self.length(name.id)
            case ast.BinOp() if isinstance(node.op, _ADDED):
                left, right = self.of(node.left), self.of(node.right)
                result = None if left is None or right is None else _combined(node.op, left, right)
        if result is None or max(abs(result.constant), *(abs(f) for _, f in result.terms), 0) > LARGEST:
            return None
        return result


def chain(node: ast.expr) -> Iterator[ast.expr]:
    """a + b - c * ... from its end to its beginning, which is the last: such chains are longer than stacks are deep."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, _ADDED):
        yield node
        node = node.left
    yield node


def _combined(operation: ast.operator, left: Affine, right: Affine) -> Affine | None:
    match operation:
        case ast.Add():
            return left.plus(right)
        case ast.Sub():
            return left.plus(right.times(-1))
        case ast.Mult() if not right.terms:
            return left.times(right.constant, right.varies)
        case ast.Mult() if not left.terms:
            return right.times(left.constant, left.varies)
        case ast.Div() if not left.terms and not right.terms and right.constant and left.constant % right.constant == 0:
            return Affine(left.constant // right.constant, (), left.varies or right.varies)
    return None

"""What Python calls the parts of an expression, for messages."""

from __future__ import annotations

import ast

_CALLED: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.Await: "await",
    ast.BoolOp: "and, or",
    ast.Call: "a call",
    ast.Compare: "a comparison outside where",
    ast.Dict: "a dict",
    ast.DictComp: "a dict comprehension",
    ast.FormattedValue: "an f-string",
    ast.GeneratorExp: "a loop outside sum, mean, prod, max, min and logsumexp",
    ast.IfExp: "a conditional (where has one)",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda",
    ast.List: "a list",
    ast.ListComp: "a list comprehension",
    ast.NamedExpr: "an assignment",
    ast.Set: "a set",
    ast.SetComp: "a set comprehension",
    ast.Slice: "a slice",
    ast.Starred: "a star",
    ast.Subscript: "an index",
    ast.Tuple: "a tuple",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^ (powers are written **)",
    ast.FloorDiv: "//",
    ast.In: "in",
    ast.Invert: "~",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.LShift: "<<",
    ast.MatMult: "@",
    ast.Mod: "%",
    ast.Not: "not",
    ast.NotIn: "not in",
    ast.RShift: ">>",
}
_KINDS: dict[type, str] = {bool: "True or False", complex: "a complex number", str: "text", bytes: "bytes"}


def construct(node: ast.AST) -> str:
    """In a few words."""
    match node:
        case ast.Attribute():
            return f"an attribute (.{node.attr[:40]})"
        case ast.Name():
            return repr(node.id[:60])
        case ast.Constant():
            return _KINDS.get(type(node.value), f"{node.value!r}"[:40])
        case ast.BinOp() | ast.UnaryOp():
            return _SIGNS.get(type(node.op), "an expression that is not a whole number")
    return _SIGNS.get(type(node)) or _CALLED.get(type(node), "something else")

"""Objectives written as expressions: text to a tree of our own, its exact gradient, and kernels made from the tree."""

from adambench.expression.fault import ExpressionError
from adambench.expression.objective import Declarations, Formula, formula, reserved
from adambench.expression.syntax import SYNTAX

__all__ = ["SYNTAX", "Declarations", "ExpressionError", "Formula", "formula", "reserved"]

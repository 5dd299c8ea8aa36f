"""Reading an objective that is written as an expression, with what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adambench.data.array import array
from adambench.data.rows import DataError
from adambench.errors import nearest
from adambench.expression import Declarations, ExpressionError, Formula, formula, reserved
from adambench.function import Parameters
from adambench.problem.document import Mapping, Node, Scalar, Sequence, join
from adambench.problem.finding import Finding, note, quoted
from adambench.problem.fit import UNFIT, fit, wrong
from adambench.shape import ListOf, Number, Text

EXPRESSION_KEYS = ("variables", "let", "stochastic")
"""The keys that only an expression has."""
_NUMBERS = ListOf(Number(), least=1)
_TEXT = "an expression, as text"


@dataclass(frozen=True, eq=False)
class Written:
    """The formula; its numbers, as a report shows them; and what the hash of the problem covers."""

    formula: Formula
    dimension: int
    parameters: Parameters
    defines: dict[str, Any]


def read_expression(
    root: Mapping, values: dict[str, Any], folder: Path | None, findings: list[Finding]
) -> Written | None:
    """None where something is wrong, which has then been reported."""
    before = len(findings)
    text = _text(root.get("expression"), "expression", findings)
    variables = values.get("variables", ())
    dimension = _dimension(root, values, findings)
    if root.get("start") is None:
        wrong(
            root.key("expression") or root, "start", "a start beside an expression (start: [1.0])", findings, got="none"
        )
    taken: set[str] = set()
    if variables is not UNFIT:
        for number, name in enumerate(variables):
            items = root.get("variables")
            node = items.items[number] if isinstance(items, Sequence) else root
            _named(node, f"variables[{number}]", name, taken, findings, variable=True)
    parameters = _table(root, "parameters", taken, findings, _parameter)
    arrays = _table(root, "data", taken, findings, lambda node, path, found: _array(node, path, folder, found))
    let = _table(root, "let", taken, findings, _text)
    stochastic = values.get("stochastic")
    parts = (text, variables, dimension, stochastic, *parameters.values(), *arrays.values(), *let.values())
    if len(findings) > before or any(part is UNFIT for part in parts):
        return None
    over, batch = (stochastic["over"], stochastic["batch"]) if stochastic else (None, 0)
    declared = Declarations(dimension, tuple(variables), parameters, arrays, tuple(let.items()), over, batch)
    try:
        found = formula(text, declared)
    except ExpressionError as error:
        _report(root, error, findings)
        return None
    if _unused(root, found.unused, findings):
        return None
    settings: dict[str, Any] = {"expression": found.function.formula, **({"let": let} if let else {}), **parameters}
    if stochastic:
        settings["stochastic"] = dict(stochastic)
    defines = {"expression": found.meaning, "batch": batch}
    return Written(found, dimension, settings, defines)


def _unused(root: Mapping, names: Collection[str], findings: list[Finding]) -> bool:
    """Report what is declared and never used: a misprint, most likely, and swept in vain."""
    for key in ("parameters", "data", "let"):
        if isinstance(node := root.get(key), Mapping):
            for name, _ in node.entries:
                if str(name.value) in names:
                    path = join(key, str(name.value))
                    wrong(name, path, "a name that the expression uses", findings, got=quoted(str(name.value)))
    if isinstance(node := root.get("variables"), Sequence):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar) and item.value in names:
                wanted = "a variable that the expression uses"
                wrong(item, f"variables[{number}]", wanted, findings, got=quoted(item.text))
    return bool(names)


def _dimension(root: Mapping, values: dict[str, Any], findings: list[Finding]) -> Any:
    dimension, variables = values.get("dimension"), values.get("variables", ())
    if dimension is None and not variables:
        key = root.key("expression") or root
        return wrong(key, "dimension", "a dimension, or variables, beside an expression", findings, got="neither")
    if variables is not UNFIT and variables and dimension not in (None, UNFIT, len(variables)):
        at = root.get("dimension") or root
        return wrong(at, "dimension", f"{len(variables)}, as many as the variables", findings, got=f"{dimension}")
    return len(variables) if dimension is None and variables is not UNFIT else dimension


def _named(node: Node, path: str, name: str, taken: set[str], findings: list[Finding], variable: bool = False) -> None:
    """Every name means one thing, and none what the language itself means by it."""
    if why := reserved(name, variable):
        wrong(node, path, why, findings, got=quoted(name))
    elif name in taken:
        wrong(node, path, "each name once", findings, got=f"{quoted(name)} again")
    taken.add(name)


def _table(
    root: Mapping, key: str, taken: set[str], findings: list[Finding], read: Callable[[Node, str, list[Finding]], Any]
) -> dict[str, Any]:
    """The entries of a mapping from names."""
    node = root.get(key)
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        wrong(node, key, "a mapping from names", findings)
        return {}
    found = {}
    for name, value in node.entries:
        path = join(key, str(name.value))
        _named(name, path, str(name.value), taken, findings)
        found[str(name.value)] = read(value, path, findings)
    return found


def _text(node: Node | None, path: str, findings: list[Finding]) -> Any:
    """A number is an expression, too."""
    if isinstance(node, Scalar) and isinstance(node.value, (str, int, float)) and not isinstance(node.value, bool):
        return node.text
    return wrong(node, path, _TEXT, findings) if node is not None else UNFIT


def _parameter(node: Node, path: str, findings: list[Finding]) -> Any:
    if isinstance(node, Sequence):
        numbers = fit(node, _NUMBERS, path, findings)
        return UNFIT if numbers is UNFIT else tuple(numbers)
    if isinstance(node, Scalar) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return fit(node, Number(), path, findings)
    return wrong(node, path, "a number or a list of numbers", findings)


def _array(node: Node, path: str, folder: Path | None, findings: list[Finding]) -> Any:
    """A list, a list of equally long lists, or {file: NAME}."""
    if isinstance(node, Mapping):
        for name, _ in node.entries:
            if name.value != "file":
                hint = nearest(str(name.value)[:100], ["file"])
                return wrong(name, join(path, str(name.value)), "the key file", findings, quoted(str(name.value)), hint)
        file = node.get("file")
        given = fit(file, Text(called="the name of a file"), join(path, "file"), findings) if file else UNFIT
        if given is UNFIT:
            return UNFIT if file else wrong(node, path, "{file: NAME}", findings)
        return _from_file(file or node, join(path, "file"), folder, given, findings)
    if not isinstance(node, Sequence):
        return wrong(node, path, "a list, a list of lists, or {file: NAME}", findings)
    if not any(isinstance(item, Sequence) for item in node.items):
        numbers = fit(node, _NUMBERS, path, findings)
        return numbers if numbers is UNFIT else np.array(numbers, np.float64)
    rows = fit(node, ListOf(_NUMBERS, least=1), path, findings)
    if rows is UNFIT:
        return UNFIT
    if odd := next((number for number, row in enumerate(rows) if len(row) != len(rows[0])), None):
        at = f"{path}[{odd}]"
        return wrong(
            node.items[odd], at, f"{len(rows[0])} numbers, as in the first row", findings, got=f"{len(rows[odd])}"
        )
    return np.array(rows, np.float64)


def _from_file(node: Node, path: str, folder: Path | None, name: Any, findings: list[Finding]) -> Any:
    try:
        return array(folder, name)
    except DataError as error:
        note(findings, Finding(node.line, node.column, path, str(error)))
        return UNFIT


def _report(root: Mapping, error: ExpressionError, findings: list[Finding]) -> None:
    """At the character that is wrong, where the text stands on one line as it is."""
    key, _, name = error.key.partition(".")
    outer = root.get(key)
    at = (outer.get(name) if name and isinstance(outer, Mapping) else outer) or root
    line, column, got = at.line, at.column, error.got
    if error.column is not None and isinstance(at, Scalar):
        if at.block or "\n" in at.text:
            got += f" (column {error.column + 1})"
        else:
            column += error.column + (not at.plain)
    note(findings, Finding(line, column, error.key, f"expected {error.expected}, got {got}"))

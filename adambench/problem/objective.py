"""The objective of a problem file: a named function, a model with its data, or an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adambench.data.form import formed
from adambench.data.preparation import prepared
from adambench.data.rows import DataError, Dataset
from adambench.function import Data, Function, Parameter, Parameters
from adambench.functions import FUNCTIONS
from adambench.model import Model, Source
from adambench.models import MODELS, all_models
from adambench.problem.document import Mapping, Node, Scalar, join
from adambench.problem.expression import EXPRESSION_KEYS, read_expression
from adambench.problem.finding import Finding, note
from adambench.problem.fit import UNFIT, fields, wrong
from adambench.problem.identity import digest
from adambench.problem.keys import LARGEST_DIMENSION, parameter_fields
from adambench.shape import expected

_FORMS = ("function", "expression", "model")
MOST_SCRATCH = 2_000_000_000
"""Bytes, of one trial."""


@dataclass(frozen=True)
class Objective:
    """`prepare` makes what the function's `evaluate` reads; it may take long, so it waits for the last check.

    `defines` is what the hash of the problem covers beside the function's name and the dimension: plain values, arrays
    as their digests.
    """

    function: Function
    dimension: int
    parameters: Parameters
    prepare: Callable[[], Data]
    defines: Map[str, Any]


def read_objective(
    root: Mapping, values: dict[str, Any], folder: Path | None, findings: list[Finding]
) -> Objective | None:
    """What the keys of `root` (as read: `values`) say; None where that cannot be told, which has then been reported."""
    given = [name for name in root_keys(root) if name in _FORMS]
    if not given:
        wrong(root, "function", f"exactly one of {', '.join(_FORMS)}", findings, got="none")
        return None
    if len(given) > 1:
        second = root.key(given[1])
        assert second is not None
        wrong(second, given[1], f"exactly one of {', '.join(_FORMS)}", findings, got=" and ".join(given))
        return None
    _misplaced(root, given[0], findings)
    if given[0] == "expression":
        written = read_expression(root, values, folder, findings)
        if written is None:
            return None
        found = written.formula
        return Objective(found.function, written.dimension, written.parameters, lambda: found.data, written.defines)
    if values[given[0]] is UNFIT:
        return None
    if given[0] == "function":
        return _from_function(root, values, FUNCTIONS.known()[values["function"]], findings)
    return _from_model(root, all_models()[values["model"]], folder, findings)


def check_scratch(root: Mapping, data: Data, findings: list[Finding]) -> None:
    """Report an objective that would need more memory to work in than there may be."""
    scratch = 8 * data.work_rows
    if scratch > MOST_SCRATCH:
        form = next(name for name in root_keys(root) if name in _FORMS)
        wanted = f"one that works in at most {MOST_SCRATCH / 1e9:g} GB of memory"
        wrong(place(root, form), form, wanted, findings, got=f"{scratch / 1e9:,.1f} GB")


def root_keys(root: Mapping) -> list[str]:
    """The keys of the file, in order."""
    return [str(key.value) for key, _ in root.entries]


def _misplaced(root: Mapping, form: str, findings: list[Finding]) -> None:
    """Report keys that go with the other form."""
    model_keys = {parameter.name for model in all_models().values() for parameter in model.keys}
    article = {"function": "a function", "expression": "an expression", "model": "a model"}
    for key, _ in root.entries:
        name = str(key.value)
        if form != "model" and (name in model_keys or (name == "data" and form == "function")):
            wrong(key, name, "this key with a model only", findings, got=f"it with {article[form]}")
        if form == "model" and name in ("dimension", "parameters"):
            wrong(key, name, "this key with a function only", findings, got="it with a model")
        if form != "expression" and name in EXPRESSION_KEYS:
            wrong(key, name, "this key with an expression only", findings, got=f"it with {article[form]}")


def _from_function(
    root: Mapping, values: dict[str, Any], function: Function, findings: list[Finding]
) -> Objective | None:
    dimension = values.get("dimension", function.dimension or function.default_dimension)
    if dimension is not UNFIT:
        dimension = _fitting(root, function, dimension, findings)
    node = root.get("parameters") or Mapping(root.line, root.column, ())
    settings = _settings(node, function.parameters, "parameters", findings)
    if settings is None or dimension is UNFIT:
        return None
    if complaint := function.check(dimension, settings):
        key, wanted, got = complaint
        wrong(place(root, "parameters", key), join("parameters", key), wanted, findings, got=got)
        return None
    defines = {"parameters": settings, **FUNCTIONS.identity(function.name)}
    return Objective(function, dimension, settings, lambda: function.prepare(dimension, settings), defines)


def _fitting(root: Mapping, function: Function, dimension: int, findings: list[Finding]) -> Any:
    """The dimension, or UNFIT where the function has none such."""
    if function.dimension is not None:
        wanted, fits = f"{function.dimension}", dimension == function.dimension
    elif function.multiple_of > 1:
        wanted, fits = f"a multiple of {function.multiple_of}", dimension % function.multiple_of == 0
    else:
        wanted, fits = f"at least {function.least_dimension}", dimension >= function.least_dimension
    if fits:
        return dimension
    return wrong(place(root, "dimension"), "dimension", f"{wanted} for {function.name}", findings, got=f"{dimension}")


def _from_model(root: Mapping, model: Model, folder: Path | None, findings: list[Finding]) -> Objective | None:
    own = {parameter.name for parameter in model.keys}
    top = Mapping(root.line, root.column, tuple(entry for entry in root.entries if entry[0].value in own))
    settings = _settings(top, model.keys, "", findings)
    node = root.get("data")
    source = _source(node, model.sources)
    if node is None or source is None:
        choices = " or ".join(f"{{{source.keys[0].name}: ...}}" for source in model.sources)
        wrong(node or root, "data", choices, findings, got="nothing" if node is None else None)
        return None
    described = _described(root, node, source, findings)
    if settings is None or described is None or findings:
        return None  # what is wrong with a file is told before its data are read, or drawn
    try:
        dataset = _dataset(model, source, described, folder)
        if complaint := model.check(settings, dataset):
            key, wanted, got = complaint
            wrong(place(root, key), key, wanted, findings, got=got)
            return None
        function, data, dimension = model.build(settings, dataset)
    except DataError as error:
        first = source.keys[0].name
        at = place(root, "data", first)
        note(findings, Finding(at.line, at.column, join("data", first), str(error)))
        return None
    if dimension > LARGEST_DIMENSION:
        wrong(place(root, "data"), "data", f"at most {LARGEST_DIMENSION:,} features", findings, got=f"{dimension:,}")
        return None
    defines = {
        "parameters": model.settled(settings),
        "data": [[*array.shape, digest(array)] for array in model.seen(dataset)],
        **MODELS.identity(model.name),
    }
    return Objective(function, dimension, {**settings, "data": described}, lambda: data, defines)


def _described(root: Mapping, node: Node, source: Source, findings: list[Finding]) -> Parameters | None:
    """What `data:` says, defaults filled in."""
    settings = _settings(node, source.keys, "data", findings)
    if settings is not None and (complaint := source.check(settings)):
        key, wanted, got = complaint
        wrong(place(root, "data", key), join("data", key), wanted, findings, got=got)
        return None
    return settings


def _dataset(model: Model, source: Source, described: Parameters, folder: Path | None) -> Dataset:
    """The data, prepared, in the form of the model. Raises DataError."""
    dataset = prepared(source.load(described, folder), described, model.cells)
    if model.supervised and dataset.train.labels is None:
        raise DataError(f"expected rows with labels, which {model.name} needs, got rows without")
    return formed(dataset, model.form)


def _source(node: Node | None, sources: Iterable[Source]) -> Source | None:
    if not isinstance(node, Mapping):
        return None
    return next((source for source in sources if node.get(source.keys[0].name) is not None), None)


def _settings(
    node: Node, parameters: tuple[Parameter, ...], path: str, findings: list[Finding]
) -> dict[str, Any] | None:
    """Every declared parameter, as given or by default, of the type of its kind; None where one does not fit."""
    before = len(findings)
    shape = parameter_fields(parameters)
    if not isinstance(node, Mapping):
        wrong(node, path, expected(shape), findings)
        return None
    values = fields(node, shape, path, findings)
    if len(findings) > before or any(value is UNFIT for value in values.values()):
        return None
    return {p.name: typed(p.kind, values.get(p.name, p.default)) for p in parameters}


def typed(kind: str, value: Any) -> Any:
    """A value that fits a parameter of this kind, as the type that it is kept in."""
    if value is None:
        return None
    if kind in ("reals", "positives"):
        return tuple(float(number) for number in value)
    if kind == "integers":
        return tuple(value)
    return float(value) if kind in ("real", "positive") else value


def place(root: Mapping, *path: str | int) -> Node:
    """The node at the end of `path`, or the last there is on the way; the function's name where there is none."""
    node: Node = root
    for step in path:
        inner = node.get(str(step)) if isinstance(node, Mapping) else None
        if inner is None:
            break
        node = inner
    if node is not root:
        return node
    named = next((value for key, value in root.entries if key.value in _FORMS and isinstance(value, Scalar)), None)
    return named or root

"""From the texts of a problem to its objective: read, differentiated, scheduled, written, and made a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from keyword import iskeyword
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.engine.noise import shuffle
from adambench.expression import gather
from adambench.expression.derivative import Share, gradient
from adambench.expression.fault import ExpressionError
from adambench.expression.finite import check_finite
from adambench.expression.layout import Layout, covering
from adambench.expression.meaning import meaning
from adambench.expression.node import Graph, Node, TooLarge, below
from adambench.expression.reading import Reader
from adambench.expression.sampling import check_sampling
from adambench.expression.scan import parse
from adambench.expression.schedule import Block, schedule
from adambench.expression.source import Sampling, Writer, crossing
from adambench.expression.spelling import Speller
from adambench.expression.table import tabulate
from adambench.expression.value import Matrix, Value, Vector, length
from adambench.expression.vocabulary import RESERVED, lower
from adambench.expression.whole import Affine
from adambench.expression.wholes import Wholes
from adambench.function import MOST_SIDE_BY_SIDE, Data, Function

MOST_TURNS = 1_000_000
MOST_OPERATIONS = 1_000_000_000
"""Of one evaluation: about a second."""
MOST_ROWS = 50_000_000
"""Of work, in one trial: 400 MB."""
_MOST_DERIVED = 40_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Declarations:
    """What an expression may refer to beside x.

    variables   names of the coordinates, in order; empty: they are x[0], x[1], ...
    parameters  numbers, and lists of numbers
    data        arrays of one or two dimensions
    let         (name, text), each of what stands before it
    over, batch the loop whose rows are sampled, and so many at a time; None and 0 for the full sum
    """

    dimension: int
    variables: tuple[str, ...] = ()
    parameters: Mapping[str, float | tuple[float, ...]] = field(default_factory=dict)
    data: Mapping[str, Array] = field(default_factory=dict)
    let: tuple[tuple[str, str], ...] = ()
    over: str | None = None
    batch: int = 0


@dataclass(frozen=True, eq=False)
class Formula:
    """A function and what its `evaluate` reads.

    `meaning`: equal where the tree and its numbers are (`meaning.meaning`). `unused`: the names declared that it does
    not reach.
    """

    function: Function
    data: Data
    meaning: str
    sources: Mapping[int, str]
    unused: frozenset[str]


def reserved(name: str, variable: bool = False) -> str | None:
    """Why nothing of the user's may have this name; None where it may."""
    if not _NAME.fullmatch(name) or iskeyword(name):
        return "a name of letters, digits and _ (up to 32, a letter first)"
    if name in RESERVED or (name == "x" and not variable):
        return "a name that means nothing yet"
    return None


def formula(text: str, declared: Declarations) -> Formula:
    """Raises ExpressionError, with the key and column of the text that is wrong."""
    graph = Graph()
    arrays = _arrays(declared)
    reader = _reader(graph, declared, arrays)
    trees: dict[str, ast.expr] = {}
    for name, part in declared.let:
        key = f"let.{name}"
        trees[name] = parse(part, key)
        reader.names[name] = reader.read(trees[name], key)
    tree = parse(text, "expression")
    root = reader.read(tree, "expression")
    if not isinstance(root, Node):
        raise ExpressionError("expression", None, "one number (sum(...), mean(...))", "a vector")
    if not root.varies:
        what = "x" if not declared.variables else f"one of {', '.join(declared.variables)}"
        raise ExpressionError("expression", None, f"an expression of {what}", "one without")
    check_finite(reader, root, arrays)
    identity = meaning(graph, root, arrays)
    graph.most, graph.strict = _MOST_DERIVED, False
    try:
        shares = gradient(graph, root)
        if declared.over is not None:
            check_sampling(reader.rows, root, declared.over, declared.batch)
        roots = [root, *(share.value for share in shares)]
        roots, tables = tabulate(graph, lower(graph, roots, below(roots)), arrays)
    except TooLarge:
        raise ExpressionError("expression", None, f"at most {_MOST_DERIVED:,} operations", "more") from None
    shares = [Share(s.path, s.index, value) for s, value in zip(shares, roots[1:], strict=True)]
    block = schedule(roots[0], shares)
    if (operations := _operations(block)) > MOST_OPERATIONS:
        wanted = f"at most {MOST_OPERATIONS:,} operations an evaluation"
        raise ExpressionError("expression", None, wanted, f"about {operations:.1e}")
    tables.fill(graph, arrays)
    sources, data = _written(Layout(graph, arrays), block, declared, reader.rows)
    function = Function(
        name="expression",
        summary="an objective written as an expression",
        formula=" ".join(text.split()),
        source="",
        evaluate=_factory(tuple(sources.items())),
        start=(0.0,),
        domain=(-5.0, 5.0),
        optimum=lambda dimension, parameters: None,
        dimension=declared.dimension,
        prepare=lambda dimension, parameters: data,
        sampled=declared.over is not None,
        epoch=-(-(reader.rows or 1) // declared.batch) if declared.batch else 1,
        wide=declared.over is None and data.work_rows <= MOST_SIDE_BY_SIDE,
        operations=operations,
    )
    return Formula(function, data, identity, sources, _unused(tree, trees, declared))


def _unused(tree: ast.expr, parts: Mapping[str, ast.expr], declared: Declarations) -> frozenset[str]:
    """The names declared that the tree does not reach, through the parts that it names."""
    names = {*declared.variables, *declared.parameters, *declared.data, *parts}
    waiting = [tree]
    while waiting:
        found = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)} & names
        names -= found
        waiting += [parts[name] for name in found if name in parts]
    return frozenset(names)


def _arrays(declared: Declarations) -> dict[str, Array]:
    lists = {name: given for name, given in declared.parameters.items() if isinstance(given, tuple)}
    return {**declared.data, **{name: np.array(given, np.float64) for name, given in lists.items()}}


def _reader(graph: Graph, declared: Declarations, arrays: Mapping[str, Array]) -> Reader:
    """With every declared name, and how it is read."""
    n = Affine(declared.dimension, (), True)
    names: dict[str, Value] = {}
    wholes = {"n": n}

    def coordinate(index: Affine) -> Node:
        return graph.make("coordinate", payload=index)

    if declared.variables:
        names |= {name: coordinate(Affine(place)) for place, name in enumerate(declared.variables)}
    else:
        names["x"] = Vector(n, coordinate)

    def entry(name: str) -> Callable[[Affine], Node]:
        return lambda index: graph.make("entry", payload=(name, index))

    for name, given in declared.parameters.items():
        if not isinstance(given, tuple):
            names[name] = graph.number(name, given)
            if given == int(given):
                wholes[name] = Affine(int(given), (), True)
    for name, array in arrays.items():
        if array.ndim == 1:
            names[name] = Vector(Affine(array.size, (), True), entry(name))
        else:
            rows, columns = array.shape
            names[name] = _matrix(rows, columns, entry(name))
    longest = max([declared.dimension, MOST_TURNS, *(max(array.shape) for array in arrays.values())])
    return Reader(graph, names, Wholes(wholes, lambda name: length(names.get(name))), longest, declared.over)


def _matrix(rows: int, columns: int, read: Callable[[Affine], Node]) -> Matrix:
    sizes = Affine(rows, (), True), Affine(columns, (), True)
    return Matrix(*sizes, lambda i, j: read(i.times(columns).plus(j)))


def _operations(block: Block, turns: int = 1) -> int:
    """Of one evaluation."""
    count = turns * (sum(len(stage.nodes) for stage in block.stages) + len(block.terms) + len(block.shares))
    for stage in block.stages:
        for loop in stage.loops:
            count += _operations(loop.block, turns * max(loop.variable.count.most(), 0))
    return count


def _written(layout: Layout, block: Block, declared: Declarations, rows: int | None) -> tuple[dict[int, str], Data]:
    cover = covering(block, declared.dimension)
    singles = {order: place for place, order in enumerate(sorted(crossing(block)))}
    layout.take(len(singles))
    sampling = None
    if rows is not None:
        sampling = Sampling(rows, declared.batch, layout.take(rows + 1))
    writers = []
    for lanes in (1,) if sampling else (1, 32):
        writer = Writer(Speller(layout, lanes), cover, singles, sampling)
        writer.write(block)
        writers.append(writer)
    if layout.most_rows > MOST_ROWS:
        wanted = f"an evaluation that keeps at most {MOST_ROWS:,} numbers"
        raise ExpressionError("expression", None, wanted, f"about {layout.most_rows:.1e}")
    sources = {writer.spell.lanes: writer.text() for writer in writers}
    return sources, Data(layout.reals(), layout.integers(), max(layout.most_rows, 1))


@lru_cache(4096)
def _factory(sources: tuple[tuple[int, str], ...]) -> Callable[[int], Callable[..., None]]:
    """One object for the same sources: kernels are kept by what makes them, so those of a sweep are compiled once."""
    return partial(_kernel, sources)


def _kernel(sources: tuple[tuple[int, str], ...], LANES: int) -> Callable[..., None]:
    """The kernel of one width, in plain Python, from source that `Writer` wrote."""
    names: dict[str, Any] = {
        "np": np,
        "one": np.float64(1.0),
        "modulus": gather.modulus,
        "total": gather.total(LANES),
        "product": gather.product(LANES),
        "largest": gather.largest(LANES),
        "shuffle": shuffle,
    }
    exec(compile(dict(sources)[LANES], "<expression>", "exec"), names)
    kernel: Callable[..., None] = names["evaluate"]
    return kernel

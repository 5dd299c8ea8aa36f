"""From the texts of a problem to its objective: read, differentiated, scheduled, written, and made a function."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from keyword import iskeyword
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.engine.noise import shuffle
from adambench.expression import gather
from adambench.expression.derivative import Share, gradient
from adambench.expression.fault import ExpressionError
from adambench.expression.layout import Layout, covering
from adambench.expression.node import Graph, Node, TooLarge, below
from adambench.expression.reading import Reader
from adambench.expression.scan import parse
from adambench.expression.schedule import Block, schedule
from adambench.expression.source import Sampling, Writer, crossing
from adambench.expression.spelling import Speller
from adambench.expression.table import tabulate
from adambench.expression.value import Matrix, Value, Vector, length
from adambench.expression.vocabulary import RESERVED, lower
from adambench.expression.whole import Affine
from adambench.expression.wholes import Wholes
from adambench.function import Data, Function

MOST_TURNS = 1_000_000
MOST_OPERATIONS = 1_000_000_000
"""Of one evaluation: about a second."""
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
    """A function and what its `evaluate` reads. `canonical`: the tree as text, without names of
    indices, spaces and parentheses."""

    function: Function
    data: Data
    canonical: str
    sources: Mapping[int, str]


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
    for name, part in declared.let:
        key = f"let.{name}"
        reader.names[name] = reader.read(parse(part, key), key)
    root = reader.read(parse(text, "expression"), "expression")
    if not isinstance(root, Node):
        raise ExpressionError("expression", None, "one number (sum(...), mean(...))", "a vector")
    if not root.varies:
        what = "x" if not declared.variables else f"one of {', '.join(declared.variables)}"
        raise ExpressionError("expression", None, f"an expression of {what}", "one without")
    canonical = _canonical(root)
    graph.most, graph.strict = _MOST_DERIVED, False
    try:
        shares = gradient(graph, root)
        if declared.over is not None:
            _check_sampling(reader, shares, root, declared)
        root, shares = _lowered(graph, root, shares, arrays)
    except TooLarge:
        raise ExpressionError("expression", None, f"at most {_MOST_DERIVED:,} operations", "more") from None
    block = schedule(root, shares)
    if (operations := _operations(block)) > MOST_OPERATIONS:
        wanted = f"at most {MOST_OPERATIONS:,} operations an evaluation"
        raise ExpressionError("expression", None, wanted, f"about {operations:.1e}")
    sources, data = _written(Layout(graph, arrays), block, declared, reader.rows)
    function = Function(
        name="expression",
        summary="an objective written as an expression",
        formula=" ".join(text.split()),
        source="",
        evaluate=partial(_kernel, tuple(sources.items())),
        start=(0.0,),
        domain=(-5.0, 5.0),
        optimum=lambda dimension, parameters: None,
        dimension=declared.dimension,
        prepare=lambda dimension, parameters: data,
        sampled=declared.over is not None,
        wide=declared.over is None,
    )
    return Formula(function, data, canonical, sources)


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


def _check_sampling(reader: Reader, shares: list[Share], root: Node, declared: Declarations) -> None:
    """A minibatch's gradient is only the full one's estimate where the loss is linear in the sampled sum."""
    if reader.rows is None:
        raise ExpressionError("stochastic.over", None, f"the index of a loop ({declared.over})", "none of that name")
    if not 1 <= declared.batch <= reader.rows:
        wanted = f"a whole number from 1 to {reader.rows:,}, the rows"
        raise ExpressionError("stochastic.batch", None, wanted, f"{declared.batch:,}")
    linear = {"add", "sub", "neg", "mul", "div", "share"}
    sampled = {node.order for node in below([root]) if node.operation == "sum" and node.payload.sampled}
    tainted = set(sampled)
    for node in below([root]):
        held = [argument for argument in node.arguments if argument.order in tainted]
        if not held or node.order in sampled:
            continue
        tainted.add(node.order)
        others = [argument for argument in node.arguments if argument.order not in tainted]
        right = node.operation in linear and not (
            (node.operation == "mul" and (len(held) > 1 or any(other.varies for other in others)))
            or (node.operation == "div" and (node.arguments[1] in held or node.arguments[1].varies))
        )
        if not right:
            wanted = (
                f"a loss that is linear in the sum over {declared.over} (a minibatch's gradient is biased otherwise)"
            )
            raise ExpressionError("expression", None, wanted, f"{node.operation} of it")


def _lowered(graph: Graph, root: Node, shares: list[Share], arrays: dict[str, Array]) -> tuple[Node, list[Share]]:
    """In operations that kernels have, what is known beforehand in tables among `arrays`."""
    roots = [root, *(share.value for share in shares)]
    root, *values = tabulate(graph, lower(graph, roots, below(roots)), arrays)
    return root, [Share(s.path, s.index, value) for s, value in zip(shares, values, strict=True)]


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
    sources = {writer.spell.lanes: writer.text() for writer in writers}
    return sources, Data(layout.reals(), layout.integers(), max(layout.most_rows, 1))


def _kernel(sources: tuple[tuple[int, str], ...], LANES: int) -> Callable[..., None]:
    """The kernel of one width, in plain Python, from source that `Writer` wrote."""
    names: dict[str, Any] = {
        "np": np,
        "total": gather.total(LANES),
        "product": gather.product(LANES),
        "largest": gather.largest(LANES),
        "shuffle": shuffle,
    }
    exec(compile(dict(sources)[LANES], "<expression>", "exec"), names)
    kernel: Callable[..., None] = names["evaluate"]
    return kernel


def _canonical(root: Node) -> str:
    """One line an operation."""
    parts = below([root])
    place = {node.order: number for number, node in enumerate(parts)}
    return "\n".join(f"{n.operation} {[place[a.order] for a in n.arguments]} {_shown(n.payload)}" for n in parts)


def _shown(payload: Any) -> str:
    return hashlib.sha256(repr(payload).encode()).hexdigest()[:16] if len(repr(payload)) > 80 else repr(payload)

"""Python source of the kernels, written from the tree alone: no name and no character of the user's text is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adambench.expression.derivative import Share
from adambench.expression.layout import Covering, at_once, carried, placed
from adambench.expression.node import Node
from adambench.expression.schedule import Block, Loop
from adambench.expression.spelling import Speller
from adambench.expression.whole import Affine

_GATHERED = {"sum": "total", "prod": "product", "max": "largest"}
_NAMED = ("const", "number", "share")
_READ = ("coordinate", "others", "first")
"""What is read again rather than kept."""

_HEAD = "def evaluate(x, gradient, loss, t, seeds, reals, integers, work):"
_SAMPLED = """\
begin, end, share, minibatch = 0, {rows}, one, t > 0
if minibatch:
    batches = ({rows} + {batch} - 1) // {batch}
    epoch = (t - 1) // batches
    if work[{order} + {rows}, 0] != epoch:
        shuffle(work, {order}, {rows}, seeds[0], epoch)
        work[{order} + {rows}, 0] = epoch
    begin = (t - 1) % batches * {batch}
    end = min(begin + {batch}, {rows})
    share = {rows} / (end - begin)"""


@dataclass(frozen=True)
class Sampling:
    """So many rows a batch of so many in all; their order lies in rows of `work` from `order` on."""

    rows: int
    batch: int
    order: int


@dataclass
class Writer:
    """Writes `evaluate` for one width.

    In several lanes, what depends on x and is needed beyond its own loop over the lanes lies in `rows` of `work`; in
    one lane, everything that is not in a loop's rows is a local variable.
    """

    spell: Speller
    covering: Covering
    rows: dict[int, int]
    sampling: Sampling | None
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    terms: dict[int, list[int]] = field(default_factory=dict)
    aside: dict[int, int] = field(default_factory=dict)
    carry: dict[int, int] = field(default_factory=dict)
    after: dict[int, list[tuple[Share, int]]] = field(default_factory=dict)

    def write(self, block: Block) -> None:
        """Everything but the head, which says where the numbers are that turn out to be needed."""
        if self.sampling is not None:
            rows, batch = self.spell.layout.bound(self.sampling.rows), self.spell.layout.bound(self.sampling.batch)
            for line in _SAMPLED.format(rows=rows, batch=batch, order=self.sampling.order).splitlines():
                self._line(line)
        for start, stop in self.covering.zeros:
            with self._turns("j", f"{self.spell.layout.bound(start)}, {self.spell.layout.bound(stop)}"), self._lanes():
                self._line(f"gradient[np.uint64(j), {self.spell.lane}] = 0.0")
        self._block(block)

    def text(self) -> str:
        layout = self.spell.layout
        # Were it a constant, short loops over the lanes would be unrolled, into scalars, before they became vectors.
        locals_ = ["lanes = x.shape[1]"] if self.spell.lanes > 1 else []
        locals_ += [f"n{place} = integers[{place}]" for place in layout.bounds.values()]
        locals_ += [f"b{place} = integers[{len(layout.bounds) + place}]" for place in layout.bases.values()]
        locals_ += [f"r{place} = np.float64(reals[{place}])" for place in layout.values.values()]
        return "\n".join([_HEAD, *(f"    {line}" for line in locals_), *self.lines]) + "\n"

    # Lines

    def _line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def _turns(self, counter: str, bounds: str) -> Iterator[None]:
        self._line(f"for {counter} in range({bounds}):")
        self.depth += 1
        yield
        self.depth -= 1

    @contextmanager
    def _lanes(self) -> Iterator[None]:
        if self.spell.lanes == 1:
            yield
            return
        with self._turns("lane", "lanes"):
            yield

    # Blocks

    def _block(self, block: Block) -> None:
        self.spell.path.append(block)
        taken = self.spell.layout.rows
        for stage in block.stages:
            last = stage is block.stages[-1]
            self._straight(block, stage.nodes, last and not stage.loops)
            for loop in stage.loops:
                self._loop(loop)
            if last and stage.loops:
                self._straight(block, (), True)
        self.spell.layout.rows = taken
        self.spell.path.pop()

    def _straight(self, block: Block, nodes: tuple[Node, ...], ends: bool) -> None:
        """Operations without a loop of their own; then, where it ends, what the block was for."""
        nodes = tuple(node for node in nodes if node.operation not in _NAMED)
        for node in nodes:
            if not wide(node):
                self._line(f"v{node.order} = {self.spell.code(node)}")
        mine = [node for node in nodes if wide(node) and (self.spell.lanes == 1 or node.operation not in _READ)]
        results = self._results(block) if ends else []
        if not mine and not results:
            return
        with self._lanes():
            ready: set[int] = set()
            for node in mine:
                self._fetch(node.arguments, ready)
                self._line(f"v{node.order} = {self.spell.code(node)}")
                ready.add(node.order)
                if self.spell.lanes > 1 and node.order in self.rows:
                    self._line(f"work[{self.rows[node.order]}, lane] = v{node.order}")
            for value, target in results:
                self._fetch((value,), ready)
                self._line(target.format(self.spell.name(value)))
        for share, row in self.after.get(id(block), []) if ends else []:
            with self._lanes():
                self._line(self._added(share).format(f"work[{row}, lane]"))

    def _fetch(self, nodes: Iterable[Node], ready: set[int]) -> None:
        """In several lanes, make local variables of what other loops over the lanes have computed."""
        for node in nodes:
            if self.spell.lanes > 1 and wide(node) and node.order not in ready:
                ready.add(node.order)
                read = self.spell.code(node) if node.operation in _READ else f"work[{self.rows[node.order]}, lane]"
                self._line(f"v{node.order} = {read}")

    def _results(self, block: Block) -> list[tuple[Node, str]]:
        """What a block ends with, and where to."""
        turn = "p" if block.path and block.path[-1].sampled else f"i{len(block.path) - 1}"
        results = [
            (term, f"work[{row} + {turn}, {self.spell.lane}] = {{}}")
            for term, row in zip(block.terms, self.terms.get(id(block), []), strict=True)
        ]
        if id(block) in self.carry:
            (ahead, _), (behind, _) = placed(block)
            row = self.carry[id(block)]
            results.append(
                (behind.value, f"gradient[{self.spell.place(behind.index)}, lane] = work[{row}, lane] + {{}}")
            )
            results.append((ahead.value, f"work[{row}, lane] = x.dtype.type({{}})"))
        else:
            soon = {id(share): row for share, row in self.after.get(id(block), [])}
            for share, _ in placed(block):
                later = self.aside.get(id(share))
                target = self._added(share) if later is None else f"work[{later} + {turn}, {self.spell.lane}] = {{}}"
                results.append((share.value, f"work[{soon[id(share)]}, lane] = {{}}" if id(share) in soon else target))
        if block.root is not None:
            results.append((block.root, f"loss[{self.spell.lane}] = {{}}"))
        return results

    def _added(self, share: Share) -> str:
        sign = "=" if id(share) in self.covering.first else "+="
        return f"gradient[{self.spell.place(share.index)}, {self.spell.lane}] {sign} {{}}"

    def _loop(self, loop: Loop) -> None:
        """The turns; then what was set aside in rows; then what the rows of terms come to."""
        variable, block, layout = loop.variable, loop.block, self.spell.layout
        most = max(variable.count.most(), 0)
        count = "end - begin" if variable.sampled else self.spell.affine(variable.count)
        if variable.count.least() < 0:
            count = f"max({count}, 0)"
        for reduction in loop.reductions:
            if reduction.operation != "sum":  # its rows are read by the loop that passes its slope on
                self.spell.kept[reduction.order] = layout.take(most if reduction.operation == "prod" else 1)
        lasting = layout.rows
        rows = [self.spell.kept[r.order] if r.operation == "prod" else layout.take(most) for r in loop.reductions]
        self.terms[id(block)] = rows
        later = [share for share, aside in placed(block) if aside and (self.spell.lanes == 1 or not at_once(block))]
        self.aside |= {id(share): layout.take(most) for share in later}
        if self.spell.lanes > 1 and carried(block, self.covering):
            self.carry[id(block)] = layout.take(1)
        elif self.spell.lanes > 1 and block.path and at_once(block):
            self.after[id(block)] = [(share, layout.take(1)) for share, aside in placed(block) if aside]
        counter = f"i{len(block.path) - 1}"
        if variable.sampled:
            with self._turns("p", count):
                order = f"work[np.uint64({self._order} + begin + p), 0]"
                self._line(f"{counter} = np.int64({order}) if minibatch else p")
                self._block(block)
        else:
            self._carried(block)
            with self._turns(counter, count):
                self._block(block)
            self._carried(block, variable.count)
        for share in later:
            with self._turns(counter, count), self._lanes():
                self.spell.path.append(block)
                self._line(self._added(share).format(f"work[{self.aside[id(share)]} + {counter}, {self.spell.lane}]"))
                self.spell.path.pop()
        for reduction, row in zip(loop.reductions, rows, strict=True):
            to = [] if self.spell.lanes == 1 else [str(self.rows[reduction.order])]
            room = {"sum": [], "prod": [str(layout.take(most))], "max": [str(self.spell.kept.get(reduction.order))]}
            values = ", ".join(["work", str(row), count, *to, *room[reduction.operation]])
            result = f"v{reduction.order} = " if self.spell.lanes == 1 else ""
            self._line(f"{result}{_GATHERED[reduction.operation]}({values})")
        layout.rows = lasting

    def _carried(self, block: Block, count: Affine | None = None) -> None:
        """Before the first turn, fetch what is carried from turn to turn; after `count` turns, put it down."""
        if id(block) not in self.carry:
            return
        (ahead, _), (behind, _) = placed(block)
        variable, row = block.path[-1], self.carry[id(block)]
        share = behind if count is None else ahead
        turn = Affine(0) if count is None else count.plus(Affine(-1))
        at = self.spell.place(
            share.index.plus(Affine(0, ((variable, -share.index.factor(variable)),))).plus(
                turn.times(share.index.factor(variable))
            )
        )
        with self._lanes():
            self._line(
                f"work[{row}, lane] = gradient[{at}, lane]"
                if count is None
                else f"gradient[{at}, lane] = work[{row}, lane]"
            )

    @property
    def _order(self) -> int:
        assert self.sampling is not None
        return self.sampling.order


def wide(node: Node) -> bool:
    """Whether each lane has a value of its own of it."""
    return node.varies or node.gathered


def crossing(block: Block) -> set[int]:
    """The orders of the nodes that are needed beyond the loop over the lanes that computes them."""
    found: set[int] = set()
    for stage in block.stages:
        last = stage is block.stages[-1]
        results = [*block.terms, *(share.value for share in block.shares), *([block.root] if block.root else [])]
        here = {node.order for node in stage.nodes}
        needed = [argument for node in stage.nodes for argument in node.arguments]
        found |= {node.order for node in needed if node.order not in here}
        if last:
            found |= {node.order for node in results if stage.loops or node.order not in here}
        for loop in stage.loops:
            found |= {reduction.order for reduction in loop.reductions}
            found |= crossing(loop.block)
    return found

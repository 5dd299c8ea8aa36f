"""Where everything lies: numbers in `reals`, bounds in `integers`, intermediate values in rows of `work`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adambench.expression.derivative import Share
from adambench.expression.node import Graph
from adambench.expression.schedule import Block
from adambench.expression.whole import Affine

_MOST_PIECES = 8


@dataclass
class Layout:
    """Built while the code is written, once for each width; both come out the same.

    The code holds places, not what is there: problems that differ in numbers and sizes only share their kernels. Rows
    of `work` have their places in the code, rounded up, so that the compiler sees that no two of them overlap.
    """

    graph: Graph
    arrays: dict[str, NDArray[np.float64]]
    bounds: dict[int, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    most_rows: int = 0

    def bound(self, value: int) -> str:
        """The local variable of a whole number."""
        return f"n{self.bounds.setdefault(value, len(self.bounds))}"

    def value(self, key: str) -> str:
        """The local variable of a real number."""
        return f"r{self.values.setdefault(key, len(self.values))}"

    def base(self, name: str) -> str:
        """The local variable of the place where an array begins."""
        return f"b{self.bases.setdefault(name, len(self.bases))}"

    def take(self, count: int) -> int:
        """The first of at least `count` rows."""
        first = self.rows
        self.rows += _rounded(count) if count != 1 else 1
        self.most_rows = max(self.most_rows, self.rows)
        return first

    def reals(self) -> NDArray[np.float64]:
        numbers = [float(self.graph.numbers[key]) for key in self.values]
        return np.concatenate((numbers or [0.0], *(self.arrays[name].ravel() for name in self.bases)))

    def integers(self) -> NDArray[np.int64]:
        """The bounds, and then where the arrays begin."""
        starts, place = [], max(len(self.values), 1)
        for name in self.bases:
            starts.append(place)
            place += self.arrays[name].size
        return np.array([*self.bounds, *starts, 0], np.int64)


def _rounded(count: int) -> int:
    """Up by a quarter at most, and not to a power of 2: rows that far apart would compete for the same cache lines."""
    size = 16
    while size < count:
        size *= 2
    step = size // 8
    return -(-count // step) * step + 24 if count else 0


@dataclass(frozen=True)
class Covering:
    """How the gradient comes to be written whole: ranges that begin as 0, and the shares that come first to where they
    write, and need not add."""

    zeros: tuple[tuple[int, int], ...]
    first: frozenset[int]


def covering(block: Block, dimension: int) -> Covering:
    """By going through all shares in the order in which the code has them."""
    touched, zero = np.zeros(dimension, bool), np.zeros(dimension, bool)
    first = set()
    for share in ordered(block):
        span = _span(share)
        fresh = ~touched[span]
        if len(share.path) <= 1 and not any(v.sampled for v in share.path) and fresh.all():
            first.add(id(share))
        else:
            zero[span] |= fresh
        touched[span] = True
    zero |= ~touched
    edges = np.flatnonzero(np.diff(np.concatenate(([0], zero.astype(np.int8), [0]))))
    pieces = tuple((int(start), int(stop)) for start, stop in edges.reshape(-1, 2))
    if len(pieces) > _MOST_PIECES:
        return Covering(((0, dimension),), frozenset())
    return Covering(pieces, frozenset(first))


def _span(share: Share) -> slice:
    """All places it may write to: exactly those, where it stands in one loop."""
    least, most = share.index.least(), share.index.most()
    step = abs(share.index.factor(share.path[-1])) if len(share.path) == 1 else 1
    return slice(least, most + 1, step)


def ordered(block: Block) -> list[Share]:
    """The shares of a block and of the loops in it, in the order of the code."""
    found: list[Share] = []
    for stage in block.stages:
        for loop in stage.loops:
            found += ordered(loop.block)
    return found + [share for share, _ in placed(block)]


def placed(block: Block) -> list[tuple[Share, bool]]:
    """The shares that a block itself ends with, in order; with each, whether one lane must set it aside.

    Two shares of one loop may go to the same place in different turns, as those of x[i] and x[i + 1] do. One lane's
    loop is vector code only where they do not: all but the first are set aside, in rows, and added after the loop. In
    several lanes they are added at once: that has to be in the same order, so the one that is ahead comes first.
    """
    shares = list(block.shares)
    if not block.path or block.path[-1].sampled or len(shares) < 2:
        return [(share, False) for share in shares]
    variable = block.path[-1]
    factors = {share.index.factor(variable) for share in shares}
    rests = {share.index.plus(Affine(-share.index.constant)).terms for share in shares}
    if len(factors) == len(rests) == 1:
        (factor,) = factors
        shares.sort(key=lambda share: -share.index.constant * (1 if factor > 0 else -1))
        places = [share.index.constant % abs(factor) for share in shares]
        if len(set(places)) == len(places):
            return [(share, False) for share in shares]
        return [(share, number > 0) for number, share in enumerate(shares)]
    return [(share, number > 0) for number, share in enumerate(shares)]


def carried(block: Block, cover: Covering) -> bool:
    """Whether the one of two shares that is set aside goes to where the other went in the turn before."""
    if len(block.shares) != 2 or not any(aside for _, aside in placed(block)) or not at_once(block):
        return False
    (ahead, _), (behind, _) = placed(block)
    step = ahead.index.plus(behind.index.times(-1))
    return id(ahead) in cover.first and step.constant == ahead.index.factor(block.path[-1])


def at_once(block: Block) -> bool:
    """Whether several lanes may add what one lane sets aside: not where loops within it add in between."""
    variable = block.path[-1]
    if any(ordered(loop.block) for stage in block.stages for loop in stage.loops):
        return False
    rests = {share.index.plus(Affine(-share.index.constant)).terms for share in block.shares}
    return len(rests) == 1 and len({share.index.factor(variable) for share in block.shares}) == 1

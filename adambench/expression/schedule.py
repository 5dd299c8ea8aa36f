"""Which loop computes what: loops of equal bounds that wait for the same values become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adambench.expression.derivative import Path, Share
from adambench.expression.node import REDUCTIONS, Node
from adambench.expression.whole import Variable


@dataclass(frozen=True, eq=False)
class Loop:
    """Runs `block`; what `reductions` are of is gathered in it, and they are known after it."""

    variable: Variable
    block: Block
    reductions: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """Operations, and the loops that need them (or need nothing) and whose results the next stage needs."""

    nodes: tuple[Node, ...]
    loops: tuple[Loop, ...]


@dataclass(frozen=True, eq=False)
class Block:
    """What happens in one turn of the loops of `path`. At its end `terms` (one for each reduction of its loop) and
    `shares` are known, and at the top `root`."""

    path: Path
    stages: tuple[Stage, ...]
    terms: tuple[Node, ...]
    shares: tuple[Share, ...]
    root: Node | None


def level(node: Node, path: Path) -> int:
    """How many of the loops of `path` the node is computed inside of."""
    return max((place + 1 for place, variable in enumerate(path) if variable in node.variables), default=0)


def schedule(root: Node, shares: Iterable[Share]) -> Block:
    """Everything: `root` is the loss."""
    return _block((), (), tuple(shares), root)


def _block(path: Path, reductions: tuple[Node, ...], shares: tuple[Share, ...], root: Node | None) -> Block:
    terms = tuple(reduction.arguments[0] for reduction in reductions)
    inside = _inside([*terms, *(share.value for share in shares), *([root] if root else [])], path)
    ranks = _ranks(inside, path)

    def rank(node: Node) -> int:
        return ranks.get(node.order, 0)

    wanted: dict[tuple[int, Variable], tuple[list[Node], list[Share]]] = {}
    for node in inside:
        if node.operation in REDUCTIONS and not _deeper(node, path):
            wanted.setdefault((rank(node.arguments[0]), node.payload), ([], []))[0].append(node)
    here = tuple(share for share in shares if len(share.path) == len(path))
    for share in shares:
        if len(share.path) > len(path):
            wanted.setdefault((rank(share.value), share.path[len(path)]), ([], []))[1].append(share)
    mine = [node for node in inside if not _deeper(node, path) and node.operation not in REDUCTIONS]
    last = max([*(r for r, _ in wanted), *(rank(node) for node in mine), 0])
    stages = []
    for number in range(last + 1):
        loops = [
            Loop(variable, _block((*path, variable), tuple(reduced), tuple(shared), None), tuple(reduced))
            for (r, variable), (reduced, shared) in wanted.items()
            if r == number
        ]
        stages.append(Stage(tuple(node for node in mine if rank(node) == number), tuple(loops)))
    return Block(path, tuple(stages), terms, here, root)


def _inside(roots: Iterable[Node], path: Path) -> list[Node]:
    """What has to be computed in the loops of `path` or deeper, arguments first; what is known before is left out."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.order not in found and level(node, path) == len(path):
            found[node.order] = node
            waiting.extend(node.arguments)
    return [found[order] for order in sorted(found)]


def _ranks(inside: list[Node], path: Path) -> dict[int, int]:
    """How many loops of this block, one after the other, each node has to wait for."""
    ranks: dict[int, int] = {}
    for node in inside:
        rank = max((ranks.get(argument.order, 0) for argument in node.arguments), default=0)
        if node.operation in REDUCTIONS and not _deeper(node, path):
            rank += 1
        ranks[node.order] = rank
    return ranks


def _deeper(node: Node, path: Path) -> bool:
    return not node.variables <= set(path)

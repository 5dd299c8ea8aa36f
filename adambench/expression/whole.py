"""Whole numbers that are known before anything runs: indices, bounds of loops, lengths."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Variable:
    """The counter of a loop, from 0 to below `count`, which may depend on the loops around it.

    `depth`: how many loops are around it. `sampled`: the loop goes over the rows of a minibatch, and the counter's
    value is the row's number. `needs`: itself, and the loops that its count depends on.

    Made by `Variables`: one of the same depth and count is the same object, and compared as such.
    """

    depth: int
    count: Affine
    sampled: bool
    serial: int
    needs: frozenset[Variable] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", frozenset([self]) | self.count.variables)


@dataclass(frozen=True)
class Variables:
    """All loops of one expression: what is written twice is one loop, and computed once."""

    found: dict[tuple[int, Affine, bool], Variable] = field(default_factory=dict)

    def at(self, depth: int, count: Affine, sampled: bool = False) -> Variable:
        key = depth, count, sampled
        if key not in self.found:
            self.found[key] = Variable(depth, count, sampled, len(self.found))
        return self.found[key]


@dataclass(frozen=True)
class Affine:
    """constant + sum of factor * variable. `varies`: the constant depends on the dimension."""

    constant: int
    terms: tuple[tuple[Variable, int], ...] = ()
    varies: bool = False

    @property
    def variables(self) -> frozenset[Variable]:
        """All loops that one has to be inside of to know the value."""
        return frozenset().union(*(variable.needs for variable, _ in self.terms))

    def factor(self, variable: Variable) -> int:
        return next((factor for other, factor in self.terms if other == variable), 0)

    def plus(self, other: Affine) -> Affine:
        factors = dict(self.terms)
        for variable, factor in other.terms:
            factors[variable] = factors.get(variable, 0) + factor
        terms = sorted(((v, f) for v, f in factors.items() if f), key=lambda term: _rank(term[0]))
        return Affine(self.constant + other.constant, tuple(terms), self.varies or other.varies)

    def times(self, factor: int, varies: bool = False) -> Affine:
        terms = tuple((variable, factor * by) for variable, by in self.terms if factor)
        return Affine(self.constant * factor, terms, self.varies or varies)

    def most(self) -> int:
        """The largest value that it takes in its loops (all of which are taken to run)."""
        return self._extreme(1)

    def least(self) -> int:
        return self._extreme(-1)

    def _extreme(self, sign: int) -> int:
        value = self
        while value.terms:
            variable, factor = max(value.terms, key=lambda term: _rank(term[0]))
            rest = value.plus(Affine(0, ((variable, -factor),)))
            last = variable.count.plus(Affine(-1)) if factor * sign > 0 else Affine(0)
            value = rest.plus(last.times(factor))
        return value.constant


def _rank(variable: Variable) -> tuple[int, int]:
    """Inner loops after outer ones; among equals any order, as long as it is always the same."""
    return variable.depth, variable.serial

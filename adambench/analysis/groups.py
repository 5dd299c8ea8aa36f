"""Compact letter display: two that share a letter could not be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters


def groups(different: Sequence[Sequence[bool]]) -> list[tuple[int, ...]]:
    """All largest sets of 0..n-1 in which no two are different; each of 0..n-1 is in at least one.

    different  (n, n), symmetric; the diagonal is not read

    In the order of their members. Insert and absorb: start with one set of all; for each pair that differs, replace
    every set that holds both by two, without the one and without the other, and drop sets inside others. Source: Piepho
    2004, J. Comput. Graph. Stat. 13, 456-466, section 3; `multcompView::multcompLetters`.
    """
    size = len(different)
    found = [frozenset(range(size))] if size else []
    for one in range(size):
        for other in range(one + 1, size):
            if different[one][other]:
                found = _without_pair(found, one, other)
    return sorted(tuple(sorted(group)) for group in found)


def letters(different: Sequence[Sequence[bool]]) -> list[str]:
    """The letters of each of n: 'a', 'ab', ...; after 52 groups they come again with a prime, as in "a'"."""
    found = groups(different)
    names = [ascii_letters[place % 52] + "'" * (place // 52) for place in range(len(found))]
    return [
        "".join(name for name, group in zip(names, found, strict=True) if index in group)
        for index in range(len(different))
    ]


def _without_pair(found: Sequence[frozenset[int]], one: int, other: int) -> list[frozenset[int]]:
    kept = [group for group in found if not {one, other} <= group]
    for group in found:
        if {one, other} <= group:
            for half in (group - {one}, group - {other}):
                if not any(half <= larger for larger in kept):
                    kept = [smaller for smaller in kept if not smaller <= half] + [half]
    return kept

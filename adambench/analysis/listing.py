"""Names in a sentence: the one rule for how many are spelled out."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 3
"""Names that are spelled out, unless a caller has room for more."""


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """'a', 'a and b', 'a, b and c', 'a, b, c and 2 more': beyond `most` names the rest are counted, but never a single
    one, whose name takes no more room.

    >>> listed("abcd"), listed("abcde")
    ('a, b, c and d', 'a, b, c and 2 more')
    """
    shown = list(names) if len(names) <= most + 1 else [*names[:most], f"{len(names) - most} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)

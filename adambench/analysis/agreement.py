"""What several reports must say alike before they can be merged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from adambench.errors import AdambenchError

LONGEST = 80
"""Characters of a value that an error shows."""


@dataclass(frozen=True)
class Source:
    """A report, and where it was read from."""

    place: str
    report: Mapping[str, Any]


def agree(what: str, values: Sequence[tuple[str, Any]], advice: str = "") -> Any:
    """The value that all of `values`, (place, value) each, have.

    AdambenchError names `what`, the first two places that differ and both values, of objects and lists what differs in
    them, and adds the advice.
    """
    place, value = values[0]
    for other, found in values[1:]:
        if found != value:
            here, there = map(said, _apart(value, found))
            raise refusal(f"{what} {_verb(what, value)} {here} in {place} and {there} in {other}", advice)
    return value


def _apart(one: Any, other: Any) -> tuple[Any, Any]:
    """Both values without what they share."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in {**one, **other} if key not in one or key not in other or one[key] != other[key]]
        pairs = {key: _apart(one[key], other[key]) for key in keys if key in one and key in other}
        return tuple(
            {key: pairs[key][place] if key in pairs else value[key] for key in keys if key in value}
            for place, value in enumerate((one, other))
        )  # type: ignore[return-value]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs_of = [_apart(a, b) for a, b in zip(one, other, strict=True) if a != b]
        return [a for a, _ in pairs_of], [b for _, b in pairs_of]
    if isinstance(one, str) and isinstance(other, str) and max(len(one), len(other)) > LONGEST - len('""'):
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
        start = max(alike - 8, 0)
        return (f"...{one[start:]}", f"...{other[start:]}") if start else (one, other)
    return one, other


def _verb(what: str, value: Any) -> str:
    """'are' of the hits of a seed, 'is' of its outcome."""
    noun = what.partition(" of ")[0]
    return "are" if isinstance(value, (list, dict)) and noun.endswith("s") else "is"


def refusal(difference: str, advice: str = "") -> AdambenchError:
    """The error about reports that have no honest merge."""
    return AdambenchError(f"cannot merge: {difference}{f'; {advice}' if advice else ''}")


def said(value: object) -> str:
    """A value of somebody else's file on one line, without anything that a terminal would act on."""
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def name(text: object) -> str:
    """The same for a name."""
    return said(text)[1:-1]

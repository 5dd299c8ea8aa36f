"""What several reports must say alike before they can be merged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

    AdambenchError names `what`, the first two places that differ and both values, and adds the advice.
    """
    place, value = values[0]
    for other, found in values[1:]:
        if found != value:
            raise refusal(f"{what} is {said(value)} in {place} and {said(found)} in {other}", advice)
    return value


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

"""Which run a failure is compared with."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from adambench.pytest import baseline


class Memory:
    """The runs that a test's failure is compared with: the baseline's, or those of the last time that it passed."""

    def __init__(self, node: pytest.Item) -> None:
        self.config = node.config
        assert node.parent is not None
        self.place = f"{node.parent.nodeid}::{node.name}"  # not its nodeid, to which xdist adds the group

    def compared(self, document: dict[str, Any], problem: str, optimizer: str) -> str:
        """Where a row of a report first differs from the run that is known: one sentence."""
        from adambench.complaint import departure, known_run

        now = known_run(document, problem, optimizer)
        place, kept = baseline(self.config), getattr(self.config, "cache", None)
        if now is None:
            return ""
        if place is not None:
            then = known_run(saved(place), problem, optimizer)
            said = f"{place.name} has no row of {optimizer} on {problem}" if then is None else place.name
        else:
            then = kept.get(self._key(problem, optimizer), None) if kept else None
            said = "the last run that passed" if then else "no --adambench-baseline, and no run that passed is kept"
        return departure(now, then, said)

    def keep(self, document: dict[str, Any], problem: str, optimizer: str) -> None:
        """A row that passed."""
        from adambench.complaint import known_run

        if kept := getattr(self.config, "cache", None):
            kept.set(self._key(problem, optimizer), known_run(document, problem, optimizer))

    def _key(self, problem: str, optimizer: str) -> str:
        return f"adambench/{blake2b(f'{self.place} {problem} {optimizer}'.encode(), digest_size=12).hexdigest()}"


@cache
def saved(place: Path) -> dict[str, Any]:
    """The report in a file, read once. Raises AdambenchError."""
    from adambench.saved import read_report

    return read_report(str(place))

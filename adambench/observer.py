"""Who watches a run."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Who watches a run. Called from the main thread only."""

    def compiling(self, name: str, done: int, total: int) -> None: ...

    def running(self, problem: str, share: float, trials: int, total: int) -> None:
        """`share` of the problem's evaluations and `trials` of `total` are done."""


class Silent:
    """One who says nothing."""

    def compiling(self, name: str, done: int, total: int) -> None: ...

    def running(self, problem: str, share: float, trials: int, total: int) -> None: ...

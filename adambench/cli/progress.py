"""Live progress on standard error, gone when done; nothing where standard error is no terminal."""

from __future__ import annotations

import time
from types import TracebackType

from adambench.cli.line import draw, is_shown


class Progress:
    """An observer of a run that draws one line."""

    def __init__(self, wanted: bool):
        self._shown = is_shown(wanted)
        self._began: float | None = None
        self._problem = ""
        self._drawn = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw("")

    def compiling(self, name: str, done: int, total: int) -> None:
        if done < total:
            self._draw(f"compiling {name} ({done + 1} of {total} kernels; cached for the next run)")

    def running(self, problem: str, share: float, trials: int, total: int) -> None:
        now = time.monotonic()
        if problem != self._problem:
            self._problem, self._began = problem, now
        if now - self._drawn < 0.1 or self._began is None:
            return
        left = f", {(now - self._began) * (1 / share - 1):.0f} s left" if share else ""
        self._draw(f"{problem}: {share:.0%}, {trials:,} of {total:,} trials done{left}")
        self._drawn = now

    def _draw(self, text: str) -> None:
        if self._shown:
            draw(text)

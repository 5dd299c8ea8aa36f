"""The declaration of a peer: what one file in `peers/` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adambench.speed.case import Case
from adambench.speed.timing import Work


@dataclass(frozen=True)
class Peer:
    """Another library that does the same work.

    `prepare()` imports it, holds it to one thread and float64, and returns the versions of what was imported; it is
    called on the thread that measures, before anything else, and raises ImportError where something is not installed.
    `works(case)` is the library's own way to do the case, under the name to report it by; several where it has
    several, none where it has no such optimizer.
    """

    name: str
    prepare: Callable[[], Mapping[str, str]]
    works: Callable[[Case], Mapping[str, Work]]

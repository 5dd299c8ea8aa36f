"""Timing works side by side on a machine that others use too."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns


def _nothing() -> None: ...


@dataclass(frozen=True)
class Work:
    """`run()` does `units` of what is counted (steps of a lane, elements), and returns what a test can compare.

    `rewind()`, untimed, goes before each run, so that all runs do the same.
    """

    run: Callable[[], object]
    units: int
    rewind: Callable[[], object] = _nothing


def measure(works: Mapping[str, Work], seconds: float, repeats: int) -> dict[str, list[float]]:
    """ns a unit of each work, `repeats` samples of about `seconds`; the works take turns, so that a drift of the
    machine hits all.

    Before that each runs once to compile and once to see how long it takes. Garbage is not collected meanwhile.
    """
    for work in works.values():
        _sample(work, 1)
    runs = {name: max(1, round(seconds * 1e9 / (_sample(work, 1) * work.units))) for name, work in works.items()}
    samples: dict[str, list[float]] = {name: [] for name in works}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, work in works.items():
                samples[name].append(_sample(work, runs[name]))
    finally:
        if collecting:
            gc.enable()
    return samples


def median(samples: list[float]) -> float:
    """The middle one, or the mean of the two in the middle."""
    return float(statistics.median(samples))


def _sample(work: Work, runs: int) -> float:
    """The mean ns a unit of so many runs."""
    spent = 0
    for _ in range(runs):
        work.rewind()
        begun = perf_counter_ns()
        work.run()
        spent += perf_counter_ns() - begun
    return max(spent, 1) / (runs * work.units)

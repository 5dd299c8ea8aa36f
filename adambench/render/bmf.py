"""Bencher's metric format (bencherdev/bencher: services/console/public/bmf.json): benchmarks with their measures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.target import target_text
from adambench.render import Document, Format, Style
from adambench.render.parts.name import series_name

Metric = dict[str, float]


def render(document: Document, style: Style) -> str:
    """A benchmark for each problem, optimizer and target, and one for the row as a whole; a measure that is unknown or
    infinite is left out. Bounds are the ends of intervals (95%), not distances. ASCII, strict."""
    found: dict[str, dict[str, Metric]] = {}
    for row in document["results"]:
        if counted_in(row):
            for what, measures in _benchmarks(row):
                # The last part ends every name: nothing that a file calls itself can end it in -bencher-ignore.
                found[series_name(row["problem"], row["optimizer"], what)] = measures
    lines = ",".join(f"\n {json.dumps(name)}: {json.dumps(found[name], allow_nan=False)}" for name in found)
    return "{" + lines + "\n}\n"


def _benchmarks(row: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Metric]]]:
    """Measures are few, as thresholds are set by measure: which target it is, is part of the benchmark's name."""
    for target in row["targets"]:
        rate = target["reached"] / target["trials"] if target["trials"] else None
        yield (
            f"to {target_text(target)}",
            _known(
                {
                    "steps-to-target": _metric(target["median"]),
                    "expected-runtime": _metric(target["ert"], target["ert_ci95"]),
                    "success-rate": _metric(rate, target.get("reached_ci95")),
                }
            ),
        )
    yield (
        "whole run",
        _known(
            {
                "final-loss": _metric(row["final_loss"]["median"], row["final_loss"]["ci95"]),
                "diverged-trials": _metric(row["outcomes"]["diverged"]),
                "nanoseconds-per-step": _metric(row["cost"]["ns_per_step"]),
            }
        ),
    )


def _metric(value: float | None, interval: Any = None) -> Metric:
    if value is None:
        return {}
    low, high = interval or (None, None)
    bounds = {"lower_value": low, "upper_value": high}
    return {"value": value, **{name: bound for name, bound in bounds.items() if bound is not None}}


def _known(measures: dict[str, Metric]) -> dict[str, Metric]:
    return {name: metric for name, metric in measures.items() if metric}


FORMAT = Format("bmf", "Bencher's metric format: bencher run --adapter json --file FILE", render)

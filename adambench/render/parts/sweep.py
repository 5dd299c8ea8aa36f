"""What a sweep of the learning rate showed, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adambench.analysis.number import significant, steps
from adambench.render.parts.plain import plain

Row = Mapping[str, Any]


def sweep(document: Row, problem: Row) -> list[str]:
    """'adam on valley: learning rates 1e-3 to 0.1 end below the hardest target, or within 10 times the best's gap (2
    decades; the best is 0.01); diverges from 0.5, 50 times the best': one for each optimizer whose learning rate was
    swept."""
    return [
        plain(_basin(found, problem))
        for found in document.get("robustness", ())
        if found["source"] == "sweep" and found["problem"] == problem["name"]
    ]


def _basin(found: Row, problem: Row) -> str:
    low, high = found["basin"]
    known = problem["reference_loss"] is not None
    if known and problem["targets"]:
        near = "below the hardest target, or within 10 times the best's gap"
    else:
        near = "within 10 times the best's gap" if known else "within 10% of the best's loss"
    if low == high:
        said = f"the best learning rate, {significant(low)}, stands alone: no other tried ends {near}"
    else:
        width = f"{found['decades']:.1f}".removesuffix(".0")
        ends = {
            (True, True): ": all that were tried",
            (True, False): " or more: none lower was tried",
            (False, True): " or more: none higher was tried",
            (False, False): "",
        }[found["open_low"], found["open_high"]]
        said = (
            f"learning rates {significant(low)} to {significant(high)} end {near} "
            f"({width} decade{'' if width == '1' else 's'}{ends}; the best is {significant(found['best_lr'])})"
        )
    if found["boundary"] is not None:
        end = f"diverges from {significant(found['boundary'])}, {times(found['safety'])} times the best"
    else:
        end = "none above was tried" if found["open_high"] and high == found["best_lr"] else "none above diverged"
    return f"{found['optimizer']} on {found['problem']}: {said}; {end}"


def times(factor: float) -> str:
    """A factor: to 2 digits, from 100 on whole."""
    return steps(factor) if factor >= 100 else significant(factor, 2)

"""What a problem file requires of an optimizer: as a test of it is called, and as it came out."""

from __future__ import annotations

from typing import Any

from adambench.analysis.number import duration, shortest
from adambench.analysis.target import target_text
from adambench.problem import Problem, Requirement
from adambench.problem.requirement import check
from adambench.requirements import kinds


def judge(problem: Problem, asked: Requirement, document: dict[str, Any]) -> dict[str, Any]:
    """The requirement against the rows of a report: its entry there."""
    return check(problem, asked, document["results"])


def title(asked: Requirement) -> str:
    """The keys of the entry that are not as by default: 'target 1e-3 within 9000', 'target loss 0.4 success_rate 0.9',
    'faster_than sgd by 1.5 target 1e-3', 'time_per_step 200ns'."""
    given = asked.asked
    parts = [
        f"{key.name} {_text(key.name, given[key.name])}"
        for key in kinds()[given["kind"]].keys
        if given.get(key.name) is not None and given[key.name] != key.default
    ]
    return " ".join(parts)


def _text(key: str, value: Any) -> str:
    if key == "target":
        return target_text(value)
    if key == "time_per_step":
        return duration(value).replace(" ", "")
    if isinstance(value, dict):  # faster_than
        first, *others = value.items()
        return " ".join([_text(*first), *(f"{name} {_text(name, item)}" for name, item in others)])
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    return value if isinstance(value, str) else shortest(value)

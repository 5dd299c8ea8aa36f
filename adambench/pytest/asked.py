"""What a problem file requires of an optimizer, as a test of it is called."""

from __future__ import annotations

from typing import Any

from adambench.analysis.number import shortest
from adambench.analysis.target import target_text
from adambench.problem import Requirement
from adambench.requirement import TARGET, exact_time
from adambench.requirements import kinds
from adambench.shape import Duration, Fields, ListOf, Number, Shape


def title(asked: Requirement) -> str:
    """The keys of the entry that are not as by default: 'target 1e-3 within 9000', 'target loss 0.4 success_rate 0.9',
    'faster_than sgd by 1.5 target 1e-3', 'time_per_step 200ns'. All digits are there, so that no two are alike."""
    given = asked.asked
    return " ".join(
        f"{key.name} {_text(given[key.name], key.shape)}"
        for key in kinds()[given["kind"]].keys
        if given.get(key.name) is not None and given[key.name] != key.default
    )


def _text(value: Any, shape: Shape) -> str:
    if shape is TARGET:
        return target_text(value)
    match shape:
        case Duration():
            return exact_time(value).replace(" ", "")
        case Number():
            return shortest(value)
        case ListOf():
            return "|".join(_text(item, shape.item) for item in value)
        case Fields():  # the first is what it is about, and goes without its name
            first, *others = [key for key in shape.keys if value.get(key.name) is not None]
            more = [f"{key.name} {_text(value[key.name], key.shape)}" for key in others]
            return " ".join([_text(value[first.name], first.shape), *more])
        case _:
            return str(value)

"""The hash of a problem: equal where objective, gradient, noise, start, schedule and data are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from adambench.function import Function
from adambench.problem.problem import Noise, Schedule, Start

_VERSION = 1


def identity(
    function: Function,
    dimension: int,
    defines: Mapping[str, Any],
    start: Start,
    noise: tuple[Noise, ...],
    schedule: Schedule,
    shape: list[int] | None,
) -> str:
    """64 hexadecimal digits.

    `defines` is what the objective says of itself (`objective.Objective`). `shape` is that of the file, where it gives
    one. A start that is repeated to the dimension counts as what it is repeated to.
    """
    what: dict[str, Any] = {"version": _VERSION, "function": function.name, "dimension": dimension, **defines}
    values: Any = list(start.values)
    if start.kind == "fixed":
        values = digest(np.resize(np.array(start.values), dimension))
    what["start"] = [start.kind, values]
    if shape is not None:
        what["shape"] = shape
    what["noise"] = [[part.kind, part.scale, part.df] for part in noise]
    what["schedule"] = [schedule.kind, list(schedule.values), schedule.warmup]
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest(array: Any) -> str:
    """Of the numbers of an array, on any machine."""
    return hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()

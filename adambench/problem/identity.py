"""The hash of a problem: equal where objective, gradient, noise, start, schedule and data are."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from adambench.function import Data, Function, Parameters
from adambench.problem.problem import Noise, Schedule, Start

_VERSION = 1


def identity(
    function: Function,
    dimension: int,
    parameters: Parameters,
    data: Data | None,
    start: Start,
    noise: tuple[Noise, ...],
    schedule: Schedule,
    shape: list[int] | None,
) -> str:
    """64 hexadecimal digits.

    `data` is a model's, whose flat arrays say all that its keys and its file do; None for a named function, whose
    parameters do. `shape` is that of the file, where it gives one. A start that is repeated to the dimension counts as
    what it is repeated to.
    """
    what: dict[str, Any] = {"version": _VERSION, "function": function.name, "dimension": dimension}
    if data is None:
        what["parameters"] = dict(parameters)
    else:
        what["data"] = [_digest(data.reals), _digest(data.integers)]
    values: Any = list(start.values)
    if start.kind == "fixed":
        values = _digest(np.resize(np.array(start.values), dimension))
    what["start"] = [start.kind, values]
    if shape is not None:
        what["shape"] = shape
    what["noise"] = [[part.kind, part.scale, part.df] for part in noise]
    what["schedule"] = [schedule.kind, list(schedule.values), schedule.warmup]
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(array: Any) -> str:
    return hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()

"""A gradient that is now and then far too large, as a bad batch makes it."""

from __future__ import annotations

import numpy as np

from adambench.engine.noise import philox
from adambench.function import Data, Function, Parameter, Parameters
from adambench.transform import Complaint, Transform

_WORDS = 2**32


def slope(LANES):
    def outliers(gradient, loss, t, stream, seeds, reals, integers, work):
        """work: each lane's factor."""
        if t > 0:
            limit, hit = np.uint64(integers[0]), False
            for lane in range(LANES):
                a, _, _, _ = philox(np.uint64(0), np.uint64(t), np.uint64(stream), np.uint64(seeds[lane]))
                work[0, lane] = reals[0] if a < limit else 1.0
                hit |= a < limit
            if hit:
                for i in range(gradient.shape[0]):
                    for lane in range(LANES):
                        gradient[i, lane] *= work[0, lane]

    return outliers


def prepare(dimension: int, settings: Parameters) -> Data:
    """integers: the words, out of 2^32, that make an outlier; reals: what the gradient is multiplied by then."""
    words = round(settings["probability"] * _WORDS)
    return Data(np.array([settings["factor"]]), np.array([words], np.int64), 1)


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    if not 1.0 <= settings["probability"] * _WORDS <= _WORDS:
        return "probability", "a number from 2^-32 to 1", f"{settings['probability']:g}"
    return None


TRANSFORM = Transform(
    name="outliers",
    summary="now and then the whole gradient is multiplied by a factor: bad batches, which clipping is for",
    formula="F g with probability p at each evaluation, else g",
    source="Huber 1964, Annals of Mathematical Statistics 35(1), 73-101 (the contaminated distribution)",
    parameters=(
        Parameter("probability", "positive", None, "p, of each evaluation, drawn per seed"),
        Parameter("factor", "real", None, "F"),
    ),
    prepare=prepare,
    slope=slope,
    marks=lambda dimension, settings: {"online": True, "random": True, "biased": True},
    required=("probability", "factor"),
    check=check,
)

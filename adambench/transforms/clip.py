"""A bounded gradient: its length, or each coordinate's, cut off."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Parameter, Parameters
from adambench.transform import Transform, exactly_one


def slope(LANES):
    add_up = total(LANES)

    def clip(gradient, loss, t, stream, seeds, reals, integers, work):
        """work: squares; the largest coordinate, by which they are divided so that they cannot overflow; the sum."""
        rows = gradient.shape[0]
        if t > 0 and reals[0] > 0.0:
            for lane in range(LANES):
                work[rows, lane] = 0.0
            for i in range(rows):
                for lane in range(LANES):
                    work[rows, lane] = max(work[rows, lane], abs(gradient[i, lane]))
            for i in range(rows):
                for lane in range(LANES):
                    share = gradient[i, lane] / work[rows, lane] if work[rows, lane] > 0.0 else 0.0
                    work[i, lane] = share * share
            add_up(work, rows, work[rows + 1])
            for lane in range(LANES):
                norm = work[rows, lane] * np.sqrt(work[rows + 1, lane])
                # A norm that is not a number leaves the gradient as it is, for the trial to end by it.
                work[rows, lane] = reals[0] / norm if norm > reals[0] else 1.0
            for i in range(rows):
                for lane in range(LANES):
                    gradient[i, lane] *= work[rows, lane]
        elif t > 0:
            most = reals[1]
            for i in range(rows):
                for lane in range(LANES):
                    g = gradient[i, lane]
                    gradient[i, lane] = most if g > most else (-most if g < -most else g)

    return clip


def prepare(dimension: int, settings: Parameters) -> Data:
    """reals: the longest and the largest, 0 for any."""
    numbers = np.array([settings["norm"] or 0.0, settings["value"] or 0.0])
    return Data(numbers, np.zeros(0, np.int64), dimension + 2)


TRANSFORM = Transform(
    name="clip",
    summary="the gradient shortened to a norm, or each coordinate of it cut off: bounded steps for everyone",
    formula="g min(1, c / |g|); or min(max(g, -c), c), elementwise",
    source="Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, ICML",
    parameters=(
        Parameter("norm", "positive", None, "c, the longest a gradient may be, in the 2-norm"),
        Parameter("value", "positive", None, "c, the largest that a coordinate may be"),
    ),
    prepare=prepare,
    slope=slope,
    marks=lambda dimension, settings: {"online": True, "biased": True},
    check=lambda dimension, settings, function: exactly_one(settings, "norm", "value"),
)

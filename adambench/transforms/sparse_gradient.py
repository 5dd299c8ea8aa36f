"""Coordinates whose gradient is seen now and then, as the weights of rare features are."""

from __future__ import annotations

import numpy as np

from adambench.engine.noise import philox
from adambench.function import Data, Function, Parameter, Parameters
from adambench.transform import Complaint, Transform

_WORDS = 2**32


def slope(LANES):
    def sparse_gradient(gradient, loss, t, stream, seeds, reals, integers, work):
        """Each word of the generator decides on one coordinate."""
        rows = gradient.shape[0]
        if t > 0:
            step, branch, limit, factor = np.uint64(t), np.uint64(stream), np.uint64(integers[0]), reals[0]
            for i in range(0, rows, 4):
                for lane in range(LANES):
                    a, b, c, d = philox(np.uint64(i // 4), step, branch, np.uint64(seeds[lane]))
                    gradient[i, lane] = gradient[i, lane] * factor if a < limit else 0.0
                    if i + 1 < rows:
                        gradient[i + 1, lane] = gradient[i + 1, lane] * factor if b < limit else 0.0
                    if i + 2 < rows:
                        gradient[i + 2, lane] = gradient[i + 2, lane] * factor if c < limit else 0.0
                    if i + 3 < rows:
                        gradient[i + 3, lane] = gradient[i + 3, lane] * factor if d < limit else 0.0

    return sparse_gradient


def prepare(dimension: int, settings: Parameters) -> Data:
    """integers: the words, out of 2^32, that let a coordinate through; reals: what it is multiplied by then."""
    words = round(settings["probability"] * _WORDS)
    factor = _WORDS / words if settings["rescale"] else 1.0
    return Data(np.array([factor]), np.array([words], np.int64), 0)


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    if not 1.0 <= settings["probability"] * _WORDS <= _WORDS:
        return "probability", "a number from 2^-32 to 1", f"{settings['probability']:g}"
    return None


TRANSFORM = Transform(
    name="sparse_gradient",
    summary="each coordinate's gradient is seen with a probability, else it is 0: as with rare features",
    formula="m_i g_i at each evaluation, m_i = 1 or 1/p with probability p, else 0",
    source="Duchi, Hazan & Singer 2011, JMLR 12, 2121-2159, section 1.3 (features seen with a probability)",
    parameters=(
        Parameter("probability", "positive", None, "p, of each coordinate at each evaluation, drawn per seed"),
        Parameter("rescale", "boolean", False, "whether what is seen is divided by p: the gradient is then unbiased"),
    ),
    prepare=prepare,
    slope=slope,
    marks=lambda dimension, settings: {"online": True, "random": True, "biased": not settings["rescale"]},
    required=("probability",),
    check=check,
)

"""Answers of few digits, as coarse number formats and simulations give them."""

from __future__ import annotations

import numpy as np

from adambench.function import Data, Function, Parameter, Parameters
from adambench.transform import Complaint, Transform


def slope(LANES):
    def quantize(gradient, loss, t, stream, seeds, reals, integers, work):
        if t > 0 and reals[0] > 0.0:
            step = reals[0]
            for i in range(gradient.shape[0]):
                for lane in range(LANES):
                    gradient[i, lane] = step * np.rint(gradient[i, lane] / step)
        if t > 0 and reals[1] > 0.0:
            for lane in range(LANES):
                loss[lane] = reals[1] * np.rint(loss[lane] / reals[1])

    return quantize


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    if settings["gradient"] is None and settings["value"] is None:
        return "", "gradient, value or both", "none"
    return None


def prepare(dimension: int, settings: Parameters) -> Data:
    """reals: the steps of the gradient and of the loss, 0 for none."""
    return Data(np.array([settings["gradient"] or 0.0, settings["value"] or 0.0]), np.zeros(0, np.int64), 0)


TRANSFORM = Transform(
    name="quantize",
    summary="the gradient, or the loss that an optimizer sees, rounded to multiples of a step, half to even",
    formula="q round(g / q), elementwise; q round(f / q)",
    source="Alistarh et al. 2017, QSGD, NeurIPS, arXiv:1610.02132 (there rounded at random)",
    parameters=(
        Parameter("gradient", "positive", None, "q of the gradient"),
        Parameter("value", "positive", None, "q of the loss that optimizers see; the one reported is not rounded"),
    ),
    prepare=prepare,
    slope=slope,
    marks=lambda dimension, settings: {
        "online": True,
        "rounded": settings["value"] is not None,
        "biased": settings["gradient"] is not None,
    },
    check=check,
)

"""Michalewicz's function: flat ground cut by narrow ravines, the narrower the larger m."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameter, Parameters


def evaluate(LANES):
    add_up = total(LANES)

    def michalewicz(x, gradient, loss, t, seeds, reals, integers, work):
        m = integers[0]
        for i in range(x.shape[0]):
            for lane in range(LANES):
                sine = np.sin(x[i, lane])
                angle = (i + 1) * x[i, lane] * x[i, lane] / np.pi
                wave = np.sin(angle)
                power = wave  # to be wave^(2m-1), by products: pow differs from machine to machine
                for _ in range(m - 1):
                    power *= wave * wave
                steep = 4.0 * m * (i + 1) * x[i, lane] / np.pi
                work[i, lane] = -sine * power * wave
                gradient[i, lane] = -power * (np.cos(x[i, lane]) * wave + sine * steep * np.cos(angle))
        add_up(work, x.shape[0], loss)

    return michalewicz


def optimum(dimension: int, parameters: Parameters) -> Optimum:
    """The best of each coordinate by itself, to float64: the sum separates.

    Between two zeros of its wave, at pi sqrt(k/i) and pi sqrt((k+1)/i), the i-th term is log-concave, so the peak there
    is the root of a decreasing function, which bisection finds. All waves are equally high and sin(x) falls off on both
    sides of pi/2, so the best peak is in the interval that holds pi/2, k = i // 4, or in one next to it.
    """
    m = parameters["m"]
    i = np.arange(1, dimension + 1)
    k = np.clip(i // 4 + np.array([[-1], [0], [1]]), 0, i - 1)
    low, high = np.pi * np.sqrt(k / i), np.pi * np.sqrt((k + 1) / i)
    for _ in range(60):
        x = 0.5 * (low + high)
        angle = i * x * x / np.pi
        rising = 1.0 / np.tan(x) + 4.0 * m * i * x / np.pi / np.tan(angle) > 0.0
        low, high = np.where(rising, x, low), np.where(rising, high, x)
    terms = np.sin(x) * np.sin(i * x * x / np.pi) ** (2 * m)
    best = terms.argmax(axis=0)
    columns = np.arange(dimension)
    return Optimum(-float(terms[best, columns].sum()), (tuple(x[best, columns].tolist()),))


def check(dimension: int, parameters: Parameters) -> tuple[str, str, str] | None:
    if not 1 <= parameters["m"] <= 1000:
        return "m", "an integer from 1 to 1000", str(parameters["m"])
    return None


FUNCTION = Function(
    name="michalewicz",
    summary="flat ground cut by narrow ravines: almost everywhere the gradient says nothing",
    formula="-sum_i sin(x_i) sin^(2m)(i x_i^2 / pi)",
    source="Michalewicz 1996, Genetic Algorithms + Data Structures = Evolution Programs, Springer",
    evaluate=evaluate,
    start=(2.0, 1.8),
    domain=(0.0, np.pi),
    optimum=optimum,
    parameters=(Parameter("m", "integer", 10, "how narrow the ravines are, 1 to 1000"),),
    prepare=lambda dimension, parameters: Data(np.zeros(1), np.array([parameters["m"]], np.int64), dimension),
    check=check,
    box=((0.0, np.pi),),
)

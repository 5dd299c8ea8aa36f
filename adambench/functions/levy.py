"""Levy's function: a bowl crossed by waves, in every direction of the coordinate axes."""

from __future__ import annotations

import numpy as np

from adambench.engine.total import total
from adambench.function import Function, Optimum


def evaluate(LANES):
    add_up = total(LANES)

    def levy(x, gradient, loss, t, seeds, reals, integers, work):
        last = x.shape[0] - 1
        for i in range(last):
            for lane in range(LANES):
                offset = 0.25 * (x[i, lane] - 1.0)
                angle = np.pi * (1.0 + offset) + 1.0
                sine = np.sin(angle)
                height = 1.0 + 10.0 * sine * sine
                work[i, lane] = offset * offset * height
                gradient[i, lane] = 0.5 * offset * height + 5.0 * np.pi * offset * offset * sine * np.cos(angle)
        for lane in range(LANES):
            offset = 0.25 * (x[last, lane] - 1.0)
            angle = 2.0 * np.pi * (1.0 + offset)
            sine = np.sin(angle)
            height = 1.0 + sine * sine
            work[last, lane] = offset * offset * height
            gradient[last, lane] = 0.5 * offset * height + np.pi * offset * offset * sine * np.cos(angle)
            angle = np.pi * (1.0 + 0.25 * (x[0, lane] - 1.0))
            sine = np.sin(angle)
            work[0, lane] += sine * sine
            gradient[0, lane] += 0.5 * np.pi * sine * np.cos(angle)
        add_up(work, last + 1, loss)

    return levy


def curvature(LANES):
    def levy(x, diagonal, reals, integers, work):
        last = x.shape[0] - 1
        for i in range(last + 1):
            for lane in range(LANES):
                offset = 0.25 * (x[i, lane] - 1.0)
                turn = np.pi * (1.0 + offset)
                angle, size, speed = (turn + 1.0, 10.0, np.pi) if i < last else (2.0 * turn, 1.0, 2.0 * np.pi)
                # (o^2 h)'' = 2 h + 4 o h' + o^2 h'' with h = 1 + size sin^2(angle)
                height = 1.0 + size * np.sin(angle) * np.sin(angle)
                slope = size * speed * np.sin(2.0 * angle)
                bend = 2.0 * size * speed * speed * np.cos(2.0 * angle)
                second = 2.0 * height + 4.0 * offset * slope + offset * offset * bend
                if i == 0:
                    second += 2.0 * np.pi * np.pi * np.cos(2.0 * turn)
                diagonal[i, lane] = second / 16.0

    return levy


FUNCTION = Function(
    name="levy",
    summary="a bowl crossed by waves along every axis",
    formula="sin^2(pi w_1) + sum_{i<n} (w_i - 1)^2 (1 + 10 sin^2(pi w_i + 1)) + (w_n - 1)^2 (1 + sin^2(2 pi w_n)), "
    "w_i = 1 + (x_i - 1)/4",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, Levy function",
    evaluate=evaluate,
    curvature=curvature,
    start=(-6.0, 7.5),
    domain=(-10.0, 10.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((1.0,) * dimension,)),
)

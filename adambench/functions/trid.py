"""The trid function: a quadratic whose neighbours are coupled and whose minimum moves off as n^2."""

from __future__ import annotations

from adambench.engine.total import total
from adambench.function import Function, Optimum, Parameters


def evaluate(LANES):
    add_up = total(LANES)

    def trid(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        for i in range(n):
            for lane in range(LANES):
                offset = x[i, lane] - 1.0
                work[i, lane] = offset * offset
                gradient[i, lane] = 2.0 * offset
        for i in range(1, n):
            for lane in range(LANES):
                work[i, lane] -= x[i, lane] * x[i - 1, lane]
                gradient[i, lane] -= x[i - 1, lane]
        for i in range(n - 1):
            for lane in range(LANES):
                gradient[i, lane] -= x[i + 1, lane]
        add_up(work, n, loss)

    return trid


def curvature(LANES):
    def trid(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 2.0

    return trid


def optimum(dimension: int, parameters: Parameters) -> Optimum:
    n = dimension
    return Optimum(-n * (n + 4) * (n - 1) / 6, (tuple(float(i * (n + 1 - i)) for i in range(1, n + 1)),))


FUNCTION = Function(
    name="trid",
    summary="a quadratic with coupled neighbours: its minimum is far off, its condition number grows as n^2",
    formula="sum_i (x_i - 1)^2 - sum_{i>1} x_i x_{i-1}",
    source="Surjanovic & Bingham, Virtual Library of Simulation Experiments, Trid function",
    evaluate=evaluate,
    curvature=curvature,
    start=(0.0,),
    domain=(-100.0, 100.0),  # -n^2 .. n^2 in the literature: this is that of the default dimension
    optimum=optimum,
    default_dimension=10,
)

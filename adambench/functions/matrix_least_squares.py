"""Least squares in a matrix: the simplest problem whose unknown has rows and columns."""

from __future__ import annotations

import numpy as np

from adambench.engine.blas import single_thread
from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameter, Parameters, Reals
from adambench.optimizer import Blocks


def evaluate(LANES):
    add_up = total(LANES)

    def matrix_least_squares(x, gradient, loss, t, seeds, reals, integers, work):
        rows, columns = integers[0], integers[1]
        solution = rows * rows
        size = rows * columns
        for i in range(size):
            for lane in range(LANES):
                gradient[i, lane] = 0.0
        for k in range(rows):
            for j in range(columns):
                for lane in range(LANES):
                    work[k * columns + j, lane] = 0.0
                for i in range(rows):
                    for lane in range(LANES):
                        off = x[i * columns + j, lane] - reals[solution + i * columns + j]
                        work[k * columns + j, lane] += reals[k * rows + i] * off
                for i in range(rows):
                    for lane in range(LANES):
                        gradient[i * columns + j, lane] += reals[k * rows + i] * work[k * columns + j, lane]
        for i in range(size):
            for lane in range(LANES):
                work[i, lane] = 0.5 * work[i, lane] * work[i, lane]
        add_up(work, size, loss)

    return matrix_least_squares


def curvature(LANES):
    def diagonal_of_hessian(x, diagonal, reals, integers, work):
        rows, columns = integers[0], integers[1]
        for i in range(rows):
            square = 0.0
            for k in range(rows):
                square += reals[k * rows + i] * reals[k * rows + i]
            for j in range(columns):
                for lane in range(LANES):
                    diagonal[i * columns + j, lane] = square

    return diagonal_of_hessian


def rows_of(dimension: int, parameters: Parameters) -> int:
    """As given, else the largest divisor of the dimension up to its root: no more rows than columns."""
    given = parameters.get("rows")
    return int(given) if given is not None else next(r for r in range(int(dimension**0.5), 0, -1) if dimension % r == 0)


def factors(dimension: int, parameters: Parameters) -> tuple[Reals, Reals]:
    """A, (rows, rows), with singular values from 1 down to 1/sqrt(condition); and the solution, (rows, columns)."""
    rows = rows_of(dimension, parameters)
    random = np.random.Generator(np.random.Philox(parameters["seed"]))
    scales = np.geomspace(1.0, parameters["condition"] ** -0.5, rows)
    with single_thread():
        left, _ = np.linalg.qr(random.standard_normal((rows, rows)))
        right, _ = np.linalg.qr(random.standard_normal((rows, rows)))
        a = left * scales @ right
    return a, random.standard_normal((rows, dimension // rows))


def prepare(dimension: int, parameters: Parameters) -> Data:
    """integers: rows, columns. reals: A and then the solution, each row by row."""
    a, solution = factors(dimension, parameters)
    return Data(np.concatenate((a.ravel(), solution.ravel())), np.array(solution.shape, np.int64), dimension)


def optimum(dimension: int, parameters: Parameters) -> Optimum:
    return Optimum(0.0, (tuple(factors(dimension, parameters)[1].ravel().tolist()),))


def blocks(dimension: int, parameters: Parameters) -> Blocks:
    rows = rows_of(dimension, parameters)
    return ((0, rows, dimension // rows),)


def check(dimension: int, parameters: Parameters) -> tuple[str, str, str] | None:
    rows = parameters.get("rows")
    if rows is not None and (rows < 1 or dimension % rows):
        return "rows", f"a divisor of the dimension {dimension}", str(rows)
    if parameters["condition"] < 1.0:
        return "condition", "a number of at least 1", str(parameters["condition"])
    if parameters["seed"] < 0:
        return "seed", "an integer of at least 0", str(parameters["seed"])
    return None


FUNCTION = Function(
    name="matrix-least-squares",
    summary="least squares in a matrix, with correlated rows: for the optimizers that work on matrices",
    formula="1/2 |A (X - X*)|^2, X of rows x columns, A with singular values from 1 to 1/sqrt(condition)",
    source="Gupta, Koren & Singer 2018, Shampoo, arXiv:1802.09568 (a matrix of parameters, its gradient G)",
    evaluate=evaluate,
    start=(0.0,),
    domain=(-3.0, 3.0),
    optimum=optimum,
    default_dimension=24,
    parameters=(
        Parameter("rows", "integer", None, "of x; the largest divisor of the dimension up to its root by default"),
        Parameter("condition", "positive", 100.0, "of the Hessian, at least 1"),
        Parameter("seed", "integer", 0, "the seed of A and of the solution"),
    ),
    prepare=prepare,
    check=check,
    curvature=curvature,
    blocks=blocks,
)

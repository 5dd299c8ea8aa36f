"""A convex quadratic with the eigenvalues one asks for, along the axes or along directions drawn at random."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from adambench.engine.blas import single_thread
from adambench.engine.total import total
from adambench.function import Data, Function, Optimum, Parameter, Parameters, Reals, Spectrum

LARGEST_ROTATION = 2000


def product(LANES):
    """A function product(reals, top, n, x, y): y_i = sum_j reals[(top + j) n + i] x_j, for every lane.

    Four j at once, since it is the loads and stores of y that cost; i is the inner loop, so that it vectorises.
    Unsigned places: a signed one might count from the end, and that question in the loop keeps it scalar.
    """

    def product(reals, top, n, x, y):
        whole = n - n % 4
        for i in range(n):
            for lane in range(LANES):
                y[i, lane] = 0.0
        for j in range(0, whole, 4):
            first, second = np.uint64((top + j) * n), np.uint64((top + j + 1) * n)
            third, fourth = np.uint64((top + j + 2) * n), np.uint64((top + j + 3) * n)
            for i in range(n):
                k = np.uint64(i)
                for lane in range(LANES):
                    y[i, lane] += (reals[first + k] * x[j, lane] + reals[second + k] * x[j + 1, lane]) + (
                        reals[third + k] * x[j + 2, lane] + reals[fourth + k] * x[j + 3, lane]
                    )
        for j in range(whole, n):
            for i in range(n):
                for lane in range(LANES):
                    y[i, lane] += reals[np.uint64((top + j) * n + i)] * x[j, lane]

    return product


def evaluate(LANES):
    add_up = total(LANES)
    multiply = product(LANES)

    def quadratic(x, gradient, loss, t, seeds, reals, integers, work):
        n = x.shape[0]
        if integers[0] == 0:
            for i in range(n):
                for lane in range(LANES):
                    gradient[i, lane] = reals[i] * x[i, lane]
                    work[i, lane] = 0.5 * reals[i] * x[i, lane] * x[i, lane]
        else:
            multiply(reals, 0, n, x, work)
            multiply(reals, n, n, work, gradient)
            for i in range(n):
                for lane in range(LANES):
                    work[i, lane] = 0.5 * work[i, lane] * work[i, lane]
        add_up(work, n, loss)

    return quadratic


def curvature(LANES):
    def quadratic(x, diagonal, reals, integers, work):
        n = x.shape[0]
        for i in range(n):
            h = np.float64(reals[i])
            if integers[0] != 0:
                h = 0.0
                for k in range(n):
                    root = np.float64(reals[np.uint64(i * n + k)])
                    h += root * root
            for lane in range(LANES):
                diagonal[i, lane] = h

    return quadratic


def eigenvalues(dimension: int, parameters: Parameters) -> Reals:
    """(dimension,) the eigenvalues given; else from 1 to condition, or condition / i for `inverse`."""
    given = parameters.get("eigenvalues")
    if given is not None:
        return np.array(given, dtype=np.float64)
    condition = float(parameters["condition"])
    match parameters["spectrum"]:
        case "log":
            return np.geomspace(1.0, condition, dimension)
        case "linear":
            return np.linspace(1.0, condition, dimension)
        case "inverse":
            return condition / np.arange(1.0, dimension + 1.0)
        case _:
            return np.append(np.ones(dimension - 1), condition)


@lru_cache(maxsize=4)
def rotation(dimension: int, seed: int) -> Reals:
    """(dimension, dimension) orthogonal, read-only, uniformly distributed over the seeds.

    The Q of the QR decomposition of a gaussian matrix, made unique by a positive diagonal of R.
    Source: Mezzadri 2007, Notices of the AMS 54(5), 592-604.
    """
    draws = np.random.Generator(np.random.Philox(seed)).standard_normal((dimension, dimension))
    with single_thread():
        q, r = np.linalg.qr(draws)
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0)
    q.setflags(write=False)
    return q


def spectrum(dimension: int, parameters: Parameters) -> Spectrum:
    turned = rotation(dimension, parameters["seed"]) if parameters["rotate"] else None
    return Spectrum(eigenvalues(dimension, parameters), turned)


def prepare(dimension: int, parameters: Parameters) -> Data:
    """integers: whether rotated. reals: h; where rotated, A' and A, each row by row.

    With A = diag(sqrt(h)) Q, the loss is 1/2 |A x|^2 and its gradient A' A x.
    """
    hessian = spectrum(dimension, parameters)
    if hessian.rotation is None:
        return Data(hessian.eigenvalues, np.zeros(1, np.int64), dimension)
    a = np.sqrt(hessian.eigenvalues)[:, None] * hessian.rotation
    return Data(np.concatenate((a.T.ravel(), a.ravel())), np.ones(1, np.int64), dimension)


def check(dimension: int, parameters: Parameters) -> tuple[str, str, str] | None:
    given = parameters.get("eigenvalues")
    if given is not None and len(given) != dimension:
        return "eigenvalues", f"{dimension} numbers, as many as the dimension", str(len(given))
    if parameters["condition"] < 1.0:
        return "condition", "a number of at least 1", str(parameters["condition"])
    if parameters["seed"] < 0:
        return "seed", "an integer of at least 0", str(parameters["seed"])
    if parameters["rotate"] and dimension > LARGEST_ROTATION:
        return "rotate", f"false above dimension {LARGEST_ROTATION}", f"true with dimension {dimension}"
    return None


FUNCTION = Function(
    name="quadratic",
    summary="a convex quadratic with a chosen spectrum; rotated, no per-coordinate step size can undo the scaling",
    formula="1/2 sum_i h_i y_i^2 with y = x, or y = Q x where rotated",
    source="Zhang et al. 2019, Which Algorithmic Choices Matter at Which Batch Sizes? (the noisy quadratic model)",
    evaluate=evaluate,
    curvature=curvature,
    start=(1.0,),
    domain=(-5.0, 5.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((0.0,) * dimension,)),
    default_dimension=10,
    parameters=(
        Parameter("eigenvalues", "positives", None, "h, one a coordinate; instead of condition and spectrum"),
        Parameter("condition", "positive", 100.0, "the largest eigenvalue, at least 1"),
        Parameter(
            "spectrum",
            "choice",
            "log",
            "log, linear: spaced so from 1 to condition; inverse: h_i = condition / i, down to condition / dimension, "
            "as in the noisy quadratic model; one-outlier: all 1 but the last, condition",
            ("log", "linear", "inverse", "one-outlier"),
        ),
        Parameter("rotate", "boolean", False, "whether the eigenvectors are drawn at random instead of the axes"),
        Parameter("seed", "integer", 0, "the seed of the rotation"),
    ),
    prepare=prepare,
    check=check,
    spectrum=spectrum,
)

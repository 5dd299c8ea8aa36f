"""Axes turned at random: no step size for each coordinate fits any more."""

from __future__ import annotations

import numpy as np

from adambench.engine.blas import single_thread
from adambench.function import Data, Function, Parameter, Parameters, Reals
from adambench.functions.quadratic import LARGEST_ROTATION, product, rotation
from adambench.transform import Complaint, Map, Transform


def point(LANES):
    multiply = product(LANES)

    def rotate(x, y, t, stream, reals, integers, work):
        multiply(reals, 0, x.shape[0], x, y)

    return rotate


def slope(LANES):
    multiply = product(LANES)

    def rotate_back(gradient, loss, t, stream, seeds, reals, integers, work):
        n = gradient.shape[0]
        for i in range(n):
            for lane in range(LANES):
                work[i, lane] = gradient[i, lane]
        multiply(reals, n, n, work, gradient)

    return rotate_back


def prepare(dimension: int, settings: Parameters) -> Data:
    """reals: Q' and Q, each row by row."""
    q = rotation(dimension, settings["seed"])
    return Data(np.concatenate((q.T.ravel(), q.ravel())), np.zeros(0, np.int64), dimension)


def affine(dimension: int, settings: Parameters) -> Map:
    q = rotation(dimension, settings["seed"])

    def turned(matrix: Reals, vector: Reals) -> Reals:
        with single_thread():
            return np.asarray(matrix @ vector)

    return Map(lambda x: turned(q, x), lambda y: turned(q.T, y), q)


def check(dimension: int, settings: Parameters, function: Function) -> Complaint | None:
    if dimension > LARGEST_ROTATION:
        return "", f"a dimension of at most {LARGEST_ROTATION:,}", f"{dimension:,}"
    if function.box is not None:
        return "", "a function without a box, which would no longer be one", function.name
    return None


TRANSFORM = Transform(
    name="rotate",
    summary="axes turned at random: no step size for each coordinate undoes bad scaling any more",
    formula="f(Q x), Q orthogonal: the Q of the QR decomposition of a gaussian matrix",
    source="Mezzadri 2007, Notices of the AMS 54(5), 592-604; Hansen et al. 2009, RR-6829, R",
    parameters=(Parameter("seed", "integer", 0, "of the gaussian matrix"),),
    prepare=prepare,
    point=point,
    slope=slope,
    bend=None,
    map=affine,
    check=check,
)

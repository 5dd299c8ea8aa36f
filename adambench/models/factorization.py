"""Matrix factorization: a matrix of which some cells are known, as a product of two thin ones; not convex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import Dataset, Rows
from adambench.data.sources import FILE, MATRIX
from adambench.function import Data, Function, Parameter, Parameters
from adambench.model import Complaint, Model, seen
from adambench.network.classifier import too_large, unfit
from adambench.network.minibatch import BATCH, epoch_of, window
from adambench.network.penalty import L2
from adambench.network.weights import INIT, Weights, blocks_of, drawn, settled
from adambench.norm import squares

Reals = NDArray[np.float64]

HEAD = 4
CELLS_MEASURED = 1 << 16
"""At once, of those held out."""


def evaluate(LANES):
    """reals: l2, the cells' values. integers: HEAD numbers, the cells' rows, their columns.

    work: the order of the cells, and the epoch it is the order of.
    """

    def factorization(x, gradient, loss, t, seeds, reals, integers, work):
        l2, cells, batch, rank, rows = reals[0], integers[0], integers[1], integers[2], integers[3]
        weights, slopes = x.reshape(-1), gradient.reshape(-1)
        first, last = window(work, cells, batch, t, seeds[0])
        minibatch, share = batch > 0 and t > 0, 1.0 / (last - first)
        for i in range(weights.size):
            slopes[i] = l2 * weights[i]
        penalty = squares(weights, 0, weights.size) if l2 != 0 else 0.0
        total = 0.0
        for k in range(first, last):
            cell = int(work[k, 0]) if minibatch else k
            row, column = integers[HEAD + cell] * rank, (rows + integers[HEAD + cells + cell]) * rank
            left, right = weights[row : row + rank], weights[column : column + rank]
            error = -np.float64(reals[1 + cell])
            for j in range(rank):
                error += np.float64(left[j]) * np.float64(right[j])
            total += error * error
            push = x.dtype.type(share * error)
            left_slopes, right_slopes = slopes[row : row + rank], slopes[column : column + rank]
            for j in range(rank):
                left_slopes[j] += push * right[j]
                right_slopes[j] += push * left[j]
        loss[0] = 0.5 * (share * total + l2 * penalty)

    return factorization


def factors(settings: Parameters, rows: Rows) -> list[Weights]:
    left = Weights(0, rows.count, settings["rank"], biased=False)
    return [left, Weights(left.end, rows.features, settings["rank"], biased=False)]


def cells_of(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row and the column of each known cell."""
    return np.repeat(np.arange(rows.count), np.diff(rows.starts)), rows.indices


def check(settings: Parameters, dataset: Dataset) -> Complaint | None:
    rows = dataset.train
    assert isinstance(rows, Rows)
    if not rows.values.size:
        return "data", "known cells", "none"
    if complaint := unfit(settings, rows.values.size, "known cells"):
        return complaint
    if not 1 <= settings["rank"] <= min(rows.count, rows.features):
        expected = f"a whole number from 1 to {min(rows.count, rows.features):,}, the shorter side of the matrix"
        return "rank", expected, f"{settings['rank']}"
    return too_large("rank", factors(settings, rows))


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The objective on the known cells: x is U, then V, each row by row."""
    rows, held_out = dataset.train, dataset.held_out
    assert isinstance(rows, Rows)
    layers, batch, cells = factors(settings, rows), settings["batch"] or 0, rows.values.size
    dimension = layers[-1].end
    head = [cells, batch, settings["rank"], rows.count]
    data = Data(
        np.concatenate(([settings["l2"]], rows.values)),
        np.concatenate((head, *cells_of(rows))).astype(np.int64),
        cells + 1,
    )
    function = Function(
        name=MODEL.name,
        summary=MODEL.summary,
        formula=MODEL.formula,
        source=MODEL.source,
        evaluate=evaluate,
        start=(0.1,),
        domain=(-1.0, 1.0),
        optimum=lambda dimension, parameters: None,
        dimension=dimension,
        blocks=lambda dimension, parameters: blocks_of(layers),
        draw=drawn(layers, settings),
        held_out=measure(held_out, layers) if isinstance(held_out, Rows) and held_out.values.size else None,
        sampled=batch > 0,
        epoch=epoch_of(cells, batch),
        wide=False,
    )
    return function, data, dimension


def measure(rows, layers):
    """`held_out(x)`: the loss on the cells of `rows`, without the penalty."""
    row, column = cells_of(rows)

    def held_out(x):
        left, right = (x[layer.start : layer.bias].reshape(layer.outputs, -1) for layer in layers)
        total = 0.0
        for first in range(0, row.size, CELLS_MEASURED):
            part = slice(first, first + CELLS_MEASURED)
            errors = (left[row[part]] * right[column[part]]).sum(axis=1) - rows.values[part]
            total += float(np.square(errors).sum())
        return {"loss": 0.5 * total / row.size}

    return held_out


MODEL = Model(
    name="factorization",
    summary="the known cells of a matrix as a product of two thin ones: not convex, and sparse in minibatches",
    formula="mean over known cells of (u_i.v_j - a_ij)^2/2 + l2/2 (|U|^2 + |V|^2)",
    source="Koren, Bell & Volinsky 2009, Matrix factorization techniques for recommender systems, Computer 42(8), "
    "30-37",
    keys=(Parameter("rank", "integer", 8, "the columns of U and V"), L2, INIT, BATCH),
    sources=(FILE, MATRIX),
    check=check,
    build=build,
    form="sparse",
    supervised=False,
    cells=True,
    settled=settled,
    seen=lambda dataset: seen(dataset)[:3],
)

"""Logistic regression on sparse rows: smooth, convex, and with as many scales as its features have frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.data.form import sparse
from adambench.data.labels import signs
from adambench.data.rows import Dataset
from adambench.data.sources import BLOBS, FILE, GENERATED, IMAGES
from adambench.function import Data, Function, Parameter, Parameters
from adambench.model import Complaint, Model
from adambench.network.classifier import unfit
from adambench.network.minibatch import BATCH, epoch_of, window
from adambench.network.penalty import L2

_at = np.uint64
"""An index that Numba need not compare with 0: signed indices made the kernel 2.5 times slower."""
_ONE, _STARTS = _at(1), _at(5)


def evaluate(LANES):
    """reals: l2, values, labels. integers: rows, batch (0: all), intercept?, values all 1?, non-zeros; starts, indices.

    work: the order of the rows, the epoch it is the order of, and one number of no meaning. Where the gradient is that
    of a minibatch, so is the loss.
    """

    def logistic(x, gradient, loss, t, seeds, reals, integers, work):
        l2, rows, batch, intercept, ones = reals[0], integers[0], integers[1], integers[2] == 1, integers[3] == 1
        labels, indices = _at(1 + integers[4]), _at(6 + rows)
        weights = x.shape[0] - 1 if intercept else x.shape[0]
        minibatch = t > 0 and batch > 0
        first, last = window(work, rows, batch, t, seeds[0])
        if minibatch:
            # The rows lie anywhere. Reading a little of each, with nothing waiting for it, has them all fetched from
            # memory at once; the loops below would wait for one after the other: 33 against 11 microseconds a step.
            touched = 0
            for k in range(first, last):
                row = _at(work[_at(k), 0])
                begin, end = _at(integers[_STARTS + row]), _at(integers[_STARTS + row + _ONE])
                touched += reals[labels + row] > 0.0
                if begin < end:
                    middle = (begin + end) >> _ONE
                    touched += integers[indices + begin] + integers[indices + middle] + integers[indices + end - _ONE]
                    if not ones:
                        touched += (reals[_ONE + begin] > 0.0) + (reals[_ONE + middle] > 0.0) + (reals[end] > 0.0)
            work[rows + 1, 0] = touched
        penalty = np.float64(0.0)
        for i in range(weights):
            gradient[i, 0] = l2 * x[i, 0]
            penalty += l2 * x[i, 0] * x[i, 0]
        offset = np.float64(x[weights, 0]) if intercept else 0.0
        total, grown, push_all, share = 0.0, 0.0, 0.0, 1.0 / (last - first)
        for k in range(first, last):
            row = _at(work[_at(k), 0]) if minibatch else _at(k)
            begin, end = _at(integers[_STARTS + row]), _at(integers[_STARTS + row + _ONE])
            margin = offset
            for n in range(begin, end):
                margin += (1.0 if ones else reals[_ONE + n]) * x[_at(integers[indices + n]), 0]
            label = reals[labels + row]
            margin *= label
            # log(1 + exp(-m)) = log(1 + exp(-|m|)) - min(m, 0): an exponential that cannot overflow. One logarithm for
            # many rows: the product of 1 + exp(-|m|) grows at most to 2^512, and is kept less 1, which cancels nothing.
            small = np.exp(-abs(margin))
            grown += small + small * grown
            total -= min(margin, 0.0)
            if k & 511 == 511:
                total += np.log1p(grown)
                grown = 0.0
            push = -label * share * ((1.0 if margin < 0.0 else small) / (1.0 + small))
            push_all += push
            for n in range(begin, end):
                gradient[_at(integers[indices + n]), 0] += push * (1.0 if ones else reals[_ONE + n])
        if intercept:
            gradient[weights, 0] = push_all
        loss[0] = (total + np.log1p(grown)) * share + 0.5 * penalty

    return logistic


def curvature(LANES):
    """Of the mean over all rows."""

    def logistic(x, diagonal, reals, integers, work):
        l2, rows, intercept, ones = reals[0], integers[0], integers[2] == 1, integers[3] == 1
        indices = _at(6 + rows)
        weights = x.shape[0] - 1 if intercept else x.shape[0]
        for i in range(weights):
            diagonal[i, 0] = l2
        offset = np.float64(x[weights, 0]) if intercept else 0.0
        total, share = 0.0, 1.0 / rows
        for k in range(rows):
            begin, end = _at(integers[_STARTS + _at(k)]), _at(integers[_STARTS + _at(k) + _ONE])
            margin = offset
            for n in range(begin, end):
                margin += (1.0 if ones else reals[_ONE + n]) * x[_at(integers[indices + n]), 0]
            small = np.exp(-abs(margin))
            bend = share * small / ((1.0 + small) * (1.0 + small))
            total += bend
            for n in range(begin, end):
                value = 1.0 if ones else reals[_ONE + n]
                diagonal[_at(integers[indices + n]), 0] += bend * value * value
        if intercept:
            diagonal[weights, 0] = total

    return logistic


def check(settings: Parameters, dataset: Dataset) -> Complaint | None:
    return unfit(settings, dataset.train.count)


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The objective on the training rows; its last coordinate is the intercept where there is one."""
    rows = sparse(dataset.train)
    count, batch, intercept = rows.count, settings["batch"] or 0, int(settings["intercept"])
    reals = np.concatenate(([settings["l2"]], rows.values, signs(rows.labels, rows.where)))
    ones = int((rows.values == 1.0).all())
    integers = np.concatenate(([count, batch, intercept, ones, rows.values.size], rows.starts, rows.indices))
    function = Function(
        name=MODEL.name,
        summary=MODEL.summary,
        formula=MODEL.formula,
        source=MODEL.source,
        evaluate=evaluate,
        start=(0.0,),
        domain=(-2.0, 2.0),
        optimum=lambda dimension, parameters: None,
        dimension=rows.features + intercept,
        curvature=None if batch > 0 else curvature,  # that of all rows costs more than a minibatch
        held_out=None if dataset.held_out is None else held_out(sparse(dataset.held_out)),
        convex=True,
        sampled=batch > 0,
        epoch=epoch_of(count, batch),
        wide=False,
    )
    return function, Data(reals, integers.astype(np.int64), count + 2), rows.features + intercept


def seen(dataset: Dataset) -> tuple[NDArray[Any], ...]:
    """The cells that are not 0, and the signs."""
    rows = sparse(dataset.train)
    there = rows.values != 0.0
    starts = np.concatenate((np.zeros(1, np.int64), there.cumsum()))[rows.starts]
    return rows.values[there], rows.indices[there], starts, signs(rows.labels, rows.where)


def held_out(rows):
    """`measure(x)`: the mean of log(1 + exp(-y w.x)) over `rows`, no penalty, and the share with the right sign."""
    labels, row = signs(rows.labels, rows.where), np.repeat(np.arange(rows.count), np.diff(rows.starts))

    def measure(x):
        scores = np.bincount(row, weights=rows.values * x[rows.indices], minlength=rows.count)
        scores += x[rows.features] if x.size > rows.features else 0.0
        right = (scores > 0.0) == (labels > 0.0)
        return {"loss": float(np.logaddexp(0.0, -labels * scores).mean()), "accuracy": float(right.mean())}

    return measure


MODEL = Model(
    name="logistic",
    summary="logistic regression on sparse rows: convex, with rare and frequent features",
    formula="mean over rows of log(1 + exp(-y w.x)) + l2/2 |w|^2",
    source="Cox 1958, The Regression Analysis of Binary Sequences, J. R. Stat. Soc. B 20(2), 215-242",
    keys=(
        L2,
        Parameter("intercept", "boolean", False, "one more coordinate, the last, that the penalty leaves out"),
        BATCH,
    ),
    sources=(FILE, GENERATED, BLOBS, IMAGES),
    check=check,
    build=build,
    form="sparse",
    seen=seen,
)

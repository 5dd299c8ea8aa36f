"""A multilayer perceptron that tells classes apart; without layers, softmax regression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import Dataset
from adambench.data.sources import BLOBS, FILE, IMAGES
from adambench.function import Data, Function, Parameter, Parameters
from adambench.model import Complaint, Model
from adambench.network.activation import NAMES, activated
from adambench.network.classifier import (
    ACTIVATION,
    DROPOUT,
    classifier,
    coded,
    seen,
    too_large,
    unfit,
    unfit_classes,
)
from adambench.network.cross_entropy import cross_entropy
from adambench.network.dense import FIELDS, backward, forward, table
from adambench.network.dropout import threshold
from adambench.network.minibatch import BATCH, block_of, gather, window
from adambench.network.penalty import L2, penalize
from adambench.network.weights import INIT, Weights, lined_up, settled

Reals = NDArray[np.float64]

HEAD = 10


def evaluate(LANES):
    """reals: l2, what dropout multiplies by, the inputs. integers: HEAD numbers, the table of the layers, the classes.

    work: the order of the rows, the epoch it is the order of; then `room`, in the run's precision: the rows of a block,
    as much as the largest layer has weights, and each layer's outputs and slopes.
    """

    def mlp(x, gradient, loss, t, seeds, reals, integers, work):
        rows, batch, features, layers, activation = integers[0], integers[1], integers[2], integers[3], integers[4]
        classes, least, start, spare, block = integers[5], integers[6], integers[7], integers[8], integers[9]
        codes = HEAD + FIELDS * layers
        weights, slopes, flat = x.reshape(-1), gradient.reshape(-1), work.reshape(-1)
        room, order = flat[start:].view(x.dtype), flat[:rows]
        first, last = window(work, rows, batch, t, seeds[0])
        minibatch = batch > 0 and t > 0
        least, share = least if t > 0 else 0, 1.0 / (last - first)
        outputs = integers[codes - FIELDS + 4]
        total = 0.0
        for begin in range(first, last, block):
            end = min(begin + block, last)
            count = end - begin
            inputs = reals[2 + begin * features : 2 + end * features]
            right = integers[codes + begin : codes + end]
            if minibatch:
                inputs = room[: count * features]
                gather(reals, 2, features, order, begin, end, inputs)
                right = flat[rows + 1 : rows + 1 + count].view(np.int64)
                gather(integers, codes, 1, order, begin, end, right)
            forward(
                *(weights, integers, HEAD, layers, inputs, room, count, activation),
                *(begin - first, t, seeds[0], least, reals[1]),
            )
            total += cross_entropy(room[outputs : outputs + count * classes], right, count, classes, share)
            backward(weights, slopes, integers, HEAD, layers, inputs, room, count, False, begin > first, room[spare:])
        penalty = 0.0
        for layer in range(layers):
            place = HEAD + FIELDS * layer
            penalty += penalize(weights, slopes, integers[place + 2], integers[place + 3], reals[0])
        loss[0] = total * share + penalty

    return mlp


def shapes(settings: Parameters, features: int, classes: int) -> list[Weights]:
    widths = (features, *settings.get("layers", ()), classes)
    return lined_up(list(zip(widths[1:], widths[:-1], strict=True)))


def check(settings: Parameters, dataset: Dataset) -> Complaint | None:
    train, _, _, _, classes = coded(dataset)
    if complaint := unfit(settings, train.count) or unfit_classes(classes):
        return complaint
    return too_large("layers" if "layers" in settings else "data", shapes(settings, train.features, classes))


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The perceptron's objective on the training rows."""
    return perceptron(MODEL, settings, dataset)


def perceptron(model: Model, settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The objective of `model` with as many hidden layers as `settings` has."""
    train, codes, _, _, classes = coded(dataset)
    layers, dropout = shapes(settings, train.features, classes), settings.get("dropout", 0.0)
    activation = NAMES.index(settings.get("activation", "relu"))
    widest = max(layer.bias - layer.start for layer in layers)
    block = min(block_of(widest), train.count)
    spare = block * train.features
    described, end = table(layers, spare + widest, block)
    start = train.count + 1 + block
    head = [train.count, settings["batch"] or 0, train.features, len(layers), activation, classes]
    head += [threshold(dropout), start, spare, block]
    reals = np.concatenate(([settings["l2"], 1.0 / (1.0 - dropout)], train.inputs.ravel()))
    integers = np.concatenate((head, described, codes)).astype(np.int64)

    def logits(x: Reals) -> Callable[[Reals], Reals]:
        def of(inputs: Reals) -> Reals:
            for layer in layers:
                z = inputs @ x[layer.start : layer.bias].reshape(layer.outputs, -1).T + x[layer.bias : layer.end]
                inputs = z if layer is layers[-1] else activated(z, activation)
            return inputs

        return of

    function = classifier(model, settings, dataset, evaluate, layers, logits)
    return function, Data(reals, integers, start + end), layers[-1].end


MODEL = Model(
    name="mlp",
    summary="a multilayer perceptron on dense rows: dense layers and a softmax",
    formula="mean over rows of -log softmax(z)[class] + l2/2 |W|^2, z = W_n f(... f(W_1 x + b_1) ...) + b_n",
    source="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors, Nature 323, "
    "533-536",
    keys=(
        Parameter("layers", "integers", (100,), "the units of each hidden layer"),
        ACTIVATION,
        DROPOUT,
        L2,
        INIT,
        BATCH,
    ),
    sources=(FILE, BLOBS, IMAGES),
    check=check,
    build=build,
    form="dense",
    settled=settled,
    seen=seen,
)

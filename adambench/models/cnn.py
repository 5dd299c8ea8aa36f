"""A small convolutional network: convolutions, each activated and max-pooled by 2, then a perceptron."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import Dataset
from adambench.data.sources import FILE, IMAGES
from adambench.function import Data, Function, Parameter, Parameters
from adambench.model import Complaint, Model
from adambench.network import convolution, dense
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
from adambench.network.convolution import FIELDS as CONVOLUTION
from adambench.network.cross_entropy import cross_entropy
from adambench.network.dense import FIELDS as DENSE
from adambench.network.dropout import threshold
from adambench.network.minibatch import BATCH, gather, window
from adambench.network.penalty import L2, penalize
from adambench.network.weights import INIT, Weights, lined_up, settled

Reals = NDArray[np.float64]

HEAD = 12
IMAGES_AT_ONCE = 64
"""That go through the network together."""

convolve, unconvolve = convolution.forward, convolution.backward
connect, disconnect = dense.forward, dense.backward


def evaluate(LANES):
    """reals: l2, what dropout multiplies by, the inputs. integers: HEAD numbers, the tables of the layers, the classes.

    work: the order of the rows, the epoch it is the order of, the classes of a block; then `room`, in the run's
    precision: the rows of a block, scratch, and each layer's outputs and slopes.
    """

    def cnn(x, gradient, loss, t, seeds, reals, integers, work):
        rows, batch, features, activation = integers[0], integers[1], integers[2], integers[3]
        classes, least, start, scratch = integers[4], integers[5], integers[6], integers[7]
        convolutions, layers, size, flattened = integers[8], integers[9], integers[10], integers[11]
        connected = HEAD + CONVOLUTION * convolutions
        codes = connected + DENSE * layers
        weights, slopes, flat = x.reshape(-1), gradient.reshape(-1), work.reshape(-1)
        room, order = flat[start:].view(x.dtype), flat[:rows]
        first, last = window(work, rows, batch, t, seeds[0])
        minibatch = batch > 0 and t > 0
        least, share = least if t > 0 else 0, 1.0 / (last - first)
        pooled, outputs = integers[connected - CONVOLUTION + 6], integers[codes - DENSE + 4]
        total, zero = 0.0, x.dtype.type(0)
        for i in range(slopes.size):
            slopes[i] = zero
        for begin in range(first, last, IMAGES_AT_ONCE):
            end = min(begin + IMAGES_AT_ONCE, last)
            count = end - begin
            inputs = reals[2 + begin * features : 2 + end * features]
            right = integers[codes + begin : codes + end]
            if minibatch:
                inputs = room[: count * features]
                gather(reals, 2, features, order, begin, end, inputs)
                right = flat[rows + 1 : rows + 1 + count].view(np.int64)
                gather(integers, codes, 1, order, begin, end, right)
            spare = room[scratch:]
            convolve(weights, integers, HEAD, convolutions, size, inputs, room, spare, count, activation)
            seen = room[pooled : pooled + count * flattened]
            connect(
                *(weights, integers, connected, layers, seen, room, count, activation),
                *(begin - first, t, seeds[0], least, reals[1]),
            )
            total += cross_entropy(room[outputs : outputs + count * classes], right, count, classes, share)
            disconnect(weights, slopes, integers, connected, layers, seen, room, count, True, True, spare)
            unconvolve(weights, slopes, integers, HEAD, convolutions, size, inputs, room, spare, count)
        penalty = 0.0
        for layer in range(convolutions):
            place = HEAD + CONVOLUTION * layer
            penalty += penalize(weights, slopes, integers[place + 4], integers[place + 5], reals[0])
        for layer in range(layers):
            place = connected + DENSE * layer
            penalty += penalize(weights, slopes, integers[place + 2], integers[place + 3], reals[0])
        loss[0] = total * share + penalty

    return cnn


def shapes(settings: Parameters, image: tuple[int, int, int], classes: int) -> tuple[list[Weights], list[Weights]]:
    """The convolutions, and the dense layers behind them."""
    channels, height, width = image
    field, halvings = settings["kernel"] ** 2, len(settings["channels"])
    planes = (channels, *settings["channels"])
    kernels = lined_up([(after, before * field) for before, after in pairwise(planes)], field=field)
    flattened = planes[-1] * (height >> halvings) * (width >> halvings)
    widths = (flattened, *settings["dense"], classes)
    return kernels, lined_up([(after, before) for before, after in pairwise(widths)], kernels[-1].end)


def check(settings: Parameters, dataset: Dataset) -> Complaint | None:
    train, _, _, _, classes = coded(dataset)
    if train.image is None:
        return "data", "images: data with a shape", "rows without one"
    if complaint := unfit(settings, train.count) or unfit_classes(classes):
        return complaint
    _, height, width = train.image
    if not 1 <= settings["kernel"] <= min(height, width):
        expected = f"a whole number from 1 to {min(height, width)}, the shorter side of the images"
        return "kernel", expected, f"{settings['kernel']}"
    if min(height, width) >> len(settings["channels"]) < 1:
        most = min(height, width).bit_length() - 1
        expected = f"at most {most} layers, since each halves the images of {height} x {width}"
        return "channels", expected, f"{len(settings['channels'])}"
    kernels, layers = shapes(settings, train.image, classes)
    return too_large("channels", kernels) or too_large("dense", layers)


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The network's objective on the training images."""
    train, codes, _, _, classes = coded(dataset)
    assert train.image is not None
    image, size, dropout = train.image, settings["kernel"], settings["dropout"]
    kernels, layers = shapes(settings, image, classes)
    activation, block = NAMES.index(settings["activation"]), min(IMAGES_AT_ONCE, train.count)
    scratch = block * train.features
    convolutions, _, room = convolution.table(kernels, image, size, 0, block)
    most = max(room, *(layer.bias - layer.start for layer in layers))
    convolutions, end, _ = convolution.table(kernels, image, size, scratch + most, block)
    connections, end = dense.table(layers, end, block)
    start = train.count + 1 + block
    head = [train.count, settings["batch"] or 0, train.features, activation, classes, threshold(dropout), start]
    head += [scratch, len(kernels), len(layers), size, layers[0].inputs]
    reals = np.concatenate(([settings["l2"], 1.0 / (1.0 - dropout)], train.inputs.ravel()))
    integers = np.concatenate((head, convolutions, connections, codes)).astype(np.int64)

    def logits(x: Reals) -> Callable[[Reals], Reals]:
        def of(inputs: Reals) -> Reals:
            images: Reals = inputs.reshape(-1, *image)
            for kernel in kernels:
                images = pooled(activated(convolved(images, x, kernel, size), activation))
            z: Reals = images.reshape(inputs.shape[0], -1)
            for layer in layers:
                z = z @ x[layer.start : layer.bias].reshape(layer.outputs, -1).T + x[layer.bias : layer.end]
                z = z if layer is layers[-1] else activated(z, activation)
            return z

        return of

    function = classifier(MODEL, settings, dataset, evaluate, [*kernels, *layers], logits, room)
    return function, Data(reals, integers, start + end), layers[-1].end


def pictures(dataset: Dataset) -> tuple[NDArray[Any], ...]:
    """The images as such, and their classes."""
    inputs, codes = seen(dataset)
    image = coded(dataset)[0].image
    assert image is not None
    return inputs.reshape(-1, *image), codes


def convolved(images: Reals, x: Reals, kernel: Weights, size: int) -> Reals:
    """(rows, outputs, height, width) of images (rows, channels, height, width), in numpy."""
    before, after = (size - 1) // 2, size // 2
    padded = np.pad(images, ((0, 0), (0, 0), (before, after), (before, after)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    weights = x[kernel.start : kernel.bias].reshape(kernel.outputs, -1, size, size)
    found = np.tensordot(seen, weights, axes=((1, 4, 5), (1, 2, 3)))
    return np.asarray(np.moveaxis(found, 3, 1) + x[kernel.bias : kernel.end, None, None])


def pooled(images: Reals) -> Reals:
    """The largest of every 2 x 2."""
    rows, channels, height, width = images.shape
    whole = images[:, :, : height // 2 * 2, : width // 2 * 2]
    return np.asarray(whole.reshape(rows, channels, height // 2, 2, width // 2, 2).max(axis=(3, 5)))


MODEL = Model(
    name="cnn",
    summary="a small convolutional network on images: convolutions with max-pooling, dense layers and a softmax",
    formula="mean over rows of -log softmax(z)[class] + l2/2 |W|^2, "
    "z = mlp(pool(f(W_2 * pool(f(W_1 * x + b_1)) + b_2)))",
    source="LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition, Proc. IEEE "
    "86(11), 2278-2324",
    keys=(
        Parameter("channels", "integers", (32, 32), "the channels that each convolution gives"),
        Parameter("kernel", "integer", 5, "the side of the square kernels; the padding keeps the size of an image"),
        Parameter("dense", "integers", (128,), "the units of each hidden dense layer"),
        ACTIVATION,
        DROPOUT,
        L2,
        INIT,
        BATCH,
    ),
    sources=(FILE, IMAGES),
    check=check,
    build=build,
    form="dense",
    settled=settled,
    seen=pictures,
)

"""A linear autoencoder: rows through fewer numbers than they have, and back; its least loss is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adambench.data.rows import Dataset, Samples
from adambench.data.sources import BLOBS, FILE, IMAGES
from adambench.engine.blas import single_thread
from adambench.engine.product import times, times_transposed, transposed_times
from adambench.function import Data, Function, Optimum, Parameter, Parameters
from adambench.model import Complaint, Model, seen
from adambench.network.classifier import too_large, unfit
from adambench.network.measured import MOST_ROWS
from adambench.network.minibatch import BATCH, block_of, epoch_of, gather, window
from adambench.network.penalty import L2, penalize
from adambench.network.weights import INIT, Weights, blocks_of, drawn, settled
from adambench.norm import squares

Reals = NDArray[np.float64]

LARGEST_SPECTRUM = 2000
"""Features, or rows where there are fewer, up to which the least loss is computed: in seconds."""


def evaluate(LANES):
    """reals: l2, the inputs. integers: rows, batch, features, hidden, where `room` begins, block.

    work: the order of the rows, the epoch it is the order of; then `room`, in the run's precision: the rows of a block,
    their errors, what is hidden, its slopes, and one of the two matrices.
    """

    def autoencoder(x, gradient, loss, t, seeds, reals, integers, work):
        rows, batch, features, hidden = integers[0], integers[1], integers[2], integers[3]
        start, block = integers[4], integers[5]
        weights, slopes, flat, size = x.reshape(-1), gradient.reshape(-1), work.reshape(-1), hidden * features
        room, order = flat[start:].view(x.dtype), flat[:rows]
        encoder, decoder = weights[:size], weights[size:]
        first, last = window(work, rows, batch, t, seeds[0])
        share = 1.0 / (last - first)
        total, zero, scale = 0.0, x.dtype.type(0), x.dtype.type(share)
        for i in range(slopes.size):
            slopes[i] = zero
        for begin in range(first, last, block):
            end = min(begin + block, last)
            count = end - begin
            inputs = reals[1 + begin * features : 1 + end * features]
            if batch > 0 and t > 0:
                inputs = room[: count * features]
                gather(reals, 1, features, order, begin, end, inputs)
            errors = room[block * features : block * features + count * features]
            code = room[2 * block * features :]
            code_slopes, product = code[block * hidden :], code[2 * block * hidden :]
            times_transposed(inputs, encoder, code, count, features, hidden)
            times_transposed(code, decoder, errors, count, hidden, features)
            for i in range(count * features):
                errors[i] -= inputs[i]
            total += squares(errors, 0, count * features)
            for i in range(count * features):
                errors[i] *= scale
            transposed_times(errors, code, product, features, count, hidden)
            for i in range(size):
                slopes[size + i] += product[i]
            times(errors, decoder, code_slopes, count, features, hidden)
            transposed_times(code_slopes, inputs, product, hidden, count, features)
            for i in range(size):
                slopes[i] += product[i]
        loss[0] = 0.5 * share * total + penalize(weights, slopes, 0, 2 * size, reals[0])

    return autoencoder


def matrices(settings: Parameters, features: int) -> list[Weights]:
    encoder = Weights(0, settings["hidden"], features, biased=False)
    return [encoder, Weights(encoder.end, features, settings["hidden"], biased=False)]


def check(settings: Parameters, dataset: Dataset) -> Complaint | None:
    train = dataset.train
    if complaint := unfit(settings, train.count):
        return complaint
    if not 1 <= settings["hidden"] <= train.features:
        expected = f"a whole number from 1 to {train.features:,}, the features of the data"
        return "hidden", expected, f"{settings['hidden']}"
    return too_large("hidden", matrices(settings, train.features))


def least(inputs: Reals, hidden: int, l2: float) -> Optimum | None:
    """The least loss, from the eigenvalues s of the mean of x x'; None where they would take long.

    A direction that is kept costs min over p >= 0 of s (1 - p)^2 / 2 + l2 p, any other s/2: Baldi & Hornik 1989, Neural
    Networks 2, 53-58; with l2: Kunin et al. 2019, Loss Landscapes of Regularized Linear Autoencoders, ICML.
    """
    rows, features = inputs.shape
    if min(rows, features) > LARGEST_SPECTRUM:
        return None
    spectrum = np.zeros(features)
    with single_thread():
        found = np.linalg.svd(inputs, compute_uv=False) ** 2 / rows
    spectrum[: found.size] = found
    costs = spectrum / 2
    kept = spectrum[:hidden]
    with np.errstate(divide="ignore", invalid="ignore"):
        costs[:hidden] = np.where(kept > l2, l2 - l2 * l2 / (2 * kept), kept / 2)
    return Optimum(float(costs.sum()))


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The objective on the training rows: x is E, then D, each row by row."""
    train, held_out = dataset.train, dataset.held_out
    assert isinstance(train, Samples)
    features, hidden, batch = train.features, settings["hidden"], settings["batch"] or 0
    layers, start = matrices(settings, features), train.count + 1
    block = min(block_of(hidden * features), train.count)
    function = Function(
        name=MODEL.name,
        summary=MODEL.summary,
        formula=MODEL.formula,
        source=MODEL.source,
        evaluate=evaluate,
        start=(0.1,),
        domain=(-1.0, 1.0),
        optimum=lambda dimension, parameters: least(train.inputs, hidden, settings["l2"]),
        dimension=layers[-1].end,
        blocks=lambda dimension, parameters: blocks_of(layers),
        draw=drawn(layers, settings),
        held_out=measure(held_out, layers) if isinstance(held_out, Samples) else None,
        sampled=batch > 0,
        epoch=epoch_of(train.count, batch),
        wide=False,
        matrices=True,
    )
    data = Data(
        np.concatenate(([settings["l2"]], train.inputs.ravel())),
        np.array([train.count, batch, features, hidden, start, block], np.int64),
        start + block * 2 * (features + hidden) + hidden * features,
    )
    return function, data, layers[-1].end


def measure(samples, layers):
    """`held_out(x)`: the loss on `samples`, without the penalty."""
    encoder, decoder = layers

    def held_out(x):
        inward = x[encoder.start : encoder.bias].reshape(encoder.outputs, -1)
        outward = x[decoder.start : decoder.bias].reshape(decoder.outputs, -1)
        total = 0.0
        for first in range(0, samples.count, MOST_ROWS):
            inputs = samples.inputs[first : first + MOST_ROWS]
            total += float(((inputs @ inward.T @ outward.T - inputs) ** 2).sum())
        return {"loss": 0.5 * total / samples.count}

    return held_out


MODEL = Model(
    name="autoencoder",
    summary="a linear autoencoder on dense rows: not convex, without bad minima",
    formula="mean over rows of |x - D E x|^2/2 + l2/2 (|E|^2 + |D|^2)",
    source="Baldi & Hornik 1989, Neural networks and principal component analysis: learning from examples without "
    "local minima, Neural Networks 2, 53-58",
    keys=(Parameter("hidden", "integer", 16, "the rows of E: how many numbers a row goes through"), L2, INIT, BATCH),
    sources=(FILE, BLOBS, IMAGES),
    check=check,
    build=build,
    form="dense",
    supervised=False,
    settled=settled,
    seen=lambda dataset: seen(dataset)[:1],
)

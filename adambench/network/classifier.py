"""The settings that networks which tell classes apart have in common, and what they make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.data.labels import classes
from adambench.data.rows import Dataset, Samples
from adambench.function import Function, Parameter, Parameters
from adambench.model import Complaint, Model
from adambench.network.activation import NAMES
from adambench.network.measured import classified
from adambench.network.minibatch import epoch_of
from adambench.network.weights import Weights, blocks_of, drawn

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

LARGEST = 10_000_000
"""Weights and biases."""

ACTIVATION = Parameter("activation", "choice", "relu", "the function between layers", choices=NAMES)
DROPOUT = Parameter(
    "dropout", "real", 0.0, "the probability that a unit of a hidden dense layer counts for nothing in one evaluation"
)


def unfit(settings: Parameters, count: int, what: str = "rows of the data") -> Complaint | None:
    """What is wrong with the settings that models share; a batch is of at most `count` of `what`."""
    if settings["l2"] < 0.0:
        return "l2", "a number of at least 0", f"{settings['l2']:g}"
    if not 0.0 <= settings.get("dropout", 0.0) < 1.0:
        return "dropout", "a number from 0, below 1", f"{settings['dropout']:g}"
    if settings["batch"] is not None and not 1 <= settings["batch"] <= count:
        return "batch", f"a whole number from 1 to {count:,}, the {what}", f"{settings['batch']}"
    return None


def too_large(key: str, layers: Sequence[Weights]) -> Complaint | None:
    """Where there are more weights than can be optimized."""
    if layers[-1].end > LARGEST:
        return key, f"at most {LARGEST:,} weights and biases", f"{layers[-1].end:,}"
    return None


def unfit_classes(classes: int) -> Complaint | None:
    """Where there is nothing to tell apart."""
    return ("data", "labels of at least 2 classes", "one alone") if classes < 2 else None


def coded(dataset: Dataset) -> tuple[Samples, Integers, Samples | None, Integers | None, int]:
    """The training samples and their classes, the held-out ones and theirs, and how many classes there are."""
    train, held_out = dataset.train, dataset.held_out
    assert isinstance(train, Samples)
    assert train.labels is not None
    if held_out is None:
        (codes,), count = classes(train.labels)
        return train, codes, None, None, count
    assert isinstance(held_out, Samples)
    assert held_out.labels is not None
    (codes, others), count = classes(train.labels, held_out.labels)
    return train, codes, held_out, others, count


def seen(dataset: Dataset) -> tuple[NDArray[Any], ...]:
    """The inputs and the classes."""
    train, codes, _, _, _ = coded(dataset)
    return train.inputs, codes


def classifier(
    model: Model,
    settings: Parameters,
    dataset: Dataset,
    evaluate: Callable[[int], Callable[..., None]],
    layers: Sequence[Weights],
    logits: Callable[[Reals], Callable[[Reals], Reals]],
    room: int = 1,
) -> Function:
    """The objective of a network with these layers.

    logits(x)(inputs) is (rows, classes), in numpy, which needs `room` numbers for a row.
    """
    _, _, held_out, others, _ = coded(dataset)
    batch, dropout = settings["batch"] or 0, settings.get("dropout", 0.0)
    measure = None
    if held_out is not None and others is not None:

        def measure(x: Reals) -> dict[str, float]:
            return classified(logits(x), held_out.inputs, others, room)

    return Function(
        name=model.name,
        summary=model.summary,
        formula=model.formula,
        source=model.source,
        evaluate=evaluate,
        start=(0.0,),
        domain=(-1.0, 1.0),
        optimum=lambda dimension, parameters: None,
        dimension=layers[-1].end,
        blocks=lambda dimension, parameters: blocks_of(layers),
        draw=drawn(layers, settings),
        held_out=measure,
        sampled=batch > 0 or dropout > 0.0,
        epoch=epoch_of(dataset.train.count, batch),
        biased=dropout > 0.0,
        smooth=settings.get("activation") != "relu",
        wide=False,
        matrices=True,
    )

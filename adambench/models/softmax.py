"""Softmax regression: the perceptron without hidden layers, convex."""

from __future__ import annotations

from dataclasses import replace

from adambench.data.rows import Dataset
from adambench.data.sources import BLOBS, FILE, IMAGES
from adambench.function import Data, Function, Parameters
from adambench.model import Model
from adambench.models.mlp import check, perceptron
from adambench.network.classifier import seen
from adambench.network.minibatch import BATCH
from adambench.network.penalty import L2
from adambench.network.weights import INIT, settled


def build(settings: Parameters, dataset: Dataset) -> tuple[Function, Data, int]:
    """The objective on the training rows."""
    function, data, dimension = perceptron(MODEL, settings, dataset)
    return replace(function, convex=True), data, dimension


MODEL = Model(
    name="softmax",
    summary="softmax regression on dense rows: convex",
    formula="mean over rows of -log softmax(W x + b)[class] + l2/2 |W|^2",
    source="Cox 1966, Some procedures connected with the logistic qualitative response curve, in: Research Papers in "
    "Probability and Statistics, ed. F. N. David, 55-71",
    keys=(L2, INIT, BATCH),
    sources=(FILE, BLOBS, IMAGES),
    check=check,
    build=build,
    form="dense",
    settled=settled,
    seen=seen,
)

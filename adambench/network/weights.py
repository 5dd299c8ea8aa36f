"""The weights and biases of a network as they lie in x, and their starts.

He: He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852, eq. 10; Glorot: Glorot & Bengio 2010, Understanding
the difficulty of training deep feedforward neural networks, AISTATS 9, eq. 12; both with normal draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adambench.engine.vector import normal_vector
from adambench.function import Parameter, Parameters
from adambench.optimizer import Blocks

INIT = Parameter(
    "init",
    "choice",
    None,
    "the standard deviation of the first weights: he sqrt(2/inputs), glorot sqrt(2/(inputs + outputs)); biases are 0. "
    "By default he after relu, gelu or softplus, and else glorot",
    choices=("he", "glorot"),
)


@dataclass(frozen=True)
class Weights:
    """A matrix (outputs, inputs) that begins at `start`, and behind it, where `biased`, a bias for each output.

    `field` is how many inputs of one channel an output sees: those of a kernel, or 1.
    """

    start: int
    outputs: int
    inputs: int
    field: int = 1
    biased: bool = True

    @property
    def bias(self) -> int:
        """Where the matrix ends."""
        return self.start + self.outputs * self.inputs

    @property
    def end(self) -> int:
        return self.bias + self.outputs * self.biased


def lined_up(shapes: Sequence[tuple[int, int]], start: int = 0, field: int = 1) -> list[Weights]:
    """Layers of (outputs, inputs), biased, one behind the other from `start` on."""
    found: list[Weights] = []
    for outputs, inputs in shapes:
        found.append(Weights(start, outputs, inputs, field))
        start = found[-1].end
    return found


def blocks_of(layers: Sequence[Weights]) -> Blocks:
    """A block for each matrix, and one for its biases."""
    blocks = []
    for layer in layers:
        blocks.append((layer.start, layer.outputs, layer.inputs))
        if layer.biased:
            blocks.append((layer.bias, layer.outputs, 0))
    return tuple(blocks)


def settled(settings: Parameters) -> Parameters:
    """With what `init` is by default; `activation` is absent where nothing is activated."""
    activated = settings.get("activation", "tanh") != "tanh"
    return {**settings, "init": settings["init"] or ("he" if activated else "glorot")}


def drawn(layers: Sequence[Weights], settings: Parameters) -> Callable[[int], NDArray[np.float64]]:
    """x_0 for a seed, (dimension,): every matrix normal as `init` of the settings says, biases zero."""
    init = settled(settings)["init"]

    def draw(seed: int) -> NDArray[np.float64]:
        x = normal_vector(layers[-1].end, 0, seed)
        for layer in layers:
            fan = layer.inputs if init == "he" else layer.inputs + layer.outputs * layer.field
            x[layer.start : layer.bias] *= math.sqrt(2.0 / fan)
            x[layer.bias : layer.end] = 0.0
        return x

    return draw

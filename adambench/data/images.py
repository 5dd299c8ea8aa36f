"""Images drawn at random: strokes that make a digit of each class, moved about, in noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adambench.data.form import MOST_DENSE
from adambench.data.generated import SEED, check_drawn
from adambench.data.preparation import SHARE
from adambench.data.rows import Dataset, Samples
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source

_STROKES = 3
_LARGEST = 256


def images(count: int, classes: int, size: int, channels: int, noise: float, seed: int) -> Samples:
    """`count` images of `size` x `size`, values from 0 to 1; classes as even in number as can be.

    A class is three straight strokes, each with a colour; an image is its class's moved by up to an eighth of its size
    either way, made fainter by up to a half, with normal noise, cut off at 0 and 1. Everything is drawn from Philox
    under `seed`: strokes and colours, classes, moves, strengths, noise.
    """
    random = np.random.Generator(np.random.Philox(seed))
    margin = size // 8
    drawings = np.zeros((classes, channels, size + 2 * margin, size + 2 * margin))
    for drawing in drawings:
        for _ in range(_STROKES):
            ends = margin + (0.15 + 0.7 * random.random((2, 2))) * (size - 1)
            colour = 0.4 + 0.6 * random.random((channels, 1, 1))
            np.maximum(drawing, colour * _stroke(ends, drawing.shape[-1], size), out=drawing)
    codes = random.permutation(np.arange(count) % classes)
    moves = random.integers(0, 2 * margin + 1, (count, 2))
    strengths = 0.5 + 0.5 * random.random(count)
    inputs = noise * random.standard_normal((count, channels, size, size))
    for picture, code, (down, right), strength in zip(inputs, codes, moves, strengths, strict=True):
        picture += strength * drawings[code, :, down : down + size, right : right + size]
    np.clip(inputs, 0.0, 1.0, out=inputs)
    return Samples(inputs.reshape(count, -1), codes.astype(np.float64), (channels, size, size))


def _stroke(ends: NDArray[np.float64], side: int, size: int) -> NDArray[np.float64]:
    """(side, side) 1 on the segment between the two ends, fading to 0 over a width in proportion to `size`."""
    points = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1) - ends[0]
    along = ends[1] - ends[0]
    share = np.clip(points @ along / max(float(along @ along), 1e-300), 0.0, 1.0)
    apart = np.sqrt(((points - share[..., None] * along) ** 2).sum(axis=-1))
    return np.exp(-0.5 * (apart / max(0.05 * size, 0.5)) ** 2)  # type: ignore[no-any-return]


def check(settings: Parameters) -> Complaint | None:
    if complaint := check_drawn(settings, ("images", "size", "channels")):
        return complaint
    if settings["size"] > _LARGEST:
        return "size", f"a whole number from 1 to {_LARGEST}", f"{settings['size']:,}"
    if settings["channels"] > 16:
        return "channels", "a whole number from 1 to 16", f"{settings['channels']:,}"
    if settings["images"] * settings["channels"] * settings["size"] ** 2 > MOST_DENSE:
        return "images", f"at most {MOST_DENSE:,} values, images x channels x size^2", f"{settings['images']:,} images"
    if not 1 <= settings["classes"] <= min(settings["images"], 1000):
        most = min(settings["images"], 1000)
        return "classes", f"a whole number from 1 to {most:,}", f"{settings['classes']:,}"
    if not 0.0 <= settings["noise"] <= 10.0:
        return "noise", "a number from 0 to 10", f"{settings['noise']:g}"
    return None


def load(settings: Parameters, folder: Path | None) -> Dataset:
    return Dataset(images(*(settings[key] for key in ("images", "classes", "size", "channels", "noise", "seed"))))


IMAGES = Source(
    keys=(
        Parameter("images", "integer", None, "how many images to generate: strokes that make a sign for each class"),
        Parameter("classes", "integer", 10, "how many signs there are"),
        Parameter("size", "integer", 12, "height and width"),
        Parameter("channels", "integer", 1, "values of a pixel"),
        Parameter("noise", "real", 0.1, "the standard deviation of what is added to each value, from 0 to 1"),
        SEED,
        SHARE,
    ),
    check=check,
    load=load,
)

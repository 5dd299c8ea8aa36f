"""Rows drawn at random: a cloud around a centre for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adambench.data.form import MOST_DENSE
from adambench.data.generated import SEED, check_drawn
from adambench.data.preparation import SHARE
from adambench.data.rows import Dataset, Samples
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source


def blobs(count: int, classes: int, features: int, spread: float, seed: int) -> Samples:
    """`count` rows, each the centre of its class and a standard normal vector; classes as even in number as can be.

    Centres are normal with standard deviation `spread` in each feature: below 1 the classes overlap. Everything is
    drawn from Philox under `seed`: centres, classes, rows.
    """
    random = np.random.Generator(np.random.Philox(seed))
    centres = spread * random.standard_normal((classes, features))
    codes = random.permutation(np.arange(count) % classes)
    return Samples(centres[codes] + random.standard_normal((count, features)), codes.astype(np.float64))


def check(settings: Parameters) -> Complaint | None:
    if complaint := check_drawn(settings, ("blobs", "features")):
        return complaint
    if settings["blobs"] * settings["features"] > MOST_DENSE:
        return "blobs", f"at most {MOST_DENSE:,} rows x features", f"{settings['blobs']:,} x {settings['features']:,}"
    if not 1 <= settings["classes"] <= settings["blobs"]:
        return "classes", f"a whole number from 1 to {settings['blobs']:,}, the rows", f"{settings['classes']:,}"
    if not 0.0 <= settings["spread"] <= 1e6:
        return "spread", "a number from 0 to 1e6", f"{settings['spread']:g}"
    return None


def load(settings: Parameters, folder: Path | None) -> Dataset:
    return Dataset(blobs(*(settings[key] for key in ("blobs", "classes", "features", "spread", "seed"))))


BLOBS = Source(
    keys=(
        Parameter("blobs", "integer", None, "how many rows to generate: a normal cloud for each class"),
        Parameter("classes", "integer", 2, "how many clouds there are"),
        Parameter("features", "integer", 20, "how many features there are"),
        Parameter("spread", "real", 0.5, "how far the centres lie apart, in standard deviations of a cloud"),
        SEED,
        SHARE,
    ),
    check=check,
    load=load,
)

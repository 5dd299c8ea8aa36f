"""Cells of a matrix drawn at random: of low rank, in noise, seen in part."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adambench.data.generated import MOST_CELLS, SEED, check_drawn
from adambench.data.preparation import SHARE
from adambench.data.rows import DataError, Dataset, Rows
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source


def matrix(rows: int, columns: int, rank: int, observed: float, noise: float, seed: int) -> Rows:
    """The cells seen of L R'/sqrt(rank) + noise Z, all three standard normal, each seen with probability `observed`.

    Everything is drawn from Philox under `seed`: L, R, then row by row which cells are seen, and Z of those.
    """
    random = np.random.Generator(np.random.Philox(seed))
    left, right = random.standard_normal((rows, rank)), random.standard_normal((columns, rank))
    left /= np.sqrt(rank)
    indices, values, lengths = [], [], []
    for row in range(rows):
        seen = np.flatnonzero(random.random(columns) < observed)
        indices.append(seen)
        # Not `@`, whose last bits depend on the threads of BLAS.
        values.append((right[seen] * left[row]).sum(axis=1) + noise * random.standard_normal(seen.size))
        lengths.append(seen.size)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    if not starts[-1]:
        raise DataError("expected cells that are seen, got none: observed is too small")
    return Rows(None, np.concatenate(values), np.concatenate(indices).astype(np.int64), starts, columns)


def check(settings: Parameters) -> Complaint | None:
    rows, columns = settings["matrix"]
    if rows * columns > MOST_CELLS:
        return "matrix", f"at most {MOST_CELLS:,} rows x columns", f"{rows:,} x {columns:,}"
    if complaint := check_drawn(settings, ("rank",)):
        return complaint
    if settings["rank"] > min(rows, columns):
        return "rank", f"at most {min(rows, columns):,}, the smaller side of the matrix", f"{settings['rank']:,}"
    if not 0.0 < settings["observed"] <= 1.0:
        return "observed", "a number above 0 and up to 1", f"{settings['observed']:g}"
    if not 0.0 <= settings["noise"] <= 1e6:
        return "noise", "a number from 0 to 1e6", f"{settings['noise']:g}"
    return None


def load(settings: Parameters, folder: Path | None) -> Dataset:
    return Dataset(matrix(*settings["matrix"], *(settings[key] for key in ("rank", "observed", "noise", "seed"))))


MATRIX = Source(
    keys=(
        Parameter("matrix", "sizes", None, "[rows, columns] of a matrix to generate, of low rank"),
        Parameter("rank", "integer", 3, "how many columns its two factors have"),
        Parameter("observed", "positive", 0.3, "the share of its cells that are seen"),
        Parameter("noise", "real", 0.1, "the standard deviation of what is added to each cell"),
        SEED,
        SHARE,
    ),
    check=check,
    load=load,
)

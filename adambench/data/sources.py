"""The ways to give `data:` in a problem file."""

from __future__ import annotations

from pathlib import Path

from adambench.data.beside import lines
from adambench.data.generated import MOST_CELLS, generate
from adambench.data.rows import Rows
from adambench.data.svmlight import LARGEST_INDEX, read
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source


def _check_file(settings: Parameters) -> Complaint | None:
    features = settings["features"]
    if features is not None and not 1 <= features <= LARGEST_INDEX:
        return "features", f"a whole number from 1 to {LARGEST_INDEX:,}", f"{features}"
    return None


def _load_file(settings: Parameters, folder: Path | None) -> Rows:
    name = settings["file"]
    return read(lines(folder, name), name, settings["features"], settings["zero_based"])


def _check_generated(settings: Parameters) -> Complaint | None:
    for key in ("samples", "features"):
        if settings[key] < 1:
            return key, "a whole number from 1", f"{settings[key]}"
    if settings["samples"] * settings["features"] > MOST_CELLS:
        expected = f"at most {MOST_CELLS:,} samples x features"
        return "samples", expected, f"{settings['samples']:,} x {settings['features']:,}"
    if not 0.0 < settings["density"] <= 1.0:
        return "density", "a number above 0 and up to 1", f"{settings['density']:g}"
    if not 0.0 <= settings["exponent"] <= 10.0:
        return "exponent", "a number from 0 to 10", f"{settings['exponent']:g}"
    if not 0.0 <= settings["label_noise"] <= 0.5:
        return "label_noise", "a number from 0 to 0.5", f"{settings['label_noise']:g}"
    if not 0 <= settings["seed"] < 1 << 63:
        return "seed", "a whole number from 0, below 2^63", f"{settings['seed']}"
    return None


def _load_generated(settings: Parameters, folder: Path | None) -> Rows:
    return generate(**settings)


SVMLIGHT_FILE = Source(
    keys=(
        Parameter("file", "text", None, "an svmlight file, plain or gzip, in the folder of the problem file"),
        Parameter("features", "integer", None, "how many features there are; by default the largest index in the file"),
        Parameter("zero_based", "boolean", False, "whether indices count from 0 rather than 1"),
    ),
    check=_check_file,
    load=_load_file,
)

GENERATED = Source(
    keys=(
        Parameter("samples", "integer", None, "how many rows to generate"),
        Parameter("features", "integer", 500, "how many features there are"),
        Parameter("density", "positive", 0.01, "the expected share of features that a row has"),
        Parameter("exponent", "real", 1.1, "of the power law of the features' frequencies"),
        Parameter("label_noise", "real", 0.05, "the share of labels that are turned around"),
        Parameter("seed", "integer", 0, "of everything drawn"),
    ),
    check=_check_generated,
    load=_load_generated,
)

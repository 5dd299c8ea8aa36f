"""Rows from files beside the problem file: `data: {file: ...}`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from adambench.data.beside import File
from adambench.data.form import MOST_DENSE
from adambench.data.formats import all_readers, reader_of
from adambench.data.preparation import CUTOFF, HOLDOUT, STANDARDIZE, check_preparation
from adambench.data.reader import Reader, Request
from adambench.data.rows import MOST_FEATURES, DataError, Dataset, Rows, Samples, joined
from adambench.function import Parameter, Parameters
from adambench.model import Complaint, Source

_DIGEST = "[0-9a-fA-F]{64}"


def check(settings: Parameters) -> Complaint | None:
    features, label = settings["features"], settings["label"]
    if features is not None and not 1 <= features <= MOST_FEATURES:
        return "features", f"a whole number from 1 to {MOST_FEATURES:,}", f"{features}"
    if not (label is None or label is False or isinstance(label, str) or type(label) is int):
        return "label", "the number or the name of a column, or false for none", f"{label}".lower()
    holdout = settings["holdout"]
    if complaint := _check_files(settings):
        return complaint
    if isinstance(holdout, dict) and (complaint := _check_files(holdout)):
        key, wanted, got = complaint
        return "holdout", f"{key}: {wanted}", got
    return check_preparation(settings)


def _check_files(given: Parameters) -> Complaint | None:
    """For what stands under `data`, or under its `holdout`."""
    files, labels, digests = (_listed(given.get(key)) for key in ("file", "labels", "sha256"))
    if labels and len(labels) != len(files):
        return "labels", f"as many files as there are under file, {len(files)}", f"{len(labels)}"
    if digests and len(digests) not in (len(files), len(files) + len(labels)):
        return "sha256", "one for each file, and then one for each file of labels or none", f"{len(digests)}"
    for digest in digests:
        if not re.fullmatch(_DIGEST, digest):
            return "sha256", "64 hexadecimal digits", f"{digest[:70]}"
    return None


def load(settings: Parameters, folder: Path | None) -> Dataset:
    """The rows of all files, one file after the other; held-out rows where `holdout` names a file of them."""
    reader = reader_of(File(folder, _listed(settings["file"])[0]), settings["format"])
    train = _read(reader, *_files(settings, folder), settings, settings["features"])
    holdout = settings["holdout"]
    if not isinstance(holdout, dict):
        return Dataset(train)
    held_out = _read(reader, *_files(holdout, folder), settings, train.features)
    if isinstance(train, Samples) and isinstance(held_out, Samples) and train.image != held_out.image:
        raise DataError(f"{holdout['file']}: expected images of {train.image}, got {held_out.image}")
    if type(train) is not type(held_out) or (train.labels is None) != (held_out.labels is None):
        raise DataError(f"{holdout['file']}: expected rows like the training rows, with labels where those have some")
    return Dataset(train, held_out)


def _files(given: Parameters, folder: Path | None) -> tuple[list[File], list[File]]:
    """The files and those of the labels, each with the digest given for it."""
    names, labels, digests = (_listed(given.get(key)) for key in ("file", "labels", "sha256"))
    files = [File(folder, name, digest) for name, digest in zip_longest([*names, *labels], digests)]
    return files[: len(names)], files[len(names) :]


def _read(
    reader: Reader, files: Sequence[File], labels: Sequence[File], settings: Parameters, features: Any
) -> Rows | Samples:
    for key in ("label", "labels", "zero_based"):
        if key not in reader.keys and settings[key] not in (None, False):
            takers = ", ".join(other.name for other in all_readers().values() if key in other.keys)
            raise DataError(
                f"{files[0].name}: expected {key} with one of the formats {takers}, got it with {reader.name}"
            )
    parts = []
    for file, beside in zip_longest(files, labels):
        part = reader.read(file, Request(settings["label"], beside, features, settings["zero_based"]))
        if features is not None and part.features != features:
            raise DataError(f"{file.name}: expected {features:,} features, got {part.features:,}")
        if not part.count:
            raise DataError(f"{file.name}: expected rows, got none")
        parts.append(part)
    return parts[0] if len(parts) == 1 else _stacked(parts, [file.name for file in files])


def _stacked(parts: list[Rows | Samples], names: Sequence[str]) -> Rows | Samples:
    """All parts in one; DataError where they do not fit together."""
    for part, name in zip(parts[1:], names[1:], strict=True):
        if (part.labels is None) != (parts[0].labels is None):
            raise DataError(f"{name}: expected labels exactly where {names[0]} has them")
        if isinstance(part, Samples) and (part.features, part.image) != (parts[0].features, parts[0].image):  # type: ignore[union-attr]
            raise DataError(
                f"{name}: expected {parts[0].features:,} features, as {names[0]} has, got {part.features:,}"
            )
    labels = None if parts[0].labels is None else np.concatenate([part.labels for part in parts])
    lines = [part.origin.lines for part in parts if part.origin and part.origin.lines is not None]
    whole = np.concatenate(lines) if len(lines) == len(parts) else None
    origin = joined(names, [part.count for part in parts], whole)
    samples = [part for part in parts if isinstance(part, Samples)]
    if samples:
        if sum(part.inputs.size for part in samples) > MOST_DENSE:
            raise DataError(f"{names[0]} and others: expected at most {MOST_DENSE:,} cells, got more")
        return Samples(np.concatenate([part.inputs for part in samples]), labels, samples[0].image, origin)
    rows = [part for part in parts if isinstance(part, Rows)]
    starts = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.starts) for part in rows)]).cumsum()
    values, indices = (np.concatenate([getattr(part, name) for part in rows]) for name in ("values", "indices"))
    return Rows(labels, values, indices, starts, max(part.features for part in rows), origin)


def _listed(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


FILE = Source(
    keys=(
        Parameter("file", "texts", None, "a file in the folder of the problem file, plain or gzip, or a list of them"),
        Parameter(
            "format",
            "choice",
            None,
            "by default what the file's name or its first bytes say",
            choices=tuple(all_readers()),
        ),
        Parameter("labels", "texts", None, "the file with the labels, or one for each file, where they lie apart"),
        Parameter(
            "label",
            "column",
            None,
            "the column (CSV) or array (NPZ) of the labels: its number, its name, "
            "false for none; by default the last column, the array y",
        ),
        Parameter("features", "integer", None, "how many features there are; by default the largest index in the file"),
        Parameter("zero_based", "boolean", False, "whether indices count from 0 rather than 1 (svmlight)"),
        Parameter("sha256", "texts", None, "what the bytes of the file must hash to, or a list: of each file"),
        CUTOFF,
        STANDARDIZE,
        HOLDOUT,
    ),
    check=check,
    load=load,
)

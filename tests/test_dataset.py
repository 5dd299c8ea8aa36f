"""Data as a model gets it: from the problem file, held out, standardized, cut off, dense or sparse; and generated."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from threadpoolctl import threadpool_limits

from adambench.data import form
from adambench.data.array import array
from adambench.data.blobs import blobs
from adambench.data.form import dense, formed, sparse
from adambench.data.generated import generate
from adambench.data.images import images
from adambench.data.labels import classes
from adambench.data.matrix import matrix
from adambench.data.preparation import order, prepared
from adambench.data.rows import DataError, Dataset, Rows, Samples
from adambench.data.sources import BLOBS, FILE, GENERATED, IMAGES, MATRIX
from adambench.errors import AdambenchError
from adambench.model import Source
from adambench.problem import Problem
from adambench.problem import read as read_problem

RANDOM = np.random.default_rng(11)
DATA = Path(os.environ.get("ADAMBENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def problem(data: str, folder: Path | None = None, more: str = "") -> Problem:
    return read_problem(f"name: x\nmodel: logistic\ndata: {data}\n{more}", "x.yaml", folder)


def said(data: str, folder: Path | None = None) -> str:
    with pytest.raises(AdambenchError) as caught:
        problem(data, folder)
    return str(caught.value)


def load(source: Source, folder: Path | None = None, cells: bool = False, **given: Any) -> Dataset:
    settings = {**{key.name: key.default for key in source.keys}, **given}
    assert source.check(settings) is None
    return prepared(source.load(settings, folder), settings, cells)


def random_samples(rows: int = 50, features: int = 6) -> Samples:
    inputs = RANDOM.normal(3.0, 2.0, (rows, features)) * (RANDOM.random((rows, features)) < 0.6)
    inputs[:, 2] = 4.25
    inputs[:, 4] = 0.0
    return Samples(inputs, RANDOM.integers(0, 3, rows).astype(float))


def together(dataset: Dataset) -> list[tuple[float, ...]]:
    """Every row of both parts, in one order."""
    parts = [dense(part) for part in (dataset.train, dataset.held_out) if part is not None]
    return sorted(tuple(row) for part in parts for row in np.column_stack((part.inputs, part.labels)).tolist())


# Forms


def test_dense_and_sparse_are_the_same_rows() -> None:
    samples = random_samples()
    rows = sparse(samples)
    expected = scipy.sparse.csr_array(samples.inputs)
    assert (rows.values.tolist(), rows.indices.tolist()) == (expected.data.tolist(), expected.indices.tolist())
    assert rows.starts.tolist() == expected.indptr.tolist()
    assert (dense(rows).inputs == samples.inputs).all()
    assert dense(samples) is samples
    assert sparse(rows) is rows
    both = formed(Dataset(samples, samples), "sparse")
    assert isinstance(both.train, Rows)
    assert isinstance(both.held_out, Rows)


def test_what_would_be_too_large_dense_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(np.ones(3), np.ones(3), np.zeros(3, np.int64), np.arange(4), 100_000_000)
    with pytest.raises(DataError, match="expected at most 250,000,000 cells"):
        dense(rows)
    monkeypatch.setattr(form, "MOST_DENSE", 300_000_001)
    assert dense(replace(rows, features=10)).inputs.tolist() == [[1.0] + [0.0] * 9] * 3


def test_classes_are_coded_alike_in_all_arrays() -> None:
    codes, count = classes(np.array([3.0, -1.0, 7.0]), np.array([7.0, 5.0]), np.zeros(0))
    assert ([part.tolist() for part in codes], count) == ([[1, 0, 3], [3, 2], []], 4)
    with pytest.raises(DataError, match="rows with labels"):
        classes(None)
    with pytest.raises(DataError, match=r"whole numbers as the labels of classes, got 0\.5"):
        classes(np.array([1.0, 0.5]))


# Preparation


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("share", [0.01, 0.2, 0.98])
def test_a_share_of_the_rows_is_held_out(form: str, share: float) -> None:
    samples = random_samples(101)
    whole = samples if form == "dense" else sparse(samples)
    found = prepared(Dataset(whole), {"holdout": share})
    assert type(found.train) is type(found.held_out) is type(whole)
    assert found.held_out is not None
    assert found.held_out.count == round(101 * share)
    assert together(found) == together(Dataset(whole))
    again = prepared(Dataset(replace(whole, labels=-RANDOM.random(101))), {"holdout": share})
    assert (dense(again.train).inputs == dense(found.train).inputs).all()  # a function of the number of rows alone
    assert found.train.where(0) == f"row {np.sort(order(101)[: found.train.count])[0] + 1}"


def test_something_is_left_to_train_on() -> None:
    samples = random_samples(2)
    assert prepared(Dataset(samples), {"holdout": 0.0001}).train.count == 1
    for count, share in ((1, 0.5), (2, 0.9)):
        with pytest.raises(DataError, match="leaves rows to train on"):
            prepared(Dataset(random_samples(count)), {"holdout": share})


def test_orders_are_random_and_stay() -> None:
    assert order(8).tolist() == [5, 1, 6, 7, 0, 4, 3, 2]
    assert sorted(order(1000).tolist()) == list(range(1000))
    assert abs(np.corrcoef(order(1000), np.arange(1000))[0, 1]) < 0.15


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_standardized_as_scikit_learn_does_it(form: str) -> None:
    scaler = pytest.importorskip("sklearn.preprocessing").StandardScaler(with_mean=form == "dense")
    samples = random_samples()
    whole = samples if form == "dense" else sparse(samples)
    found = prepared(Dataset(whole), {"holdout": 0.3, "standardize": True})
    plain = prepared(Dataset(whole), {"holdout": 0.3})
    assert found.held_out is not None
    assert plain.held_out is not None
    train = dense(plain.train).inputs
    scaler.fit(train if form == "dense" else scipy.sparse.csr_array(train))
    constant = np.ptp(train, axis=0) == 0.0
    assert constant.tolist() == [False, False, True, False, True, False]
    for part, before in ((found.train, plain.train), (found.held_out, plain.held_out)):
        inputs = dense(before).inputs
        theirs = scaler.transform(inputs if form == "dense" else scipy.sparse.csr_array(inputs))
        theirs = theirs if form == "dense" else theirs.toarray()
        expected = np.where(constant, inputs, theirs)
        np.testing.assert_allclose(dense(part).inputs, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.filterwarnings("ignore:overflow")
def test_what_has_no_finite_deviation_is_not_standardized() -> None:
    samples = Samples(np.array([[1e308, 1.0], [-1e308, 2.0]]), None)
    for whole in (samples, sparse(samples)):
        with pytest.raises(DataError, match="standard deviation"):
            prepared(Dataset(whole), {"standardize": True})


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_rare_features_are_dropped_by_the_training_rows(form: str) -> None:
    samples = random_samples()
    whole = samples if form == "dense" else sparse(samples)
    plain = prepared(Dataset(whole), {"holdout": 0.4})
    assert plain.held_out is not None
    seen = np.count_nonzero(dense(plain.train).inputs, axis=0)
    for cutoff in (1, int(np.median(seen)), int(seen.max())):
        found = prepared(Dataset(whole), {"holdout": 0.4, "cutoff": cutoff})
        assert found.held_out is not None
        kept = seen >= cutoff
        assert 0 < kept.sum() < 6
        assert found.train.features == found.held_out.features == kept.sum()
        assert (dense(found.train).inputs == dense(plain.train).inputs[:, kept]).all()
        assert (dense(found.held_out).inputs == dense(plain.held_out).inputs[:, kept]).all()
    with pytest.raises(DataError, match="expected a cutoff that leaves features"):
        prepared(Dataset(whole), {"cutoff": 51})


def test_cells_held_out_leave_every_row_in_both_parts() -> None:
    whole = matrix(30, 20, 2, 0.5, 0.1, 3)
    found = prepared(Dataset(whole), {"holdout": 0.25}, cells=True)
    train, held_out = found.train, found.held_out
    assert isinstance(train, Rows)
    assert isinstance(held_out, Rows)
    assert train.count == held_out.count == 30
    assert held_out.values.size == round(0.25 * whole.values.size)
    cells = dense(train).inputs + dense(held_out).inputs
    assert (cells == dense(whole).inputs).all()
    assert ((dense(train).inputs != 0) & (dense(held_out).inputs != 0)).sum() == 0


# Generated data


def test_blobs_are_clouds_of_their_classes() -> None:
    samples = blobs(3000, 4, 5, 3.0, 1)
    assert samples.labels is not None
    assert np.bincount(samples.labels.astype(int)).tolist() == [750] * 4
    for code in range(4):
        cloud = samples.inputs[samples.labels == code]
        np.testing.assert_allclose(np.cov(cloud.T), np.eye(5), atol=0.25)
    centres = np.array([samples.inputs[samples.labels == code].mean(axis=0) for code in range(4)])
    nearest = ((samples.inputs[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == samples.labels).mean() > 0.95


@pytest.mark.parametrize(("size", "channels"), [(12, 1), (9, 3), (1, 1), (8, 2)])
def test_images_have_their_shape_and_range(size: int, channels: int) -> None:
    samples = images(60, 10, size, channels, 0.1, 2)
    assert samples.image == (channels, size, size)
    assert samples.inputs.shape == (60, channels * size * size)
    assert 0.0 <= samples.inputs.min() <= samples.inputs.max() <= 1.0
    assert samples.labels is not None
    assert np.bincount(samples.labels.astype(int)).tolist() == [6] * 10


def test_images_can_be_told_apart_but_not_by_one_template() -> None:
    samples = images(2000, 10, 12, 1, 0.1, 0)
    train, test = samples.take(np.arange(1500)), samples.take(np.arange(1500, 2000))
    assert train.labels is not None
    distances = ((test.inputs[:, None] - train.inputs[None]) ** 2).sum(axis=2)
    assert (train.labels[distances.argmin(axis=1)] == test.labels).mean() > 0.9
    means = np.array([train.inputs[train.labels == code].mean(axis=0) for code in range(10)])
    by_mean = ((test.inputs[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert 0.2 < (by_mean == test.labels).mean() < 0.95


def test_a_matrix_has_its_rank_its_noise_and_its_share_of_cells() -> None:
    clean = matrix(40, 30, 3, 1.0, 0.0, 5)
    cells = dense(clean).inputs
    assert np.linalg.matrix_rank(cells) == 3
    assert 0.5 < cells.std() < 1.5
    assert clean.labels is None
    seen = matrix(200, 100, 3, 0.3, 0.0, 5)
    assert abs(seen.values.size / 20_000 - 0.3) < 0.02
    noisy = matrix(200, 100, 3, 0.3, 0.5, 5)
    assert (noisy.indices[:5] == seen.indices[:5]).all()
    with pytest.raises(DataError, match="cells that are seen"):
        matrix(2, 2, 1, 1e-12, 0.0, 0)


def test_a_matrix_does_not_depend_on_the_threads() -> None:
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(matrix(33, 60_000, 33, 0.5, 0.0, 1).values.tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("source", "given"),
    [
        (GENERATED, {"samples": 40, "features": 9, "density": 0.2}),
        (BLOBS, {"blobs": 40}),
        (IMAGES, {"images": 40}),
        (MATRIX, {"matrix": (20, 10)}),
    ],
)
def test_generated_data_are_a_function_of_their_seed(source: Source, given: dict[str, Any]) -> None:
    def drawn(seed: int) -> list[Any]:
        found = load(source, seed=seed, holdout=0.25, cells=source is MATRIX, **given)
        assert found.held_out is not None
        return [dense(part).inputs.tolist() for part in (found.train, found.held_out)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


# Problem files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{blobs: 0}", "data.blobs: expected a whole number from 1, got 0"),
        ("{blobs: 10, classes: 11}", "data.classes: expected a whole number from 1 to 10"),
        ("{blobs: 10, features: 100000000}", "data.blobs: expected at most 250,000,000"),
        ("{blobs: 10, spread: -1}", "data.spread: expected"),
        ("{blobs: 10, seed: -1}", "data.seed: expected"),
        (
            "{blobs: 10, classes: 3}",
            "data.blobs: row 6: expected labels -1 and 1, 0 and 1, or 1 and 2, got 2 after 0, 1",
        ),
        ("{blobs: 10, images: 5}", "data.images: expected one of the keys"),
        ("{images: 5, size: 300}", "data.size: expected a whole number from 1 to 256"),
        ("{images: 5, channels: 17}", "data.channels: expected"),
        ("{images: 100000, size: 256}", "data.images: expected at most"),
        ("{images: 5, classes: 6}", "data.classes: expected"),
        ("{images: 5, classes: 2, noise: 11}", "data.noise: expected"),
        ("{blobs: 10, holdout: 0}", "data.holdout: expected a number between 0 and 1"),
        ("{blobs: 10, holdout: 1}", "data.holdout: expected a number between 0 and 1"),
        ("{blobs: 10, holdout: [1]}", "data.holdout: expected"),
        ("{file: a.csv, holdout: {labels: x}}", "data.holdout.file: expected"),
        ("{blobs: 10, holdout: {file: x}}", "data.holdout: expected a number between 0 and 1"),
        ("{matrix: [5, 5]}", "data: expected {file: ...} or {samples: ...}"),
        ("{file: a.svm, cutoff: 0}", "data.cutoff: expected a whole number from 1"),
        ("{file: a.svm, label: 1.5}", "data.label: expected the number or the name of a column"),
        ("{file: a.svm, label: true}", "data.label: expected the number or the name of a column"),
        ("{file: a.svm, label: y}", "data.file: a.svm: expected label with one of the formats csv, npz"),
        ("{file: a.csv, zero_based: true}", "data.file: a.csv: expected zero_based with one of the formats svmlight"),
        ("{file: a.svm, labels: [a, b]}", "data.labels: expected as many files as there are under file, 1, got 2"),
        ("{file: a.svm, sha256: abc}", "data.sha256: expected 64 hexadecimal digits, got abc"),
        ("{file: a.svm, sha256: [a, b]}", "data.sha256: expected one for each file"),
        ("{file: a.csv, holdout: {file: b.csv, sha256: abc}}", "data.holdout: expected sha256: 64 hexadecimal digits"),
        ("{file: a.csv, holdout: {file: b.csv, labels: [a, b]}}", "data.holdout: expected labels: as many files as"),
        ("{file: a.svm, format: parquet}", "data.format: expected one of cifar, csv, idx, npy, npz, svmlight"),
        ("{file: a.npy}", "data.file: expected rows with labels, which logistic needs, got rows without"),
        ("{file: a.csv, features: 3}", "data.file: a.csv: expected 3 features, got 2"),
        ("{file: [a.csv, absent.csv]}", "data.file: absent.csv: cannot be opened"),
        ("{file: []}", "data.file: expected at least 1, got 0"),
        ("{file: [a.csv, a.npy], format: csv}", "data.file: a.npy:1: expected"),
        ("{file: a.csv, labels: ../a.csv}", "data.file: expected a file in the folder of the problem file"),
        ("{file: a.csv, holdout: {file: ../a.csv}}", "data.file: expected a file in the folder of the problem file"),
        ("{file: a.csv, holdout: {file: b.csv}}", "data.file: b.csv: expected 2 features, got 1"),
        ("{file: a.csv, holdout: {file: c.csv}}", "data.file: c.csv:2: expected labels -1 and 1"),
    ],
)
def test_what_does_not_fit_is_one_error_with_its_key(tmp_path: Path, data: str, message: str) -> None:
    (tmp_path / "a.csv").write_text("1,2,0\n3,4,1\n")
    (tmp_path / "b.csv").write_text("1,0\n3,1\n")
    (tmp_path / "c.csv").write_text("1,1,0\n3,4,5\n")
    (tmp_path / "a.svm").write_text("1 1:1\n")
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    error = said(data, tmp_path)
    assert message in error
    assert error.startswith("x.yaml:3:")
    assert error.endswith("1 error in x.yaml")


def test_files_are_checked_against_their_digests(tmp_path: Path) -> None:
    contents = {"a.csv.gz": gzip.compress(b"1,2,0\n3,4,1\n"), "b.csv": b"1,5,1\n", "y.csv": b"0\n1\n"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    good = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    found = load(FILE, tmp_path, file=["a.csv.gz", "b.csv"], sha256=[good["a.csv.gz"].upper(), good["b.csv"]])
    assert isinstance(found.train, Samples)
    assert found.train.inputs.tolist() == [[1.0, 2.0], [3.0, 4.0], [1.0, 5.0]]
    assert [found.train.where(row) for row in range(3)] == ["a.csv.gz:1", "a.csv.gz:2", "b.csv:1"]
    load(FILE, tmp_path, file="a.csv.gz", labels="y.csv", sha256=[good["a.csv.gz"], good["y.csv"]])
    for digests in ([good["b.csv"], good["y.csv"]], [good["a.csv.gz"], good["b.csv"]]):
        with pytest.raises(DataError, match="expected the sha256"):
            load(FILE, tmp_path, file="a.csv.gz", labels="y.csv", sha256=digests)
    apart = {"file": "a.csv.gz", "labels": "y.csv"}
    held_out = load(FILE, tmp_path, **apart, holdout={**apart, "sha256": [good["a.csv.gz"], good["y.csv"]]}).held_out
    assert isinstance(held_out, Samples)
    assert held_out.count == 2
    for digests in ([good["b.csv"]], [good["a.csv.gz"], good["b.csv"]]):
        with pytest.raises(DataError, match="expected the sha256"):
            load(FILE, tmp_path, **apart, holdout={**apart, "sha256": digests})


@pytest.mark.parametrize("name", ["a.npz", "a.npz.gz", "a.csv", "a.npy"])
def test_what_is_hashed_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Another file put in the place of the first, after any number of openings, is read as little as hashed."""
    stream = io.BytesIO()
    if "npz" in name:
        np.savez(stream, X=np.ones((2, 2)), y=np.array([0, 1]))
    elif name == "a.npy":
        np.save(stream, np.ones((2, 2)))
    else:
        stream.write(b"1,1,0\n1,1,1\n")
    good = gzip.compress(stream.getvalue()) if name.endswith(".gz") else stream.getvalue()
    (tmp_path / "good").write_bytes(good)
    (tmp_path / "evil").write_bytes(good + b"\0")
    opened = os.open
    for until in range(5):
        openings = []

        def swapping(path: Any, flags: int, until: int = until, openings: list[Any] = openings) -> int:
            openings.append(path)
            return opened(tmp_path / ("good" if len(openings) <= until else "evil"), flags)

        (tmp_path / name).write_bytes(good)
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", swapping)
            try:
                load(FILE, tmp_path, file=name, sha256=hashlib.sha256(good).hexdigest())
            except DataError as error:
                assert "expected the sha256" in str(error)  # noqa: PT017
            else:
                assert len(openings) <= until


def test_several_svmlight_files_have_the_most_features_of_any(tmp_path: Path) -> None:
    (tmp_path / "a.svm").write_text("# a\n1 3:1\n0 1:2\n")
    (tmp_path / "b.svm").write_text("\n1 5:1 7:2\n")
    found = load(FILE, tmp_path, file=["a.svm", "b.svm"]).train
    assert isinstance(found, Rows)
    assert dense(found).inputs.tolist() == [[0, 0, 1, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 2]]
    assert [found.where(row) for row in range(3)] == ["a.svm:2", "a.svm:3", "b.svm:2"]


def test_held_out_rows_from_a_file_are_prepared_by_the_training_rows(tmp_path: Path) -> None:
    train, test = random_samples(40), random_samples(10)
    for name, part in (("train", train), ("test", test)):
        np.save(tmp_path / f"{name}.npy", part.inputs)
        np.save(tmp_path / f"{name}-y.npy", part.labels)
    holdout = {"file": "test.npy", "labels": "test-y.npy"}
    given = {"file": "train.npy", "labels": "train-y.npy", "holdout": holdout, "standardize": True, "cutoff": 5}
    found = load(FILE, tmp_path, **given)
    assert isinstance(found.held_out, Samples)
    assert isinstance(found.train, Samples)
    mean, deviation = train.inputs.mean(axis=0), train.inputs.std(axis=0)
    varied = np.array([0, 1, 3, 5])
    kept = np.array([0, 1, 2, 3, 5])
    expected = ((test.inputs - mean) / np.where(deviation > 1e-9, deviation, 1.0))[:, varied]
    np.testing.assert_allclose(found.held_out.inputs[:, np.isin(kept, varied)], expected, rtol=1e-12, atol=1e-13)
    assert (found.held_out.inputs[:, 2] == 4.25).all()
    assert found.held_out.labels is not None
    assert found.held_out.labels.tolist() == (test.labels.tolist() if test.labels is not None else None)


def test_the_hash_is_that_of_what_the_gradient_sees(tmp_path: Path) -> None:
    rows = generate(30, 5, 0.5, 1.0, 0.1, 0)
    (tmp_path / "a.csv").write_text(
        "\n".join(",".join(f"{cell:g}" for cell in row) for row in np.column_stack((dense(rows).inputs, rows.labels)))
    )
    scipy.sparse.save_npz(tmp_path / "a.npz", scipy.sparse.csr_array(dense(rows).inputs))
    np.save(tmp_path / "y.npy", rows.labels)
    same = problem("{file: a.csv}", tmp_path)
    assert problem("{file: a.npz, labels: y.npy}", tmp_path).hash == same.hash
    assert problem("{file: a.csv, holdout: {file: a.csv}}", tmp_path).hash == same.hash
    np.save(tmp_path / "other-signs.npy", np.where(rows.labels == 1.0, 2, 1))
    assert problem("{file: a.npz, labels: other-signs.npy}", tmp_path).hash == same.hash
    lines = [" ".join(f"{j + 1}:{v:g}" for j, v in enumerate(row)) for row in dense(rows).inputs]
    text = "".join(f"{label:g} {line}\n" for label, line in zip(rows.labels, lines, strict=True))
    (tmp_path / "a.svm").write_text(text)
    assert ":0 " in text
    assert problem("{file: a.svm}", tmp_path).hash == same.hash
    for other in ("{file: a.csv, holdout: 0.2}", "{file: a.csv, standardize: true}", "{file: a.csv, label: 0}"):
        assert problem(other, tmp_path).hash != same.hash
    described = same.parameters["data"]
    assert json.loads(json.dumps(described))["file"] == "a.csv"


def test_logistic_regression_measures_what_is_held_out(tmp_path: Path) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    samples = blobs(200, 2, 4, 0.7, 3)
    np.savetxt(tmp_path / "a.csv", np.column_stack((samples.inputs, samples.labels)), "%.17g", ",")
    for intercept in (False, True):
        found = problem("{file: a.csv, holdout: 0.3}", tmp_path, f"l2: 0.5\nintercept: {str(intercept).lower()}\n")
        measure = found.function.held_out
        assert measure is not None
        held = prepared(Dataset(samples), {"holdout": 0.3}).held_out
        assert isinstance(held, Samples)
        x = RANDOM.normal(size=found.dimension)
        scores = held.inputs @ x[:4] + (x[4] if intercept else 0.0)
        got = measure(x)
        assert got["loss"] == pytest.approx(metrics.log_loss(held.labels, 1.0 / (1.0 + np.exp(-scores))), rel=1e-12)
        assert got["accuracy"] == metrics.accuracy_score(held.labels, scores > 0)
    assert problem("{file: a.csv}", tmp_path).function.held_out is None


def test_arrays_for_expressions(tmp_path: Path) -> None:
    numbers = RANDOM.normal(size=(4, 3))
    np.save(tmp_path / "a.npy", np.asfortranarray(numbers))
    np.save(tmp_path / "b.npy", np.arange(3))
    (tmp_path / "c.csv").write_text("u,v\n1,2\n3,4\n")
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"1\n2\n3"))
    assert array(tmp_path, "a.npy").tolist() == numbers.tolist()
    assert array(tmp_path, "b.npy").tolist() == [0.0, 1.0, 2.0]
    assert array(tmp_path, "c.csv").tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert array(tmp_path, "d.csv.gz").tolist() == [1.0, 2.0, 3.0]
    (tmp_path / "e").write_bytes((tmp_path / "a.npy").read_bytes())
    assert array(tmp_path, "e", "npy").tolist() == numbers.tolist()
    np.save(tmp_path / "cube.npy", np.ones((2, 2, 2)))
    np.save(tmp_path / "none.npy", np.ones((0, 2)))
    for name in ("e", "cube.npy", "none.npy", "absent.npy", "../a.npy"):
        with pytest.raises(DataError):
            array(tmp_path, name)


@pytest.mark.skipif(not (DATA / "a9a.gz").is_file(), reason="a9a.gz is not here; ADAMBENCH_DATA names its folder")
def test_a9a_with_its_own_test_rows() -> None:
    found = load(FILE, DATA, file="a9a.gz", features=123, holdout={"file": "a9a.t.gz"}, cutoff=50)
    assert found.held_out is not None
    assert (found.train.count, found.held_out.count) == (32_560, 16_281)
    assert found.train.features == found.held_out.features < 123
    whole = problem("{file: a9a.gz, features: 123, holdout: {file: a9a.t.gz}}", DATA)
    assert whole.function.held_out is not None
    assert whole.function.held_out(np.zeros(123))["loss"] == pytest.approx(np.log(2.0), rel=1e-12)

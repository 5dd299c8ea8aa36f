"""Logistic regression: loss and gradient beside independent formulas, minibatches, and the generated rows."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adambench.data import beside
from adambench.data.formats import svmlight
from adambench.data.generated import frequencies, generate
from adambench.data.labels import signs
from adambench.data.rows import Dataset, Rows
from adambench.models import all_models
from adambench.models.logistic import build

ROWS = generate(samples=61, features=23, density=0.15, exponent=1.0, label_noise=0.1, seed=5)


def weighted(rows: Rows, seed: int = 1) -> Rows:
    """The same rows with values that are not all 1, and an empty row in front and at the end."""
    random = np.random.default_rng(seed)
    starts = np.concatenate(([0], rows.starts, rows.starts[-1:]))
    labels = np.concatenate(([1.0], rows.labels, [-1.0]))
    return Rows(labels, random.normal(size=rows.values.size), rows.indices, starts, rows.features)


def dense(rows: Rows) -> np.ndarray:
    matrix = np.zeros((rows.labels.size, rows.features))
    matrix[np.repeat(np.arange(rows.labels.size), np.diff(rows.starts)), rows.indices] = rows.values
    return matrix


class Objective:
    """The objective as plain Python, called as the engine calls it."""

    def __init__(self, rows: Rows, l2: float = 0.0, intercept: bool = False, batch: int | None = None, seed: int = 0):
        settings = {"l2": l2, "intercept": intercept, "batch": batch}
        self.function, self.data, self.dimension = build(settings, Dataset(rows))
        self.evaluate = self.function.evaluate(1)
        self.work = np.full((self.data.work_rows, 1), -1.0)
        self.seeds = np.array([seed])

    def __call__(self, x: np.ndarray, t: int = 0) -> tuple[float, np.ndarray]:
        gradient, loss = np.full((self.dimension, 1), np.nan), np.full(1, np.nan)
        self.evaluate(
            *(x.reshape(-1, 1).copy(), gradient, loss, t, self.seeds),
            *(self.data.reals, self.data.integers, self.work),
        )
        return float(loss[0]), gradient[:, 0]


def formula(rows: Rows, x: np.ndarray, l2: float, intercept: bool) -> tuple[float, np.ndarray]:
    """The definition, on a dense matrix."""
    matrix = np.hstack((dense(rows), np.ones((rows.labels.size, 1)))) if intercept else dense(rows)
    margins = rows.labels * (matrix @ x)
    penalised = x.copy()
    if intercept:
        penalised[-1] = 0.0
    loss = np.logaddexp(0.0, -margins).mean() + l2 / 2 * penalised @ penalised
    slopes = -rows.labels / (1.0 + np.exp(margins))
    return loss, matrix.T @ slopes / rows.labels.size + l2 * penalised


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("rows", [ROWS, weighted(ROWS)], ids=["ones", "weighted"])
def test_loss_and_gradient_are_those_of_the_definition(rows: Rows, l2: float, intercept: bool) -> None:
    objective = Objective(rows, l2, intercept)
    assert objective.dimension == rows.features + intercept
    assert not objective.function.sampled
    random = np.random.default_rng(0)
    for scale in (0.0, 0.01, 1.0, 20.0):
        x = scale * random.normal(size=objective.dimension)
        loss, gradient = formula(rows, x, l2, intercept)
        for t in (0, 1, 17):  # without minibatches every evaluation is the same
            ours, slope = objective(x, t)
            assert ours == pytest.approx(loss, rel=1e-13)
            np.testing.assert_allclose(slope, gradient, rtol=1e-12, atol=1e-15)


def test_margins_of_any_size_give_finite_losses() -> None:
    rows = Rows(np.array([1.0, -1.0]), np.ones(2), np.zeros(2, np.int64), np.arange(3), 1)
    for x in (-1e308, -800.0, 800.0, 1e308):
        loss, gradient = Objective(rows)(np.array([x]))
        assert loss == abs(x) / 2
        assert gradient[0] == np.sign(x) / 2


def test_a_tiny_loss_keeps_its_digits() -> None:
    """1 + exp(-40) is 1 in float64: the sum of many such logarithms must not be 0."""
    count = 1500
    rows = Rows(np.ones(count), np.ones(count), np.zeros(count, np.int64), np.arange(count + 1), 1)
    for margin in (5.0, 40.0, 600.0):
        assert Objective(rows)(np.array([margin]))[0] == pytest.approx(np.log1p(np.exp(-margin)), rel=1e-12)


def test_many_rows_do_not_overflow() -> None:
    count = 5000
    rows = Rows(np.ones(count), np.ones(count), np.zeros(count, np.int64), np.arange(count + 1), 1)
    assert Objective(rows)(np.zeros(1))[0] == pytest.approx(np.log(2.0), rel=1e-13)


@pytest.mark.parametrize("batch", [1, 7, 30, 61])
@pytest.mark.parametrize("intercept", [False, True])
def test_the_minibatches_of_an_epoch_are_the_full_gradient_together(batch: int, intercept: bool) -> None:
    l2, count = 0.2, ROWS.labels.size
    objective = Objective(ROWS, l2, intercept, batch, seed=3)
    assert objective.function.sampled
    x = np.random.default_rng(2).normal(size=objective.dimension)
    full_loss, full = Objective(ROWS, l2, intercept)(x)
    batches = -(-count // batch)
    sizes = [min(batch, count - first) for first in range(0, count, batch)]
    assert len(sizes) == batches
    for epoch in range(2):
        pieces = [objective(x, 1 + epoch * batches + number) for number in range(batches)]
        np.testing.assert_allclose(np.average([g for _, g in pieces], axis=0, weights=sizes), full, rtol=0, atol=1e-13)
        assert np.average([loss for loss, _ in pieces], weights=sizes) == pytest.approx(full_loss, rel=1e-13)
    assert objective(x, 0)[0] == full_loss


def test_a_minibatch_gradient_is_that_of_its_rows_alone() -> None:
    rows = weighted(ROWS)
    objective = Objective(rows, 0.1, True, 10, seed=9)
    x = np.random.default_rng(4).normal(size=objective.dimension)
    for t in (1, 5, 7, 8, 15):
        loss, gradient = objective(x, t)
        first = (t - 1) % 7 * 10
        order = objective.work[:63, 0].astype(int)
        assert sorted(order) == list(range(63))
        chosen = order[first : first + 10]
        lengths = np.diff(rows.starts)[chosen]
        pairs = np.concatenate([np.arange(rows.starts[row], rows.starts[row + 1]) for row in chosen])
        starts = np.concatenate(([0], lengths.cumsum()))
        part = Rows(rows.labels[chosen], rows.values[pairs], rows.indices[pairs], starts, rows.features)
        expected_loss, expected = formula(part, x, 0.1, True)
        assert loss == pytest.approx(expected_loss, rel=1e-13)
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-15)


def test_minibatches_are_a_function_of_seed_and_number_alone() -> None:
    x = np.random.default_rng(0).normal(size=ROWS.features)
    in_order = Objective(ROWS, batch=8, seed=4)
    expected = [in_order(x, t)[1].tobytes() for t in range(1, 30)]
    again = Objective(ROWS, batch=8, seed=4)
    for t in (29, 1, 28, 2, 0, 9, 8):  # across epochs and back, with a full loss in between
        gradient = again(x, t)[1]
        if t:
            assert gradient.tobytes() == expected[t - 1]
    other = Objective(ROWS, batch=8, seed=5)
    assert [other(x, t)[1].tobytes() for t in range(1, 9)] != expected[:8]
    assert expected[:8] != expected[8:16]  # the next epoch has another order


def test_the_compiled_kernel_is_the_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from adambench.engine import cache
    from adambench.engine.assembly import evaluate_kernel
    from adambench.engine.kernel import compiled

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.folder.cache_clear()
    try:
        kernels: dict[str, Any] = {}
        for precision, tolerance in (("float64", 1e-14), ("float32", 2e-6)):
            real = np.dtype(precision)
            for rows in (ROWS, weighted(ROWS)):
                objective = Objective(rows, 0.1, True, 10, seed=9)
                if precision not in kernels:
                    kernel = evaluate_kernel(objective.function, 1, precision)
                    kernels[precision] = compiled(kernel.function, kernel.signature)
                x = np.random.default_rng(4).normal(size=objective.dimension)
                arrays = [
                    *(x.reshape(-1, 1).astype(real), np.zeros((x.size, 1), real), np.zeros(1)),
                    *(objective.seeds, objective.data.reals.astype(real), objective.data.integers),
                    np.full((objective.data.work_rows, 1), -1.0),
                ]
                address = [array.ctypes.data for array in arrays]
                for t in (0, 1, 2, 7, 8, 0, 100):
                    kernels[precision](x.size, *address[:3], t, *address[3:])
                    loss, gradient = objective(x, t)
                    assert arrays[2][0] == pytest.approx(loss, rel=tolerance)
                    np.testing.assert_allclose(arrays[1][:, 0], gradient, rtol=0, atol=tolerance)
    finally:
        cache.folder.cache_clear()


def test_loss_and_gradient_are_scikit_learn_s() -> None:
    linear = pytest.importorskip("sklearn.linear_model._linear_loss")
    loss_functions = pytest.importorskip("sklearn._loss.loss")
    rows = weighted(ROWS)
    theirs = linear.LinearModelLoss(loss_functions.HalfBinomialLoss(), fit_intercept=True)
    x = np.random.default_rng(7).normal(size=rows.features + 1)
    expected = theirs.loss_gradient(x, dense(rows), (rows.labels + 1) / 2, l2_reg_strength=0.3)
    loss, gradient = Objective(rows, 0.3, True)(x)
    assert loss == pytest.approx(expected[0], rel=1e-14)
    np.testing.assert_allclose(gradient, expected[1], rtol=0, atol=1e-14)


def test_the_gradient_is_torch_s() -> None:
    torch = pytest.importorskip("torch")
    rows = weighted(ROWS)
    x = torch.tensor(np.random.default_rng(8).normal(size=rows.features), requires_grad=True)
    margins = torch.tensor(rows.labels) * (torch.tensor(dense(rows)) @ x)
    loss = torch.nn.functional.softplus(-margins, threshold=1000).mean() + 0.05 * (x * x).sum()
    loss.backward()
    ours, gradient = Objective(rows, 0.1)(x.detach().numpy())
    assert ours == pytest.approx(loss.item(), rel=1e-14)
    np.testing.assert_allclose(gradient, x.grad.numpy(), rtol=0, atol=1e-15)


def test_the_layout_is_plain_data_of_one_type() -> None:
    for batch in (None, 4):
        objective = Objective(ROWS, batch=batch)
        assert objective.data.reals.dtype == np.float64
        assert objective.data.integers.dtype == np.int64
        assert objective.function.wide is False
        assert objective.function.start == (0.0,)
        assert objective.function.optimum(objective.dimension, {}) is None


@pytest.mark.parametrize("exponent", [0.0, 1.1, 3.0])
@pytest.mark.parametrize("density", [0.001, 0.05, 0.9, 1.0])
def test_frequencies_fall_as_a_power_up_to_certainty(density: float, exponent: float) -> None:
    probable = frequencies(300, density, exponent)
    assert probable.mean() == pytest.approx(density, rel=1e-9)
    assert ((probable > 0) & (probable <= 1)).all()
    free = probable < 1
    scaled = probable[free] * np.arange(1, 301)[free] ** exponent
    np.testing.assert_allclose(scaled, scaled[:1].repeat(scaled.size), rtol=1e-12)
    assert (np.diff(probable) <= 0).all()


def test_generated_rows_have_the_frequencies_and_the_noise_asked_for() -> None:
    settings: dict[str, Any] = {"samples": 20_000, "features": 60, "density": 0.1, "exponent": 1.1, "seed": 3}
    rows = generate(**settings, label_noise=0.1)
    probable = frequencies(60, 0.1, 1.1)
    none = (1 - probable).prod()  # of having no feature, before one is drawn
    expected = probable + none * probable / probable.sum()
    found = np.bincount(rows.indices, minlength=60) / 20_000
    assert (np.abs(found - expected) <= 5 * np.sqrt(expected * (1 - expected) / 20_000)).all()
    assert np.diff(rows.starts).min() >= 1
    assert (rows.values == 1.0).all()
    clean = generate(**settings, label_noise=0.0)
    assert clean.indices.tolist() == rows.indices.tolist()
    turned = (clean.labels != rows.labels).mean()
    assert abs(turned - 0.1) < 5 * np.sqrt(0.1 * 0.9 / 20_000)


def test_generated_labels_are_the_signs_of_a_linear_score() -> None:
    """Separable without label noise: some w classifies every row, as the perceptron finds."""
    rows = generate(samples=200, features=40, density=0.2, exponent=1.0, label_noise=0.0, seed=1)
    matrix = dense(rows) * rows.labels[:, None]
    w = np.zeros(40)
    for _ in range(20_000):
        wrong = np.flatnonzero(matrix @ w <= 0)
        if not wrong.size:
            break
        w += matrix[wrong[0]]
    assert (matrix @ w > 0).all()
    assert set(rows.labels.tolist()) == {-1.0, 1.0}


def test_generated_rows_are_a_function_of_their_seed() -> None:
    def drawn(seed: int) -> list[object]:
        rows = generate(samples=100, features=30, density=0.1, exponent=1.1, label_noise=0.05, seed=seed)
        return [rows.labels.tolist(), rows.indices.tolist(), rows.starts.tolist()]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_generated_indices_increase_within_each_row() -> None:
    rows = generate(samples=500, features=2000, density=0.01, exponent=1.1, label_noise=0.0, seed=0)
    for first, last in zip(rows.starts[:-1], rows.starts[1:], strict=True):
        assert (np.diff(rows.indices[first:last]) > 0).all()
    assert rows.indices.max() < 2000


@pytest.mark.parametrize("name", all_models())
def test_every_model_says_what_it_is(name: str) -> None:
    model = all_models()[name]
    for text in (model.name, model.summary, model.formula, model.source):
        assert text
    firsts = [source.keys[0].name for source in model.sources]
    assert len(set(firsts)) == len(firsts)
    names = [key.name for key in model.keys]
    assert len(set(names)) == len(names)


DATA = Path(os.environ.get("ADAMBENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.mark.skipif(not (DATA / "a9a.gz").is_file(), reason="a9a.gz is not here; ADAMBENCH_DATA names its folder")
def test_a9a_whole_and_by_the_minibatches_of_an_epoch() -> None:
    rows = svmlight.read(beside.lines(DATA, "a9a.gz"), "a9a.gz", 123)
    rows = replace(rows, labels=signs(rows.labels, rows.where))
    objective = Objective(rows, 1e-4, batch=128)
    x = np.random.default_rng(0).normal(size=123)
    expected_loss, expected = formula(rows, x, 1e-4, False)
    loss, gradient = objective(x)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-13)
    sizes = [128] * 254 + [32_560 - 254 * 128]
    pieces = [objective(x, t)[1] for t in range(1, 256)]
    np.testing.assert_allclose(np.average(pieces, axis=0, weights=sizes), expected, rtol=0, atol=1e-13)

"""The models on dense data: loss and gradient beside torch's, minibatches, dropout, starts, blocks, held-out rows."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import adambench
from adambench.configuration import configurations
from adambench.data.form import sparse
from adambench.data.rows import Dataset, Rows, Samples
from adambench.engine import noise
from adambench.engine.single import Single
from adambench.errors import AdambenchError
from adambench.functions.matrix_least_squares import factors
from adambench.functions.quadratic import rotation
from adambench.models import all_models, cnn
from adambench.models.autoencoder import least
from adambench.network import measured, minibatch
from adambench.problem import read
from adambench.transforms.rotate import affine
from adambench.trial import _held_out

ACTIVATIONS = ("relu", "tanh", "gelu", "softplus")
NETWORKS = ("softmax", "mlp", "cnn")
MODELS = (*NETWORKS, "autoencoder", "factorization")
IMAGE = (2, 5, 6)
SETTINGS: dict[str, dict[str, Any]] = {
    "softmax": {},
    "mlp": {"layers": (7, 5)},
    "cnn": {"channels": (3, 4), "kernel": 3, "dense": (6,)},
    "autoencoder": {"hidden": 4},
    "factorization": {"rank": 3},
}


def samples(count: int, classes: int = 4, seed: int = 1, image: tuple[int, int, int] = IMAGE) -> Samples:
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % classes).astype(np.float64)
    inputs = random.normal(size=(count, int(np.prod(image))))
    inputs[:, 0] += labels
    return Samples(inputs, labels, image)


def cells(rows: int = 9, columns: int = 7, seed: int = 2) -> Rows:
    """Some rows and columns have no known cell."""
    random = np.random.default_rng(seed)
    known = random.random((rows, columns)) < 0.6
    known[3], known[:, 2] = False, False
    starts = np.concatenate(([0], known.sum(axis=1).cumsum()))
    indices = np.nonzero(known)[1].astype(np.int64)
    return Rows(None, random.normal(size=indices.size), indices, starts, columns)


class Objective:
    """A model on data, as plain Python called as the engine calls it."""

    def __init__(self, model: str, train: Any = None, held_out: Any = None, seed: int = 0, **settings: Any):
        default = cells() if model == "factorization" else samples(23)
        self.dataset = Dataset(train or default, held_out)
        found = all_models()[model]
        self.settings = {key.name: key.default for key in found.keys} | SETTINGS[model] | settings
        assert found.check(self.settings, self.dataset) is None
        self.function, self.data, self.dimension = found.build(self.settings, self.dataset)
        self.evaluate = self.function.evaluate(1)
        self.work, self.seeds = np.full((self.data.work_rows, 1), -1.0), np.array([seed])

    @property
    def count(self) -> int:
        """Rows, or known cells."""
        train = self.dataset.train
        return train.values.size if isinstance(train, Rows) else train.count

    def __call__(self, x: np.ndarray, t: int = 0) -> tuple[float, np.ndarray]:
        gradient, loss = np.full((self.dimension, 1), np.nan), np.full(1, np.nan)
        arrays = (self.seeds, self.data.reals, self.data.integers, self.work)
        self.evaluate(x.reshape(-1, 1).copy(), gradient, loss, t, *arrays)
        return float(loss[0]), gradient[:, 0]

    def x(self, seed: int = 0) -> np.ndarray:
        """A point near the start, its biases not zero."""
        return self.function.draw(seed) + 0.1 * np.random.default_rng(seed).normal(size=self.dimension)


def torch_loss(objective: Objective, x: Any, chosen: Any = slice(None), masks: Any = None) -> Any:
    """The definition in torch, of the rows (cells) `chosen`; `masks` multiply what hidden dense layers give."""
    import torch
    from torch.nn import functional

    settings, train = objective.settings, objective.dataset.train
    blocks = objective.function.blocks(objective.dimension, {})
    parts = [x[first : first + rows * max(columns, 1)].reshape(rows, columns or -1) for first, rows, columns in blocks]
    penalty = settings["l2"] / 2 * sum((part**2).sum() for part, block in zip(parts, blocks, strict=True) if block[2])
    if isinstance(train, Rows):
        row = np.repeat(np.arange(train.count), np.diff(train.starts))[chosen]
        errors = (parts[0][row] * parts[1][train.indices[chosen]]).sum(1) - torch.tensor(train.values[chosen])
        return (errors**2).mean() / 2 + penalty
    inputs = torch.tensor(train.inputs[chosen])
    if "hidden" in settings:
        return ((inputs @ parts[0].T @ parts[1].T - inputs) ** 2).sum() / (2 * len(inputs)) + penalty
    activate = {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "gelu": functional.gelu,
        "softplus": lambda z: functional.softplus(z, threshold=1e3),
    }[settings.get("activation", "relu")]
    z = inputs.reshape(-1, *train.image)
    for number in range(0, len(parts), 2):
        weights, biases = parts[number], parts[number + 1].flatten()
        if number // 2 < len(settings.get("channels", ())):
            kernels = weights.reshape(len(weights), -1, settings["kernel"], settings["kernel"])
            z = functional.max_pool2d(activate(functional.conv2d(z, kernels, biases, padding="same")), 2)
            continue
        z = z.flatten(1) @ weights.T + biases
        if number + 2 < len(parts):
            z = activate(z)
            z = z if masks is None else z * masks[number // 2 - len(settings.get("channels", ()))]
    return functional.cross_entropy(z, torch.tensor(train.labels[chosen]).long()) + penalty


def assert_torch_s(
    objective: Objective, x: np.ndarray, t: int = 0, chosen: Any = slice(None), masks: Any = None
) -> None:
    torch = pytest.importorskip("torch")
    point = torch.tensor(x, requires_grad=True)
    expected = torch_loss(objective, point, chosen, masks)
    expected.backward()
    loss, gradient = objective(x, t)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    scale = np.abs(point.grad.numpy()).max()
    np.testing.assert_allclose(gradient, point.grad.numpy(), rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("model", MODELS)
def test_loss_and_gradient_are_torch_s(model: str, l2: float) -> None:
    objective = Objective(model, l2=l2)
    for seed in range(3):
        assert_torch_s(objective, objective.x(seed))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("model", "image", "shape"),
    [
        ("mlp", (1, 1, 3), {"layers": (1,)}),
        ("mlp", (1, 4, 4), {"layers": (9, 2, 6, 3)}),
        ("cnn", (1, 8, 9), {"channels": (2, 1, 3), "kernel": 5, "dense": (4, 3)}),
        ("cnn", (3, 4, 2), {"channels": (5,), "kernel": 1}),
        pytest.param(
            *("cnn", (1, 7, 5), {"channels": (2, 3), "kernel": 4}),
            marks=pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel"),
        ),
    ],
)
def test_every_activation_and_shape_is_torch_s(model: str, image: Any, shape: Any, activation: str) -> None:
    objective = Objective(model, samples(6, image=image), activation=activation, **shape)
    assert_torch_s(objective, 2.0 * objective.x(1))


@pytest.mark.parametrize("model", [name for name in MODELS if name != "factorization"])
def test_rows_in_several_blocks_are_rows_in_one(model: str) -> None:
    """More rows than go through a model at once, whole and in minibatches that are larger than that too."""
    train = samples(530, image=(1, 2, 2))
    shape = {"channels": (2,), "kernel": 2, "dense": (3,)} if model == "cnn" else {}
    shape |= {"layers": (3,)} if model == "mlp" else {}
    objective = Objective(model, train, batch=520, l2=0.1, **shape)
    x = objective.x()
    full, last = objective(x, 1), objective(x, 2)
    assert_same = np.testing.assert_allclose
    order = objective.work[:530, 0].astype(int)
    pytest.importorskip("torch")
    assert_torch_s(objective, x)
    objective(x, 1)
    assert_torch_s(objective, x, 1, order[:520])
    assert_torch_s(objective, x, 2, order[520:])
    assert_same((520 * full[1] + 10 * last[1]) / 530, objective(x)[1], rtol=0, atol=1e-12)


def test_memory_does_not_grow_with_the_rows() -> None:
    for model in ("mlp", "cnn", "autoencoder"):
        few, many = (Objective(model, samples(count)) for count in (1_000, 3_000))
        assert many.data.work_rows - few.data.work_rows == 2_000


@pytest.mark.parametrize("model", MODELS)
def test_the_gradient_is_the_slope_of_the_loss(model: str) -> None:
    objective = Objective(model, l2=0.1, **({"activation": "gelu"} if model in ("mlp", "cnn") else {}))
    x, random = objective.x(), np.random.default_rng(3)
    for _ in range(3):
        along = random.normal(size=x.size)
        along /= np.linalg.norm(along)
        ahead, behind = objective(x + 1e-5 * along)[0], objective(x - 1e-5 * along)[0]
        assert (ahead - behind) / 2e-5 == pytest.approx(objective(x)[1] @ along, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("batch", [1, 10, 22])
@pytest.mark.parametrize("model", MODELS)
def test_the_minibatches_of_an_epoch_are_the_full_gradient_together(model: str, batch: int) -> None:
    objective = Objective(model, seed=3, l2=0.2, batch=batch)
    assert objective.function.sampled
    assert not objective.function.wide
    x, count = objective.x(), objective.count
    full_loss, full = objective(x, 0)
    sizes = [min(batch, count - first) for first in range(0, count, batch)]
    found = []
    for epoch in range(2):
        pieces = [objective(x, 1 + epoch * len(sizes) + number) for number in range(len(sizes))]
        np.testing.assert_allclose(np.average([g for _, g in pieces], axis=0, weights=sizes), full, rtol=0, atol=1e-13)
        assert np.average([loss for loss, _ in pieces], weights=sizes) == pytest.approx(full_loss, rel=1e-12)
        found.append([gradient.tobytes() for _, gradient in pieces])
    assert found[0] != found[1]  # another order
    in_order = [objective(x, t)[1].tobytes() for t in range(1, 2 * len(sizes) + 1)]
    again = Objective(model, seed=3, l2=0.2, batch=batch)
    for t in (2 * len(sizes), 1, 0, 2, -4, 2 * len(sizes), len(sizes)):
        gradient = again(x, t)[1].tobytes()
        assert gradient == (in_order[t - 1] if t > 0 else full.tobytes())
    assert Objective(model, seed=4, l2=0.2, batch=batch)(x, 1)[1].tobytes() != in_order[0]


def test_a_minibatch_has_the_rows_of_its_place_in_the_order() -> None:
    for model in MODELS:
        objective = Objective(model, seed=9, batch=10, l2=0.1)
        x = objective.x()
        for t in (1, 2, 3):
            objective(x, t)
            order = objective.work[: objective.count, 0].astype(int)
            assert sorted(order) == list(range(objective.count))
            assert_torch_s(objective, x, t, order[(t - 1) * 10 : t * 10])


def mask(rows: int, width: int, t: int, seed: int, layer: int, probability: float) -> np.ndarray:
    """(rows, width) 0 or 1/(1 - probability), from the draws as they are documented."""
    quarter = -(-width // 4)
    index = np.arange(rows * quarter, dtype=np.uint64)
    words = noise.philox(index, np.uint64(t), np.uint64(noise.DROPOUT + (layer << 16)), np.uint64(seed))
    drawn = np.stack(words, axis=-1).reshape(rows, 4 * quarter)[:, :width]
    return (drawn >= probability * 2.0**32) / (1.0 - probability)


@pytest.mark.parametrize("batch", [None, 10])
@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_dropout_leaves_units_out_at_random_and_only_while_it_is_timed(model: str, batch: int | None) -> None:
    torch = pytest.importorskip("torch")
    objective = Objective(model, seed=5, batch=batch, dropout=0.4, activation="tanh")
    assert objective.function.sampled
    assert objective.function.biased
    x, rows = objective.x(), batch or 23
    widths = SETTINGS[model].get("layers", SETTINGS[model].get("dense"))
    for t in (1, 2):
        objective(x, t)
        chosen = objective.work[:23, 0].astype(int)[(t - 1) * 10 : t * 10] if batch else slice(None)
        masks = [torch.tensor(mask(rows, width, t, 5, layer, 0.4)) for layer, width in enumerate(widths)]
        assert_torch_s(objective, x, t, chosen, masks)
    assert_torch_s(objective, x, 0)
    assert_torch_s(objective, x, -7)


def test_dropout_goes_on_where_one_block_of_rows_ends() -> None:
    torch = pytest.importorskip("torch")
    objective = Objective("mlp", samples(530, image=(1, 2, 2)), seed=5, batch=520, dropout=0.2, layers=(3, 2))
    x = objective.x()
    objective(x, 1)
    chosen = objective.work[:520, 0].astype(int)
    masks = [torch.tensor(mask(520, width, 1, 5, layer, 0.2)) for layer, width in enumerate((3, 2))]
    assert_torch_s(objective, x, 1, chosen, masks)


def test_dropped_units_are_as_many_as_told_and_their_mean_is_kept() -> None:
    found = np.stack([mask(256, 1000, t, 1, layer, 0.3) for t in (1, 2) for layer in (0, 1)])
    assert (found == 0).mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.21 / found.size))
    assert found.mean() == pytest.approx(1.0, abs=5 * np.sqrt(3 / 7 / found.size))
    assert len({part.tobytes() for part in found}) == 4


@pytest.mark.parametrize("model", MODELS)
def test_blocks_cover_x_and_starts_fill_them(model: str) -> None:
    """The weights of a block are normal with the deviation that its sides ask for; biases are zero."""
    wide = {"mlp": {"layers": (60, 70)}, "cnn": {"channels": (20, 30)}, "autoencoder": {"hidden": 50}}.get(model, {})
    for init in ("he", "glorot", None):
        objective = Objective(model, **wide, init=init)
        blocks, place = objective.function.blocks(objective.dimension, {}), 0
        x = objective.function.draw(4)
        assert (x.shape, x.dtype) == ((objective.dimension,), np.float64)
        for first, rows, columns in blocks:
            assert first == place
            place += rows * max(columns, 1)
            part = x[first:place]
            if columns == 0:
                assert (part == 0).all()
                continue
            field = 9 if model == "cnn" and first < blocks[4][0] else 1
            he = (init or ("he" if model in ("mlp", "cnn", "softmax") else "glorot")) == "he"
            if init is None and model == "softmax":
                he = False
            std = np.sqrt(2 / columns) if he else np.sqrt(2 / (columns + rows * field))
            assert part.std() == pytest.approx(std, rel=5 / np.sqrt(2 * part.size))
        assert place == objective.dimension
        assert x.tobytes() == objective.function.draw(4).tobytes()
        assert x.tobytes() != objective.function.draw(5).tobytes()
    by_tanh = Objective("mlp", activation="tanh").function.draw(0)
    assert by_tanh.tobytes() == Objective("mlp", init="glorot").function.draw(0).tobytes()


@pytest.mark.parametrize("model", MODELS)
def test_held_out_data_is_measured_as_training_data_would_be(model: str) -> None:
    train, other = samples(23), samples(40, seed=8)
    if model == "factorization":
        train, other = cells(), cells(seed=8)  # type: ignore[assignment]
    settings = {"activation": "gelu"} if model in ("mlp", "cnn") else {}
    objective = Objective(model, train, other, l2=0.5, **settings)
    plain = Objective(model, other, **settings)
    x = objective.x()
    found = objective.function.held_out(x)
    assert found["loss"] == pytest.approx(plain(x)[0], rel=1e-12)
    assert ("accuracy" in found) == (model in NETWORKS)
    assert Objective(model, train).function.held_out is None
    if model == "softmax":
        matrix, biases = x[:-4].reshape(4, -1), x[-4:]
        right = (other.inputs @ matrix.T + biases).argmax(axis=1) == other.labels
        assert found["accuracy"] == right.mean()


def test_images_that_need_much_room_are_measured_a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    convolved = cnn.convolved

    def counted(images: Any, *arguments: Any) -> Any:
        counts.append(len(images))
        return convolved(images, *arguments)

    monkeypatch.setattr(cnn, "convolved", counted)
    objective = Objective("cnn", held_out=samples(70), channels=(1,))
    measure, x, found = objective.function.held_out, objective.x(), []
    padded, columns, plane, slopes = 2 * 7 * 8 + 2, (2 * 9) * (5 * 8), 5 * 8, 2 * 9
    one = padded + columns + plane + slopes
    for room, rows in ((1 << 24, [64, 6]), (33 * one, [33, 33, 4]), (1, [1] * 70)):
        monkeypatch.setattr(measured, "_ROOM", room)
        counts.clear()
        found.append(measure(x)["loss"])
        assert counts == rows
    assert found == pytest.approx([found[0]] * 3, rel=1e-12)


def test_a_class_that_only_held_out_rows_have_counts() -> None:
    train, other = samples(20, classes=3), samples(20, classes=5)
    objective = Objective("softmax", train, other)
    assert objective.dimension == 5 * (train.inputs.shape[1] + 1)
    assert np.isfinite(objective.function.held_out(objective.x())["loss"])


def test_losses_of_any_size_are_finite_and_nan_is_not_hidden() -> None:
    objective = Objective("mlp")
    for scale in (1e3, 1e100):
        loss, gradient = objective(scale * objective.x())
        assert np.isfinite(loss)
        assert np.isfinite(gradient).all()
    for model in MODELS:
        objective = Objective(model)
        for place in (0, objective.dimension // 2, objective.dimension - 1):
            x = objective.x()
            x[place] = np.nan
            assert np.isnan(objective(x)[0]), (model, place)


def test_pooling_hides_no_nan_and_takes_the_first_of_equals() -> None:
    from adambench.network.activation import GELU, RELU
    from adambench.network.convolution import pool

    for plane, expected, place in (([1.0, 3.0, 2.0, 3.0], 3.5, 1), ([2.0, 1.0, np.nan, 4.0], np.nan, 2)):
        for activation in (RELU, GELU):
            out, picks = np.zeros(1), np.zeros(1)
            pool(np.array(plane), np.array([0.5]), out, picks, 1, 2, 2, 2, activation)
            if np.isnan(expected):
                assert np.isnan(out[0])
            else:
                assert (out[0], picks[0]) == (expected, place)


@pytest.mark.parametrize("l2", [0.0, 0.2, 1.5])
def test_the_least_loss_of_the_autoencoder_is_that_of_principal_components(l2: float) -> None:
    objective = Objective("autoencoder", samples(40), l2=l2)
    optimum = objective.function.optimum(objective.dimension, {})
    inputs = objective.dataset.train.inputs
    values, vectors = np.linalg.eigh(inputs.T @ inputs / 40)
    values, vectors = values[::-1][:4], vectors[:, ::-1][:, :4]
    half = vectors * np.sqrt(np.maximum(0.0, 1.0 - l2 / values))
    x = np.concatenate((half.T.ravel(), half.ravel()))
    loss, gradient = objective(x)
    assert loss == pytest.approx(optimum.loss, rel=1e-12)
    assert np.abs(gradient).max() < 1e-12
    for seed in range(20):
        near = x + 0.1 * np.random.default_rng(seed).normal(size=x.size)
        assert objective(near)[0] > optimum.loss


@pytest.mark.parametrize("model", ["mlp", "cnn", "autoencoder", "factorization"])
def test_the_compiled_kernel_is_the_plain_one_in_single_precision_too(model: str) -> None:
    from adambench.engine.assembly import evaluate_kernel
    from adambench.engine.kernel import compiled

    dropped = {"dropout": 0.3} if model in ("mlp", "cnn") else {}
    objective = Objective(model, seed=9, batch=10, l2=0.1, **dropped)
    kernel = evaluate_kernel(objective.function, 1, "float32")
    evaluate = compiled(kernel.function, kernel.signature)
    variants = [{"activation": name} for name in ACTIVATIONS] if dropped else [{}]
    for settings in variants:
        objective = Objective(model, seed=9, batch=10, l2=0.1, **dropped, **settings)
        x = objective.x()
        arrays = [
            *(x.reshape(-1, 1).astype(np.float32), np.zeros((x.size, 1), np.float32), np.zeros(1)),
            *(objective.seeds, objective.data.reals.astype(np.float32), objective.data.integers),
            np.full((objective.data.work_rows, 1), -1.0),
        ]
        address = [array.ctypes.data for array in arrays]
        for t in (0, 1, 2, 3, 4, 0, 100):
            evaluate(x.size, *address[:3], t, *address[3:])
            loss, gradient = objective(x, t)
            assert arrays[2][0] == pytest.approx(loss, rel=1e-5)
            np.testing.assert_allclose(arrays[1][:, 0], gradient, rtol=0, atol=1e-5 * np.abs(gradient).max())


def test_linear_algebra_at_load_does_not_depend_on_the_threads() -> None:
    """Sizes at which two threads of OpenBLAS give other bits than one."""
    inputs = np.random.default_rng(1).normal(size=(1000, 300))
    made = {
        "rotation": lambda: rotation.__wrapped__(300, 0),
        "turned": lambda: affine(997, {"seed": 0}).forward(np.arange(997.0)),
        "factors": lambda: np.append(*factors(90_000, {"rows": 300, "condition": 10.0, "seed": 0})),
        "least": lambda: np.float64(least(inputs, 5, 0.0).loss),
    }
    for name, make in made.items():
        found = []
        for threads in (1, 2):
            with threadpool_limits(threads):
                found.append(make().tobytes())
        assert found[0] == found[1], name


def test_what_needs_no_linear_algebra_does_not_load_it() -> None:
    script = """
import sys
from adambench.problem import read
read("{name: p, function: quadratic, dimension: 4, budget: 2}", "p", None)
read("{name: p, model: mlp, data: {blobs: 9}, budget: 2}", "p", None)
assert not {"scipy", "threadpoolctl"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


MLP = """
name: p
model: mlp
layers: [6, 5]
activation: tanh
batch: 8
l2: 0.01
data: {blobs: 50, features: 7, classes: 3, holdout: 0.2, seed: 1}
budget: 4
seeds: 2
"""


def stepped(problem: Any, optimizer: str, lr: float, seed: int, steps: int, blocks: Any) -> np.ndarray:
    """x after so many steps by hand, one optimizer for each of `blocks`, each of which sees its part of x alone."""
    configuration = configurations(optimizer, {"lr": lr})[0]
    evaluate, x = problem.function.evaluate(1), problem.function.draw(seed)
    work, gradient, loss = np.full((problem.data.work_rows, 1), -1.0), np.zeros((x.size, 1)), np.zeros(1)
    parts = [slice(first, first + rows * max(columns, 1)) for first, rows, columns in blocks]
    made = (configuration.optimizer, configuration.flags, configuration.numbers)
    singles = [
        Single(*made, x[part], ((0, rows, columns),)) for part, (_, rows, columns) in zip(parts, blocks, strict=True)
    ]
    for t in range(1, steps + 1):
        evaluate(x.reshape(-1, 1), gradient, loss, t, np.array([seed]), problem.data.reals, problem.data.integers, work)
        for part, single in zip(parts, singles, strict=True):
            single.slopes[: single.x.size] = gradient[part, 0]
            single.step(t)
            x[part] = single.x
    return x


def test_a_run_is_the_same_with_any_threads_and_optimizers_act_on_each_layer() -> None:
    problem = read(MLP, "p", None)
    assert [block[1:] for block in problem.blocks] == [(6, 7), (6, 0), (5, 6), (5, 0), (3, 5), (3, 0)]
    rates = {"adam": 0.01, "muon": 0.02}
    documents = []
    for jobs in (1, 2):
        report = adambench.run(problem, optimizers=[f"{name}:lr={lr}" for name, lr in rates.items()], jobs=jobs)
        document = report.to_dict()
        for row in document["results"]:
            row["cost"] = None
        documents.append(document["results"])
    assert json.dumps(documents[0]) == json.dumps(documents[1])
    measure = problem.function.evaluate(1)
    for row, (name, lr) in zip(documents[0], rates.items(), strict=True):
        for seed, trial in enumerate(row["seeds"]):
            x = stepped(problem, name, lr, seed, 4, problem.blocks)
            gradient, loss, work = np.zeros((x.size, 1)), np.zeros(1), np.full((problem.data.work_rows, 1), -1.0)
            arrays = (np.zeros(1, np.int64), problem.data.reals, problem.data.integers, work)
            measure(x.reshape(-1, 1), gradient, loss, 0, *arrays)
            assert trial["final_loss"] == pytest.approx(loss[0], rel=1e-9), name
            held_out = problem.function.held_out(x)
            assert trial["held_out"]["loss"] == pytest.approx(held_out["loss"], rel=1e-9)
            assert trial["held_out"]["accuracy"] == held_out["accuracy"]


def test_a_row_alone_is_the_row_in_company() -> None:
    """What is held out is measured in one thread, whether or not a neighbour's matrices ask for that."""
    text = (
        "{name: q, model: factorization, data: {matrix: [400, 300], holdout: 0.3, observed: 0.5}, budget: 2, seeds: 9}"
    )
    found = []
    for problems in ([read(text, "q", None)], [read(text, "q", None), read(MLP, "p", None)]):
        with threadpool_limits(2):
            document = adambench.run(problems, optimizers=["adam:lr=0.01"], jobs=1).to_dict()
        found.append([row for row in document["results"] if row["problem"] == "q"])
        for row in found[-1]:
            row["cost"] = None
    assert json.dumps(found[0]) == json.dumps(found[1])


def test_what_is_held_out_is_measured_in_one_thread() -> None:
    def held_out(x: np.ndarray) -> dict[str, float]:
        return {"loss": float(max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"))}

    problem = read("{name: p, function: sphere, budget: 2}", "p", None)
    problem = replace(problem, function=replace(problem.function, held_out=held_out))
    with threadpool_limits(2):
        assert _held_out(problem, np.zeros(2)) == {"loss": 1.0}


@pytest.mark.parametrize("optimizer", ["lamb", "muon", "soap", "adafactor"])
def test_an_optimizer_of_matrices_takes_the_layers_one_by_one(optimizer: str) -> None:
    problem = read(MLP, "p", None)
    whole = configurations(optimizer, {"lr": 0.01})[0]
    single = Single(whole.optimizer, whole.flags, whole.numbers, problem.function.draw(0), problem.blocks)
    evaluate, x = problem.function.evaluate(1), problem.function.draw(0)
    work, gradient, loss = np.full((problem.data.work_rows, 1), -1.0), np.zeros((x.size, 1)), np.zeros(1)
    for t in range(1, 4):
        arrays = (np.array([0]), problem.data.reals, problem.data.integers, work)
        evaluate(single.x.reshape(-1, 1), gradient, loss, t, *arrays)
        single.slopes[: x.size] = gradient[:, 0]
        single.step(t)
    np.testing.assert_allclose(single.x, stepped(problem, optimizer, 0.01, 0, 3, problem.blocks), rtol=1e-9, atol=1e-12)
    at_once = stepped(problem, optimizer, 0.01, 0, 3, ((0, x.size, 0),))
    assert np.abs(single.x - at_once).max() > 1e-4


def test_muon_is_torch_s_on_every_weight() -> None:
    torch = pytest.importorskip("torch")
    problem = read(MLP, "p", None)
    x = problem.function.draw(0)
    found = stepped(problem, "muon", 0.02, 0, 1, problem.blocks)
    gradient, loss, work = np.zeros((x.size, 1)), np.zeros(1), np.full((problem.data.work_rows, 1), -1.0)
    arrays = (np.array([0]), problem.data.reals, problem.data.integers, work)
    problem.function.evaluate(1)(x.reshape(-1, 1), gradient, loss, 1, *arrays)
    compared = 0
    for first, rows, columns in problem.blocks:
        if columns:
            part = slice(first, first + rows * columns)
            weight = torch.tensor(x[part].reshape(rows, columns), requires_grad=True)
            weight.grad = torch.tensor(gradient[part].reshape(rows, columns))
            torch.optim.Muon([weight], lr=0.02, weight_decay=0.0).step()
            moved = weight.detach().numpy().ravel() - x[part]
            # In bfloat16 the directions of small singular values come out to a tenth or so.
            assert np.linalg.norm(found[part] - x[part] - moved) < 0.2 * np.linalg.norm(moved)
            compared += 1
    assert compared == 3


DENSE = "data: {blobs: 20, features: 6, classes: 3}"
PICTURES = "data: {images: 20, size: 8}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"model: mlp, {DENSE}, layers: [3, 0]", r"layers\[1\]: expected a whole number from 1"),
        (f"model: mlp, {DENSE}, layers: []", "layers: expected at least 1, got 0"),
        (f"model: mlp, {DENSE}, layers: [9000000]", "layers: expected at most 10,000,000 weights"),
        (f"model: mlp, {DENSE}, activation: relu6", "activation: expected one of relu, tanh, gelu, softplus"),
        (f"model: mlp, {DENSE}, dropout: 1.0", "dropout: expected a number from 0, below 1, got 1"),
        (
            f"model: mlp, {DENSE}, batch: 21",
            "batch: expected a whole number from 1 to 20, the rows of the data, got 21",
        ),
        (f"model: softmax, {DENSE}, l2: -1", "l2: expected a number of at least 0, got -1"),
        (f"model: softmax, {DENSE}, init: xavier", "init: expected one of he, glorot"),
        (f"model: cnn, {PICTURES}, kernel: 9", "kernel: expected a whole number from 1 to 8"),
        (f"model: cnn, {PICTURES}, channels: [1, 1, 1, 1]", "channels: expected at most 3 layers"),
        (f"model: cnn, {PICTURES}, dense: [3, -1]", r"dense\[1\]: expected a whole number from 1"),
        (f"model: autoencoder, {DENSE}, hidden: 7", "hidden: expected a whole number from 1 to 6"),
        ("model: factorization, data: {matrix: [6, 9]}, rank: 7", "rank: expected a whole number from 1 to 6"),
        (
            "model: cnn, data: {images: 4, classes: 2, size: 256, channels: 16}, channels: [1], kernel: 201",
            "model: expected one that works in at most 2 GB of memory, got 603.7 GB",
        ),
    ],
)
def test_settings_that_do_not_fit_are_said_where_they_stand(text: str, message: str) -> None:
    with pytest.raises(AdambenchError, match=message):
        read(f"{{name: p, {text}}}", "p", None)


def test_what_data_cannot_be_fitted_is_said() -> None:
    models, alike = all_models(), samples(9, classes=1)
    flat, none = (
        Samples(alike.inputs, alike.labels),
        Rows(None, np.zeros(0), np.zeros(0, np.int64), np.zeros(4, np.int64), 5),
    )
    for model, data, expected in (
        ("mlp", alike, "labels of at least 2 classes"),
        ("cnn", alike, "labels of at least 2 classes"),
        ("cnn", flat, "images: data with a shape"),
        ("factorization", none, "known cells"),
    ):
        settings = {key.name: key.default for key in models[model].keys}
        assert models[model].check(settings, Dataset(data))[:2] == ("data", expected)


@pytest.mark.parametrize(
    ("model", "more", "init"),
    [
        ("mlp", "", "he"),
        ("mlp", ", activation: tanh", "glorot"),
        ("softmax", "", "glorot"),
        ("cnn", "", "he"),
        ("autoencoder", "", "glorot"),
        ("factorization", "", "glorot"),
    ],
)
def test_a_default_that_is_given_is_the_same_problem(model: str, more: str, init: str) -> None:
    data = {"cnn": PICTURES, "factorization": "data: {matrix: [30, 40]}"}.get(model, "data: {blobs: 40, classes: 3}")
    text = f"name: p, model: {model}, {data}{more}"
    same, other = (
        read(f"{{{text}, init: {name}}}", "p", None) for name in ("he", "glorot")[:: 1 if init == "he" else -1]
    )
    assert read(f"{{{text}}}", "p", None).hash == same.hash != other.hash


def test_how_many_rows_go_at_once_is_no_part_of_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"{{name: p, model: {model}, {data}}}"
        for model, data in (
            ("mlp", DENSE),
            ("softmax", DENSE),
            ("autoencoder", f"hidden: 3, {DENSE}"),
            ("cnn", PICTURES),
        )
    ]
    before = [read(text, "p", None) for text in texts]
    monkeypatch.setattr(minibatch, "LARGEST_BLOCK", 16)
    monkeypatch.setattr(cnn, "IMAGES_AT_ONCE", 16)
    for text, problem in zip(texts, before, strict=True):
        again = read(text, "p", None)
        assert again.data.integers.tolist() != problem.data.integers.tolist()
        assert again.hash == problem.hash


def test_the_hash_of_a_model_covers_what_it_sees() -> None:
    train = samples(20, image=(1, 4, 6))
    changed = train.inputs.copy()
    changed[3, 2] += 1e-9
    flat = replace(train, image=None)
    for model in all_models().values():
        rows = sparse(train) if model.form == "sparse" else train
        if model.name == "logistic":
            rows = replace(rows, labels=rows.labels % 2)

        def digests(part: Any, model: Any = model) -> list[Any]:
            return [(array.shape, array.dtype.str, array.tobytes()) for array in model.seen(Dataset(part))]

        found = digests(rows)
        moved = replace(train, inputs=changed)
        other = replace(rows, values=sparse(moved).values) if model.form == "sparse" else moved
        assert digests(other) != found
        turned = replace(rows, labels=rows.labels[::-1].copy())
        assert (digests(turned) != found) == model.supervised
        if model.name == "cnn":
            assert digests(replace(train, image=(1, 6, 4))) != found
        elif model.form == "dense":
            assert digests(flat) == found
        if model.supervised:
            assert digests(replace(rows, labels=rows.labels + 1.0)) == found


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_read_with_its_defaults(model: str) -> None:
    data = {"cnn": PICTURES, "factorization": "data: {matrix: [30, 40]}"}.get(model, "data: {blobs: 40, classes: 3}")
    problem = read(f"{{name: p, model: {model}, {data}}}", "p", None)
    assert problem.start.kind == "drawn"
    assert problem.blocks[0][2] > 0
    assert problem.function.convex == (model == "softmax")
    other = read(f"{{name: p, model: {model}, {data}, l2: 0.1}}", "p", None)
    assert other.hash != problem.hash
    assert copy.copy(problem.parameters)["l2"] == 0.0


@pytest.mark.parametrize("model", [*MODELS, "logistic"])
def test_an_epoch_sees_every_row_once_and_is_one_evaluation_without_minibatches(model: str) -> None:
    data = {
        "cnn": PICTURES,
        "factorization": "data: {matrix: [30, 40]}",
        "logistic": "data: {samples: 40, features: 5}, l2: 1e-3",
    }.get(model, "data: {blobs: 40, classes: 3}")
    assert read(f"{{name: p, model: {model}, {data}}}", "p", None).function.epoch == 1
    problem = read(f"{{name: p, model: {model}, {data}, batch: 7}}", "p", None)
    rows, batch = problem.data.integers[0], problem.data.integers[1]
    work = np.full((rows + 1, 1), -1.0)
    seen = []
    for t in range(1, problem.function.epoch + 1):
        first, last = minibatch.window(work, rows, batch, t, 0)
        seen += [int(row) for row in work[first:last, 0]]
    assert sorted(seen) == list(range(rows))

"""The optimizers that work on matrices: rotated, transposed, in blocks, beside the papers, compiled."""

from __future__ import annotations

import numpy as np
import pytest

import adambench
from adambench.configuration import parse
from adambench.engine.single import Single
from adambench.matrix import LEAF, gram
from adambench.optimizers import all_optimizers

NAMES = [name for name, optimizer in all_optimizers().items() if optimizer.matrices]
TEXTS = [f"{name}@{dialect.name}:lr=0.02" for name in NAMES for dialect in all_optimizers()[name].dialects]
SETTINGS = [
    *TEXTS,
    "muon:nesterov=false:ns_steps=2:rms_rate=0.2",
    "shampoo:lr=0.02:momentum=0.9:svd_interval=3:max_matrix_size=5:mat_gbar_decay=0.9",
    "shampoo@pytorch_optimizer:lr=0.02:momentum=0.9:weight_decay=0.1",
    "soap:precondition_frequency=2:max_precond_dim=5:normalize_grads=true",
    "soap@pytorch_optimizer:normalize_grads=true:shampoo_beta=0.8:correct_bias=false",
]
COMPILED = (
    "muon:lr=0.02",
    "shampoo:lr=0.02:momentum=0.9:svd_interval=3:max_matrix_size=5:mat_gbar_decay=0.9",
    "soap:precondition_frequency=2:max_precond_dim=5:normalize_grads=true",  # of a singular G G^T, rounding has a say
)
SHAPES = [(6, 4), (4, 6), (5, 5), (1, 3)]


def rotation(size, seed):
    """Orthogonal, (size, size)."""
    return np.linalg.qr(np.random.Generator(np.random.Philox(seed)).standard_normal((size, size)))[0]


def gradients(shape, steps, seed=0):
    """(steps, *shape): any will do, as what moves x is a function of the gradients alone."""
    return np.random.Generator(np.random.Philox(seed)).standard_normal((steps, *shape))


def moved(text, slopes):
    """How far the optimizer comes from zero on these gradients, (steps, rows, columns)."""
    step, x = adambench.stepper(text, shape=slopes[0].shape), np.zeros(slopes[0].shape)
    return np.array([x := step(x, slope) for slope in slopes])


def single(text, x, blocks, precision="float64", compile=False):
    (configuration,) = parse(text)
    return Single(
        configuration.optimizer,
        configuration.flags,
        configuration.numbers,
        x,
        blocks,
        precision=precision,
        compile=compile,
    )


def pushed(lane, slopes):
    """The points that a Single passes on these gradients, (steps, count)."""
    points = []
    for t, slope in enumerate(slopes, 1):
        lane.slopes[:] = slope
        lane.step(t)
        points.append(lane.x.copy())
    return np.array(points)


@pytest.mark.parametrize("rows", [1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 2 * LEAF + 1, 3 * LEAF, 5 * LEAF + 7])
def test_gram_is_the_product_and_symmetric_to_the_bit(rows):
    a, out = gradients((rows, 9), 1)[0], np.full((rows, rows), np.nan)
    gram(a, out, np.zeros(rows * rows))
    assert np.allclose(out, a @ a.T, rtol=1e-13, atol=1e-13)
    assert (out == out.T).all()


@pytest.mark.parametrize("dialect", ["torch", "optax", "keras", "pytorch_optimizer", "authors"])
@pytest.mark.parametrize("condition", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_singular_values_of_what_muon_moves_by_are_near_one(dialect, condition, shape):
    least = min(shape)
    left, right = rotation(shape[0], 1)[:, :least], rotation(shape[1], 2)[:least]
    gradient = 1e3 * (left * np.geomspace(1.0, 1.0 / condition, least)) @ right
    rate = ":rms_rate=0" if dialect == "keras" else ""
    move = -moved(f"muon@{dialect}:lr=1{rate}", gradient[None])[0]
    scale = {"optax": max(1.0, shape[1] / shape[0]), "keras": 1.0}.get(dialect, max(1.0, shape[0] / shape[1]))
    values = np.linalg.svd(move / np.sqrt(scale), compute_uv=False)
    assert (values > 0.6).all()
    assert (values < 1.2).all()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("shape", SHAPES[:3])
def test_rotating_the_gradients_rotates_the_way(text, shape):
    slopes = gradients(shape, 25)
    left, right = rotation(shape[0], 1), rotation(shape[1], 2)
    tolerance = 1e-12 if text.startswith("muon") else 1e-9
    if text.startswith("soap"):  # of a singular G G^T, some eigenvectors are arbitrary: one side at a time, the shorter
        text += f":max_precond_dim={min(shape)}"
        left = left if shape[0] <= shape[1] else np.eye(shape[0])
        right = right if shape[1] <= shape[0] else np.eye(shape[1])
    plain, turned = moved(text, slopes), moved(text, left @ slopes @ right)
    assert np.abs(turned - left @ plain @ right).max() <= tolerance
    assert np.abs(plain[-1]).max() > 1e-3


@pytest.mark.parametrize("text", [text for text in TEXTS if text.startswith(("muon@keras", "shampoo"))])
def test_transposing_the_gradients_transposes_the_way(text):
    slopes = gradients((6, 4), 25)
    plain, turned = moved(text, slopes), moved(text, slopes.transpose(0, 2, 1))
    assert np.abs(turned - plain.transpose(0, 2, 1)).max() <= 1e-12 if text.startswith("muon") else 1e-9


@pytest.mark.parametrize("dialect", ["torch", "optax"])
def test_muon_scales_one_orientation_alone(dialect):
    slopes = gradients((6, 4), 1)
    tall, wide = moved(f"muon@{dialect}:lr=1", slopes)[0], moved(f"muon@{dialect}:lr=1", slopes.transpose(0, 2, 1))[0]
    root = np.sqrt(6 / 4)
    assert np.allclose(tall, wide.T * (root if dialect == "torch" else 1 / root), rtol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_half_a_matrix_does_not_go_its_own_way(text):
    slopes = gradients((6, 4), 25)
    whole, half = moved(text, slopes)[:, :3], moved(text, slopes[:, :3])
    assert np.abs(whole - half).max() > 1e-3


@pytest.mark.parametrize("text", SETTINGS)
def test_every_block_goes_its_own_way(text):
    slopes, blocks = gradients((24 + 5 + 6,), 25), ((0, 6, 4), (24, 5, 0), (29, 2, 3))
    together = pushed(single(text, np.ones(35), blocks), slopes)
    for start, rows, columns in blocks:
        size = rows * max(columns, 1)
        alone = single(text, np.ones(size), ((0, rows, columns),))
        assert (pushed(alone, slopes[:, start : start + size]) == together[:, start : start + size]).all()
    assert (together[-1] != 1.0).all()


def test_vectors_move_by_adam_under_muon_and_soap():
    slopes = gradients((5,), 25)
    for text, adam, skipped in (
        ("muon@optax:lr=0.02", "adam:lr=0.02:eps=1e-8", 0),
        ("soap:lr=0.02:weight_decay=0:eps=0", "adam:lr=0.02:beta1=0.95:beta2=0.95:eps=0", 1),
    ):
        ours = pushed(single(text, np.ones(5), ((0, 5, 0),)), slopes)[skipped:]
        theirs = pushed(single(adam, np.ones(5), ((0, 5, 0),)), slopes[skipped:])
        assert np.abs(ours - theirs).max() <= 1e-13


def test_vectors_move_by_the_whole_matrix_under_shampoo():
    slopes, total, x = gradients((5,), 25), 0.1 * np.eye(5), np.zeros(5)
    for t, (slope, point) in enumerate(zip(slopes, pushed(single("shampoo", x, ((0, 5, 0),)), slopes), strict=True), 1):
        total += np.outer(slope, slope)
        values, vectors = np.linalg.eigh(total)
        x = x - vectors @ (values**-0.5 * (vectors.T @ slope))
        assert np.allclose(point, x, rtol=1e-11, atol=1e-11), t


def inverse_fourth_root(a):
    u, values, vt = np.linalg.svd(a)
    return u @ np.diag(1 / np.sqrt(np.sqrt(values))) @ vt


TRANSCRIBED = ("shampoo",)


@pytest.mark.parametrize("text", TRANSCRIBED)
def test_shampoo_is_the_paper_s_algorithm(text):
    """Gupta, Koren & Singer 2018, Algorithm 1, with the roots of singular values."""
    slopes, x = gradients((6, 4), 25), np.zeros((6, 4))
    left, right = 0.1 * np.eye(6), 0.1 * np.eye(4)
    for slope, point in zip(slopes, moved(f"{text}:lr=0.5", slopes), strict=True):
        left, right = left + slope @ slope.T, right + slope.T @ slope
        x = x - 0.5 * inverse_fourth_root(left) @ slope @ inverse_fourth_root(right)
        assert np.abs(point - x).max() <= 1e-11


def test_shampoo_of_the_authors_beyond_the_paper():
    """tf.contrib.opt.ShampooOptimizer: both decays, and roots that serve two steps, the identity first."""
    slopes, x, average = gradients((6, 4), 25), np.zeros((6, 4)), np.zeros((6, 4))
    left, right, roots = np.zeros((6, 6)), np.zeros((4, 4)), (np.eye(6), np.eye(4))
    points = moved("shampoo:lr=0.5:momentum=0.9:mat_gbar_decay=0.8:svd_interval=2:eps=0.01", slopes)
    for t, (slope, point) in enumerate(zip(slopes, points, strict=True), 1):
        average = 0.9 * average + slope
        left, right = 0.8 * left + slope @ slope.T, 0.8 * right + slope.T @ slope
        if t % 2 == 0:
            roots = inverse_fourth_root(left + 0.01 * np.eye(6)), inverse_fourth_root(right + 0.01 * np.eye(4))
        x = x - 0.5 * roots[0] @ average @ roots[1]
        assert np.abs(point - x).max() <= 1e-11


def test_shampoo_with_every_side_too_long_keeps_diagonals():
    slopes, x, rows, columns = gradients((6, 4), 25), np.zeros((6, 4)), np.full(6, 0.1), np.full(4, 0.1)
    for slope, point in zip(slopes, moved("shampoo:max_matrix_size=3", slopes), strict=True):
        rows, columns = rows + (slope**2).sum(1), columns + (slope**2).sum(0)
        x = x - rows[:, None] ** -0.25 * slope * columns**-0.25
        assert np.abs(point - x).max() <= 1e-12


def test_the_two_soaps_differ_in_the_normalized_step_alone():
    slopes = gradients((6, 4), 25)
    assert (moved("soap", slopes) == moved("soap@pytorch_optimizer", slopes)).all()
    ours, theirs = (
        moved(f"{text}:normalize_grads=true:eps=0.1", slopes) for text in ("soap", "soap@pytorch_optimizer")
    )
    steps = np.diff(ours, axis=0)
    rate = 3e-3 * np.sqrt(1 - 0.95 ** np.arange(1, 25)) / (1 - 0.95 ** np.arange(1, 25))
    undecayed = steps + 3e-5 * ours[1:] / (1 - 3e-5)
    assert np.allclose(np.sqrt((undecayed**2).mean((1, 2))), rate, rtol=1e-12)
    assert np.abs(ours - theirs).max() > 1e-3


@pytest.mark.parametrize("text", ["soap", "soap@pytorch_optimizer"])
def test_soap_stands_still_at_its_first_gradient(text):
    lane = single(text, np.ones(24), ((0, 6, 4),))
    points = pushed(lane, gradients((24,), 2))
    assert (points[0] == 1.0).all()
    assert (points[1] != 1.0).all()


@pytest.mark.parametrize("text", SETTINGS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_no_gradient_makes_it_raise(text, bad):
    slopes = gradients((24,), 12)
    slopes[3, 5] = bad
    points = pushed(single(text, np.ones(24), ((0, 6, 4),)), slopes)
    assert np.isfinite(points[2]).all()
    if not np.isfinite(bad):
        assert np.isnan(points[-1]).any()


@pytest.mark.parametrize("text", TEXTS)
def test_zero_gradients_move_nothing_without_decay(text):
    (configuration,) = parse(text)
    text += ":weight_decay=0" if "weight_decay" in configuration.hyperparameters else ""
    assert (pushed(single(text, np.ones(24), ((0, 6, 4),)), np.zeros((10, 24))) == 1.0).all()


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-10), ("float32", 2e-2)])
@pytest.mark.parametrize("text", COMPILED)
def test_compiled_and_plain_python_agree(text, precision, tolerance):
    blocks, count = ((0, 6, 4), (24, 5, 0), (29, 4, 6)), 53
    slopes, start = gradients((count,), 30), np.ones(count)
    plain = pushed(single(text, start, blocks), slopes)
    machine = pushed(single(text, start, blocks, precision, compile=True), slopes)
    assert np.abs(machine - plain).max() <= tolerance


@pytest.mark.parametrize("name", NAMES)
def test_skipped_without_a_shape(name):
    report = adambench.run(
        "rosenbrock-2d", optimizers=[f"{name}:lr=0.01", "sgd:lr=0.001"], seeds=1, budget=20
    ).to_dict()
    skipped, ran = report["results"]
    assert skipped["outcomes"]["skipped"] == 1
    assert ran["outcomes"]["skipped"] == 0
    assert name in skipped["seeds"][0]["stopped"]["cause"]
    assert "shape" in skipped["seeds"][0]["stopped"]["cause"]

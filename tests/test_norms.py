"""The optimizers of norms: what their norms imply, in each block, and where there is nothing to divide by."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import adambench
from adambench.configuration import parse
from adambench.engine.single import Single
from adambench.norm import extent, norm, rms, squares
from adambench.optimizers import all_optimizers

SPREAD = np.geomspace(1e-3, 1e3, 20)
NAMES = ("lamb", "adafactor", "prodigy")
DIALECTS = [f"{name}@{dialect.name}" for name in NAMES for dialect in all_optimizers()[name].dialects]


def single(text, start, blocks=None, precision="float64", compile=False):
    """One lane at `start`; one vector where there are no blocks."""
    (c,) = parse(text)
    return Single(c.optimizer, c.flags, c.numbers, start, blocks or ((0, start.size, 0),), precision, compile)


def walked(text, gradient, start, steps, blocks=None, precision="float64", compile=False):
    """(steps + 1, count): the points that it passes."""
    lane = single(text, start, blocks, precision, compile)
    points = [lane.x.copy()]
    for t in range(1, steps + 1):
        lane.slopes[:] = gradient(lane.x)
        lane.step(t)
        points.append(lane.x.copy())
    return np.array(points)


def with_rate(text):
    return f"{text}:lr=0.01" if text.endswith(("lamb@optax", "adafactor@optax")) else text


def quadratic(x):
    return SPREAD[: x.size] * x


def test_norms_are_those_of_the_stretch():
    a = np.random.Generator(np.random.Philox(0)).normal(size=50).astype(np.float32)
    exact = math.fsum(float(value) ** 2 for value in a[7:30])
    assert squares(a, 7, 23) == pytest.approx(exact, rel=1e-15)
    assert norm(a, 7, 23) == pytest.approx(math.sqrt(exact), rel=1e-15)
    assert rms(a, 7, 23) == pytest.approx(math.sqrt(exact / 23), rel=1e-15)
    assert norm(a, 7, 0) == 0.0
    blocks = np.array([(0, 5, 0), (5, 2, 3), (11, 4, 1)])
    assert [extent(blocks, b) for b in range(3)] == [(0, 5), (5, 6), (11, 4)]


# One norm for all coordinates of a block, and each block its own


@pytest.mark.parametrize("name", NAMES)
def test_coordinates_of_a_block_meet_in_its_norm(name):
    start = np.geomspace(0.1, 10.0, 20)
    alone, together = (walked(name, quadratic, x, 500) for x in (start[:10], start))
    assert abs(together[:, :10] - alone).max() > 1e-3


@pytest.mark.parametrize("blocks", [((0, 10, 0), (10, 10, 0)), ((0, 2, 5), (10, 5, 2)), ((0, 10, 0), (10, 2, 5))])
@pytest.mark.parametrize("name", ["lamb", "adafactor"])
def test_blocks_do_not_meet(name, blocks):
    (_, *first), (_, *second) = blocks
    together = walked(name, quadratic, np.ones(20), 100, blocks)
    alone = walked(name, quadratic, np.ones(10), 100, ((0, *first),))
    other = walked(name, lambda x: SPREAD[10:] * x, np.ones(10), 100, ((0, *second),))
    assert np.array_equal(together, np.concatenate([alone, other], axis=1))


def test_prodigy_estimates_one_distance_for_all_blocks():
    halves = ((0, 10, 0), (10, 2, 5))
    one, two = (walked("prodigy", quadratic, np.ones(20), 100, blocks) for blocks in (None, halves))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_coordinates_matters_only_to_rounding(name):
    order = np.random.Generator(np.random.Philox(0)).permutation(20)
    points = walked(name, quadratic, np.ones(20), 100)
    other = walked(name, lambda x: SPREAD[order] * x, np.ones(20), 100)
    assert abs(other - points[:, order]).max() <= 1e-14


def test_adafactor_follows_torch_on_a_matrix_beside_a_vector():
    torch = pytest.importorskip("torch")
    rng = np.random.Generator(np.random.Philox(0))
    start, gradients = rng.normal(size=17), rng.normal(size=(50, 17))
    parameters = [
        torch.nn.Parameter(torch.tensor(start[:12].reshape(4, 3))),
        torch.nn.Parameter(torch.tensor(start[12:])),
    ]
    theirs = torch.optim.Adafactor(parameters, lr=0.02, weight_decay=0.1, foreach=False)
    ours = single("adafactor:lr=0.02:weight_decay=0.1", start, ((0, 4, 3), (12, 5, 0)))
    for t, gradient in enumerate(gradients, start=1):
        for parameter, part in zip(parameters, (gradient[:12], gradient[12:]), strict=True):
            parameter.grad = torch.tensor(part.reshape(parameter.shape))
        theirs.step()
        ours.slopes[:] = gradient
        ours.step(t)
    expected = np.concatenate([p.detach().numpy().reshape(-1) for p in parameters])
    np.testing.assert_allclose(ours.x, expected, rtol=0.0, atol=1e-14)


# LAMB


@pytest.mark.parametrize("lr", [0.5, 0.001])
def test_a_step_of_lamb_is_as_long_as_x_times_the_rate(lr):
    """To 4 ulp, and to the rounding of x: no step is read off more finely than x is kept."""
    points = walked(f"lamb:lr={lr}", quadratic, np.ones(20), 300)
    for x, after in itertools.pairwise(points):
        length, size = np.linalg.norm(after - x), np.linalg.norm(x)
        assert length == pytest.approx(lr * size, rel=4 * 2.0**-52, abs=4 * 2.0**-53 * size)


@pytest.mark.parametrize("text", ["lamb:lr=0.01", "lamb@keras:lr=0.01", "lamb@pytorch_optimizer:lr=0.01"])
def test_lamb_from_zero_takes_a_step_of_adam(text):
    lane = single(text, np.zeros(3))
    lane.slopes[:] = [1.0, -2.0, 3.0]
    lane.step(1)
    uncorrected = 1.0 / math.sqrt(0.001) if "pytorch" in text else 1.0  # the first moment is, the second is not
    np.testing.assert_allclose(lane.x, -0.01 * uncorrected * np.array([1.0, -1.0, 1.0]), rtol=4e-5)


def test_the_clamped_trust_ratio_counts_no_norm_above_ten():
    text, far = "lamb@pytorch_optimizer:lr=0.001", np.array([30.0, 40.0])
    moved = np.linalg.norm(np.diff(walked(text, np.ones_like, far, 1), axis=0))
    assert moved == pytest.approx(0.001 / (1.0 - 0.9) * 10.0, rel=1e-6)


# Adafactor


@pytest.mark.parametrize("blocks", [((0, 20, 0),), ((0, 4, 5),), ((0, 20, 1),)])
@pytest.mark.parametrize(
    "text", ["adafactor", "adafactor:d=2:lr=0.3", "adafactor@paper:d=1.5:eps2=2", "adafactor@keras"]
)
def test_a_step_of_adafactor_is_bounded_relative_to_x(text, blocks):
    (c,) = parse(text)
    d, lr, eps2 = (c.hyperparameters[name] for name in ("d", "lr", "eps2"))
    points = walked(text, quadratic, np.linspace(-1.0, 2.0, 20), 200, blocks)
    for t, (x, after) in enumerate(itertools.pairwise(points), start=1):
        bound = d * min(lr, 1.0 / math.sqrt(t)) * max(eps2, rms(x, 0, 20))
        assert rms(after - x, 0, 20) <= bound * (1.0 + 1e-7)
        if t == 1 and blocks != ((0, 4, 5),):
            assert rms(after - x, 0, 20) == pytest.approx(bound / d, rel=1e-7)


@pytest.mark.parametrize("text", ["adafactor", "adafactor@paper", "adafactor@keras", "adafactor@pytorch_optimizer"])
def test_factors_of_a_square_of_rank_one_are_the_whole_of_it(text):
    rows, columns = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.1, 1.0, -4.0])
    slope = np.outer(rows, columns).reshape(-1)
    full, factored = (
        walked(text, lambda x: slope * signs(x.size), np.ones(12), 50, blocks) for blocks in (None, ((0, 4, 3),))
    )
    np.testing.assert_allclose(factored, full, rtol=1e-13)


def signs(count):
    return np.where(np.arange(count) % 3 == 0, -1.0, 1.0)


def test_small_matrices_are_kept_in_full_where_the_dialect_says_so():
    def path(text, blocks):
        return walked(f"adafactor@optax:lr=0.01:{text}", quadratic, np.linspace(-1.0, 2.0, 20), 50, blocks)

    matrix = ((0, 4, 5),)
    assert np.array_equal(path("min_dim_size_to_factor=5", matrix), path("min_dim_size_to_factor=5", None))
    assert abs(path("min_dim_size_to_factor=4", matrix) - path("min_dim_size_to_factor=5", matrix)).max() > 1e-3


def test_the_least_root_is_that_of_the_precision_unless_given():
    tiny = np.full(4, 1e-20)
    for precision, eps in (("float64", 2.0**-52), ("float32", 2.0**-23)):
        moved = abs(np.diff(walked("adafactor", lambda x: tiny, np.ones(4), 1, None, precision), axis=0))
        assert moved.max() <= 0.01 * 1e-20 / eps * 1.01
        given = walked(f"adafactor:eps={eps}", lambda x: tiny, np.ones(4), 5, None, precision)
        assert np.array_equal(given, walked("adafactor", lambda x: tiny, np.ones(4), 5, None, precision))


# Prodigy


@pytest.mark.parametrize(
    "text", ["prodigy", "prodigy:growth_rate=1.05", "prodigy@optax", "prodigy:growth_rate=0.5:weight_decay=0.1"]
)
def test_the_distance_of_prodigy_never_shrinks_and_grows_no_faster_than_allowed(text):
    (c,) = parse(text)
    most = max(c.hyperparameters.get("growth_rate", 0.0), 1.0) if "growth" in text else math.inf
    lane, before = single(text, np.ones(20)), c.hyperparameters["d0"]
    rng = np.random.Generator(np.random.Philox(0))
    for t in range(1, 500):
        lane.slopes[:] = quadratic(lane.x) + rng.normal(size=20)
        lane.step(t)
        d = lane.memory[0]
        assert before <= d
        assert d <= before * most * (1.0 + 1e-15) or before == c.hyperparameters["d0"]  # the first leap is free
        before = d
    assert before > c.hyperparameters["d0"]


@pytest.mark.parametrize("power", [-20, 7, 40])
@pytest.mark.parametrize("text", ["prodigy", "prodigy@optax", "prodigy@pytorch_optimizer:beta1=0"])
def test_prodigy_does_not_see_a_power_of_two_on_the_loss(text, power):
    plain = walked(f"{text}:eps=1e-8", quadratic, np.ones(20), 300)
    scaled = walked(f"{text}:eps={1e-8 * 2.0**power!r}", lambda x: 2.0**power * quadratic(x), np.ones(20), 300)
    assert np.array_equal(plain, scaled)
    assert abs(plain[-1] - plain[0]).max() > 0.01


@pytest.mark.parametrize(("dialect", "counts"), [("authors", False), ("pytorch_optimizer", True)])
def test_steps_before_the_first_gradient_count_in_some_dialects(dialect, counts):
    text = f"prodigy@{dialect}:use_bias_correction=true"
    late = single(text, np.ones(20))
    for t in range(1, 41):
        late.slopes[:] = 0.0 if t <= 5 else quadratic(late.x)
        late.step(t)
    at_once = walked(text, quadratic, np.ones(20), 35)[-1]
    assert np.array_equal(late.x, at_once) is not counts


def test_a_rate_of_zero_leaves_the_state_of_the_authors_too():
    for text, rests in (("prodigy", True), ("prodigy@optax", False), ("prodigy@pytorch_optimizer", False)):
        lane = single(text, np.ones(20))
        for t in (1, 2, 3):
            lane.slopes[:] = quadratic(lane.x)
            lane.step(t)
        kept, x = (lane.state.copy(), lane.memory.copy()), lane.x.copy()
        lane.step(4, rate=0.0)
        assert np.array_equal(lane.x, x)
        assert (np.array_equal(kept[0], lane.state) and np.array_equal(kept[1], lane.memory)) is rests


# Nothing to divide by


@pytest.mark.parametrize("text", DIALECTS)
@pytest.mark.parametrize("zero", ["gradient", "row", "column", "start", "both"])
def test_zeros_are_nothing_to_divide_by(text, zero):
    slope = np.ones((4, 3))
    if zero in ("gradient", "both"):
        slope[:] = 0.0
    elif zero == "row":
        slope[1] = 0.0
    elif zero == "column":
        slope[:, 2] = 0.0
    start = np.zeros(12) if zero in ("start", "both") else np.ones(12)
    for blocks in (None, ((0, 4, 3),), ((0, 1, 12),)):
        points = walked(with_rate(text), lambda x: slope.reshape(-1), start, 5, blocks)
        assert np.isfinite(points).all()
        assert np.array_equal(points[-1] == start, slope.reshape(-1) == 0.0)


def test_a_zero_row_without_epsilon_is_left_alone():
    slope = np.array([1.0, 2.0, 0.0, 0.0, 3.0, -1.0])
    for text in ("adafactor@paper:eps1=0", "adafactor@keras:eps1=0"):
        points = walked(text, lambda x: slope, np.ones(6), 5, ((0, 3, 2),))
        assert np.isfinite(points).all()
        assert np.array_equal(points[-1] == 1.0, slope == 0.0)


@pytest.mark.parametrize("text", DIALECTS)
def test_a_gradient_that_is_no_number_is_not_hidden(text):
    with np.errstate(all="ignore"):
        for blocks in (None, ((0, 4, 3),)):
            points = walked(
                with_rate(text), lambda x: np.where(np.arange(12) == 5, np.nan, 1.0), np.ones(12), 2, blocks
            )
            assert np.isnan(points[-1, 5])


# Machine code

FORMS = (
    "lamb:weight_decay=0.1",
    "lamb@pytorch_optimizer:weight_decay=0.1",
    "adafactor:weight_decay=0.1",
    "adafactor@optax:beta1=0.5:lr=0.01:min_dim_size_to_factor=3:weight_decay=0.01",
    "adafactor@pytorch_optimizer:weight_decay=0.1",
    "prodigy:use_bias_correction=true:weight_decay=0.1",
    "prodigy@optax:beta1=0:weight_decay=0.1",
)


@pytest.mark.parametrize(
    ("text", "precision"), [*((text, "float64") for text in FORMS), *((name, "float32") for name in NAMES)]
)
def test_machine_code_agrees_with_plain_python(text, precision):
    start, blocks = np.linspace(-1.0, 2.0, 20), ((0, 5, 0), (5, 3, 4), (17, 1, 3))
    plain, machine = (walked(text, quadratic, start, 60, blocks, precision, compile) for compile in (False, True))
    assert plain.dtype == machine.dtype == precision
    np.testing.assert_allclose(machine, plain, rtol=0.0, atol=1e-13 if precision == "float64" else 1e-5)
    assert abs(plain[-1] - start).max() > 1e-4


def test_they_run_beside_the_others():
    report = adambench.run("rosenbrock-2d", optimizers=["adam", *NAMES], seeds=1, budget=200)
    assert all(sum(row["outcomes"].values()) == row["outcomes"]["budget"] for row in report.to_dict()["results"])

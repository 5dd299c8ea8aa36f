"""RAdam, Yogi, AdaBelief, Lion and Adan against what their formulas imply, and against sources in 60 digits."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest

from adambench.configuration import parse
from adambench.engine.single import Single
from adambench.optimizers.radam import rectification

ULP = 2.0**-52
SCALES = np.array([3.7, -2e-3, 1e-7, -45.0, 0.0, 1.0])


def noise(steps, seed=1):
    """(steps, 6): gradients of very unequal size and either sign, many of them zero."""
    stream = np.random.Generator(np.random.Philox(seed))
    return stream.standard_normal((steps, SCALES.size)) * SCALES * stream.choice([0.0, 1.0, 1.0], (steps, SCALES.size))


def walked(text, gradients, start=None):
    """(points, states): (steps + 1, dimension) and (steps + 1, slots, dimension), at given gradients, from zero."""
    (c,) = parse(text)
    size = gradients.shape[1]
    lane = Single(c.optimizer, c.flags, c.numbers, np.zeros(size) if start is None else start, ((0, size, 0),))
    points, states = [lane.x.copy()], [lane.state.copy()]
    for t, gradient in enumerate(gradients, 1):
        lane.slopes[:] = gradient
        lane.step(t)
        points.append(lane.x.copy())
        states.append(lane.state.copy())
    return np.array(points), np.array(states)


# The first step, from x = 0


def near(value, expected, ulps=4):
    return (abs(value - expected) <= ulps * ULP * abs(expected)).all()


@pytest.mark.parametrize(
    "text", ["radam", "radam@optax:lr=0.001", "adabelief", "radam@authors:degenerated_to_sgd=true"]
)
def test_the_first_step_of_what_is_rectified_is_the_rate_times_the_gradient(text):
    points, _ = walked(text, SCALES[None])
    assert near(points[1], -0.001 * SCALES)


@pytest.mark.parametrize(
    "text", ["radam@authors", "radam@pytorch_optimizer", "adabelief:degenerated_to_sgd=false", "adan@adan_pytorch"]
)
def test_some_stay_in_the_first_step(text):
    points, _ = walked(text, SCALES[None])
    assert (points[1] == 0.0).all()


def test_the_first_step_of_adan_is_adams():
    points, _ = walked("adan:eps=0.01:lr=0.1", SCALES[None])
    assert near(points[1], -0.1 * SCALES / (abs(SCALES) + 0.01))


def test_the_first_step_of_lion_is_the_rate():
    points, _ = walked("lion:lr=0.3", SCALES[None])
    assert (points[1] == -0.3 * np.sign(SCALES)).all()


def test_the_first_step_of_adabelief_divides_by_what_the_mean_has_not_yet_followed():
    """m = (1 - beta1) g, so the surprise is beta1 g: the step is lr / beta1, not lr."""
    points, _ = walked("adabelief@optax:beta1=0.8:eps=0:eps_root=0:lr=0.1", SCALES[SCALES != 0][None])
    assert near(points[1], -0.1 / 0.8 * np.sign(SCALES[SCALES != 0]), 8)


def test_the_first_step_of_yogi_adds_the_square_to_a_small_start():
    points, _ = walked("yogi:lr=0.1", SCALES[None])
    square = SCALES**2
    v = np.where(square > 1e-6, 1e-6 + 1e-3 * square, 1e-6 - 1e-3 * square)
    assert np.allclose(points[1], -0.1 * np.sqrt(1e-3) * SCALES / (np.sqrt(v) + 1e-3), rtol=1e-12, atol=0.0)


# Constant gradients


def test_lion_walks_straight_at_its_rate():
    points, states = walked(f"lion:lr={2.0**-10}", np.tile(SCALES, (1000, 1)))
    assert (points == -(2.0**-10) * np.arange(1001)[:, None] * np.sign(SCALES)).all()
    assert np.allclose(states[:, 0], (1.0 - 0.99 ** np.arange(1001))[:, None] * SCALES, rtol=1e-12, atol=0.0)


def test_adan_walks_straight_at_its_rate():
    steep = SCALES[SCALES != 0]
    points, _ = walked("adan:eps=0:lr=0.001", np.tile(steep, (1000, 1)))
    assert np.allclose(points, -0.001 * np.arange(1001)[:, None] * np.sign(steep), rtol=0.0, atol=1e-13)


def test_radam_walks_at_its_rate_times_the_rectification():
    steep = SCALES[SCALES != 0]
    points, _ = walked("radam:eps=0:lr=0.001", np.tile(steep, (200, 1)))
    lengths = -np.diff(points, axis=0) / (0.001 * np.sign(steep))
    assert np.allclose(lengths[:5], abs(steep), rtol=1e-12)
    factors = np.array([exact_rectification(0.999, t)[1] for t in range(6, 201)])
    assert np.allclose(lengths[5:], factors[:, None], rtol=1e-9)


# Rectification


def exact_rectification(beta2, t):
    """(rho_t, r_t) in 60 digits; r_t is None where it is not real."""
    with localcontext() as context:
        context.prec = 60
        beta = Decimal(beta2)
        longest = 2 / (1 - beta) - 1
        length = longest - 2 * t * beta**t / (1 - beta**t)
        square = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        return length, float(square.sqrt()) if square >= 0 else None


@pytest.mark.parametrize("beta2", [0.9, 0.99, 0.999, 0.9999])
def test_rectification_agrees_with_sixty_digits(beta2):
    for t in [*range(1, 30), 100, 1000, 100_000]:
        length, factor = exact_rectification(beta2, t)
        enough, found = rectification(beta2, beta2**t, t, 5.0, True)
        assert enough == (length >= 5)
        assert found == pytest.approx(factor if enough else 1.0, rel=1e-9)


def test_rectification_rises_to_one():
    factors = [rectification(0.99, 0.99**t, t, 5.0, True)[1] for t in range(6, 3000)]
    assert (np.diff(factors) >= -1e-12).all()
    assert factors[0] < 0.2
    assert factors[-1] == pytest.approx(1.0, abs=1e-9)


def test_a_length_that_equals_the_threshold_is_enough_only_where_it_need_be_reached():
    assert rectification(0.75, 0.0, 10_000, 7.0, True) == (True, 1.0)
    assert rectification(0.75, 0.0, 10_000, 7.0, False) == (False, 1.0)


# State


@pytest.mark.parametrize("text", ["yogi", "yogi@optax:beta2=0.9:lr=0.01", "yogi@pytorch_optimizer"])
def test_the_second_moment_of_yogi_moves_by_its_share_of_the_square_or_not_at_all(text):
    (c,) = parse(text)
    gradients = noise(500)
    _, states = walked(text, gradients)
    v = states[:, 1]
    share = (1.0 - c.hyperparameters["beta2"]) * gradients**2
    up = gradients**2 > v[:-1]
    assert (abs(np.diff(v, axis=0) - np.where(up, share, -share)) <= 2 * ULP * np.maximum(v[1:], v[:-1])).all()
    assert up.any()
    assert (~up & (share > 0)).any()


def test_the_second_moment_of_yogi_stays_where_it_equals_the_square():
    _, states = walked("yogi:initial_accumulator=0.25", np.full((3, 2), [0.5, -0.5]))
    assert (states[:, 1] == 0.25).all()


@pytest.mark.parametrize("text", ["adabelief", "adabelief@optax:lr=0.001", "adabelief@pytorch_optimizer:rectify=true"])
def test_the_second_moment_of_adabelief_is_never_negative(text):
    _, states = walked(text, noise(500))
    assert (states[:, 1] >= 0.0).all()
    assert (states[1:, 1] > 0.0).all()


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("adabelief@optax:beta1=0:eps=0:eps_root=0.01:lr=1", 0.01),
        ("adabelief@pytorch_optimizer:beta1=0:eps=0.01:lr=1", 0.01),
    ],
)
def test_without_surprise_the_floor_of_adabelief_adds_up(text, floor):
    """beta1 = 0: m is g, so s is a sum of floors, and its correction floor / (1 - beta2) at every step."""
    points, states = walked(text, noise(300))
    assert np.allclose(states[1:, 1], floor * ((1.0 - 0.999 ** np.arange(1, 301)) / (1.0 - 0.999))[:, None], rtol=1e-11)
    outside = floor if "eps=0.01" in text else 0.0
    steps = noise(300) / (np.sqrt(floor / (1.0 - 0.999)) + outside)
    assert np.allclose(-np.diff(points, axis=0), steps, rtol=1e-9, atol=1e-14)


def test_the_first_difference_of_adan_is_zero():
    gradients = noise(3) + 1.0
    points, states = walked("adan", gradients)
    m, v, n, before = states[1]
    assert (v == 0.0).all()
    assert (before == gradients[0]).all()
    assert np.allclose(m, 0.02 * gradients[0], rtol=1e-14)
    assert np.allclose(n, 0.01 * gradients[0] ** 2, rtol=1e-13)
    other, _ = walked("adan:beta2=0.5", gradients)
    assert (points[1] == other[1]).all()
    assert (points[2] != other[2]).any()
    assert np.allclose(states[2, 1], 0.08 * (gradients[1] - gradients[0]), rtol=1e-14)


def test_lion_moves_by_its_rate_or_not_at_all():
    gradients = noise(400)
    points, states = walked(f"lion:lr={2.0**-8}", gradients)
    lengths = abs(np.diff(points, axis=0))
    c = 0.9 * states[:-1, 0] + (1.0 - 0.9) * gradients
    assert ((lengths == 2.0**-8) == (c != 0.0)).all()
    assert ((lengths == 0.0) == (c == 0.0)).all()
    assert (lengths[:, SCALES == 0.0] == 0.0).all()
    assert (lengths[:, SCALES != 0.0] == 2.0**-8).any()


# Sources that do not run here, or only in float32, in 60 digits

START = [1.0, -2.0, 0.25, -0.5]
GRADIENTS = np.array(
    [
        *([1.5, 1e-7, -30.0, 1e-4], [-0.5, -3e-7, 12.0, 2e-3], [0.75, 0.0, -1.0, -1e-3], [2.0, 1e-8, 0.5, 0.0]),
        *([-1.0, 2e-7, 0.25, 5e-4], [0.1, -1e-7, -2.0, -4e-3], [0.2, 4e-7, 3.0, 1e-5], [-0.3, 0.0, 0.0, 1e-2]),
    ]
)


def transcribed(rule):
    """The points of `rule(t, g, x, state) -> x`, coordinate by coordinate, t = 1, 2, ..., in 60 digits."""
    points = np.empty((len(GRADIENTS) + 1, len(START)))
    points[0] = START
    with localcontext() as context:
        context.prec = 60
        for i, start in enumerate(START):
            x, state = Decimal(start), {}
            for t, gradients in enumerate(GRADIENTS, 1):
                x = rule(t, Decimal(gradients[i]), x, state)
                points[t, i] = x
    return points


exact = Decimal.from_float
B1, B2 = exact(0.9), exact(0.999)


def yogi_addons(t, g, x, state):
    """tensorflow/addons tensorflow_addons/optimizers/yogi.py, activation sign, with l2_regularization_strength."""
    lr = exact(0.01) * (1 - B2**t).sqrt() / (1 - B1**t)
    v, square = state.get("v", exact(1e-6)), g * g
    state["m"] = state.get("m", Decimal(0)) * B1 + g * (1 - B1)
    state["v"] = v + (1 - B2) * (Decimal(0) if square == v else Decimal(1).copy_sign(square - v)) * square
    rate = lr / (state["v"].sqrt() + exact(0.001))
    return (x - rate * state["m"]) / (1 + exact(0.1) * rate)


def radam_authors(t, g, x, state):
    """LiyuanLucasLiu/RAdam radam/radam.py, degenerated_to_sgd off."""
    state["v"] = state.get("v", Decimal(0)) * B2 + (1 - B2) * g * g
    state["m"] = state.get("m", Decimal(0)) * B1 + (1 - B1) * g
    most = 2 / (1 - B2) - 1
    n = most - 2 * t * B2**t / (1 - B2**t)
    if n < 5:
        return x
    inner = (1 - B2**t) * (n - 4) / (most - 4) * (n - 2) / n * most / (most - 2)
    x += -exact(0.1) * exact(0.001) * x
    return x - inner.sqrt() / (1 - B1**t) * exact(0.001) * state["m"] / (state["v"].sqrt() + exact(1e-8))


def adan_authors(no_prox):
    """sail-sg/Adan adan.py _single_tensor_adan, with weight_decay."""
    beta1, beta2, beta3 = exact(0.98), exact(0.92), exact(0.99)
    lr, shrink = exact(0.001), exact(0.001) * exact(0.1)

    def rule(t, g, x, state):
        change = g + state.get("negative", -g)
        state["m"] = state.get("m", Decimal(0)) * beta1 + (1 - beta1) * g
        state["v"] = state.get("v", Decimal(0)) * beta2 + (1 - beta2) * change
        state["n"] = state.get("n", Decimal(0)) * beta3 + (1 - beta3) * (change * beta2 + g) ** 2
        state["negative"] = -g
        root = state["n"].sqrt() / (1 - beta3**t).sqrt() + exact(1e-8)
        if no_prox:
            x *= 1 - shrink
        x -= lr / (1 - beta1**t) * state["m"] / root
        x -= lr * beta2 / (1 - beta2**t) * state["v"] / root
        return x if no_prox else x / (1 + shrink)

    return rule


def adabelief_old_optax(t, g, x, state):
    """google-deepmind/optax v0.2.3 optax/_src/transform.py scale_by_belief."""
    eps, m = exact(1e-16), state.get("m", Decimal(0))
    state["m"] = (1 - B1) * g + B1 * m
    state["s"] = (1 - B2) * (g - m) ** 2 + B2 * state.get("s", Decimal(0)) + eps
    return x - exact(0.001) * (state["m"] / (1 - B1**t)) / ((state["s"] / (1 - B2**t)).sqrt() + eps)


TRANSCRIBED = {
    "yogi:weight_decay=0.1": (yogi_addons, 1e-13),
    "radam@authors:weight_decay=0.1": (radam_authors, 1e-9),  # 1 - beta2^t loses what rho shows
    "adan:weight_decay=0.1": (adan_authors(no_prox=False), 1e-13),
    "adan:no_prox=true:weight_decay=0.1": (adan_authors(no_prox=True), 1e-13),
    "adabelief@optax-0.2.3:lr=0.001": (adabelief_old_optax, 1e-13),
}


@pytest.mark.parametrize("text", TRANSCRIBED)
def test_a_source_transcribed_is_met(text):
    """Measured by the way gone, which is short, not by x."""
    rule, tolerance = TRANSCRIBED[text]
    points, _ = walked(text, GRADIENTS, np.array(START))
    expected = transcribed(rule)
    way = abs(np.diff(expected, axis=0)).sum(axis=0)
    assert (way > 0.0).all()
    assert (abs(points - expected) <= tolerance * way + 4 * ULP * abs(expected)).all()

"""Learning-rate schedules against their definitions, as numbers and as the steps that a trial takes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adambench.configuration import parse
from adambench.course import make_course
from adambench.engine.schedule import KINDS, factor
from adambench.trace import trace

T = 200
FORMULAS = {
    "constant": lambda t: 1.0,
    "{constant: {}}": lambda t: 1.0,
    "inverse_sqrt": lambda t: 1.0 / math.sqrt(t),
    "{step: {every: 30, factor: 0.1}}": lambda t: 0.1 ** ((t - 1) // 30),
    "{step: {every: 1, factor: 2}}": lambda t: 2.0 ** (t - 1),
    "{exponential: {rate: 0.98}}": lambda t: 0.98 ** (t - 1),
    "{linear: {final: 0.25}}": lambda t: 1.0 + (0.25 - 1.0) * (t - 1) / T,
    "{linear: {}}": lambda t: 1.0 - (t - 1) / T,
    "{cosine: {final: 0.25}}": lambda t: 0.25 + 0.75 * (1.0 + math.cos(math.pi * (t - 1) / T)) / 2.0,
    "{cosine: {}}": lambda t: (1.0 + math.cos(math.pi * (t - 1) / T)) / 2.0,
}
WARM = {
    "{constant: {warmup: 50}}": lambda t: min(1.0, t / 50),
    "{constant: {warmup: 1}}": lambda t: 1.0,
    "{constant: {warmup: 400}}": lambda t: t / 400,
    "{inverse_sqrt: {warmup: 50}}": lambda t: min(1.0, t / 50) / math.sqrt(t),
    "{step: {every: 30, factor: 0.1, warmup: 50}}": lambda t: 0.1 ** ((t - 1) // 30) * min(1.0, t / 50),
    "{exponential: {rate: 0.98, warmup: 50}}": lambda t: 0.98 ** (t - 1) * min(1.0, t / 50),
    "{linear: {final: 0.25, warmup: 50}}": lambda t: (1.0 - 0.75 * (t - 1) / T) * min(1.0, t / 50),
    "{cosine: {warmup: 50}}": lambda t: (1.0 + math.cos(math.pi * (t - 1) / T)) / 2.0 * min(1.0, t / 50),
}
every_schedule = pytest.mark.parametrize("text", [*FORMULAS, *WARM])


@pytest.fixture(scope="module")
def scheduled(problem):
    keys = "function: quadratic, dimension: 2, parameters: {eigenvalues: [1.0, 0.25]}, start: [1.0], targets: [1e-1]"
    return lambda text: problem(f"{keys}, budget: {T}" + (f", schedule: {text}" if text else ""))


def factor_at(course, t):
    first, second = course.schedule_first, course.schedule_second
    return factor(course.schedule_kind, first, second, course.warmup, course.budget, t)


def points(problem, optimizer):
    return np.array([step.x for step in trace(problem, parse(optimizer)[0], range(T + 1), 0)])


def test_every_kind_is_tested():
    assert {text.strip("{}").split(":")[0] for text in FORMULAS} == set(KINDS)
    assert {text.strip("{}").split(":")[0] for text in WARM} == set(KINDS)


@every_schedule
def test_the_factor_is_the_formula(scheduled, text):
    formula = FORMULAS.get(text) or WARM[text]
    course = make_course(scheduled(text), "float64", stop_at_target=False)
    found = [factor_at(course, t) for t in range(1, T + 1)]
    assert found == pytest.approx([formula(t) for t in range(1, T + 1)], rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("text", [text for text in (*FORMULAS, *WARM) if "factor: 2" not in text])
def test_a_trial_steps_by_the_learning_rate_times_the_factor(scheduled, text):
    problem, formula = scheduled(text), FORMULAS.get(text) or WARM[text]
    expected = [np.ones(2)]
    for t in range(1, T + 1):
        expected.append(expected[-1] * (1.0 - 0.1 * formula(t) * np.array([1.0, 0.25])))
    np.testing.assert_allclose(points(problem, "sgd:lr=0.1"), expected, rtol=1e-12)


def test_constant_is_no_schedule_to_the_bit(scheduled):
    for optimizer in ("adam:lr=0.01", "momentum"):
        without = points(scheduled(""), optimizer)
        assert np.array_equal(points(scheduled("constant"), optimizer), without)
        assert np.array_equal(points(scheduled("{constant: {warmup: 1}}"), optimizer), without)
        assert not np.array_equal(points(scheduled("{constant: {warmup: 2}}"), optimizer), without)


def test_a_schedule_ends_where_it_says(scheduled):
    """The factor runs from 1 at the first update towards `final` at the update after the last."""
    for kind in ("linear", "cosine"):
        course = make_course(scheduled(f"{{{kind}: {{final: 0.25}}}}"), "float64", stop_at_target=False)
        found = [factor_at(course, t) for t in range(1, T + 2)]
        assert found[0] == 1.0
        assert found[-1] == 0.25
        assert (np.diff(found) < 0.0).all()


def test_a_schedule_acts_on_the_rate_inside_a_velocity_or_outside_it(scheduled):
    """Torch scales the whole velocity, Keras only what goes into it: equal at a constant rate, and only there."""
    rate = ":lr=0.0078125:momentum=0.9"
    outside, inside = (points(scheduled("constant"), name + rate) for name in ("sgd", "sgd@keras"))
    np.testing.assert_allclose(outside, inside, rtol=1e-11)
    schedule = scheduled("{step: {every: 20, factor: 0.5}}")
    outside, inside = (points(schedule, name + rate) for name in ("sgd", "sgd@keras"))
    assert abs(outside - inside).max() > 1e-3


def test_the_schedule_of_the_papers_theorem_is_alpha_over_root_t(scheduled):
    """Kingma & Ba 2015, section 4: alpha_t = alpha / sqrt(t)."""
    gradient = np.array([1.0, 0.25])
    x, m, v = np.ones(2), np.zeros(2), np.zeros(2)
    expected = [x]
    for t in range(1, T + 1):
        g = gradient * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x = x - 0.01 / math.sqrt(t) * m / (1.0 - 0.9**t) / (np.sqrt(v / (1.0 - 0.999**t)) + 1e-8)
        expected.append(x)
    np.testing.assert_allclose(points(scheduled("inverse_sqrt"), "adam:lr=0.01"), expected, rtol=1e-12)

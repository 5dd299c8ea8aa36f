"""Intervals against their definitions, scipy, and the truth in simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adambench.analysis.bootstrap import hierarchical_interval, paired_interval
from adambench.analysis.interval import ert_interval, median_interval, median_ranks
from adambench.analysis.proportion import mean_interval, wilson_interval

TRIALS = st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=2, max_size=25)


@given(st.integers(1, 200), st.data())
def test_wilson_is_that_of_scipy(trials, data):
    successes = data.draw(st.integers(0, trials))
    oracle = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx([oracle.low, oracle.high], abs=1e-12)


def test_four_of_fifteen_is_not_significantly_more_than_none_of_fifteen():
    assert wilson_interval(4, 15)[0] < wilson_interval(0, 15)[1]
    assert wilson_interval(0, 0) is None


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_the_mean_of_zeros_and_ones_is_a_rate(values):
    found = mean_interval(np.array(values, np.float64))
    assert found == pytest.approx(wilson_interval(sum(values), len(values)), abs=1e-12)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=50))
def test_interval_of_a_win_probability_turns_with_its_sides(values):
    one, other = mean_interval(np.array(values)), mean_interval(1.0 - np.array(values))
    if set(values) == {0.5}:
        assert one is other is None
    else:
        assert one == pytest.approx([1.0 - bound for bound in reversed(other)], abs=1e-12)
        mean, ties = np.mean(values), values.count(0.5) / len(values)
        for bound in one:  # the score equation, with the variance that is left when ties count 1/2
            variance = bound * (1.0 - bound) - ties / 4
            assert (mean - bound) ** 2 == pytest.approx(stats.norm.ppf(0.975) ** 2 * variance / len(values), abs=1e-9)


@pytest.mark.parametrize("trials", [5, 6, 9, 10, 20, 21, 50, 101])
def test_median_ranks_have_the_binomial_coverage_nearest_to_95(trials):
    low, high = median_ranks(trials)
    coverages = {
        k: stats.binom.cdf(trials - 1 - k, trials, 0.5) - stats.binom.cdf(k, trials, 0.5) for k in range(trials // 2)
    }
    assert high == trials - 1 - low
    assert abs(coverages[low] - 0.95) <= min(abs(coverage - 0.95) for coverage in coverages.values()) + 1e-12


def test_the_coverage_of_a_median_is_between_92_and_98_percent_from_8_trials_on():
    for trials in range(8, 500):
        low, high = median_ranks(trials)
        assert 0.92 <= stats.binom.cdf(high, trials, 0.5) - stats.binom.cdf(low, trials, 0.5) <= 0.98


@given(st.lists(st.floats(-1e9, 1e9) | st.just(math.inf), min_size=5, max_size=40), st.randoms(use_true_random=False))
def test_median_interval_is_two_of_the_values_about_the_median_in_any_order(values, random):
    low, high = median_interval(np.array(values))
    middle = sorted(values)[(len(values) + 1) // 2 - 1]
    assert {low, high} <= {*values, None}
    assert (math.inf if low is None else low) <= middle <= (math.inf if high is None else high)
    random.shuffle(values)
    assert median_interval(np.array(values)) == [low, high]


def test_median_interval_of_few_and_of_failed_trials():
    assert median_interval(np.arange(4.0)) is None
    assert median_interval(np.arange(5.0)) == [0.0, 4.0]
    assert median_interval(np.array([1.0, 2.0, 3.0, math.inf, math.inf])) == [1.0, None]
    assert median_interval(np.full(6, math.inf)) == [None, None]


@given(TRIALS, st.randoms(use_true_random=False))
def test_ert_interval_holds_the_ert_whatever_the_order_and_scales_with_it(trials, random):
    spent, hit = (np.array(column, np.float64) for column in zip(*trials, strict=True))
    low, high = ert_interval(spent, hit)
    ert = spent.sum() / hit.sum() if hit.any() else math.inf
    assert 0.0 <= low <= ert * (1 + 1e-12)
    assert (math.inf if high is None else high) >= ert * (1 - 1e-12) or not spent.any()
    random.shuffle(trials)
    assert ert_interval(*(np.array(column, np.float64) for column in zip(*trials, strict=True))) == [low, high]
    eight_low, eight_high = ert_interval(8.0 * spent, hit)
    assert eight_low == pytest.approx(8.0 * low, rel=1e-12)
    assert eight_high == (None if high is None else pytest.approx(8.0 * high, rel=1e-12))


def test_ert_interval_of_equal_trials_is_that_of_their_success_rate():
    hit = np.array([1.0] * 8 + [0.0] * 4)
    z = stats.t.ppf(0.975, 11)
    low, high = wilson_interval(8, 12, z)
    assert ert_interval(np.full(12, 100.0), hit) == pytest.approx([100.0 / high, 100.0 / low])
    assert ert_interval(np.full(12, 100.0), np.zeros(12)) == [
        pytest.approx(100.0 / wilson_interval(0, 12, z)[1]),
        None,
    ]


def test_ert_interval_of_no_spread_of_one_trial_and_of_nothing_spent():
    assert ert_interval(np.array([5.0]), np.array([1.0])) is None
    assert ert_interval(np.zeros(3), np.ones(3)) == [0.0, 0.0]
    assert ert_interval(np.zeros(3), np.zeros(3)) == [0.0, None]
    assert ert_interval(np.full(20, 100.0), np.ones(20))[0] == pytest.approx(100.0)


@pytest.mark.parametrize(("budget", "rate"), [(1e9, 1.0), (1000.0, 0.5)])
def test_ert_interval_covers_at_20_seeds(budget, rate):
    random = np.random.default_rng(3)
    times = 1000.0 * np.exp(0.5 * random.standard_normal((1000, 20)))
    many = 1000.0 * np.exp(0.5 * random.standard_normal(10**6))
    truth = np.minimum(many, budget).mean() / (many <= budget).mean()
    assert (many <= budget).mean() == pytest.approx(rate, abs=0.01)
    held = 0
    for one in times:
        low, high = ert_interval(np.minimum(one, budget), (one <= budget).astype(float))
        held += low <= truth <= (math.inf if high is None else high)
    assert 0.92 <= held / 1000 <= 0.985


def test_failures_that_no_trial_showed_are_outside_the_ert_interval_as_its_docstring_says():
    random = np.random.default_rng(4)
    times = 1000.0 * np.exp(0.5 * random.standard_normal((1000, 20)))
    failed = random.random(times.shape) < 0.05
    spent = np.where(failed, 60_000.0, times)
    truth = 1000.0 * math.exp(0.125) + 0.05 / 0.95 * 60_000.0
    held = [
        low <= truth <= (math.inf if high is None else high)
        for low, high in (ert_interval(*one) for one in zip(spent, 1.0 - failed, strict=True))
    ]
    unseen = ~failed.any(axis=1)
    assert not np.array(held)[unseen].any()
    assert np.mean(held) == pytest.approx(0.58, abs=0.05)
    assert "58% of cases at 20 seeds" in " ".join(ert_interval.__doc__.split())


def test_bootstraps_of_nearly_normal_values_are_near_students():
    values = np.random.default_rng(0).standard_normal(60)
    reach = stats.t.ppf(0.975, 59) * values.std(ddof=1) / math.sqrt(60)
    expected = [values.mean() - reach, values.mean() + reach]
    assert paired_interval(values) == pytest.approx(expected, abs=0.03)
    assert hierarchical_interval([np.full(4, value) for value in values]) == pytest.approx(expected, abs=0.05)


@given(st.lists(st.floats(-40, 40), min_size=3, max_size=12), st.randoms(use_true_random=False))
def test_paired_bootstrap_is_symmetric_about_the_mean_in_any_order(values, random):
    low, high = paired_interval(np.array(values))
    if low is not None:
        assert (low + high) / 2 == pytest.approx(np.mean(values), abs=1e-9)
    random.shuffle(values)
    assert paired_interval(np.array(values)) == [low, high]


def test_bootstraps_of_constants_and_of_too_few():
    assert paired_interval(np.array([1.0, 2.0])) is None
    assert hierarchical_interval([np.array([1.0, 2.0])] * 2) is None
    assert paired_interval(np.full(5, 0.25)) == [0.25, 0.25]
    assert hierarchical_interval([np.full(3, 0.25), np.full(5, 0.25), np.full(4, 0.25)]) == [0.25, 0.25]
    assert paired_interval(np.array([1.0, 1.0, 2.0])) == [None, None]  # one resample in nine is of one value

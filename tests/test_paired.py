"""Paired comparisons: against scipy, all signs listed, values by hand, and an optimizer compared with itself."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adambench.analysis import bootstrap
from adambench.analysis.bootstrap import hierarchical_interval
from adambench.analysis.difference import different, different_over, log_ratios, wins
from adambench.analysis.paired import compare_pair, compare_problems
from adambench.analysis.signed_rank import holm, shift_interval, signed_rank
from adambench.analysis.speedup import Race, charged_ratios, geometric_speedup
from adambench.errors import AdambenchError

TIME = st.integers(0, 10**6).map(float) | st.just(math.inf)
PAIRS = st.lists(st.tuples(TIME, TIME), max_size=12)
DIFFERENCES = st.lists(st.integers(-4, 4).map(float) | st.sampled_from([-math.inf, math.inf]), min_size=1, max_size=9)


BUDGET = 10.0**6


def race(times_a, times_b, budget=BUDGET):
    return Race(times_a, times_b, budget)


def columns(pairs):
    return tuple(np.array([pair[side] for pair in pairs], np.float64) for side in (0, 1))


@given(DIFFERENCES)
def test_signed_rank_counts_all_signs(values):
    differences = np.array(values)
    ranks = stats.rankdata(np.abs(differences))[differences != 0]
    sums = [
        sum(rank for rank, kept in zip(ranks, signs, strict=True) if kept)
        for signs in itertools.product((0, 1), repeat=len(ranks))
    ]
    above = ranks[differences[differences != 0] > 0].sum()
    statistic = min(above, ranks.sum() - above)
    found = signed_rank(differences, alpha=1.0)
    assert found["statistic"] == statistic
    assert found["p"] == pytest.approx(min(1.0, 2 * sum(total <= statistic for total in sums) / len(sums)))
    assert found["smallest_p"] == pytest.approx(min(1.0, 2 / len(sums)))


@given(st.lists(st.floats(-1e3, 1e3).filter(bool), min_size=6, max_size=30, unique_by=abs))
def test_signed_rank_is_that_of_scipy(values):
    oracle = stats.wilcoxon(values, method="exact")
    found = signed_rank(np.array(values))
    assert (found["statistic"], found["p"]) == (oracle.statistic, pytest.approx(oracle.pvalue, rel=1e-9))


def test_signed_rank_worked_example_and_the_p_that_cannot_be_reached():
    found = signed_rank(np.array([6.0, 7, 8, 9, 10, 2, -3, 4]))
    assert (found["statistic"], found["p"]) == (2.0, 0.0234375)
    five = signed_rank(np.array([1.0, 2, 3, 4, 5]))
    assert (five["smallest_p"], five["p"]) == (0.0625, None)
    assert signed_rank(np.zeros(9))["p"] is None


def test_signed_rank_of_many_is_near_that_of_scipy():
    values = np.random.default_rng(0).standard_normal(300) + 0.1
    assert signed_rank(values)["p"] == pytest.approx(stats.wilcoxon(values, method="exact").pvalue, rel=0.02)


def test_holm_by_hand_and_never_below_an_earlier_one():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.integers(-3000, 3000), min_size=6, max_size=14, unique=True))
def test_shift_interval_holds_what_the_test_does_not_reject(values):
    differences = np.array(values) / 100
    _, (low, high) = shift_interval(differences)
    assert all(signed_rank(differences - shift)["p"] <= 0.05 for shift in (low - 1e-3, high + 1e-3))
    if high - low > 1e-2:  # at shares that make no two differences equal
        inside = [low + share * (high - low) for share in (0.01 * math.pi, math.pi / 10, math.pi / 5, 0.31 * math.pi)]
        assert all((signed_rank(differences - shift)["p"] or 1.0) > 0.05 for shift in inside)


def test_shift_interval_takes_infinities_and_knows_its_limits():
    estimate, bounds = shift_interval(np.array([1.0, 2, 3, 4, 5, 6, math.inf, math.inf]))
    assert bounds[0] >= 1.0
    assert bounds[1] is None
    assert 1.0 < estimate < 6.0 or estimate is None
    assert shift_interval(np.full(7, math.inf)) == (None, [None, None])
    assert shift_interval(np.arange(5.0)) == (2.0, None)
    assert shift_interval(np.array([])) == (None, None)


@pytest.mark.parametrize("values", ["plain", "tied", "infinite"])
def test_shift_interval_of_more_than_are_listed_is_the_same(values, monkeypatch):
    random = np.random.default_rng(7)
    differences = {
        "plain": random.standard_normal(301) - 0.3,
        "tied": random.integers(-2, 3, 301).astype(float),
        "infinite": np.concatenate((random.standard_normal(230), np.full(71, math.inf))),
    }[values]
    listed = shift_interval(differences)
    monkeypatch.setattr("adambench.analysis.signed_rank.MOST", 300)
    assert shift_interval(differences) == listed


def test_one_seed_more_than_a_thousand_does_not_lose_the_factor():
    values = np.random.default_rng(8).standard_normal(1001) + 1.0
    estimate, (low, high) = shift_interval(values)
    whole, (whole_low, whole_high) = shift_interval(values[:1000])
    assert [estimate, low, high] == pytest.approx([whole, whole_low, whole_high], abs=0.01)
    assert shift_interval(np.zeros(1500)) == (0.0, [0.0, 0.0])
    assert compare_pair(race(np.full(1001, 10.0), np.full(1001, 20.0)))["verdict"]["speedup"] == pytest.approx(2.0)


def test_log_ratios_and_wins_by_hand():
    times_a, times_b = np.array([10.0, math.inf, 5, math.inf, 0]), np.array([20.0, 7, math.inf, math.inf, 1])
    assert log_ratios(times_a, times_b).tolist() == [pytest.approx(math.log(0.5)), math.inf, -math.inf, 0.0, 0.0]
    assert wins(times_a, times_b).tolist() == [1.0, 0.0, 1.0, 0.5, 1.0]
    with pytest.raises(AdambenchError, match="same seeds"):
        log_ratios(times_a, times_b[:3])


def test_one_problem_by_hand():
    times_a, times_b = np.array([100.0, 200, 400]), np.array([200.0, 400, 1600])
    found = compare_pair(race(times_a, times_b))
    ratios = np.log(times_a / times_b)
    oracle = stats.ttest_1samp(ratios, 0.0)
    assert found["speedup"] == pytest.approx((2 * 2 * 4) ** (1 / 3))
    low, high = oracle.confidence_interval(0.95)
    assert found["ci95"] == pytest.approx([math.exp(-high), math.exp(-low)])
    apart = np.log(times_a).var(ddof=1) + np.log(times_b).var(ddof=1)
    assert found["variance_ratio"] == pytest.approx(ratios.var(ddof=1) / apart)
    assert (found["win"], found["verdict"]["test"]) == (1.0, "student")
    assert found["verdict"]["p"] == pytest.approx(oracle.pvalue)


@given(PAIRS)
def test_exchanging_the_two_inverts_everything_and_nothing_is_nan(pairs):
    times_a, times_b = columns(pairs)
    one, other = compare_pair(race(times_a, times_b)), compare_pair(race(times_b, times_a))
    assert (one["a_failed"], one["b_failed"], one["both_failed"]) == (
        other["b_failed"],
        other["a_failed"],
        other["both_failed"],
    )
    for name in ("p", "smallest_p", "different", "test"):
        assert one["verdict"][name] == (
            None if other["verdict"][name] is None else pytest.approx(other["verdict"][name])
        )
    sides = {"a": "b", "b": "a", None: None}
    assert one["verdict"]["faster"] == sides[other["verdict"]["faster"]]
    if one["speedup"] is not None:
        assert one["speedup"] == pytest.approx(1 / other["speedup"])
    if one["win"] is not None:
        assert one["win"] == pytest.approx(1 - other["win"])
    assert not any(isinstance(value, float) and not math.isfinite(value) for value in one.values())


def test_failures_are_counted_and_charged_the_budget_and_one():
    times_a = np.array([10.0, 12, 14, 16, 18, 20, 22, math.inf])
    times_b = np.array([20.0, 25, 27, math.inf, 38, 41, math.inf, math.inf])
    found = compare_pair(race(times_a, times_b, budget=99.0))
    assert (found["a_failed"], found["b_failed"], found["both_failed"]) == (0, 2, 1)
    charged = np.minimum(times_b, 100.0) / np.minimum(times_a, 100.0)
    assert found["speedup"] == pytest.approx(math.exp(np.log(charged).mean()))
    assert found["ci95"][0] < found["speedup"] < found["ci95"][1]
    none = compare_pair(race(np.full(4, math.inf), np.full(4, math.inf)))
    assert none["speedup"] is none["ci95"] is none["bootstrap95"] is None
    assert found["win"] == (7 + 0.5) / 8
    assert (found["verdict"]["faster"], found["verdict"]["p"]) == ("a", 2 / 2**7)
    assert found["verdict"]["speedup"] is found["verdict"]["ci95"] is None


def test_one_block_says_one_thing_where_both_failed_on_some_seeds():
    """The estimate without the pairs that both failed said 0.39 where the charged one says 1.12."""
    times_b = np.array([400.0] * 20)
    times_a = np.array([1000.0] * 17 + [math.inf] * 3)
    times_b[17:] = math.inf
    found = compare_pair(race(times_a, times_b, budget=2000.0))
    assert found["speedup"] == pytest.approx(0.4**0.85)
    assert (found["verdict"]["faster"], found["verdict"]["speedup"], found["verdict"]["ci95"]) == ("b", None, None)
    whole = compare_pair(race(times_a[:17], times_b[:17], budget=2000.0))
    assert (whole["verdict"]["speedup"], whole["verdict"]["ci95"]) == (pytest.approx(0.4), pytest.approx([0.4, 0.4]))


@pytest.mark.parametrize("problems", [3, 5, 8, 20])
def test_over_problems_the_interval_of_the_win_probability_holds_it(problems):
    """Problems favour one or the other by chance, so that shares differ more than seeds within a problem do."""
    random = np.random.default_rng(problems)
    sets, held = 1000, 0
    shares = np.clip(0.55 + 0.25 * random.standard_normal((sets, problems)), 0.0, 1.0)
    truth = np.clip(0.55 + 0.25 * random.standard_normal(10**6), 0.0, 1.0).mean()
    for drawn in shares:
        first = (random.random((problems, 10)) < drawn[:, np.newaxis]).astype(float)
        found = compare_problems([race(2.0 - won, np.full(10, 1.5)) for won in first])
        low, high = found["win_ci95"] or (math.nan, math.nan)
        if found["win_ci95"] is not None:
            oracle = stats.ttest_1samp(first.mean(axis=1), 0.0).confidence_interval(0.95)
            assert [low, high] == pytest.approx([max(oracle.low, 0.0), min(oracle.high, 1.0)])
        held += low <= truth <= high
    assert 930 <= held <= 970


def test_over_problems_a_win_probability_has_no_interval_without_a_spread():
    faster = race(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    even = race(np.array([1.0, 4.0]), np.array([3.0, 2.0]))
    assert compare_problems([faster, even])["win_ci95"] is None
    assert compare_problems([faster] * 9)["win_ci95"] is None
    low, high = compare_problems([faster] * 8 + [even])["win_ci95"]
    assert 0.5 < low < 17 / 18
    assert high == 1.0


def test_too_few_pairs_say_what_they_could_have_shown():
    failing = different(np.array([1.0, 2, 3, 4, math.inf]), np.array([5.0, 6, 7, 8, 9]))
    assert (failing["different"], failing["p"], failing["smallest_p"]) == (None, None, 0.0625)
    assert different(np.array([1.0]), np.array([2.0]))["different"] is None
    assert different(np.full(8, math.inf), np.full(8, math.inf))["different"] is None


def test_certain_differences_and_certain_equality():
    assert different(np.full(5, 100.0), np.full(5, 200.0))["faster"] == "a"
    assert different(np.full(5, 100.0), np.full(5, 100.0))["different"] is False
    same = compare_pair(race(np.full(5, 100.0), np.full(5, 100.0)))
    assert (same["speedup"], same["ci95"], same["win"], same["win_ci95"]) == (1.0, [1.0, 1.0], 0.5, None)
    assert same["variance_ratio"] is None


def test_pairing_shows_what_common_random_numbers_hide_from_the_unpaired():
    random = np.random.default_rng(1)
    luck = np.exp(0.5 * random.standard_normal(12))
    times_a, times_b = 1000 * luck, 1150 * luck * np.exp(0.05 * random.standard_normal(12))
    found = compare_pair(race(times_a, times_b))
    assert found["verdict"]["faster"] == "a"
    assert found["variance_ratio"] < 0.1
    assert different(times_a, np.roll(times_b, 5))["different"] is False


@pytest.mark.parametrize("seeds", [5, 10, 20])
def test_an_optimizer_is_called_different_from_itself_in_one_case_of_twenty(seeds):
    times = 1000.0 * np.exp(0.5 * np.random.default_rng(seeds).standard_normal((1000, 2, seeds)))
    called = sum(different(one, other)["different"] for one, other in times)
    assert 30 <= called <= 70  # three standard deviations


def test_over_problems_each_weighs_the_same_and_a_failure_is_charged_the_budget_and_one():
    pairs = [
        (np.array([10.0]), np.array([20.0])),
        (np.array([10.0, 20, 40]), np.array([80.0, 160, 320])),
        (np.array([10.0, math.inf]), np.array([math.inf, math.inf])),
    ]
    found = compare_problems([race(*pair, budget=639.0) for pair in pairs])
    assert (found["problems"], found["used"], found["charged"], found["pairs"]) == (3, 2, 1, 6)
    assert found["undecided"] == 0
    assert (found["b_failed"], found["both_failed"]) == (1, 1)
    assert found["speedup"] == pytest.approx((2 * 8 * 8) ** (1 / 3))  # the third: 640/10 and 640/640
    assert found["win"] == pytest.approx((1 + 1 + 0.75) / 3)
    assert found["verdict"]["smallest_p"] == 0.25


def test_over_problems_the_interval_is_students_of_their_means():
    random = np.random.default_rng(2)
    pairs = [tuple(np.exp(random.standard_normal((2, 10)) + np.array([[5.0], [5.8]]))) for _ in range(8)]
    means = [np.log(times_a / times_b).mean() for times_a, times_b in pairs]
    low, high = stats.ttest_1samp(means, 0.0).confidence_interval(0.95)
    found = compare_problems([race(*pair) for pair in pairs])
    assert found["ci95"] == pytest.approx([math.exp(-high), math.exp(-low)])
    assert found["bootstrap95"] == pytest.approx(found["ci95"], rel=0.2)
    assert found["verdict"] == different_over(pairs)
    assert found["verdict"]["p"] == pytest.approx(stats.wilcoxon(means, method="exact").pvalue)


@settings(max_examples=20)
@given(st.lists(PAIRS.filter(bool), max_size=5))
def test_over_problems_nothing_is_nan(problems):
    found = compare_problems([race(*columns(pairs)) for pairs in problems])
    for value in (*found.values(), *found["verdict"].values(), *(found["ci95"] or ()), *(found["bootstrap95"] or ())):
        assert not isinstance(value, float) or math.isfinite(value)


@given(st.lists(PAIRS.filter(bool), min_size=1, max_size=5), st.integers(10**6, 10**7))
def test_speedup_is_the_mean_over_problems_of_the_mean_over_seeds(problems, budget):
    races = [race(*columns(pairs), budget=float(budget)) for pairs in problems]
    found = geometric_speedup(races)
    means = []
    for pairs in problems:
        spent = [[min(max(time, 1.0), budget + 1.0) for time in pair] for pair in pairs]
        means.append(math.fsum(math.log(b / a) for a, b in spent) / len(spent))
    hopeless = [all(set(pair) == {math.inf} for pair in pairs) for pairs in problems]
    decided = [pairs for pairs, lost in zip(problems, hopeless, strict=True) if not lost]
    means = [mean for mean, lost in zip(means, hopeless, strict=True) if not lost]
    failing = [pairs for pairs in decided if any(math.inf in pair for pair in pairs)]
    assert (found.charged, found.undecided, found.problems) == (len(failing), sum(hopeless), len(decided))
    if not decided:
        assert found.factor is found.ci95 is found.bootstrap95 is None
        return
    assert found.factor == pytest.approx(math.exp(math.fsum(means) / len(means)))
    back = geometric_speedup([race(one.second, one.first, one.budget) for one in races])
    assert back.factor == pytest.approx(1 / found.factor)
    assert all(np.isfinite(charged_ratios(one)).all() for one in races)
    if found.ci95 is not None:
        assert found.ci95[0] <= found.factor * (1 + 1e-9)
        assert back.ci95 == pytest.approx([1 / found.ci95[1], 1 / found.ci95[0]])


def test_speedup_over_no_problems_is_unknown():
    assert geometric_speedup([]).factor is None


def test_a_problem_on_which_neither_hits_measures_nothing():
    """It was a ratio of 1: the factor, its interval, N and what is charged were those of another comparison."""
    random = np.random.default_rng(6)
    hit = [race(*np.exp(random.standard_normal((2, 5)) + np.array([[5.0], [5.8]]))) for _ in range(4)]
    failing = race(np.array([10.0, 20.0]), np.array([math.inf, 90.0]), 99.0)
    lost = race(np.full(3, math.inf), np.full(3, math.inf), 99.0)
    for some in (hit[:1], hit, [*hit, failing]):
        alone, beside = geometric_speedup(some), geometric_speedup([lost, *some, lost])
        assert beside == replace(alone, undecided=2)
        one, other = compare_problems(some), compare_problems([*some, lost])
        for name in ("speedup", "ci95", "bootstrap95", "used", "charged", "bound"):
            assert one[name] == other[name]
        assert (other["problems"], other["undecided"]) == (len(some) + 1, 1)


@pytest.mark.parametrize(
    ("first", "second", "bound"),
    [
        ([[10.0, 20.0]], [[30.0, 40.0]], None),
        ([[math.inf, 20.0]], [[30.0, 40.0]], "at most"),
        ([[10.0, 20.0]], [[30.0, math.inf]], "at least"),
        ([[math.inf, 20.0]], [[math.inf, 40.0]], "unknown"),
        ([[math.inf], [5.0]], [[30.0], [math.inf]], "unknown"),
        ([[math.inf] * 2, [5.0, 6.0]], [[math.inf] * 2, [math.inf, 7.0]], "at least"),
    ],
)
def test_failures_bound_the_speedup_on_their_side_and_what_neither_hits_does_not(first, second, bound):
    races = [race(np.array(one), np.array(other), 99.0) for one, other in zip(first, second, strict=True)]
    assert geometric_speedup(races).bound == compare_problems(races)["bound"] == bound


def test_the_hierarchical_bootstrap_does_not_see_the_order_of_problems_or_seeds():
    random = np.random.default_rng(4)
    groups = [random.standard_normal(size) for size in (4, 9, 1, 9, 6)]
    found = hierarchical_interval(groups)
    assert hierarchical_interval([random.permutation(group) for group in groups[::-1]]) == found
    assert found[0] < np.mean([group.mean() for group in groups]) < found[1]


def test_the_hierarchical_bootstrap_is_the_same_in_parts(monkeypatch):
    groups = [np.random.default_rng(5).standard_normal(size) for size in (4, 9, 5)]
    whole = hierarchical_interval(groups)
    monkeypatch.setattr(bootstrap, "LARGEST", 7 * 3 * 10)
    assert hierarchical_interval(groups) == whole

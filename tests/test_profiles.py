"""Profiles, scores, speed-ups, the best of n draws and inclusions: by hand, by brute force, and what leaves them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from adambench.analysis.distribution import MOST, profiles, thinned
from adambench.analysis.ecdf import ecdf
from adambench.analysis.expected_best import best_probabilities, expected_best
from adambench.analysis.inclusion import INCLUSIONS, contained
from adambench.analysis.log_ratio import log_ratios
from adambench.analysis.profile import data_profiles, performance_profiles, performance_ratios
from adambench.analysis.score import algoperf_scores
from adambench.analysis.special_case import judge
from adambench.optimizers import adam, adamw, momentum, nadam, nesterov, rmsprop, sgd

INF = math.inf

# 4 problems, 3 optimizers: the third problem is solved by nobody, the first is a tie of two.
TABLE = np.array([[10.0, 10.0, 25.0], [30.0, 60.0, INF], [INF, INF, INF], [80.0, INF, 20.0]])

TIME = st.integers(0, 10**6).map(float) | st.just(INF)


@st.composite
def tables(draw, least=1, most=4):
    columns = draw(st.integers(least, most))
    rows = draw(st.lists(st.lists(TIME, min_size=columns, max_size=columns), min_size=1, max_size=6))
    return np.array(rows)


# Performance profiles.


def test_performance_profile_worked_by_hand():
    first, second, third = performance_profiles(TABLE)
    at = np.array([0.99, 1.0, 1.99, 2.0, 2.5, 3.99, 4.0, INF])
    assert first.at(at).tolist() == [0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.75, 0.75]
    assert second.at(at).tolist() == [0, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert third.at(at).tolist() == [0, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5]


@given(tables(), st.floats(1.0, 1e6))
def test_performance_profile_by_definition(table, tau):
    for column, profile in enumerate(performance_profiles(table)):
        count = 0
        for times in table.tolist():
            best = min(max(t, 1.0) for t in times)
            count += best < INF and max(times[column], 1.0) < INF and max(times[column], 1.0) / best <= tau
        assert profile.at(tau) == count / len(table)


@given(tables())
def test_performance_profiles_rise_to_the_share_solved_and_somebody_wins(table):
    profiles = performance_profiles(table)
    for profile, times in zip(profiles, table.T, strict=True):
        assert (np.diff(profile.points) > 0).all()
        assert (np.diff(profile.shares, prepend=0.0) > 0).all()
        assert profile.at(profile.points).tolist() == profile.shares.tolist()  # continuous from the right
        assert profile.at(INF) == np.isfinite(times).mean()
    somewhere_solved = np.isfinite(table).any(axis=1).sum()
    assert sum(float(profile.at(1.0)) for profile in profiles) >= somewhere_solved / len(table) - 1e-12


@given(tables(), st.integers(2, 4))
def test_profiles_and_scores_are_unchanged_by_duplicating_every_problem(table, copies):
    repeated = np.tile(table, (copies, 1))
    for once, more in zip(performance_profiles(table), performance_profiles(repeated), strict=True):
        assert once.points.tolist() == more.points.tolist()
        assert once.shares.tolist() == more.shares.tolist()
    assert algoperf_scores(repeated) == pytest.approx(algoperf_scores(table), rel=1e-14)


@given(tables(), st.data())
def test_performance_profiles_do_not_depend_on_the_unit_of_each_problem(table, data):
    table = np.maximum(table, 1.0)
    units = np.array(data.draw(st.lists(st.sampled_from([1.0, 2.0, 1024.0]), min_size=len(table), max_size=len(table))))
    assert performance_ratios(table * units[:, np.newaxis]).tolist() == performance_ratios(table).tolist()


@given(tables(2, 4))
def test_adding_an_optimizer_changes_relative_statistics_only_and_never_for_the_better(table):
    fewer, units = table[:, :-1], np.ones(len(table))
    for alone, beside in zip(data_profiles(fewer, units), data_profiles(table, units)[:-1], strict=True):
        assert alone.points.tolist() == beside.points.tolist()
        assert alone.shares.tolist() == beside.shares.tolist()
    assert (performance_ratios(table)[:, :-1] >= performance_ratios(fewer)).all()
    assert (np.array(algoperf_scores(table)[:-1]) <= np.array(algoperf_scores(fewer)) + 1e-15).all()


def test_taking_the_best_away_can_swap_two_others():
    # Gould & Scott 2016: the known non-property, which is why pairs have a profile of their own.
    table = np.array([[2.0, 4.0, 1.0], [4.0, 1.0, 1.0], [2.0, 4.0, 1.0]])
    first, second, best = (float(profile.at(2.0)) for profile in performance_profiles(table))
    assert (first, second, best) == pytest.approx((2 / 3, 1 / 3, 1.0))
    first, second = (float(profile.at(2.0)) for profile in performance_profiles(table[:, :2]))
    assert (first, second) == pytest.approx((2 / 3, 1.0))
    assert log_ratios(*table.T[:2]).values.tolist() == [-1.0, -1.0, 2.0]


def test_profiles_over_no_problems_are_0():
    assert [profile.at(INF) for profile in performance_profiles(np.zeros((0, 2)))] == [0.0, 0.0]
    assert performance_profiles(np.zeros((3, 0))) == []


# Data profiles.


def test_data_profile_worked_by_hand():
    first, second, third = data_profiles(TABLE, np.array([10.0, 3.0, 1.0, 20.0]))
    at = np.array([0.5, 1.0, 2.5, 4.0, 10.0, 20.0, INF])
    assert first.at(at).tolist() == [0, 0.25, 0.25, 0.5, 0.75, 0.75, 0.75]
    assert second.at(at).tolist() == [0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5]
    assert third.at(at).tolist() == [0, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5]


# The AlgoPerf score.


def test_algoperf_score_worked_by_hand():
    # ratios: (1, 1, 2.5), (1, 2, inf), (inf, inf, inf), (4, inf, 1)
    assert algoperf_scores(TABLE) == pytest.approx([2 / 4, (1 + 2 / 3) / 4, (0.5 + 1) / 4])
    assert algoperf_scores(np.zeros((0, 3))) is None
    assert algoperf_scores(np.full((2, 1), INF)) == [0.0]


@settings(max_examples=30)
@given(tables())
def test_algoperf_score_is_the_area_under_the_performance_profile(table):
    for score, profile in zip(algoperf_scores(table), performance_profiles(table), strict=True):
        # the integral of a step function, between its jumps
        edges = [1.0, *(float(p) for p in profile.points if 1.0 < p < 4.0), 4.0]
        area = math.fsum(quad(profile.at, a, b)[0] for a, b in itertools.pairwise(edges))
        assert score == pytest.approx(area / 3.0, abs=1e-9)


# Weighted shares, and what of them stands in a report.


@given(st.lists(st.lists(TIME, min_size=1, max_size=5), min_size=1, max_size=5), TIME)
def test_a_weighted_ecdf_is_the_mean_of_those_of_its_parts(groups, cost):
    values = np.concatenate(groups)
    weights = np.concatenate([np.full(len(group), 1.0 / len(group)) for group in groups])
    shares = [sum(value <= cost for value in group if value < INF) / len(group) for group in groups]
    found = ecdf(values, weights)
    assert found.at(cost) == pytest.approx(math.fsum(shares) / len(shares))
    assert (np.diff(found.shares) > 0).all()
    assert (found.shares <= 1.0).all()
    alike = ecdf(values, np.full(len(values), 2.5))
    assert alike.at(cost) == pytest.approx(ecdf(values).at(cost))


def test_profiles_keep_both_ends_of_however_many_points():
    assert thinned(0).tolist() == []
    assert thinned(3).tolist() == [0, 1, 2]
    kept = thinned(10 * MOST).tolist()
    assert (kept[0], kept[-1], len(kept)) == (0, 10 * MOST - 1, MOST)
    assert max(np.diff(kept)) <= 11


def measured(problem, optimizer, hits, tau=0.1):
    """A row with two targets, the second twice as hard to come by; None is a failure."""
    both = [[hit, None if hit is None else 2 * hit] for hit in hits]
    sorted_hits = [sorted(INF if pair[place] is None else pair[place] for pair in both) for place in (0, 1)]
    medians = [known[(len(known) - 1) // 2] for known in sorted_hits]
    return {
        **{"problem": problem, "optimizer": optimizer, "trials": len(hits)},
        "outcomes": {"reached": len(hits), "error": 0, "skipped": 0},
        "final_loss": {"median": 1.0},
        "targets": [
            {
                **{"kind": "relative", "value": value, "reached": sum(pair[place] is not None for pair in both)},
                "median": None if medians[place] == INF else medians[place],
            }
            for place, value in enumerate((tau, tau / 10))
        ],
        "seeds": [{"seed": n, "outcome": "reached", "hits": pair} for n, pair in enumerate(both)],
    }


def test_the_profiles_of_a_report_worked_by_hand():
    problems = [{"name": "p", "unit": 5}, {"name": "q", "unit": 1}]
    results = [
        *(measured("p", "a", [10, 20, None]), measured("p", "b", [40, 40, 40])),
        *(measured("q", "a", [None]), measured("q", "b", [8])),
    ]
    ranks = {"optimizers": ["a", "b"], "problems": ["p", "q"], "refused": None}
    found = profiles(problems, results, ranks, "b")
    assert found["performance"] == [
        {"optimizer": "a", "problems": 2, "points": [[1.0, 0.5]]},
        {"optimizer": "b", "problems": 2, "points": [[1.0, 0.5], [2.0, 1.0]]},
    ]
    assert found["data"] == [
        {"optimizer": "a", "problems": 2, "points": [[40 / 5, 0.5]]},
        {"optimizer": "b", "problems": 2, "points": [[16.0, 1.0]]},  # 80 / 5 and 16 / 1
    ]
    first, second = found["ecdf"]
    assert first["points"] == [[2.0, pytest.approx(1 / 12)], [4.0, pytest.approx(3 / 12)], [8.0, pytest.approx(4 / 12)]]
    assert second["points"] == [[8.0, 0.5], [16.0, 1.0]]
    assert found["pairs"] == [
        {"optimizer": "a", "ratios": [-1.0], "alone": 0, "reference_alone": 1, "neither": 0},
    ]


@given(tables(2, 4))
def test_absolute_profiles_do_not_depend_on_the_company(table):
    names = [f"o{column}" for column in range(table.shape[1])]
    problems = [{"name": f"p{line}", "unit": 1 + line} for line in range(len(table))]
    results = [
        measured(f"p{line}", name, [None if value == INF else int(value)])
        for line, values in enumerate(table)
        for name, value in zip(names, values, strict=True)
    ]
    ranks = {"optimizers": names, "problems": [problem["name"] for problem in problems], "refused": None}
    alone = {**ranks, "optimizers": names[:2]}
    found = profiles(problems, results, ranks, "o0")
    fewer = profiles(problems, [row for row in results if row["optimizer"] in names[:2]], alone, "o0")
    for kind in ("data", "ecdf"):
        assert found[kind][:2] == fewer[kind]
    assert found["pairs"][0] == fewer["pairs"][0]
    for entry in (*found["performance"], *found["data"], *found["ecdf"]):
        shares = [share for _, share in entry["points"]]
        assert shares == sorted(set(shares))
        assert all(0.0 < share <= 1.0 for share in shares)
    assert max(dict(map(tuple, entry["points"])).get(1.0, 0.0) for entry in found["performance"]) * len(names) >= (
        np.isfinite(table).any(axis=1).mean()
    )


# Pairs.


def test_log_ratios_worked_by_hand():
    found = log_ratios(np.array([1.0, 8.0, INF, 5.0, INF, 0.0]), np.array([4.0, 2.0, INF, INF, 7.0, 1.0]))
    assert found.values.tolist() == [-INF, -2.0, 0.0, 2.0, INF]
    assert found.failed == 1


@given(tables(2, 2))
def test_log_ratios_change_sign_with_the_order_of_the_pair(table):
    there, back = log_ratios(*table.T), log_ratios(*table.T[::-1])
    assert there.values.tolist() == [-value for value in back.values[::-1]]
    assert there.failed == back.failed == len(table) - len(there.values)


# The best of n draws.

DRAWS = st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0, 7.0, INF]), min_size=1, max_size=4)


def samples(draws, n, replacement):
    """Every way to draw n, all equally likely."""
    return list(itertools.product(draws, repeat=n) if replacement else itertools.permutations(draws, n))


def or_none(value):
    return value if math.isfinite(value) else None


@given(DRAWS, st.booleans())
def test_expected_best_is_that_over_every_way_to_draw(draws, replacement):
    for found in expected_best(np.array(draws), replacement=replacement):
        lowest = sorted(min(sample) for sample in samples(draws, found.n, replacement))
        mean = sum(lowest) / len(lowest)
        if mean == INF:
            assert (found.mean, found.variance) == (None, None)
        else:
            assert found.mean == pytest.approx(mean, rel=1e-12)
            assert found.variance == pytest.approx(float(np.var(lowest)), abs=1e-12)
        for level, value in (("0.25", found.low), ("0.5", found.median), ("0.75", found.high)):
            place = math.ceil(Fraction(level) * len(lowest)) - 1
            assert value == or_none(lowest[place])


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20), st.integers(2, 4))
def test_expected_best_is_unchanged_by_duplicating_every_draw_and_falls_with_n(draws, copies):
    once = expected_best(np.array(draws))
    more = expected_best(np.array(draws * copies))[: len(draws)]
    assert [entry.n for entry in more] == list(range(1, len(draws) + 1))
    for one, other in zip(once, more, strict=True):
        assert other.mean == pytest.approx(one.mean, rel=1e-9, abs=1e-9)
        assert (other.low, other.median, other.high) == (one.low, one.median, one.high)
    assert all(later.mean <= sooner.mean + 1e-9 for sooner, later in itertools.pairwise(once))
    assert once[0].mean == pytest.approx(np.mean(draws), abs=1e-9)
    assert once[0].variance == pytest.approx(np.var(draws), rel=1e-9, abs=1e-9)


@given(st.lists(st.integers(1, 99).map(float) | st.just(INF), min_size=1, max_size=15), st.booleans())
def test_quantiles_of_the_best_follow_a_monotone_transform(draws, replacement):
    for one, other in zip(
        expected_best(np.array(draws), replacement=replacement),
        expected_best(np.log(np.array(draws)), replacement=replacement),
        strict=True,
    ):
        for plain, moved in ((one.low, other.low), (one.median, other.median), (one.high, other.high)):
            assert moved == (None if plain is None else np.log(plain))


def test_the_best_of_all_without_replacement_is_the_best_and_divergence_drops_out():
    found = expected_best(np.array([INF, 3.0, math.nan, 1.0]), replacement=False)
    assert [entry.mean for entry in found] == [None, None, pytest.approx(1.5), 1.0]
    assert found[-1].variance == 0.0
    assert expected_best(np.zeros(0)) == []
    assert {entry.median for entry in expected_best(np.full(3, INF))} == {None}
    huge = expected_best(np.array([-1e308, 1e308]))[0]
    assert (huge.mean, huge.variance) == (0.0, None)


@pytest.mark.parametrize("draws", [4, 12, 28, 100])
def test_quantiles_of_one_draw_are_those_of_the_draws(draws):
    one = expected_best(np.arange(1.0, draws + 1.0))[0]
    assert (one.low, one.median, one.high) == (draws / 4, draws / 2, draws * 3 / 4)


def test_expected_best_of_uniform_draws_nears_the_beta_distribution():
    points = (np.arange(10_000) + 0.5) / 10_000
    for entry in expected_best(points, sizes=np.arange(1, 21, 6)):
        minimum = stats.beta(1, entry.n)
        assert entry.mean == pytest.approx(minimum.mean(), rel=1e-3)
        assert entry.variance == pytest.approx(minimum.var(), rel=1e-3)
        for level, value in ((0.25, entry.low), (0.5, entry.median), (0.75, entry.high)):
            assert value == pytest.approx(minimum.ppf(level), abs=2e-4)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from([0.5, 1.0, 2.0, INF]), max_size=3), max_size=3), st.integers(1, 3), st.booleans()
)
def test_probability_of_the_best_is_that_over_every_way_to_draw(losses, n, replacement):
    ways = [samples(draws, n, replacement) if draws else [] for draws in losses]
    expected = [0.0] * len(losses)
    taking = [place for place, way in enumerate(ways) if way]
    every = list(itertools.product(*(ways[place] for place in taking))) if taking else []
    for drawn in every:
        lowest = [min(sample) for sample in drawn]
        if min(lowest) < INF:
            winners = [place for place, value in zip(taking, lowest, strict=True) if value == min(lowest)]
            for place in winners:
                expected[place] += 1 / len(winners) / len(every)
    found = best_probabilities([np.array(draws) for draws in losses], np.array([1, n]), replacement)
    assert found[1] == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.lists(st.integers(1, 99).map(float), min_size=5, max_size=9), min_size=2, max_size=5))
def test_probabilities_of_the_best_add_up_and_do_not_depend_on_the_scale_of_losses(losses):
    arrays, sizes = [np.array(draws) for draws in losses], np.array([1, 3])
    found = best_probabilities(arrays, sizes)
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert best_probabilities([np.log(draws) for draws in arrays], sizes).tolist() == found.tolist()
    assert best_probabilities(arrays[::-1], sizes)[:, ::-1] == pytest.approx(found, abs=1e-12)


def test_nobody_is_the_best_where_nothing_was_drawn_or_all_diverged():
    sizes = np.array([1, 2])
    assert best_probabilities([], sizes).shape == (2, 0)
    assert best_probabilities([np.full(2, INF), np.zeros(0)], sizes).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert best_probabilities([np.array([INF, 1.0])], sizes).tolist() == [[0.5], [0.75]]
    for count in range(1, 10):  # all tied
        assert best_probabilities([np.array([2.0])] * count, sizes) == pytest.approx(np.full((2, count), 1 / count))
    # without replacement one draw is too few for two
    few = best_probabilities([np.array([1.0]), np.array([2.0, 3.0])], sizes, replacement=False)
    assert few.tolist() == [[1.0, 0.0], [0.0, 1.0]]


# Inclusions.


def ranges_of(module):
    """What tuning could choose, from what the optimizer's file declares, its switches and fixed numbers apart."""
    return {
        hyperparameter.name: (1.0 - hyperparameter.search[1], 1.0 - hyperparameter.search[0])
        if hyperparameter.one_minus
        else hyperparameter.search
        for hyperparameter in module.OPTIMIZER.hyperparameters
        if hyperparameter.search is not None
    }


MODULES = {module.OPTIMIZER.name: module for module in (sgd, momentum, nesterov, rmsprop, adam, adamw, nadam)}
RANGES = {name: ranges_of(module) for name, module in MODULES.items()}
RANGES["sgd"] = {**RANGES["sgd"], "momentum": (0.0, 0.0)}
RANGES["rmsprop"] = {**RANGES["rmsprop"], "momentum": (0.0, 0.0)}
RANGES["adamw"] = {**RANGES["adamw"], "weight_decay": (1e-5, 0.1)}


def asked(ranges=RANGES):
    """Of these optimizers who contains whom, and whether exactly."""
    names = {name: name for name in ranges}
    return {(general, special): exact for _, general, special, exact in contained(ranges, names)}


def test_inclusions_name_optimizers_and_hyperparameters_that_exist():
    names = {name: {h.name for h in module.OPTIMIZER.everything} for name, module in MODULES.items()}
    for inclusion in INCLUSIONS:
        assert {reach.hyperparameter for reach in inclusion.reaches} <= names[inclusion.general]
        assert set(inclusion.renamed) <= names[inclusion.special] | {"momentum", "rho"}
        assert {name for name in inclusion.renamed.values() if name} <= names[inclusion.general]


EXACT = {("momentum", "sgd"), ("nesterov", "sgd")}


def test_default_ranges_reach_every_special_case_and_contain_few():
    found = asked()
    assert set(found) == {(i.general, i.special) for i in INCLUSIONS} - {("rmsprop", "momentum")}
    assert {pair for pair, exact in found.items() if exact} == EXACT
    still = {**RANGES, "adamw": {**RANGES["adamw"], "weight_decay": (0.0, 0.0)}}
    assert {pair for pair, exact in asked(still).items() if exact} == {*EXACT, ("adamw", "adam")}


def walk(text, gradients=None, steps=40):
    """Where an optimizer gets: on a quadratic with curvatures 1 and 30, or along given gradients."""
    import adambench

    step, x = adambench.stepper(text, shape=(2,)), np.array([1.0, -0.5])
    path = [x]
    for t in range(steps if gradients is None else len(gradients)):
        path.append(step(path[-1], np.array([1.0, 30.0]) * path[-1] if gradients is None else gradients[t]))
    return np.array(path)


ALONG = {
    ("momentum", "sgd"): ("momentum:lr=0.01:momentum=0", "sgd:lr=0.01"),
    ("nesterov", "sgd"): ("nesterov:lr=0.01:momentum=0", "sgd:lr=0.01"),
    ("adamw", "adam"): ("adamw:lr=0.01:weight_decay=0", "adam:lr=0.01"),
    ("rmsprop", "sgd"): ("rmsprop:lr=1e6:eps=1e8", "sgd:lr=0.01"),
    ("rmsprop", "momentum"): ("rmsprop:lr=1e6:eps=1e8:momentum=0.9", "momentum:lr=0.01"),
    ("adam", "sgd"): ("adam:lr=1e6:eps=1e8:beta1=0", "sgd:lr=0.01"),
    ("adam", "momentum"): ("adam:lr=1e7:eps=1e8", "momentum:lr=0.01"),
    ("adam", "rmsprop"): ("adam:lr=0.01:beta1=0:beta2=0.9", "rmsprop:lr=0.01:rho=0.9"),
    ("nadam", "sgd"): ("nadam:lr=1e6:eps=1e8:beta1=0", "sgd:lr=0.01"),
    ("adamw", "sgd"): ("adamw:lr=1e6:eps=1e8:beta1=0:weight_decay=0", "sgd:lr=0.01"),
    ("adamw", "momentum"): ("adamw:lr=1e7:eps=1e8:weight_decay=0", "momentum:lr=0.01"),
    ("adamw", "rmsprop"): ("adamw:lr=0.01:beta1=0:beta2=0.9:weight_decay=0", "rmsprop:lr=0.01:rho=0.9"),
}
"""Settings of the general one at, or towards, what an inclusion names, and of the special one."""


@pytest.mark.parametrize("inclusion", INCLUSIONS, ids=lambda one: f"{one.general} {one.special}")
def test_inclusions_hold_in_the_update_itself(inclusion):
    general, special = ALONG[inclusion.general, inclusion.special]
    if not inclusion.limit:
        assert walk(general).tolist() == walk(special).tolist()
    elif not inclusion.but_for:
        assert walk(general) == pytest.approx(walk(special), abs=1e-6)
    else:  # along the same gradients, as the first steps part the paths; late steps are the same
        gradients = np.random.Generator(np.random.PCG64(7)).normal(size=(400, 2))
        steps = [np.diff(walk(text, gradients), axis=0) for text in (general, special)]
        assert steps[0][-50:] == pytest.approx(steps[1][-50:], rel=1e-6, abs=1e-9)
        assert steps[0][0] != pytest.approx(steps[1][0], rel=0.1)


def test_what_is_exact_is_so_at_settings_that_can_be_drawn():
    for general, special in EXACT:
        text = dict(part.split("=") for part in ALONG[general, special][0].split(":")[1:])
        assert all(RANGES[general][name][0] <= float(value) <= RANGES[general][name][1] for name, value in text.items())


def test_a_limit_need_not_be_within_the_ranges():
    """Where gradients are 1e4, an epsilon of 1 leaves Adam as it is: no learning rate within its range makes it SGD."""
    gradient, low, high = np.full((1, 2), 1e4), *RANGES["adam"]["lr"]
    moved = [abs(np.diff(walk(f"adam:lr={lr}:eps=1:beta1=0", gradient), axis=0)[0, 0]) for lr in (low, high)]
    assert moved == pytest.approx([low, high], rel=1e-3)
    assert abs(np.diff(walk("sgd:lr=0.01", gradient), axis=0)[0, 0]) == pytest.approx(100.0)


def test_the_look_ahead_of_nadam_is_not_nesterovs():
    gradients = np.random.Generator(np.random.PCG64(7)).normal(size=(2000, 2))
    nadams, nesterovs = (
        np.diff(walk(text, gradients), axis=0)[-50:] for text in ("nadam:lr=1e7:eps=1e8", "nesterov:lr=0.01")
    )
    assert np.abs(nadams - nesterovs).max() > 0.1 * np.abs(nesterovs).max()


def test_a_general_method_that_loses_to_its_special_case_was_tuned_too_little():
    worse = judge(np.array([1.5, 1.2, 3.0, 1.1, 1.3, INF]), np.ones(6))
    assert (worse["seeds"], worse["worse"], worse["verdict"]) == (6, 6, "tuning too small")
    assert worse["low"] == pytest.approx(0.1)
    assert judge(np.full(6, 2.0), np.ones(6), exact=False)["verdict"] == "lost to a limit"
    assert judge(np.ones(6), np.full(6, 2.0), exact=False)["verdict"] == "consistent"
    mixed = judge(np.array([1.5, 0.9, 3.0, 1.1, 1.3, 2.0]), np.ones(6))
    assert (mixed["worse"], mixed["verdict"]) == (5, "consistent")


def test_inclusions_with_divergence_ties_and_too_few_seeds():
    assert judge(np.full(6, INF), np.ones(6)) == {"seeds": 6, "worse": 6, "low": None, "verdict": "tuning too small"}
    both = judge(np.full(6, math.nan), np.full(6, INF))
    assert (both["worse"], both["low"], both["verdict"]) == (0, 0.0, "consistent")
    only = judge(np.ones(6), np.full(6, INF))
    assert (only["low"], only["verdict"]) == (None, "consistent")
    few = judge(np.full(5, 2.0), np.ones(5))
    assert (few["low"], few["verdict"]) == (None, "cannot tell")
    assert judge(np.array([2.0]), np.ones(1), certain=True)["verdict"] == "tuning too small"
    assert judge(np.zeros(0), np.zeros(0), certain=True)["verdict"] == "cannot tell"


def test_inclusions_that_the_ranges_do_not_reach_are_not_asked():
    three = {name: RANGES[name] for name in ("sgd", "momentum", "adam")}

    def reached(**changed):
        return set(asked({**three, **changed}))

    assert reached() == {("momentum", "sgd"), ("adam", "sgd"), ("adam", "momentum")}
    assert ("momentum", "sgd") not in reached(momentum={**RANGES["momentum"], "momentum": (0.5, 0.99)})
    assert reached(adam={**RANGES["adam"], "eps": (1e-8, 1e-8)}) == {("momentum", "sgd")}
    assert ("adam", "momentum") not in reached(adam={**RANGES["adam"], "lr": (1e-5, 1e-3)})
    assert ("adam", "sgd") not in reached(adam={**RANGES["adam"], "beta1": (0.9, 0.9)})
    assert reached(adam={}) == {("momentum", "sgd")}
    decayed = {name: RANGES[name] for name in ("adamw", "adam")}
    assert asked({**decayed, "adam": {**RANGES["adam"], "weight_decay": (1e-5, 0.1)}}) == {}
    assert asked({**decayed, "adamw": {**RANGES["adamw"], "weight_decay": (1e-2, 1e-2)}}) == {}


@given(st.lists(st.floats(0.0, 9.0), min_size=6, max_size=25), st.integers(0, 2**32 - 1))
def test_bound_of_the_inclusion_check_is_the_sign_tests(special, seed):
    general = np.random.Generator(np.random.PCG64(seed)).permutation(special)
    found = judge(np.array(general), np.array(special))
    p = stats.binomtest(found["worse"], found["seeds"], 0.5, alternative="greater").pvalue
    assert (found["verdict"] == "tuning too small") == (p <= 0.025)


def test_an_equal_optimizer_is_seldom_accused():
    # P(Binomial(20, 1/2) >= 15) = 0.0207: the error of the bound at 20 seeds
    generator = np.random.Generator(np.random.PCG64(5))
    accused = 0
    for _ in range(1000):
        first, second = generator.lognormal(size=(2, 20))
        accused += judge(first, second)["verdict"] == "tuning too small"
    assert abs(accused - 1000 * stats.binom.sf(14, 20, 0.5)) < 4 * math.sqrt(20.7)

"""Runtimes, restarts, hits and curves against their definitions, cocopp, and what must not change them."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from adambench.analysis.aocc import BOUNDS, area_over_curve
from adambench.analysis.comparison import compare
from adambench.analysis.ecdf import ecdf
from adambench.analysis.ert import expected_runtime
from adambench.analysis.penalty import penalized_runtime
from adambench.analysis.ranking import ranking
from adambench.analysis.restarts import restart_quantiles, restarted
from adambench.analysis.robustness import learning_rate_robustness
from adambench.analysis.stay import stay_hit, threshold
from adambench.analysis.summary import summarize
from adambench.outcome import Trial

INF = math.inf
RUNS = st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=12)
TIMES = st.lists(st.integers(0, 10**6).map(float) | st.just(INF), min_size=1, max_size=30)
CURVE = st.lists(st.floats(1e-12, 1e6) | st.just(INF), min_size=1, max_size=20)
SORTED_LEVELS = st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 1e6)).map(sorted)


def runs_as_arrays(runs):
    return np.array([spent if hit else INF for spent, hit in runs]), np.array([float(spent) for spent, _ in runs])


# Restarts.


@pytest.mark.parametrize(
    "runs",
    [
        [(10, True), (20, True), (100, False)],
        [(5, True)] + [(50, False)] * 9,
        [(7, True), (3, False), (900, False), (40, True)],
    ],
)
def test_restarts_have_the_expected_runtime_as_their_mean(runs):
    hits, evaluations = runs_as_arrays(runs)
    draws = restarted(hits, evaluations, draws=20_000)
    error = draws.std() / math.sqrt(len(draws))
    assert abs(draws.mean() - expected_runtime(hits, evaluations)) < 4 * error


def test_restarts_follow_their_exact_distribution():
    # One success in four, equal costs: a failure costs 1, so the runtime is 1 + a geometric number of failures.
    draws = restarted(np.array([1.0, INF, INF, INF]), np.ones(4), draws=20_000)
    largest = 12
    counts = np.array([(draws == k).sum() for k in range(1, largest)] + [(draws >= largest).sum()])
    exact = [stats.geom.pmf(k, 0.25) for k in range(1, largest)] + [stats.geom.sf(largest - 1, 0.25)]
    assert stats.chisquare(counts, 20_000 * np.array(exact)).pvalue > 1e-3


@given(RUNS, st.randoms(use_true_random=False))
def test_restarts_ignore_the_order_of_trials_and_are_none_without_a_success(runs, random):
    levels = (0.05, 0.5, 0.95)
    found = restart_quantiles(*runs_as_arrays(runs), levels)
    shuffled = random.sample(runs, len(runs))
    assert restart_quantiles(*runs_as_arrays(shuffled), levels) == found
    if not any(hit for _, hit in runs):
        assert found == [None, None, None]
    else:
        assert found == sorted(found)
        assert found[0] >= min(spent for spent, hit in runs if hit)


def test_restarts_that_never_fail_are_the_hits_and_each_draw_is_a_sum_of_costs():
    assert set(restarted(np.array([3.0, 8.0]), np.array([3.0, 8.0]))) == {3.0, 8.0}
    draws = restarted(np.array([1.0, INF]), np.array([9.0, 100.0]))
    assert set(draws % 100) == {1.0}
    assert restart_quantiles(np.zeros(0), np.zeros(0), (0.5,)) == [None]


def test_restarts_of_a_hit_at_step_0_are_0():
    assert restart_quantiles(np.zeros(3), np.full(3, 50.0), (0.1, 0.9)) == [0.0, 0.0]


# COCO's own post-processing, in a process of its own: its import asks the network and changes global state.

COCOPP = """
import json, sys, warnings
warnings.simplefilter("ignore")
from cocopp import toolsstats
import numpy as np
cases = json.load(sys.stdin)
np.random.seed(1)
print("\\n" + json.dumps([
    [
        float(toolsstats.sp(spent, issuccessful=hit)[0]),
        [float(v) for v in toolsstats.simulated_evals(
            [s for s, h in zip(spent, hit) if h] + [s for s, h in zip(spent, hit) if not h],
            hit.count(False), 20000)] if any(hit) else None,
    ]
    for spent, hit in cases
]))
"""


@pytest.fixture(scope="module")
def cocopp():
    """[(runs, ERT, simulated runtimes or None)] as cocopp gives them."""
    if find_spec("cocopp") is None:
        pytest.skip("cocopp is not installed")
    cases = [
        [(10, True), (20, True), (100, False)],
        [(7, True), (3, False), (900, False), (40, True), (41, False)],
        [(123, True)],
        [(5, False), (6, False)],
        [(1, True)] + [(50, False)] * 14,
    ]
    text = json.dumps([[[spent for spent, _ in runs], [hit for _, hit in runs]] for runs in cases])
    done = subprocess.run([sys.executable, "-c", COCOPP], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cocopp does not run: {done.stderr.splitlines()[-1:]}")
    return [(runs, *found) for runs, found in zip(cases, json.loads(done.stdout.splitlines()[-1]), strict=True)]


def test_expected_runtime_is_cocopps(cocopp):
    for runs, ert, _ in cocopp:
        found = expected_runtime(*runs_as_arrays(runs))
        assert (INF if found is None else found) == pytest.approx(ert, rel=1e-14)


def test_restarts_are_distributed_as_cocopps(cocopp):
    compared = 0
    for runs, _, simulated in cocopp:
        if simulated is not None and len(runs) > 1:
            ours = restarted(*runs_as_arrays(runs), draws=20_000)
            assert stats.ks_2samp(ours, simulated).statistic < 0.03
            compared += 1
    assert compared == 3


# ECDF.


@given(TIMES, st.lists(st.floats(-1, 2e6) | st.just(INF), min_size=1, max_size=10))
def test_ecdf_counts_by_definition_with_failures_in_the_denominator(times, places):
    found = ecdf(np.array(times)).at(np.array(places))
    reached = [sum(t <= place and t < INF for t in times) / len(times) for place in places]
    assert found.tolist() == reached


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=30))
def test_ecdf_is_scipys_where_nothing_failed(times):
    ours, theirs = ecdf(np.array(times)), stats.ecdf(times).cdf
    assert ours.points.tolist() == theirs.quantiles.tolist()
    assert ours.shares == pytest.approx(theirs.probabilities, rel=1e-15)


@given(TIMES, st.integers(2, 5))
def test_ecdf_is_unchanged_by_duplicating_every_run(times, copies):
    once, repeated = ecdf(np.array(times)), ecdf(np.array(times * copies))
    assert once.points.tolist() == repeated.points.tolist()
    assert once.shares.tolist() == repeated.shares.tolist()


def test_ecdf_of_nothing_and_of_failures_is_0():
    assert ecdf(np.zeros((0, 3))).at(INF) == 0.0
    assert ecdf(np.full(3, INF)).at(np.array([0.0, INF])).tolist() == [0.0, 0.0]


# PAR-10.


@given(RUNS)
def test_par10_charges_a_failure_ten_budgets(runs):
    hits, _ = runs_as_arrays(runs)
    charged = [Fraction(spent if hit else 10 * 1000) for spent, hit in runs]
    assert penalized_runtime(hits, 1000) == pytest.approx(float(statistics.mean(charged)), rel=1e-15)
    assert penalized_runtime(np.concatenate((hits, hits)), 1000) == penalized_runtime(hits, 1000)


def test_par10_of_nothing_is_none():
    assert penalized_runtime(np.zeros(0), 1000) is None


# Stays.


def stay(curve, level):
    return stay_hit(np.arange(len(curve)) * 3, np.array(curve), level)


@given(CURVE, st.floats(1e-12, 1e6))
def test_a_stay_by_definition(curve, level):
    hit = [loss <= level for loss in curve]
    assert stay(curve, level) == min((3 * i for i in range(len(curve)) if all(hit[i:])), default=None)


@given(CURVE, SORTED_LEVELS)
def test_stays_are_monotone_in_the_target(curve, levels):
    easy, hard = (stay(curve, level) for level in levels[::-1])
    assert (INF if easy is None else easy) <= (INF if hard is None else hard)


@given(CURVE, st.sampled_from([np.sqrt, np.log, lambda x: 4.0 * x, lambda x: x / (1.0 + x)]), st.data())
def test_stays_are_invariant_under_monotone_transforms_of_the_loss(curve, transform, data):
    curve = [loss if loss == INF else float(np.float32(loss)) for loss in curve]  # distinct ones stay distinct
    level = data.draw(st.sampled_from(curve))
    values = np.array(curve)
    with np.errstate(invalid="ignore"):
        moved = np.where(np.isfinite(values), transform(values), INF)
        moved_level = float(moved[curve.index(level)])
    assert stay(moved, moved_level) == stay(curve, level)


def test_a_stay_from_step_0_is_0_nan_is_none_and_a_level_reached_for_a_while_is_not_stayed_at():
    assert stay([1.0, 5.0, 0.5], 1.0) == 6
    assert stay([0.0, 0.0], 0.0) == 0
    assert stay([1.0, 5.0, math.nan], 1.0) is None
    assert stay([], 1.0) is None


def test_threshold_lies_a_share_of_the_way_up():
    assert threshold(0.25, 9.0, 1.0) == 3.0


# A whole row of the report.


def trial(seed, hits, final=1.0, spent=100):
    return Trial(seed, "budget", 10.0, final, final, hits, np.array([10.0, final]), "ab", (spent, "budget spent"))


TRIALS = st.lists(
    st.tuples(st.lists(st.none() | st.integers(0, 100), min_size=2, max_size=2), st.floats(0, 9) | st.just(INF)),
    min_size=1,
    max_size=8,
)
TARGETS = [{"kind": "loss", "value": 0.5}, {"kind": "loss", "value": 0.1}]


def row(name, problem, runs):
    trials = [trial(seed, tuple(hits), final) for seed, (hits, final) in enumerate(runs)]
    grid = np.array([0, 100])
    cost = {"evaluations": 100, "seconds": 1.0, "ns_per_step": 1e7, "state_per_parameter": 1}
    return {"problem": problem, "optimizer": name, "cost": cost, **summarize(trials, grid, TARGETS)}


def compared(rows):
    return compare(rows, ranking(rows, {"p": 100.0}))


@settings(max_examples=30)
@given(st.lists(TRIALS, min_size=2, max_size=4))
def test_duplicating_every_run_leaves_medians_success_rates_ert_and_ranks_unchanged(optimizers):
    once, twice = (
        [row(f"o{number}", "p", runs * copies) for number, runs in enumerate(optimizers)] for copies in (1, 2)
    )
    assert compared(once) == compared(twice)
    for single, double in zip(once, twice, strict=True):
        assert single["final_loss"]["median"] == double["final_loss"]["median"]
        for one, two in zip(single["targets"], double["targets"], strict=True):
            assert one["reached"] * two["trials"] == two["reached"] * one["trials"]
            assert [one[key] for key in ("median", "q25", "q75", "ert")] == [
                two[key] for key in ("median", "q25", "q75", "ert")
            ]


@settings(max_examples=30)
@given(st.lists(TRIALS, min_size=2, max_size=4))
def test_ranks_are_invariant_under_monotone_transforms_of_steps_and_losses(optimizers):
    def moved(runs):
        return [([None if hit is None else hit * hit + 3 for hit in hits], final * 2.0) for hits, final in runs]

    plain = compared([row(f"o{number}", "p", runs) for number, runs in enumerate(optimizers)])
    other = compared([row(f"o{number}", "p", moved(runs)) for number, runs in enumerate(optimizers)])
    keep = ("problems", "solved", "ranked", "wins", "mean_rank")
    assert [[entry[key] for key in keep] for entry in plain] == [[entry[key] for key in keep] for entry in other]


@settings(max_examples=30)
@given(st.lists(TRIALS, min_size=2, max_size=4))
def test_adding_an_optimizer_changes_no_absolute_statistic(optimizers):
    rows = [row(f"o{number}", "p", runs) for number, runs in enumerate(optimizers)]
    absolute = ("optimizer", "problems", "solved", "ranked")
    with_all, without = compared(rows), compared(rows[:-1])
    assert [[entry[key] for key in absolute] for entry in with_all[:-1]] == [
        [entry[key] for key in absolute] for entry in without
    ]


def test_hit_at_step_0_is_reported_as_0():
    found = row("o", "p", [([0, None], 1.0)])["targets"]
    assert (found[0]["median"], found[0]["ert"], found[1]["median"], found[1]["ert"]) == (0, 0.0, None, None)


# Area over the convergence curve.


def aocc_by_definition(grid, losses, reference, initial, bounds):
    low, high = (math.log10(bound) for bound in bounds)
    total = 0.0
    for t in range(1, grid[-1] + 1):
        loss = losses[max(i for i, point in enumerate(grid) if point <= t)]
        gap = (loss - reference) / (initial - reference)
        total += (math.log10(min(max(gap, bounds[0]), bounds[1])) - low) / (high - low)
    return 1.0 - total / grid[-1]


@given(st.data())
def test_aocc_by_definition(data):
    grid = sorted(data.draw(st.sets(st.integers(1, 60), min_size=1, max_size=10)) | {0})
    curves = data.draw(
        st.lists(st.lists(st.floats(-3, 50) | st.just(INF), min_size=len(grid), max_size=len(grid)), min_size=1)
    )
    found = area_over_curve(np.array(grid), np.array(curves), -2.0, 30.0)
    expected = [aocc_by_definition(grid, curve, -2.0, 30.0, BOUNDS) for curve in curves]
    assert found == pytest.approx(expected, abs=1e-12)
    assert ((found >= -1e-12) & (found <= 1 + 1e-12)).all()


def test_aocc_worked_by_hand():
    grid = np.array([0, 1, 2, 4])
    # gaps 1, 1e-4, 1e-4, 1e-8 stand for 0, 1, 2, 1 of the evaluations 1 .. 4
    found = area_over_curve(grid, np.array([[1.0, 1e-4, 1e-4, 1e-8]]), 0.0, 1.0)
    assert found == pytest.approx([(0.5 + 0.5 * 2 + 1.0) / 4])


@given(CURVE, st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_aocc_is_invariant_under_scale_and_shift_of_the_loss(curve, scale, shift):
    grid = np.arange(len(curve) + 1)
    losses = np.array([[1.0, *(min(loss, 1e3) if loss < INF else INF for loss in curve)]])
    losses = np.maximum(losses, 1e-2)
    plain = area_over_curve(grid, losses, 0.0, 1.0)
    assert area_over_curve(grid, losses * scale + shift, shift, scale + shift) == pytest.approx(plain, abs=1e-8)


def test_aocc_of_divergence_is_0_and_undefined_is_none():
    grid = np.array([0, 1, 10])
    assert area_over_curve(grid, np.array([[1.0, math.nan, INF]]), 0.0, 1.0).tolist() == [0.0]
    assert area_over_curve(grid, np.array([[1.0, 1e308, -1e308]]), -1e308, 1e-300).shape == (1,)
    for reference, initial in ((1.0, 1.0), (2.0, 1.0), (0.0, INF), (math.nan, 1.0)):
        assert area_over_curve(grid, np.ones((1, 3)), reference, initial) is None
    assert area_over_curve(np.array([0]), np.ones((1, 1)), 0.0, 1.0) is None
    assert area_over_curve(np.array([], int), np.ones((1, 0)), 0.0, 1.0) is None


# Robustness to the learning rate.

SWEEP = np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0])


def test_robustness_worked_by_hand():
    found = learning_rate_robustness(SWEEP, np.array([5.0, 1.05, 1.0, 1.09, 2.0, INF]))
    assert (found.best_lr, found.best_loss, found.basin) == (1e-2, 1.0, (1e-3, 1e-1))
    assert found.decades == pytest.approx(2.0)
    assert (found.open_low, found.open_high, found.boundary) == (False, False, 10.0)
    assert found.safety == pytest.approx(1000.0)


def test_robustness_within_a_decade_of_the_gap_and_of_what_counts_as_solved():
    losses = np.array([3.9, 3.0 + 1e-5, 3.0 + 1e-9, 3.0 + 1e-8, 3.0, 4.0])
    assert learning_rate_robustness(SWEEP, losses, reference_loss=3.0).basin == (1.0, 1.0)
    assert learning_rate_robustness(SWEEP, losses, reference_loss=3.0, floor=1e-6).basin == (1e-2, 1.0)
    assert learning_rate_robustness(SWEEP, losses, reference_loss=3.0, floor=2e-5).basin == (1e-3, 1.0)
    # nothing that has come less than half as far down as the best is good, whatever counts as solved
    assert learning_rate_robustness(SWEEP, losses, reference_loss=3.0, floor=5.0, start=4.0).basin == (1e-3, 1.0)


def test_robustness_of_a_basin_with_a_hole_is_cut_unless_other_hyperparameters_vary():
    losses = np.array([1.0, 9.0, 1.0, 0.99, INF, 1.0])
    cut, whole = (learning_rate_robustness(SWEEP, losses, connected=connected) for connected in (True, False))
    assert (cut.basin, cut.boundary) == ((1e-2, 1e-1), 1.0)
    assert (whole.basin, whole.open_low, whole.open_high) == ((1e-4, 10.0), True, True)


def test_robustness_of_what_never_or_nowhere_diverges():
    assert learning_rate_robustness(SWEEP, np.full(6, INF)) is None
    assert learning_rate_robustness(np.zeros(0), np.zeros(0)) is None
    assert learning_rate_robustness(np.array([0.0]), np.array([1.0])) is None
    one = learning_rate_robustness(np.array([0.0, 0.1]), np.array([0.5, -2.0]))
    assert (one.best_lr, one.decades, one.boundary, one.safety) == (0.1, 0.0, None, None)
    # what diverges below the best is no boundary
    assert learning_rate_robustness(SWEEP, np.array([INF, 1.0, 1.0, 1.0, 1.0, 1.0])).boundary is None


@given(st.lists(st.floats(-1e3, 1e3) | st.just(INF), min_size=6, max_size=6), st.permutations(range(6)), st.data())
def test_robustness_by_definition_in_any_order(losses, order, data):
    assume(min(losses) < INF)
    found = learning_rate_robustness(SWEEP[order], np.array(losses)[order], connected=False)
    best = losses.index(min(losses))
    inside = [lr for lr, loss in zip(SWEEP, losses, strict=True) if loss <= min(losses) + 0.1 * abs(min(losses))]
    beyond = [lr for lr, loss in zip(SWEEP, losses, strict=True) if loss == INF and lr > SWEEP[best]]
    assert (found.best_lr, found.basin) == (SWEEP[best], (min(inside), max(inside)))
    assert found.decades == pytest.approx(math.log10(max(inside) / min(inside)))
    assert found.boundary == min(beyond, default=None)
    # a scale of the learning rate
    scaled = learning_rate_robustness(SWEEP * 1024, np.array(losses), connected=False)
    assert scaled.decades == pytest.approx(found.decades)
    assert scaled.safety == found.safety

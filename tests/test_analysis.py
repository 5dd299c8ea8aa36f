"""Statistics of trials against their definitions, plain loops and values worked out by hand."""

from __future__ import annotations

import itertools
import json
import math
import re
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adambench.analysis import bootstrap, number
from adambench.analysis.comparison import compare
from adambench.analysis.ert import expected_runtime, spent_until
from adambench.analysis.quantile import extended, mean, quartiles, rank
from adambench.analysis.ranking import ranking
from adambench.analysis.summary import cost, summarize
from adambench.analysis.summary import statistics as from_seeds
from adambench.analysis.target import from_hardest, target_text
from adambench.analysis.verdict import verdict
from adambench.outcome import OUTCOMES, Trial
from adambench.render.parts.comparison import NOTES

LOSSES = st.lists(st.floats(-1e300, 1e300) | st.just(math.inf), min_size=1, max_size=30)
RUNS = st.lists(st.tuples(st.integers(1, 10**6), st.booleans()), min_size=1, max_size=25)
RELATIVE = [{"kind": "relative", "value": value} for value in (1e-1, 1e-3, 1e-5)]


def smallest_with_share(values, level):
    """The definition of a quantile: the smallest value that at least `level` of all do not exceed."""
    return min(v for v in values if Fraction(sum(w <= v for w in values), len(values)) >= Fraction(level))


@given(LOSSES)
def test_quartiles_are_values_at_their_share_with_infinity_taking_part(values):
    found = quartiles(np.array(values))
    assert [float(q) for q in found] == [smallest_with_share(values, level) for level in (0.25, 0.5, 0.75)]


@given(LOSSES, st.integers(2, 4), st.randoms(use_true_random=False))
def test_quartiles_ignore_order_and_duplication(values, times, random):
    repeated = values * times
    random.shuffle(repeated)
    assert quartiles(np.array(repeated)) == quartiles(np.array(values))


def test_everything_not_finite_counts_as_plus_infinity():
    assert extended([1.0, math.nan, -math.inf, math.inf]).tolist() == [1.0, math.inf, math.inf, math.inf]


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=30))
def test_mean_is_the_exact_mean_rounded(values):
    scale = max(map(abs, values))
    assert mean(np.array(values)) == pytest.approx(statistics.mean(map(Fraction, values)), abs=4e-16 * scale, rel=4e-16)


def test_mean_survives_a_sum_beyond_float64_and_is_unknown_with_an_infinity():
    assert mean(np.array([1.5e308, 1.5e308, 1.5e308])) == pytest.approx(1.5e308)
    assert mean(np.array([1.0, math.inf])) is None
    assert mean(np.array([])) is None


@pytest.mark.parametrize("trials", [2, 3, 20, 64])
def test_resamples_are_uniform_draws_with_replacement(trials):
    counts = bootstrap.resamples(trials)
    assert counts.shape == (2000, trials)
    assert (counts.sum(axis=1) == trials).all()
    # each column is a sum of 2000 * trials draws that hit with probability 1/trials
    deviation = math.sqrt(2000 * trials * (1 / trials) * (1 - 1 / trials))
    assert np.abs(counts.sum(axis=0) - 2000).max() < 5 * deviation
    assert np.var(counts) == pytest.approx(1 - 1 / trials, rel=0.1)


def runs_as_arrays(runs):
    hits = np.array([spent if hit else math.inf for spent, hit in runs])
    return hits, np.array([float(spent) for spent, _ in runs])


def test_ert_of_the_coco_example():
    assert expected_runtime(*runs_as_arrays([(10, True), (20, True), (100, False)])) == 65.0


@given(RUNS)
def test_ert_is_success_time_plus_failures_per_success_times_failure_time(runs):
    hits = [Fraction(spent) for spent, hit in runs if hit]
    failures = [Fraction(spent) for spent, hit in runs if not hit]
    found = expected_runtime(*runs_as_arrays(runs))
    if not hits:
        assert found is None
        return
    share = Fraction(len(hits), len(runs))
    wasted = (1 - share) / share * statistics.mean(failures) if failures else 0
    assert found == pytest.approx(float(statistics.mean(hits) + wasted), rel=1e-15)
    assert found == expected_runtime(*runs_as_arrays(runs * 3))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50) | st.none()), min_size=1, max_size=20))
def test_ert_of_an_easier_target_is_no_larger(runs):
    """(evaluations to the easier target, further ones to the harder, None: never), of 100."""
    easier = np.array([float(first) for first, _ in runs])
    harder = np.array([math.inf if more is None else float(first + more) for first, more in runs])
    budget = np.full(len(runs), 100.0)
    ert = expected_runtime(harder, budget)
    assert ert is None or expected_runtime(easier, budget) <= ert
    assert (spent_until(easier, budget) <= spent_until(harder, budget)).all()


def trial(
    outcome="budget", final=1.0, hits=(None, None, None), stopped=(100, "budget"), seed=0, best=None, losses=None
):
    curve = [8.0, 4.0, final] if losses is None else losses
    best = final if best is None else best
    return Trial(seed, outcome, 8.0, final, best, tuple(hits), np.array(curve), "f00d", stopped)


GRID = np.array([0, 1, 100])


def test_summary_of_trials_worked_out_by_hand():
    trials = [
        trial("reached", 0.5, (3, 9, 40), seed=0),
        trial("reached", 0.25, (1, 7, 20), seed=1),
        trial("budget", 2.0, (5, 60, None), seed=2),
        trial("diverged", math.inf, (2, None, None), (6, "loss not finite"), 3, 4.0, [8.0, 4.0, math.inf]),
        trial("error", math.nan, (), (2, "it broke"), 4, math.nan, []),
        trial("skipped", math.nan, (), (0, "no shape"), 5, math.nan, []),
    ]
    row = summarize(trials, GRID, RELATIVE, 100, 0.0)
    assert row["trials"] == 6
    assert list(row["outcomes"].items()) == list(zip(OUTCOMES, (2, 1, 0, 1, 0, 1, 1), strict=True))
    assert row["final_loss"].pop("ci95") is None  # of four trials
    expected = {"median": 0.5, "mean": None, "min": 0.25, "max": None, "q25": 0.25, "q75": 2.0}
    assert row["final_loss"] == expected
    assert row["best_loss"] == {"median": 0.5}
    easy, middle, hard = row["targets"]
    assert easy.pop("ert_ci95")[0] >= 1.0
    assert easy.pop("reached_ci95") == pytest.approx([0.5101, 1.0], abs=1e-4)  # Wilson's, of 4 in 4
    assert 1 <= easy.pop("restarts")["median"] <= 5
    assert easy == {
        **{**RELATIVE[0], "reached": 4, "trials": 4, "median": 2, "q25": 1, "q75": 3, "ert": 11 / 4},
        **{"stay": {"reached": 2, "median": 100}, "par10": 11 / 4},
    }
    assert (middle["reached"], middle["median"], middle["q75"], middle["ert"]) == (3, 9, 60, (9 + 7 + 60 + 6) / 3)
    assert middle["par10"] == (9 + 7 + 60 + 1000) / 4
    assert (hard["reached"], hard["median"], hard["q75"], hard["ert"]) == (2, 40, None, (40 + 20 + 100 + 6) / 2)
    assert row["curve"] == {
        "evaluations": [0, 1, 100],
        "median": [8.0, 4.0, 0.5],
        "q25": [8.0, 4.0, 0.25],
        "q75": [8.0, 4.0, 2.0],
    }
    assert row["seeds"][3] == {
        "seed": 3,
        "outcome": "diverged",
        "initial_loss": 8.0,
        "final_loss": None,
        "best_loss": 4.0,
        "hits": [2, None, None],
        "stay": [None, None, None],
        "aocc": pytest.approx(-math.log10(0.5) / 8 * 99 / 100),
        "fingerprint": "f00d",
        "stopped": {"evaluation": 6, "cause": "loss not finite"},
    }
    assert row["seeds"][4]["final_loss"] is None
    assert cost(trials, 3.08e-4, 2) == {
        "evaluations": 308,
        "seconds": 3.08e-4,
        "ns_per_step": pytest.approx(1000.0),
        "state_per_parameter": 2,
    }


def test_summary_of_nothing_that_counts_is_unknown_not_zero():
    skipped = [trial("skipped", math.nan, (), (0, "no shape"), best=math.nan, losses=[])]
    row = summarize(skipped, GRID, RELATIVE)
    assert set(row["final_loss"].values()) == {None}
    assert row["best_loss"] == {"median": None}
    nothing = {"reached": 0, "trials": 0, "median": None, "q25": None, "q75": None, "ert": None, "ert_ci95": None}
    nothing |= {"reached_ci95": None, "par10": None, "restarts": {"q25": None, "median": None, "q75": None}}
    nothing |= {"stay": {"reached": 0, "median": None}}
    assert row["targets"] == [{**target, **nothing} for target in RELATIVE]
    assert row["curve"]["median"] == [None, None, None]
    assert cost(skipped, 0.0, None)["ns_per_step"] is None


def test_one_trial_has_no_interval():
    row = summarize([trial("reached", 0.5, (3, 9, 40))], GRID, RELATIVE)
    assert row["final_loss"]["ci95"] is None
    assert [target["ert_ci95"] for target in row["targets"]] == [None, None, None]
    assert row["final_loss"]["median"] == row["final_loss"]["mean"] == 0.5


WILD = st.floats(allow_nan=True, allow_infinity=True)
TRIALS = st.lists(
    st.builds(
        trial,
        st.sampled_from(OUTCOMES),
        WILD,
        st.tuples(*[st.integers(0, 100) | st.none()] * 3),
        st.tuples(st.integers(100, 200), st.just("why")),
        best=WILD,
        losses=st.lists(WILD, min_size=3, max_size=3),
    ),
    max_size=8,
)


@settings(max_examples=50)
@given(TRIALS)
def test_any_summary_is_strict_json_of_plain_values_in_order(trials):
    row = summarize(trials, GRID, RELATIVE)
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert sum(row["outcomes"].values()) == row["trials"] == len(row["seeds"]) == len(trials)
    count = sum(t.outcome not in ("error", "skipped") for t in trials)
    for target in row["targets"]:
        assert target["trials"] == count
        assert (target["median"] is not None) == (count > 0 and 2 * target["reached"] >= count)
        assert (target["ert"] is not None) == (target["reached"] > 0)
    for level in (row["final_loss"], *row["targets"]):
        ordered = [math.inf if level[name] is None else level[name] for name in ("q25", "median", "q75")]
        assert ordered == sorted(ordered)


@settings(max_examples=50)
@given(TRIALS)
def test_statistics_of_the_seeds_in_json_are_those_of_the_trials(trials):
    mixed = [*RELATIVE[:2], {"kind": "gradient", "value": 1e-3}]
    row = summarize(trials, GRID, mixed, 200, 0.25, losses=True)
    again = from_seeds(json.loads(json.dumps(row["seeds"], allow_nan=False)), mixed, 200)
    assert again == {name: value for name, value in row.items() if name not in ("curve", "seeds")}
    assert all(len(seed["losses"]) == len(GRID) for seed in row["seeds"])


@settings(max_examples=50)
@given(TRIALS, st.integers(2, 3))
def test_duplicating_every_trial_leaves_what_is_not_an_interval(trials, copies):
    once, often = (summarize(some, GRID, RELATIVE, 200, 0.25) for some in (trials, trials * copies))
    for loss in ("final_loss", "best_loss", "aocc"):
        assert {**often[loss], "ci95": None, "mean": None} == {**once[loss], "ci95": None, "mean": None}
    assert often["curve"] == once["curve"]
    for one, other in zip(once["targets"], often["targets"], strict=True):
        assert other["reached"] == copies * one["reached"]
        assert [other[name] for name in ("median", "q25", "q75")] == [one[name] for name in ("median", "q25", "q75")]
        for name in ("ert", "par10"):
            assert (other[name] is None and one[name] is None) or other[name] == pytest.approx(one[name])
        assert other["stay"]["median"] == one["stay"]["median"]


def falling(losses, seed=0):
    """A trial whose hits are those of its curve."""
    levels = [target["value"] * losses[0] for target in RELATIVE]
    hits = [next((int(t) for t, loss in zip(GRID, losses, strict=True) if loss <= level), None) for level in levels]
    return Trial(seed, "budget", losses[0], losses[-1], min(losses), tuple(hits), np.array(losses), "", (100, "budget"))


@given(st.lists(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).map(lambda some: [max(some), *some[1:]])))
def test_harder_targets_take_longer_and_staying_longer_than_hitting(curves):
    row = summarize([falling(losses) for losses in curves], GRID, RELATIVE, 100, 0.0)
    infinite = {None: math.inf}
    for seed in row["seeds"]:
        hits, stays = ([infinite.get(step, step) for step in seed[name]] for name in ("hits", "stay"))
        assert hits == sorted(hits)
        assert stays == sorted(stays)
        assert all(hit <= stay for hit, stay in zip(hits, stays, strict=True))
    for easier, harder in itertools.pairwise(row["targets"]):
        for name in ("median", "ert", "par10"):
            assert infinite.get(easier[name], easier[name]) <= infinite.get(harder[name], harder[name])


def test_a_target_hit_at_the_start_is_hit_at_0():
    row = summarize([falling([0.0, 0.0, 0.0])], GRID, RELATIVE, 100, 0.0)
    assert [(target["median"], target["ert"], target["par10"]) for target in row["targets"]] == [(0, 0.0, 0.0)] * 3
    assert [target["stay"] for target in row["targets"]] == [{"reached": 1, "median": 0}] * 3
    assert row["seeds"][0]["aocc"] is None  # there was nothing to gain


def test_a_curve_of_losses_says_nothing_of_gradients_and_distances():
    targets = [{"kind": "loss", "value": 4.0}, {"kind": "gradient", "value": 1.0}, {"kind": "distance", "value": 1.0}]
    row = summarize([trial("reached", 2.0, (1, 2, 3))], GRID, targets, 100)
    assert row["seeds"][0]["stay"] == [1, None, None]
    assert [target["stay"] for target in row["targets"]] == [{"reached": 1, "median": 1}, None, None]


def test_staying_is_counted_from_the_last_time_above():
    grid = np.array([0, 1, 2, 4, 8])
    left = Trial(0, "budget", 8.0, 0.1, 0.1, (1, 4, None), np.array([8.0, 0.5, 4.0, 0.1, 0.1]), "", (8, "budget"))
    lost = Trial(1, "budget", 8.0, 2.0, 0.1, (1, None, None), np.array([8.0, 0.5, 0.5, 0.5, 2.0]), "", (8, "budget"))
    targets = [{"kind": "relative", "value": 0.1}, {"kind": "loss", "value": 0.2}, {"kind": "loss", "value": 0.0}]
    row = summarize([left, lost], grid, targets, 8, 0.0)
    assert [seed["stay"] for seed in row["seeds"]] == [[4, 4, None], [None, None, None]]
    assert row["targets"][0]["stay"] == {"reached": 1, "median": 4}


def test_what_a_failure_costs_is_unknown_without_a_budget():
    row = summarize([trial(hits=(4, None, None))], GRID, RELATIVE)
    assert [target["par10"] for target in row["targets"]] == [4.0, None, None]


def row(optimizer, medians, loss=1.0, problem="p", trials=20, reached=None, targets=RELATIVE, **outcomes):
    """A row of `results`. medians: steps to each target; reached: hits of each, all or none if absent."""
    reached = reached or [0 if median is None else trials for median in medians]
    return {
        "problem": problem,
        "optimizer": optimizer,
        "trials": trials,
        "outcomes": {outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES},
        "final_loss": {"median": loss},
        "cost": {"evaluations": 500 * trials, "seconds": 1e-3, "ns_per_step": 1e2, "state_per_parameter": 2},
        "targets": [
            {
                **target,
                "reached": hits,
                "trials": trials,
                "median": median,
                "ert": 2.0 * (median or 500) if hits else None,
            }
            for target, median, hits in zip(targets, medians, reached, strict=True)
        ],
        "seeds": [
            {
                "seed": seed,
                "outcome": "skipped" if outcomes.get("skipped") else "budget",
                "hits": [median if seed < hits else None for median, hits in zip(medians, reached, strict=True)],
            }
            for seed in range(trials)
        ],
    }


def skipped_row(optimizer, problem="p"):
    return row(optimizer, [None] * 3, None, problem, 20, skipped=20)


def compared(results, partial=False, **more):
    budgets = {found["problem"]: 1000.0 for found in results}
    return compare(results, ranking(results, budgets, partial), **more)


def test_comparison_worked_out_by_hand():
    results = [
        row("a", [1, 10, 100], problem="p"),
        row("b", [1, 20, 400], problem="p"),
        row("c", [2, 5, None], problem="p"),
        row("d", [1, 6, None], problem="p"),
        skipped_row("e", "p"),
        row("a", [1, 50, 900], problem="q"),
        row("b", [1, 50, 300], problem="q"),
        row("c", [None] * 3, 0.5, problem="q"),
        row("d", [None] * 3, 0.5, problem="q"),
        row("e", [None] * 3, None, problem="q"),
    ]
    refused = {found["optimizer"]: found for found in compared(results)}
    assert {(found["mean_rank"], found["score"], found["group"]) for found in refused.values()} == {(None, None, None)}
    table = {found["optimizer"]: found for found in compared(results, partial=True)}
    assert list(table) == ["a", "b", "c", "d", "e"]
    assert [table[name].pop("score") for name in "ab"] == [pytest.approx(1 / 3), 1.0]  # all ran q only
    assert table["a"].pop("solved_ci95") == pytest.approx([0.342, 1.0], abs=1e-3)
    assert [found["group"] for found in table.values()] == [None] * 5  # one problem can show nothing
    assert table["a"] == {
        "optimizer": "a",
        "problems": 2,
        "solved": 2,
        "ranked": 2,
        "wins": 1,
        "mean_rank": 2.0,
        "slowdown": pytest.approx(math.sqrt(3)),
        "slowdown_problems": 2,
        "group": None,
        "settings": "defaults, untuned",
        "speedup": None,
        "robustness": None,
        "cost": {
            **{"evaluations": 20_000, "seconds": 2e-3, "ns_per_step": pytest.approx(100.0)},
            "state_per_parameter": 2,
        },
    }
    assert table["b"]["slowdown"] == pytest.approx(2.0)
    assert (table["c"]["solved"], table["c"]["mean_rank"], table["c"]["slowdown"]) == (0, 3.5, None)
    assert (table["b"]["mean_rank"], table["d"]["mean_rank"]) == (1.0, 3.5)
    assert (table["e"]["problems"], table["e"]["ranked"], table["e"]["mean_rank"], table["e"]["wins"]) == (1, 1, 5.0, 0)


def test_mean_ranks_are_over_all_problems_where_everybody_was_measured():
    results = [
        *(row("a", [1, 10, 100]), row("b", [1, 20, 400]), row("c", [9, 5, None])),
        *(row("a", [1, 9, 30], problem="q"), row("b", [1, 9, 20], problem="q"), row("c", [1, 5, None], problem="q")),
    ]
    assert [found["mean_rank"] for found in compared(results)] == [1.5, 1.5, 3.0]


def test_settings_and_robustness_are_those_of_the_label():
    results = [row(name, [1, 2, 3]) for name in ("adam", "adam:lr=0.1", "sgd:lr=0.1:momentum=0.9", "lion")]
    inside = {"open_low": False, "open_high": False}
    basins = [
        {"problem": "p", "optimizer": "adam", "decades": 1.0, "safety": 10.0, **inside},
        {"problem": "q", "optimizer": "adam", "decades": 3.0, "safety": None, **inside},
        {"problem": "r", "optimizer": "adam", "decades": 2.0, "safety": 20.0, **inside, "open_high": True},
        {"problem": "p", "optimizer": "sgd:momentum=0.9", "decades": 0.5, "safety": None, **inside},
    ]
    found = compared(results, tuning={"entries": [{"optimizer": "lion"}]}, robustness=basins)
    assert [one["settings"] for one in found] == ["defaults, untuned", *["as given, untuned"] * 2, "tuned"]
    adam = {"decades": 2.0, "at_least": True, "safety": 20.0, "problems": 3}
    assert [one["robustness"] for one in found] == [
        *(adam, adam, {"decades": 0.5, "at_least": False, "safety": None, "problems": 1}, None),
    ]


def test_what_one_row_does_not_know_of_its_cost_is_unknown_in_all():
    hosted, ours = row("a", [1, 2, 3], problem="p"), row("a", [1, 2, 3], problem="q")
    large = {**hosted, "problem": "r", "cost": {**hosted["cost"], "state_per_parameter": 2.5}}
    assert compared([hosted, large, ours])[0]["cost"]["state_per_parameter"] == 2.5
    hosted["cost"] = {**hosted["cost"], "state_per_parameter": None, "seconds": None, "ns_per_step": None}
    nothing = {"seconds": None, "ns_per_step": None, "state_per_parameter": None}
    assert compared([hosted, ours])[0]["cost"] == {"evaluations": 20_000, **nothing}


def test_comparison_without_targets_ranks_by_final_loss_and_solves_nothing():
    found = compared([row("a", [], 2.0, targets=[]), row("b", [], 1.0, targets=[]), row("c", [], 1.0, targets=[])])
    assert [(f["problems"], f["solved"], f["wins"], f["mean_rank"]) for f in found] == [
        (0, 0, 0, 3.0),
        (0, 0, 1, 1.5),
        (0, 0, 1, 1.5),
    ]


def test_nobody_wins_where_everybody_diverged_though_ranks_tie_there():
    alike = compared([row("a", [None] * 3, None), row("b", [None] * 3, None)])
    assert [f["mean_rank"] for f in alike] == [1.5, 1.5]
    assert "where all failed, nobody wins" in NOTES["wins"]
    assert [f["wins"] for f in compared([row("a", [None] * 3, None), row("b", [None] * 3, None)])] == [0, 0]


def test_comparison_of_an_optimizer_that_never_counted_is_unknown():
    (found,) = compared([skipped_row("a")])
    assert (found["problems"], found["ranked"], found["mean_rank"], found["slowdown"]) == (0, 0, None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 9) | st.none(), st.integers(0, 3)).map(lambda t: [0, t[0], None, t[1]]),
        min_size=1,
        max_size=6,
    )
)
def test_ranks_of_a_problem_add_up_whatever_the_ties(drawn):
    found = compared([row(f"o{i}", medians[:3], float(medians[3])) for i, medians in enumerate(drawn)])
    count = len(drawn)
    assert sum(f["mean_rank"] for f in found) == count * (count + 1) / 2
    assert any(f["wins"] for f in found)


def test_the_hardest_target_is_the_smallest_of_one_kind_and_else_the_last():
    assert from_hardest(RELATIVE) == [2, 1, 0]
    assert from_hardest(RELATIVE[::-1]) == [0, 1, 2]
    assert from_hardest([{"kind": "loss", "value": -1.0}, {"kind": "gradient", "value": 5.0}]) == [1, 0]
    assert from_hardest([]) == []


DIVERGED = row("sgd", [None] * 3, None, diverged=20)
VERDICTS = {
    "the plain case": (
        [row("rmsprop", [1, 2, 6552]), row("adam", [1, 2, 3120]), DIVERGED],
        "adam reaches 1e-5 first: 3,120 steps in the median, 2.1x sooner than rmsprop; sgd diverged in 20 of 20",
    ),
    "a narrow lead": (
        [row("adam", [1, 2, 1000]), row("rmsprop", [1, 2, 1004])],
        "adam reaches 1e-5 first: 1,000 steps in the median, against 1,004 for rmsprop",
    ),
    "from the start": (
        [row("adam", [0, 0, 0]), row("rmsprop", [0, 0, 7])],
        "adam reaches 1e-5 first: 0 steps in the median, against 7 for rmsprop",
    ),
    "one trial each": (
        [row("adam", [1, 2, 300], trials=1), row("sgd", [1, 2, 900], trials=1)],
        "adam reaches 1e-5 first: 300 steps, 3x sooner than sgd",
    ),
    "one optimizer": ([row("adam", [1, 2, 300])], "adam reaches 1e-5: 300 steps in the median"),
    "one optimizer, sometimes": (
        [row("adam", [1, 2, 300], reached=[20, 20, 12])],
        "adam reaches 1e-5, in 12 of 20 trials: 300 steps in the median",
    ),
    "one optimizer diverges": ([DIVERGED], "no target is reached; sgd diverged in 20 of 20"),
    "all diverge": ([DIVERGED, DIVERGED], "no target is reached; every trial diverged"),
    "all diverge after an easier target": (
        [row("sgd", [5, None, None], None, diverged=20), row("momentum", [4, None, None], None, diverged=20)],
        "1e-3 and 1e-5 are not reached; momentum reaches 1e-1 first: 4 steps in the median, 1.2x sooner than sgd; "
        "every trial diverged",
    ),
    "nobody reaches anything": (
        [row("adam", [None] * 3, 0.231), row("sgd", [None] * 3, 0.5)],
        "no target is reached; lowest final loss: adam, 0.231 in the median; next sgd, 0.5",
    ),
    "nobody, alike": (
        [row("adam", [None] * 3, 0.231), row("sgd", [None] * 3, 0.231)],
        "no target is reached; lowest final loss: adam and sgd, 0.231 in the median",
    ),
    "no final loss": (
        [row("adam", [None] * 3, None, diverged=11, budget=9), row("sgd", [None] * 3, None, diverged=20)],
        "no target is reached; no final loss is finite in the median; adam diverged in 11 of 20; "
        "sgd diverged in 20 of 20",
    ),
    "an easier target": (
        [row("adam", [1, 50, None]), row("sgd", [1, 100, None], stalled=3)],
        "1e-5 is not reached; adam reaches 1e-3 first: 50 steps in the median, 2x sooner than sgd; "
        "sgd stalled in 3 of 20",
    ),
    "only one": (
        [row("adam", [1, 50, 80]), row("sgd", [1, 100, None])],
        "only adam reaches 1e-5: 80 steps in the median",
    ),
    "more often beats sooner": (
        [row("sgd", [1, 2, 100], reached=[20, 20, 12]), row("adam", [1, 2, 900])],
        "adam reaches 1e-5 most often: in 20 of 20 trials, 900 steps in the median; "
        "next sgd, in 12 of 20 trials, 100 steps in the median",
    ),
    "rarely": (
        [row("adam", [1, 2, None], reached=[20, 20, 3]), row("sgd", [1, 2, None])],
        "only adam reaches 1e-5, in 3 of 20 trials: 1,000 steps expected with restarts",
    ),
    "a tie ahead of others": (
        [row("adam", [1, 2, 300]), row("adamw", [1, 2, 300]), row("sgd", [1, 2, 900])],
        "adam and adamw reach 1e-5 first: 300 steps in the median, 3x sooner than sgd",
    ),
    "a tie of all": (
        [row(name, [1, 2, 300]) for name in "abcde"],
        "a, b, c and 2 more reach 1e-5 alike: 300 steps in the median",
    ),
    "no targets": (
        [row("adam", [], 0.231, targets=[]), row("sgd", [], 0.5, targets=[])],
        "lowest final loss: adam, 0.231 in the median; next sgd, 0.5",
    ),
    "no targets, one optimizer": ([row("adam", [], 0.231, targets=[])], "adam ends at a loss of 0.231 in the median"),
    "nothing": ([], "nothing was measured"),
    "all skipped": ([skipped_row("muon")], "nothing was measured"),
    "many failures": (
        [row("adam", [1, 2, 3]), *(row(f"sgd{i}", [None] * 3, None, diverged=20) for i in range(5))],
        "only adam reaches 1e-5: 3 steps in the median; sgd0 diverged in 20 of 20; sgd1 diverged in 20 of 20; "
        "sgd2 diverged in 20 of 20; so did trials of 2 more",
    ),
    "skipped beside": ([row("adam", [1, 2, 300]), skipped_row("muon")], "adam reaches 1e-5: 300 steps in the median"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_verdict(case):
    rows, words = VERDICTS[case]
    assert verdict(rows) == words


LUCKY = row("adam:lr=0.1", [5, 1000, None], reached=[3, 3, 1], trials=3)
LATER = row("sgd", [50, None, None], trials=3)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [LUCKY, LATER],
            "only adam:lr=0.1 reaches 1e-5, in 1 of 3 trials, the trial whose loss is the reference: "
            "1,000 steps expected with restarts",
        ),
        (
            [row("adam", [1, 2, 300], trials=1), row("sgd", [1, 2, None], trials=1)],
            "only adam reaches 1e-5, with the loss that is the reference: 300 steps",
        ),
        (
            [row("adam", [5, 9, None], reached=[3, 3, 2], trials=3), LATER],
            "only adam reaches 1e-5, in 2 of 3 trials: 1,000 steps expected with restarts",
        ),
        (
            [row("adam", [5, 9, 300], trials=1), row("sgd", [5, 9, 900], trials=1)],
            "adam reaches 1e-5 first: 300 steps, 3x sooner than sgd",
        ),
    ],
)
def test_a_target_that_only_the_trial_it_is_made_from_hits_is_said_to_be_such(rows, said):
    assert verdict(rows, "report") == said
    assert verdict(rows, "optimum") == re.sub(", (the trial whose|with the) loss (that )?is the reference", "", said)


def test_a_loss_that_only_one_trial_reaches_is_no_reference():
    assert "reference" not in verdict([row("a", [3], trials=1, targets=[{"kind": "loss", "value": 0.5}])], "report")


@given(st.floats(1e-300, 1e300), st.sampled_from([1, -1]))
def test_numbers_in_text_are_ascii_short_and_close(size, sign):
    text = number.significant(sign * size)
    assert float(text) == pytest.approx(sign * size, rel=5.1e-3)
    assert text.isascii()
    assert len(text) <= 9 + (sign < 0)
    assert float(number.shortest(size)) == size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number.significant(0.0), "0"),
        (number.significant(1.23456e-9), "1.23e-9"),
        (number.significant(1e-4), "1e-4"),
        (number.significant(0.0123), "0.0123"),
        (number.significant(1234.0), "1.23e3"),
        (number.shortest(1e-3), "1e-3"),
        (number.shortest(0.05), "0.05"),
        (number.shortest(1.0), "1"),
        (number.shortest(2.5e-7), "2.5e-7"),
        (number.steps(3120), "3,120"),
        (number.duration(95.0), "95 ns"),
        (number.duration(999.6), "1 us"),
        (number.duration(1.234e6), "1.23 ms"),
        (number.duration(2e9), "2 s"),
        (target_text({"kind": "relative", "value": 1e-5}), "1e-5"),
        (target_text({"kind": "gradient", "value": 0.5}), "gradient 0.5"),
    ],
)
def test_number_texts(text, expected):
    assert text == expected


def test_rank_of_the_interval_bounds():
    assert (rank(2000, 0.025), rank(2000, 0.975), rank(1, 0.25)) == (49, 1949, 0)


def test_a_share_is_a_percentage_whatever_its_size():
    shown = {0.125: "12.5%", -0.5: "-50%", 2e-6: "2e-4%", 1e299: "1e301%", 1.7e308: "over 1e302%"}
    assert {share: number.percent(share) for share in shown} == shown

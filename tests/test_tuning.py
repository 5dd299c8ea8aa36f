"""Tuning: what is drawn, who wins, what runs on fresh seeds, what is said about it; as many seeds as are asked for."""

from __future__ import annotations

import itertools
import json
import math
import re
import statistics
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, qmc

import adambench
from adambench.analysis.target import from_hardest
from adambench.configuration import parse_list
from adambench.errors import AdambenchError
from adambench.optimizers import all_optimizers
from adambench.outcome import Trial
from adambench.plan import Settings, settle
from adambench.problem import ProblemError
from adambench.problem.tuning import Tuning, parse_ranges
from adambench.report import build_report
from adambench.report_schema import REPORT_SCHEMA
from adambench.runner import Run
from adambench.tuning.check import common_tuning
from adambench.tuning.draw import draws
from adambench.tuning.outline import outline
from adambench.tuning.precision import PrecisionGoal, met, precision_record, refine, widths
from adambench.tuning.rung import rungs
from adambench.tuning.sampler import points
from adambench.tuning.score import ranking, score
from adambench.tuning.search import FIRST_SEED, Search, tuning_seeds
from adambench.tuning.space import Axis, spaces
from adambench.tuning.warning import SUMMARIES, reordered, summary

QUADRATIC = "function: quadratic, dimension: 3, parameters: {eigenvalues: [4.0, 1.0, 0.25]}, start: [1.0], budget: 160"
NOISY = f"{QUADRATIC}, noise: {{gaussian: {{std: 0.1}}}}, targets: [1.0e-1, 1.0e-2], seeds: 4"
OPTIMIZERS = "sgd,adam"


class Silent:
    def compiling(self, name, done, total): ...

    def running(self, problem, share, trials, total): ...


def tuned(problem, optimizers=OPTIMIZERS, tuning=None, **settings):
    """The report of a tuned comparison."""
    tuning = tuning or Tuning(8, seeds=3)
    return adambench.run(problem, optimizers=optimizers, tuning=tuning, allow_invalid=True, **settings).to_dict()


def entries(document):
    return {(entry["problem"], entry["optimizer"]): entry for entry in document["tuning"]["entries"]}


def rows(document):
    """The rows by problem and optimizer, as text, without their times."""
    found = {}
    for row in json.loads(json.dumps(document["results"])):
        del row["cost"]["seconds"], row["cost"]["ns_per_step"]
        found[row["problem"], row["optimizer"]] = json.dumps(row)
    return found


def median(values):
    """The lower one of two, what diverged being infinite."""
    return statistics.median_low(math.inf if value is None else value for value in values)


# What is drawn.


@pytest.mark.parametrize("sampler", ["sobol", "random"])
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 5))
def test_fewer_points_are_the_first_of_more(sampler, few, more, dimensions):
    few, more = sorted((few, more))
    found = points(sampler, more, dimensions, 0, "adam")
    assert np.array_equal(points(sampler, few, dimensions, 0, "adam"), found[:few])
    assert found.shape == (more, dimensions)
    assert (found >= 0).all()
    assert (found < 1).all()


@pytest.mark.parametrize("sampler", ["sobol", "random"])
def test_points_depend_on_the_optimizer_and_the_seed_of_the_tuning(sampler):
    of = {(seed, label): points(sampler, 8, 2, seed, label).tobytes() for seed in (0, 1) for label in ("a", "b")}
    assert len(set(of.values())) == 4


def test_random_points_are_uniform_and_sobol_points_more_even():
    cube = points("random", 4096, 2, 0, "adam")
    assert all(kstest(cube[:, axis], "uniform").pvalue > 1e-3 for axis in (0, 1))
    assert abs(np.corrcoef(cube.T)[0, 1]) < 0.06
    assert qmc.discrepancy(points("sobol", 64, 2, 0, "adam")) < qmc.discrepancy(cube[:64]) / 3


def test_scrambled_sobol_points_have_one_in_each_interval_of_the_base():
    cube = points("sobol", 64, 4, 7, "adam")
    assert all(sorted((cube[:, axis] * 64).astype(int)) == list(range(64)) for axis in range(4))


@given(st.floats(0, 1, exclude_max=True))
def test_values_are_log_uniform_between_the_ends(share):
    lr = Axis("lr", 1e-5, 10.0)
    assert math.log10(lr.value(share)) == pytest.approx(-5 + 6 * share, abs=1e-5)
    beta = Axis("beta2", 0.5, 0.9999, one_minus=True)
    assert math.log10(1 - beta.value(share)) == pytest.approx(math.log10(0.5) + share * math.log10(2e-4), abs=1e-5)
    for axis in (lr, beta):
        assert axis.low <= axis.value(share) <= axis.high
        assert axis.share(axis.value(share)) == pytest.approx(share, abs=1e-5)


def test_whole_numbers_stay_whole():
    axis = Axis("history_size", 3.0, 100.0, whole=True)
    assert {axis.value(share) for share in np.linspace(0, 0.999, 500)} >= set(range(3, 20))


def test_a_size_that_a_kernel_is_made_for_is_not_drawn_unless_a_range_names_it():
    entrants = parse_list("lbfgs")
    assert [axis.name for axis in spaces(entrants, ())["lbfgs"]] == ["lr"]
    assert [axis.name for axis in spaces(entrants, parse_ranges("history_size=3..9"))["lbfgs"]] == [
        "lr",
        "history_size",
    ]


@pytest.mark.parametrize("name", sorted(all_optimizers()))
def test_every_optimizer_can_be_drawn_within_what_it_accepts_and_shares_its_kernel(name):
    dialect = all_optimizers()[name].dialects[0]
    needed = "".join(f":{key}=1" for key, value in dialect.defaults.items() if value is None)
    (entrant,) = parse_list(name + needed)
    axes = spaces([entrant], ())[entrant.label]
    assert "lr" in {axis.name for axis in axes}
    found = draws(entrant, axes, Tuning(33))
    assert len({draw.setting.label for draw in found}) == 33
    assert len({draw.setting.kernel_key for draw in found}) == 1
    for draw in found:
        values = draw.setting.hyperparameters
        assert {axis.name: values[axis.name] for axis in axes} == draw.hyperparameters
        (again,) = parse_list(draw.setting.label)
        assert again.hyperparameters == values


def test_what_is_off_and_what_the_user_gave_is_not_drawn_unless_a_range_names_it():
    entrants = parse_list("rmsprop,adam:beta1=0.5")
    found = spaces(entrants, ())
    assert [axis.name for axis in found["rmsprop"]] == ["lr", "rho", "eps"]
    assert [axis.name for axis in found["adam:beta1=0.5"]] == ["lr", "beta2", "eps"]
    found = spaces(entrants, parse_ranges("rmsprop.momentum=0.1..0.9,beta1=0.3..0.6,lr=1e-3..1e-2"))
    assert [axis.name for axis in found["rmsprop"]] == ["lr", "rho", "eps", "momentum"]
    assert found["adam:beta1=0.5"][:2] == (Axis("lr", 1e-3, 1e-2), Axis("beta1", 0.3, 0.6, one_minus=True))
    assert found["rmsprop"][0] == Axis("lr", 1e-3, 1e-2)


def test_a_value_that_was_given_stays_be_it_the_default():
    (bare,), (pinned,) = parse_list("adam"), parse_list("adam:lr=0.001:beta1=0.9")
    assert (pinned, pinned.label, pinned.kernel_key) == (bare, "adam", bare.kernel_key)
    assert {axis.name for axis in spaces([bare], ())["adam"]} == {"lr", "beta1", "beta2", "eps"}
    axes = spaces([pinned], ())["adam"]
    assert [axis.name for axis in axes] == ["beta2", "eps"]
    kept = [draw.setting.hyperparameters for draw in draws(pinned, axes, Tuning(8))]
    assert {(values["lr"], values["beta1"]) for values in kept} == {(0.001, 0.9)}
    assert [axis.name for axis in spaces([pinned], parse_ranges("adam.lr=1e-3..1"))["adam"]] == ["lr", "beta2", "eps"]
    (required,) = parse_list("adam@optax:lr=0.1")  # has no default, so something must stand there
    assert "lr" in {axis.name for axis in spaces([required], ())["adam@optax:lr=0.1"]}
    with pytest.raises(AdambenchError, match=r"^adam is to be tuned in two ways: "):
        spaces([bare, pinned], ())


def test_the_same_number_of_draws_whatever_the_number_of_hyperparameters():
    entrants = parse_list("sgd,adamw")
    axes = spaces(entrants, ())
    assert [len(axes[entrant.label]) for entrant in entrants] == [1, 5]
    assert [len(draws(entrant, axes[entrant.label], Tuning(12))) for entrant in entrants] == [12, 12]


def test_the_defaults_are_no_draw_unless_asked_for():
    (adam,) = parse_list("adam")
    axes = spaces([adam], ())["adam"]
    without, with_them = (draws(adam, axes, Tuning(8, defaults=defaults)) for defaults in (False, True))
    assert "adam" not in {draw.setting.label for draw in without}
    assert with_them[0].setting.label == "adam"
    assert with_them[1:] == without[1:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adan.lr=1e-3..1", "did you mean adam"),
        ("adam.lrr=1e-3..1", "did you mean lr"),
        ("gamma=1e-3..1", "a number that one of the optimizers has (lr, "),
        ("adam.amsgrad=0..1", "no number called 'amsgrad'"),
        ("adam.lr=0..1", "LOW above 0"),
        ("adam.lr=-1..1", "a number from 0"),
        ("adam.beta1=0.5..1", "from 0 below 1"),
        ("momentum.momentum=0.5..1", "HIGH below 1"),
        ("adam.lr=1..1", "LOW below HIGH"),
        ("adam.lr=1..0.1", "LOW below HIGH"),
        ("adam.lr=1", "LOW..HIGH"),
        ("adam.lr=1..nan", "LOW..HIGH"),
        ("adam.lr=1..1e999", "LOW below HIGH"),
        ("adam", "OPTIMIZER.HYPER=LOW..HIGH"),
        ("lr=1e-3..1e-2,lr=1e-1..1", "lr: expected one range of it, got 2"),
        ("adam.lr=1e-3..1,lr=1e-2..1,adam.lr=1e-3..1", "adam.lr: expected one range of it, got 2"),
        (" , ", "got nothing"),
    ],
)
def test_a_range_that_cannot_be_is_one_sentence(text, said):
    with pytest.raises(AdambenchError, match=re.escape(said)) as caught:
        spaces(parse_list("adam,momentum"), parse_ranges(text))
    assert "\n" not in str(caught.value)


def test_somebody_elses_optimizer_is_drawn_from_ranges_alone():
    (theirs,) = parse_list("torch.optim.Adam:beta1=0.8")
    with pytest.raises(AdambenchError, match="has no search range"):
        spaces([theirs], ())
    axes = spaces([theirs], parse_ranges("torch.optim.Adam.lr=1e-3..1,torch.optim.Adam.beta2=0.9..0.999"))
    assert axes[theirs.label] == (Axis("lr", 1e-3, 1.0), Axis("beta2", 0.9, 0.999, one_minus=True))
    assert {dict(draw.setting.given)["beta1"] for draw in draws(theirs, axes[theirs.label], Tuning(4))} == {0.8}


# Who wins.


def trial(final, hits, outcome="budget"):
    return Trial(0, outcome, 1.0, final, final, hits, np.array([1.0]), "", (10, "budget"))


TWO = [{"kind": "relative", "value": 1e-1}, {"kind": "relative", "value": 1e-3}]
FINALS = st.floats(0, 1) | st.just(math.inf)
STEPS = st.none() | st.integers(0, 99)


@given(st.lists(st.lists(st.tuples(FINALS, STEPS, STEPS), min_size=1, max_size=6), min_size=1, max_size=8))
def test_the_winner_is_the_one_that_the_rule_names(table):
    scores = [score([trial(final, (easy, hard)) for final, easy, hard in draw], 2, 10) for draw in table]
    losses = [median([final for final, _, _ in draw]) for draw in table]
    assert [found.loss for found in scores] == losses
    assert ranking("final-loss", TWO, scores)[0] == losses.index(min(losses))
    best = ranking("steps", TWO, scores)[0]
    steps = [[median([one[1 + target] for one in draw]) for draw in table] for target in (0, 1)]
    reached = next((steps[target] for target in from_hardest(TWO) if min(steps[target]) < math.inf), None)
    if reached is None:
        assert losses[best] == min(losses)
    else:
        assert reached[best] == min(reached)


def test_trials_that_were_skipped_or_failed_for_no_fault_of_theirs_do_not_count():
    found = score([trial(math.nan, (None,), "error"), trial(2.0, (5,)), trial(math.inf, (None,), "diverged")], 1, 10)
    assert (found.loss, found.hits, found.trials, found.diverged, found.failed) == (2.0, (5.0,), 2, 1, True)
    assert found.errors == 1
    assert score([trial(math.nan, (None,), "skipped")], 1, 10).loss == math.inf
    lost = score([trial(math.nan, (None,), "error")] * 2, 1, 10)
    assert (lost.counts, lost.failed, lost.diverged, lost.errors) == (False, False, 0, 2)
    diverged = score([trial(math.inf, (None,), "diverged")], 1, 10)
    assert ranking("final-loss", TWO[:1], [lost, diverged]) == [1, 0]


def test_draws_that_end_in_error_are_counted_apart_and_said(problem, monkeypatch):
    from adambench.tuning import search

    original = Search._run

    def run(self, place, settings, budget):
        """As it is, but for the first five draws of all, whose trials end in error."""
        trials = original(self, place, settings, budget)
        broken = [tuple(replace(one, outcome="error") for one in mine) for mine in trials[: self.broken]]
        return [*broken, *trials[self.broken :]]

    monkeypatch.setattr(search.Search, "_run", run)
    monkeypatch.setattr(search.Search, "broken", 5, raising=False)
    document = tuned(problem(NOISY), "sgd", Tuning(8, seeds=2))
    jsonschema.validate(document, REPORT_SCHEMA)
    entry = entries(document)["p", "sgd"]
    assert (entry["errors"], entry["diverged"]) == (5, 0)
    assert [draw["errors"] for draw in entry["draws"]] == [2] * 5 + [0] * 3
    assert entry["draw"] >= 5
    assert any("5 of 8 draws ended in error" in warning for warning in entry["warnings"])
    assert not any("diverged" in warning for warning in entry["warnings"])
    monkeypatch.setattr(search.Search, "broken", 8)
    entry = entries(tuned(problem(NOISY), "sgd", Tuning(8, seeds=2)))["p", "sgd"]
    assert (entry["errors"], entry["diverged"]) == (8, 0)
    assert [concern["kind"] for concern in entry["concerns"]] == ["all errors"]


def test_the_report_has_what_the_draws_did_alone_and_the_winner_on_fresh_seeds(problem):
    p = replace(problem(NOISY), name="p")
    document = tuned(p)
    jsonschema.validate(document, REPORT_SCHEMA)
    tuning = document["tuning"]
    assert tuning["seeds"] == [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]
    assert not set(tuning["seeds"]) & {seed["seed"] for row in document["results"] for seed in row["seeds"]}
    assert [row["optimizer"] for row in document["results"]] == OPTIMIZERS.split(",")
    for (_, name), entry in entries(document).items():
        assert len(entry["draws"]) == tuning["trials"] == 8
        setting = {"optimizers": entry["winner"], "allow_invalid": True}
        (fresh,) = adambench.run(p, **setting).to_dict()["results"]
        (row,) = (row for row in document["results"] if row["optimizer"] == name)
        assert row["seeds"] == fresh["seeds"]
        assert row["hyperparameters"] == fresh["hyperparameters"]
        assert entry["fresh_loss"] == fresh["final_loss"]["median"]
        (again,) = adambench.run(p, seeds=tuning["seeds"], **setting).to_dict()["results"]
        assert entry["tuning_loss"] == again["final_loss"]["median"]
        assert entry["tuning_hits"] == [target["median"] for target in again["targets"]]
        assert entry["gap"] == entry["fresh_loss"] - entry["tuning_loss"]
        losses = [math.inf if draw["final_loss"] is None else draw["final_loss"] for draw in entry["draws"]]
        assert entry["draw"] == losses.index(min(losses))
        assert entry["tuning_loss"] == min(losses)
        assert entry["diverged"] == losses.count(math.inf)
        wanted = {hyper: row["hyperparameters"][hyper] for hyper in tuning["spaces"][name]}
        assert entry["draws"][entry["draw"]]["hyperparameters"] == wanted


@pytest.mark.parametrize("rule", ["final-loss", "steps"])
def test_threads_and_company_change_nothing(problem, rule):
    p = problem(NOISY)
    tuning = Tuning(8, seeds=3, rule=rule)
    alone = tuned(p, "sgd", tuning)
    for jobs in (1, 2):
        among = tuned(p, "adam,sgd", tuning, jobs=jobs)
        assert entries(among)["p", "sgd"] == entries(alone)["p", "sgd"]
        assert rows(among)["p", "sgd"] == rows(alone)["p", "sgd"]


def test_where_the_optimum_is_unknown_company_decides_no_winner(problem):
    p = replace(problem(NOISY), optimum=None)
    for rule in ("final-loss", "steps"):
        tuning = Tuning(8, seeds=3, rule=rule, ranges=parse_ranges("sgd.lr=1e-5..1e-2"))  # adam gets much lower
        alone, among = (entries(tuned(p, names, tuning))["p", "sgd"] for names in ("sgd", "sgd,adam"))
        assert among["draws"] == alone["draws"]
        assert among["winner"] == alone["winner"]
        measured = any(hit is not None for draw in alone["draws"] for hit in draw["hits"])
        assert measured == (rule == "steps")


def test_steps_rewards_the_first_to_arrive(problem):
    quick, low = (
        entries(tuned(problem(NOISY), "sgd", Tuning(16, rule=rule)))["p", "sgd"] for rule in ("steps", "final-loss")
    )
    assert quick["tuning_hits"][1] == min(draw["hits"][1] for draw in quick["draws"] if draw["hits"][1] is not None)
    assert low["tuning_loss"] <= quick["tuning_loss"]
    assert quick["tuning_hits"][1] < low["tuning_hits"][1]


def test_one_setting_for_all_problems(problem):
    several = [replace(problem(NOISY.replace("0.25", value)), name=f"p{value}") for value in ("0.25", "0.001", "4.0")]
    document = tuned(several, "sgd,adam", Tuning(8, seeds=2, across=True))
    for name in ("sgd", "adam"):
        mine = [entry for entry in document["tuning"]["entries"] if entry["optimizer"] == name]
        assert len({entry["winner"] for entry in mine}) == 1
        sums = [0.0] * 8
        for entry in mine:
            losses = [math.inf if draw["final_loss"] is None else draw["final_loss"] for draw in entry["draws"]]
            for place, loss in enumerate(losses):
                sums[place] += sum(other < loss for other in losses) + (losses.count(loss) + 1) / 2
        assert mine[0]["draw"] == sums.index(min(sums))
        assert len({json.dumps([draw["hyperparameters"] for draw in entry["draws"]]) for entry in mine}) == 1


def test_one_seed_is_enough_where_nothing_is_random(problem):
    entry = entries(tuned(problem(QUADRATIC), "sgd"))["p", "sgd"]
    assert entry["seeds"] == 1
    assert entry["gap"] == 0
    assert all(draw["diverged"] <= 1 for draw in entry["draws"])


# Early discarding.


@given(st.integers(1, 2000), st.integers(1, 10**6))
def test_halving_never_takes_more_evaluations_than_running_all(count, budget):
    found = rungs(count, budget, halving=True)
    assert sum(rung.draws * rung.budget for rung in found) <= count * budget
    assert found[0].draws == count
    assert found[-1].budget == budget
    assert all(rung.draws >= 1 and rung.budget >= 1 for rung in found)
    assert all(b.draws == a.draws // 2 for a, b in itertools.pairwise(found))


def test_halving_as_worked_out_by_hand():
    assert [(rung.draws, rung.budget) for rung in rungs(64, 5000, halving=True)] == [
        (64, 625),
        (32, 1250),
        (16, 2500),
        (8, 5000),
    ]
    assert [(rung.draws, rung.budget) for rung in rungs(64, 5000, halving=False)] == [(64, 5000)]


def test_halving_discards_the_worse_half_and_counts_what_it_spends(problem):
    p = problem(NOISY.replace("budget: 160", "budget: 80"))
    tuning = Tuning(8, seeds=2, ranges=parse_ranges("lr=1e-4..0.3"))
    whole, halved = (entries(tuned(p, "sgd,adam", replace(tuning, halving=halving))) for halving in (False, True))
    for name in ("sgd", "adam"):
        entry, full = halved["p", name], whole["p", name]
        assert [draw["hyperparameters"] for draw in entry["draws"]] == [
            draw["hyperparameters"] for draw in full["draws"]
        ]
        assert sorted(draw["budget"] for draw in entry["draws"]) == [10] * 4 + [20] * 2 + [40, 80]
        assert entry["evaluations"] == 2 * (8 * 10 + 4 * 20 + 2 * 40 + 80)
        assert full["evaluations"] == 2 * 8 * 80
        early = tuned(p, "sgd,adam", tuning, budget=10)
        at_ten = [draw["final_loss"] for draw in entries(early)["p", name]["draws"]]
        left = {place for place, draw in enumerate(entry["draws"]) if draw["budget"] > 10}
        assert left == set(sorted(range(8), key=at_ten.__getitem__)[:4])
        assert entry["draws"][entry["draw"]]["budget"] == 80
        assert entry["tuning_loss"] == full["draws"][entry["draw"]]["final_loss"]


# What is said.


def test_a_winner_at_the_end_of_its_range_is_said(problem):
    tuning = Tuning(16, seeds=2, ranges=parse_ranges("lr=1e-7..1e-3"))
    (warning,) = entries(tuned(problem(NOISY), "sgd", tuning))["p", "sgd"]["warnings"]
    assert "the best lr" in warning
    assert "upper end of 1e-07..0.001" in warning
    inside = Tuning(16, seeds=2, ranges=parse_ranges("lr=1e-3..3"))
    assert entries(tuned(problem(NOISY), "sgd", inside))["p", "sgd"]["warnings"] == []


def test_draws_that_diverge_are_counted_and_said(problem):
    tuning = Tuning(8, seeds=2, ranges=parse_ranges("lr=1e-2..1e9"))
    p = problem(NOISY.replace("budget: 160", "budget: 600"))
    entry = entries(tuned(p, "sgd", tuning))["p", "sgd"]
    assert entry["diverged"] >= 4
    assert any(f"{entry['diverged']} of 8 draws diverged" in warning for warning in entry["warnings"])


@pytest.mark.parametrize("rule", ["final-loss", "steps"])
def test_where_all_diverge_there_is_a_row_of_failures_and_a_sentence(problem, rule):
    p = problem(NOISY.replace("budget: 160", "budget: 900"))
    tuning = Tuning(4, seeds=2, rule=rule, ranges=parse_ranges("lr=1e6..1e9"))
    document = tuned(p, "sgd", tuning)
    jsonschema.validate(document, REPORT_SCHEMA)
    entry = entries(document)["p", "sgd"]
    assert (entry["draw"], entry["tuning_loss"], entry["fresh_loss"], entry["gap"]) == (0, None, None, None)
    assert "every draw diverged" in entry["warnings"][0]
    assert document["results"][0]["outcomes"]["diverged"] == 4
    json.dumps(document, allow_nan=False)


def test_an_optimizer_that_is_unfit_is_not_tuned_and_says_so(problem):
    document = tuned(problem(NOISY), "muon,sgd")
    jsonschema.validate(document, REPORT_SCHEMA)
    entry = entries(document)["p", "muon"]
    assert (entry["winner"], entry["draws"], entry["evaluations"]) == (None, [], 0)
    assert "works on matrices" in entry["warnings"][0]
    assert [row["outcomes"]["skipped"] for row in document["results"]] == [4, 0]


def test_a_target_that_nothing_reaches_is_said(problem):
    p = problem(NOISY.replace("1.0e-1, 1.0e-2", "{loss: -1}"))
    found = {rule: entries(tuned(p, "sgd", Tuning(4, rule=rule)))["p", "sgd"] for rule in ("steps", "final-loss")}
    assert "no draw reaches a target" in found["steps"]["warnings"][0]
    assert found["steps"]["winner"] == found["final-loss"]["winner"]


def test_one_tuning_seed_is_said(problem):
    warnings = entries(tuned(problem(NOISY), "sgd", Tuning(4, seeds=1)))["p", "sgd"]["warnings"]
    assert any("one tuning seed" in warning for warning in warnings)


def test_another_order_on_fresh_seeds_is_said():
    assert reordered("p", {"a": ((1.0,), (2.0,)), "b": ((1.5,), (2.5,))}) == []
    assert reordered("p", {"a": ((1.0,), (2.0,)), "b": ((1.0,), (1.5,))}) == []  # a tie is no order
    (sentence,) = reordered("p", {"a": ((1.0,), (3.0,)), "b": ((1.5,), (2.5,)), "c": ((9.0,), (9.0,))})
    assert sentence == "p: the ranking is a, b, c on the tuning seeds, and b, a, c on fresh ones"


def test_the_outline_names_the_ranges_and_the_cost(problem):
    p = settle(problem(NOISY), Settings(optimizers=tuple(parse_list("sgd,adam"))))
    *ranges, cost = outline([p], Tuning(8, seeds=3))
    assert ranges[0] == "tuned: sgd: lr in 1e-05..10 (log-uniform)"
    assert "beta2 in 0.5..0.9999 (1 - beta2 log-uniform)" in ranges[1]
    assert cost.endswith(f"{2 * 8 * 3 * 160:,} gradient evaluations")


@pytest.mark.parametrize(
    ("tuning", "settings", "said"),
    [
        (Tuning(0), {}, "trials"),
        (Tuning(4, seeds=0), {}, "seeds"),
        (Tuning(4, rule="best"), {}, "rule"),
        (Tuning(4, sampler="grid"), {}, "sampler"),
        (Tuning(4), {"stop_at_target": True}, "stop-at-target"),
        (Tuning(4, halving=True, across=True), {}, "halving"),
    ],
)
def test_a_tuning_that_cannot_be_is_one_sentence(problem, tuning, settings, said):
    with pytest.raises(AdambenchError, match=said):
        tuned(problem(NOISY), "sgd", tuning, **settings)


def test_halving_is_refused_where_the_schedule_ends_with_the_budget(problem):
    with pytest.raises(AdambenchError, match="cosine schedule"):
        tuned(problem(f"{NOISY}, schedule: cosine"), "sgd", Tuning(4, halving=True))


def test_tuning_seeds_are_nobodys_own(problem):
    p = replace(problem(NOISY), seeds=(3, FIRST_SEED, FIRST_SEED + 2))
    assert tuning_seeds(Tuning(1, seeds=3), [p]) == (FIRST_SEED + 1, FIRST_SEED + 3, FIRST_SEED + 4)
    assert not set(tuning_seeds(Tuning(1, seeds=1000), [])) & set(tuning_seeds(Tuning(1, seeds=1000, seed=1), []))


# What a problem file says.


def test_a_problem_file_asks_for_a_tuning(problem):
    asked = "tuning: {trials: 6, rule: steps, seeds: 2, space: {sgd.lr: 1e-3..0.5, beta1: 0.8..0.99}}"
    p = problem(f"{NOISY}, optimizers: [sgd, adam], {asked}")
    assert p.tuning == Tuning(6, rule="steps", seeds=2, ranges=parse_ranges("sgd.lr=1e-3..0.5,beta1=0.8..0.99"))
    document = adambench.run(p, allow_invalid=True).to_dict()
    assert document["tuning"]["trials"] == 6
    assert document["tuning"]["spaces"]["sgd"] == {"lr": [1e-3, 0.5, "log"]}
    assert "tuning" not in adambench.run(problem(NOISY), optimizers="sgd", allow_invalid=True).to_dict()
    without = adambench.run(p, optimizers="sgd", allow_invalid=True).to_dict()
    assert without["tuning"]["spaces"] == {"sgd": {"lr": [1e-3, 0.5, "log"]}}
    with pytest.raises(AdambenchError, match=r"different tunings \(trials\)"):
        common_tuning([p, problem(NOISY)])
    assert adambench.run(p, tuning=4, allow_invalid=True).to_dict()["tuning"]["rule"] == "steps"


def test_what_is_given_replaces_single_fields_of_the_files(problem):
    asked = "tuning: {trials: 6, rule: steps, seeds: 2, space: {sgd.lr: 1e-3..0.5, beta1: 0.8..0.99}}"
    p, other = problem(f"{NOISY}, optimizers: [sgd, adam], {asked}"), problem(f"{NOISY}, optimizers: [sgd, adam]")
    assert common_tuning([p], {"trials": 8}) == replace(p.tuning, trials=8)
    ranges = parse_ranges("sgd.lr=0.1..1,adam.lr=0.1..1")
    mixed = common_tuning([p], {"halving": True, "ranges": ranges})
    assert mixed == replace(p.tuning, halving=True, ranges=(p.tuning.ranges[1], *ranges))
    with pytest.raises(AdambenchError, match=r"different tunings \(rule and seeds and space\)"):
        common_tuning([p, other], {"trials": 8})
    alike = replace(p, tuning=Tuning(3, rule="steps"))
    assert common_tuning([alike, other], {"trials": 8, "rule": "steps"}) == Tuning(8, rule="steps")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("{trials: 0}", "tuning.trials: expected a whole number from 1"),
        ("{}", "tuning.trials: expected"),
        ("{trials: 2, rule: best}", "tuning.rule: expected one of final-loss, steps"),
        ("{trials: 2, space: {lr: 5}}", r"tuning.space.lr: expected LOW\.\.HIGH"),
        (
            "{trials: 2, space: {adan.lr: 1..2}}",
            "tuning.space.adan.lr: expected one of the optimizers sgd, .*got 'adan.lr'",
        ),
        ("{trials: 2, space: {bta1: 0.1..0.2}}", "expected a number that one of the optimizers has"),
        ("{trials: 2, space: {lr: 1..1}}", "tuning.space.lr: expected a range with LOW below HIGH, got '1..1'"),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_place(problem, keys, said):
    with pytest.raises(ProblemError, match=said):
        problem(f"{NOISY}, tuning: {keys}")


# As many seeds as a precision asks for.


def refined(problem, goal, optimizers="sgd:lr=0.1,adam:lr=0.1"):
    settings = Settings(optimizers=tuple(parse_list(optimizers)), allow_invalid=True)
    run = Run([settle(problem, settings)], settings, Silent())
    run.execute()
    refine(run, goal)
    return run


@pytest.mark.parametrize(("statistic", "share"), [("ert", 0.02), ("final-loss", 0.3)])
def test_seeds_are_doubled_until_the_intervals_are_narrow(problem, statistic, share):
    p = problem(NOISY)
    goal = PrecisionGoal(share, statistic, 512)
    run = refined(p, goal)
    seeds = run.problems[0].seeds
    assert len(seeds) in (8, 16, 32, 64, 128, 256)
    assert met(widths(run.finished[0], goal).values(), goal)
    plain = adambench.run(p, optimizers="sgd:lr=0.1,adam:lr=0.1", seeds=len(seeds), allow_invalid=True)
    assert rows(build_report(run, []).to_dict()) == rows(plain.to_dict())
    fewer = refined(p, replace(goal, most=len(seeds) // 2))
    assert not met(widths(fewer.finished[0], goal).values(), goal)
    assert precision_record(fewer, goal)["problems"][0]["met"] is False
    document = build_report(run, [], goal=goal).to_dict()
    jsonschema.validate(document, REPORT_SCHEMA)
    (said,) = document["adaptive_seeds"]["problems"]
    widest = max(widths(run.finished[0], goal).values())
    assert said == {
        **{"problem": "p", "seeds": len(seeds), "widest": widest, "met": True},
        **{"measured": 2, "unmeasured": [], "wide": []},
        "of": {"ert": "the ERT to 1e-2", "final-loss": "the median final loss"}[statistic],
    }
    assert said["widest"] <= share


def test_seeds_stop_at_the_most_and_where_nothing_is_random(problem):
    assert len(refined(problem(NOISY), PrecisionGoal(1e-9, most=11)).problems[0].seeds) == 11
    still = refined(problem(QUADRATIC), PrecisionGoal(1e-9, most=11))
    assert len(still.problems[0].seeds) == 1
    assert precision_record(still, PrecisionGoal(1e-9))["problems"][0]["met"] is True


DIVERGING = NOISY.replace("budget: 160", "budget: 900")


def test_where_nothing_is_measurable_the_goal_is_not_met(problem):
    goal = PrecisionGoal(0.5, "final-loss", most=64)
    assert not met([], goal)
    run = refined(problem(DIVERGING), goal, "sgd:lr=1e6,momentum:lr=1e6")
    (said,) = precision_record(run, goal)["problems"]
    assert (said["met"], said["widest"], said["measured"]) == (False, None, 0)
    assert said["unmeasured"] == ["sgd:lr=1000000", "momentum:lr=1000000"]
    assert said["seeds"] == 4  # none would narrow anything


@pytest.mark.parametrize("statistic", ["ert", "final-loss"])
def test_who_is_infinite_is_named(problem, statistic):
    goal = PrecisionGoal(0.9, statistic, most=64)
    run = refined(problem(DIVERGING), goal, "sgd:lr=1e6,adam:lr=0.1")
    (said,) = precision_record(run, goal, [["first", "second"]])["problems"]
    assert (said["met"], said["measured"], said["unmeasured"]) == (True, 1, ["first"])


def test_further_seeds_are_the_smallest_that_are_left(problem):
    p = replace(problem(NOISY), seeds=(1, 4))
    assert refined(p, PrecisionGoal(1e-9, most=5)).problems[0].seeds == (1, 4, 0, 2, 3)


def test_a_search_solves_for_an_optimum_once(problem, monkeypatch):
    from adambench import runner

    calls = []
    original = runner.solved
    monkeypatch.setattr(runner, "solved", lambda p: calls.append(p.name) or original(p))
    p = replace(problem(NOISY), optimum=None, solve=True)
    settings = Settings(optimizers=tuple(parse_list("sgd")), allow_invalid=True)
    search = Search([settle(p, settings)], Tuning(4, seeds=2, halving=True), settings, Silent())
    run = Run(search.execute(), settings, Silent())
    run.execute()
    assert calls == ["p"]


# The command.


@pytest.fixture
def command(capsys, tmp_path):
    """command("--tune 4 ..."): the exit code of a comparison, and what it wrote to standard output and error."""
    from adambench.cli import exit_code

    file = tmp_path / "p.yaml"
    file.write_text(f"{{name: p, {NOISY}}}")

    def run(options, problem=str(file)):
        code = exit_code(["compare", problem, "--optimizers", "sgd,adam", "--allow-invalid", *options.split()])
        return code, *capsys.readouterr()

    return run


def test_the_command_writes_the_tuning_and_says_what_speaks_against_it(command):
    code, out, err = command("--tune 8 --tuning-seeds 3 --space sgd.lr=1e-7..1e-3 --json")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, REPORT_SCHEMA)
    assert document["tuning"]["spaces"]["sgd"] == {"lr": [1e-7, 1e-3, "log"]}
    assert "warning: sgd on p: the best lr" in err
    code, out, err = command("--tune 8 --tuning-seeds 3 --space sgd.lr=1e-7..1e-3 --json --quiet")
    assert (code, err) == (0, "")
    assert json.loads(out)["tuning"] == document["tuning"]


BEYOND = NOISY.replace("1.0e-1, 1.0e-2", "{loss: -1}")
EXTREMES = {
    "one seed": (
        NOISY,
        "--tune 4 --seeds 1 --optimizers sgd,momentum",
        "fewer than 6 seeds cannot tell whether tuning sufficed on p",
    ),
    "one tuning seed": (NOISY, "--tune 4 --tuning-seeds 1", "chosen by one tuning seed"),
    "one draw": (NOISY, "--tune 1", "best of 1 draw (scrambled Sobol)"),
    "all diverged": (
        NOISY,
        "--tune 4 --budget 900 --space lr=1e6..1e9 --optimizers sgd,momentum",
        "every draw diverged",
    ),
    "no target in reach": (BEYOND, "--tune 4 --rule steps", "no draw reaches a target"),
    "constant": (
        'expression: "1 + 0*x[0]**2", dimension: 1, start: [1.0], budget: 20',
        "--tune 4 --optimizers sgd,momentum",
        "tuned: best",
    ),
    "unfit": (NOISY, "--tune 4 --optimizers sgd,muon", "works on matrices"),
}


@pytest.mark.parametrize("case", EXTREMES)
@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_extremes_are_said_in_sentences(command, tmp_path, case, form):
    keys, options, said = EXTREMES[case]
    (tmp_path / "p.yaml").write_text(f"{{name: p, {keys}}}")
    code, out, err = command(f"{options} --format {form}")
    assert code == 0, err
    assert form == "json" or said in " ".join((out + err).split())
    assert not re.search(r"\bnan\b|Traceback|RuntimeWarning", out + err)
    if form == "json":
        jsonschema.validate(json.loads(out), REPORT_SCHEMA)


def test_many_warnings_of_a_kind_are_one_line(command, tmp_path):
    for name in "abcd":
        (tmp_path / f"{name}.yaml").write_text(f"{{name: {name}, {NOISY}}}")
    (tmp_path / "p.yaml").unlink()
    code, out, err = command("--tune 8 --tuning-seeds 2 --space lr=1e-7..1e-3 --json", str(tmp_path))
    assert code == 0
    lines = [line for line in err.splitlines() if "best lr" in line]
    assert lines == [
        "warning: the best lr is in the outer tenth of its range: sgd, adam on 4 problems (a, b, c, ...): widen it "
        "with --space"
    ]
    entries = json.loads(out)["tuning"]["entries"]
    assert sum(any("the best lr" in said for said in entry["warnings"]) for entry in entries) == 8
    assert all(len(entry["warnings"]) == len(entry["concerns"]) for entry in entries)


def test_a_warning_that_comes_once_is_said_in_full_and_every_kind_has_its_summary():
    entries = [
        {
            "optimizer": name,
            "problem": "p",
            "warnings": [f"{name} on p: {kind}"],
            "concerns": [{"kind": kind, "hyperparameter": None}],
        }
        for kind in SUMMARIES
        for name in ("sgd", "adam")
    ]
    assert summary(entries[:1]) == ["sgd on p: not tuned"]
    found = summary(entries)
    assert len(found) == len(SUMMARIES)
    assert all("sgd, adam on p" in line for line in found)


def test_the_command_prints_the_ranges_and_runs_nothing(command):
    code, out, _ = command("--tune 8 --dry-run --halving")
    assert code == 0
    assert "tuned: sgd: lr in 1e-05..10 (log-uniform)" in out
    assert "half are discarded" in out


def test_the_command_keeps_what_the_file_says_of_its_tuning(command, tmp_path):
    (tmp_path / "p.yaml").write_text(
        f"{{name: p, {NOISY}, tuning: {{trials: 4, rule: steps, space: {{lr: 1e-3..1}}}}}}"
    )
    code, out, err = command("--tune 8 --tuning-seeds 2 --json")
    assert code == 0, err
    found = json.loads(out)["tuning"]
    assert (found["trials"], found["rule"], len(found["seeds"])) == (8, "steps", 2)
    assert found["spaces"]["sgd"] == {"lr": [1e-3, 1.0, "log"]}
    assert "adam" in found["spaces"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sgd:lr=1e6,momentum:lr=1e6", "every median is infinite, so there is no interval"),
        ("sgd:lr=1e6,adam:lr=0.1", "the precision goal leaves out sgd:lr=1000000, of infinite median"),
    ],
)
def test_the_command_says_what_no_precision_is_of(command, tmp_path, options, said):
    (tmp_path / "p.yaml").write_text(f"{{name: p, {DIVERGING}}}")
    code, out, err = command(f"--precision-goal 90% --max-seeds 64 --optimizers {options} --json")
    assert code == 0
    jsonschema.validate(json.loads(out), REPORT_SCHEMA)
    (line,) = (line for line in err.splitlines() if "precision goal" in line)
    assert said in line


def test_the_command_adds_seeds(command):
    code, out, err = command("--precision-goal 0.01% --max-seeds 8 --json")
    document = json.loads(out)
    assert code == 0
    assert document["problems"][0]["seeds"] == 8
    assert document["adaptive_seeds"]["max_seeds"] == 8
    (said,) = document["adaptive_seeds"]["problems"]
    assert [row["width"] for row in said["wide"]] == sorted((row["width"] for row in said["wide"]), reverse=True)
    widest = said["wide"][0]
    assert widest["width"] == said["widest"] > 1e-4
    (line,) = (line for line in err.splitlines() if "precision goal" in line)
    assert (
        f"at 8 seeds the 95% interval of {widest['optimizer']}, of the {said['of'].removeprefix('the ')}, is " in line
    )
    assert line.count(" either way, still wider than the precision goal of 0.01%") == 1


@pytest.mark.parametrize(
    "options",
    [
        "--tune 0",
        "--tune x",
        "--tune 4 --rule best",
        "--tune 4 --space adan.lr=1e-3..1",
        "--tune 4 --space lr=1..1",
        "--tune 4 --stop-at-target",
        "--tune 4 --halving --tune-across",
        "--tuning-seed 3",
        "--halving",
        "--space lr=0.1..1",
        "--max-seeds 1000",
        "--precision-of ert",
        "--precision-goal 0",
        "--precision-goal 200%",
        "--precision-goal nan",
        "--precision-goal x%",
        "--tune 4 --optimizers adagrad:lr=0.1:eps=1e-3",
        "--tune 4 --optimizers torch.optim.Adam",
    ],
)
def test_what_the_command_cannot_do_is_one_sentence_and_exit_code_2(command, options):
    code, out, err = command(options)
    assert (code, out) == (2, "")
    (sentence,) = (line for line in err.splitlines() if line.lower().startswith("error"))
    assert "nan" not in sentence or "nan" in options

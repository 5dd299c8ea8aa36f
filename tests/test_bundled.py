"""The bundled problems as a whole, the suite `core` as a comparison, and a run on a real file."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import adambench
from adambench.cli import exit_code
from adambench.configuration import parse
from adambench.functions import all_functions
from adambench.models import all_models
from adambench.problem import bundled_problems, bundled_suites, load, load_all
from adambench.problem.keys import DEFAULT_OPTIMIZERS
from adambench.trace import trace
from adambench.validation import validate

DATA = Path(os.environ.get("ADAMBENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
A9A = """\
name: a9a
model: logistic
data: {file: a9a.gz, features: 123}
l2: 1e-4
batch: 128
budget: 600
seeds: 2
targets: [5e-1]
optimizers: [adam:lr=0.01, adagrad, sgd:lr=1]
"""


ALL = list(bundled_problems())
NAMED = {"core", "classic", "noise", "sparse", "curvature", "nonstationary", "models"}


@pytest.fixture(scope="module")
def ran():
    """ran(NAME): the report of a bundled problem as it stands, each run once."""
    return cache(lambda name: adambench.run(name, jobs=1).to_dict())


def rows(report, problem=None):
    """The rows of a report (of one of its problems) by their optimizers."""
    return {row["optimizer"]: row for row in report["results"] if row["problem"] == (problem or row["problem"])}


def steps(row, target=-1):
    """The median of the steps to a target, infinite where it is not reached."""
    median = row["targets"][target]["median"]
    return np.inf if median is None else median


@pytest.mark.parametrize("name", ALL)
def test_a_bundled_problem_is_right_explained_and_in_a_suite(name):
    problems = load_all([name])
    assert [check.finding for problem in problems for check in validate(problem) if check.finding] == []
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert all(problem.name == name or problem.name.startswith(f"{name}-") for problem in problems)
    for problem in problems:
        assert len(problem.description) > 40
        assert problem.source
        assert problem.suites
        assert all(name in bundled_suites()[suite] for suite in problem.suites)


def test_there_are_enough_of_them_and_of_many_kinds():
    problems = load_all(ALL)
    assert len({problem.hash for problem in problems}) == len(problems)
    assert len({problem.name for problem in problems}) == len(problems)
    assert set(bundled_suites()) >= NAMED
    assert all(len(bundled_suites()[suite]) >= 4 for suite in NAMED)
    assert len(bundled_suites()["core"]) >= 8
    assert {problem.function.name for problem in problems} >= set(all_models())
    assert {noise.kind for problem in problems for noise in problem.noise} >= {"gaussian", "quadratic_model"}
    assert any(problem.solve for problem in problems)
    assert any(problem.sweep is not None for problem in problems)
    assert sum(problem.function.sampled for problem in problems) >= 5


def test_classic_has_every_analytic_function():
    """Those whose gradient is that of a sequence of functions are no single one to be looked at."""
    analytic = {name for name, function in all_functions().items() if not function.online}
    assert {problem.function.name for problem in load_all(["classic"])} == analytic


def test_core_costs_little():
    """In coordinates that gradients touch, six optimizers each: at a nanosecond or two each, some seconds."""
    touched = 0
    for problem in load_all(["core"]):
        per_gradient = problem.dimension * (problem.dimension if problem.parameters.get("rotate") else 1)
        touched += problem.budget * len(problem.seeds) * len(DEFAULT_OPTIMIZERS) * max(per_gradient, 20)
    assert touched < 3e8


def test_a_rate_for_each_coordinate_sees_through_bad_scaling(ran):
    scaled = rows(ran("badly-scaled"))
    assert steps(scaled["adam"]) < steps(scaled["sgd:lr=1e-7"]) == np.inf


def test_adagrad_learns_rare_features_sooner_than_one_rate_for_all(ran):
    sparse = rows(ran("sparse-logistic"))
    rare, plain = sparse["adagrad:lr=0.3"], sparse["sgd:lr=1"]
    assert all(2 * steps(rare, target) < steps(plain, target) for target in range(3))


def test_amsgrad_goes_where_adam_does_not(ran):
    online = {row["name"]: row["final_loss"]["median"] for row in ran("adam-fails")["results"]}
    assert online["amsgrad"] < 0.0 < online["adam"]


def test_steps_grow_with_the_condition_as_theory_says(ran):
    fits = {fit["optimizer"]: fit["exponents"][0] for fit in ran("condition-growth")["scaling"]}
    turned = {fit["optimizer"]: fit["exponents"][0] for fit in ran("condition-growth-rotated")["scaling"]}
    assert 0.8 <= fits["sgd:lr=1"]["exponent"] <= 1.2
    assert fits["lbfgs"]["exponent"] < 0.5
    for adaptive in ("adagrad:lr=1", "adam:lr=0.1"):
        assert abs(fits[adaptive]["exponent"]) < 0.1 < 0.4 < turned[adaptive]["exponent"]


def test_steps_grow_with_the_square_of_a_chain(ran):
    report = ran("chain-length")
    fits = {fit["optimizer"]: fit["exponents"][0]["exponent"] for fit in report["scaling"]}
    assert 1.8 <= fits["sgd:lr=1"] <= 2.2
    for row in report["results"]:  # from 0 each gradient reaches one coordinate more; the last few count for little
        assert steps(row) >= 0.9 * int(row["problem"].rpartition("-")[2])


def test_momentum_is_fastest_on_the_worst_case_of_first_order_methods(ran):
    worst = rows(ran("worst-case-convex"))
    assert min(worst, key=lambda name: steps(worst[name])) == "nesterov:lr=1"


def test_clipping_makes_plain_steps_stand_up_to_bad_batches(ran):
    bad, clipped = rows(ran("bad-batches")), rows(ran("clipped-batches"))
    assert steps(bad["sgd"]) == np.inf > steps(clipped["sgd"])
    assert steps(bad["signsgd"]) < np.inf


def test_shrinking_rates_fall_behind_a_moving_optimum(ran):
    for name in ("drifting-optimum", "circling-optimum"):
        moving = {row["name"]: row["final_loss"]["median"] for row in ran(name)["results"]}
        assert 50 * moving["sgd"] < moving["adagrad"]


def test_old_gradients_ask_for_small_rates(ran):
    report = ran("stale-gradients")
    delays = [problem["name"] for problem in report["problems"]]
    reached = [{name for name, row in rows(report, delay).items() if steps(row, 0) < np.inf} for delay in delays]
    plain = ("sgd:lr=0.005", "sgd:lr=0.002", "sgd:lr=5e-4")
    assert [[any(parse(name)[0].label == label for label in labels) for name in plain] for labels in reached] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
    ]


def test_weight_decay_holds_off_an_optimum_away_from_zero(ran):
    for name, row in rows(ran("away-from-zero")).items():
        assert (steps(row) == np.inf) == ("weight_decay" in name), name


def test_fast_in_training_is_not_best_on_rows_held_out(ran):
    found = ran("perceptron-blobs")["results"]
    training = min(found, key=lambda row: row["final_loss"]["median"])
    held_out = min(found, key=lambda row: row["held_out"]["loss"]["median"])
    assert training["optimizer"] != held_out["optimizer"]


def test_long_steps_that_shrink_in_time_cross_a_grid_of_minima(ran):
    grid = {name: row["targets"][-1]["reached"] for name, row in rows(ran("rastrigin")).items()}
    assert grid["adagrad:lr=10"] > 10
    assert grid["adagrad:lr=0.1"] == grid["adam:lr=0.1"] == 0


def test_core_tells_the_default_optimizers_apart(tmp_path):
    assert exit_code(["compare", "--json", "-o", str(tmp_path / "core.json")]) == 0
    report = json.loads((tmp_path / "core.json").read_text())
    assert [problem["name"] for problem in report["problems"]] == list(bundled_suites()["core"])
    assert len(report["comparison"]) == len(DEFAULT_OPTIMIZERS)
    reached = []
    for problem in report["problems"]:
        those = list(rows(report, problem["name"]).values())
        assert [row["name"] for row in those] == list(DEFAULT_OPTIMIZERS)
        assert len({tuple(target["median"] for target in row["targets"]) for row in those}) >= 4
        reached.append([row["targets"][-1]["reached"] for row in those])
    hardest = np.array(reached)  # (problems, optimizers)
    assert (hardest.max(axis=1) > 0).sum() >= 6  # not too hard
    assert (hardest.min(axis=0) == 0).all()  # nor too easy for any of them
    solved = [row["solved"] for row in report["comparison"]]
    assert len(set(solved)) >= 3
    assert sum(row["wins"] > 0 for row in report["comparison"]) >= 2


@pytest.mark.skipif(not (DATA / "a9a.gz").is_file(), reason="a9a.gz is not here; ADAMBENCH_DATA names its folder")
def test_a_real_file_gives_the_losses_that_its_rows_define(tmp_path):
    shutil.copy(DATA / "a9a.gz", tmp_path)
    (tmp_path / "a9a.yaml").write_text(A9A)
    assert exit_code(["run", str(tmp_path / "a9a.yaml"), "--json", "-o", str(tmp_path / "out.json")]) == 0
    report = json.loads((tmp_path / "out.json").read_text())

    with gzip.open(DATA / "a9a.gz", "rt") as file:
        lines = [line.split() for line in file]
    signs = np.array([1.0 if float(label) == 1.0 else -1.0 for label, *_ in lines])
    features = np.zeros((len(lines), 123))
    for number, (_, *pairs) in enumerate(lines):
        for pair in pairs:
            index, value = pair.split(":")
            features[number, int(index) - 1] = float(value)

    def loss(w):
        return np.logaddexp(0.0, -signs * (features @ w)).mean() + 1e-4 / 2 * (w @ w)

    (problem,) = report["problems"]
    assert (problem["reference"], problem["dimension"]) == ("report", 123)
    assert problem["initial_loss"]["median"] == pytest.approx(np.log(2.0), rel=1e-14)
    finals = [seed["final_loss"] for row in report["results"] for seed in row["seeds"]]
    assert loss(np.zeros(123)) > min(finals) >= problem["reference_loss"] > 0.3
    loaded = load(tmp_path / "a9a.yaml")
    for row in report["results"]:
        for seed in row["seeds"]:
            (configuration,) = parse(row["optimizer"])
            (last,) = trace(loaded, configuration, [600], seed["seed"])
            assert seed["final_loss"] == last.loss == pytest.approx(loss(last.x), rel=1e-13)
    again = adambench.run(tmp_path / "a9a.yaml", jobs=1).to_dict()["results"]
    assert [row["seeds"] for row in again] == [row["seeds"] for row in report["results"]]

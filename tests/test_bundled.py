"""The bundled problems as a whole, the suite `core` as a comparison, and a run on a real file."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import adambench
from adambench.cli import exit_code
from adambench.configuration import parse
from adambench.functions import all_functions
from adambench.problem import bundled_problems, bundled_suites, load
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


@pytest.mark.parametrize("name", bundled_problems())
def test_a_bundled_problem_is_right_explained_and_in_a_suite(name):
    problem = load(name)
    assert [check.finding for check in validate(problem) if check.finding] == []
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert len(problem.description) > 20
    assert problem.source
    assert problem.suites
    assert all(name in bundled_suites()[suite] for suite in problem.suites)


def test_there_are_enough_of_them_and_of_many_kinds():
    problems = [load(name) for name in bundled_problems()]
    assert len(problems) >= 16
    assert len({problem.hash for problem in problems}) == len(problems)
    assert 8 <= len(bundled_suites()["core"]) < len(problems)
    kinds = {problem.function.name for problem in problems}
    assert len(kinds & set(all_functions())) >= 10
    assert sum(problem.function.sampled for problem in problems) >= 1
    assert {noise.kind for problem in problems for noise in problem.noise} >= {"gaussian", "quadratic_model"}
    assert any(problem.optimum is None for problem in problems)
    assert any(problem.dimension >= 100 for problem in problems)


def test_core_tells_the_default_optimizers_apart(tmp_path):
    assert exit_code(["compare", "--json", "-o", str(tmp_path / "core.json")]) == 0
    report = json.loads((tmp_path / "core.json").read_text())
    assert [problem["name"] for problem in report["problems"]] == list(bundled_suites()["core"])
    assert len(report["comparison"]) == len(DEFAULT_OPTIMIZERS)
    reached = []
    for problem in report["problems"]:
        rows = [row for row in report["results"] if row["problem"] == problem["name"]]
        assert [row["name"] for row in rows] == list(DEFAULT_OPTIMIZERS)
        assert len({tuple(target["median"] for target in row["targets"]) for row in rows}) >= 4
        reached.append([row["targets"][-1]["reached"] for row in rows])
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
        rows = [line.split() for line in file]
    signs = np.array([1.0 if float(label) == 1.0 else -1.0 for label, *_ in rows])
    features = np.zeros((len(rows), 123))
    for number, (_, *pairs) in enumerate(rows):
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

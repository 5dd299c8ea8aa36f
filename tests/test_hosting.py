"""Somebody else's optimizer on our problems: same evaluations, noise, counting and outcomes as a kernel's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import adambench
from adambench.cli import exit_code
from adambench.errors import AdambenchError
from adambench.report_schema import REPORT_SCHEMA

MODULE = '''
import time
import numpy as np

class Descent:
    """x - lr gradient, or worse."""

    def __init__(self, lr=0.1):
        self.lr = lr

    def init(self, x):
        return {"step": 0}

    def step(self, x, gradient, state, rate=1.0):
        return x - self.lr * rate * gradient, {"step": state["step"] + 1}

class Deaf(Descent):
    def step(self, x, gradient, state):
        return x - self.lr * gradient, state

class Broken(Descent):
    def step(self, x, gradient, state):
        if state["step"] == 2:
            raise RuntimeError("no more\\nof this")
        return x, {"step": state["step"] + 1}

class Lost(Descent):
    def step(self, x, gradient, state):
        return x * np.nan, state

class Stuck(Descent):
    def step(self, x, gradient, state):
        return x, state

class Slow(Descent):
    def step(self, x, gradient, state):
        time.sleep(3600)
'''
NOISY = """
name: noisy
function: quadratic
dimension: 3
parameters: {eigenvalues: [0.1, 0.5, 2.0]}
noise: {gaussian: {std: 0.1}}
budget: 60
targets: [0.5, 1e-1, {gradient: 0.3}, {distance: 0.5}]
seeds: [3, 5]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MODULE)
    (tmp_path / "noisy.yaml").write_text(NOISY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(problem, optimizers, **settings):
    return adambench.run(problem, optimizers=optimizers, **settings).to_dict()["results"]


@pytest.mark.parametrize("more", ["", "schedule: {cosine: {final: 0.1, warmup: 5}}", "schedule: inverse_sqrt"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_transcription_of_a_kernel_has_the_kernel_s_trials(here, more, jobs):
    (here / "noisy.yaml").write_text(NOISY + more)
    ours, theirs = rows("noisy.yaml", ["sgd:lr=0.05", "mine.Descent:lr=0.05"], jobs=jobs)
    for mine, other in zip(ours["seeds"], theirs["seeds"], strict=True):
        assert (mine["seed"], mine["outcome"], mine["hits"]) == (other["seed"], other["outcome"], other["hits"])
        assert mine["stopped"] == other["stopped"]
        assert mine["fingerprint"] == other["fingerprint"]
    assert ours["targets"] == theirs["targets"]
    assert ours["curve"] == theirs["curve"]
    assert theirs["cost"]["seconds"] > 0
    assert theirs["cost"]["state_per_parameter"] is None


@pytest.mark.parametrize("name", ["mine.Descent", "torch.optim.SGD"])
def test_a_box_moves_theirs_as_it_moves_ours(here, name):
    if name.startswith("torch"):
        pytest.importorskip("torch")
    (here / "boxed.yaml").write_text("{name: boxed, function: mccormick, budget: 60, targets: [1.0e-1]}")
    ours, theirs = rows("boxed.yaml", ["sgd:lr=2", f"{name}:lr=2"])
    assert ours["seeds"] == theirs["seeds"]
    assert ours["curve"] == theirs["curve"]


def test_torch_stands_beside_ours(here):
    pytest.importorskip("torch")
    ours, theirs = rows("noisy.yaml", ["adam:lr=0.05", "torch.optim.Adam:lr=0.05"])
    np.testing.assert_allclose(ours["curve"]["median"], theirs["curve"]["median"], rtol=1e-12)
    assert theirs["implementation"].startswith("torch 2.")
    assert (theirs["name"], theirs["dialect"]) == ("torch.optim.Adam", None)
    assert theirs["hyperparameters"]["beta2"] == 0.999


def test_the_report_fits_its_schema_and_every_format_shows_it(here):
    report = adambench.run("noisy.yaml", optimizers=["mine.Descent", "sgd", "mine.Broken"])
    Draft202012Validator(REPORT_SCHEMA).validate(report.to_dict())
    text = str(report)
    assert "mine.Descent" in text
    assert "theirs" in text


def test_what_breaks_is_an_error_of_its_own_with_one_sentence(here, capsys):
    report = adambench.run("noisy.yaml", optimizers=["mine.Broken", "sgd:lr=0.05"]).to_dict()
    broken, fine = report["results"]
    assert broken["outcomes"]["error"] == 2
    cause = broken["seeds"][0]["stopped"]["cause"]
    assert cause == "mine.Broken at step 3 raised RuntimeError: no more (mine.py, line 24)"
    assert broken["seeds"][0]["stopped"]["evaluation"] == 2
    assert fine["outcomes"]["error"] == 0
    assert exit_code(["run", "noisy.yaml", "--optimizers", "mine.Broken,sgd:lr=0.05", "--no-progress"]) == 4
    assert "Traceback" not in capsys.readouterr().err


def test_nan_is_divergence_and_standing_still_a_stall(here):
    lost, stuck = rows("noisy.yaml", ["mine.Lost", "mine.Stuck"], seeds=1)
    assert (lost["outcomes"]["diverged"], lost["seeds"][0]["stopped"]["evaluation"]) == (1, 1)
    assert stuck["outcomes"]["stalled"] == 1


def test_a_hang_is_cut(here):
    (row,) = rows("noisy.yaml", ["mine.Slow"], seeds=1, timeout=0.3)
    assert row["outcomes"]["error"] == 1
    assert "took longer than 0.3 s" in row["seeds"][0]["stopped"]["cause"]


def test_one_that_knows_no_schedule_says_so(here):
    (here / "noisy.yaml").write_text(NOISY + "schedule: inverse_sqrt")
    (row,) = rows("noisy.yaml", ["mine.Deaf"], seeds=1)
    assert row["outcomes"]["error"] == 1
    assert "rate" in row["seeds"][0]["stopped"]["cause"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.Absent", "mine"),
        ("absent.Adam", "absent"),
        ("mine.Descent:momentum=0.9", "no hyperparameter 'momentum'"),
        ("mine.Descent@torch", "dotted name"),
        ("mine.Descent:lr=fast", "expected a number"),
    ],
)
def test_what_the_user_got_wrong_is_said_before_anything_runs(here, name, message):
    with pytest.raises(AdambenchError, match=message) as caught:
        adambench.run("noisy.yaml", optimizers=[name])
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_ranges_make_several(here):
    found = rows("noisy.yaml", "mine.Descent:lr=0.01/0.1", seeds=1)
    assert [row["optimizer"] for row in found] == ["mine.Descent:lr=0.01", "mine.Descent:lr=0.1"]


def test_its_iterates_can_be_traced(here):
    from adambench.cli import cli

    found = []
    for optimizer in ("sgd:lr=0.05", "mine.Descent:lr=0.05"):
        arguments = ["trace", "noisy.yaml", "--optimizer", optimizer, "--at", "0,1,10,60", "--json"]
        document = json.loads(CliRunner().invoke(cli, arguments).stdout)
        found.append([(step["step"], step["loss"], step["x"]) for step in document["steps"]])
    assert found[0] == found[1]
    assert [step for step, _, _ in found[0]] == [0, 1, 10, 60]

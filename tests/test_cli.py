"""The command line as a user types it, in this process: what each command prints, refuses and ends with."""

from __future__ import annotations

import io
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import adambench
from adambench import cli
from adambench.cli import COMMANDS, exit_code
from adambench.configuration import find_dialect, find_optimizer
from adambench.functions import all_functions
from adambench.optimizer import EXTRAS
from adambench.optimizers import all_optimizers
from adambench.problem import bundled_problems, bundled_suites, load, load_all
from adambench.render import format_names
from adambench.report import Report

PROBLEM = """\
name: valley
function: rosenbrock
dimension: 2
start: [-1.2, 1.0]
budget: 800
targets: [1e-1, 1e-2]
optimizers: [adam, "adam:lr=0.01", "sgd:lr=1e-3"]
"""


@pytest.fixture
def call(capsys):
    """call(argument, ...): exit code, standard output, standard error."""

    def call(*arguments):
        code = exit_code([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def valley(tmp_path):
    path = tmp_path / "valley.yaml"
    path.write_text(PROBLEM)
    return path


def strict(text):
    def refuse(token):
        raise ValueError(f"{token} is no JSON")

    return json.loads(text, parse_constant=refuse)


def without_times(report):
    for key in ("environment", "command", "timing"):
        del report[key]
    for row in report["results"]:
        del row["cost"]["seconds"], row["cost"]["ns_per_step"]
    return report


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_every_command_says_what_it_is_for(call, words, flag):
    code, out, err = call(*words, flag)
    assert (code, err) == (0, "")
    assert out.startswith(" ".join(["Usage: adambench", *words]))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_is_explained(name):
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command.help
    assert cli.SUMMARIES[name]
    unexplained = [option.opts for option in command.params if isinstance(option, click.Option) and not option.help]
    assert not unexplained


def test_the_commands_are_those_of_the_interface(call):
    promised = {"run", "compare", "trace", "list", "show", "new", "validate", "speed", "schema", "info"}
    assert promised <= set(COMMANDS)
    assert re.findall(r"^  (\w+)  ", call("--help")[1].split("Commands:")[1], re.M) == list(COMMANDS)
    assert call("--version")[:2] == (0, f"adambench, version {adambench.__version__}\n")


MISTAKES = {
    "rnu": "did you mean run?",
    "run --jsno rosenbrock-2d": "--json",
    "run": "PROBLEM",
    "run rosenbrok-2d": "did you mean rosenbrock-2d?",
    "run no-such-folder/rosenbrok-2d.yaml": "did you mean rosenbrock-2d?",
    "compare cor": "did you mean core?",
    "run rosenbrock-2d --optimizers adamm": "did you mean adam?",
    "run rosenbrock-2d --optimizers os.path": "os.path is no optimizer but a module: expected a ",
    "run rosenbrock-2d --optimizers adam@kears": "did you mean keras?",
    "run rosenbrock-2d --optimizers adam:bata1=0.5": "did you mean beta1?",
    "run rosenbrock-2d --optimizers adam:lr=banana": "lr: expected a number from 0, got 'banana'",
    "run rosenbrock-2d --optimizers sgd:lr=-1": "lr: expected a number from 0, got '-1'",
    "run rosenbrock-2d --optimizers ,": "expected the names of optimizers",
    "run rosenbrock-2d --optimizers=": "expected the names of optimizers",
    "run rosenbrock-2d --targets 1e-3,2": "--targets: expected numbers between 0 and 1",
    "run rosenbrock-2d --targets nan": "--targets",
    "run rosenbrock-2d --targets=": "--targets",
    "run rosenbrock-2d --timeout inf": "--timeout",
    "run rosenbrock-2d --timeout nan": "--timeout",
    "run rosenbrock-2d --timeout 0": "--timeout",
    "run rosenbrock-2d --budget -5": "--budget",
    "run rosenbrock-2d --seeds 0": "--seeds",
    "run rosenbrock-2d --jobs 0": "--jobs",
    "run rosenbrock-2d --format jsn": "'json'",
    "run rosenbrock-2d --precision float16": "'float32'",
    "list optimzers": "'optimizers'",
    "show adm": "did you mean adam?",
    "show adam@kears": "did you mean keras?",
    "show --yaml rosenbrok-2d": "did you mean rosenbrock-2d?",
    "schema reports": "'report'",
    "trace rosenbrock-2d": "--optimizer",
    "trace rosenbrock-2d --optimizer adm": "did you mean adam?",
    "trace rosenbrock-2d --optimizer adam:lr=0.1/0.2": "takes one optimizer",
    "trace core --optimizer adam": "takes one problem",
    "trace rosenbrock-2d --optimizer adam --at 1,x": "--at: expected whole numbers",
    "trace rosenbrock-2d --optimizer adam --at 20001": "0 to the budget of 20,000",
    "validate rosenbrok-2d": "did you mean rosenbrock-2d?",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_message_with_the_nearest_name(call, line):
    code, out, err = call(*line.split())
    assert (code, out) == (2, "")
    assert MISTAKES[line] in err
    assert "Traceback" not in err
    assert len(re.findall("error: ", err, re.I)) == 1


def test_what_measures_nothing_imports_nothing_heavy(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nfunction: spher\n")
    lines = [["--help"], ["--version"], ["run", "--help"], ["compare", "-h"], ["list", "--help"], ["run", str(bad)]]
    lines += [["list", kind] for kind in ("optimizers", "problems", "functions", "dialects", "formats")]
    lines += [["show", name] for name in ("adam@keras", "rosenbrock", "sparse-logistic")]
    lines += [["run", "rosenbrock-2d", "--optimizers", "adm"], ["run", "rosenbrock-2d", "--dry-run"], ["rnu"]]
    probe = (
        "import sys\nfrom adambench.cli import exit_code\n"
        f"for line in {lines!r}:\n"
        "    exit_code(line)\n"
        "    heavy = {'numba', 'scipy', 'rich'} & set(sys.modules)\n"
        "    assert not heavy, (line, heavy)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr[-500:]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("optimizers", lambda: list(all_optimizers())),
        ("functions", lambda: list(all_functions())),
        ("problems", lambda: list(bundled_problems())),
        ("formats", format_names),
        ("dialects", lambda: [f"{o.name}@{d.name}" for o in all_optimizers().values() for d in o.dialects]),
    ],
)
def test_lists_are_bare_names_one_a_line(call, kind, names):
    code, out, err = call("list", kind)
    assert (code, err, out) == (0, "", "".join(f"{name}\n" for name in names()))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.@_-]*", line) for line in out.splitlines())
    longer = call("list", kind, "--long")[1].splitlines()
    assert [line.split()[0] for line in longer] == out.split()
    assert all(len(line.split()) > 1 for line in longer)


@pytest.mark.parametrize("name", all_optimizers())
def test_show_tells_all_of_an_optimizer(call, name):
    optimizer = find_optimizer(name)
    code, out, _ = call("show", name)
    assert code == 0
    assert optimizer.source in out
    table = out.split("dialects, and what differs between them")[1]
    assert re.findall(r"^    (\S+)", table.split("\n\n")[0], re.M) == ["dialect", *(d.name for d in optimizer.dialects)]
    for flag in optimizer.choices:
        differing = {d.flags.get(flag.name) for d in optimizer.dialects if shows(d, flag)}
        assert [words in out for words in map(flag.words.get, differing)] == [len(differing) > 1] * len(differing), flag
    for dialect in optimizer.dialects:
        code, alone, _ = call("show", f"{name}@{dialect.name}")
        assert code == 0
        assert dialect.library in alone
        assert dialect.source in alone
        assert all(flag.words[dialect.flags[flag.name]] in alone for flag in optimizer.choices if shows(dialect, flag))
        shown = set(re.findall(r"^    (\w+) ", alone.split("hyperparameters\n")[1].split("\n\n")[0], re.M))
        assert shown == {*find_dialect(optimizer, dialect.name).defaults, *(h.name for h in EXTRAS)}


def shows(dialect, flag):
    """A dialect without weight decay has no choice of it."""
    return flag.name in dialect.flags and (flag.name != "decay" or "weight_decay" in dialect.defaults)


@pytest.mark.parametrize("name", all_functions())
def test_show_tells_all_of_a_function(call, name):
    function = all_functions()[name]
    code, out, _ = call("show", name)
    assert code == 0
    assert all(text in out for text in (function.summary, function.formula.splitlines()[0], function.source))
    assert all(parameter.meaning in out for parameter in function.parameters)


@pytest.mark.parametrize("name", bundled_problems())
def test_show_prints_a_problem_as_a_file_to_edit(call, tmp_path, name):
    code, out, _ = call("show", "--yaml", name)
    (tmp_path / "edited.yaml").write_text(out)
    assert code == 0
    pairs = zip(load_all([str(tmp_path / "edited.yaml")]), load_all([name]), strict=True)
    for edited, original in pairs:
        for what in ("name", "hash", "optimizers", "seeds", "targets"):
            assert getattr(edited, what) == getattr(original, what)
    line, *_ = re.findall(r"^# (tuning: .*)$", out, re.M)
    (tmp_path / "tuned.yaml").write_text(f"{out}{line}\n")
    assert all(problem.tuning.trials == 32 for problem in load_all([str(tmp_path / "tuned.yaml")]))


def test_new_writes_a_problem_that_runs_and_never_overwrites_one(call, tmp_path):
    path = tmp_path / "mine.yaml"
    code, out, err = call("new", path)
    assert (code, out) == (0, "")
    assert f"adambench run {path}" in err
    assert load(path).name == "mine"
    assert call("validate", path)[0] == 0
    code, out, _ = call("run", path, "--budget", "20", "--json")
    assert code == 0
    assert len(strict(out)["results"]) == len(load(path).optimizers)
    path.write_text("precious")
    code, out, err = call("new", path)
    assert (code, out, path.read_text()) == (2, "", "precious")
    assert "exists already" in err
    assert os.listdir(tmp_path) == ["mine.yaml"]
    assert call("new", "-")[1].startswith("# A problem for adambench")


def test_a_dry_run_says_what_would_run_and_runs_nothing(call, valley, tmp_path):
    never = tmp_path / "out.json"
    arguments = ("run", valley, "--dry-run", "--budget", 10**12, "--seeds", 1000, "-o", never, "--precision", "float32")
    code, out, err = call(*arguments)
    assert (code, err, never.exists()) == (0, "", False)
    for part in ("valley", "3 optimizers x 1000 seeds", "adam, adam:lr=0.01, sgd\n", "float32"):
        assert part in out
    assert f"{3 * 1000 * 10**12:,}" in out


def test_each_format_is_written_to_a_file_or_to_standard_output(call, valley, tmp_path):
    for form in format_names():
        place = tmp_path / f"out.{form}"
        code, out, err = call("run", valley, "--format", form)
        assert (code, err) == (0, "")
        assert out.endswith("\n")
        assert "adam:lr=0.01" in out
        assert call("run", valley, "-f", form, "-o", place) == (0, "", "")
        assert len(place.read_text().splitlines()) == len(out.splitlines())
    same = [["--json"], ["--format", "json"], ["--json", "-o", "-"], ["--json", "--quiet", "--no-progress", "-j", "1"]]
    reports = [without_times(strict(call("run", valley, *options)[1])) for options in same]
    reports.append(without_times(strict((tmp_path / "out.json").read_text())))
    assert all(report == reports[0] for report in reports)


def test_options_override_the_file(call, valley):
    options = ("--optimizers", "sgd:lr=1e-4,nadam", "--seeds", 2, "--budget", 30, "--targets", "0.5,0.5,1e-4")
    report = strict(call("run", valley, *options, "--precision", "float32", "--json")[1])
    assert [row["optimizer"] for row in report["results"]] == ["sgd:lr=0.0001", "nadam"]
    assert all(row["trials"] == 2 and row["cost"]["evaluations"] == 60 for row in report["results"])
    assert [target["value"] for target in report["problems"][0]["targets"]] == [0.5, 1e-4]
    assert report["settings"]["precision"] == "float32"
    stopped = strict(call("run", valley, "--targets", "0.9", "--stop-at-target", "--allow-invalid", "--json")[1])
    for row in stopped["results"]:
        assert [row["seeds"][0]["stopped"]["evaluation"]] == row["seeds"][0]["hits"]


def test_problems_come_from_a_file_a_folder_a_suite_or_standard_input(call, valley, tmp_path, monkeypatch):
    def names(*arguments):
        code, out, err = call("run", *arguments, "--optimizers", "sgd", "--budget", "1", "--seeds", "1", "--json")
        assert (code, err) == (0, "")
        return [problem["name"] for problem in strict(out)["problems"]]

    (tmp_path / "hill.yml").write_text(PROBLEM.replace("valley", "hill"))
    assert names(tmp_path) == ["hill", "valley"]
    assert names(valley, "rosenbrock-2d", valley) == ["valley", "rosenbrock-2d"]
    assert names("classic") == list(bundled_suites()["classic"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PROBLEM.encode())))
    assert names("-") == ["valley"]
    (tmp_path / "again.yaml").write_text(PROBLEM)
    code, out, err = call("run", tmp_path)
    assert (code, out) == (2, "")
    assert "two problems are called valley" in err


REQUIRED = "require:\n  - {{optimizer: 'adam:lr=0.01', target: 1e-1, within: {within}}}\n"


@pytest.mark.parametrize(("within", "code"), [(735, 0), (734, 1)])
def test_a_requirement_decides_the_exit_code_and_stands_under_the_table(call, valley, within, code):
    valley.write_text(PROBLEM + REQUIRED.format(within=within))
    found, out, _ = call("run", valley)
    line = next(line for line in out.splitlines() if "met: " in line)
    assert found == code
    assert ("unmet: " in line) == bool(code)
    assert "adam:lr=0.01" in line
    assert f"{within}" in line
    found, out, _ = call("run", valley, "--json")
    assert (found, [entry["met"] for entry in strict(out)["requirements"]]) == (code, [code == 0])
    found, _, said = call("run", valley, "--optimizers", "sgd:lr=1e-3")  # not asked of who was left out: nothing held
    assert found == 1
    assert "not asked" in said


@pytest.mark.parametrize(("name", "expected"), [("reached", 0), ("diverged", 0), ("error", 4), ("skipped", 4)])
def test_nothing_measured_is_exit_code_4(name, expected):
    outcomes = dict.fromkeys(("reached", "budget", "stalled", "diverged", "timeout", "error", "skipped"), 0)
    assert Report({"results": [{"trials": 3, "outcomes": {**outcomes, name: 3}}]}).exit_code == expected
    assert Report({"results": []}).exit_code == 4


FIT = "name: fit\nmodel: logistic\ndata: {file: %s}\n"
BAD = {
    "alias": (PROBLEM.replace("[1e-1, 1e-2]", "&a [1e-1]"), "anchor"),
    "python tag": (PROBLEM.replace("valley", "!!python/object/apply:os.getcwd []"), "tag"),
    "2 MiB": (PROBLEM + "#" * 2**21, "1,048,576 bytes"),
    "empty": ("", "empty"),
    "tab": ("name: x\n\tfunction: sphere\n", "tab"),
    "duplicate key": (PROBLEM + "budget: 4\n", "budget"),
    "deep": ("a: " + "[" * 10_000, "32 levels"),
    "dotted optimizer": (PROBLEM.replace("[adam,", "[os.system,"), "os.system"),
    "negative budget": (PROBLEM.replace("800", "-5"), "budget: expected"),
    "long start": (PROBLEM.replace("1.0]", "1.0, 1.0]"), "start: expected"),
    "data outside the folder": (FIT % "../rows.svm", "../rows.svm"),
    "a bad line": (FIT % "bad.svm", "bad.svm:3: "),
    "an index of 2^31": (FIT % "wide.svm", "wide.svm:2: "),
    "a value that is not finite": (FIT % "nan.svm", "nan.svm:2: "),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_message_before_anything_runs(call, tmp_path, name):
    text, word = BAD[name]
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    (tmp_path / "bad.svm").write_text("1 1:1\n-1 2:1\n1 2:1 1:1\n")
    (tmp_path / "wide.svm").write_text("1 1:1\n-1 2147483648:1\n")
    (tmp_path / "nan.svm").write_text("1 1:1\n-1 2:nan\n")
    code, out, err = call("run", path, "--json")
    assert (code, out) == (2, "")
    assert "bad.yaml" in err
    assert word.lower() in err.lower()
    assert "Traceback" not in err
    assert len(re.findall("error: ", err)) == 1


def test_an_error_has_its_place_and_those_of_two_files_are_both_said(call, tmp_path):
    (tmp_path / "one.yaml").write_text(PROBLEM.replace("dimension: 2", "dimension: two"))
    (tmp_path / "two.yaml").write_text(PROBLEM.replace("rosenbrock", "rosenbrok"))
    code, out, err = call("run", tmp_path)
    assert (code, out) == (2, "")
    assert f"{tmp_path / 'one.yaml'}:3:12: error: dimension: expected" in err
    assert f"{tmp_path / 'two.yaml'}:2:11: error: function: " in err
    assert "did you mean rosenbrock" in err


def test_trace_follows_the_trial_that_run_reports(call, valley, tmp_path):
    at = "0,1,2,800"
    code, out, err = call("trace", valley, "--optimizer", "sgd:lr=1e-4", "--at", at, "--json")
    traced = strict(out)
    assert (code, err) == (0, "")
    assert {key: traced[key] for key in ("schema", "problem", "optimizer")} == {
        "schema": "adambench/trace/1",
        "problem": "valley",
        "optimizer": "sgd:lr=0.0001",
    }
    assert [step["step"] for step in traced["steps"]] == [0, 1, 2, 800]
    assert traced["steps"][0] == {"step": 0, "loss": 24.199999999999996, "x": [-1.2, 1.0]}
    assert traced["steps"][1]["x"] == pytest.approx([-1.17844, 1.0088], rel=1e-14)  # by hand
    row = strict(call("run", valley, "--optimizers", "sgd:lr=1e-4", "--json")[1])["results"][0]
    assert row["final_loss"]["median"] == traced["steps"][3]["loss"]
    for step in traced["steps"]:
        if step["step"] in row["curve"]["evaluations"]:
            assert step["loss"] == row["curve"]["median"][row["curve"]["evaluations"].index(step["step"])]
    place = tmp_path / "trace.txt"
    assert call("trace", valley, "--optimizer", "adam", "-o", place)[:2] == (0, "")
    assert [line.split()[0] for line in place.read_text().splitlines()] == ["step", "0", "1", "2", "5", "10", "100"]


def test_trace_of_what_diverges_stays_where_it_ended(call, valley):
    out = call("trace", valley, "--optimizer", "sgd:lr=1", "--at", "2,3,4,5,700,800", "--json")[1]
    steps = strict(out)["steps"]
    seed = strict(call("run", valley, "--optimizers", "sgd:lr=1", "--json")[1])["results"][0]["seeds"][0]
    ended = seed["stopped"]["evaluation"]
    assert seed["outcome"] == "diverged"
    assert 2 < ended < 700
    assert [step["loss"] is None for step in steps] == [step["step"] >= ended for step in steps]
    (last,) = {tuple(step["x"]) for step in steps if step["step"] >= ended}
    assert all(map(math.isfinite, last))


def test_info_names_versions_and_the_cache_folder(call):
    code, out, _ = call("info")
    assert code == 0
    assert {"adambench", "python", "numpy", "numba", "platform", "processor", "kernel"} <= {
        line.split()[0] for line in out.splitlines()
    }
    assert str(Path(os.environ["XDG_CACHE_HOME"])) in out

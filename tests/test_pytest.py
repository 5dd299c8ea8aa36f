"""The pytest plug-in, in pytest runs of their own: in this process, but where workers, plug-ins or imports matter."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adambench.analysis.parting import parting
from adambench.cli import exit_code
from adambench.complaint import departure, error, trouble
from adambench.outcome import OUTCOMES
from adambench.problem import read_all
from adambench.pytest.asked import title
from adambench.render import all_formats

pytest_plugins = "pytester"

VALLEY = """\
name: valley
function: rosenbrock
dimension: 2
budget: 3000
optimizers: [adam:lr=0.01, sgd]
require:
  - {optimizer: adam:lr=0.01, target: 1e-1, within: 3000}
  - {optimizer: adam:lr=0.01, target: 1e-3, within: 9}
  - {optimizer: sgd, target: 1e-1, within: 9, advisory: true}
"""
BARE = """\
name: bare
function: rosenbrock
dimension: 2
budget: 300
optimizers: [adam, sgd:lr=1, muon:lr=0.1]
"""
MET = "valley.adambench.yaml::valley::adam:lr=0.01::target 1e-1 within 3000"
UNMET = "valley.adambench.yaml::valley::adam:lr=0.01::target 1e-3 within 9"
ADVISORY = "valley.adambench.yaml::valley::sgd::target 1e-1 within 9"
RUNS = "valley.adambench.yaml::valley::sgd::runs"

BALL = """\
name: ball
function: sphere
dimension: 1
start: [1.0]
budget: 50
optimizers: [plain]
require:
  - {optimizer: plain, target: 1e-3, within: 20}
"""
RIVALS = """\
name: rivals
function: sphere
dimension: 2
budget: 3000
targets: [1e-1]
optimizers: [adam:lr=0.1, sgd]
require:
  - {optimizer: adam:lr=0.1, faster_than: {optimizer: sgd, by: 2}, target: 1e-1}
"""
COMPANY = """\
name: company
expression: "sum((x - 3)**2)"
dimension: 2
start: [0.0]
budget: 200
targets: [1e-1]
optimizers: [adam, adam:lr=0.1]
require:
  - {optimizer: adam, target: 1e-1}
"""
OPTIMIZER = """\
from adambench.decay import COUPLED
from adambench.hyperparameter import LR
from adambench.optimizer import Dialect, Optimizer


def coefficients(flags):
    return lambda hyper, t, carry: ((FACTOR * hyper[0],), carry)


def rule(flags):
    def plain(gradient, x, state, coefficients):
        (lr,) = coefficients
        return x - lr * gradient, ()

    return plain


OPTIMIZER = Optimizer(
    name="plain",
    summary="gradient descent",
    formula=lambda flags: "x = x - lr g",
    source="this test",
    hyperparameters=(LR,),
    dialects=(
        Dialect(
            name="mine",
            defaults={"lr": 0.125, "weight_decay": 0.0},
            flags={"decay": COUPLED, "single_rate": False},
            library="this file",
            source="plain.py",
        ),
    ),
    coefficients=coefficients,
    rule=rule,
    slots=lambda flags: (),
)
"""


@pytest.fixture(scope="module", autouse=True)
def imported():
    """pytester forgets what an inner run imports, and compiled modules load but once: a run before any of them."""
    import scipy.stats  # noqa: F401

    from adambench.api import run

    all_formats()
    for text in (RIVALS, COMPANY):
        assert str(run(read_all(text, "p", None), budget=10))


@pytest.fixture
def written(pytester):
    """written(name=text, ...): problem files, and a pytest run in their folder; `apart`: in a process of its own."""

    def written(*arguments, apart=False, **files):
        from adambench.pytest.memory import saved

        saved.cache_clear()  # of what another session has read
        for name, text in files.items():
            (pytester.path / f"{name}.adambench.yaml").write_text(text)
        run = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        return run("-W", "error", "--strict-markers", *arguments)

    return written


def command(*words):
    """What adambench prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exit_code([*words, "--no-progress"])
    return out.getvalue()


def ids(result):
    """The outcome of each item by its node id, from -v or -rA."""
    return {
        found[2]: found[1]
        for line in result.outlines
        if (found := re.match(r"(PASSED|FAILED|SKIPPED|ERROR) (.+?\.yaml::.+?)(?: - .*)?$", line))
    }


def test_an_item_a_requirement_and_a_failure_shows_the_row(written):
    result = written("-rA", valley=VALLEY)
    result.assert_outcomes(passed=3, failed=1)
    assert ids(result) == {MET: "PASSED", UNMET: "FAILED", ADVISORY: "PASSED", RUNS: "PASSED"}
    text = result.stdout.str()
    said = "unmet: valley: adam:lr=0.01 reaches 1e-3 within 9 steps in 100% of trials: 0 of 1 trials within 9 steps"
    assert said in text
    assert "Traceback" not in text
    assert "adambench/" not in text  # no line of ours
    assert "nothing to compare with" in text
    # The row is what `run` prints of it, but for its time.
    printed = command("run", "valley.adambench.yaml", "--optimizers", "adam:lr=0.01")
    (row,) = [line for line in printed.splitlines() if line.startswith("adam:lr=0.01  ")]
    assert re.split(r"  +\d[\d.]* [nu]s", row)[0] in text
    # An advisory requirement passes, and is told of.
    said = text[text.index("adambench: unmet, advisory") :]
    assert "valley: sgd reaches 1e-1 within 9 steps" in said


def test_a_file_that_requires_nothing_asks_that_its_optimizers_run(written):
    result = written("-rA", bare=BARE)
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    text = result.stdout.str()
    assert "bare: sgd:lr=1: every trial diverged" in text
    assert "muon works on matrices" in text


MUON, ADAM = "optimizers: [muon:lr=0.1]\n", "optimizers: [adam]\n"


def test_a_file_of_which_nothing_was_measured_fails(written):
    """Muon works on matrices, and is skipped elsewhere."""
    only = BARE.replace("optimizers: [adam, sgd:lr=1, muon:lr=0.1]\n", MUON)
    result = written("-rA", only=only)
    result.assert_outcomes(failed=1)
    assert "bare: muon:lr=0.1: nothing was measured" in result.stdout.str()
    result = written("-k", "muon", bare=BARE)  # another optimizer of its file is measured, though not selected
    result.assert_outcomes(failed=1, skipped=1, deselected=2)
    swept = only.replace("dimension: 2", "dimension: {sweep: [2, 3]}")
    written("-k", "swept", swept=swept).assert_outcomes(failed=2, deselected=4)


def fixture_says(written, pytester, **files):
    """The messages of the fixture's check of each of these files, '' where it passes."""
    (pytester.path / "test_all.py").write_text(
        "import pytest\n@pytest.mark.parametrize('name', [{}])\ndef test_it(adambench, name):\n"
        "    adambench.check(f'{{name}}.adambench.yaml')\n".format(", ".join(map(repr, files)))
    )
    return written("-rA", "test_all.py", **files)


DIVERGING = {"sgd:lr=1": "FAILED"}


@pytest.mark.parametrize(
    ("entry", "items"),
    [
        ("{optimizer: adam, final_loss: 1e9}", {"adam::final_loss 1000000000": "PASSED"} | DIVERGING),
        (
            "{optimizer: adam, final_loss: 1e9, advisory: true}",
            {"adam::final_loss 1000000000": "PASSED", "adam::runs": "PASSED"} | DIVERGING,
        ),
        (
            "{optimizer: sgd:lr=1, final_loss: 1e9, advisory: true}",
            {"adam": "PASSED", "sgd:lr=1::final_loss 1000000000": "PASSED", "sgd:lr=1::runs": "FAILED"},
        ),
        (
            "{outcome: [budget, diverged]}",
            {f"{name}::outcome budget|diverged": "PASSED" for name in ("adam", "sgd:lr=1")},
        ),
    ],
)
def test_every_optimizer_of_a_file_is_held_to_something_by_items_and_fixture_alike(written, pytester, entry, items):
    """Gradient descent diverges at that rate: unless an entry that counts allows it, that is a failure."""
    text = BARE.replace(", muon:lr=0.1", "") + f"require:\n  - {entry}\n"
    result = written("-rA", part=text)
    assert ids(result) == {f"part.adambench.yaml::bare::{name}": word for name, word in items.items()}
    again = fixture_says(written, pytester, part=text)
    diverged = "FAILED" in items.values()
    assert [("every trial diverged" in found.stdout.str()) for found in (result, again)] == [diverged] * 2
    again.assert_outcomes(**{"failed" if diverged else "passed": 1})


def test_an_advisory_entry_on_what_was_not_measured_is_no_pass(written):
    """Muon works on matrices, and is skipped elsewhere."""
    asked = "require:\n  - {optimizer: muon:lr=0.1, target: 1e-1, advisory: true}\n"
    result = written("-rA", only=BARE.replace("optimizers: [adam, sgd:lr=1, muon:lr=0.1]\n", MUON) + asked)
    result.assert_outcomes(failed=2)
    assert "bare: muon:lr=0.1: nothing was measured: muon works on matrices" in result.stdout.str()
    result = written("-k", "both and muon", both=BARE.replace("sgd:lr=1, ", "") + asked)
    result.assert_outcomes(skipped=2, deselected=3)  # since adam is measured


def test_what_a_failure_says_commands_nothing(written, pytester):
    """GitHub's runner obeys lines of a log."""
    written("-rA", bad="name: bad\n'##[add-mask]x': 1\n").stdout.no_fnmatch_line("*##[[]add-mask]x*")


def test_the_readme_selects_the_items_that_it_shows(written):
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    shown = re.search(r"### pytest\n.*?```\n(.*?)```", readme, re.S)[1].splitlines()
    keyword, marker = re.search(r"chosen by `-k (\S+)` or[^`]*`-m \"(.+?)\"`", readme).groups()
    wanted = [line.rpartition(" ")[0] for line in shown]
    assert all("::adam:" in line for line in wanted[:1])
    entries = (
        "optimizers: [adam:lr=0.01, adamw:lr=0.01, sgd]\ntargets: [1e-1, 1e-3]\nrequire:\n"
        "  - {optimizer: adam:lr=0.01, target: 1e-3, within: 9000}\n  - {optimizer: sgd, target: 1e-1}\n"
        "  - {optimizer: adamw:lr=0.01, target: 1e-1}\n"
    )
    text = VALLEY.split("optimizers")[0].replace("budget: 3000", "budget: 9000") + entries
    for selection in (["-k", keyword], ["-m", marker]):
        result = written("--collect-only", "-q", *selection, valley=text)
        assert [line for line in result.outlines if "::" in line] == wanted[:1]


def test_who_else_has_to_run_does(written):
    """An optimizer to be faster than; and, where targets refer to the best loss of the run, all: alone, adam would be
    the best."""
    result = written(rivals=RIVALS, company=COMPANY)
    result.assert_outcomes(passed=3, failed=1)
    assert "unmet: company: adam reaches 1e-1 in 100% of trials: 0 of 1 trials" in result.stdout.str()


def test_what_is_wrong_in_a_file_is_a_collection_error_with_its_places(written):
    result = written(bad="name: bad\nfunction: rosenbrok\nbudget: many\n", bare=BARE)
    result.assert_outcomes(errors=1)
    text = result.stdout.str()
    assert "bad.adambench.yaml:2:11: error: function: expected one of" in text
    assert "bad.adambench.yaml:3:9: error: budget: expected a whole number" in text
    assert "reader.py" not in text


def test_items_are_selected_as_any_others(written):
    def collected(*arguments):
        result = written("--collect-only", "-q", *arguments, valley=VALLEY, bare=BARE)
        return [line for line in result.outlines if "::" in line]

    bare = [f"bare.adambench.yaml::bare::{optimizer}" for optimizer in ("adam", "sgd:lr=1", "muon:lr=0.1")]
    assert collected() == [*bare, MET, UNMET, ADVISORY, RUNS]
    assert collected("-k", "::sgd:") == [bare[1], ADVISORY, RUNS]
    assert collected("-k", "bare and not muon") == bare[:2]
    assert collected("-m", "adambench(optimizer='sgd')") == [ADVISORY, RUNS]
    written("-x", UNMET, MET, ADVISORY).assert_outcomes(failed=1)


def test_workers_and_junit_say_the_same(written, pytester):
    place = pytester.path / "junit.xml"
    for distribution in ("loadgroup", "load"):
        result = written("-n", "2", "--dist", distribution, f"--junitxml={place}", apart=True, valley=VALLEY, bare=BARE)
        result.assert_outcomes(passed=4, failed=2, skipped=1)
        cases = {
            f"{case.get('classname')}.{case.get('name')}": case for case in ElementTree.parse(place).iter("testcase")
        }
        assert len(cases) == 7
        failed = [name for name, case in cases.items() if case.find("failure") is not None]
        assert len(failed) == 2
        (unmet,) = [case for name, case in cases.items() if name.partition("@")[0].endswith(".target 1e-3 within 9")]
        assert unmet.find("failure").text.startswith("unmet: valley: adam:lr=0.01 reaches 1e-3")
        assert "adambench: unmet, advisory" in result.stdout.str()


def test_the_first_difference_is_from_the_last_run_that_passed(written, pytester):
    """Gradient descent on x^2, its gradient 2 x: x falls to 3/4 a step, and to 7/8 where the step is half as long."""
    pytester.makeconftest("import adambench\nadambench.load_plugin('plain.py')\n")
    mine = pytester.path / "plain.py"
    mine.write_text("FACTOR = 1.0\n" + OPTIMIZER)
    written(ball=BALL, apart=True).assert_outcomes(passed=1)
    mine.write_text("FACTOR = 0.5\n" + OPTIMIZER)
    result = written(apart=True)
    result.assert_outcomes(failed=1)
    losses = f"is {(7 / 8) ** 2:.3g}, was {(3 / 4) ** 2:.3g}"
    said = f"first difference from the last run that passed: after 1 evaluation the median loss {losses}"
    assert said in result.stdout.str()
    assert said in written(apart=True).stdout.str()  # a failure is not kept


def test_the_first_difference_is_from_the_baseline(written, pytester):
    (pytester.path / "valley.adambench.yaml").write_text(VALLEY)
    document = json.loads(command("run", "valley.adambench.yaml", "--json"))
    (row,) = [row for row in document["results"] if row["optimizer"] == "adam:lr=0.01"]
    place = row["curve"]["evaluations"].index(8)
    row["curve"]["median"][place] *= 2
    now, before = row["curve"]["median"][place] / 2, row["curve"]["median"][place]
    baseline = pytester.path / "main.json"
    baseline.write_text(json.dumps(document))
    said = f"first difference from main.json: after 8 evaluations the median loss is {now:.3g}, was {before:.3g}"
    assert said in written("--adambench-baseline", "main.json").stdout.str()
    pytester.makeini("[pytest]\nadambench_baseline = main.json\n")
    assert said in written().stdout.str()


@pytest.mark.parametrize("text", [None, "", "[", '{"schema": "adambench/report/1", "results": []', "[]"])
def test_a_baseline_that_is_no_report_is_wrong_usage_before_anything_runs(text, written, pytester):
    if text is not None:
        (pytester.path / "main.json").write_text(text)
    result = written("--adambench-baseline", "main.json", valley=VALLEY)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--adambench-baseline: expected a report" in result.stderr.str()
    assert "main.json" in result.stderr.str()
    assert "passed" not in result.stdout.str()


def test_the_fixture_runs_and_checks(written, pytester):
    folder = pytester.mkdir("inner")
    (folder / "p.yaml").write_text(VALLEY)
    (folder / "good.yaml").write_text("\n".join(line for line in VALLEY.split("\n") if "1e-3" not in line))
    (folder / "test_it.py").write_text(
        "import adambench\n"
        "def test_good(adambench):\n"
        "    report = adambench('good.yaml', optimizers='adam:lr=0.01', seeds=1)\n"
        "    assert [row['trials'] for row in report.to_dict()['results']] == [1]\n"
        "    assert adambench.check(report) is report\n"
        "def test_unmet(adambench):\n"
        "    adambench.check('p.yaml')\n"
        "def test_diverged(adambench):\n"
        "    adambench.check('rosenbrock-2d', optimizers='adam,sgd:lr=1', budget=300)\n"
        "def test_nothing_asked(adambench):\n"
        "    adambench.check('p.yaml', optimizers='lion')\n"
        "def test_missing(adambench):\n"
        "    adambench('q.yaml')\n"
        "def test_the_module_is_still_there(adambench):\n"
        "    assert adambench.load('rosenbrock-2d').dimension == 2\n"
    )
    result = written("-rA")
    result.assert_outcomes(passed=2, failed=4)
    text = result.stdout.str()
    assert "3 requirements were not asked" in text
    assert "of valley, none that counts was" in text
    assert "unmet: valley: adam:lr=0.01 reaches 1e-3 within 9 steps" in text
    assert "rosenbrock-2d: sgd:lr=1: every trial diverged" in text
    assert "rosenbrock-2d: adam:" not in text
    assert "q.yaml: no such file" in text


def test_pytest_pays_for_nothing_until_there_is_a_problem():
    loaded = (
        "import sys; import adambench.pytest; print([m for m in ('numba', 'numpy', 'scipy', 'rich', 'yaml', 'click') "
        "if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True).strip() == "[]"


def test_collection_compiles_nothing(written, pytester):
    pytester.makeconftest(
        "import sys\ndef pytest_collection_finish(session):\n"
        "    assert len(session.items) == 4 and 'numba' not in sys.modules\n"
    )
    assert written("--collect-only", apart=True, valley=VALLEY).ret == 0


def test_titles_tell_requirements_apart():
    text = (
        "name: p\nfunction: sphere\ndimension: 2\noptimizers: [adam, sgd]\ntargets: [1e-3, {loss: 0.4}]\nrequire:\n"
        "  - {optimizer: adam, target: {loss: 0.4}, success_rate: 0.9}\n"
        "  - {optimizer: adam, faster_than: {optimizer: sgd, by: 1.5}, target: 1e-3}\n"
        "  - {optimizer: adam, final_loss: 1e-6}\n"
        "  - {optimizer: adam, outcome: [reached, budget]}\n"
        "  - {optimizer: adam, time_per_step: 200ns}\n"
        "  - {optimizer: adam, time_per_step: 1234.5}\n"
        "  - {optimizer: adam, time_per_step: 1230.4}\n"
        "  - {optimizer: adam, target: 1e-3, within: 9999, quantile: 0.123456789}\n"
    )
    (problem,) = read_all(text, "p", None)
    assert [title(asked) for asked in problem.require] == [
        "target loss 0.4 success_rate 0.9",
        "faster_than sgd by 1.5 target 1e-3",
        "final_loss 1e-6",
        "outcome reached|budget",
        "time_per_step 200ns",
        "time_per_step 1.2345us",
        "time_per_step 1230.4ns",  # 1.2304us is read as a little less
        "target 1e-3 within 9999 quantile 0.123456789",
    ]


def row(**outcomes):
    counts = {**dict.fromkeys(OUTCOMES, 0), **outcomes}
    seeds = [{"outcome": word, "stopped": {"cause": f"its {word}"}} for word, n in counts.items() for _ in range(n)]
    return {"trials": len(seeds), "outcomes": counts, "seeds": seeds}


def test_what_is_wrong_with_a_row_of_which_nothing_is_required():
    assert trouble(row(reached=1, budget=1, diverged=1)) == ""
    assert trouble(row(diverged=2)) == "every trial diverged"
    assert trouble(row(diverged=2, skipped=1)) == "every trial diverged"
    assert trouble(row(reached=9, error=1)) == error(row(reached=9, error=1))
    assert error(row(reached=9, error=1)) == "1 of 10 trials ended in error: its error"
    assert trouble(row(skipped=2)) == "nothing was measured: its skipped"
    assert trouble(row()) == "nothing was measured: no trial ran"
    assert error(row(reached=1, diverged=9)) == ""


def curve(*medians, evaluations=None):
    return {"evaluations": evaluations or list(range(len(medians))), "median": list(medians)}


def test_curves_part_where_the_first_loss_differs():
    assert parting(curve(3.0, 2.0, 1.0), curve(3.0, 2.0, 1.0)) is None
    assert parting(curve(3.0, 2.0, 1.0), curve(3.0, 2.5, 1.5)) == (1, 2.0, 2.5)
    assert parting(curve(3.0, None), curve(3.0, None)) is None
    assert parting(curve(3.0, None), curve(3.0, 2.0)) == (1, None, 2.0)
    assert parting(curve(3.0, 1.0, evaluations=[0, 2]), curve(3.0, 9.0, evaluations=[0, 1])) is None


def test_a_run_is_compared_only_with_one_like_it():
    run = {"hash": "a", "seeds": [0], "environment": {"cpu": "x", "numba": "1"}, "curve": curve(1.0, 0.5)}
    assert departure(run, None, "none is kept") == "nothing to compare with: none is kept"
    assert "its hash differs" in departure(run, {**run, "hash": "b"}, "main.json")
    assert "other seeds" in departure(run, {**run, "seeds": [1]}, "main.json")
    assert departure(run, run, "main.json").startswith("no difference from main.json")
    near = {**run, "curve": curve(1.0, 0.5 + 2**-40), "environment": {"cpu": "y", "numba": "1"}}
    said = departure(run, near, "main.json")
    assert "after 1 evaluation the median loss is 0.5, was 0.500000000001; another cpu" in said
    lost = departure({**run, "curve": curve(1.0, None)}, run, "main.json")
    assert "is not finite, was 0.5" in lost

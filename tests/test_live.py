"""Measuring two environments side by side: what is run, in which order, what of it is believed; and nothing stays."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from adambench.cli import exit_code
from adambench.errors import AdambenchError
from adambench.gate import live, side
from adambench.gate.live import race, turns
from adambench.gate.recorded import KEPT, Recorded, arguments, recorded
from adambench.gate.row import record
from adambench.gate.side import call, there
from adambench.gate.verdict import Terms, judge

PROBLEM = (
    "{name: bowl, function: sphere, dimension: 2, budget: 60, targets: [1e-1, 1e-2], optimizers: [adam:lr=0.3, sgd]}"
)


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """A real report of two rows, as `run --json` prints it."""
    import adambench

    file = tmp_path_factory.mktemp("live") / "bowl.yaml"
    file.write_text(PROBLEM)
    return adambench.run(str(file), seeds=4).to_json()


def paced(report, ns, seconds=1.0):
    """The report with this time per step in all its rows."""
    document = json.loads(report)
    for row in document["results"]:
        row["cost"] |= {"ns_per_step": ns, "seconds": seconds}
    return document


@pytest.fixture
def environment(tmp_path):
    """environment("name", body): a Python in which adambench, seemingly, is installed; asked to run, it does `body`."""

    def environment(name, body, probe="echo adambench /somewhere"):
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\ncase "$*" in\n*find_spec*) {probe} ;;\n*) {body} ;;\nesac\n')
        path.chmod(0o755)
        return str(path)

    return environment


@pytest.fixture
def printing(environment, tmp_path):
    """printing("name", document): one that prints this report, whatever it is asked to run, and keeps a log."""

    def printing(name, document):
        file = tmp_path / f"{name}.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return environment(name, f'echo "{name} $*" >> {tmp_path}/log; cat {file}')

    return printing


def log(folder):
    return (folder / "log").read_text().splitlines()


# --- Which side is run, and how


def test_rounds_take_turns_in_both_orders():
    assert list(turns(3)) == [(1, 0), (1, 1), (2, 1), (2, 0), (3, 0), (3, 1)]


def test_each_side_compiles_once_and_is_then_measured_in_turns(printing, report, tmp_path):
    sides = [there(printing(name, paced(report, ns))) for name, ns in (("old", 100.0), ("new", 130.0))]
    said = []
    found = race(*sides, arguments(["bowl.yaml"]), 3, 600.0, said.append)
    assert [line.split()[0] for line in log(tmp_path)] == ["new", "old", "old", "new", "new", "old", "old", "new"]
    assert len({line.split(" ", 1)[1] for line in log(tmp_path)}) == 1
    assert log(tmp_path)[0].endswith("-m adambench run --json --jobs=1 --no-progress -- bowl.yaml")
    assert len(said) == 8
    assert set(found.costs) == {("bowl", "adam:lr=0.3"), ("bowl", "sgd")}
    for before, after in found.costs.values():
        assert [cost["ns_per_step"] for cost in before] == [100.0] * 3
        assert [cost["ns_per_step"] for cost in after] == [130.0] * 3
    assert found.baseline == paced(report, 100.0)
    assert found.measured == paced(report, 130.0)
    assert any("compiling" in note for note in found.notes)
    assert not found.restless


def test_results_that_change_from_round_to_round_show_nothing(environment, printing, report, tmp_path):
    other = json.loads(report)
    other["results"][0]["seeds"][0]["fingerprint"] = "0" * len(other["results"][0]["seeds"][0]["fingerprint"])
    (tmp_path / "other.json").write_text(json.dumps(other))
    (tmp_path / "first.json").write_text(report)
    body = f"cat {tmp_path}/first.json; cp {tmp_path}/other.json {tmp_path}/first.json"
    found = race(there(environment("restless", body)), there(printing("calm", report)), [], 3, 600.0)
    assert found.restless == ((other["results"][0]["problem"], other["results"][0]["optimizer"]),)
    terms = Terms(costs=found.costs, restless=found.restless)
    verdict = judge(record(found.baseline), record(found.measured), terms, ("there", "here"))
    assert verdict["verdict"] == "inconclusive"
    assert [cell["status"] for cell in verdict["cells"]].count("undecided") == 1


def test_what_failed_has_failed_though_results_change(environment, printing, report, tmp_path):
    other = json.loads(report)
    for row in other["results"]:
        row["seeds"][0]["fingerprint"] = "0" * len(row["seeds"][0]["fingerprint"])
    (tmp_path / "other.json").write_text(json.dumps(other))
    (tmp_path / "first.json").write_text(report)
    body = f"cat {tmp_path}/first.json; cp {tmp_path}/other.json {tmp_path}/first.json"
    slower = later(report, 2)
    slower["results"][1] = json.loads(report)["results"][1]
    found = race(there(environment("restless", body)), there(printing("slower", slower)), [], 3, 600.0)
    assert len(found.restless) == 2
    terms = Terms(costs=found.costs, restless=found.restless)
    verdict = judge(record(found.baseline), record(found.measured), terms, ("there", "here"))
    assert [(cell["verdict"], cell["status"]) for cell in verdict["cells"]] == [
        ("fail", "worse"),
        ("inconclusive", "undecided"),
    ]
    assert "more steps" in verdict["cells"][0]["sentence"]


def test_a_row_that_a_round_lacks_has_no_time_in_it(environment, printing, report, tmp_path):
    shorter = json.loads(report)
    del shorter["results"][1]
    (tmp_path / "shorter.json").write_text(json.dumps(shorter))
    (tmp_path / "first.json").write_text(report)
    body = f"cat {tmp_path}/first.json; cp {tmp_path}/shorter.json {tmp_path}/first.json"
    found = race(there(environment("shrinking", body)), there(printing("calm", report)), [], 3, 600.0)
    assert found.costs["bowl", "sgd"][0] == [{}] * 3
    assert all(cost["evaluations"] for cost in found.costs["bowl", "adam:lr=0.3"][0])


def test_what_would_mix_the_environments_is_taken_out(environment, monkeypatch):
    for name in side.REMOVED:
        monkeypatch.setenv(name, "/mixed")
    monkeypatch.setenv("KEPT_AS_IT_IS", "yes")
    seen = call(there(environment("python", "env")), [], 600.0).decode().splitlines()
    assert "KEPT_AS_IT_IS=yes" in seen
    assert not [line for line in seen if line.partition("=")[0] in side.REMOVED]


def test_the_current_folder_does_not_stand_in_for_what_is_installed(tmp_path, monkeypatch):
    (tmp_path / "adambench").mkdir()
    (tmp_path / "adambench" / "__init__.py").write_text("raise SystemExit('the checkout was imported')")
    (tmp_path / "adambench" / "__main__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    for one in (there(sys.executable), side.here()):
        assert call(one, ["--version"], 600.0).startswith(b"adambench")


def test_nothing_is_on_standard_input(environment):
    ours, theirs = os.pipe()
    os.write(theirs, b"not for the child")
    os.close(theirs)
    kept = os.dup(0)
    os.dup2(ours, 0)
    try:
        assert call(there(environment("python", "cat; echo end")), [], 600.0) == b"end\n"
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(ours)


# --- What goes wrong


def refused(python, act=lambda one: call(one, ["run"], 600.0)):
    with pytest.raises(AdambenchError) as caught:
        act(there(str(python)))
    said = str(caught.value)
    assert "\n" not in said
    assert "\x1b" not in said
    assert caught.value.exit_code == 2
    return said


def test_no_such_python(tmp_path):
    assert "expected the path of an environment's Python" in refused(tmp_path / "nowhere")
    assert "it is a folder" in refused(tmp_path)
    (tmp_path / "text").write_text("hello")
    assert "expected the path" in refused(tmp_path / "text")
    (tmp_path / "text").chmod(0o755)
    assert "could not be run" in refused(tmp_path / "text")


def test_a_python_without_adambench(environment):
    assert "has no adambench" in refused(environment("python", "true", probe="echo adambench"))


def test_a_program_that_is_no_python(environment):
    for probe in ("echo hello", "echo", "exit 3", "kill -9 $$"):
        assert "expected an environment's Python" in refused(environment("program", "true", probe=probe))


def test_a_real_environment_without_adambench(tmp_path):
    import venv

    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    assert "has no adambench" in refused(tmp_path / "bare" / "bin" / "python")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 0", "printed nothing"),
        ("echo '{}'; exit 2", "exit code 2"),
        ("kill -11 $$", "was ended by signal 11"),
        ("echo 'p.yaml:3:1: error: lr: expected a number' >&2; echo '  3 | lr' >&2; exit 2", "expected a number"),
        (r"printf 'Traceback\n\033[31mNameError: x\n' >&2; exit 1", "?[31mNameError: x"),
        ("head -c 3000000 /dev/zero | tr '\\0' e >&2; exit 2", "e" * 100),
    ],
)
def test_a_child_that_fails_is_one_sentence_with_its_own_message(environment, body, said):
    found = refused(environment("python", body))
    assert said in found
    assert len(found) < 1500


@pytest.mark.parametrize(("code", "read"), [(0, True), (1, True), (2, False), (3, False), (4, True), (5, False)])
def test_a_report_of_unmet_requirements_or_trials_in_error_is_one_to_judge(environment, code, read):
    one = there(environment("python", f"echo report; exit {code}"))
    if read:
        assert call(one, [], 600.0) == b"report\n"
    else:
        with pytest.raises(AdambenchError, match=f"exit code {code}"):
            call(one, [], 600.0)


@pytest.mark.parametrize(
    "text",
    ["hello", "[]", "{}", '{"schema": "adambench/report/2"}', '{"schema": "adambench/report/1"}', '{"a": NaN}', "\x00"],
)
def test_what_is_no_report_is_refused_by_the_name_of_its_side(printing, text):
    said = refused(printing("python", text), lambda one: live.report_of(one, [], 600.0))
    assert "python" in said
    assert "<stdin>" not in said


def test_a_report_cut_off_is_refused(printing, report):
    assert refused(printing("python", report[:-100]), lambda one: live.report_of(one, [], 600.0))


def test_endless_output_is_cut_off(environment, monkeypatch):
    monkeypatch.setattr(side, "MOST", 3_000_000)
    assert "at most 3,000,000 bytes" in refused(environment("python", "cat /dev/zero"))


def test_endless_complaints_are_not_kept(environment):
    body = "head -c 30000000 /dev/zero >&2; echo end"
    assert call(there(environment("python", body)), [], 600.0) == b"end\n"


LINGERING = "(sleep 100; echo survived > {0}/survived) & echo $! $$ > {0}/pids; echo started >&2; {1} wait"


def alive(pid):
    """Is it running still? A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def killed(folder):
    """Have all of LINGERING been ended before they had done what they were about? The system may take a moment."""
    while any(map(alive, (folder / "pids").read_text().split())):
        time.sleep(0.01)
    return not (folder / "survived").exists()


@pytest.mark.parametrize("streams", ["", "exec >&- 2>&-;"])
def test_a_child_that_hangs_is_ended_with_all_it_has_started(environment, tmp_path, monkeypatch, streams):
    one = there(environment("python", LINGERING.format(tmp_path, streams)))
    started, calls = tmp_path / "pids", []

    def clock():
        calls.append(0)  # the first is for the deadline
        return 1000.0 if len(calls) > 1 and started.exists() and started.read_text() else 0.0

    monkeypatch.setattr(side, "time", SimpleNamespace(monotonic=clock))
    with pytest.raises(AdambenchError, match=r"was not done after 600 s: .*--timeout"):
        call(one, [], 600.0)
    assert killed(tmp_path)


def test_a_python_that_does_not_answer_is_not_given_more_time(environment, monkeypatch):
    monkeypatch.setattr(side, "PROBE_SECONDS", 0.01)
    said = refused(environment("python", "true", probe="sleep 100"))
    assert "had not answered after 0.01 s" in said
    assert "--timeout" not in said


def test_a_hang_up_that_is_ignored_stays_ignored(environment):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert call(there(environment("python", f"kill -1 {os.getpid()}; echo end")), [], 600.0) == b"end\n"
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


# --- What a recorded command may have done again


@pytest.mark.parametrize(
    ("command", "problems", "options"),
    [
        ("run p.yaml", "p.yaml", ""),
        ("run a.yaml core --seeds 5 b", "a.yaml core b", "--seeds=5"),
        ("run p --seeds=5 --budget 70 --targets 1e-1,1e-2 --precision float32", "p", "--seeds=5 --budget=70 "
         "--targets=1e-1,1e-2 --precision=float32"),
        ("run p --optimizers adam,rmsprop@keras:rho=0.9", "p", "--optimizers=adam,rmsprop@keras:rho=0.9"),
        ("run p --json -o out.json -q --jobs 2 -j2 -fjson --export junit=x.xml --no-progress --color=never", "p", ""),
        ("run --seeds 1 --seeds 2 -- --odd", "--odd", "--seeds=2"),
        ("compare", "core", "--optimizers=sgd,nesterov,adagrad,rmsprop,adadelta,adam"),
        ("compare p --optimizers adam --reference adam", "p", "--optimizers=adam"),
        ("run p --seeds --json", "p", "--seeds=--json"),
        ("compare p --explain --partial --nemenyi --optimizers sgd", "p", "--optimizers=sgd"),
    ],
)  # fmt: skip
def test_problems_and_what_is_measured_are_taken_from_a_recorded_command(command, problems, options):
    found = recorded(command.split(), "main.json")
    assert found == Recorded(tuple(problems.split()), tuple(options.split()))
    assert arguments(found)[0] == "run"
    assert arguments(found)[arguments(found).index("--") + 1 :] == problems.split()


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("", "empty"),
        ("gate p", "gate"),
        ("speed", "speed"),
        ("run", "names no problem"),
        ("run -", "standard input"),
        ("run -- -", "standard input"),
        ("run /etc/passwd", "/etc/passwd is outside"),
        ("run core /tmp/p.yaml", "/tmp/p.yaml is outside"),
        ("run ../p.yaml", "../p.yaml is outside"),
        ("run a/../../p.yaml", "a/../../p.yaml is outside"),
        ("run -- a\\..\\p.yaml", "is outside"),
        ("run C:p.yaml", "C:p.yaml is outside"),
        ("run p --plugin evil.py", "--plugin"),
        ("run p --plugin=evil.py", "--plugin"),
        ("run p -P evil.py", "-P"),
        ("run p --optimizers os.system", "os.system"),
        ("run p --optimizers adam,mypkg.opt.MyAdam:lr=1", "mypkg.opt.MyAdam"),
        ("run p --optimizers adam,theirs", "theirs"),
        ("run p --timeout 1", "--timeout"),
        ("run p --stop-at-target", "--stop-at-target"),
        ("run p --allow-invalid", "--allow-invalid"),
        ("run p --dry-run", "--dry-run"),
        ("run p --seeds", "--seeds without a value"),
        ("compare --tune 5", "--tune"),
        ("run p --update", "--update"),
        ("run p -qo out", "-q"),
        ("run p --help", "--help"),
    ],
)
def test_nothing_else_of_a_recorded_command_is_done(command, named):
    with pytest.raises(AdambenchError) as caught:
        recorded(command.split(), "main.json")
    said = str(caught.value)
    assert named in said
    assert said.startswith("main.json cannot be measured again")
    assert said.endswith("name the problems on the command line instead")


REFUSED_OPTIONS = {
    *("--plugin", "--timeout", "--stop-at-target", "--allow-invalid", "--dry-run"),
    *("--tune", "--sampler", "--space", "--rule", "--tuning-seeds", "--tuning-seed", "--halving", "--tune-across"),
    *("--include-defaults", "--precision-goal", "--precision-of", "--max-seeds"),
}


@pytest.mark.parametrize("verb", ["run", "compare"])
def test_every_option_is_kept_dropped_or_refused(verb):
    met = set()
    for option in importlib.import_module(f"adambench.cli.{verb}").command.params:
        for name in option.opts if option.param_type_name == "option" else ():
            value = [] if option.is_flag else ["adam"]
            met.add(name)
            words = [verb, name, *value, "p"]
            if name in REFUSED_OPTIONS:
                with pytest.raises(AdambenchError, match=f"its command has {name}, which is not taken from a file"):
                    recorded(words, "main.json")
                continue
            found = recorded(words, "main.json")
            assert found.problems == ("p",), name
            kept = (f"{name}=adam",) if name in KEPT else ()
            assert [one for one in found.options if name == "--optimizers" or "optimizers" not in one] == [*kept]
    assert met >= (REFUSED_OPTIONS if verb == "compare" else {*KEPT})


@pytest.mark.parametrize(
    "command", [None, "run p", {"run": 1}, ["run", 5], ["run", "a\0b"], ["run", "a\x1b[31m"], [[]]]
)
def test_a_command_that_is_none_is_refused(command):
    with pytest.raises(AdambenchError, match="not a list of words"):
        recorded(command, "main.json")


# --- adambench gate --live


@pytest.fixture
def gate(capsys, monkeypatch):
    """gate(there, here, ...): exit code, verdict, standard error; without a `here`, the adambench that is running."""

    def gate(python, ours, *arguments):
        if ours is not None:
            monkeypatch.setattr(side, "here", lambda: there(ours))
        capsys.readouterr()
        code = exit_code(["gate", "--live", str(python), "--rounds", "3", "--json", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return gate


def later(report, factor):
    """The report with every hit at `factor` times the evaluations, and other fingerprints."""
    document = json.loads(report)
    for row in document["results"]:
        for seed in row["seeds"]:
            seed["hits"] = [None if hit is None else factor * hit for hit in seed["hits"]]
            seed["fingerprint"] = seed["fingerprint"][::-1]
    return document


def times(verdict):
    return [check for cell in verdict["cells"] for check in cell["checks"] if check["metric"] == "time/step"]


def test_two_real_sides_that_are_the_same_pass(gate, tmp_path):
    file = tmp_path / "bowl.yaml"
    file.write_text(PROBLEM)
    code, verdict, err = gate(sys.executable, None, file)
    assert (code, verdict["verdict"], err) == (0, "pass", "")
    assert (verdict["baseline"], verdict["results"], verdict["basis"]) == (sys.executable, "here", "bits")
    assert [(cell["optimizer"], cell["verdict"]) for cell in verdict["cells"]] == [
        ("adam:lr=0.3", "pass"),
        ("sgd", "pass"),
    ]
    assert [check["advisory"] for check in times(verdict)] == [True, True]
    assert any("unmeasured round" in note for note in verdict["notes"])


def test_steps_that_come_later_fail_whatever_the_time(gate, printing, report):
    code, verdict, _ = gate(printing("old", report), printing("new", later(report, 2)), "bowl")
    assert (code, verdict["verdict"]) == (1, "fail")
    code, verdict, _ = gate(printing("old", later(report, 2)), printing("new", report), "bowl")
    assert (code, verdict["verdict"]) == (0, "pass")


@pytest.mark.parametrize(
    ("before", "after", "told", "code"),
    [(100.0, 200.0, "worse", 1), (200.0, 100.0, "better", 0), (100.0, 101.0, "within", 0), (100.0, 100.0, "same", 0)],
)
def test_time_is_advisory_unless_it_is_asked_for(gate, printing, report, before, after, told, code):
    sides = printing("old", paced(report, before)), printing("new", paced(report, after))
    for flags, expected in (((), 0), (("--time",), code)):
        found, verdict, _ = gate(*sides, *flags, "bowl")
        assert found == expected
        assert [check["status"] for check in times(verdict)] == [told] * 2
        assert {check["advisory"] for check in times(verdict)} == {not flags}


def test_time_too_short_to_be_measured_does_not_count_and_is_told(gate, printing, report):
    sides = printing("old", paced(report, 100.0, 1e-5)), printing("new", paced(report, 900.0, 1e-5))
    code, verdict, _ = gate(*sides, "bowl")
    assert (code, verdict["verdict"]) == (0, "pass")
    assert not [note for note in verdict["notes"] if "too short" in note]
    code, verdict, _ = gate(*sides, "--time", "bowl")
    assert (code, verdict["verdict"]) == (0, "pass")
    assert [(check["status"], check["advisory"]) for check in times(verdict)] == [("undecided", True)] * 2
    assert [note for note in verdict["notes"] if note.startswith("time/step in 2 of 2 cells: a loop of less than 1 ms")]
    code, verdict, _ = gate(
        printing("old", paced(report, 100.0)), printing("new", paced(report, 900.0)), "--time", "bowl"
    )
    assert code == 1
    assert not [note for note in verdict["notes"] if "too short" in note]


def test_two_real_sides_that_are_the_same_pass_with_time_too(gate, tmp_path):
    file = tmp_path / "bowl.yaml"
    file.write_text(PROBLEM)  # loops of microseconds
    code, verdict, _ = gate(sys.executable, None, "--time", file)
    assert (code, verdict["verdict"]) == (0, "pass")


def test_the_recorded_command_says_what_is_run(gate, printing, report, tmp_path):
    document = json.loads(report)
    document["command"] = ["run", "bowl.yaml", "--seeds", "4", "--json", "-o", "main.json"]
    baseline = tmp_path / "main.json"
    baseline.write_text(json.dumps(document))
    sides = printing("old", report), printing("new", report)
    assert gate(*sides, "--baseline", baseline)[0] == 0
    assert log(tmp_path)[0].endswith("run --seeds=4 --json --jobs=1 --no-progress -- bowl.yaml")
    code, verdict, _ = gate(*sides, "--baseline", baseline, "other.yaml")
    assert log(tmp_path)[-1].endswith("run --json --jobs=1 --no-progress -- other.yaml")
    assert any("was not read" in note for note in verdict["notes"])
    document["command"] += ["--plugin", "evil.py"]
    baseline.write_text(json.dumps(document))
    (tmp_path / "log").unlink()
    code, verdict, err = gate(*sides, "--baseline", baseline)
    assert (code, verdict) == (2, None)
    assert "--plugin" in err
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected PROBLEM..."),
        (["-"], "name files"),
        (["--update", "--baseline", "main.json", "p.yaml"], "--update"),
        (["--baseline", "nowhere.json"], "nowhere.json"),
    ],
)
def test_nothing_is_run_where_it_cannot_be_meant(gate, printing, report, tmp_path, arguments, said):
    sides = printing("old", report), printing("new", report)
    code, verdict, err = gate(*sides, *arguments)
    assert (code, verdict) == (2, None)
    assert said in err
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("option", [["--rounds", "3"], ["--timeout", "5"]])
def test_options_of_live_need_it(capsys, option):
    assert exit_code(["gate", "a.json", "--baseline", "b.json", *option]) == 2
    assert "goes with --live" in capsys.readouterr().err


def test_a_problem_that_is_wrong_is_told_by_this_side_before_the_other_runs(gate, printing, report, tmp_path):
    (tmp_path / "bad.yaml").write_text("{name: bowl, function: spehre, dimension: 2}")
    code, verdict, err = gate(printing("old", report), None, tmp_path / "bad.yaml")
    assert (code, verdict) == (2, None)
    assert "spehre" in err
    assert not (tmp_path / "log").exists()


def test_problems_that_are_not_the_same_are_refused(gate, printing, report):
    other = json.loads(report)
    other["problems"][0]["hash"] = other["problems"][0]["hash"][::-1]
    code, verdict, err = gate(printing("old", report), printing("new", other), "bowl")
    assert (code, verdict) == (2, None)
    assert "hash" in err


@pytest.mark.parametrize("change", [{"hash": "0" * 64}, {"budget": 70}])
def test_what_differs_live_is_not_to_be_accepted(gate, printing, report, change):
    other = json.loads(report)
    other["problems"][0].update(change)
    code, _, err = gate(printing("old", report), printing("new", other), "bowl")
    assert code == 2
    assert "--update" not in err


def test_nothing_is_said_of_an_update_live(gate, printing, report):
    fewer = json.loads(report)
    del fewer["results"][1]
    for one, other in ((fewer, report), (report, fewer), (later(report, 2), report)):
        _, verdict, err = gate(printing("old", one), printing("new", other), "bowl")
        assert "--update" not in json.dumps(verdict) + err


def test_a_file_that_a_report_names_is_not_quoted(gate, printing, report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets.yaml").write_text("password: swordfish\n")
    document = json.loads(report)
    document["command"] = ["run", "secrets.yaml"]
    (tmp_path / "main.json").write_text(json.dumps(document))
    code, verdict, err = gate(printing("old", report), None, "--baseline", "main.json")
    assert (code, verdict) == (2, None)
    assert "swordfish" not in err
    assert "password" not in err
    assert "name the problems on the command line" in err
    assert "password" in gate(printing("old", report), None, "secrets.yaml")[2]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, -1)])
def test_an_interruption_ends_the_children(environment, tmp_path, number, code):
    hanging = environment("python", LINGERING.format(tmp_path, ""))
    (tmp_path / "bowl.yaml").write_text(PROBLEM)
    command = [sys.executable, "-m", "adambench", "gate", "--live", hanging, str(tmp_path / "bowl.yaml")]
    running = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # whatever runs the tests may ignore it
    )
    started = tmp_path / "pids"
    while not (started.exists() and started.read_text()):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(number)
    _, err = running.communicate()
    assert running.returncode == code
    assert "Traceback" not in err
    assert killed(tmp_path)

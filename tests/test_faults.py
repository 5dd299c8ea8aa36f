"""Ctrl-C and SIGTERM at any moment: quiet, and with what had finished. Each waits for a sign, never for a time."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

from adambench.cli import exit_code
from adambench.course import make_course
from adambench.engine.block import Entry, make_lanes, watch_grid

# Nobody waits for 10^12 evaluations: these tests end only if interruptions work.
QUICK = "name: quick\nfunction: sphere\nbudget: 50\noptimizers: [sgd, adam]\n"
# Three of its trials diverge at once, three never end.
ENDLESS = "name: endless\nfunction: sphere\nbudget: 1000000000000\nseeds: 3\noptimizers: ['sgd:lr=2', adam]\n"
# Whoever starts the tests may have SIGINT ignored, as shells do for background jobs.
START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from adambench.cli import main
main()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(QUICK)
    (tmp_path / "b.yaml").write_text(ENDLESS)
    monkeypatch.setenv("TERM", "xterm-256color")
    return tmp_path


def interrupted(arguments, sign, number, environment=None):
    """Start a command, send it the signal once its progress line says `sign`; exit code, standard output, progress."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 200))
    process = subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, **(environment or {})},
    )
    os.close(theirs)
    said = b""
    try:
        while sign not in said:
            said += os.read(ours, 4096)
        process.send_signal(number)
        out, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux tells the end
            piece = b""
        if not piece:
            break
        said += piece
    os.close(ours)
    return process.returncode, out.decode(), said.decode()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_prints_what_had_finished(folder, jobs):
    place = folder / "out.json"
    arguments = ["run", folder, "--json", "--jobs", jobs, "-o", place]
    found, out, said = interrupted(arguments, b"endless: 0%, 3 of 6 trials done", signal.SIGINT)
    assert (found, out) == (130, "")
    assert "interrupted: 5 of 8 trials had finished" in said
    assert "Traceback" not in said
    report = json.loads(place.read_text())
    assert report["interrupted"] is True
    assert [(row["problem"], row["optimizer"], row["trials"]) for row in report["results"]] == [
        ("quick", "sgd", 1),
        ("quick", "adam", 1),
        ("endless", "sgd:lr=2", 3),
    ]
    assert report["results"][2]["outcomes"]["diverged"] == 3
    assert exit_code(["run", str(folder / "a.yaml"), "--json", "-o", str(folder / "alone.json")]) == 0
    alone = json.loads((folder / "alone.json").read_text())
    assert [row["seeds"] for row in report["results"][:2]] == [row["seeds"] for row in alone["results"]]
    assert sorted(os.listdir(folder)) == ["a.yaml", "alone.json", "b.yaml", "out.json"]


def test_a_termination_prints_its_table_and_says_so(folder):
    code, out, said = interrupted(["run", folder], b"endless: 0%, 3 of 6 trials done", signal.SIGTERM)
    assert code == 143
    assert "interrupted: 5 of 8 trials had finished" in said
    for part in ("quick: sphere", "endless: sphere", "3 diverged", "interrupted"):
        assert part in out


def test_an_interruption_before_any_trial_has_finished_prints_nothing(folder):
    (folder / "b.yaml").write_text(ENDLESS.replace("'sgd:lr=2', ", ""))
    place = folder / "out.json"
    code, out, said = interrupted(["run", folder / "b.yaml", "--json", "-o", place], b"endless: 0%", signal.SIGINT)
    assert (code, out, place.exists()) == (130, "", False)
    assert "interrupted: 0 of 3 trials had finished" in said
    assert sorted(os.listdir(folder)) == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_of_the_compiler_leaves_a_sound_cache(folder, tmp_path_factory, number, code):
    cold = {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cold"))}
    found, out, said = interrupted(["run", folder / "a.yaml", "--json"], b"compiling the loop", number, cold)
    assert (found, out) == (code, "")
    assert "Traceback" not in said
    for file in Path(cold["XDG_CACHE_HOME"]).glob("adambench/*/" + "?" * 64):
        content = file.read_bytes()
        assert hashlib.sha256(content[32:]).digest() == content[:32]


@pytest.mark.parametrize("module", ["numba", "numpy", "yaml"])
@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interruption_during_an_import_is_quiet(folder, module, number, code):
    stand_in = f"import os, signal, time\nos.kill(os.getpid(), signal.{number})\ntime.sleep(600)\n"
    (folder / f"{module}.py").write_text(stand_in)
    done = subprocess.run(
        [sys.executable, "-c", START, "run", "a.yaml", "-o", "out.txt"],
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (code, b"", b"")
    assert not [name for name in os.listdir(folder) if "out.txt" in name]


def test_a_second_interruption_while_printing_is_quiet_too(folder, monkeypatch, capsys):
    def again(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("adambench.runner.Run.execute", again)
    monkeypatch.setattr("adambench.report.build_report", again)
    assert exit_code(["run", str(folder / "a.yaml"), "-o", str(folder / "out.txt")]) == 130
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "")
    assert sorted(os.listdir(folder)) == ["a.yaml", "b.yaml"]


def test_memory_does_not_grow_with_the_budget(problem):
    def sizes(budget):
        small = problem("function: sphere, dimension: 3, noise: {gaussian: {std: 0.1}}, seeds: 1")
        longer = dataclasses.replace(small, budget=budget)
        configuration, course = longer.optimizers[-1], make_course(longer, "float64", False)
        entry = Entry(0, configuration.numbers, np.ones(3), np.zeros(len(longer.targets)))
        lanes, _ = make_lanes(
            *(configuration.optimizer, configuration.flags, [entry], course, longer.data.work_rows, 1, "float64")
        )
        arrays = {**lanes._asdict(), **course._asdict()}
        return {name: value.size for name, value in arrays.items() if isinstance(value, np.ndarray)}

    small, large = sizes(1_000), sizes(10**12)
    assert {name for name in small if small[name] != large[name]} == {"curve", "grid"}
    assert large["curve"] == watch_grid(10**12).size - 1 < 65 + 16 * 40

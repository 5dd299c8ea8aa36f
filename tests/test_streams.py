"""Standard output and error as pipes, files, terminals and full disks see them."""

from __future__ import annotations

import json
import math
import os
import pty
import re
import subprocess
import sys
import termios

import pytest

from adambench.cli import exit_code

PROBLEM = """\
name: bowl
function: sphere
budget: 400
targets: [1e-1]
optimizers: ["sgd:lr=0.1", "sgd:lr=0.01", "sgd:lr=2"]
"""
ESCAPE = "\x1b"
ADAMBENCH = [sys.executable, "-m", "adambench"]


@pytest.fixture
def bowl(tmp_path):
    path = tmp_path / "bowl.yaml"
    path.write_text(PROBLEM)
    return path


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING", "LC_ALL", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def call(*arguments, shell='exec "$@"', **options):
    """Run a command to its end, from a shell that says where its streams lead."""
    command = ["sh", "-c", shell, "sh", *ADAMBENCH, *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **options}
    return subprocess.run(command, stdin=subprocess.DEVNULL, **options)


def at_terminal(*arguments, columns=100):
    """Exit code, and what a command writes on a terminal for both of its streams, all of it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen([*ADAMBENCH, *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux tells the end
            piece = b""
        if not piece:
            break
        written += piece
    os.close(ours)
    return process.wait(120), written.decode().replace("\r\n", "\n")


def shown(written):
    """What is left on the screen of a terminal that knows carriage return and erase line."""
    lines = []
    for line in written.split("\n"):
        line = line.split("\r\x1b[2K")[-1]
        lines.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
    return "\n".join(lines)


def test_a_pipe_gets_no_escape_codes_and_no_progress(bowl):
    done = call("run", bowl)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert b"\r" not in done.stdout
    assert b"sgd:lr=0.01" in done.stdout


def test_a_terminal_gets_colour_and_a_progress_line_that_goes(bowl):
    code, written = at_terminal("run", bowl, "--budget", 10**6)
    assert code == 0
    left = shown(written)
    for part in ("compiling", "trials done"):
        assert part in written
        assert part not in left
    assert ESCAPE not in left
    assert left.startswith("bowl: sphere")
    assert "\x1b[1" in written  # bold


@pytest.mark.parametrize("option", ["--no-progress", "--quiet"])
def test_progress_can_be_turned_off(bowl, option):
    code, written = at_terminal("run", bowl, option, "--color", "never")
    assert code == 0
    assert ESCAPE not in written
    assert written.startswith("bowl: sphere")


@pytest.mark.parametrize("color", ["auto", "always", "never"])
@pytest.mark.parametrize(
    "environment", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}]
)
def test_colour_is_asked_for_by_option_or_environment(bowl, tmp_path, monkeypatch, capsys, color, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    exit_code(["run", str(bowl), "--color", color])
    forced = "FORCE_COLOR" in environment and "NO_COLOR" not in environment
    assert (ESCAPE in capsys.readouterr().out) == (color == "always" or (color == "auto" and forced))
    exit_code(["run", str(bowl), "--color", color, "-o", str(tmp_path / "out.txt")])
    assert (ESCAPE in (tmp_path / "out.txt").read_text()) == (color == "always")
    exit_code(["run", str(bowl), "--color", color, "--json"])
    assert ESCAPE not in capsys.readouterr().out


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_table_fits_and_keeps_every_optimizer_and_final_loss(bowl, monkeypatch, capsys, width):
    exit_code(["run", str(bowl), "--json"])
    losses = [row["final_loss"]["median"] for row in json.loads(capsys.readouterr().out)["results"]]
    monkeypatch.setenv("COLUMNS", str(width))
    assert exit_code(["run", str(bowl)]) == 0
    out = capsys.readouterr().out
    assert ESCAPE not in out
    assert max(map(len, out.splitlines())) <= width
    for part in ("sgd:lr=0.1", "sgd:lr=0.01", "sgd:lr=2", "1e-1", "diverged"):
        assert part in out
    numbers = [float(text) for text in re.findall(r"\d[\d.]*e-\d+", out)]
    assert losses[2] is None
    assert all(any(math.isclose(number, loss, rel_tol=5e-3) for number in numbers) for loss in losses[:2])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_will_do(bowl, encoding):
    done = call("run", bowl, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    table = done.stdout.decode(encoding)
    assert "sgd:lr=0.01" in table
    assert "?" not in table
    assert ("█" in table) == (encoding == "utf-8")


def test_the_c_locale_will_do(bowl):
    done = call("run", bowl, env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"sgd:lr=0.01" in done.stdout


@pytest.mark.parametrize(
    "words", [("list", "optimizers"), ("--help",), ("schema", "report"), ("run", "PROBLEM", "--json")]
)
def test_a_closed_pipe_ends_quietly(bowl, words):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = call(*(bowl if word == "PROBLEM" else word for word in words), stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_streams_are_empty_or_swallow_what_they_get(bowl):
    assert call("run", bowl, shell='exec "$@" >&-').returncode == 0
    assert call("run", bowl, shell='exec "$@" 2>&-').returncode == 0
    done = call("run", "-", shell='exec "$@" <&-')
    assert done.returncode == 2
    assert b"empty file" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "words", [("list", "optimizers"), ("--help",), ("show", "adam"), ("run", "PROBLEM"), ("new", "-")]
)
def test_a_full_disk_behind_standard_output_is_said(bowl, words):
    with open("/dev/full", "w") as full:
        done = call(*(bowl if word == "PROBLEM" else word for word in words), stdout=full)
    assert done.returncode == 5
    assert done.stderr == b"error: standard output could not be written: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_device_is_written_to_and_stays_a_device(bowl, tmp_path, capsys):
    # Through links, lest a mistake replaces the device itself.
    full, null = tmp_path / "full", tmp_path / "null"
    full.symlink_to("/dev/full")
    null.symlink_to(os.devnull)
    assert exit_code(["run", str(bowl), "-o", str(full)]) == 5
    assert capsys.readouterr() == ("", f"error: {full} could not be written: No space left on device\n")
    assert exit_code(["run", str(bowl), "-o", str(null)]) == 0
    assert capsys.readouterr() == ("", "")
    assert full.is_char_device()
    assert null.is_char_device()


def test_a_link_stays_and_leads_to_the_new_file(bowl, tmp_path):
    (tmp_path / "there").mkdir()
    link, real = tmp_path / "link.json", tmp_path / "there" / "real.json"
    for text in (None, "old"):
        real.unlink(missing_ok=True) if text is None else real.write_text(text)
        link.unlink(missing_ok=True)
        link.symlink_to(real)
        assert exit_code(["run", str(bowl), "--json", "-o", str(link)]) == 0
        assert link.is_symlink()
        assert json.loads(real.read_text())["schema"] == "adambench/report/1"
        assert os.listdir(tmp_path / "there") == ["real.json"]


def test_a_pipe_is_written_to(bowl, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert exit_code(["run", str(bowl), "--format", "csv", "-o", str(pipe)]) == 0
        assert b"sgd:lr=0.01" in os.read(reading, 2**16)
    finally:
        os.close(reading)
    assert sorted(os.listdir(tmp_path)) == ["bowl.yaml", "pipe"]


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_half_one(bowl, tmp_path):
    place = tmp_path / "out.json"
    place.write_text("old")
    call("run", bowl)  # so that every kernel is in the cache

    fresh = tmp_path / "fresh.yaml"
    for words, written in ((["run", bowl, "--json", "-o", place], place), (["new", fresh], fresh)):
        done = call(*words, shell='ulimit -f 1; exec "$@"')
        assert done.returncode == 5
        assert done.stderr == f"error: {written} could not be written: File too large\n".encode()
    assert sorted(os.listdir(tmp_path)) == ["bowl.yaml", "out.json"]
    assert place.read_text() == "old"


@pytest.mark.parametrize("place", ["no-such-folder/out.json", ".", "bowl.yaml/out.json"])
def test_an_unwritable_place_is_said_before_the_first_trial(bowl, tmp_path, monkeypatch, capsys, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("adambench.runner.Run.execute", lambda run: pytest.fail("a trial was run"))
    assert exit_code(["run", "bowl.yaml", "--json", "-o", place]) == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {place} could not be written: ")
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == ["bowl.yaml"]


def test_a_file_is_replaced_whole_with_the_user_s_permissions(bowl, tmp_path, capsys):
    place = tmp_path / "out.json"
    place.write_text("x" * 10**6)
    before = os.umask(0o027)
    try:
        assert exit_code(["run", str(bowl), "--json", "-o", str(place)]) == 0
    finally:
        os.umask(before)
    assert json.loads(place.read_text())["schema"] == "adambench/report/1"
    assert place.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["bowl.yaml", "out.json"]


@pytest.mark.parametrize("command", [["run", "bowl.yaml"], ["trace", "bowl.yaml", "--optimizer", "sgd", "--at", "5"]])
def test_what_fails_midway_leaves_no_file(bowl, tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)

    def broken(*arguments, **options):
        raise ArithmeticError

    monkeypatch.setattr("adambench.runner.Run.execute", broken)
    monkeypatch.setattr("adambench.trace.trace", broken)
    with pytest.raises(ArithmeticError):
        exit_code([*command, "-o", "out.txt"])
    assert os.listdir(tmp_path) == ["bowl.yaml"]

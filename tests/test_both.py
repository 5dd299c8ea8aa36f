"""Two reports read at once: as one process would, ending when the first does, and saying whose fault it is."""

from __future__ import annotations

import copy
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

import adambench
from adambench.errors import AdambenchError
from adambench.saved import both

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one process reads both elsewhere")
PROBLEM = """\
name: small
function: quadratic
dimension: 2
budget: 40
seeds: 2
optimizers: [adam]
"""
PATIENCE = 20.0
"""Seconds after which a child that nobody ended does so itself."""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "small.yaml"
    path.write_text(PROBLEM)
    return adambench.run(path, jobs=1).to_dict()


@pytest.fixture
def places(report, tmp_path, monkeypatch):
    """Two reports that differ."""
    monkeypatch.setattr(both, "LARGE", 0)
    found = []
    for seed in (0, 7):
        document = copy.deepcopy(report)
        document["results"][0]["seeds"][0]["seed"] = seed + 5
        found.append(str(tmp_path / f"{seed}.json"))
        (tmp_path / f"{seed}.json").write_text(json.dumps(document))
    return found


@pytest.fixture
def statuses(monkeypatch):
    """How each child ended."""
    found, wait = [], os.waitpid

    def noted(child, options):
        found.append(wait(child, options)[1])
        return child, found[-1]

    monkeypatch.setattr(os, "waitpid", noted)
    return found


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))


def in_child(monkeypatch, act):
    """What the child does in place of reading."""
    parent, read = os.getpid(), both.read_report
    monkeypatch.setattr(both, "read_report", lambda *a, **k: read(*a, **k) if os.getpid() == parent else act())


def both_of(places):
    return tuple(json.loads(Path(place).read_text()) for place in places)


def test_a_child_reads_the_second(places, statuses):
    before = descriptors()
    assert both.read_both(*places) == both_of(places)
    assert both.read_both(*places[::-1], lambda row: row["seeds"][0]["seed"])[0]["results"] == [12]
    assert statuses == [0, 0]
    assert descriptors() == before


def test_a_first_that_is_wrong_waits_for_no_second(places, statuses, monkeypatch):
    in_child(monkeypatch, lambda: time.sleep(PATIENCE))
    Path(places[0]).write_text("{")
    before = descriptors()
    with pytest.raises(AdambenchError, match=r"0\.json: the file ends"):
        both.read_both(*places)
    assert [os.WTERMSIG(status) for status in statuses] == [signal.SIGKILL]
    assert descriptors() == before


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_waits_for_no_second(places, statuses, monkeypatch, interrupt):
    def interrupted(place, **words):
        raise interrupt

    monkeypatch.setattr(both, "read_report", interrupted)
    in_child(monkeypatch, lambda: time.sleep(PATIENCE))
    with pytest.raises(interrupt):
        both.read_both(*places)
    assert [os.WTERMSIG(status) for status in statuses] == [signal.SIGKILL]


def test_the_first_that_is_wrong_is_told(places):
    for place in places:
        Path(place).write_text("{")
    with pytest.raises(AdambenchError, match=r"0\.json: the file ends"):
        both.read_both(*places)


def test_a_child_that_was_ended_names_its_file(places, monkeypatch):
    in_child(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(AdambenchError) as caught:
        both.read_both(*places)
    said = f"{places[1]}: the process that read it was ended by SIGKILL; is there enough memory?"
    assert str(caught.value) == said


def test_what_a_child_fails_at_is_done_here(places, monkeypatch, statuses):
    in_child(monkeypatch, lambda: 1 / 0)
    assert both.read_both(*places) == both_of(places)
    assert [os.waitstatus_to_exitcode(status) for status in statuses] == [1]


@pytest.mark.parametrize("name", ["fork", "pipe"])
def test_where_the_system_has_no_process_to_give_one_reads_both(places, monkeypatch, name):
    def refused():
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, name, refused)
    before = descriptors()
    assert both.read_both(*places) == both_of(places)
    assert descriptors() == before

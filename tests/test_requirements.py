"""`require:` of problem files: how it is read, when it is met, what is said of it, and what the exit code is."""

from __future__ import annotations

import copy
import io
import json
import math
import re
import statistics
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adambench.cli import exit_code
from adambench.errors import AdambenchError
from adambench.problem import ProblemError, bundled_problems, load, load_all, read, read_all
from adambench.problem.problem import Requirement
from adambench.problem.requirement import check
from adambench.problem.schema import problem_schema
from adambench.problem.template import template
from adambench.pytest.asked import title
from adambench.render import Style, find_format
from adambench.report_schema import REPORT_SCHEMA, REQUIREMENT
from adambench.requirement import OPTIMIZER, QUANTILE, Judgement, Kind, exact_percent, exact_time, needed
from adambench.requirement import TARGET as TARGET_SHAPE
from adambench.requirement_schema import requirement_schema
from adambench.requirements import check_requirement, kinds
from adambench.saved import read_report
from adambench.saved.requirement import requirement_fault
from adambench.shape import Choice, Duration, Fields, Key, ListOf, Number, Switch, Text

BUDGET = 1000
PROBLEM = {"name": "p", "budget": BUDGET}
TARGET = {"kind": "relative", "value": 1e-3}
OTHER = {"kind": "loss", "value": 0.5}
COMMON = {"optimizer": "adam", "advisory": False}


def row(optimizer, hits=(), losses=None, outcomes=None, ns=100.0, seeds=None, targets=(TARGET,), problem="p"):
    """A row of a report with one trial for each of `hits`."""
    losses = [1e-9] * len(hits) if losses is None else losses
    outcomes = ["budget" if hit is None else "reached" for hit in hits] if outcomes is None else outcomes
    numbers = range(len(hits)) if seeds is None else seeds
    return {
        "problem": problem,
        "optimizer": optimizer,
        "targets": list(targets),
        "cost": {"ns_per_step": ns},
        "seeds": [
            {
                **{"seed": seed, "outcome": outcome, "hits": [hit] * len(targets), "final_loss": loss},
                "stopped": {"evaluation": BUDGET if outcome != "timeout" else 40, "cause": "why"},
            }
            for seed, hit, loss, outcome in zip(numbers, hits, losses, outcomes, strict=True)
        ],
    }


def ask(rows, **asked):
    return check_requirement(PROBLEM, {**COMMON, **asked}, rows)


def target(rows, **asked):
    given = {"target": TARGET, **asked}
    return ask(rows, kind="target", **({} if "quantile" in asked else {"success_rate": 1.0}) | given)


def loss(rows, **asked):
    return ask(rows, kind="final_loss", **asked)


def outcome(rows, **asked):
    return ask(rows, kind="outcome", **{"outcome": ["reached"], "success_rate": 1.0, **asked})


def faster(rows, by=1.0, of="adam", than="sgd", **asked):
    rival = {"optimizer": than, "by": by}
    return ask(rows, kind="faster_than", faster_than=rival, **{"optimizer": of, "target": TARGET, **asked})


def quick(rows, **asked):
    return ask(rows, kind="time_per_step", **asked)


ADAM, HALF = row("adam", [10, 20, 30, None]), row("adam", [10, 20, 30, None], losses=[1e-4, 3e-3, 2e-3, None])
PAIR = [row("adam", [10, 20, 40]), row("sgd", [20, 60, 40])]  # 2, 3 and 1 times as fast
LATE = [row("adam", [10, 20, 40]), row("sgd", [None, 60, 40])]
MISS = [row("adam", [10, 20, None]), row("sgd", [200, 600, None])]
ENDS = row("adam", [1, 1, 1, 1], outcomes=["reached", "budget", "diverged", "reached"])

CASES = {
    "target by a share, at its limit": (target([ADAM], within=30, success_rate=0.75), True, "3 of 4 trials within 30"),
    "target one step late": (target([ADAM], within=29, success_rate=0.75), False, "2 of 4 trials within 29 steps"),
    "target at any time": (target([ADAM], success_rate=0.75), True, "3 of 4 trials, 20 steps in the median"),
    "target in too few trials": (target([ADAM], success_rate=0.76), False, "3 of 4"),
    "target in all": (target([ADAM]), False, "3 of 4"),
    "target in a quantile": (target([ADAM], within=30, quantile=0.75), True, "30 steps in the 0.75 quantile"),
    "target in a quantile, late": (target([ADAM], within=29, quantile=0.75), False, "30 steps in the 0.75 quantile"),
    "target in the median": (target([ADAM], within=20, quantile=0.5), True, "20 steps in the median"),
    "target in a quantile that missed": (target([ADAM], quantile=0.9), False, "never in the 0.9 quantile"),
    "target past an error": (
        target([row("adam", [5, None], outcomes=["reached", "error"])]),
        True,
        "1 of 1 trials, 5 steps in the median",
    ),
    "loss of all": (loss([HALF], final_loss=1.0), False, "no finite loss at worst of 4 trials, 1 of them without"),
    "loss in the median": (loss([HALF], final_loss=2e-3, quantile=0.5), True, "loss 0.002 in the median of 4 trials"),
    "loss above": (loss([HALF], final_loss=1e-3, quantile=0.5), False, "loss 0.002 in the median"),
    "loss in a quantile": (loss([HALF], final_loss=3e-3, quantile=0.75), True, "in the 0.75 quantile of 4 trials"),
    "loss of all, fine": (loss([row("adam", [1, 2])], final_loss=1e-9), True, "loss 1e-9 at worst of 2 trials"),
    "outcome of all": (outcome([ADAM]), False, "3 of 4 trials; 1 budget"),
    "one of the outcomes": (outcome([ADAM], outcome=["reached", "budget"]), True, "4 of 4 trials"),
    "outcome of a share": (outcome([ENDS], success_rate=0.5), True, "2 of 4 trials; 1 budget, 1 diverged"),
    "outcome of too small a share": (outcome([ENDS], success_rate=0.51), False, "2 of 4"),
    "faster in the mean": (faster(PAIR, by=1.8), True, "1.82 times as fast (95%: 0.457 to 7.22) in the geometric mean"),
    "not that much faster": (faster(PAIR, by=1.9), False, "1.82 times"),
    "exactly as much faster": (faster([row("adam", [10] * 7), row("sgd", [50] * 7)], by=5.0), True, "5 times"),
    "slower": (faster(PAIR, of="sgd", than="adam"), False, "0.55 times"),
    "no slower than": (faster(PAIR, of="sgd", than="adam", by=0.5), True, "0.55 times"),
    "faster than a miss": (faster(LATE, by=6.0), True, "at least 6.7 times as fast"),
    "faster but for a miss": (faster(MISS), False, "missed the target on 1 of 3 common seeds"),
    "faster but for a miss, in a quantile": (
        faster(MISS, by=20.0, quantile=0.6),
        True,
        "20 times as fast in the 0.6 quantile of 3 common seeds",
    ),
    "a miss in the quantile": (faster(MISS, quantile=0.9), False, "missed the target on 1 of 3"),
    "faster in all seeds": (faster(PAIR, by=1.0, quantile=1.0), True, "1 times as fast at worst of 3"),
    "faster in the median": (faster(PAIR, by=2.0, quantile=0.5), True, "2 times as fast in the median of 3"),
    "faster on one seed": (faster([row("adam", [10]), row("sgd", [20])], by=2.0), True, "over 1 common seed"),
    "only what both ran": (
        faster([row("adam", [10, 10], seeds=[1, 2]), row("sgd", [5, 30], seeds=[0, 2])], by=3.0),
        True,
        "3 times as fast in the geometric mean over 1 common seed",
    ),
    "time was out early": (  # 41 evaluations at least, not 1001
        faster([row("adam", [10]), row("sgd", [None], outcomes=["timeout"])], by=5.0),
        False,
        "at least 4.1 times",
    ),
    "quick": (quick([ADAM], time_per_step=100.0), True, "100 ns a step"),
    "not quick": (quick([ADAM], time_per_step=99.9), False, "100 ns a step"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_requirement_is_met_or_not_and_says_why(case):
    found, met, words = CASES[case]
    assert (found["met"], words in found["measured"]) == (met, True), found["measured"]


# Of a run with a smaller budget than its file's, which may be smaller than `within`.


def ended(rows, within, budget=BUDGET, **asked):
    asked = {"kind": "target", "target": TARGET, "within": within, **COMMON, **asked}
    return check_requirement({"name": "p", "budget": budget}, asked, rows)


SHARES = st.floats(0, 1, exclude_min=True)
ENDS_OF_TRIALS = st.one_of(st.integers(0, BUDGET), st.sampled_from(["budget", "stalled", "diverged", "timeout"]))


@given(
    st.lists(ENDS_OF_TRIALS, min_size=1, max_size=8),
    st.integers(BUDGET + 1, 2 * BUDGET),
    SHARES,
    st.sampled_from(["success_rate", "quantile"]),
)
def test_a_run_that_ended_early_decides_what_no_longer_one_could_change(ends, within, share, key):
    cut = ("budget", "stalled")
    outcomes = [end if isinstance(end, str) else "budget" for end in ends]
    missed, hit = (
        [
            row(
                "adam",
                [late if end in cut else None if isinstance(end, str) else end for end in ends],
                outcomes=outcomes,
            )
        ]
        for late in (None, BUDGET + 1)
    )
    short = ended(missed, within, **{key: share})
    worst, best = (ended(rows, within, 2 * BUDGET, **{key: share}) for rows in (missed, hit))
    assert not {"undecided"} & {*worst, *best}
    if "undecided" in short:
        assert (short["undecided"], short["met"], worst["met"], best["met"]) == (True, False, False, True)
        assert f"up to {sum(end in cut for end in ends)} more by {within:,}" in short["measured"]
    else:
        assert short["met"] == worst["met"] == best["met"]


EVERYTHING = {  # as lenient as can be: whatever has been measured meets it
    "target": {"target": TARGET, "success_rate": 1e-9},
    "final_loss": {"final_loss": 1e308, "quantile": 1e-9},
    "outcome": {"outcome": ["reached", "budget", "stalled", "diverged", "timeout"], "success_rate": 1e-9},
    "faster_than": {"faster_than": {"optimizer": "sgd", "by": 1e-9}, "target": TARGET, "quantile": 1e-9},
    "time_per_step": {"time_per_step": 1e308},
}
SKIPPED = row("adam", [1, 1], outcomes=["skipped", "error"])
NOTHING = {
    **{f"{kind}: no row": (kind, [row("sgd", [1])], "the optimizer did not run") for kind in EVERYTHING},
    **{f"{kind}: another problem's": (kind, [row("adam", [1], problem="q")], "did not run") for kind in EVERYTHING},
    **{f"{kind}: none counts": (kind, [SKIPPED, row("sgd", [1, 1])], "no trial counts") for kind in EVERYTHING},
    **{f"{kind}: no trials": (kind, [row("adam"), row("sgd")], "no trial counts") for kind in EVERYTHING},
    "target: not measured": ("target", [row("adam", [1], targets=[OTHER])], "the target was not measured"),
    "final_loss: null": ("final_loss", [row("adam", [1], losses=[None])], "no finite loss"),
    "faster_than: not measured": ("faster_than", [row("adam", [1], targets=[]), row("sgd", [1])], "not measured"),
    "faster_than: nor theirs": ("faster_than", [row("adam", [1]), row("sgd", [1], targets=[OTHER])], "not measured"),
    "faster_than: no other": ("faster_than", [row("adam", [1])], "sgd did not run"),
    "faster_than: no seed": ("faster_than", [row("adam", [1], seeds=[1]), row("sgd", [1], seeds=[2])], "no seed"),
    "faster_than: the other skipped": ("faster_than", [row("adam", [1]), {**SKIPPED, "optimizer": "sgd"}], "no seed"),
    "faster_than: all missed": (
        "faster_than",
        [row("adam", [None]), row("sgd", [None])],
        "missed the target on 1 of 1",
    ),
    "time_per_step: null": ("time_per_step", [row("adam", [1], ns=None)], "its time was not measured"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_what_was_not_measured_is_never_met(case):
    kind, rows, words = NOTHING[case]
    found = ask(rows, kind=kind, **EVERYTHING[kind])
    assert (found["met"], found["value"]) == (False, None)
    assert words in found["measured"]


@pytest.mark.parametrize("kind", EVERYTHING)
def test_the_most_lenient_requirement_is_met_by_what_was_measured(kind):
    assert ask([row("adam", [5, None]), row("sgd", [7, 9])], kind=kind, **EVERYTHING[kind])["met"]


def test_every_kind_is_tested_here_and_declares_its_own_key_first():
    assert set(kinds()) == set(EVERYTHING)
    for name, kind in kinds().items():
        assert (kind.keys[0].name, kind.keys[0].required) == (name, True)
        assert set(kind.apart) <= {key.name for key in kind.keys}


HITS = st.one_of(st.none(), st.integers(0, BUDGET))
TRIALS = st.lists(HITS, min_size=1, max_size=12)
QUANTILES = st.floats(0, 1, exclude_min=True)


@given(TRIALS, st.integers(0, BUDGET), st.integers(0, BUDGET), SHARES, SHARES)
def test_more_steps_or_a_smaller_share_never_unmeet_a_target(hits, within, more, rate, other):
    rows, (low, high) = [row("adam", hits)], sorted((rate, other))
    if target(rows, within=within, success_rate=high)["met"]:
        assert target(rows, within=within + more, success_rate=low)["met"]
        assert target(rows, success_rate=low)["met"]


@given(TRIALS, st.integers(0, BUDGET), QUANTILES, QUANTILES)
def test_a_lower_quantile_asks_less_and_is_the_same_as_a_share(hits, within, one, other):
    rows, (low, high) = [row("adam", hits)], sorted((one, other))
    if target(rows, within=within, quantile=high)["met"]:
        assert target(rows, within=within, quantile=low)["met"]
    found = target(rows, within=within, quantile=one)
    assert found["met"] == target(rows, within=within, success_rate=one)["met"]
    assert found["met"] == (found["value"] is not None and found["value"] <= within)


@given(st.lists(st.one_of(st.none(), st.floats(-9, 9)), min_size=1, max_size=12), st.integers(1, 16), st.floats(-9, 9))
def test_a_final_loss_is_held_against_numpys_quantile(losses, sixteenths, limit):
    rows, level = [row("adam", [1] * len(losses), losses=losses)], sixteenths / 16
    infinite = [math.inf if one is None else one for one in losses]
    wanted = np.quantile(infinite, level, method="inverted_cdf")
    found = loss(rows, final_loss=limit, quantile=level)
    assert found["value"] == (wanted if np.isfinite(wanted) else None)
    assert found["met"] == (wanted <= limit)
    assert loss(rows, final_loss=limit)["met"] == (max(infinite) <= limit)
    if found["met"]:
        assert loss(rows, final_loss=limit, quantile=level / 2)["met"]
        assert loss(rows, final_loss=limit + 1, quantile=level)["met"]


OUTCOMES = ["reached", "budget", "stalled", "diverged", "timeout", "error", "skipped"]


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=12), SHARES, SHARES)
def test_another_allowed_outcome_or_a_smaller_share_never_unmeet_it(outcomes, rate, other):
    rows, (low, high) = [row("adam", [1] * len(outcomes), outcomes=outcomes)], sorted((rate, other))
    found = outcome(rows, success_rate=high)
    if found["met"]:
        assert outcome(rows, success_rate=low)["met"]
        assert outcome(rows, outcome=["diverged", "reached"], success_rate=high)["met"]
    counted = [one for one in outcomes if one not in ("error", "skipped")]
    if counted:
        assert found["value"] == counted.count("reached") / len(counted)


RACES = st.lists(st.tuples(HITS, HITS), min_size=1, max_size=12)
BY = st.floats(1.001, 50)


def race(pairs):
    return [row("adam", [mine for mine, _ in pairs]), row("sgd", [theirs for _, theirs in pairs])]


@given(RACES, BY, BY, st.one_of(st.none(), st.floats(0.5, 1, exclude_min=True)))
def test_never_are_both_faster_than_each_other(pairs, by, other, quantile):
    asked = {} if quantile is None else {"quantile": quantile}
    one = faster(race(pairs), by=by, **asked)["met"]
    assert not (one and faster(race(pairs), by=other, of="sgd", than="adam", **asked)["met"])


@given(RACES, BY, st.integers(0, 11), st.one_of(st.none(), QUANTILES))
def test_a_miss_of_ones_own_never_makes_one_faster_nor_does_asking_for_more(pairs, by, place, quantile):
    asked = {} if quantile is None else {"quantile": quantile}
    missed = [(None if number == place % len(pairs) else mine, theirs) for number, (mine, theirs) in enumerate(pairs)]
    before, after = (faster(race(some), by=by, **asked) for some in (pairs, missed))
    assert before["met"] or not after["met"]
    if quantile is None:
        assert not after["met"]
    else:
        assert before["met"] or not faster(race(pairs), by=by, quantile=min(1.0, quantile * 2))["met"]
    assert before["met"] or not faster(race(pairs), by=by * 1.5, **asked)["met"]


@given(st.lists(st.tuples(st.integers(1, BUDGET), HITS), min_size=1, max_size=12))
def test_the_speedup_and_its_interval_agree_with_other_libraries(pairs):
    found = faster(race(pairs))
    ratios = [max(BUDGET + 1 if theirs is None else theirs, 1) / mine for mine, theirs in pairs]
    assert found["value"] == pytest.approx(statistics.geometric_mean(ratios))
    assert (found["pairs"], found["failed"]) == (len(pairs), 0)
    assert found["charged"] == sum(theirs is None for _, theirs in pairs)
    assert ("at least" in found["measured"]) == bool(found["charged"])
    logs = np.log(ratios)
    if len(pairs) < 3:
        assert found["ci95"] is None
    elif np.ptp(logs) > 1e-6:
        wanted = stats.t.interval(0.95, len(logs) - 1, np.mean(logs), stats.sem(logs))
        assert np.log(found["ci95"]) == pytest.approx(np.array(wanted), abs=1e-9)


@given(st.integers(1, 3000), SHARES)
def test_the_trials_that_make_up_a_share_are_the_fewest(trials, share):
    count = needed(trials, share)
    assert 0 <= count <= trials
    assert count / trials >= share
    assert not count or (count - 1) / trials < share


@pytest.mark.parametrize("count", range(101))
def test_a_share_of_a_hundred_is_so_many(count):
    assert needed(100, count / 100) == count
    assert exact_percent(count / 100) == f"{count}%"


@pytest.mark.parametrize("case", CASES)
def test_an_entry_follows_its_schema(case):
    entry = json.loads(json.dumps(CASES[case][0], allow_nan=False))
    jsonschema.validate(entry, REQUIREMENT)
    assert set(REQUIREMENT["required"]) <= set(entry) <= set(REQUIREMENT["properties"])


@pytest.mark.parametrize("kind", EVERYTHING)
def test_an_entry_of_a_report_can_be_checked_again(kind):
    rows = [row("adam", [5, 6, None]), row("sgd", [7, 9, 3])]
    entry = ask(rows, kind=kind, **EVERYTHING[kind])
    assert check_requirement(PROBLEM, entry, list(reversed(rows))) == entry
    without = check_requirement(PROBLEM, entry, [])
    assert {name for name in without if without[name] != entry[name]} >= {"met", "measured", "value"}


SHAPES = {  # of the keys of a kind that nobody has thought of: values in a report, and as a test's title says them
    "word": (Choice(("a", "b")), "a", "c", "a"),
    "count": (Number(1, 9, whole=True), 3, 10, "3"),
    "pace": (Duration(), 1234.5, -1.0, "1.2345us"),
    "words": (ListOf(Choice(("a", "b")), least=1), ["a", "b"], [], "a|b"),
    "strict": (Switch(), True, "yes", "True"),
    "text": (Text("[a-z]+"), "abc", "123", "abc"),
    "goal": (TARGET_SHAPE, OTHER, TARGET, "loss 0.5"),
    "pair": (
        Fields((Key("optimizer", OPTIMIZER, required=True), Key("by", Number(0), default=1.0))),
        {"optimizer": "sgd", "by": 0.5},
        {"optimizer": "lion", "by": 0.5},
        "sgd by 0.5",
    ),
    "within": (Text(), "the hour", 9, "the hour"),  # which another kind has, as a number
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_kind_is_one_file_whatever_its_keys_are(name, monkeypatch):
    shape, value, wrong, words = SHAPES[name]
    kind = Kind(
        name="mine",
        keys=(Key("mine", Number(), required=True), Key(name, shape), QUANTILE),
        check=lambda asked, evidence: Judgement(True, "so it is", 1.0, {"more": [1]}),
        sentence=lambda asked: "is mine",
        reported={"more": {"type": "array", "items": {"type": "integer"}}},
    )
    monkeypatch.setitem(kinds(), "mine", kind)
    asked = {"kind": "mine", "mine": 1.0, name: value}
    entry = ask([row("adam", [1])], **asked)
    schema = requirement_schema()
    jsonschema.validate(json.loads(json.dumps(entry)), schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid({**entry, name: {"no": "such"}})
    assert not jsonschema.Draft202012Validator(schema).is_valid({**entry, "more": "such"})
    for found, _, _ in CASES.values():  # and others are what they were
        jsonschema.validate(json.loads(json.dumps(found)), schema)
    assert title(Requirement({**COMMON, **asked})) == f"mine 1 {name} {words}"
    problems = [{**PROBLEM, "targets": [OTHER]}]
    rows = [("p", label, (), 0, 0) for label in ("adam", "sgd")]
    assert requirement_fault([entry], problems, rows) is None
    path, said = requirement_fault([{**entry, name: wrong}], problems, rows)
    assert path.startswith(f"requirements[0].{name}")
    assert said.startswith("expected ")


@given(st.floats(min_value=0, max_value=1e300, exclude_min=True))
def test_a_time_that_is_asked_for_is_written_to_the_last_digit(time):
    text = exact_time(time)
    number, unit = text.split(" ")
    assert float(number) * {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}[unit] == time
    assert unit == "ns" or float(number) >= 1
    asked = {"kind": "time_per_step", "time_per_step": time}
    assert ask([], **asked)["sentence"] == f"adam takes at most {text} a step"
    assert title(Requirement({**COMMON, **asked})) == f"time_per_step {number}{unit}"


@pytest.mark.parametrize(
    "text", ["200 ns", "1.5 us", "1.2345 us", "1.234567891 us", "3 ms", "2 s", "1e-3 ns", "1.1 us"]
)
def test_a_time_is_written_as_it_was_asked_for(text):
    (found,) = asking(f"{{optimizer: adam, time_per_step: {text}}}")
    assert exact_time(found.asked["time_per_step"]) == text


# The file


FILE = """\
name: asking
function: sphere
budget: 300
seeds: 2
start: {normal: [5, 0.5]}
targets: [1e-1, {loss: 0.5}]
optimizers: [adam, {sgd: {lr: 0.01}}, "rmsprop@keras"]
require:
  - %s
"""


def asking(entry, folder=None):
    return read(FILE % entry, "asking.yaml", folder).require


READ = {
    "{optimizer: adam, target: 1e-1}": {
        **{"kind": "target", "target": {"kind": "relative", "value": 0.1}, "success_rate": 1.0},
    },
    "{optimizer: adam, target: {loss: 0.5}, within: 7, quantile: 0.9}": {
        **{"kind": "target", "target": {"kind": "loss", "value": 0.5}, "within": 7, "quantile": 0.9},
    },
    "{optimizer: adam, target: 1e-1, success_rate: 0.25}": {
        **{"kind": "target", "target": {"kind": "relative", "value": 0.1}, "success_rate": 0.25},
    },
    "{optimizer: adam, final_loss: -3}": {"kind": "final_loss", "final_loss": -3.0},
    "{optimizer: 'adam:lr=1e-3', final_loss: 1, quantile: 1}": {
        "kind": "final_loss",
        "final_loss": 1.0,
        "quantile": 1.0,
    },
    "{optimizer: [adam], outcome: reached}": {"kind": "outcome", "outcome": ["reached"], "success_rate": 1.0},
    "{optimizer: adam, outcome: [reached, budget], success_rate: 1e-9}": {
        **{"kind": "outcome", "outcome": ["reached", "budget"], "success_rate": 1e-9},
    },
    "{optimizer: adam, faster_than: {optimizer: 'sgd:lr=1e-2', by: 1.5}, target: 1e-1}": {
        "kind": "faster_than",
        "faster_than": {"optimizer": "sgd:lr=0.01", "by": 1.5},
        "target": {"kind": "relative", "value": 0.1},
    },
    "{optimizer: adam, time_per_step: 200ns}": {"kind": "time_per_step", "time_per_step": 200.0, "advisory": True},
    "{optimizer: adam, time_per_step: '1.5 us', advisory: false}": {"kind": "time_per_step", "time_per_step": 1500.0},
    "{optimizer: adam, time_per_step: 3ms}": {"kind": "time_per_step", "time_per_step": 3e6, "advisory": True},
    "{optimizer: adam, time_per_step: 2e3}": {"kind": "time_per_step", "time_per_step": 2000.0, "advisory": True},
    "{optimizer: adam, target: 1e-1, advisory: true}": {
        **{"kind": "target", "target": {"kind": "relative", "value": 0.1}, "success_rate": 1.0, "advisory": True},
    },
}


@pytest.mark.parametrize("entry", READ)
def test_every_kind_of_entry_is_read(entry):
    (found,) = asking(entry)
    assert found.asked == {**COMMON, **READ[entry]}
    assert found.line == 9
    assert found.others == (("sgd:lr=0.01",) if "faster_than" in entry else ())


@pytest.mark.parametrize(
    ("entry", "labels"),
    [
        ("{final_loss: 1}", ["adam", "sgd:lr=0.01", "rmsprop@keras"]),
        ("{optimizer: ['sgd:lr=0.01', adam, adam], final_loss: 1}", ["sgd:lr=0.01", "adam"]),
        ("{faster_than: {optimizer: adam}, target: 1e-1}", ["sgd:lr=0.01", "rmsprop@keras"]),
    ],
)
def test_an_entry_is_asked_of_all_whom_it_names_or_of_everybody(entry, labels):
    assert [found.optimizer for found in asking(entry)] == labels


KEYS = "faster_than, final_loss, outcome, target, time_per_step"
BAD = {
    "no kind": ("{optimizer: adam}", 5, "", f"expected one of the keys {KEYS}, got none of them"),
    "two kinds": (
        "{optimizer: adam, final_loss: 1, outcome: reached}",
        5,
        "",
        f"expected one of the keys {KEYS}, got final_loss and outcome",
    ),
    "mistyped kind": ("{optimizer: adam, final_los: 1}", 23, ".final_los", "(did you mean final_loss?)"),
    "mistyped key": ("{optimizer: adam, target: 1e-1, withn: 5}", 37, ".withn", "(did you mean within?)"),
    "another kind's key": ("{optimizer: adam, final_loss: 1, within: 5}", 38, ".within", "one of the keys final_loss"),
    "kind from its other keys": ("{optimizer: adam, within: 5}", 5, ".target", "got nothing"),
    "no mapping": ("adam", 5, "", "a mapping with one of the keys"),
    "share and quantile": (
        "{optimizer: adam, target: 1e-1, success_rate: 1, quantile: 0.5}",
        54,
        ".quantile",
        "expected one of success_rate, quantile, got success_rate and quantile",
    ),
    "quantile of 0": ("{optimizer: adam, target: 1e-1, quantile: 0}", 47, ".quantile", "a number above 0 to 1"),
    "share above 1": ("{optimizer: adam, outcome: reached, success_rate: 50}", 55, ".success_rate", "above 0 to 1"),
    "share of none": ("{optimizer: adam, outcome: reached, success_rate: 0}", 55, ".success_rate", "above 0 to 1"),
    "target of none": ("{optimizer: adam, target: 1e-1, success_rate: 0.0}", 51, ".success_rate", "above 0 to 1"),
    "within beyond the budget": (
        *("{optimizer: adam, target: 1e-1, within: 301}", 45, ".within"),
        "at most 300, the budget of this problem, got 301 (a trial ends at the budget: raise it, or ask for less)",
    ),
    "within of a half": ("{optimizer: adam, target: 1e-1, within: 0.5}", 45, ".within", "a whole number"),
    "target of another": ("{optimizer: adam, target: 1e-2}", 31, ".target", "of this problem (0.1, {loss: 0.5})"),
    "infinite loss": ("{optimizer: adam, final_loss: .inf}", 35, ".final_loss", "a number"),
    "loss that is no number": ("{optimizer: adam, final_loss: }", 35, ".final_loss", "got nothing"),
    "mistyped outcome": ("{optimizer: adam, outcome: reachd}", 32, ".outcome", "(did you mean reached?)"),
    "outcome outside": ("{optimizer: adam, outcome: [reached, error]}", 42, ".outcome[1]", "diverged, timeout, got"),
    "no outcome": ("{optimizer: adam, outcome: []}", 32, ".outcome", "at least 1"),
    "another optimizer": ("{optimizer: adamw, final_loss: 1}", 17, ".optimizer", "the optimizers of this problem"),
    "unknown optimizer": ("{optimizer: adma, final_loss: 1}", 17, ".optimizer", "unknown optimizer 'adma'"),
    "one of a list": ("{optimizer: [adam, lion], final_loss: 1}", 24, ".optimizer[1]", "of this problem"),
    "several in one": ("{optimizer: 'adam:lr=1/2', final_loss: 1}", 17, ".optimizer", "one optimizer, got 2"),
    "imported": ("{optimizer: torch.optim.Adam, final_loss: 1}", 17, ".optimizer", "an optimizer of adambench's own"),
    "faster than itself": (
        "{optimizer: adam, faster_than: {optimizer: adam}, target: 1e-1}",
        17,
        ".optimizer",
        "than adam",
    ),
    "faster than a stranger": (
        *("{optimizer: adam, faster_than: {optimizer: lion, by: 2}, target: 1e-1}", 48, ".faster_than.optimizer"),
        "one of the optimizers of this problem",
    ),
    "faster than nobody": ("{faster_than: {by: 2}, target: 1e-1}", 19, ".faster_than.optimizer", "got nothing"),
    "faster to nowhere": ("{optimizer: adam, faster_than: {optimizer: 'sgd:lr=0.01'}}", 5, ".target", "got nothing"),
    "faster by nothing": ("{faster_than: {optimizer: adam, by: 0}, target: 1e-1}", 41, ".faster_than.by", "above 0"),
    "faster by a typo": ("{faster_than: {optimizer: adam, bye: 2}, target: 1e-1}", 37, ".faster_than.bye", "mean by?"),
    "bare faster": ("{optimizer: adam, faster_than: sgd, target: 1e-1}", 36, ".faster_than", "a mapping with the keys"),
    "time without number": ("{time_per_step: fast}", 21, ".time_per_step", "a time above 0, as in 200ns, 1.5us or 3ms"),
    "time in weeks": ("{time_per_step: 2weeks}", 21, ".time_per_step", "a time above 0"),
    "no time": ("{time_per_step: 0ns}", 21, ".time_per_step", "a time above 0"),
    "time that overflows": ("{time_per_step: 1e308ms}", 21, ".time_per_step", "a time above 0"),
    "time that is true": ("{time_per_step: true}", 21, ".time_per_step", "a time above 0"),
    "advisory text": ("{final_loss: 1, advisory: maybe}", 31, ".advisory", "true or false"),
    "sweep": ("{final_loss: {sweep: [1, 2]}}", 18, ".final_loss", "no sweep here"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_entry_gives_one_error_at_its_place(case):
    entry, column, key, message = BAD[case]
    with pytest.raises(ProblemError) as caught:
        asking(entry)
    (found,) = caught.value.findings
    assert (found.line, found.column, found.key) == (9, column, f"require[0]{key}")
    assert message in found.message


def test_all_that_is_wrong_is_said_at_once():
    entries = [
        "{optimizer: [adma, 3, lion], target: 1e-2, withn: 5}",
        "{time_per_step: soon, advisory: 1}",
        "{faster_than: {optimizer: lion, by: fast}, target: 1e-2, quantile: 2}",
    ]
    with pytest.raises(ProblemError) as caught:
        asking("\n  - ".join(entries))
    assert sorted((found.line - 9, found.key.partition(".")[2]) for found in caught.value.findings) == [
        *((0, key) for key in ("optimizer[0]", "optimizer[1]", "optimizer[2]", "target", "withn")),
        *((1, key) for key in ("advisory", "time_per_step")),
        *((2, key) for key in ("faster_than.by", "faster_than.optimizer", "quantile", "target")),
    ]


BUDGETS = {
    "its own": ("300", 300, "300"),
    "of the file by default": (None, 10_000, "10,000"),
    "the least of a sweep": ("{sweep: [300, 40, 60]}", 40, "40"),
}


@pytest.mark.parametrize("case", BUDGETS)
def test_no_more_steps_are_asked_for_than_the_budget_of_the_file(case):
    given, most, words = BUDGETS[case]
    text = FILE.replace("budget: 300\n", "" if given is None else f"budget: {given}\n")
    ask_for = "{optimizer: adam, target: 1e-1, within: %d}"
    assert len(read_all(text % ask_for % most, "asking.yaml", None)) == (3 if case.endswith("sweep") else 1)
    with pytest.raises(ProblemError, match=f"at most {words}, the budget of this problem, got {most + 1:,} "):
        read_all(text % ask_for % (most + 1), "asking.yaml", None)


def test_a_budget_that_is_wrong_is_all_that_is_said_of_it():
    for wrong in ("many", "0", "[1]"):
        text = FILE.replace("budget: 300", f"budget: {wrong}") % "{optimizer: adam, target: 1e-1, within: 999}"
        with pytest.raises(ProblemError) as caught:
            read(text, "asking.yaml", None)
        assert [found.key for found in caught.value.findings] == ["budget"]


def test_nobody_left_to_ask_is_an_error():
    text = FILE.replace('[adam, {sgd: {lr: 0.01}}, "rmsprop@keras"]', "[adam]")
    with pytest.raises(ProblemError, match="an optimizer of this problem besides adam, got none"):
        read(text % "{faster_than: {optimizer: adam}, target: 1e-1}", "asking.yaml", None)


def test_what_is_required_does_not_change_the_hash():
    assert len({read(FILE % entry, "asking.yaml", None).hash for entry in READ}) == 1


# What only the reader knows: who takes part, towards what.
INNER = {
    *("target of another", "another optimizer", "unknown optimizer", "one of a list", "several in one", "imported"),
    *(
        "within beyond the budget",
        "faster than itself",
        "faster than a stranger",
        "sweep",
        "infinite loss",
        "time that overflows",
        "no time",
    ),
}


def test_the_schema_takes_what_is_read_and_refuses_what_is_not():
    validator = jsonschema.Draft202012Validator(problem_schema())
    for entry in READ:
        assert [error.message for error in validator.iter_errors(core(FILE % entry))] == []
    passed = {case for case in BAD if validator.is_valid(core(FILE % BAD[case][0]))}
    assert passed <= INNER


def core(text):
    """The document in a file, its numbers respelled as YAML 1.1 takes them for such."""
    return yaml.safe_load(re.sub(r"\b1e-", "1.0e-", re.sub(r"\b2e3\b", "2000", text)))


def test_the_bundled_problems_and_the_template_require_what_can_be_read():
    for path in bundled_problems().values():
        assert all(asked.optimizer for problem in load_all([str(path)]) for asked in problem.require)
    text = template("new")
    head, block = text.split("# require:\n")
    lines = [line.removeprefix("# ") for line in block.splitlines()]
    found = read(f"{head}require:\n" + "\n".join(lines) + "\n", "new.yaml", None).require
    assert {asked.asked["kind"] for asked in found} == set(kinds())


def test_the_readme_shows_every_kind():
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    block = re.search(r"### What must hold\n.*?```yaml\n(.*?)```", readme, re.S)[1]
    text = "name: p\nfunction: sphere\noptimizers: [adam, sgd]\ntargets: [1e-3, {loss: 0.5}]\n" + block
    assert {asked.asked["kind"] for asked in read(text, "p.yaml", None).require} == set(kinds())


# The commands


def run(folder, entries, *options):
    path = folder / "asking.yaml"
    path.write_text(FILE % "\n  - ".join(entries))
    return exit_code(["run", str(path), "--no-progress", *options])


EXITS = {
    "target met": ("{optimizer: 'sgd:lr=0.01', target: 1e-1, success_rate: 0.1}", 0),
    "target unmet": ("{optimizer: adam, target: 1e-1, within: 0}", 1),
    "quantile unmet": ("{optimizer: adam, target: 1e-1, within: 0, quantile: 0.1}", 1),
    "loss met": ("{final_loss: 1e6}", 0),
    "loss unmet": ("{final_loss: -1}", 1),
    "outcome met": ("{outcome: [reached, budget]}", 0),
    "outcome unmet": ("{outcome: stalled}", 1),
    "faster, by far too much": ("{optimizer: adam, faster_than: {optimizer: 'sgd:lr=0.01', by: 1e9}, target: 1e-1}", 1),
    "time met": ("{time_per_step: 100s, advisory: false}", 0),
    "time unmet": ("{time_per_step: 1e-3ns}", 0),
    "time unmet that counts": ("{time_per_step: 1e-3ns, advisory: false}", 1),
    "loss unmet, advisory": ("{final_loss: -1, advisory: true}", 0),
}


@pytest.mark.parametrize("case", EXITS)
def test_the_exit_code_follows_what_must_hold(case, tmp_path, capsys):
    entry, code = EXITS[case]
    assert run(tmp_path, [entry]) == code
    table = capsys.readouterr().out.partition("requirements\n")[2]
    assert ("unmet:" in table) == bool(code)
    assert ("(advisory): " in table) == ("advisory: true" in entry or entry == "{time_per_step: 1e-3ns}")
    assert run(tmp_path, [entry], "--format", "markdown") == code
    assert ("**unmet**" in capsys.readouterr().out.partition("## Requirements\n")[2]) == bool(code)


def test_one_unmet_of_many_is_enough_and_each_is_listed(tmp_path, capsys):
    assert run(tmp_path, ["{final_loss: 1e6}", "{optimizer: adam, final_loss: -1}"], "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert [entry["met"] for entry in report["requirements"]] == [True, True, True, False]
    assert {entry["kind"] for entry in report["requirements"]} == {"final_loss"}
    assert "requirements_not_asked" not in report
    problem = load(str(tmp_path / "asking.yaml"))
    alone = [check(problem, asked, report["results"]) for asked in problem.require]
    assert alone == report["requirements"]


SHORTER = {  # at a budget of 100
    "met by then": ("{optimizer: 'sgd:lr=0.01', target: 1e-1, within: 300}", 0, "2 of 2 trials within 300"),
    "not met by then": ("{optimizer: adam, target: 1e-1, within: 300}", 1, "ends; up to 2 more by 300"),
    "asked for before": ("{optimizer: adam, target: 1e-1, within: 100}", 1, "0 of 2 trials within 100 steps, never in"),
}


@pytest.mark.parametrize("case", SHORTER)
def test_a_smaller_budget_may_decide_and_says_where_it_does_not(case, tmp_path, capsys):
    entry, code, words = SHORTER[case]
    path = tmp_path / "asking.yaml"
    path.write_text(FILE % entry)
    assert exit_code(["run", str(path), "--no-progress", "--json", "--budget", "100"]) == code
    report = json.loads(capsys.readouterr().out)
    (found,) = report["requirements"]
    assert (found["met"], words in found["measured"]) == (not code, True), found["measured"]
    assert found.get("undecided", False) == ("up to" in words)
    jsonschema.validate(report, REPORT_SCHEMA)
    assert reading(report) == report


# Reports read back


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A report of all that READ asks for."""
    path = tmp_path_factory.mktemp("asked") / "asking.yaml"
    path.write_text(FILE % "\n  - ".join(READ))
    out = path.with_suffix(".json")
    assert exit_code(["run", str(path), "--no-progress", "--json", "-o", str(out)]) in (0, 1)
    return json.loads(out.read_text())


def reading(report):
    return read_report("-", io.BytesIO(json.dumps(report).encode()))


def test_what_a_file_can_ask_is_read_back(asked):
    assert [entry["kind"] for entry in asked["requirements"]] == [found["kind"] for found in READ.values()]
    assert reading(asked) == asked
    unrun = copy.deepcopy(asked)  # as where the run was interrupted
    unrun["results"] = [one for one in unrun["results"] if one["optimizer"] != "adam"]
    for entry in unrun["requirements"]:
        entry["met"] = False
    assert reading(unrun) == unrun


IMPOSSIBLE = {
    "steps": ("target", "within", -5, "within: expected a whole number from 0 to 1,000,000,000,000, got -5"),
    "share": ("target", "success_rate", 1.5, "success_rate: expected a number above 0 to 1, got 1.5"),
    "no share": ("target", "success_rate", None, "success_rate: expected success_rate or quantile of kind target"),
    "share and quantile": (
        *("target", "quantile", 0.5),
        "quantile: expected one of success_rate, quantile, got success_rate and quantile",
    ),
    "relative target": (
        *("target", "target", {"kind": "relative", "value": 7}),
        "target: expected one of the targets of its problem (1e-1, loss 0.5), got 7",
    ),
    "target of another problem": (
        *("faster_than", "target", {"kind": "loss", "value": 0.4}),
        "target: expected one of the targets of its problem (1e-1, loss 0.5), got loss 0.4",
    ),
    "no target": ("target", "target", None, "target: expected what kind target asks for, got null"),
    "factor": (
        *("faster_than", "faster_than", {"optimizer": "sgd:lr=0.01", "by": -3}),
        "faster_than.by: expected a number above 0, got -3",
    ),
    "rival": (
        *("faster_than", "faster_than", {"optimizer": "lion", "by": 1}),
        'faster_than.optimizer: expected an optimizer that ran on its problem, as it is met, got "lion"',
    ),
    "quantile": ("final_loss", "quantile", 0, "quantile: expected a number above 0 to 1, got 0"),
    "no outcome": ("outcome", "outcome", [], "outcome: expected at least 1, got 0"),
    "outcome outside": ("outcome", "outcome", ["reached", "error"], "outcome[1]: expected one of reached, budget"),
    "time": ("time_per_step", "time_per_step", 0, "time_per_step: expected a time above 0, as in"),
    "problem": ("outcome", "problem", "other", 'problem: expected one of the problems, got "other"'),
    "optimizer": ("outcome", "optimizer", "lion", "optimizer: expected an optimizer that ran on its problem"),
    "kind": ("outcome", "kind", "other", "kind: expected one of faster_than, final_loss, outcome, target, time_per"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_no_file_can_ask_is_refused_in_a_sentence(case, asked, tmp_path, capsys):
    kind, key, value, said = IMPOSSIBLE[case]
    edited = copy.deepcopy(asked)
    index = next(index for index, entry in enumerate(edited["requirements"]) if entry["kind"] == kind)
    edited["requirements"][index] |= {"met": True, key: value}
    with pytest.raises(AdambenchError, match=re.escape(f"<stdin>: requirements[{index}].{said}")):
        reading(edited)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(edited))
    assert exit_code(["summarize", str(path)]) == 2
    assert f"requirements[{index}]." in capsys.readouterr().err


ALL, NAMED = "{outcome: [reached, budget]}", "{optimizer: [adam, 'sgd:lr=0.01'], target: 1e-1, quantile: 0.5}"
RACE = "{optimizer: adam, faster_than: {optimizer: 'sgd:lr=0.01', by: 1e9}, target: 1e-1}"
TIME = "{optimizer: adam, time_per_step: 1s}"
LEFT_OUT = {
    "one of the named": ([ALL, NAMED], "sgd:lr=0.01", ["sgd:lr=0.01", "sgd:lr=0.01"], 1, 0),
    "all of the named": ([ALL, NAMED], "sgd:lr=0.01,adam:lr=2", ["sgd:lr=0.01", "adam:lr=2", "sgd:lr=0.01"], 1, 0),
    "another optimizer": ([ALL, NAMED], "lion", ["lion"], 2, 0),
    "another setting": ([ALL, NAMED], "adam:lr=0.002", ["adam:lr=0.002"], 2, 0),
    "none of those that are named": ([NAMED], "lion", [], 2, 1),
    "a race without the other": ([RACE], "adam", [], 1, 1),
    "a race with anyone, without the other": (["{faster_than: {optimizer: adam}, target: 1e-1}"], "lion", [], 1, 1),
    "a race with anyone, by nobody": (["{faster_than: {optimizer: adam}, target: 1e-1}"], "adam", [], 2, 1),
    "what is only shown": ([TIME], "lion", [], 1, 0),
    "all that counts": ([TIME, NAMED], "adam:lr=0.002", [], 3, 1),
    "all that counts, but for what is shown": (["{time_per_step: 1s}", NAMED], "lion", ["lion"], 2, 1),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_the_command_line_leaves_out_is_not_asked_and_that_is_said(case, tmp_path, capsys):
    entries, optimizers, asked, left_out, code = LEFT_OUT[case]
    assert run(tmp_path, entries, "--json", "--optimizers", optimizers) == code
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert [entry["optimizer"] for entry in report.get("requirements", [])] == asked
    assert report["requirements_not_asked"] == left_out
    assert report.get("held_to_nothing", []) == ["asking"] * code
    were = "requirement was" if left_out == 1 else "requirements were"
    said = f"{left_out} {were} not asked"
    assert said in err
    assert ("of asking, none that counts was" in err) == bool(code)
    assert run(tmp_path, entries, "--quiet", "--optimizers", optimizers) == code
    out, err = capsys.readouterr()
    assert said in out
    assert ("of asking, none that counts was" in " ".join(out.split())) == bool(code)
    assert not err


def test_targets_left_out_are_not_asked_either(tmp_path, capsys):
    assert run(tmp_path, ["{target: 1e-1}", ALL], "--json", "--targets", "1e-2") == 0
    assert json.loads(capsys.readouterr().out)["requirements_not_asked"] == 3
    assert run(tmp_path, ["{target: 1e-1}"], "--json", "--targets", "1e-2") == 1
    assert json.loads(capsys.readouterr().out)["held_to_nothing"] == ["asking"]


def test_one_problem_held_to_nothing_is_enough_and_a_comparison_only_says_so(tmp_path, capsys):
    other = tmp_path / "other.yaml"
    other.write_text((FILE % ALL).replace("name: asking", "name: other"))
    assert run(tmp_path, [NAMED], str(other), "--optimizers", "lion", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["held_to_nothing"] == ["asking"]
    jsonschema.validate(document, REPORT_SCHEMA)
    for kind, command in (("failure", "error"), ("skipped", "warning")):
        junit, github = (find_format(name).render(document, Style()) for name in ("junit", "github"))
        (case,) = ElementTree.fromstring(junit.split("\n", 1)[1]).findall(
            "./testsuite[@name='asking']/*[@name='requirements']"
        )
        assert "none that counts was" in case.find(kind).text
        assert re.search(rf"^::{command} .*of asking, none that counts was$", github, re.M)
        document["comparison"] = []
    arguments = [str(tmp_path / "asking.yaml"), "--optimizers", "lion,sgd", "--no-progress"]
    assert exit_code(["compare", *arguments]) == 0
    assert "of asking, none that counts was" in capsys.readouterr().err


def test_compare_asks_too(tmp_path, capsys):
    run(tmp_path, ["{optimizer: adam, final_loss: -1}"])
    path = str(tmp_path / "asking.yaml")
    assert exit_code(["compare", path, "--optimizers", "adam,sgd", "--no-progress"]) == 1
    assert "unmet: asking: adam ends at a loss of at most -1 in all trials" in capsys.readouterr().out

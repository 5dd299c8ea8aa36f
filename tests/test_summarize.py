"""Reports merged: parts give back the whole, to the bit; what is not comparable is refused, and said."""

from __future__ import annotations

import copy
import json
import math
from fractions import Fraction

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adambench.analysis.agreement import Source
from adambench.analysis.derived import derive
from adambench.analysis.merge import merge
from adambench.cli import exit_code
from adambench.errors import AdambenchError
from adambench.render import Style, all_formats, find_format
from adambench.report_schema import REPORT_SCHEMA
from adambench.requirements import check_requirement

PROBLEMS = """\
name: bowl
function: quadratic
dimension: 3
parameters: {eigenvalues: [1, {sweep: [4, 16, 64]}, 2]}
noise: {gaussian: {std: 0.05}}
start: {normal: [1, 0.5]}
budget: 120
targets: [1e-1, 1e-2, {gradient: 0.01}]
seeds: 7
optimizers: [adam:lr=0.1, "sgd:lr=0.01", rmsprop:lr=0.03, muon:lr=0.1]
require:
  - {optimizer: adam:lr=0.1, target: 1e-1, within: 80, success_rate: 0.5}
---
name: unknown
expression: "sum(sqrt(1 + x**2)) + 0.3*sin(3*x[0])"
dimension: 2
start: {uniform: [1, 3]}
noise: {gaussian: {std: 0.05}}
budget: 100
targets: [1e-1, {loss: 2.0}]
seeds: 7
optimizers: [adam:lr=0.1, "sgd:lr=0.01", rmsprop:lr=0.03, muon:lr=0.1]
"""
IDENTITY = ("problem", "optimizer", "name", "dialect", "hyperparameters", "implementation")
MADE = ("command", "timing", "merged")
"""What a merge says of itself."""


class Read(dict):
    """A report that Hypothesis can name in one word."""

    def __repr__(self):
        return "report"


def reports_of(folder, *arguments):
    """The JSON of a run of PROBLEMS: one file a problem."""
    for number, text in enumerate(PROBLEMS.split("---\n")):
        (folder / f"{number}.yaml").write_text(text)
    place = folder / "report.json"
    given = [str(folder / f"{number}.yaml") for number in range(2)]
    assert exit_code([arguments[0], *given, *arguments[1:], "--json", "-o", str(place), "-q"]) == 0
    return Read(json.loads(place.read_text()))


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    labels = "adam:lr=0.1,sgd:lr=0.01,rmsprop:lr=0.03,muon:lr=0.1"
    return reports_of(tmp_path_factory.mktemp("compared"), "compare", "--optimizers", labels)


@pytest.fixture(scope="session")
def tuned(tmp_path_factory):
    wanted = ("--optimizers", "adam,sgd", "--tune", "4", "--tuning-seeds", "2", "--sampler", "random")
    return reports_of(tmp_path_factory.mktemp("tuned"), "compare", *wanted)


def summarized(*reports, **options):
    sources = [Source(f"{chr(97 + number)}.json", report) for number, report in enumerate(reports)]
    document = merge(sources, "version", ["summarize"], check_requirement)
    return document | derive(document, comparison=True, **options)


def bare(report):
    """Only what was measured: every statistic is gone."""
    known = {*("schema", "adambench", "command", "environment", "settings", "problems", "timing", "tuning")}
    known |= {"requirements", "requirements_not_asked", "held_to_nothing"}
    found = {key: copy.deepcopy(value) for key, value in report.items() if key in known}
    raw = (*IDENTITY, "cost", "curve", "seeds")
    return {**found, "results": [{key: copy.deepcopy(row[key]) for key in raw} for row in report["results"]]}


def part(report, seeds=None, optimizers=None, problems=None):
    """The rows of these, as a run of them alone would have reported them; None is all."""
    found = bare(report)
    wanted = [p for p in report["problems"] if problems is None or p["name"] in problems]
    found["problems"] = [dict(problem) for problem in wanted]
    names = {problem["name"] for problem in wanted}
    rows = [row for row in found["results"] if row["problem"] in names]
    found["results"] = [row for row in rows if optimizers is None or row["optimizer"] in optimizers]
    found["requirements"] = [entry for entry in found.get("requirements", []) if entry["problem"] in names]
    for row in found["results"] if seeds is not None else []:
        row["seeds"] = [seed for seed in row["seeds"] if seed["seed"] in seeds]
        share = len(row["seeds"]) / max(len(seeds), 1)
        spent = sum(seed["stopped"]["evaluation"] for seed in row["seeds"])
        row["cost"] = {**row["cost"], "evaluations": spent, "seconds": row["cost"]["seconds"] * share}
        row["curve"] = {**row["curve"], "median": ["of these seeds alone"]}
    if "held_to_nothing" in found:
        found["held_to_nothing"] = [name for name in found["held_to_nothing"] if name in names]
    if seeds is not None:
        for problem in found["problems"]:
            problem["seeds"] = len(seeds)
            rows = [row for row in found["results"] if row["problem"] == problem["name"]]
            starts = {s["seed"]: s["initial_loss"] for r in rows for s in r["seeds"] if s["initial_loss"] is not None}
            ordered = sorted(starts.values())
            problem["initial_loss"] = {"median": ordered[math.ceil(len(ordered) / 2) - 1] if ordered else None}
    if tuning := found.get("tuning"):
        kept = {(row["problem"], row["optimizer"]) for row in found["results"]}
        tuning["entries"] = [e for e in tuning["entries"] if (e["problem"], e["optimizer"]) in kept]
        labels = {label for _, label in kept}
        tuning["spaces"] = {label: space for label, space in tuning["spaces"].items() if label in labels}
        for key in ("expected_best", "best_probabilities", "inclusion"):
            tuning.pop(key, None)
    return found


def numbers(document, without=()):
    """Everything but what a merge says of itself and what depends on times, as text: compared to the bit."""
    found = {key: value for key, value in document.items() if key not in MADE}
    drop = {"cost", *without}
    found["results"] = [{k: v for k, v in row.items() if k not in drop} for row in document["results"]]
    timed = ("cost",)
    if "comparison" in found:
        found["comparison"] = [{k: v for k, v in row.items() if k not in timed} for row in found["comparison"]]
    return json.dumps(found, sort_keys=True)


def in_order(document):
    """The document with its lists of rows sorted, and the letters of groups forgotten."""
    found = json.loads(numbers(document))
    for key in ("problems", "results", "comparison", "scaling", "robustness", "requirements"):
        found[key] = sorted(found.get(key, []), key=lambda row: json.dumps(row, sort_keys=True))
    for row in found["comparison"]:
        row.pop("group", None)
    found["duels"]["against"].sort(key=lambda row: row["optimizer"])
    for row in found["duels"]["against"]:
        row["sentence"] = len(row["sentence"].split(";"))  # problems are named in their order, and not all of them
    for key in ("ranks", "profiles"):  # their lists stand in the order of rows
        found.pop(key, None)
    return found


def test_a_report_summarized_is_itself(compared):
    again = summarized(bare(compared))
    assert numbers(again) == numbers(compared)
    assert [row["cost"] for row in again["results"]] == [row["cost"] for row in compared["results"]]
    assert again["comparison"] == compared["comparison"]
    assert again["timing"] == compared["timing"]
    assert "merged" not in again
    assert numbers(summarized(again)) == numbers(again)


def test_a_tuned_report_summarized_is_itself(tuned):
    assert "expected_best" in tuned["tuning"]
    assert numbers(summarized(bare(tuned))) == numbers(tuned)


def test_a_report_twice_is_the_report(compared):
    twice = summarized(bare(compared), bare(compared))
    assert numbers(twice) == numbers(compared)
    assert [row["cost"] for row in twice["results"]] == [row["cost"] for row in compared["results"]]
    assert twice["timing"]["run_seconds"] == 2 * compared["timing"]["run_seconds"]
    assert twice["merged"] == {"reports": ["a.json", "b.json"], "differences": []}


@settings(max_examples=8)
@given(st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=7, max_size=7))
def test_parts_by_seeds_are_the_whole(compared, homes):
    parts = [part(compared, seeds={seed for seed, home in enumerate(homes) if number in home}) for number in range(3)]
    merged = summarized(*parts)
    assert numbers(merged, ["curve"]) == numbers(compared, ["curve"])
    whole = any(all(number in home for home in homes) for number in range(3))
    for row, original in zip(merged["results"], compared["results"], strict=True):
        if not whole and row["problem"] == "unknown":
            assert row["curve"] == original["curve"]
        else:
            assert row["curve"]["median"] == (["of these seeds alone"] if whole else [])
        exact = Fraction(row["cost"]["evaluations"]) * Fraction(row["cost"]["ns_per_step"] or 0)
        assert float(exact) == pytest.approx((row["cost"]["seconds"] or 0.0) * 1e9, rel=1e-12)


def test_a_trial_that_failed_is_in_no_curve(compared):
    failed = bare(compared)
    for row in failed["results"]:
        seed = row["seeds"][6]
        seed |= {"outcome": "error", "final_loss": None, "losses": [None] * len(seed.get("losses", ()))}
    parts = [[part(failed, seeds=seeds) for seeds in ({0, 1, 2}, rest)] for rest in ({3, 4, 5}, {3, 4, 5, 6})]
    without, with_it = ([row["curve"] for row in summarized(*halves)["results"]] for halves in parts)
    assert any(curve["median"] for curve in without)
    assert with_it == without


def test_costs_add_up(compared):
    halves = part(compared, seeds={0, 1, 2}), part(compared, seeds={3, 4, 5, 6})
    for row, *both in zip(*(document["results"] for document in (summarized(*halves), *halves)), strict=True):
        assert row["cost"]["seconds"] == math.fsum(half["cost"]["seconds"] for half in both)
        assert row["cost"]["evaluations"] == sum(half["cost"]["evaluations"] for half in both)


@settings(max_examples=8)
@given(st.lists(st.sets(st.integers(0, 1), min_size=1), min_size=4, max_size=4))
def test_parts_by_optimizers_are_the_whole(compared, homes):
    labels = list(dict.fromkeys(row["optimizer"] for row in compared["results"]))
    parts = [part(compared, optimizers={a for a, home in zip(labels, homes, strict=True) if n in home}) for n in (0, 1)]
    assert in_order(summarized(*parts)) == in_order(compared)


@settings(max_examples=8)
@given(st.lists(st.sets(st.integers(0, 1), min_size=1), min_size=4, max_size=4))
def test_parts_by_problems_are_the_whole(compared, homes):
    names = [problem["name"] for problem in compared["problems"]]
    parts = [part(compared, problems={a for a, home in zip(names, homes, strict=True) if n in home}) for n in (0, 1)]
    assert in_order(summarized(*parts)) == in_order(compared)


def test_parts_of_a_tuned_report_are_the_whole(tuned):
    labels = list(tuned["tuning"]["spaces"])
    names = [problem["name"] for problem in tuned["problems"]]
    for parts in (
        [part(tuned, optimizers={label}) for label in labels],
        [part(tuned, problems={name}) for name in names],
        [part(tuned, seeds=seeds) for seeds in ({0, 2, 4}, {1, 3, 5, 6})],
    ):
        for entry in (entry for one in parts for entry in one["tuning"]["entries"]):
            if len(parts[0]["results"]) == len(tuned["results"]):  # of other seeds, other fresh numbers
                entry |= {"fresh_loss": 1.0, "fresh_hits": [], "gap": 1.0}
        merged, whole = (numbers(document, ["curve"]) for document in (summarized(*parts), tuned))
        merged, whole = json.loads(merged), json.loads(whole)
        for document in (merged, whole):
            document["tuning"]["entries"].sort(key=lambda entry: (entry["problem"], entry["optimizer"]))
            document["results"].sort(key=lambda row: (row["problem"], row["optimizer"]))
        assert merged == whole


def test_the_order_of_reports_changes_no_number(compared):
    one, other = part(compared, seeds={0, 1, 4, 5}), part(compared, seeds={1, 2, 3, 5, 6})
    one["results"].pop(), other["results"].pop(0)
    assert in_order(summarized(one, other)) == in_order(summarized(other, one))


def test_a_report_of_one_problem_more_leaves_the_rows_of_the_others(compared):
    names = [problem["name"] for problem in compared["problems"]]
    few, more = part(compared, problems=names[:2]), part(compared, problems=names[2:])
    rows = {(r["problem"], r["optimizer"]): r for r in summarized(few, more)["results"]}
    assert all(rows[row["problem"], row["optimizer"]] == row for row in summarized(few)["results"])


def test_requirements_are_judged_by_all_seeds(compared):
    entries = compared["requirements"]
    assert entries
    halves = [part(compared, seeds=seeds) for seeds in ({0, 1, 2}, {3, 4, 5, 6})]
    for half in halves:
        for entry in half["requirements"]:
            entry |= {"met": not entry["met"], "measured": "otherwise"}
    assert summarized(*halves)["requirements"] == entries


def test_a_problem_is_held_to_something_by_one_report_that_asks(compared):
    silent = part(compared, seeds={0, 1, 2}) | {"requirements": [], "held_to_nothing": ["bowl-eigenvalues-4"]}
    asking = part(compared, seeds={3, 4, 5, 6})
    assert summarized(silent)["held_to_nothing"] == ["bowl-eigenvalues-4"]
    assert "held_to_nothing" not in summarized(silent, asking)
    for entry in asking["requirements"]:
        entry["advisory"] = True
    assert summarized(asking, silent)["held_to_nothing"] == ["bowl-eigenvalues-4"]


def change(path, value):
    """A function that puts `value` (or what it makes of what is there) at a path of a report."""

    def edit(report):
        *steps, last = path
        for step in steps:
            report = report[step]
        report[last] = value(report[last]) if callable(value) else value

    return edit


ROW, SEED = ("results", 0), ("results", 0, "seeds", 0)
REFUSED = {
    "precision": (change(("settings", "precision"), "float32"), ["precision", '"float32"', '"float64"']),
    "stop": (change(("settings", "stop_at_target"), True), ["stop_at_target", "true", "false"]),
    "hash": (change(("problems", 0, "hash"), "0ff"), ["hash of bowl", '"0ff"']),
    "budget": (change(("problems", 0, "budget"), 7), ["budget of bowl", "7", "120"]),
    "targets": (change(("problems", 0, "targets", 0, "value"), 0.25), ["targets of bowl", "0.25", "0.1"]),
    "kind of reference": (change(("problems", 0, "reference"), "report"), ["reference of bowl", '"report"']),
    "reference loss": (change(("problems", 3, "reference_loss"), 0.5), ["reference_loss of unknown", "0.5", "one run"]),
    "optimum": (change(("problems", 0, "reference_loss"), 0.5), ["reference_loss of bowl", "0.5", "0.0"]),
    "sweep": (change(("problems", 0, "sweep", "family"), "bowls"), ["sweep of bowl", '"bowls"']),
    "dialect": (change((*ROW, "dialect"), "keras"), ["dialect of adam:lr=0.1 on bowl", '"keras"', '"torch"']),
    "hyperparameters": (change((*ROW, "hyperparameters", "eps"), 0.5), ["hyperparameters of adam:lr=0.1", "0.5"]),
    "implementation": (change((*ROW, "implementation"), "optax 1"), ["implementation of adam:lr=0.1", '"optax 1"']),
    "outcome": (change((*SEED, "outcome"), "stalled"), ["outcome of seed 0 of adam:lr=0.1 on bowl", '"stalled"']),
    "hits": (change((*SEED, "hits", 0), 999), ["hits of seed 0 of adam:lr=0.1 on bowl", "999"]),
    "bits": (change((*SEED, "fingerprint"), "0123"), ["fingerprint of seed 0 of adam:lr=0.1 on bowl", '"0123"']),
    "memory": (change((*ROW, "cost", "state_per_parameter"), 9), ["state_per_parameter of adam:lr=0.1", "9"]),
    "spent": (change((*ROW, "cost", "evaluations"), -5000), ["cost.evaluations of adam:lr=0.1"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_comparable_is_refused_with_the_difference(compared, name):
    edit, words = REFUSED[name]
    other = bare(compared)
    edit(other)
    for reports in ((bare(compared), other), (other, bare(compared))):
        with pytest.raises(AdambenchError) as caught:
            summarized(*reports)
        text = str(caught.value)
        assert text.startswith("cannot merge: ")
        assert "\n" not in text
        files = () if name == "spent" else ("a.json", "b.json")
        for word in (*words, *files):
            assert word in text


def test_sixteen_draws_against_none_are_refused(tuned, compared):
    """Be they of other optimizers on other problems: ranks are over all."""
    rest = part(tuned, problems={"bowl-eigenvalues-4"})
    for problems in ({"unknown"}, {"bowl-eigenvalues-4"}):
        given = part(compared, problems=problems, optimizers={"sgd:lr=0.01"})
        for reports, places in (((rest, given), "ab"), ((given, rest), "ba")):
            tuned_in, given_in = (f"{place}.json" for place in places)
            with pytest.raises(AdambenchError) as caught:
                summarized(*reports)
            said = f"cannot merge: each optimizer was tuned with 4 draws in {tuned_in} and none in {given_in}; "
            assert str(caught.value).startswith(said)
    given["results"] = []
    assert summarized(rest, given)["tuning"]["trials"] == 4


@pytest.mark.parametrize(
    ("key", "value"), [("trials", 8), ("sampler", "sobol"), ("rule", "steps"), ("seeds", [1]), ("halving", True)]
)
def test_optimizers_that_were_granted_different_tunings_are_refused(tuned, key, value):
    one, other = part(tuned, optimizers={"adam"}), part(tuned, optimizers={"sgd"})
    other["tuning"][key] = value
    with pytest.raises(AdambenchError, match=rf"^cannot merge: tuning\.{key} (is|are) .* in a\.json and .* in b\.json"):
        summarized(one, other)


def test_draws_from_different_spaces_are_refused(tuned):
    other = part(tuned, problems={"unknown"})
    other["tuning"]["spaces"]["adam"]["lr"][0] = 1e-9
    with pytest.raises(AdambenchError, match="tuning space of adam"):
        summarized(part(tuned, problems={"bowl-eigenvalues-4"}), other)


def test_a_timeout_differs_only_where_no_trial_ran_out_of_it(compared):
    other = bare(compared)
    other["settings"]["timeout"] = 9.0
    merged = summarized(bare(compared), other)
    assert merged["settings"]["timeout"] is None
    assert {"key": "settings.timeout", "values": [None, 9.0]} in merged["merged"]["differences"]
    for report in (one := bare(compared), other):
        report["results"][0]["seeds"][0]["outcome"] = "timeout"
    with pytest.raises(AdambenchError, match=r"timeout is null in a\.json and 9\.0 in b\.json"):
        summarized(one, other)


def test_what_differs_without_harm_is_listed(compared):
    other = bare(compared)
    other["environment"] |= {"cpu": "another", "jobs": 99, "plugins": [{"name": "mine.py", "sha256": "ab"}]}
    other["adambench"] = "0.0.0"
    merged = summarized(bare(compared), other)
    assert merged["environment"]["cpu"] == ", ".join(sorted(["another", compared["environment"]["cpu"]]))
    assert merged["environment"]["jobs"] is None
    assert merged["environment"]["numpy"] == compared["environment"]["numpy"]
    assert merged["environment"]["plugins"] == [{"name": "mine.py", "sha256": "ab"}]
    assert merged["adambench"] == "version"
    assert {d["key"]: d["values"] for d in merged["merged"]["differences"]} == {
        "adambench": [compared["adambench"], "0.0.0"],
        "environment.cpu": [compared["environment"]["cpu"], "another"],
        "environment.jobs": [compared["environment"]["jobs"], 99],
    }
    third = copy.deepcopy(other)
    third["environment"]["plugins"][0]["sha256"] = "cd"
    with pytest.raises(AdambenchError, match=r'sha256 of plug-in mine\.py is "ab" in b\.json and "cd" in c\.json'):
        summarized(bare(compared), other, third)


def test_settings_are_said_before_the_seeds_that_differ_by_them(compared):
    other = bare(compared)
    other["settings"]["precision"] = "float32"
    for row in other["results"]:
        for seed in row["seeds"]:
            seed["fingerprint"] = "0123"
    with pytest.raises(AdambenchError, match=r'^cannot merge: settings\.precision is "float64" in a\.json'):
        summarized(bare(compared), other)


def test_a_difference_is_shown_without_what_is_alike(compared):
    other = bare(compared)
    other["results"][0]["hyperparameters"] |= {"eps": 0.5, "amsgrad": True}
    with pytest.raises(AdambenchError) as caught:
        summarized(bare(compared), other)
    said = 'are {"eps": 1e-08, "amsgrad": false} in a.json and {"eps": 0.5, "amsgrad": true} in b.json; '
    assert said in str(caught.value)
    other = bare(compared)
    other["problems"][0]["targets"][1]["value"] = 0.25
    with pytest.raises(AdambenchError) as caught:
        summarized(bare(compared), other)
    assert 'are [{"value": 0.01}] in a.json and [{"value": 0.25}] in b.json' in str(caught.value)
    one, other = bare(compared), bare(compared)
    for report, end in ((one, "x"), (other, "y")):
        report["problems"][0]["function"] = "long" * 50 + end
    with pytest.raises(AdambenchError, match=r'is "\.\.\.longlongx" in a\.json and "\.\.\.longlongy" in b\.json'):
        summarized(one, other)


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_curves_that_are_lost_are_said(compared, form):
    halves = [part(compared, seeds=seeds) for seeds in ({0, 1, 2}, {3, 4, 5, 6})]
    words = "merged of a.json and b.json; curves of united rows cannot be merged"
    assert words in find_format(form).render(summarized(*halves), Style())
    assert "curves" not in find_format(form).render(summarized(bare(compared), bare(compared)), Style())


def test_where_nothing_is_random_the_expected_runtime_is_exact(compared):
    random, exact = bare(compared), bare(compared)
    for report in (random, exact):
        for row in report["results"]:
            row["seeds"] = row["seeds"][:1]
        for problem in report["problems"]:
            problem["random"] = report is random
    hit = 0
    for row, other in zip(summarized(exact)["results"], summarized(random)["results"], strict=True):
        for target, doubtful in zip(row["targets"], other["targets"], strict=True):
            assert target["ert"] == doubtful["ert"]
            if target["ert"] is None:
                assert target["ert_ci95"] == doubtful["ert_ci95"]
            else:
                hit += 1
                assert target["ert_ci95"] == [target["ert"]] * 2 != doubtful["ert_ci95"]
    assert hit
    row = exact["results"][0]
    row["seeds"] += compared["results"][0]["seeds"][1:]  # an implementation of its own chance, say
    (found,) = summarized(exact)["results"][:1]
    assert any(len(set(target["ert_ci95"])) == 2 for target in found["targets"])


def test_interrupted_stays_interrupted(compared):
    assert summarized(bare(compared), bare(compared) | {"interrupted": True})["interrupted"] is True


def adaptive(goal, *names):
    entries = [{"problem": name, "seeds": 7, "widest": 0.1, "met": True} for name in names]
    return {"adaptive_seeds": {"goal": goal, "statistic": "ert", "max_seeds": 9, "problems": entries}}


def test_what_decided_the_seeds_stays_where_one_report_did(compared):
    names = [problem["name"] for problem in compared["problems"]]
    one = part(compared, problems=names[:2]) | adaptive(0.1, *names[:2])
    other = part(compared, problems=names[1:]) | adaptive(0.1, *names[1:])
    kept = summarized(one, other)["adaptive_seeds"]
    assert [entry["problem"] for entry in kept["problems"]] == [names[0], *names[2:]]
    assert summarized(one)["adaptive_seeds"] == one["adaptive_seeds"]
    differing = summarized(one, part(compared, problems=names[2:]) | adaptive(0.2, *names[2:]))
    assert "adaptive_seeds" not in differing
    assert [difference["key"] for difference in differing["merged"]["differences"]] == ["adaptive_seeds"]


def test_optima_solved_for_may_differ_by_roundings(compared):
    one, other = part(compared, problems={"bowl-eigenvalues-4"}), part(compared, problems={"bowl-eigenvalues-4"})
    for report, loss in ((one, 1.0), (other, 1.0 - 1e-12)):
        report["problems"][0] |= {"reference_loss": loss, "solution": {"method": "newton", "gradient": loss / 1e11}}
    for reports in ((one, other), (other, one)):
        assert summarized(*reports)["problems"][0]["reference_loss"] == 1.0 - 1e-12
        assert summarized(*reports)["problems"][0]["solution"] == other["problems"][0]["solution"]
    other["problems"][0]["reference_loss"] = 0.999
    with pytest.raises(
        AdambenchError, match=r"reference_loss of bowl-eigenvalues-4 is 0\.999 in b\.json and 1\.0 in a\.json"
    ):
        summarized(one, other)


def test_reports_without_what_statistics_need_are_refused(compared):
    old = bare(compared)
    del old["results"][0]["seeds"][2]["best_loss"]
    with pytest.raises(AdambenchError, match=r"^a\.json: seed 2 of adam:lr=0\.1 on bowl.*: expected best_loss"):
        summarized(old)
    short = bare(compared)
    short["results"][0]["seeds"][1]["hits"].pop()
    with pytest.raises(AdambenchError, match="expected hits and stay for each of the 3 targets"):
        summarized(short)
    stray = bare(compared)
    stray["problems"].pop(0)
    with pytest.raises(AdambenchError, match="which is not among its problems"):
        summarized(stray)


def test_names_of_others_print_as_harmless_ones(compared):
    one, other = bare(compared), bare(compared)
    for report in (one, other):
        for row in report["results"]:
            row["optimizer"] += "\x1b[31m\u202e\n"
    other["results"][0]["dialect"] = "\x1b]0;title\x07"
    with pytest.raises(AdambenchError) as caught:
        summarized(one, other)
    assert str(caught.value).isprintable()
    assert str(caught.value).isascii()


@pytest.fixture
def files(compared, tmp_path, monkeypatch):
    """one.json and other.json: the seeds of a report in two parts, in the working folder."""
    monkeypatch.chdir(tmp_path)
    for name, seeds in (("one", {0, 1, 2}), ("other", {3, 4, 5, 6})):
        report = part(compared, seeds=seeds)
        for row in report["results"]:
            row["curve"] = dict.fromkeys(("median", "q25", "q75"), [None] * len(row["curve"]["evaluations"])) | {
                "evaluations": row["curve"]["evaluations"]
            }
        (tmp_path / f"{name}.json").write_text(json.dumps(summarized(report)))


def test_the_command_merges_files_and_standard_input(compared, files, capsys, monkeypatch, tmp_path):
    assert exit_code(["summarize", "one.json", "other.json", "--json", "-o", "both.json"]) == 0
    both = json.loads((tmp_path / "both.json").read_text())
    jsonschema.validate(both, REPORT_SCHEMA)
    assert both["merged"] == {"reports": ["one.json", "other.json"], "differences": []}
    assert numbers(both, ["curve"]) == numbers(compared, ["curve"])
    with open("one.json") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert exit_code(["summarize", "-", "other.json", "--json"]) == 0
    piped = json.loads(capsys.readouterr().out)
    assert piped["merged"]["reports"] == ["standard input", "other.json"]
    assert numbers(piped) == numbers(both)
    assert exit_code(["summarize", "both.json", "--json"]) == 0
    assert numbers(json.loads(capsys.readouterr().out)) == numbers(both)


def test_every_format_shows_a_merged_report(files, capsys):
    for name, form in all_formats().items():
        if "report" in form.documents:
            assert exit_code(["summarize", "one.json", "other.json", "--format", name]) == 0
            text = capsys.readouterr().out
            assert "adam:lr=0.1" in text or name == "github"  # which only says what is wrong
            assert text
    assert exit_code(["summarize", "one.json", "other.json", "--color", "never"]) == 0
    text = capsys.readouterr().out
    assert "7 seeds" in text
    assert "\nmerged of one.json and other.json; curves of united rows cannot be merged\n" in text
    assert "all problems" in text
    assert "nan" not in text.lower()


def test_tables_say_of_what_they_are_merged(compared):
    other = bare(compared)
    other["environment"]["cpu"] = "another\x1b[31m"
    five = summarized(*[bare(compared)] * 4, other)
    for form in ("table", "markdown"):
        text = find_format(form).render(five, Style())
        assert "merged of a.json, b.json, c.json and 2 more, which differ in environment.cpu\n" in text
        assert "merged" not in find_format(form).render(summarized(compared), Style())


def test_a_single_run_is_ranked(files, capsys):
    assert exit_code(["summarize", "one.json"]) == 0
    assert "all problems" in capsys.readouterr().out


def test_the_reference_can_be_chosen(files, capsys):
    assert exit_code(["summarize", "one.json", "other.json", "--reference", "sgd:lr=0.01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["duels"]["reference"] == "sgd:lr=0.01"
    assert exit_code(["summarize", "one.json", "--reference", "sdg:lr=0.01"]) == 2
    assert "did you mean sgd:lr=0.01?" in capsys.readouterr().err


def test_wrong_use_is_a_sentence(files, capsys, tmp_path):
    (tmp_path / "other.json").write_text((tmp_path / "other.json").read_text().replace('"float64"', '"float32"'))
    for arguments, words in (
        (["one.json", "other.json"], 'settings.precision is "float64" in one.json and "float32" in other.json'),
        (["-", "-"], "expected - once at most"),
        (["one.json", "missing.json"], "missing.json"),
        ([], "Missing argument"),
        (["one.json", "--format", "junk"], "junk"),
    ):
        assert exit_code(["summarize", *arguments]) == 2
        printed = capsys.readouterr()
        assert words in printed.err
        assert printed.out == ""
        assert "Traceback" not in printed.err


def test_an_unmet_requirement_and_an_error_are_in_the_exit_code(files, tmp_path):
    report = json.loads((tmp_path / "one.json").read_text())
    unmet = copy.deepcopy(report)
    unmet["requirements"][0]["within"] = 1
    (tmp_path / "unmet.json").write_text(json.dumps(unmet))
    assert exit_code(["summarize", "unmet.json", "-q"]) == 1
    failed = report["results"][0]["seeds"][0]
    failed |= {"outcome": "error", "hits": [None] * 3, "stay": [None] * 3, "final_loss": None}
    (tmp_path / "error.json").write_text(json.dumps(summarized(report)))
    assert exit_code(["summarize", "error.json", "-q"]) == 4

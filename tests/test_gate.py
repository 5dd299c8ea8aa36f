"""The gate: one case a line of what can happen between a baseline and a report, each with its verdict and exit code."""

from __future__ import annotations

import copy
import io
import json
import os
import re
import sys
from itertools import pairwise

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import adambench
from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.mcnemar import mcnemar
from adambench.analysis.summary import statistics
from adambench.cli import exit_code
from adambench.engine.block import watch_grid
from adambench.errors import AdambenchError
from adambench.gate.basis import differences
from adambench.gate.count import count
from adambench.gate.grid import one_step
from adambench.gate.growth import Words, growth
from adambench.gate.reference import moved
from adambench.gate.row import record
from adambench.gate.schema import VERDICT_SCHEMA
from adambench.gate.tolerance import allowed_trials, parse_tolerances, tolerances_of
from adambench.gate.verdict import Terms, judge
from adambench.outcome import OUTCOMES
from adambench.render import Style, find_format

QUIET = """\
name: quiet
function: quadratic
dimension: 4
parameters: {condition: 30.0}
start: [1.0]
budget: 600
targets: [1e-1, 1e-3, 1e-5]
"""
NOISY = QUIET.replace("quiet", "noisy") + "noise: {gaussian: {std: 0.01}}\nseeds: 10\n"
LABELS = {"sgd:lr=0.05": ("sgd", 0.05), "adam:lr=0.01": ("adam", 0.01)}


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """at(factor): the report of two problems in which both optimizers take `factor` times the learning rate that they
    are said to: what a change of their kernels would bring."""
    folder, made = tmp_path_factory.mktemp("problems"), {}
    for name, text in (("quiet", QUIET), ("noisy", NOISY)):
        (folder / f"{name}.yaml").write_text(text)

    def at(factor):
        if factor not in made:
            names = [f"{name}:lr={rate * factor:.9g}" for name, rate in LABELS.values()]
            paths = [folder / f"{name}.yaml" for name in ("quiet", "noisy")]
            document = adambench.run(paths, optimizers=names, jobs=1).to_dict()
            for row, (label, (_, rate)) in zip(document["results"], [*LABELS.items()] * 2, strict=True):
                row["optimizer"] = label
                row["hyperparameters"]["lr"] = rate
            made[factor] = document
        return copy.deepcopy(made[factor])

    return at


@pytest.fixture
def base(at):
    return at(1)


@pytest.fixture
def gate(tmp_path, capsys):
    """gate(baseline, results, option, ...): the exit code, the verdict or None, standard error."""

    def gate(baseline, results, *options):
        paths = []
        for name, document in (("base.json", baseline), ("now.json", results)):
            path = tmp_path / name
            if document is not None:
                path.write_text(document if isinstance(document, str) else json.dumps(document))
            paths.append(path)
        code = exit_code(["gate", str(paths[1]), "--baseline", str(paths[0]), "--json", *options])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return gate


def row(document, problem="quiet", optimizer="sgd:lr=0.05"):
    return next(one for one in document["results"] if (one["problem"], one["optimizer"]) == (problem, optimizer))


def recount(document):
    """Statistics of each row anew from its seeds, as whoever edits them would have to."""
    for one in document["results"]:
        one.update(statistics(one["seeds"], one["targets"], 600))
    return document


def edited(change):
    """A function from a report to one that was changed and counted anew; `change` may return another document."""

    def apply(document):
        document = copy.deepcopy(document)
        return recount(change(document) or document)

    return apply


def each(problem, optimizer, change):
    """Change every seed of a row, and its fingerprint with it."""

    def apply(document):
        for seed in row(document, problem, optimizer)["seeds"]:
            seed["fingerprint"] = seed["fingerprint"][::-1]
            change(seed)

    return edited(apply)


def later(factor):
    def change(seed):
        seed["hits"] = [None if hit is None else round(hit * factor) for hit in seed["hits"]]

    return change


def losing(seeds):
    """The hardest target is missed by these seeds."""

    def change(seed):
        if seed["seed"] in seeds:
            seed["hits"][-1], seed["stay"][-1], seed["outcome"] = None, None, "budget"

    return change


def ending(outcome, seeds=range(100)):
    def change(seed):
        if seed["seed"] in seeds:
            seed["outcome"] = outcome
            if outcome in (*OUTSIDE, "diverged"):
                seed.update(final_loss=None, hits=[None] * 3, stay=[None] * 3)

    return change


def without(problem=None, optimizer=None):
    def change(document):
        document["results"] = [
            one
            for one in document["results"]
            if not (problem in (None, one["problem"]) and optimizer in (None, one["optimizer"]))
        ]

    return edited(change)


def cpu(document):
    document["environment"]["cpu"] = "another processor"


def also(*changes):
    def apply(document):
        for change in changes:
            document = change(document) or document
        return document

    return apply


def on_first(key, value):
    def change(document):
        document["results"][0][key] = value

    return edited(change)


def of_problem(key, value):
    def change(document):
        document["problems"][0][key] = value

    return edited(change)


def of_setting(key, value):
    def change(document):
        document["settings"][key] = value

    return edited(change)


def backwards(document):
    for one in document["results"]:
        one["seeds"].reverse()


def no_trials(document):
    row(document)["seeds"] = []


def renamed(document):
    row(document)["optimizer"] = "sgd2"


def null_loss(document):
    row(document)["seeds"][0].update(outcome="budget", final_loss=None)
    row(document)["outcomes"].update(reached=0, budget=1)


def null_median(document):
    row(document)["targets"][0]["median"] = None


def empty_fingerprints(document):
    for seed in row(document)["seeds"]:
        seed["fingerprint"] = ""


def raw(change):
    """Without counting anew."""

    def apply(document):
        document = copy.deepcopy(document)
        change(document)
        return document

    return apply


def some(seeds, change):
    """`change` of these seeds only."""
    return lambda seed: change(seed) if seed["seed"] in seeds else None


def slower(seed):
    seed["hits"] = [3 * hit for hit in seed["hits"]]


def ends_at(loss):
    return lambda seed: seed.update(final_loss=loss, outcome="budget" if loss else "reached")


def forged(document):
    """One seed of other numbers, with its fingerprint."""
    row(document)["seeds"][0]["final_loss"] = 0.5


SGD, ADAM = "sgd:lr=0.05", "adam:lr=0.01"
LOST = each("noisy", SGD, losing([3, 5]))
BITS = each("quiet", SGD, lambda seed: None)
CASES = {
    # what was done: (change of the baseline's report, options, the cell, its status, exit code)
    "nothing": (lambda document: document, "", SGD, "same", 0),
    "the seeds in another order": (raw(backwards), "", SGD, "same", 0),
    "the same by other bits": (BITS, "", SGD, "within", 0),
    "1% more steps": (each("quiet", ADAM, later(1.01)), "", ADAM, "within", 0),
    "10% fewer steps": (each("quiet", SGD, later(0.9)), "", SGD, "better", 0),
    "10% more steps": (each("quiet", SGD, later(1.1)), "", SGD, "worse", 1),
    "10% more steps, allowed": (each("quiet", SGD, later(1.1)), "--tolerance=steps 40%", SGD, "within", 0),
    "10% more steps, allowed by none but its own file": (
        also(each("quiet", SGD, later(1.1)), raw(lambda d: d["problems"][0].update(tolerance={"steps": 0.4}))),
        "", SGD, "worse", 1,
    ),
    "4 of 10 seeds 3 times slower": (each("noisy", SGD, some(range(4), slower)), "", SGD, "undecided", 3),
    "2 of 10 seeds 3 times slower, allowed": (
        each("noisy", SGD, some(range(2), slower)), "--tolerance=steps 26%", SGD, "within", 0,
    ),
    "2 of 10 seeds 3 times slower, where 2 may be lost": (
        each("noisy", SGD, some(range(2), slower)), "--tolerance=reached 2", SGD, "within", 0,
    ),
    "4 of 10 final losses 1e6": (each("noisy", SGD, some(range(4), ends_at(1e6))), "", SGD, "undecided", 3),
    "4 of 10 final losses null": (each("noisy", SGD, some(range(4), ends_at(None))), "", SGD, "worse", 1),
    "4 of 10 final losses null, allowed": (
        each("noisy", SGD, some(range(4), ends_at(None))), "--tolerance=diverged 4", SGD, "within", 0,
    ),
    "10% more steps of 10 seeds": (each("noisy", ADAM, later(1.1)), "", ADAM, "worse", 1),
    "4% more steps elsewhere": (also(each("quiet", ADAM, later(1.04)), raw(cpu)), "", ADAM, "within", 0),
    "4% more steps elsewhere, where 1% is asked for": (
        also(each("quiet", ADAM, later(1.04)), raw(cpu)), "--tolerance=steps 1%", ADAM, "worse", 1,
    ),
    "elsewhere, a target lost by 1 of 10 seeds": (
        also(each("noisy", SGD, losing([3])), raw(cpu)), "", SGD, "worse", 1,
    ),
    "4% more steps here": (each("quiet", ADAM, later(1.04)), "", ADAM, "worse", 1),
    "elsewhere, equal": (raw(cpu), "", SGD, "same", 0),
    "elsewhere, a target lost": (also(each("quiet", SGD, losing([0])), raw(cpu)), "", SGD, "worse", 1),
    "a target lost": (each("quiet", SGD, losing([0])), "", SGD, "worse", 1),
    "a target lost, allowed, but no steps": (each("quiet", SGD, losing([0])), "--tolerance=reached 1", SGD, "worse", 1),
    "a target lost by 2 of 10 seeds": (LOST, "", SGD, "undecided", 3),
    "a target lost by 2 of 10, passed": (LOST, "--inconclusive=pass", SGD, "undecided", 0),
    "a target lost by 2 of 10, failed": (LOST, "--inconclusive=fail", SGD, "undecided", 1),
    "a target lost by 2 of 10, allowed": (LOST, "--tolerance=reached 20%", SGD, "within", 0),
    "a target lost by 7 of 10 seeds": (each("noisy", SGD, losing(range(7))), "", SGD, "worse", 1),
    "diverged": (each("quiet", SGD, ending("diverged")), "", SGD, "worse", 1),
    "1 of 10 diverged": (each("noisy", SGD, ending("diverged", [4])), "", SGD, "worse", 1),
    "errored": (each("quiet", SGD, ending("error")), "", SGD, "error", 1),
    "1 of 10 errored": (each("noisy", SGD, ending("error", [4])), "", SGD, "error", 1),
    "skipped": (each("quiet", SGD, ending("skipped")), "", SGD, "skipped", 1),
    "1 of 10 skipped": (each("noisy", SGD, ending("skipped", [4])), "", SGD, "skipped", 1),
    "no trials": (edited(no_trials), "", SGD, "empty", 1),
    "an optimizer renamed": (edited(renamed), "", SGD, "missing", 1),
    "an optimizer dropped": (without("quiet", SGD), "", SGD, "missing", 1),
    "a problem dropped": (without("noisy"), "", SGD, "missing", 1),
    "no results": (without(), "", SGD, "missing", 1),
    "a null loss": (raw(null_loss), "", SGD, "null", 1),
    "a null reference loss": (of_problem("reference_loss", None), "", SGD, "null", 1),
    "a null median": (raw(null_median), "", SGD, "null", 1),
    "fingerprints that are empty": (raw(empty_fingerprints), "", SGD, "null", 1),
    "exact, nothing": (lambda document: document, "--exact", SGD, "same", 0),
    "exact, other bits": (BITS, "--exact", SGD, "changed", 1),
    "exact, other numbers under equal fingerprints": (edited(forged), "--exact", SGD, "changed", 1),
    "exact, the same elsewhere": (also(edited(forged), raw(cpu)), "--exact", SGD, "changed", 1),
    "exact, other bits elsewhere": (also(BITS, raw(cpu)), "--exact", SGD, "undecided", 3),
}  # fmt: skip


def only(now, base):
    """The optimizers of the rows that the baseline does not have."""
    now = json.loads(now) if isinstance(now, str) else now
    rows = [{(one["problem"], one["optimizer"]) for one in document["results"]} for document in (now, base)]
    return {optimizer for _, optimizer in rows[0] - rows[1]}


@pytest.mark.parametrize(("change", "options", "optimizer", "status", "code"), CASES.values(), ids=CASES)
def test_verdict(base, gate, change, options, optimizer, status, code):
    now = change(base)
    found, document, complaint = gate(base, now, *filter(None, options.split(";")))
    assert found == code, (complaint, document)
    jsonschema.validate(document, VERDICT_SCHEMA)
    for check in (check for cell in document["cells"] for check in cell["checks"]):
        assert (check["unit"] == "trials") == (check["metric"].split()[0] in (*OUTCOMES, "fingerprint")), check
    assert {cell["optimizer"] for cell in document["cells"] if cell["status"] == "extra"} == only(now, base)
    changed = [cell for cell in document["cells"] if cell["status"] not in ("same", "extra")]
    expected = {status} if status != "same" else set()
    assert {cell["status"] for cell in changed} == expected, document
    assert {cell["optimizer"] for cell in changed} <= {optimizer, ADAM}
    assert all(cell["sentence"] for cell in document["cells"])
    assert document["verdict"] == {0: "pass", 1: "fail", 3: "inconclusive"}[found] or "--inconclusive" in options


def longer(document):
    document["problems"][0]["budget"] = 60_000


def fewer_seeds(document):
    for one in document["results"]:
        one["seeds"] = one["seeds"][:9]


def fewer_targets(document):
    document["problems"][0]["targets"].pop()
    for one in document["results"][:2]:
        one["targets"].pop()
        for seed in one["seeds"]:
            seed["hits"].pop()
            seed["stay"].pop()


REFUSED = {
    "a problem edited": (of_problem("hash", "0123456789ab"), "hash"),
    "another budget": (edited(longer), "--budget 600"),
    "other targets": (edited(fewer_targets), "--targets 1e-1,1e-3,1e-5"),
    "seeds dropped": (edited(fewer_seeds), "--seeds 10"),
    "another precision": (of_setting("precision", "float32"), "--precision float64"),
    "stopping at targets": (of_setting("stop_at_target", True), "without --stop-at-target"),
    "a limit of time": (of_setting("timeout", 5.0), "without --timeout"),
    "another dialect": (on_first("dialect", "keras"), "dialect: expected torch, got keras"),
    "another hyperparameter": (
        on_first("hyperparameters", {"lr": 0.06}),
        "hyperparameters.lr: expected 0.05, got 0.06",
    ),
    "another implementation": (on_first("implementation", "torch 2.9"), "implementation: expected none, got torch 2.9"),
    "another loss at the optimum": (of_problem("reference_loss", -1.0), "reference_loss: expected 0, got -1"),
    "a reference of its own": (of_problem("reference", "report"), "reference"),
    "a newer schema": (raw(lambda document: document.update(schema="adambench/report/2")), "adambench/report/2"),
    "another document": (raw(lambda document: document.update(schema="adambench/trace/1")), "another kind of document"),
    "an interrupted run": (raw(lambda document: document.update(interrupted=True)), "interrupted"),
    "a bare list": (lambda document: "[]", "expected a report"),
    "an empty object": (lambda document: "{}", "the key schema"),
    "an empty file": (lambda document: "", "empty file"),
    "a truncated file": (lambda document: json.dumps(document)[:-700], "ends in the middle of results[3]"),
    "NaN": (lambda document: json.dumps(document).replace('"stay": [', '"stay": [NaN, ', 1), "NaN, which is no JSON"),
    "Infinity": (lambda document: json.dumps(document).replace('"aocc": ', '"aocc": Infinity, "x": ', 1), "Infinity"),
    "a key twice": (lambda document: json.dumps(document).replace('"trials"', '"trials": 1, "trials"', 1), "twice"),
    "deep nesting": (lambda document: json.dumps(document)[:-1] + ', "x": ' + "[" * 9999 + "]" * 9999 + "}", "levels"),
    "5,000 digits": (lambda document: json.dumps(document)[:-1] + ', "x": ' + "7" * 5000 + "}", "5,000 digits"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("side", ["results", "baseline"])
def test_refused(base, gate, change, said, side):
    documents = (base, change(base)) if side == "results" else (change(base), base)
    code, document, complaint = gate(*documents)
    assert (code, document) == (2, None)
    if side == "results":
        assert said in complaint
    assert "Traceback" not in complaint
    assert complaint.startswith("error: ") or ": error: " in complaint


def test_every_difference_is_named_in_one_pass(base, gate):
    changes = [
        REFUSED[name][0] for name in ("a problem edited", "another budget", "another precision", "seeds dropped")
    ]
    code, _, complaint = gate(base, also(*changes)(base))
    assert code == 2
    lines = complaint.splitlines()
    assert all(": error: " in line for line in lines)
    assert [sum(word in line for line in lines) for word in ("hash", "budget:", "precision:", "seeds:")] == [1, 1, 1, 2]


@pytest.mark.parametrize("change", [without(), each("quiet", SGD, ending("error"))])
def test_a_baseline_without_a_measurement_is_an_error(base, gate, change):
    only = edited(lambda document: document.update(results=document["results"][:1]))
    code, document, complaint = gate(change(only(base)), only(base))
    assert (code, document) == (2, None)
    assert "measured something" in complaint


@pytest.mark.parametrize("name", ["a null loss", "a null median", "fingerprints that are empty"])
def test_nulls_of_the_baseline_fail_as_well(base, gate, name):
    code, document, _ = gate(CASES[name][0](base), base)
    assert (code, document["cells"][0]["status"]) == (1, "null")
    assert document["cells"][0]["sentence"].startswith("in the baseline the ")


def test_a_new_cell_is_inconclusive(base, gate):
    code, document, _ = gate(without("noisy", ADAM)(base), base)
    assert code == 3
    assert [cell["status"] for cell in document["cells"]] == ["same", "same", "same", "extra"]
    assert "--update" in document["cells"][-1]["sentence"]


def test_skipped_in_both_is_inconclusive(base, gate):
    skipped = each("quiet", SGD, ending("skipped"))(base)
    code, document, _ = gate(skipped, skipped)
    assert code == 3
    assert {cell["status"] for cell in document["cells"]} == {"same", "skipped"}


@pytest.mark.parametrize("outcome", OUTSIDE)
@pytest.mark.parametrize("lost", [1, 9])
def test_trials_that_were_not_compared_never_pass(base, gate, outcome, lost):
    both = each("noisy", SGD, ending("skipped", range(lost)))(base)
    before = each("noisy", SGD, ending(outcome, range(lost)))(base)
    for one, other in ((before, base), (before, both)):
        code, document, _ = gate(one, other)
        found = document["cells"][2]
        assert (code, found["verdict"]) == (3, "inconclusive")
        assert found["status"] == (outcome if other is base else "skipped")
        assert f"{10 - lost} of 10 compared: {lost} " in found["sentence"]
        assert "in the baseline" in found["sentence"]
        assert (f"{lost} skipped now" in found["sentence"]) == (other is both)
    code, document, _ = gate(before, each("noisy", SGD, ending("diverged", [9]))(both))
    assert (code, document["cells"][2]["status"]) == (1, "worse")


@pytest.fixture
def requiring(tmp_path):
    """requiring(require, ...): the report of one problem that asks this, and what else `run` is given."""

    def requiring(*require, **options):
        path = tmp_path / "quiet.yaml"
        path.write_text(QUIET + f"optimizers: [sgd:lr=0.05, adam:lr=0.01]\nrequire: [{', '.join(require)}]\n")
        return adambench.run(path, jobs=1, **options).to_dict()

    return requiring


UNMET = "{optimizer: adam:lr=0.01, target: 1e-3, within: 2}"


def test_an_unmet_requirement_fails_whatever_the_baseline_has(requiring, gate):
    report = requiring(UNMET, "{optimizer: sgd:lr=0.05, target: 1e-1, within: 600}")
    assert [entry["met"] for entry in report["requirements"]] == [False, True]  # premise
    code, document, _ = gate(report, report)
    jsonschema.validate(document, VERDICT_SCHEMA)
    assert (code, document["counts"]) == (1, {"fail": 1, "inconclusive": 0, "pass": 1})
    failed = document["cells"][1]
    assert (failed["optimizer"], failed["status"]) == ("adam:lr=0.01", "worse")
    assert failed["sentence"].startswith("require: reaches 1e-3 within 2 steps in 100% of trials: unmet: 0 of 1 trials")
    assert [check["metric"] for check in failed["checks"]] == [failed["sentence"].partition(": unmet")[0]]
    missing = edited(lambda document: document["results"].pop(1) and None)(report)
    code, document, _ = gate(report, missing)
    assert (code, document["cells"][1]["status"]) == (1, "missing")
    assert "it was not run" in document["cells"][1]["sentence"]
    assert "require: " in document["cells"][1]["sentence"]
    code, document, _ = gate(missing, missing)
    assert (code, [cell["status"] for cell in document["cells"]]) == (1, ["same", "worse"])


def test_an_advisory_requirement_fails_nothing(requiring, gate):
    report = requiring(UNMET.replace("}", ", advisory: true}"))
    assert [entry["met"] for entry in report["requirements"]] == [False]  # premise
    assert gate(report, report)[0] == 0
    assert gate(report, report, "--update")[0] == 0


def test_what_is_held_to_nothing_fails(requiring, gate, tmp_path):
    report = requiring(UNMET, optimizers=["sgd:lr=0.05"])
    assert report["held_to_nothing"] == ["quiet"]  # premise
    code, document, _ = gate(report, report)
    jsonschema.validate(document, VERDICT_SCHEMA)
    assert (code, document["cells"][0]["status"]) == (1, "empty")
    assert "none of its requirements that count was asked" in document["cells"][0]["sentence"]
    other = raw(lambda document: document.update(held_to_nothing=["another"]))(report)
    code, document, _ = gate(report, other)
    assert (code, [cell["problem"] for cell in document["cells"]]) == (1, ["quiet", "another"])
    place = str(tmp_path / "compared.json")
    assert exit_code(["compare", str(tmp_path / "quiet.yaml"), "--optimizers", SGD, "--json", "-o", place]) == 0
    compared = json.loads((tmp_path / "compared.json").read_text())
    assert compared["held_to_nothing"] == ["quiet"]  # premise
    assert gate(compared, compared)[0] == 0


def test_no_update_from_an_unmet_requirement(base, requiring, gate, tmp_path):
    for report, said in ((requiring(UNMET), "reaches 1e-3"), (requiring(UNMET, optimizers=["sgd"]), "none of its")):
        code, document, complaint = gate(base, report, "--update")
        assert (code, document) == (2, None)
        assert "now.json: expected results that meet what is required" in complaint
        assert said in complaint
        assert json.loads((tmp_path / "base.json").read_text()) == base


def test_a_kernel_with_nine_tenths_of_its_learning_rate_fails(at, gate):
    for optimizer in (SGD, ADAM):  # premise: it costs more than 5% on the problem without noise
        steps = [row(at(factor), "quiet", optimizer)["targets"][2]["median"] for factor in (1, 0.9)]
        assert steps[1] > 1.05 * steps[0]
    code, document, _ = gate(at(1), at(0.9))
    assert code == 1
    failed = [cell for cell in document["cells"] if cell["verdict"] == "fail"]
    assert {("quiet", SGD), ("quiet", ADAM), ("noisy", ADAM)} <= {(one["problem"], one["optimizer"]) for one in failed}


def test_a_thousandth_more_of_its_learning_rate_fails_where_all_must_be_exact(at, gate):
    code, document, _ = gate(at(1), at(1.001), "--exact")
    assert code == 1
    assert {cell["status"] for cell in document["cells"]} == {"changed"}
    assert gate(at(1), at(1.001))[0] == 0


def test_better_says_how_much_and_how_to_hold_it(at, gate):
    code, document, _ = gate(at(0.9), at(1))
    adam = next(cell for cell in document["cells"] if (cell["problem"], cell["optimizer"]) == ("quiet", ADAM))
    assert (adam["verdict"], adam["status"]) == ("pass", "better")
    assert "fewer steps; --update to hold it" in adam["sentence"]
    failed = [cell["optimizer"] for cell in document["cells"] if cell["verdict"] == "fail"]
    assert (code, failed) == (1, [SGD, SGD])  # of which the first target, after 2 steps, comes after 3


def asking(kind):
    """Targets of this kind on the first problem, the hardest of them at a loss of about 1e-4."""

    def change(document):
        values = {"relative": (1e-1, 1e-3, 1e-5), "loss": (1.0, 1e-2, 1e-4)}[kind]
        for holder in (document["problems"][0], *document["results"][:2]):
            holder["targets"] = [{"kind": kind, "value": value} for value in values]

    return edited(change)


@pytest.mark.parametrize("kind", ["relative", "loss"])
def test_final_losses_beyond_the_hardest_target_are_alike(base, gate, kind):
    def smaller(seed):
        seed["final_loss"] = seed["final_loss"] * 1e3 + 1e-7

    before = asking(kind)(base)
    code, document, _ = gate(before, each("quiet", SGD, smaller)(before))
    assert (code, document["cells"][0]["status"]) == (0, "within")


def test_equal_fingerprints_do_not_cover_for_unequal_results(base, gate):
    for change in (later(1.5), losing([0]), lambda seed: seed.update(final_loss=0.5), ending("diverged")):

        def apply(document, change=change):
            change(row(document)["seeds"][0])

        code, document, _ = gate(base, edited(apply)(base))
        assert (code, document["cells"][0]["status"]) == (1, "worse")


def test_one_step_is_nothing_between_machines(base, gate):
    def one_later(seed):
        seed["hits"] = [hit + 1 for hit in seed["hits"]]

    now = each("quiet", SGD, one_later)(base)
    assert row(now)["targets"][0]["median"] < 20  # premise: one step is more than 5%
    assert gate(base, now)[0] == 1
    assert gate(base, raw(cpu)(now))[0] == 0


@pytest.mark.parametrize("kind", ["relative", "loss"])
def test_final_losses_above_it_are_not(base, gate, kind):
    def larger(seed):
        seed["final_loss"] = 0.5

    before = asking(kind)(base)
    code, document, _ = gate(before, each("quiet", SGD, larger)(before))
    assert code == 1
    assert document["cells"][0]["sentence"].startswith("final-loss: ")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (1e3, 1e3 + 5e-7, 0),
        (1e3, 1e3 + 1e-5, 2),
        (0.0, 1e-11, 0),  # of the 22 from the start to it
        (0.0, 1e-10, 2),
    ],
)
def test_the_loss_at_an_optimum_may_differ_by_rounding_alone(base, gate, before, after, code):
    documents = (of_problem("reference_loss", loss)(base) for loss in (before, after))
    found, _, complaint = gate(*documents)
    assert found == code
    assert ("reference_loss: expected" in complaint) == (code == 2)


def absolute(final, start):
    """A report of a target {loss: 0.2} without any reference: all seeds on the first problem end at `final`."""

    def change(document):
        document["problems"][0].update(
            reference="report", reference_loss=None, initial_loss={"median": start},
            targets=[{"kind": "loss", "value": 0.2}],
        )  # fmt: skip
        for one in document["results"][:2]:
            one["targets"] = [{"kind": "loss", "value": 0.2}]
            for seed in one["seeds"]:
                seed.update(hits=[None], stay=[None], outcome="budget", initial_loss=start, final_loss=final)
                seed["fingerprint"] = final.hex().encode().hex()

    return edited(change)


@pytest.mark.parametrize(
    ("before", "after", "start", "status"),
    [
        (0.3, 8e5, 0.9, "worse"),
        (0.3, 0.329, 0.9, "within"),  # 4.8% of the descent from 0.9
        (0.3, 0.331, 0.9, "worse"),
        (0.3, 0.26, 0.9, "better"),
        (0.15, 0.19, 0.9, "within"),  # below the hardest target
        (0.3, 0.3, 0.9, "same"),
        (0.3, 0.3, None, "same"),
        (0.3, 0.31, None, "undecided"),
        (0.9, 0.95, 0.9, "undecided"),
        (0.95, 0.9, 0.9, "within"),
        (0.3, 8e307, -8e307, "undecided"),
    ],
)
def test_without_a_reference_loss_the_descent_is_held(base, gate, before, after, start, status):
    code, document, complaint = gate(absolute(before, start)(base), absolute(after, start)(base))
    assert code == {"worse": 1, "undecided": 3}.get(status, 0), complaint
    found = document["cells"][0]
    assert found["status"] == status
    assert [one["status"] for one in found["checks"] if one["metric"] == "final-loss"] == [status] * (status != "same")


def test_a_tolerance_is_that_of_the_baselines_file(base, gate):
    def allowing(share):
        return raw(lambda document: document["problems"][0].update(tolerance={"steps": share}))

    now = each("quiet", SGD, later(1.1))(base)
    code, document, _ = gate(allowing(0.4)(base), allowing(0.4)(now))
    assert (code, document["cells"][0]["status"]) == (0, "within")
    assert document["settings"]["problem_tolerances"]["quiet"]["steps"] == 0.4
    assert document["settings"]["tolerances"]["steps"] == 0.02
    assert [note for note in document["notes"] if "steps 40%" in note]
    assert not [note for note in document["notes"] if "was changed" in note]
    code, document, _ = gate(base, allowing(0.4)(now))
    assert (code, document["settings"]["problem_tolerances"]) == (1, {})
    assert [note for note in document["notes"] if note.startswith("quiet: its tolerance was changed")]
    code, document, _ = gate(allowing(0.4)(base), allowing(0.4)(now), "--tolerance=steps 3%")
    assert (code, document["settings"]["problem_tolerances"]["quiet"]["steps"]) == (1, 0.03)


@pytest.mark.parametrize(
    ("watched", "before", "after", "there", "code"),
    [
        ("grid", 79, 83, cpu, 0),
        ("grid", 83, 79, cpu, 0),
        ("grid", 79, 87, cpu, 1),  # two steps of it
        ("every", 79, 84, cpu, 1),
        ("grid", 79, 83, None, 1),
    ],
)
def test_a_step_of_the_grid_is_nothing_between_machines(base, gate, watched, before, after, there, code):
    def at(hit):
        def change(document):
            document["problems"][0]["watched"] = watched
            seed = row(document)["seeds"][0]
            seed.update(hits=[hit, hit, hit], fingerprint=f"{hit:x}")

        return edited(change)

    now = at(after)(base)
    if there:
        there(now)
    found, document, _ = gate(at(before)(base), now)
    assert found == code
    assert document["cells"][0]["status"] == ("worse" if code else "within")


@pytest.mark.parametrize(("options", "said"), [([], "within 5%"), (["--tolerance", "steps 1%"], "within 1%")])
def test_the_note_says_what_holds_between_machines(base, gate, options, said):
    _, document, _ = gate(base, raw(cpu)(base), *options)
    assert [note for note in document["notes"] if said in note]


def test_neighbours_on_the_grid_are_one_step_apart():
    points = watch_grid(10_000)[:-1]
    for one, other in pairwise(points.tolist()):
        steps = one_step(np.array([one, other], float), 10_000)
        assert (steps >= other - one).all()
        assert steps.max() <= max(1, 0.06 * other)


def test_a_reference_moved_by_rounding_leaves_hits_as_they_are(base, gate):
    before = edited(lambda document: unknown_optimum(document, 0.0))(base)

    def rounded(document):
        unknown_optimum(document, 0.0)
        document["problems"][0]["reference_loss"] = 1e-13
        seed = row(document)["seeds"][0]
        seed["hits"] = [230, 330, None]  # within one step of the grid, 15% later
        seed["fingerprint"] = "ab"

    code, document, _ = gate(before, edited(rounded)(base))
    assert code == 1
    assert "on the grid" not in document["cells"][0]["sentence"]


@pytest.mark.parametrize(
    ("kind", "value", "way", "expected"),
    [
        ("relative", 1e-3, 0.0, False),
        ("relative", 1e-3, 5e-10, False),
        ("relative", 1e-3, 2e-9, True),
        ("relative", 1e-9, 5e-10, True),  # nearly all that is asked for
        ("relative", 1e-9, 5e-13, False),
        ("loss", 1e-9, 5e-10, False),  # which does not refer to it
        ("loss", 1e-9, 2e-9, True),
    ],
)
def test_what_is_rounding_of_a_reference_depends_on_what_is_asked_for(kind, value, way, expected):
    def problem(reference, best):
        targets = [{"kind": "relative", "value": 1e-1}, {"kind": kind, "value": value}]
        return {
            "reference": reference,
            "reference_loss": best,
            "initial_loss": {"median": 100.0},
            "targets": targets,
        }

    for best in (100.0 * way, -100.0 * way):
        assert moved(problem("report", 0.0), problem("report", best)) is expected
        assert not moved(problem("optimum", 0.0), problem("optimum", best))


def unknown_optimum(document, best):
    """As where f_L is the best loss of the report: seeds with their losses, of two points on a line down to `best`."""
    document["problems"][0].update(reference="report", reference_loss=best, initial_loss={"median": 100.0})
    for one in document["results"][:2]:
        one["curve"]["evaluations"] = [0, 100, 200, 300]
        one["curve"].update({key: [100.0, 50.0, 8.0, 0.05] for key in ("median", "q25", "q75")})
        for seed in one["seeds"]:
            seed.update(losses=[100.0, 50.0, 8.0, 0.05], initial_loss=100.0, final_loss=0.05)
            seed["hits"] = [round(200 + best), round(300 + best), None]
            seed["outcome"] = "budget"


def test_a_reference_loss_of_the_report_is_the_baselines(base, gate):
    before = edited(lambda document: unknown_optimum(document, 0.0))(base)
    after = edited(lambda document: unknown_optimum(document, -40.0))(base)
    row(after)["seeds"][0]["fingerprint"] = "ab"
    code, document, _ = gate(before, after)
    assert (code, document["cells"][0]["status"]) == (0, "within")
    assert {check["status"] for check in document["cells"][0]["checks"]} == {"same"}
    assert document["cells"][1]["status"] == "same"  # not a bit of it changed
    steps = {one["metric"]: one["baseline"] for one in document["cells"][0]["checks"]}
    assert (steps["steps to 1e-1"], steps["steps to 1e-3"], steps["steps to 1e-5"]) == (200.0, 300.0, None)


def test_without_losses_a_moved_reference_leaves_steps_undecided(base, gate):
    def of(best):
        def change(document):
            unknown_optimum(document, best)
            for one in document["results"][:2]:
                for seed in one["seeds"]:
                    del seed["losses"]
                    seed["fingerprint"] = f"{abs(int(best)):x}"

        return change

    code, document, _ = gate(edited(of(0.0))(base), edited(of(-40.0))(base))
    assert (code, document["cells"][0]["status"]) == (3, "undecided")


@settings(max_examples=30)
@given(data=st.data())
def test_a_report_against_itself_passes(at, data):
    document = at(data.draw(st.sampled_from([1, 0.9, 1.001])))
    for one in document["results"]:
        for seed in one["seeds"]:
            if data.draw(st.integers(0, 4)) == 0:
                ending(data.draw(st.sampled_from(["diverged", "budget", "stalled"])))(seed)
            if data.draw(st.integers(0, 4)) == 0 and seed["outcome"] != "diverged":
                seed.update(hits=[data.draw(st.none() | st.integers(0, 600)) for _ in range(3)], outcome="budget")
    baseline = record(recount(document))
    terms = Terms(exact=data.draw(st.booleans()))
    assert judge(baseline, record(copy.deepcopy(document)), terms, ("a", "b"))["verdict"] == "pass"


@settings(max_examples=60)
@given(data=st.data())
def test_a_later_hit_never_turns_fail_into_pass(at, data):
    before, after = at(1), at(data.draw(st.sampled_from([0.9, 1, 1.001])))
    place = data.draw(st.integers(0, 3))
    seeds = after["results"][place]["seeds"]
    target = data.draw(st.integers(0, 2))
    verdicts = []
    for _ in range(4):
        found = judge(record(before), record(recount(after)), Terms(), ("a", "b"))
        verdicts.append(found["cells"][place]["verdict"])
        seed = data.draw(st.sampled_from(seeds))
        hit = seed["hits"][target]
        seed["hits"][target] = None if hit is None or data.draw(st.booleans()) else hit + data.draw(st.integers(1, 300))
        seed["fingerprint"] = "0" * 32
        if None in seed["hits"]:
            seed["outcome"] = "budget"
    assert ("fail", "pass") not in pairwise(verdicts)


@given(b=st.integers(0, 60), c=st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(b, c):
    expected = binomtest(b, b + c).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(expected, rel=1e-10)


WORDS = Words("more", "less", "never")


def test_statistics_find_a_planted_slowdown_and_no_other():
    """1.15 times the steps fails in most of 200 simulated gates of 20 seeds; nothing planted, in few."""
    rng, failed = np.random.default_rng(1), {1.0: 0, 1.15: 0}
    for factor in failed:
        for _ in range(200):
            common = 1000 * np.exp(rng.normal(0, 0.5, 20))
            before, after = (common * np.exp(rng.normal(0, 0.05, 20)) for _ in range(2))
            found = growth("steps", before, factor * after, 0.02, WORDS, False)
            failed[factor] += found["verdict"] == "fail"
    assert failed[1.0] <= 10
    assert failed[1.15] >= 180


def test_what_grew_in_the_median_alone_is_within_and_says_so_once():
    never = np.array([100.0] * 51 + [np.inf] * 49), np.array([100.0] * 49 + [np.inf] * 51)
    later = np.array([100.0] * 11 + [200.0] * 10), np.array([93.0] * 10 + [200.0] + [186.0] * 10)
    for (before, after), said in ((never, "never in the median any more, but"), (later, "86% more in the median, but")):
        found = growth("steps", before, after, 0.02, WORDS, False)
        assert found["status"] == "within"
        assert found["sentence"].startswith(f"{said} paired by seeds within the 2% allowed (95% ")
        assert found["sentence"].count("median") == 1
    lost = growth("steps", never[0][:1], never[1][-1:], 0.02, WORDS, False)
    assert (lost["status"], lost["sentence"]) == ("worse", "never in the median any more")


def test_an_undecided_check_says_how_many_more_seeds_may_decide():
    rng = np.random.default_rng(3)
    before = 1000 * np.exp(rng.normal(0, 0.4, 10))
    found = growth("steps", np.sort(before), np.sort(before)[::-1] * 1.2, 0.02, WORDS, False)
    assert found["status"] == "undecided"
    assert "more seeds might decide" in found["sentence"]
    assert found["ci95"][0] < 0.02 < found["ci95"][1]


def test_a_change_that_no_median_sees_is_that_of_the_mean():
    before, after = np.full(4, 100.0), np.array([100.0, 100.0, 200.0, 100.0])
    found = growth("steps", before, after, 0.02, WORDS, True)
    assert (found["baseline"], found["measured"], found["status"]) == (100.0, 100.0, "worse")
    assert found["change"] == pytest.approx(2**0.25 - 1)
    assert found["sentence"] == "18.9% more in the geometric mean of the seeds, more than the 2% allowed"


@pytest.mark.parametrize(
    ("before", "after", "constant", "status"),
    [
        ([1, 1, 1], [1, 1, 1], False, "same"),
        ([0, 0, 0], [1, 0, 0], False, "better"),
        ([1], [0], False, "worse"),
        ([1, 1], [0, 1], False, "worse"),
        ([1] * 10, [1] * 9 + [0], True, "worse"),
        ([1] * 10, [1] * 9 + [0], False, "undecided"),
        ([1] * 10, [1] * 5 + [0] * 5, False, "undecided"),
        ([1] * 10, [1] * 4 + [0] * 6, False, "worse"),
        ([1] * 4, [0] * 4, False, "worse"),
        ([1, 1, 1, 0], [1, 1, 0, 1], False, "within"),
    ],
)
def test_counts(before, after, constant, status):
    found = count("reached", np.array(before, bool), np.array(after, bool), True, 0.0, constant)
    assert found["status"] == status
    flipped = count("diverged", ~np.array(before, bool), ~np.array(after, bool), False, 0.0, constant)
    assert flipped["status"] == status


@pytest.mark.parametrize(("trials", "worse", "better"), [(10, 1, 0), (10, 5, 0), (10, 2, 1), (3, 1, 0), (50, 21, 20)])
def test_the_seeds_advised_would_decide_and_no_fewer(trials, worse, better):
    """By SciPy's binomial test of so many times what changed."""
    times = next((k for k in range(2, 101) if binomtest(k * worse, k * (worse + better)).pvalue <= 0.05), None)
    expected = "more seeds may not decide" if times is None else f"about {(times - 1) * trials} more seeds might decide"
    before, after = np.arange(trials) >= better, np.arange(trials) < trials - worse
    found = count("reached", before, after, True, 0.0, False)
    assert found["status"] == "undecided"
    assert found["sentence"].endswith(f": {expected}")


@pytest.mark.parametrize(
    ("lost", "gained", "tolerance", "status"),
    [
        (5, 0, 5, "within"),
        (6, 0, 5, "undecided"),  # one beyond what is allowed
        (10, 0, 5, "undecided"),
        (11, 0, 5, "worse"),
        (11, 0, 0.25, "worse"),
        (10, 0, 0.25, "undecided"),
        (11, 1, 5, "undecided"),
        (6, 0, 0, "worse"),
    ],
)
def test_what_is_lost_beyond_what_is_allowed_is_tested(lost, gained, tolerance, status):
    before, after = np.ones(20, bool), np.ones(20, bool)
    after[:lost], before[20 - gained :] = False, False
    found = count("reached", before, after, True, float(tolerance), False)
    assert found["status"] == status
    beyond = lost - int(found["allowed"])
    p = binomtest(beyond, beyond + gained).pvalue if status != "within" else 0.0
    assert (f"McNemar p = {p:.2g}" in found["sentence"]) == (status != "within")
    assert ("allowed" in found["sentence"]) == (status != "within" and tolerance > 0)


def test_advice_on_counts_keeps_what_is_allowed():
    after = np.arange(20) >= 6
    shares = [count("reached", np.ones(20, bool), after, True, allowed, False)["sentence"] for allowed in (5.0, 0.25)]
    assert "about 20 more seeds" in shares[0]  # 12 lost, 5 allowed
    assert "about 100 more seeds" in shares[1]  # 36 lost, 30 allowed


def test_tolerances():
    assert parse_tolerances(["steps 3%", "final-loss=0.1", "reached 2", "diverged 5%"]) == {
        "steps": 0.03, "final-loss": 0.1, "reached": 2.0, "diverged": 0.05,
    }  # fmt: skip
    assert (allowed_trials(0.05, 20), allowed_trials(0.05, 19), allowed_trials(2.0, 10)) == (1, 0, 2)
    assert parse_tolerances(["steps\t 3 %", "final_loss  1.1x", "  reached=1 "]) == {
        "steps": 0.03, "final-loss": pytest.approx(0.1), "reached": 1.0,
    }  # fmt: skip
    assert tolerances_of({}, {}, False).steps == 0.02
    assert tolerances_of({}, {}, True).steps == 0.05
    assert tolerances_of({"steps": 0.1}, {}, True).steps == 0.1
    assert tolerances_of({"steps": 0.1}, {"steps": 0.01}, True).steps == 0.01


def test_tolerances_of_a_problem_file(tmp_path):
    path = tmp_path / "quiet.yaml"
    path.write_text(QUIET + "optimizers: [adam]\ngate: {tolerance: {steps: 0.1, final_loss: 1, reached: 2}}\n")
    document = adambench.run(path, budget=3).to_dict()
    assert document["problems"][0]["tolerance"] == {"steps": 0.1, "final-loss": 1.0, "reached": 2.0}
    path.write_text(path.read_text().replace("final_loss", "final-loss"))
    assert adambench.run(path, budget=3).to_dict()["problems"][0]["tolerance"]["final-loss"] == 1.0
    path.write_text(path.read_text().replace("steps: 0.1", "stepz: 0.1"))
    with pytest.raises(AdambenchError, match=r"gate\.tolerance\.stepz.*did you mean steps"):
        adambench.run(path)


@pytest.mark.parametrize(
    "text",
    [
        *("step 2%", "steps", "steps -1", "steps x", "reached 150%", "reached 1.5", "steps 1e9", "", "steps 2"),
        *("steps 0.5x", "steps \u0662%", "reached 2x", "steps 2 %%", "2%", "final_loss 3", "steps\u00a0\u0662"),
    ],
)
def test_a_tolerance_that_is_none(base, gate, text):
    code, _, complaint = gate(base, base, "--tolerance", text)
    assert code == 2
    assert complaint.startswith("error: --tolerance")


def test_what_changes_bits():
    one = {"cpu": "a", "python": "3.11", "numpy": "2", "numba": "0.61", "platform": "Linux-6.1-x86_64-with-glibc2.36"}
    assert differences(one, dict(one, platform="Linux-6.9-generic-x86_64-with-glibc2.36")) == []
    assert differences(one, dict(one, platform="Linux-6.1-aarch64-with-glibc2.36")) == ["machine x86_64 -> aarch64"]
    assert differences(one, dict(one, platform="Linux-6.1-x86_64-with-glibc2.39")) == [
        "C library glibc2.36 -> glibc2.39"
    ]
    assert differences(one, dict(one, numba="0.62", cpu="b")) == ["cpu a -> b", "numba 0.61 -> 0.62"]
    assert differences(one, dict(one, platform="Darwin-6.1-x86_64-with-glibc2.36")) == ["system Linux -> Darwin"]
    assert differences(dict(one, features="f1"), dict(one, features="f2")) == ["instruction sets f1 -> f2"]
    assert differences(dict(one, features="f1"), one) == ["instruction sets f1 -> unknown"]
    assert differences(dict(one, features="f1"), dict(one, features="f1")) == []


def test_what_is_equal_to_the_bit_is_counted(base, tmp_path, capsys):
    for name, document in (("base.json", base), ("now.json", BITS(base))):
        (tmp_path / name).write_text(json.dumps(document))
    assert exit_code(["gate", str(tmp_path / "now.json"), "--baseline", str(tmp_path / "base.json")]) == 0
    assert "4 pass (3 equal to the bit)" in capsys.readouterr().out


def test_exact_counts_what_changed_in_anything(base, gate):
    def change(document):
        for seed in row(document, "noisy", SGD)["seeds"][:3]:
            seed["final_loss"] = 0.5

    _, document, _ = gate(base, edited(change)(base), "--exact")
    found = next(cell for cell in document["cells"] if cell["verdict"] == "fail")
    assert found["checks"][0]["measured"] == 3.0
    assert "3 of 10 trials have other numbers and the same fingerprint" in found["sentence"]


NUMBERS = (2**63, -(2**63), 10**30, 1e300, -1e300, 1e308, 1.7e308, 5e-324, 0, -1)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_numbers_a_file_has_there_is_a_verdict_or_one_sentence(at, data, tmp_path_factory):
    document, numbers = at(1), []

    def find(value, path):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, (dict, list)):
                find(inner, (*path, key))
            elif isinstance(inner, (int, float)) or inner is None:
                numbers.append((value, key))

    find(document, ())
    for holder, key in data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=4, unique_by=id)):
        holder[key] = data.draw(st.sampled_from(NUMBERS))
    folder = tmp_path_factory.mktemp("numbers")
    for name, content in (("base.json", at(1)), ("now.json", document)):
        (folder / name).write_text(json.dumps(content))
    words = ["--json", "-o", str(folder / "out.json"), "-q"]
    for one, other in (("base", "now"), ("now", "base")):
        code = exit_code(["gate", str(folder / f"{other}.json"), "--baseline", str(folder / f"{one}.json"), *words])
        assert code in (0, 1, 2, 3)
        if code != 2:
            out = (folder / "out.json").read_text()
            jsonschema.validate(json.loads(out, parse_constant=pytest.fail), VERDICT_SCHEMA)
            verdict = json.loads(out)
            table, markdown = (find_format(name).render(verdict, Style()) for name in ("table", "markdown"))
            conclusion = f"{verdict['verdict']}: of {len(verdict['cells'])} cells "
            assert table.splitlines()[-1].startswith(conclusion)
            assert f"\n**{conclusion}" in markdown
            assert not re.search(r"\b(nan|inf|None)\b", table + markdown)


@pytest.mark.parametrize(
    "options",
    [("-o", "base.json"), ("-o", "now.json"), ("--export", "junit=now.json"), ("--update", "-o", "base.json")],
)
def test_what_is_read_is_not_written_over(base, gate, tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    code, document, said = gate(base, base, *options)
    assert (code, document) == (2, None)
    assert "is what is read here" in said
    assert json.loads((tmp_path / "base.json").read_text()) == json.loads((tmp_path / "now.json").read_text()) == base


def test_update(base, at, gate, tmp_path):
    path = tmp_path / "base.json"
    code, document, said = gate(None, base)
    assert (code, document) == (2, None)
    assert "--update" in said
    code, document, said = gate(None, base, "--update")
    assert (code, document) == (0, None)
    assert said == f"{path} updated: new\n"
    assert json.loads(path.read_text()) == base
    code, document, said = gate(base, at(0.9), "--update")
    assert (code, document["verdict"]) == (0, "fail")
    assert "worse" in said
    assert json.loads(path.read_text()) == at(0.9)
    assert [note for note in document["notes"] if "before the update" in note]
    code, document, said = gate(base, at(0.9), "--update", "--quiet")
    assert (code, document) == (0, None)
    assert "updated: " in said
    code, _, said = gate(base, REFUSED["another budget"][0](base), "--update")
    assert code == 0
    assert f"accepted: problem quiet: budget: expected 600, got 60000\n{path} updated: not comparable" in said
    nothing = each("quiet", SGD, ending("error"))(edited(lambda d: d.update(results=d["results"][:1]))(base))
    code, document, said = gate(nothing, base, "--update")
    assert (code, document) == (0, None)
    assert "expected a report that measured something" in said
    assert sorted(os.listdir(tmp_path)) == ["base.json", "now.json"]


def test_no_update_lets_a_row_go(base, gate, tmp_path):
    for change in (without("quiet", SGD), edited(renamed), also(without("noisy"), edited(longer))):
        code, document, said = gate(base, change(base), "--update", "--quiet")
        assert (code, document) == (2, None)
        assert "remove the file to start anew" in said
        assert "sgd:lr=0.05 on " in said
        assert json.loads((tmp_path / "base.json").read_text()) == base
    code, document, said = gate(without("quiet", SGD)(base), base, "--update", "--quiet")
    assert (code, document) == (0, None)
    assert "new: sgd:lr=0.05 on quiet" in said


@pytest.mark.parametrize("name", ["errored", "no trials", "no results", "a null loss"])
def test_no_update_from_half_a_report(base, gate, tmp_path, name):
    code, _, said = gate(base, CASES[name][0](base), "--update")
    assert code == 2
    assert "now.json: expected" in said
    assert json.loads((tmp_path / "base.json").read_text()) == base


@pytest.mark.parametrize("name", ["an interrupted run", "a truncated file", "NaN"])
def test_no_update_from_what_cannot_be_read(base, gate, tmp_path, name):
    assert gate(base, REFUSED[name][0](base), "--update")[0] == 2
    assert json.loads((tmp_path / "base.json").read_text()) == base


def test_no_update_over_what_is_no_report(base, gate, tmp_path):
    code, _, said = gate("something else", base, "--update")
    assert code == 2
    assert "remove it first" in said
    assert (tmp_path / "base.json").read_text() == "something else"


@pytest.mark.parametrize("side", ["results", "baseline"])
def test_standard_input(base, tmp_path, capsys, monkeypatch, side):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(base))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(base).encode())))
    places = ["-", "--baseline", str(path)] if side == "results" else [str(path), "--baseline", "-"]
    assert exit_code(["gate", *places]) == 0
    assert "pass" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-", "--baseline", "-"], "standard input already"),
        (["a.json"], "expected --baseline FILE"),
        (["--baseline", "a.json"], "expected one RESULTS"),
        (["a.json", "--baseline", "-", "--update"], "expected --baseline FILE to write"),
    ],
)
def test_usage(capsys, words, said):
    assert exit_code(["gate", *words]) == 2
    assert said in capsys.readouterr().err


def test_time_is_told_and_counts_on_demand(base, gate):
    def slow(document):
        for one in document["results"]:
            one["cost"].update(seconds=10.0, ns_per_step=4000.0)

    def quick(document):
        for one in document["results"]:
            one["cost"].update(seconds=1.0, ns_per_step=400.0)

    before, after = raw(quick)(base), raw(slow)(base)
    code, document, _ = gate(before, after)
    assert code == 0
    assert {(one["metric"], one["advisory"]) for cell in document["cells"] for one in cell["checks"]} == {
        ("time/step", True)
    }
    code, _, said = gate(before, after, "--time")
    assert code == 2
    assert "--live" in said


def test_labels_cannot_command_a_terminal(base, gate):
    def hostile(document):
        document["results"][0]["optimizer"] = "\x1b]0;title\x07sgd"
        document["results"][0]["dialect"] = "\x1b[31m::error::"

    def other(document):
        row(document)["optimizer"] = "\x1b]0;title\x07sgd"

    code, _, complaint = gate(edited(other)(base), edited(hostile)(base))
    assert code == 2
    assert "\x1b" not in complaint
    assert "\x07" not in complaint


def test_a_fork_reads_what_one_process_reads(base, tmp_path, monkeypatch):
    from adambench.saved import both, read_report

    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        path.write_text(json.dumps(base))
    assert both.read_both(str(paths[0]), str(paths[1])) == (base, base)
    monkeypatch.setattr(both, "LARGE", 1)
    forks, fork = [], os.fork
    monkeypatch.setattr(os, "fork", lambda: forks.append(0) or fork())
    assert both.read_both(str(paths[0]), str(paths[1])) == (base, base)
    assert bool(forks) == (sys.platform == "linux")
    paths[1].write_text("{")
    with pytest.raises(AdambenchError, match=r"b\.json: the file ends in the middle"):
        both.read_both(str(paths[0]), str(paths[1]))
    assert read_report(str(paths[0])) == base

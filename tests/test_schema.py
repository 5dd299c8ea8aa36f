"""`adambench schema`, against real reports and problem files, and the report's keys against the documented ones."""

from __future__ import annotations

import copy
import json

import pytest
import yaml

from adambench import report_schema
from adambench.cli import exit_code
from adambench.problem import bundled_problems, read_text

MIXED = """\
name: mixed
function: sphere
budget: 400
seeds: 2
start: {normal: [0, 1]}
targets: [1e-1, {loss: 1e-300}, {gradient: 1e-2}, {distance: 0.5}]
optimizers: ["sgd:lr=0.1", "sgd:lr=2", adam]
require: [{optimizer: adam, target: 1e-1, within: 10}]
"""
UNKNOWN = """\
name: unknown
function: monkey-saddle
budget: 20
targets: [1e-1]
"""

# interface: 5. The report
KEYS = {
    "": "schema adambench command environment settings problems results timing",
    "environment": "python numpy numba cpu platform jobs",
    "settings": "precision stop_at_target",
    "problems": "name hash function dimension budget reference reference_loss initial_loss targets",
    "problems.initial_loss": "median",
    "problems.targets": "kind value",
    "results": "problem optimizer name dialect hyperparameters trials outcomes final_loss best_loss targets cost curve"
    " seeds",
    "results.outcomes": "reached budget stalled diverged timeout error skipped",
    "results.final_loss": "median mean min max q25 q75 ci95",
    "results.best_loss": "median",
    "results.targets": "kind value reached trials median q25 q75 ert ert_ci95",
    "results.cost": "evaluations seconds ns_per_step state_per_parameter",
    "results.curve": "evaluations median q25 q75",
    "results.seeds": "seed outcome final_loss hits fingerprint stopped",
    "results.seeds.stopped": "evaluation cause",
    "timing": "compile_seconds run_seconds",
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report with every kind of target and outcome, one with a comparison, one of trials cut short."""
    folder = tmp_path_factory.mktemp("schema")
    (folder / "mixed.yaml").write_text(MIXED)
    (folder / "unknown.yaml").write_text(UNKNOWN)
    found = []
    timed = ["run", "--timeout", "1e-9", "--budget", "100000000", "--allow-invalid"]
    for command, *options in (["run"], ["compare", "--optimizers", "sgd,adam"], timed):
        place = folder / "out.json"
        code = exit_code([command, str(folder), *options, "--json", "-o", str(place)])
        assert code in (0, 1)
        found.append(json.loads(place.read_text()))
    return found


@pytest.fixture(scope="module")
def schema():
    jsonschema = pytest.importorskip("jsonschema")

    def of(kind, capsys):
        assert exit_code(["schema", kind]) == 0
        document = json.loads(capsys.readouterr().out)
        jsonschema.Draft202012Validator.check_schema(document)
        return jsonschema.Draft202012Validator(document)

    return of


def inside(document, path):
    """Every object at a dotted path, through lists."""
    found = [document]
    for step in filter(None, path.split(".")):
        found = [item[step] for item in found]
        found = [entry for item in found for entry in (item if isinstance(item, list) else [item])]
    return found


@pytest.mark.parametrize("path", KEYS)
def test_the_report_has_the_documented_keys(reports, path):
    for report in reports:
        found = inside(report, path)
        assert found
        for item in found:
            assert set(KEYS[path].split()) <= set(item)


@pytest.mark.parametrize("path", KEYS)
def test_the_schema_requires_every_documented_key(path):
    part = report_schema.REPORT_SCHEMA
    for step in filter(None, path.split(".")):
        part = part["properties"][step]
        part = part.get("items", part)
    assert set(KEYS[path].split()) <= set(part["required"])


def test_reports_follow_the_schema(reports, schema, capsys):
    validator = schema("report", capsys)
    for report in reports:
        assert [error.message for error in validator.iter_errors(report)] == []
    assert {name for report in reports for name in report} >= {"requirements", "comparison"}
    seen = {seed["outcome"] for report in reports for row in report["results"] for seed in row["seeds"]}
    assert {"diverged", "budget", "timeout"} <= seen


def spoiled(path, value):
    def spoil(report):
        *steps, last = path
        for step in steps:
            report = report[step]
        report[last] = value

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("results"),
        lambda report: report["results"][0].pop("fingerprint", report["results"][0].pop("seeds")),
        spoiled(["schema"], "adambench/report/2"),
        spoiled(["results", 0, "trials"], "3"),
        spoiled(["results", 0, "trials"], -1),
        spoiled(["results", 0, "final_loss", "median"], "inf"),
        spoiled(["results", 0, "final_loss", "ci95"], [0.0]),
        spoiled(["results", 0, "seeds", 0, "outcome"], "fine"),
        spoiled(["results", 0, "seeds", 0, "hits"], [1.5]),
        spoiled(["problems", 0, "reference"], "guess"),
        spoiled(["settings", "precision"], "float16"),
    ],
)
def test_the_schema_refuses_what_is_no_report(reports, schema, capsys, spoil):
    validator = schema("report", capsys)
    report = copy.deepcopy(reports[0])
    assert validator.is_valid(report)
    spoil(report)
    assert not validator.is_valid(report)


@pytest.mark.parametrize("name", bundled_problems())
def test_bundled_problems_follow_the_schema(schema, capsys, name):
    # The reader here is of YAML 1.1, to which 1e-3 is a text.
    document = json.loads(json.dumps(yaml.safe_load(read_text(bundled_problems()[name]))), object_hook=numbers)
    validator = schema("problem", capsys)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert not validator.is_valid({**document, "lerning_rate": 1})


def numbers(mapping):
    return {key: number(value) for key, value in mapping.items()}


def number(value):
    if isinstance(value, list):
        return [number(item) for item in value]
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value

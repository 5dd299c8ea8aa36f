"""Reports read back: what is good is read whole, what is not is refused in one sentence."""

from __future__ import annotations

import copy
import io
import json
import math
import re
import tracemalloc

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large import large

import adambench
from adambench.cli import exit_code
from adambench.errors import AdambenchError
from adambench.gate.row import row_of
from adambench.render.json import render
from adambench.report_schema import REPORT_SCHEMA
from adambench.saved import read_report, text
from adambench.saved.structure import compile_schema

PROBLEM = """\
name: small
function: quadratic
dimension: 2
noise: {gaussian: {std: 0.1}}
budget: 40
seeds: 3
optimizers: [adam, "sgd:lr=0.1"]
"""
ORACLE = jsonschema.Draft202012Validator(REPORT_SCHEMA)
CHECK = compile_schema(REPORT_SCHEMA)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "small.yaml"
    path.write_text(PROBLEM)
    return adambench.run(path, jobs=1).to_dict()


@pytest.fixture(scope="module")
def ranked(tmp_path_factory):
    """A report with all that `compare --tune` adds."""
    folder = tmp_path_factory.mktemp("problems")
    for name in ("small", "other"):
        (folder / f"{name}.yaml").write_text(PROBLEM.replace("small", name))
    names = ["adam", "sgd"]
    words = ["--optimizers", ",".join(names), "--tune", "3", "--jobs", "1", "--json", "--quiet"]
    assert exit_code(["compare", str(folder), *words, "-o", str(folder / "out.json")]) == 0
    return json.loads((folder / "out.json").read_text())


def reading(content):
    return read_report("-", io.BytesIO(content if isinstance(content, bytes) else content.encode()))


def complaint(content):
    with pytest.raises(AdambenchError) as caught:
        reading(content)
    said = str(caught.value)
    assert said.startswith("<stdin>: ")
    assert "\n" not in said
    assert said.isprintable()
    return said


@pytest.mark.parametrize("write", [json.dumps, lambda d: json.dumps(d, indent=2), lambda d: render(d, None)])
def test_a_report_is_read_as_it_was_written(report, ranked, write):
    for document in (report, ranked):
        assert reading(write(document)) == document
        assert reading(b"\xef\xbb\xbf" + write(document).encode()) == document
        assert reading(write(dict(reversed(document.items())))) == document
        assert reading(write(document).replace("\n", "\r\n")) == document


def test_of_rows_what_is_asked_for_is_kept(report):
    found = read_report("-", io.StringIO(json.dumps(report)), shorten=lambda row: row["optimizer"])
    assert found == {**report, "results": ["adam", "sgd:lr=0.1"]}


def test_a_file_cut_off_anywhere_says_so(report):
    whole = json.dumps({**report, "results": report["results"][:1], "more": [True, False, None, -1.5e-7, "\u00e9\\"]})
    for end in [*range(1, 400), *range(400, len(whole) - 300, 37), *range(len(whole) - 300, len(whole))]:
        assert "ends in the middle of" in complaint(whole[:end]), whole[end - 20 : end]


def test_the_item_in_which_it_ends_is_named(report):
    whole = render(report, None)
    assert "in the middle of results[1]:" in complaint(whole[: whole.index('"sgd:lr=0.1"')])
    assert "in the middle of problems[0]:" in complaint(whole[: whole.index('"reference_loss"')])


def all_reached(report):
    """Seed 0 says so, and has no hit of the last target."""
    row = report["results"][0]
    row["seeds"][0].update(outcome="reached", hits=[1, 1, None])
    row["outcomes"].update({"reached": 1, "budget": len(row["seeds"]) - 1})


def late(report):
    first_seed(report)["hits"][0] = 41
    row = report["results"][0]
    row["targets"][0]["reached"] = sum(seed["hits"][0] is not None for seed in row["seeds"])


def first_seed(report):
    return report["results"][0]["seeds"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(schema="adambench/report/7"), "schema: expected adambench/report/1, got"),
        (lambda r: r.update(schema=None), "schema: expected adambench/report/1, got null"),
        (lambda r: r.pop("schema"), "expected a report, with the key schema"),
        (lambda r: r.pop("results"), "expected the key results"),
        (lambda r: r.update(results={}), "results: expected a list, got an object"),
        (lambda r: r.update(results=[3]), "results[0]: expected an object, got 3"),
        (lambda r: r["results"][1].pop("cost"), "results[1]: expected the key cost, got none"),
        (lambda r: first_seed(r).update(hits="x" * 99), 'results[0].seeds[0].hits: expected a list, got "xxx'),
        (lambda r: first_seed(r)["hits"].__setitem__(1, True), "results[0].seeds[0].hits[1]: expected a whole number"),
        (lambda r: first_seed(r)["hits"].append(1), "results[0].seeds[0].hits: expected 3 values, one a target"),
        (lambda r: first_seed(r).update(outcome="won"), "results[0].seeds[0].outcome: expected one of reached"),
        (lambda r: first_seed(r).update(seed=-1), "results[0].seeds[0].seed: expected at least 0, got -1"),
        (lambda r: first_seed(r).update(seed=2**63), "results[0].seeds[0].seed: expected a number that fits in 64"),
        (lambda r: first_seed(r).update(seed=1e19), "results[0].seeds[0].seed: expected a number that fits in 64"),
        (lambda r: first_seed(r)["hits"].__setitem__(0, 10**30), "results[0].seeds[0].hits[0]: expected a number that"),
        (lambda r: first_seed(r)["hits"].__setitem__(0, -(2**70)), "results[0].seeds[0].hits[0]: expected a number"),
        (lambda r: first_seed(r)["hits"].__setitem__(0, -1), "results[0].seeds[0].hits: expected evaluations from 0"),
        (late, "results[0].seeds: expected hits up to the budget of its problem, 40, got 41"),
        (lambda r: first_seed(r)["hits"].__setitem__(0, 3.5), "results[0].seeds[0].hits[0]: expected a whole number"),
        (lambda r: first_seed(r)["stopped"].update(evaluation=41), "results[0].seeds: expected evaluations up to"),
        (all_reached, "results[0].seeds[0].hits: expected a hit of each target, which outcome reached says"),
        (lambda r: first_seed(r).update(seed=1), "results[0].seeds: expected each seed once"),
        (lambda r: first_seed(r).update(fingerprint="xyz"), "results[0].seeds[0].fingerprint: expected a text"),
        (lambda r: first_seed(r).update(final_loss=10**400), "results[0].seeds[0].final_loss: expected a number"),
        (lambda r: first_seed(r)["stopped"].update(cause="\ud800"), "results[0].seeds[0].stopped.cause: expected"),
        (lambda r: r["results"][0].update(trials=7), "results[0].trials: expected 3"),
        (lambda r: r["results"][0]["outcomes"].update(budget=9), "results[0].outcomes.budget: expected"),
        (lambda r: r["results"][0]["targets"][2].update(reached=9), "results[0].targets[2].reached: expected"),
        (lambda r: r["results"][0]["curve"]["median"].pop(), "results[0].curve.median: expected"),
        (lambda r: r["results"][0]["targets"][2].update(value=0.5), "results[0].targets: expected the targets"),
        (lambda r: r["results"][0].update(problem="p"), "results[0].problem: expected one of the problems"),
        (lambda r: r["results"][1].update(optimizer="adam"), "results[1].optimizer: expected each optimizer once"),
        (lambda r: r["problems"].append(r["problems"][0]), "problems[1].name: expected each problem once"),
        (lambda r: r.update({"\x1b[31m": "\ud800"}), ".\\x1b[31m: expected Unicode".removeprefix(".")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_path(report, change, said):
    document = copy.deepcopy(report)
    change(document)
    assert said in complaint(json.dumps(document))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"final_loss": ', '"final_loss": NaN, "x": ', "results[0].final_loss: expected a number or null, got NaN"),
        ('"seconds": ', '"seconds": -Infinity, "x": ', "results[0].cost.seconds: expected a number or null, got -Inf"),
        ('"seed": 0', '"seed": 0, "seed": 0', 'results[0].seeds[0]: expected each key once, got "seed" twice'),
        ('"problems": ', '"problems": [], "problems": ', 'expected each key once, got "problems" twice'),
        ('"seed": 0', f'"seed": {"1" * 5000}', "results[0].seeds[0].seed: expected a number, got 5,000 digits"),
        ('"best_loss": ', '"best_loss": {"median": 1e999}, "x": ', "results[0].best_loss.median: expected a number"),
        ('"settings": ', f'"x": {"[" * 40}{"]" * 40}, "settings": ', "x: expected at most 32 levels"),
        ('"settings": ', f'"x": {"[" * 20000}{"]" * 20000}, "settings": ', "x[0]: expected at most 32 levels"),
        ('"settings": ', '"x": {"y": 1e999}, "settings": ', "x: expected numbers that fit in 64 bits"),
        ('"settings": ', '"x": 01, "settings": ', "expected JSON, got something else in line 1, column"),
        ('"settings": ', "'x': 1, \"settings\": ", "expected JSON, got something else in line 1"),
        ('"settings": ', '"x": "\t", "settings": ', "expected JSON, got something else in line 1"),
    ],
)  # fmt: skip
def test_what_no_writer_of_json_would_write(report, old, new, said):
    assert said in complaint(json.dumps(report).replace(old, new, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b" \n", "empty file"),
        (b"\xff\xfe{", "expected UTF-8, got the byte 0xff at offset 0"),
        (b"[]", "expected a report"),
        (b"3", "expected a report"),
        (b"name: adam\n", "expected a report"),
        (b"{}", "the key schema"),
        (b'{"schema": "adambench/report/1"}', "expected the key adambench"),
        (b'{"schema": "adambench/report/1"} {}', "expected JSON, got something else in line 1, column 34"),
        (b'{"schema": "adambench/report/1",}', "expected JSON"),
        (b'{"schema": "adambench/verdict/1"}', "another kind of document"),
        (b'{"schema": "' + b"x" * 900 + b'"}', 'got "xxx'),
    ],
)
def test_what_is_no_report(content, said):
    assert said in complaint(content)


def test_a_file_that_is_too_large(report, monkeypatch):
    monkeypatch.setattr(text, "MOST", 2**20)
    assert "at most 1 MiB" in complaint(b" " * (2**20 + 1))
    assert reading(json.dumps(report)) == report


def test_a_file_that_cannot_be_read(tmp_path):
    for place in (tmp_path, tmp_path / "none.json", "a\0b"):
        with pytest.raises(AdambenchError, match="could not be read"):
            read_report(str(place))


LEAVES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2.0,
    0.5,
    -3.5,
    "",
    "abc",
    "reached",
    "zz",
    [],
    {},
    [None],
    [1, 2],
    {"median": 1},
]


def places(value, path=()):
    """Every path into a document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


# A place by its number, and what comes there: an index into LEAVES, or nothing, so that it goes.
EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.none() | st.integers(0, len(LEAVES) - 1)), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def another(report, ranked):
    """another(compared): a report of one's own; as a function, of which Hypothesis prints no more than the name."""
    return lambda compared: copy.deepcopy(ranked if compared else report)


@settings(max_examples=300)
@given(compared=st.booleans(), edits=EDITS)
def test_it_judges_as_another_validator_does(another, compared, edits):
    document = another(compared)
    for number, leaf in edits:
        paths = [path for path in places(document) if path]
        if not paths:
            break
        path = paths[number % len(paths)]
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        if leaf is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(LEAVES[leaf])
    expected = list(ORACLE.iter_errors(document))
    fault = CHECK([document])
    assert (fault is None) == (not expected), (fault, expected)
    if fault is not None:  # and what it points at is there
        found = document
        for key in re.findall(r"[^.\[\]]+", fault.path):
            if isinstance(found, (dict, list)) and (key in found if isinstance(found, dict) else True):
                found = found[key if isinstance(found, dict) else int(key)]
    content = json.dumps(document)
    if expected:
        complaint(content)
    else:
        try:
            assert reading(content) == document
        except AdambenchError as error:
            said = str(error)  # parts of it contradict each other: no schema can say so
        else:
            said = "results[0]"
        assert re.search(r"(results|problems|requirements)\[\d+\]|tuning\.", said)


def test_keywords_that_are_not_known_are_refused():
    for schema in ({"format": "date"}, {"type": "object", "properties": {"a": {"maximum": 3}}}):
        with pytest.raises(ValueError, match=r"not known here: (format|maximum)"):
            compile_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^a"}]},
        {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "array", "items": {"type": "string"}}]},
        {
            "anyOf": [
                {"type": "null"},
                {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "null"}},
            ]
        },
        {"type": "array", "minItems": 1, "maxItems": 2},
        {"type": ["integer", "null"], "minimum": 0},
        {"type": "object", "required": ["median"], "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"median": {"const": 1}}, "additionalProperties": {"type": "null"}},
        {"enum": ["abc", None]},
        {},
    ],
)
def test_keywords_mean_what_they_mean_elsewhere(schema):
    values = [
        *LEAVES,
        ["a"],
        ["a", None],
        ["a", 1],
        [1, "a"],
        {"median": 2},
        {"median": None, "x": 1},
        {"x": 1},
        [0.5, 1, 2],
    ]
    oracle, check = jsonschema.Draft202012Validator(schema), compile_schema(schema)
    for value in values:
        assert (check([value]) is None) == oracle.is_valid(value), value
    wrong = [place for place, value in enumerate(values) if not oracle.is_valid(value)]
    fault = check(values)
    assert (None if fault is None else fault.index in wrong) == (True if wrong else None)


def test_what_is_kept_of_a_large_report_takes_little_room(report, tmp_path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(large(report, 80, 100)))
    read_report(str(path), shorten=row_of)  # what is made once is made
    tracemalloc.start()
    try:
        found = read_report(str(path), shorten=row_of)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found["results"]) == 80
    assert kept < 0.6 * path.stat().st_size
    assert most < 3.5 * path.stat().st_size
    assert math.isfinite(found["results"][0].final_loss.sum())

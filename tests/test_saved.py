"""Reports read back: what is good is read whole, what is not is refused in one sentence."""

from __future__ import annotations

import copy
import io
import json
import math
import re
import sys
import tracemalloc

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large import large

import adambench
from adambench.analysis.denominator import OUTSIDE
from adambench.analysis.summary import statistics
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


@pytest.mark.parametrize("outcome", OUTSIDE)
def test_hits_of_trials_that_do_not_count_are_not_counted(report, outcome):
    """A trial that ended in error may have hit a target before."""
    document = copy.deepcopy(report)
    row = document["results"][0]
    row["seeds"][0].update(outcome=outcome, hits=[5, None, None], stay=[5, None, None])
    row["seeds"][1].update(outcome="budget", hits=[6, None, None], stay=[6, None, None])
    row.update(statistics(row["seeds"], row["targets"], 40))
    assert reading(json.dumps(document)) == document
    row["targets"][0]["reached"] += 1
    assert "results[0].targets[0].reached: expected" in complaint(json.dumps(document))


def all_reached(report):
    """Seed 0 says so, and has no hit of the last target."""
    row = report["results"][0]
    row["seeds"][0].update(outcome="reached", hits=[1, 1, None])
    row["outcomes"].update({"reached": 1, "budget": len(row["seeds"]) - 1})


def late(report):
    first_seed(report)["hits"][0] = 41
    row = report["results"][0]
    row["targets"][0]["reached"] = sum(seed["hits"][0] is not None for seed in row["seeds"])


def fewer_losses(report):
    """Seed 0 need not have any."""
    first, second = report["results"][0]["seeds"][:2]
    first.pop("losses", None)
    second["losses"] = []


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
        (lambda r: first_seed(r).update(fingerprint="0" * 65), "results[0].seeds[0].fingerprint: expected a text"),
        (fewer_losses, "results[0].seeds[1].losses: expected"),
        (lambda r: r["results"][0].update(trials=7), "results[0].trials: expected 3"),
        (lambda r: r["results"][0]["outcomes"].update(budget=9), "results[0].outcomes.budget: expected"),
        (lambda r: r["results"][0]["targets"][2].update(reached=9), "results[0].targets[2].reached: expected"),
        (lambda r: r["results"][0]["curve"]["median"].pop(), "results[0].curve.median: expected"),
        (lambda r: r["results"][0]["curve"]["q25"].pop(), "results[0].curve.q25: expected"),
        (lambda r: r["results"][0]["curve"]["q75"].pop(), "results[0].curve.q75: expected"),
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
        (b'{"schema": "adambench/report/1", "x": "\\q' + b"x" * 5, "expected JSON, got something else in line 1, col"),
        (b'{"schema": "adambench/report/1", "x": "\\q' + b"x" * 60, "expected JSON, got something else in line 1, col"),
        (b'{"schema": "adambench/report/1", "x": "\\u00', "ends in the middle of x"),
        (b'{"schema": "adambench/verdict/1"}', "another kind of document"),
        (b'{"schema": "' + b"x" * 900 + b'"}', 'got "xxx'),
    ],
)
def test_what_is_no_report(content, said):
    assert said in complaint(content)


# Of each kind that no strict JSON has.
LOOSE = ["NaN", "9" * 5000, '{"a": 1, "a": 2}']


@pytest.mark.parametrize("loose", LOOSE)
def test_no_depth_is_too_much_for_a_sentence(loose):
    limit = sys.getrecursionlimit()
    said = []
    for depth in [*range(30, 40), *range(limit - 300, limit + 10), 100_000]:
        said.append(complaint(f'{{"x": {"[" * depth}{loose}{"]" * depth}}}'))
        assert len(said[-1]) < 300
    assert "x[0][0]" in said[0]
    assert "got" in said[0]
    assert "at most 32 levels" in said[-1]


# A reader that looks at all keys for each of them, or moves all that is left at each step, would never end.
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda: "{" + "".join(f'"{key}": 0, ' for key in range(300_000)) + '"7": 0}', 'each key once, got "7" twice'),
        (lambda: f"[{'0, ' * 1_000_000}NaN]", "x[1000000]: expected a number or null, got NaN"),
        (lambda: f"[{'[0], ' * 300_000}NaN]", "x[300000]: expected a number or null, got NaN"),
        (lambda: f'{{"{"k" * 1_000_000}": [{"0, " * 300_000}NaN]}}', "k[300000]: expected a number or null, got NaN"),
    ],
    ids=["keys", "numbers", "lists", "path"],
)  # fmt: skip
def test_the_place_in_a_long_value_is_found(value, said):
    assert said in complaint(f'{{"x": {value()}}}')


def test_of_several_places_the_first_in_the_text_is_told():
    value = '{"b": [1, {"z": [[0, NaN], Infinity]}, NaN], "a": NaN}'
    assert "x.b[1].z[0][1]: expected a number or null, got NaN" in complaint(f'{{"x": {value}}}')
    value = '{"c": 1, "b": 1, "a": 1, "a": 2, "b": 2, "c": 3}'
    assert 'x: expected each key once, got "c" twice' in complaint(f'{{"x": {value}}}')


LONG = "k" * 1_000_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"settings": ', f'"{LONG}": 1e310, "settings": ', "kkk: expected numbers that fit in 64 bits"),
        ('"settings": ', f'"x": {{"{LONG}": NaN}}, "settings": ', "kkk: expected a number or null, got NaN"),
        ('"settings": ', f'"x": {{"{LONG}": 1, "{LONG}": 2}}, "settings": ', "x: expected each key once, got"),
        ('"settings": ', f'"{LONG}": 1, "{LONG}": 2, "settings": ', "expected each key once, got"),
        ('"settings": ', f'"{LONG}": 01, "settings": ', "expected JSON, got something else in line 1, column"),
        ('"seconds": ', f'"{LONG}": NaN, "seconds": ', "kkk: expected a number or null, got NaN"),
        ('"hyperparameters": {', f'"hyperparameters": {{"{LONG}": null, ', "kkk: expected a number or true or false"),
        ('"outcome": ', f'"outcome": "{LONG}", "x": ', "results[0].seeds[0].outcome: expected one of reached"),
    ],
)
def test_a_long_name_makes_no_long_message(report, old, new, said):
    found = complaint(json.dumps(report).replace(old, new, 1))
    assert said in found
    assert len(found) < 600


def test_a_long_name_that_differs_makes_no_long_message(report, tmp_path, capsys):
    for value in (1, 2):
        document = copy.deepcopy(report)
        document["results"][0]["hyperparameters"][LONG] = value
        (tmp_path / f"{value}.json").write_text(json.dumps(document))
    assert exit_code(["gate", str(tmp_path / "2.json"), "--baseline", str(tmp_path / "1.json")]) == 2
    said = capsys.readouterr().err
    assert "adam on small: hyperparameters.kkk" in said
    assert "kkk: expected 1, got 2: run it as it was" in said
    assert len(said) < 3000


def test_a_file_cut_off_within_a_long_name_says_so():
    said = complaint(f'{{"{LONG}": [1, ')
    assert "ends in the middle of kkk" in said
    assert len(said) < 400


@pytest.mark.parametrize("space", [" ", "\n", "\t \r\n"])
def test_space_before_a_report_is_none_of_it(report, space):
    assert reading(space * 5000 + json.dumps(report)) == report


def test_fingerprints_are_as_long_as_we_write_them(report):
    longest = copy.deepcopy(report)
    for row in report["results"]:
        assert all(re.fullmatch("[0-9a-f]{32}", seed["fingerprint"]) for seed in row["seeds"])
    first_seed(longest)["fingerprint"] = "0" * 64
    assert reading(json.dumps(longest)) == longest


# Of one, two, three and four bytes in UTF-8; spelled as they are, or as escapes.
NAMES = ["Zoe", "Zo\u00eb", "\u0416\u0416", "\u65e5\u672c", "\U0001f600 \u00eb\u0416"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("escaped", [False, True])
def test_texts_of_any_language_are_read(report, name, escaped):
    document = {name: {name: [name]}, **copy.deepcopy(report)}
    document["results"][1]["name"] = document["results"][0]["name"] = name
    first_seed(document)["stopped"]["cause"] = name
    text = json.dumps(document, ensure_ascii=escaped)
    assert reading(text) == document
    assert reading(text.replace('"trials":', '"\\u0074rials":')) == document
    if name != "Zoe":
        ascii_name = json.dumps(name)
        twice = text.replace('"settings": ', f'"x": {{"{name}": 1, {ascii_name}: 2}}, "settings": ', 1)
        assert f"x: expected each key once, got {ascii_name} twice" in complaint(twice)
        assert f"{name}.a[0]: expected a number or null, got NaN" in complaint(f'{{"{name}": {{"a": [NaN]}}}}')
    assert f"line 2, column {len(name) + 5}" in complaint(f'{{\n"{name}": \'')
    # Bytes of which two spell a character are others than these two characters.
    bytewise = json.dumps(name.encode().decode("latin-1"))
    other = {**document, "x": {name: 1, json.loads(bytewise): 2} if name != "Zoe" else {}}
    if name != "Zoe":
        spelled = text[:-1] + f', "x": {{"{name}": 1, {bytewise}: 2}}}}'
        assert reading(spelled) == other


@pytest.mark.parametrize("at", [0, 5, *range(text.PIECE - 4, text.PIECE + 3), 2 * text.PIECE - 1])
@pytest.mark.parametrize("wrong", [b"\xff", b"\xd0\x00", b"\xf0\x9f\x98", b"\xed\xa0\x80"])
def test_the_byte_that_is_no_unicode_is_found(at, wrong):
    content = b"\xc3\xab"[: at % 2 * 2] * (at // 2) or b"x" * at
    content = content.ljust(at, b"x") + wrong
    with pytest.raises(UnicodeDecodeError) as caught:
        content.decode()
    start = caught.value.start
    assert f"expected UTF-8, got the byte 0x{content[start]:02x} at offset {start:,}" in complaint(content)


def test_one_letter_does_not_make_all_of_them_larger(report, tmp_path):
    document = large(report, 80, 100)
    document["results"][40]["name"] = "\U0001f600"
    path = tmp_path / "large.json"
    path.write_text(json.dumps(document, ensure_ascii=False))
    assert peak(path)[1] < 3.5 * path.stat().st_size


def peak(path):
    """Rows read from there, the most memory it took, and what of it is kept; in bytes."""
    read_report(str(path), shorten=row_of)  # what is made once is made
    tracemalloc.start()
    try:
        found = read_report(str(path), shorten=row_of)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return found["results"], most, kept


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


def steps(path):
    """A fault's path as a tuple: keys, and indices as numbers."""
    found = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    assert "".join(f".{key}" if key else f"[{index}]" for key, index in found) == path
    return tuple(key or int(index) for key, index in found)


def wrong(errors):
    """The paths of these errors of the other validator, and of those in branches of `anyOf`."""
    return {tuple(error.absolute_path) for error in errors} | {
        path for error in errors for path in wrong(error.context)
    }


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
    if fault is not None:  # and what it points at is there, and wrong
        assert steps(fault.path) in wrong(expected), (fault, expected)
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
    rows, most, kept = peak(path)
    assert len(rows) == 80
    assert kept < 0.6 * path.stat().st_size
    assert most < 3.5 * path.stat().st_size
    assert math.isfinite(rows[0].final_loss.sum())

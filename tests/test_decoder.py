"""What a decoder is certain of is what a strict reader of JSON and another validator of schemas make of it."""

from __future__ import annotations

import copy
import json
import math

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import adambench
from adambench.report_schema import RESULT
from adambench.saved.decoder import compile_decoder
from adambench.saved.structure import compile_schema
from adambench.saved.value import WIDEST

DECODE = compile_decoder(RESULT)
ORACLE = jsonschema.Draft202012Validator(RESULT)
PROBLEM = """\
name: small
function: quadratic
dimension: 2
noise: {gaussian: {std: 0.1}}
budget: 40
seeds: 3
targets: [1e-1, {loss: 1e-3}]
optimizers: [adam, "adam@keras:lr=0.01"]
"""
WRITERS = [json.dumps, lambda row: json.dumps(row, indent=2), lambda row: json.dumps(row, separators=(",", ":"))]
# Each stands in place of a mark that is itself a member of an object, or before one.
MARKS = ['"trials"', '"kind"', '"cause"', '"evaluations"', '"seed"', '"median"']
BEFORE = [
    "{old}: 1, ",
    "{old} : 1, ",
    '"\\u0074rials": 3, ',
    '"x": "::", ',
    '"x": "\\u003a", ',
    '"": {{}}, ',
    '"x": NaN, ',
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "small.yaml"
    path.write_text(PROBLEM)
    return adambench.run(path, jobs=1).to_dict()["results"]


def strict(text):
    """The value; ValueError of what is no strict JSON, as of a key that is there twice."""

    def pairs(found):
        if len({key for key, _ in found}) < len(found):
            raise ValueError("a key twice")
        return dict(found)

    def constant(name):
        raise ValueError(name)

    return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)


def check(text):
    """Whether it is certain; then it is right."""
    value = DECODE(text)
    if value is None:
        return False
    assert value == strict(text)
    assert ORACLE.is_valid(value)
    return True


@pytest.mark.parametrize("write", WRITERS)
def test_it_is_certain_of_what_we_write(rows, write):
    for row in rows:
        assert check(write(row))
        assert check(write(row | {"name": 'Zoë: \\ "quoted"\n'}))
        assert check(json.dumps(row | {"name": "Zoë"}, ensure_ascii=False))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_key_too_many_is_seen(rows, write, mark, before):
    text, added = write(rows[0]), before.format(old=mark)
    places = [place for place in range(len(text)) if text.startswith(mark, place)]
    assert places
    for place in places:
        assert not check(text[:place] + added + text[place:])


@pytest.mark.parametrize("colon", [r"\u003a", r"\u003A"])
def test_an_escape_hides_no_key_that_is_there_twice(rows, colon):
    text = json.dumps(rows[0] | {"name": "*"})
    assert not check(text.replace('"*"', f'"{colon}", "trials": 3'))


@pytest.mark.parametrize("old", ['"trials": 3', '"trials":3'])
@pytest.mark.parametrize(
    "new", ["1e999", "NaN", "3.5", "-1", "true", '"3"', "9" * 5000, str(WIDEST + 1), "03", "[3]", "{}"]
)
def test_numbers_that_are_none_are_seen(rows, old, new):
    text = json.dumps(rows[0]).replace('"trials": 3', old)
    assert old in text
    assert not check(text.replace(old, f'"trials": {new}'))


@pytest.mark.parametrize("pair", [[], [0.5], [0.5, 0.6, 0.7]])
@pytest.mark.parametrize("write", WRITERS)
def test_lists_too_short_or_too_long_are_seen(rows, write, pair):
    row = json.loads(json.dumps(rows[0]))
    row["final_loss"]["ci95"] = [0.5, 0.6]
    assert check(write(row))
    row["final_loss"]["ci95"] = pair
    assert not check(write(row))


@settings(max_examples=300)
@given(data=st.data())
def test_it_is_right_where_it_is_certain(rows, data):
    text = data.draw(st.sampled_from(WRITERS))(rows[0])
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 8))
        other = data.draw(st.integers(0, len(text)))
        part = data.draw(
            st.sampled_from(["", '"', ":", ",", "{", "}", "null", "0", "1.5", "\\", text[other : other + 30]])
        )
        text = text[:start] + part + text[end:]
    check(text)


NUMBERS = [
    {"type": "number"},
    {"type": "number", "minimum": 0},
    {"type": ["number", "null"]},
    {"type": ["number", "null"], "minimum": 0},
    {"type": ["number", "boolean"]},
    {"type": "integer"},
    {"type": "integer", "minimum": 1},
    {"type": ["integer", "null"]},
    {"type": ["integer", "null"], "minimum": 0},
]
SIZES = [0, 1, 2**53 + 1, WIDEST, WIDEST + 1, 10**30, 0.0, 0.5, 3.0, 1e18, 1e19, 5e-324, 2.0**1023, 1.7e308]
SIZES += [math.nextafter(2.0**1023, 0), math.nextafter(2.0**1023, math.inf)]
VALUES = (
    st.sampled_from([*SIZES, *(-size for size in SIZES), None, True, "x", []]) | st.integers() | st.floats(-1e9, 1e9)
)


def allowed(value, schema):
    """Whether a report may hold it: as the schema says, and of a size that is counted with."""
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if value is None or isinstance(value, bool):
        return ("null" if value is None else "boolean") in names
    if not isinstance(value, (int, float)) or value < schema.get("minimum", value):
        return False
    return abs(value) <= 2**1023 if "number" in names else value == int(value) and abs(value) < 2**63


def test_one_number_that_is_too_large_is_seen():
    assert compile_schema({"type": ["number"]})([1.7e308]) is not None
    assert compile_schema({"type": ["number"]})([-1.7e308, 1.7e308]) is not None


@settings(max_examples=400)
@given(schema=st.sampled_from(NUMBERS), values=st.lists(VALUES, max_size=4))
@example(schema={"type": "number"}, values=[1.7e308])
@example(schema={"type": "number"}, values=[1.7e308, -1.7e308])
@example(schema={"type": ["number", "boolean"]}, values=[1.7e308, 1.0])
def test_of_numbers_all_readers_think_alike(schema, values):
    good = [allowed(value, schema) for value in values]
    assert [compile_schema(schema)([value]) is None for value in values] == good
    whole = {"type": "array", "items": schema}
    fault = compile_schema(whole)([values])
    assert all(good) if fault is None else not good[int(fault.path.strip("[]"))]
    found = compile_decoder(whole)(json.dumps(values))
    if found is not None:
        assert all(good)
        assert [(type(value), value) for value in found] == [(type(value), value) for value in values]
    # It leaves to others whole numbers that are spelled as fractions, or of more than 64 bits.
    if all(good) and all(
        "number" in schema["type"] if isinstance(one, float) else abs(one or 0) < 2**63 for one in values
    ):
        assert found is not None


@pytest.mark.parametrize("other", ["xyz", "A0", "0:", "0" * 65, "00\n0"])
def test_a_text_that_does_not_match_its_pattern_is_seen(rows, other):
    row = copy.deepcopy(rows[0])
    for seed in row["seeds"]:
        before, seed["fingerprint"] = seed["fingerprint"], other
        assert not check(json.dumps(row))
        seed["fingerprint"] = before
    assert check(json.dumps(row))


def test_what_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match="not known here: const"):
        compile_decoder({"const": 1})

"""Naming an optimizer: canonical labels, ranges, alternatives, lists, and what is said of a mistake."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adambench.configuration import configurations, parse, parse_list
from adambench.errors import AdambenchError
from adambench.optimizers import all_optimizers
from adambench.text import number_text


def labels(text):
    return [configuration.label for configuration in parse_list(text)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("adam", "adam"),
        ("adam@torch", "adam"),
        (" adam ", "adam"),
        ("adam@keras", "adam@keras"),
        ("adam:lr=0.001", "adam"),
        ("adam:lr=1e-3:beta2=0.99", "adam:beta2=0.99"),
        ("adam:lr=0.01:beta2=0.99:beta1=0.8", "adam:beta1=0.8:beta2=0.99:lr=0.01"),
        ("adam:lr=1", "adam:lr=1"),
        ("adam:lr=1.0", "adam:lr=1"),
        ("adam:lr=0.1e1", "adam:lr=1"),
        ("adam:lr=1e-05", "adam:lr=1e-5"),
        ("adam:lr=0.00001", "adam:lr=1e-5"),
        ("adam:lr=1e-4", "adam:lr=0.0001"),
        ("adam:lr=100000000000000000000", "adam:lr=1e20"),
        ("adam:amsgrad=true", "adam:amsgrad=true"),
        ("adam:amsgrad=false", "adam"),
        ("amsgrad:amsgrad=false", "amsgrad:amsgrad=false"),
        ("adam@optax:lr=0.001", "adam@optax:lr=0.001"),
        ("rmsprop@optax:rho=0.9:lr=0.1", "rmsprop@optax:lr=0.1"),
        ("sgd:momentum=0.9", "sgd:momentum=0.9"),
        ("momentum:momentum=0.9", "momentum"),
    ],
)
def test_the_label_is_canonical(text, label):
    assert labels(text) == [label]
    assert labels(label) == [label]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("adam:lr=0.1/0.01", ["adam:lr=0.1", "adam:lr=0.01"]),
        ("adam:lr=0.1/0.001/0.1", ["adam:lr=0.1", "adam"]),
        ("adam:amsgrad=true/false", ["adam:amsgrad=true", "adam"]),
        ("adam:lr=1e-3..1e-1x3", ["adam", "adam:lr=0.01", "adam:lr=0.1"]),
        ("adam:lr=0.1..0.4x3", ["adam:lr=0.1", "adam:lr=0.2", "adam:lr=0.4"]),
        ("adam:lr=0.5..0.5x1", ["adam:lr=0.5"]),
        ("adam:lr=0.5..0.7x1", ["adam:lr=0.5"]),
        ("adam:lr=1e-1..1x2", ["adam:lr=0.1", "adam:lr=1"]),
        (
            "adam:beta1=0.5/0.6:lr=1e-2..1e-1x2",
            [
                *("adam:beta1=0.5:lr=0.01", "adam:beta1=0.6:lr=0.01"),
                *("adam:beta1=0.5:lr=0.1", "adam:beta1=0.6:lr=0.1"),
            ],
        ),
        ("adam,sgd:lr=0.1,adam@torch,adam:lr=0.001", ["adam", "sgd:lr=0.1"]),
        ("sgd, adam,", ["sgd", "adam"]),
    ],
)
def test_a_text_may_name_several(text, expected):
    assert labels(text) == expected


def test_a_range_is_log_spaced_and_rounded_to_six_digits():
    rates = [configuration.numbers[0] for configuration in parse("adam:lr=1e-4..1e-1x13")]
    assert len(rates) == 13
    assert rates == [float(f"{10 ** (-4 + 3 * step / 12):.6g}") for step in range(13)]
    assert rates[1] == 0.000177828


def test_ranges_multiply():
    found = parse("adam:lr=1e-3..1e-1x3:beta1=0.8/0.9:eps=1e-8/1e-3")
    assert len({configuration.label for configuration in found}) == 12


def test_equal_labels_are_equal_optimizers_however_they_are_written():
    (text,) = parse("adam:lr=1e-2:beta1=0.8")
    (mapping,) = configurations("adam", {"beta1": 0.8, "lr": 0.01})
    (dialect,) = configurations("adam@torch", {"beta1": "0.8", "lr": "1e-2"})
    assert text == mapping == dialect
    assert text.hyperparameters["beta1"] == 0.8
    assert text.hyperparameters["beta2"] == 0.999


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(5e-324)
@example(1e16)
@example(123456789012345680.0)
def test_the_text_of_a_number_parses_back_and_has_no_idle_zero(value):
    text = number_text(value)
    assert float(text) == value
    assert math.copysign(1.0, float(text)) == math.copysign(1.0, value)
    assert not text.endswith(".0")
    assert len(text) <= len(repr(value))


@given(st.data())
def test_any_label_parses_back(data):
    optimizer = data.draw(st.sampled_from(list(all_optimizers().values())))
    dialect = data.draw(st.sampled_from(optimizer.dialects))
    given = {
        h.name: data.draw(
            st.booleans()
            if h.switch
            else st.integers(int(h.low), int(min(h.high, 10**6))).map(float)
            if h.whole
            else st.floats(
                *(None if math.isinf(end) else end for end in (h.low, h.high)),
                exclude_max=h.open_high,
                allow_infinity=False,
            )
        )
        for h in optimizer.everything
        if h.name in dialect.defaults and (dialect.defaults[h.name] is None or data.draw(st.booleans()))
    }
    (found,) = configurations(f"{optimizer.name}@{dialect.name}", given)
    assert parse(found.label) == [found]
    for name, value in given.items():
        assert found.hyperparameters[name] == value
    names = re.findall(r":(\w+)=", found.label)
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the names of optimizers, separated by commas, got nothing"),
        (",,", "expected the names of optimizers, separated by commas, got nothing"),
        ("adm", "unknown optimizer 'adm' (did you mean adam?); known: adabelief, adadelta, "),
        ("Adam", "unknown optimizer 'Adam' (did you mean adam?)"),
        ("zzz", "unknown optimizer 'zzz'; known: "),
        ("adam@kears", "adam has no dialect 'kears' (did you mean keras?); it has: torch, optax, keras, "),
        ("adam@", "adam has no dialect ''; it has: torch, "),
        ("sgd@jaxopt", "sgd has no dialect 'jaxopt'; it has: torch, optax, keras"),
        ("adam@optax", "adam@optax has no default lr: give one, as in adam@optax:lr=0.001"),
        ("adam:betta1=0.9", "adam has no hyperparameter 'betta1' (did you mean beta1?); it has: lr, beta1, "),
        ("adam:momentum_decay=1", "adam has no hyperparameter 'momentum_decay'"),
        ("adam@torch:eps_root=1", "adam@torch has no hyperparameter 'eps_root'"),
        ("adam:lr", "optimizer 'adam:lr': expected HYPER=VALUE after ':', got 'lr'"),
        ("adam:", "optimizer 'adam:': expected HYPER=VALUE after ':', got ''"),
        ("adam:=1", "optimizer 'adam:=1': expected HYPER=VALUE after ':', got '=1'"),
        ("adam:lr=", "optimizer 'adam:lr=': expected HYPER=VALUE after ':', got 'lr='"),
        ("adam:lr=1:lr=2", "optimizer 'adam:lr=1:lr=2': lr is given twice"),
        ("adam:lr=fast", "adam: lr: expected a number from 0, got 'fast'"),
        ("adam:lr=-1", "adam: lr: expected a number from 0, got '-1'"),
        ("adam:lr=nan", "adam: lr: expected a number from 0, got 'nan'"),
        ("adam:lr=inf", "adam: lr: expected a number from 0, got 'inf'"),
        ("adam:lr=1e999", "adam: lr: expected a number from 0, got '1e999'"),
        ("adam:beta1=1", "adam: beta1: expected a number from 0 below 1, got '1'"),
        ("sgd:momentum=1.5", "sgd: momentum: expected a number from 0 to 1, got '1.5'"),
        ("adam:amsgrad=yes", "adam: amsgrad: expected true or false, got 'yes'"),
        ("adam:amsgrad=1", "adam: amsgrad: expected true or false, got '1'"),
        ("adam:lr=0.1/x", "adam: lr: expected a number from 0, got 'x'"),
        ("adam:lr=0.1//1", "adam: lr: expected a number from 0, got ''"),
        ("adam:lr=1..0.1x3", "adam: lr: expected LOW..HIGHxN with 0 < LOW <= HIGH and N from 1, got '1..0.1x3'"),
        ("adam:lr=1e-3..1e-1", "adam: lr: a range needs a count, LOW..HIGHxN, as in 1e-3..1e-1x5; got '1e-3..1e-1'"),
        ("adam:lr=..1", "adam: lr: expected a number from 0, got '..1'"),
        ("adam:lr=0..1x3", "adam: lr: expected LOW..HIGHxN with 0 < LOW <= HIGH and N from 1, got '0..1x3'"),
        ("adam:lr=0.1..1x0", "adam: lr: expected LOW..HIGHxN with 0 < LOW <= HIGH and N from 1, got '0.1..1x0'"),
        ("adam:lr=0.1..1", "adam: lr: a range needs a count, LOW..HIGHxN, as in 0.1..1x5; got '0.1..1'"),
        ("adam:lr=0.1..1x1000:beta1=0.1..0.9x1000", "adam: the ranges multiply to more than 100,000 optimizers"),
        ("adam:lr=0.1..1x999999999999", "adam: lr: expected LOW..HIGHxN with 0 < LOW <= HIGH and N from 1"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(text, message):
    with pytest.raises(AdambenchError) as caught:
        parse_list(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("value", [True, None, [1.0], {"a": 1}, math.nan, math.inf, -1.0, 10**400])
def test_a_mapping_takes_numbers_only(value):
    with pytest.raises(AdambenchError, match="adam: lr: expected a number from 0, got "):
        configurations("adam", {"lr": value})


@given(st.text(alphabet="adamsgtorch@:=./x0123456789e-+_, \t\u00e9", max_size=40))
def test_no_text_is_worse_than_an_error(text):
    try:
        found = parse_list(text)
    except AdambenchError:
        return
    assert found
    assert parse_list(",".join(c.label for c in found)) == found

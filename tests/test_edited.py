"""Reports that somebody edited: summarized, or refused in a sentence that says where; never a traceback."""

from __future__ import annotations

import copy
import io
import json
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adambench.analysis.agreement import Source
from adambench.analysis.derived import derive
from adambench.analysis.merge import merge
from adambench.cli import exit_code
from adambench.cli.tuning import warnings
from adambench.errors import AdambenchError
from adambench.render import Style, find_format
from adambench.requirements import check_requirement
from adambench.saved import read_report

PROBLEM = """\
name: small
function: quadratic
dimension: 2
noise: {gaussian: {std: 0.1}}
budget: 40
seeds: 3
targets: [1e-1, {gradient: 0.1}]
require:
  - {optimizer: adam, target: 1e-1, within: 30, success_rate: 0.5}
  - {optimizer: sgd, final_loss: 0.5}
"""
STRANGE = (0, -1, 99, 0.5, 1e300, -1e300, 1e-320, None, "x", True, [], {})


class Read(dict):
    """A report that Hypothesis can name in one word."""

    def __repr__(self):
        return "report"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("problems")
    (folder / "small.yaml").write_text(PROBLEM)
    words = ["--optimizers", "adam,sgd,momentum", "--tune", "4", "--tuning-seeds", "2", "--jobs", "1", "--json", "-q"]
    assert exit_code(["compare", str(folder), *words, "-o", str(folder / "out.json")]) in (0, 1)
    return Read(json.loads((folder / "out.json").read_text()))


def summary(report):
    """All that `summarize` does with a file."""
    read = read_report("-", io.BytesIO(json.dumps(report).encode()))
    document = merge([Source("a.json", read)], "version", ["summarize"], check_requirement)
    document |= derive(document, comparison=True)
    for form in ("table", "markdown"):
        find_format(form).render(document, Style(explain=True))
    warnings(document)
    json.dumps(document, allow_nan=False)
    return document


def edited(report, path, value):
    found = copy.deepcopy(report)
    *steps, last = path
    holder = found
    for step in steps:
        holder = holder[step]
    if value is KeyError:
        del holder[last]
    else:
        holder[last] = value
    return found


ENTRY, AXIS = ("tuning", "entries", 0), ("tuning", "spaces", "adam", "lr")
DRAW = (*ENTRY, "draws", 1, "hyperparameters")
IMPOSSIBLE = {
    "an epoch of nothing": (("problems", 0, "unit"), 0, "problems[0].unit: expected at least 1, got 0"),
    "relative target": (("problems", 0, "targets", 0, "value"), -1, "targets[0].value: expected a number above 0 and"),
    "all of the gap": (("problems", 0, "targets", 0, "value"), 1, "expected a number above 0 and below 1 of kind rel"),
    "gradient target": (("problems", 0, "targets", 1, "value"), 0, "expected a number above 0 of kind gradient, got 0"),
    "seconds": (("results", 0, "cost", "seconds"), -0.5, "results[0].cost.seconds: expected at least 0, got -0.5"),
    "state": (("results", 0, "cost", "state_per_parameter"), -1, "state_per_parameter: expected at least 0, got -1"),
    "winner": ((*ENTRY, "draw"), 99, "tuning.entries[0].draw: expected the place of one of the 4 draws"),
    "no winner": ((*ENTRY, "draw"), None, "tuning.entries[0].draw: expected the place of the winning draw, got null"),
    "draws": (("tuning", "trials"), 5, "tuning.entries[0].draws: expected 5 draws, as tuning.trials says, or none"),
    "no lr": ((*DRAW, "lr"), KeyError, "draws[1].hyperparameters: expected the key lr"),
    "negative lr": ((*DRAW, "lr"), -0.01, "draws[1].hyperparameters.lr: expected a number from 1e-05 to 10.0"),
    "true": ((*DRAW, "lr"), True, "draws[1].hyperparameters.lr: expected a number from 1e-05 to 10.0"),
    "spaces": (("tuning", "spaces"), {}, "tuning.entries[0].optimizer: expected one of tuning.spaces"),
    "space": (AXIS, [5.0, 1.0, "log"], "tuning.spaces.adam.lr: expected the lower end of a range below the upper"),
    "logarithm": (AXIS, [0.0, 1.0, "log"], "tuning.spaces.adam.lr[0]: expected a number above 0"),
    "its mirror": (AXIS, [0.5, 1.0, "one-minus-log"], "tuning.spaces.adam.lr[1]: expected a number below 1"),
    "hits": ((*ENTRY, "fresh_hits"), [1.0], "tuning.entries[0].fresh_hits: expected 2 values, one a target, got 1"),
    "hits of a draw": ((*ENTRY, "draws", 2, "hits"), [], "draws[2].hits: expected 2 values, one a target, got 0"),
    "concerns": ((*ENTRY, "warnings"), ["a", "b", "c", "d"], "tuning.entries[0].concerns: expected one for each"),
    "problem": ((*ENTRY, "problem"), "other", "tuning.entries[0].problem: expected one of the problems"),
    "twice": ((*ENTRY, "optimizer"), "sgd", "expected "),
    "share": (("requirements", 0, "success_rate"), -1, "success_rate: expected a number above 0 to 1, got -1"),
    "no share": (("requirements", 0, "success_rate"), None, "expected success_rate or quantile of kind target"),
    "quantile": (("requirements", 0, "quantile"), 99, "requirements[0].quantile: expected one of success_rate, quant"),
    "kind": (("requirements", 0, "kind"), "junk", "requirements[0].kind: expected one of "),
    "target": (("requirements", 0, "target"), None, "requirements[0].target: expected what kind target asks for"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_refused_with_its_path(tuned, name):
    path, value, said = IMPOSSIBLE[name]
    with pytest.raises(AdambenchError, match=re.escape(said)) as caught:
        summary(edited(tuned, path, value))
    assert "\n" not in str(caught.value)


def test_what_was_written_by_an_earlier_version_is_read(tuned):
    older = copy.deepcopy(tuned)
    for entry in older["tuning"]["entries"]:
        del entry["concerns"]
        entry["warnings"] = ["a warning"]
    assert warnings(summary(older))[0] == "warning: a warning"


def test_the_own_setting_as_the_first_draw_may_lie_beyond_the_range(tuned):
    own = edited(tuned, (*ENTRY, "draws", 0, "hyperparameters", "lr"), 1e3)
    with pytest.raises(AdambenchError, match=r"draws\[0\]\.hyperparameters\.lr"):
        summary(own)
    own["tuning"]["defaults"] = True
    assert summary(own)["tuning"]["entries"][0]["draws"][0]["hyperparameters"]["lr"] == 1e3


def test_statistics_that_disagree_with_the_seeds_are_computed_anew(tuned):
    stale = copy.deepcopy(tuned)
    stale["results"][0]["final_loss"]["median"] = 123.0
    stale["results"][0]["targets"][0]["ert"] = 1.0
    assert summary(stale)["results"] == summary(tuned)["results"]


def test_a_report_of_nothing_is_a_sentence(tuned, tmp_path, capsys):
    empty = {**{key: tuned[key] for key in tuned if key != "tuning"}, "problems": [], "results": [], "requirements": []}
    (tmp_path / "empty.json").write_text(json.dumps(empty))
    assert exit_code(["summarize", str(tmp_path / "empty.json")]) == 4
    assert "nothing was measured: the report has no problem" in capsys.readouterr().out


def places(value, path=()):
    """Every place below, of lists the first two items."""
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, one in items:
        yield (*path, key)
        yield from places(one, (*path, key))


@settings(max_examples=60)
@given(data=st.data())
def test_any_edit_is_summarized_or_refused_in_a_sentence(tuned, data):
    kept = ("problems", "results", "tuning", "requirements", "settings", "timing")
    path = data.draw(st.sampled_from([path for path in places(tuned) if path[0] in kept]))
    report = edited(tuned, path, data.draw(st.sampled_from([*STRANGE, KeyError])))
    with suppress(AdambenchError):
        summary(report)

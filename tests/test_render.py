"""Every format over documents made by hand: nothing lost at any width, nothing unsafe in any text."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import adambench.render
from adambench.analysis.derived import derive
from adambench.analysis.summary import cost, summarize
from adambench.errors import AdambenchError
from adambench.outcome import Trial
from adambench.render import Style, all_formats, find_format, format_names
from adambench.render.parts.column import problem_columns
from adambench.render.parts.comparison import comparison_columns, comparison_note
from adambench.render.parts.explanation import explanation_of
from adambench.render.parts.plain import plain
from adambench.render.parts.sparkline import ASCII, BLOCKS, sparklines
from adambench.requirements import check_requirement

RELATIVE = [{"kind": "relative", "value": value} for value in (1e-1, 1e-3, 1e-5)]
GRID = np.array([0, 1, 10, 100, 1000, 6000])
WIDTHS = (20, 40, 80, 120, 200)
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "a|b`c`",
    "<script>alert(1)</script>",
    "\x1b]52;c;aGk=\x07red\x1b[31m",
    "\u202eevil\u2066\u200b",
    "line\nbreak\r\tand tab",
    "\x9b31m\ud800[bold]:smile:",
)


def result(optimizer, finals, hits, problem="valley", targets=RELATIVE, cause="loss not finite"):
    """A row of `results`: a trial for each final loss, all with the same hits; inf is a divergence at evaluation 7."""
    trials = []
    for seed, final in enumerate(finals):
        dead = math.isinf(final)
        outcome = "diverged" if dead else "budget" if None in hits else "reached"
        losses = np.array([24.2, 20.0, *np.linspace(10.0, 1.0 if dead else final, 4)])
        losses[2:] = np.inf if dead else losses[2:]
        stopped = (7, cause) if dead else (6000, "budget")
        trials.append(
            Trial(seed, outcome, 24.2, final, 1.0, (None,) * len(hits) if dead else hits, losses, "ab", stopped)
        )
    spent = cost(trials, 1e-4 * len(optimizer), 2)
    row = {"problem": problem, "optimizer": optimizer, "hyperparameters": {}, "cost": spent}
    return {**row, **summarize(trials, GRID, targets)}


def document(results, targets=RELATIVE, reference="optimum", **more):
    problems = [
        {
            "name": name,
            "function": "rosenbrock",
            "dimension": 2,
            "budget": 6000,
            "reference": reference,
            "reference_loss": 0.0,
            "targets": targets,
        }
        for name in dict.fromkeys(row["problem"] for row in results)
    ]
    return {"schema": "adambench/report/1", "problems": problems, "results": results, **more}


def compared(doc, **options):
    return {**doc, **derive(doc, comparison=True, **options)}


LABELS = {
    "adam": "0.5",
    "adam:lr=0.01": "1.25e-7",
    "rmsprop@keras:rho=0.99": "1.25e-4",
    "torch.optim.Adam:amsgrad=true:lr=0.003:weight_decay=0.00012345": "12.3",
    "sgd:lr=0.1": "inf",
}


def required(problem, asked, results):
    common = {"kind": "target", "success_rate": 1.0, "advisory": False}
    return check_requirement({"name": problem, "budget": 10_000}, {**common, **asked}, results)


def full_document():
    results = [
        result(label, [float(final)] * 3, (11, 222, 3333 + number))
        for number, (label, final) in enumerate(LABELS.items())
    ]
    wanted = {"optimizer": "adam", "target": RELATIVE[2], "within": 5000}
    unmet = required("valley", {**wanted, "within": 5}, results)
    return compared(document(results, requirements=[required("valley", wanted, results), unmet]))


FULL = full_document()


def render(name, doc=FULL, **style):
    return find_format(name).render(doc, Style(**style))


def squeezed(text):
    return re.sub(r"\s", "", text)


def table_cells(text):
    """(label, [line of cells...]) of each row of the first table of a text: a line without indent starts or goes on."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if set(line) <= {"─", "-"} and line) + 1
    rows = []
    for line in lines[start:]:
        if line.startswith(("not shown", "sgd:lr=0.1: ")):
            break
        label, _, cells = line.partition(" ")
        if cells.strip() and label:
            rows.append([label, cells.split()])
        elif label:
            rows[-1][0] += label
    return rows


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_table_loses_no_label_and_no_final_loss_at_any_width(width, unicode):
    text = render("table", width=width, unicode=unicode)
    assert max(map(cell_len, text.split("\n"))) <= width
    assert unicode or text.isascii()
    text = text.partition("\nall problems\n")[0]
    if not re.search("^[─-]+$", text, re.MULTILINE):
        for label, final in LABELS.items():
            block = squeezed(text).split(f"{label}stepsto1e-1:")[1].split("loglos")[0]
            assert re.search(rf"finalloss:{re.escape(final)}\*?quartiles", block)
            assert "stepsto1e-5:" in block
            assert "outcomes:3" in block
        return
    rows = table_cells(text)
    assert [label for label, _ in rows] == list(LABELS)
    for (_, cells), final in zip(rows, LABELS.values(), strict=True):
        assert final in [cell.rstrip("*") for cell in cells]
    # the reader is told what is missing
    titles = [
        "steps to 1e-1",
        "steps to 1e-3",
        "steps to 1e-5",
        "final loss",
        "quartiles",
        "outcomes",
        "time/step",
        "log loss",
    ]
    first = text.split("valley: ")[1].split("sgd:lr=0.1: ")[0]
    absent = first.partition("not shown at this width:")[2]
    header = first.partition("not shown")[0]
    for title in titles:
        assert all(word in header for word in title.split()) or squeezed(title) in squeezed(absent)


def test_table_drops_columns_by_priority_and_then_lies_on_its_side():
    texts = [render("table", width=width).partition("\nall problems\n")[0] for width in range(200, 20, -1)]
    shown = [squeezed(text).partition("notshownatthiswidth:")[2] for text in texts]
    dropped = [text.partition("sgd:")[0] for text in shown if text]
    assert [text for i, text in enumerate(dropped) if text not in dropped[:i]] == [
        "logloss",
        "time/step,logloss",
        "outcomes,time/step,logloss",
        "quartiles,outcomes,time/step,logloss",
        "stepsto1e-1,quartiles,outcomes,time/step,logloss",
        "stepsto1e-1,stepsto1e-3,quartiles,outcomes,time/step,logloss",
    ]
    assert "adam\n steps to 1e-1: 11* 3/3\n" in render("table", width=30)


LABEL = st.text(st.sampled_from("abcdefgh:=.-0123456789é漢"), min_size=1, max_size=60)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(LABEL, min_size=1, max_size=4, unique=True),
    st.integers(0, 3),
    st.sampled_from([1.0, 1.2345e-300, -1.2345e200, math.inf]),
    st.integers(20, 200),
    st.booleans(),
)
def test_no_line_of_any_table_is_wider_than_asked(labels, count, final, width, unicode):
    targets = [*RELATIVE, {"kind": "gradient", "value": 1.25e-7}][:count]
    rows = [result(label, [abs(final)] * 2, (1,) * count, targets=targets) for label in labels]
    doc = compared(document(rows, targets, "report", interrupted=True))
    text = render("table", doc, width=width, unicode=unicode)
    assert max(map(cell_len, text.split("\n"))) <= width
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert unicode or text.isascii()
    assert "interrupted" in text


def test_table_is_the_same_with_and_without_colour_and_in_any_environment(monkeypatch):
    bare = render("table", width=100)
    coloured = render("table", width=100, color=True)
    assert "\x1b" not in bare
    assert "\x1b[1;32m" in coloured
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).split("\n")] == bare.split("\n")
    for name, value in {"NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": "33", "LC_ALL": "C"}.items():
        monkeypatch.setenv(name, value)
        assert render("table", width=100) == bare
        assert render("table", width=100, color=True) == coloured


def test_table_marks_the_best_and_says_why_trials_stopped_and_who_won():
    text = render("table", width=200)
    assert re.search(r"^adam +11\* 3/3 +222\* 3/3 +3,333\* 3/3 +0\.5 ", text, re.MULTILINE)
    assert re.search(r"^adam:lr=0\.01 +11\* 3/3 +222\* 3/3 +3,334  3/3 +1\.25e-7\* ", text, re.MULTILINE)
    assert re.search(r"^sgd:lr=0\.1 +-  0/3 +-  0/3 +-  0/3 +inf +inf \.\. inf +3 diverged ", text, re.MULTILINE)
    assert "\nsgd:lr=0.1: 3 of 3 diverged, loss not finite, at evaluation 7\n" in text
    words = "adam reaches 1e-5 first: 3,333 steps in the median, against 3,334 for adam:lr=0.01"
    assert f"\n{words}; sgd:lr=0.1 diverged in 3 of 3\n" in text
    assert "✓ met: valley: adam reaches 1e-5 within 5,000 steps in 100% of trials: 3 of 3 trials within 5,000" in text
    assert "✗ unmet: valley: adam reaches 1e-5 within 5 steps in 100% of trials: 0 of 3 trials within 5 steps" in text
    assert "x met" not in render("table", width=200, unicode=False)
    assert "ok met: valley" in render("table", width=200, unicode=False)


def test_comparison_table():
    lines = render("table", width=300).split("\nall problems\n")[1].split("\n")
    assert re.split("  +", lines[0].strip()) == [
        *("optimizer", "solved", "score", "speed-up", "mean rank", "evaluations", "time/step", "state"),
        *("settings", "wins", "slow-down"),
    ]
    cells = [re.split("  +", line.strip()) for line in (lines[2], lines[6])]
    assert cells[0][:4] == ["adam", "1/1* (21..100%)", "1.00*", "1x reference"]
    assert cells[0][4:] == ["1.00*", "18,000", "22.2 ns", "2", "defaults, untuned", "1/1*", "1x (1)"]
    assert cells[1][:6] == ["sgd:lr=0.1", "0/1", "(0..79%)", "0.00", "≤0.56x 1/1 charged", "5.00"]


def test_the_comparison_drops_columns_where_space_is_short():
    texts = [render("table", width=width).split("\nall problems\n")[1] for width in range(200, 40, -1)]
    shown = [squeezed(text).partition("notshownatthiswidth:")[2] for text in texts]
    dropped = [text.partition("adam:lr=0.01needs")[0] for text in shown if text]
    assert [text for i, text in enumerate(dropped) if text not in dropped[:i]] == [
        "slow-down",
        "wins,slow-down",
        "settings,wins,slow-down",
        "evaluations,settings,wins,slow-down",
        "evaluations,state,settings,wins,slow-down",
        "evaluations,time/step,state,settings,wins,slow-down",
        "score,evaluations,time/step,state,settings,wins,slow-down",
        "score,meanrank,evaluations,time/step,state,settings,wins,slow-down",
        "score,speed-up,meanrank,evaluations,time/step,state,settings,wins,slow-down",
    ]
    for text in texts:
        titles, explained = text.split("─")[0], squeezed(text).rpartition("solved:")[2]
        for word in ("slow-down", "wins", "score", "state"):
            assert (f"{word}:" in explained) == (word in titles), (word, text)
        assert ("charged:" in squeezed(text)) == ("1/1 charged" in text)


@pytest.mark.parametrize("name", ["table", "markdown"])
def test_what_a_comparison_shows_is_said_below_it(name):
    said = squeezed(render(name, width=1000).replace("\\", ""))
    assert squeezed("whether the optimizers rank alike cannot be shown over 1 problem") in said
    assert squeezed("1 problem cannot tell any two of 5 optimizers apart") in said
    assert squeezed("need at least 9 problems") in said
    assert squeezed("defaults, untuned: adam; as given, untuned: adam:lr=0.01, ") in said
    rows = [result("adam", [1.0], (1, 2, 3), problem) for problem in "pq"] + [result("sgd", [1.0], (1, 2, 3), "p")]
    refused = squeezed(render(name, compared(document(rows)), width=1000))
    assert squeezed("cannot rank over unequal cells: nothing was measured of sgd on q;") in refused
    partial = squeezed(render(name, compared(document(rows), partial=True), width=1000))
    assert squeezed("ranks and scores leave out q") in partial


def test_every_column_of_the_comparison_has_an_explanation():
    for found in FULL["comparison"]:
        found = {
            **found,
            "robustness": {"decades": 1.0, "at_least": False, "safety": None, "problems": 1},
            "group": "a",
        }
        for column in comparison_columns([found, found], True, "adam"):
            assert explanation_of(column.title), column.title


def cells_of(columns, title):
    return next(column.cells for column in columns if column.title.startswith(title))


def of_company(*changes):
    """Rows of a comparison, one for each of the changes to that of an ordinary one."""
    row = {**FULL["comparison"][0], "score": 0.5, "mean_rank": 1.5, "wins": 1, "ranked": 2, "problems": 2, "solved": 1}
    return [{**row, "optimizer": f"o{place}", **change} for place, change in enumerate(changes)]


def test_no_star_on_what_is_equal_nothing_or_unmeasured():
    def stars(title, *changes):
        return [cell.best for cell in cells_of(comparison_columns(of_company(*changes), True), title)]

    assert stars("score", {"score": 0.0}, {"score": 0.0}, {"score": None}) == [False] * 3
    assert stars("score", {"score": 0.001}, {"score": 0.0}) == [False] * 2  # both are shown as 0.00
    assert stars("score", {"score": 0.3}, {"score": 0.0}, {"score": None}) == [True, False, False]
    assert stars("mean rank", {"mean_rank": 1.0}, {"mean_rank": None}) == [False] * 2
    assert stars("solved", {"solved": 0}, {"solved": 0}) == [False] * 2
    assert stars("solved", {"solved": 0}, {"solved": 1}) == [False, True]
    assert stars("solved", {"solved": 1, "problems": 1}, {"solved": 1}) == [False] * 2  # of other problems
    assert stars("wins", {"wins": 2}, {"wins": 0}, {"wins": 0, "ranked": 0}) == [True, False, False]
    refused = comparison_columns(of_company({"mean_rank": None, "wins": 2}, {"mean_rank": None}), True)
    assert [(cell.value, cell.best) for cell in cells_of(refused, "wins")] == [("-", False)] * 2


def test_a_target_missed_in_the_median_is_nobodys_best():
    hit, miss = (11, None, None), (None, None, None)
    seldom = result("seldom", [1.0] * 3, miss)
    seldom["targets"][0] |= {"reached": 1, "median": None, "ert": 300.0}
    never = result("never", [1.0] * 3, miss)
    often = result("often", [1.0] * 3, hit)
    for rows, starred in (([seldom, never], []), ([often, seldom, never], ["often"]), ([often], [])):
        columns = problem_columns(document(rows)["problems"][0], rows, True)
        stars = [row["optimizer"] for row, cell in zip(rows, cells_of(columns, "steps to"), strict=True) if cell.best]
        assert stars == starred


@pytest.mark.parametrize(
    ("bound", "charged", "shown"),
    [
        (None, 0, ("0.432x", "(0.43..0.44)")),
        ("at most", 2, ("0.432x", "(0.43..0.44), 2/4 charged")),
        ("at most", 4, ("≤0.43x", "4/4 charged")),
        ("at least", 4, ("≥0.43x", "4/4 charged")),
        ("unknown", 4, ("~0.43x", "4/4 charged")),
    ],
)
def test_a_speedup_of_failures_alone_is_a_bound(bound, charged, shown):
    value = {"factor": 0.4321, "ci95": [0.431, 0.4355], "bootstrap95": None, "problems": 4}
    rows = of_company({"speedup": {**value, "charged": charged, "bound": bound}}, {})
    for unicode in (True, False):
        cell = cells_of(comparison_columns(rows, unicode), "speed-up")[0]
        assert cell.detail == shown[1]
        assert cell.value == (shown[0] if unicode else shown[0].replace("≤", "<=").replace("≥", ">="))


def test_where_a_speedup_lies_follows_from_who_failed():
    hits = {"hits": (1, 2, 3), "misses": (None, None, None)}
    for reference, optimizer, bound in (
        *(("hits", "misses", "at most"), ("misses", "hits", "at least")),
        *(("misses", "misses", None), ("hits", "hits", None)),
    ):
        rows = [result("a", [1.0] * 3, hits[reference]), result("b", [1.0] * 3, hits[optimizer])]
        found = {row["optimizer"]: row for row in compared(document(rows), reference="a")["comparison"]}
        assert found["b"]["speedup"]["bound"] == bound


def test_the_note_explains_the_columns_that_are_there():
    rows = of_company({}, {})
    columns = comparison_columns(rows, True)
    assert comparison_note(columns[:1]) == ""
    assert {part.partition(":")[0] for part in comparison_note(columns).split(". ")} == {
        *("solved", "score", "speed-up", "state", "wins", "slow-down"),
    } & {column.title for column in columns}
    alone = comparison_columns(rows[:1], True)
    assert not {"score", "mean rank", "wins", "slow-down"} & {column.title for column in alone}
    assert "fastest" not in comparison_note(alone)


@pytest.mark.parametrize("name", ["table", "markdown"])
def test_a_report_without_problems_says_so(name):
    text = render(name, {**document([]), "problems": []})
    assert "nothing was measured: the report has no problem" in text


def test_one_optimizer_is_not_the_best_of_anything():
    doc = document([result("adam", [0.5], (1, 2, 3))])
    assert "*" not in render("table", doc, width=200).replace("* best", "")


def test_stops_are_grouped_by_cause_with_the_median_evaluation():
    row = result("sgd", [math.inf] * 5 + [0.5], (1, 2, 3))
    for seed, evaluation in zip(row["seeds"], (9, 3, 5, 100, 2), strict=False):
        seed["stopped"]["evaluation"] = evaluation
    row["seeds"][3]["stopped"]["cause"] = "second moment overflowed"
    row["seeds"][5] |= {
        "outcome": "reached",
        "final_loss": None,
        "stopped": {"evaluation": 50, "cause": "loss not finite"},
    }
    text = render("table", document([row]), width=150)
    assert "sgd: 4 of 6 diverged, loss not finite, at evaluation 3 in the median\n" in text
    assert "sgd: 1 of 6 diverged, second moment overflowed, at evaluation 100\n" in text
    assert "sgd: 1 of 6 diverged after every target was reached, loss not finite, at evaluation 50\n" in text


def test_skipped_and_failed_trials_are_said_with_their_reason():
    def outside(outcome, stopped):
        return Trial(0, outcome, math.nan, math.nan, math.nan, (), np.array([]), "", stopped)

    rows = [
        {
            "problem": "valley",
            "optimizer": name,
            **summarize([outside(name, stopped)], GRID, RELATIVE),
            "cost": cost([], 0.0, None),
        }
        for name, stopped in (("skipped", (0, "a vector has no matrix to shape")), ("error", (4, "ValueError: no")))
    ]
    text = render("table", document(rows), width=150)
    assert "skipped: 1 of 1 skipped, a vector has no matrix to shape\n" in text
    assert "error: 1 of 1 ended in error, ValueError: no, at evaluation 4\n" in text
    assert "nothing was measured" in text
    assert re.search(r"^skipped +- 0/0 +- 0/0 +- 0/0 +- +1 skipped +- +- *$", text.replace("  ", " "), re.MULTILINE)


def test_quartiles_stand_only_where_a_row_has_more_than_one_trial():
    hits = (1, 2, 3)
    assert "quartiles" not in render("table", document([result("one", [1.0], hits)]), width=150)
    assert "quartiles" in render("table", document([result("two", [1.0, 2.0], hits)]), width=150)


def test_heading_names_the_reference_where_the_optimum_is_unknown():
    doc = document([result("adam", [0.5], (1, 2, 3))], reference="report")
    doc["problems"][0]["reference_loss"] = 0.123456789
    first = render("table", doc, width=200).split("\n")[0]
    assert first == (
        "valley: rosenbrock, dimension 2, budget 6,000, 1 seed, optimum unknown, "
        "targets relative to the best loss of this report: 0.123457"
    )
    assert "0.123457" in render("markdown", doc)


def curve(losses, evaluations=(0, 1, 10, 100, 1000)):
    return {"curve": {"evaluations": list(evaluations), "median": losses}}


@pytest.mark.parametrize(("unicode", "characters"), [(True, BLOCKS), (False, ASCII)])
def test_sparkline_is_the_log_of_the_loss_on_one_scale(unicode, characters):
    falling, flat, dead, growing = sparklines(
        [
            curve([1e1, 1e0, 1e-2, 1e-4, 1e-6]),
            curve([1e1] * 5),
            curve([1e1, None, None, None, None]),
            curve([1e1, 1e30, 1e60, 1e90, 1e120]),
        ],
        0.0,
        unicode,
    )
    heights = [characters.index(character) for character in falling]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (7, 0)
    assert heights[1] == 6  # at evaluation 1, one of seven decades down
    assert flat == growing == characters[-1] * len(falling)
    assert dead == characters[-1] + "x" * (len(falling) - 1)


def test_sparkline_shifts_by_the_reference_and_lets_a_zero_gap_not_flatten_the_rest():
    low, high = (
        sparklines([curve([shift + 8.0, shift + 4.0, shift + 2.0, shift + 1.0, shift])], shift, True)[0]
        for shift in (0.0, -1024.0)
    )
    assert low == high
    assert low[-1] == BLOCKS[0]
    assert BLOCKS.index(low[-2]) < BLOCKS.index(low[0]) == 7
    assert sparklines([curve([None] * 5), curve([])], None, True) == ["", ""]


def strict(text):
    def refuse(token):
        raise AssertionError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)), st.text())
def test_json_is_strict_ascii_and_parses_back_to_the_same_document(numbers, words):
    doc = {"schema": words, words: None, "problems": [], "results": [{"curve": numbers}, {"a": [{}]}], "ok": True}
    text = render("json", doc)
    assert repr(strict(text)) == repr(doc)
    assert text.isascii()
    assert text.endswith("}\n")


def test_json_of_a_whole_document_has_one_line_a_result_and_ignores_the_style():
    text = render("json")
    assert strict(text) == FULL
    assert text == render("json", width=20, color=True, unicode=False)
    assert sum(line.startswith(' {"problem": "valley", "optimizer"') for line in text.split("\n")) >= len(LABELS)
    with pytest.raises(ValueError, match="not JSON compliant"):
        render("json", {"results": [{"x": math.nan}]})


def test_csv_has_one_row_a_problem_optimizer_and_target_and_exact_numbers():
    rows = list(csv.reader(io.StringIO(render("csv"))))
    header = rows[0]
    assert len(set(header)) == len(header)
    assert all(len(row) == len(header) for row in rows)
    records = [dict(zip(header, row, strict=True)) for row in rows[1:]]
    assert [(r["optimizer"], r["target"]) for r in records] == [
        (o, t) for o in LABELS for t in ("0.1", "0.001", "1e-05")
    ]
    for record, (source, target) in zip(
        records, ((row, target) for row in FULL["results"] for target in row["targets"]), strict=True
    ):
        for name in ("reached", "trials", "median", "q25", "q75", "ert"):
            assert record[f"target_{name}"] == ("" if target[name] is None else repr(target[name]))
        for name in ("median", "mean", "min", "max", "q25", "q75"):
            value = source["final_loss"][name]
            assert record[f"final_loss_{name}"] == ("" if value is None else repr(value))
        assert record["budget"] == "6000"
        assert record["outcome_diverged"] == ("3" if record["optimizer"] == "sgd:lr=0.1" else "0")
        assert record["outcome_budget"] == "0"
        assert float(record["ns_per_step"]) == source["cost"]["ns_per_step"]


def test_csv_keeps_a_problem_without_targets():
    doc = document([result("adam", [-0.5, -0.5], (), targets=[])], [])
    (record,) = csv.DictReader(io.StringIO(render("csv", doc)))
    assert (record["optimizer"], record["target"], record["final_loss_median"]) == ("adam", "", "-0.5")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\u200b=1", "\uff1d1", "\x1b[0m=1"])
def test_csv_lets_no_text_start_a_formula(start):
    record, *_ = csv.DictReader(io.StringIO(render("csv", document([result(start, [1.0], (1, 2, 3))]))))
    assert record["optimizer"].startswith("'")
    record, *_ = csv.DictReader(io.StringIO(render("csv", document([result("a", [1.0], (1, 2, 3))]))))
    assert record["optimizer"] == "a"


def markdown_rows(text):
    """Cells of each table line: split at bars that no backslash escapes."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.split("\n") if line.startswith("| ")]


def test_markdown_has_a_table_a_problem_with_the_best_in_bold():
    text = render("markdown")
    rows = markdown_rows(text)
    assert {len(row) for row in rows} == {9, 11}
    assert [row[0].strip() for row in rows[2:7]] == list(LABELS)
    assert [row[4].strip().strip("*") for row in rows[2:7]] == list(LABELS.values())
    assert rows[2][3] == " **3,333** 3/3 "
    assert rows[3][4] == " **1.25e-7** "
    assert "- sgd:lr=0.1: 3 of 3 diverged, loss not finite, at evaluation 7\n" in text
    assert "**adam reaches 1e-5 first" in text
    assert "- met: valley: adam reaches 1e-5 within 5,000 steps" in text
    assert "- **unmet**: valley: adam reaches 1e-5 within 5 steps" in text


def hostile_document():
    rows = [result(name, [math.inf], (1, 2, 3), f"p{name}", cause=name) for name in HOSTILE]
    rows += [result(name, [1.0], (1, 2, 3), f"p{name}") for name in HOSTILE]
    for row in rows[len(HOSTILE) :]:
        row["optimizer"] += "2"
    wanted = [{"optimizer": name, "target": RELATIVE[0], "within": 5} for name in HOSTILE]
    doc = compared(document(rows, requirements=[required("p", w, rows) for w in wanted]))
    for problem, name in zip(doc["problems"], HOSTILE, strict=True):
        problem["function"] = name
    return doc


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("width", [20, 120])
@pytest.mark.parametrize("name", ["csv", "markdown", "table"])
def test_hostile_texts_print_as_harmless_ones(name, width, unicode):
    text = render(name, hostile_document(), width=width, unicode=unicode)
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in bad]
    text.encode("utf-8" if unicode else "ascii")
    assert "evil" in squeezed(text)
    assert "aGk=" not in text  # what an escape sequence carries goes with it
    assert "[bold]:smile:" in squeezed(text).replace("\\", "")


def test_hostile_texts_leave_markdown_tables_whole():
    text = render("markdown", hostile_document())
    assert {len(row) for row in markdown_rows(text)} == {8, 10}
    assert "<" not in text
    assert "`" not in text.replace("\\`", "")
    assert r"a\|b\`c\`" in text


@given(st.text())
def test_plain_text_is_one_visible_line_and_stays_as_it_is_when_cleaned_again(text):
    cleaned = plain(text)
    assert cleaned == plain(cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert plain(text, unicode=False).isascii()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_plain_text_keeps_every_visible_character(text):
    assert plain(text) == text


@pytest.mark.parametrize("name", format_names())
def test_every_file_is_a_format_of_its_name_and_renders_even_nothing(name):
    found = all_formats()[name]
    assert found.name == name
    assert found.summary
    assert "\n" not in found.summary
    for doc in (FULL, {"problems": [], "results": []}, document([]), document([], interrupted=True)):
        text = found.render(doc, Style())
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_formats_are_those_of_the_folder():
    folder = Path(adambench.render.__file__).parent
    assert format_names() == sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")
    with pytest.raises(AdambenchError, match="did you mean markdown"):
        find_format("markdwon")


def test_rich_is_imported_by_the_table_alone():
    code = (
        "import sys, adambench.render as r; r.format_names(); assert 'numpy' not in sys.modules; "
        "[r.find_format(n) for n in r.format_names() if n != 'table']; assert 'rich' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

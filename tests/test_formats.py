"""Every format is read back by its consumer's own rule, with names that somebody hostile chose."""

from __future__ import annotations

import copy
import csv
import io
import itertools
import json
import math
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from adambench.checks import checked
from adambench.checks.format import DOCUMENTS, FORMAT_CHECKS, HOSTILE, documents, renamed, texts, verdicts
from adambench.cli import exit_code
from adambench.cli.output import note
from adambench.errors import AdambenchError
from adambench.gate.schema import VERDICT_SCHEMA
from adambench.render import Format, Style, check_writes, find_format, kind_of, own_names
from adambench.render.parts.plain import plain
from adambench.report_schema import REPORT_SCHEMA
from adambench.saved import read_report

KINDS = tuple(DOCUMENTS)
NAMES = (
    *(
        "p",
        *HOSTILE,
        "::error::forged",
        "a,b:c%0A",
        "]]>&amp;<!--",
        "\ufffe\uffff",
        "'single",
        "# comment",
        "{}\\",
        'a"b\\nc',
    ),
    *("a / b", "x-bencher-ignore", "\u2028\u2029", "\ud800", "\u6f22" * 700, " spaces ", "@-1"),
)


def forms(kind):
    return [find_format(name) for name in own_names() if kind in find_format(name).documents]


def samples(kind):
    """The sample document under each name."""
    return [renamed(DOCUMENTS[kind]()[0], name) for name in NAMES]


def written(name, document, **style):
    return find_format(name).render(document, Style(**style))


def strict(text):
    def refuse(token):
        raise AssertionError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


CASES = [(form, check) for form in map(find_format, own_names()) for check in FORMAT_CHECKS]


@pytest.mark.parametrize(("form", "check"), CASES, ids=[f"{form.name}-{check.__name__}" for form, check in CASES])
def test_every_format_is_one(form, check):
    assert not checked(check, form).finding


@pytest.mark.parametrize("kind", KINDS)
def test_any_name_gives_a_text_that_a_screen_without_unicode_can_show(kind):
    for form, document in itertools.product(forms(kind), samples(kind)):
        for text in texts(form, document, Style(unicode=False)).values():
            assert text.isascii()
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)


COMMANDS = (  # what the runner registers (src/Runner.Worker/ActionCommandManager.cs), the older spelling too
    *("error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-matcher", "remove-matcher"),
    *("set-env", "set-output", "save-state", "add-path", "echo", "stop-commands", "internal-set-repo-path"),
)
BLANKS = st.sampled_from(
    ["", " ", "\t", "\u00a0", "\u3000", "\x1b[1m", "\u200b", "a:", "a ", ":", "\n", "\r", "\u2028", "x" * 12]
)
BODIES = st.one_of(
    st.builds("::{} file=a::b".format, st.sampled_from(COMMANDS)),
    st.builds("::{}::".format, st.sampled_from(COMMANDS)),
    st.builds("##[{}]b".format, st.sampled_from(COMMANDS)),
    st.builds("##\x00[{} a=b]".format, st.sampled_from(COMMANDS)),
)


def obeyed(text):
    """The lines that GitHub's runner takes for a command: `::` after blanks, and another; or `##[` with a `]` anywhere
    (actions/runner: src/Runner.Common/ActionCommand.cs)."""
    found = []
    for line in re.split(r"[\r\n]", text):
        new, old = re.match(r"\s*::([^ ]*?)( .*?)?::", line), re.search(r"##\[([^ ]*?)( .*?)?\]", line)
        if any(command and command[1] in COMMANDS for command in (new, old)):
            found.append(line)
    return found


@pytest.mark.parametrize("name", ["::error::x", "##[error]x", "", "a b", "x" * 65, "-x"])
def test_a_report_whose_problem_has_no_proper_name_is_refused(name):
    document = copy.deepcopy(documents()[0])
    document["problems"][0]["name"] = name
    with pytest.raises(jsonschema.ValidationError, match=re.escape(repr(name))):
        jsonschema.validate(document, REPORT_SCHEMA)
    with pytest.raises(AdambenchError, match="expected a text that matches"):
        read_report("-", io.BytesIO(json.dumps(document).encode()))


def test_the_runner_is_restated_as_it_is():
    yes = ["::error::x", " \u00a0::warning file=a::b", "a ##[group]b", "a\n::debug::"]
    no = ["a ::error::x", ":::error::x", "::error:x", "::reached::x", "##[x]", "##[error", "\\:error::"]
    assert [bool(obeyed(text)) for text in yes + no] == [True] * len(yes) + [False] * len(no)
    assert len(obeyed(written("github", documents()[0]))) > 1


FORGED = ["##[add-mask]a", "x##[error]b", "\n::error::c", "\r::add-mask::d", " \n ::debug::e"]


@pytest.mark.parametrize("forged", FORGED)
def test_no_error_and_no_note_commands_the_runner(forged, tmp_path, monkeypatch, capfd):
    """Whatever a message quotes: a report's names and keys, a problem file's, an argument."""
    monkeypatch.chdir(tmp_path)
    named, keyed = copy.deepcopy(documents()[0]), copy.deepcopy(documents()[0])
    named["results"][0] |= {"optimizer": forged}
    named["results"][1] |= {"optimizer": forged}
    named["results"][0]["outcomes"][forged] = keyed[forged] = 1
    for name, document in (("named", named), ("keyed", keyed), ("schema", {"schema": forged})):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "p.yaml").write_text(f"name: p\nfunction: sphere\n{json.dumps(forged)}: 1\n")
    for words in (
        *(["summarize", f"{name}.json"] for name in ("named", "keyed", "schema")),
        *(["gate", f"{name}.json", "--baseline", "schema.json"] for name in ("named", "keyed", "schema", forged)),
        *(["run", name] for name in ("p.yaml", forged, f"{forged}/x.yaml")),
        *([forged], ["list", forged], ["run", "--budget", forged, "sphere"], ["run", "p.yaml", "--export", forged]),
        ["new", "p.yaml", forged],
    ):
        assert exit_code(words) in (1, 2), words
        out, err = capfd.readouterr()
        assert (out + err).strip()
        assert not obeyed(out + err), words
    note(f"baseline updated: {forged}")
    assert not obeyed(said := capfd.readouterr().err)
    assert forged[-1] in said


@pytest.mark.parametrize("kind", KINDS)
@given(blank=BLANKS, body=BODIES, width=st.sampled_from([20, 40, 80, 200]), unicode=st.booleans())
def test_no_text_of_a_document_commands_the_runner_of_github(kind, blank, body, width, unicode):
    """Every text that is not a word of the schema, one after the other being a command."""
    document = commanding(DOCUMENTS[kind]()[0], blank + body)
    for form in forms(kind):
        if form.name != "github":
            for text in texts(form, document, Style(width, unicode=unicode, explain=True)).values():
                assert not obeyed(text), form.name
    for form in ("json", "jsonl"):
        assert (blank + body) in " ".join(
            strings(
                list(map(strict, written(form, document).splitlines()))
                if form == "jsonl"
                else strict(written(form, document))
            )
        )


FREE = (
    "function",
    "cause",
    "sentence",
    "measured",
    "notes",
    "results",
    "baseline",
    "metric",
    "dialect",
    "implementation",
)
"""Keys under which a text is free, beside the names of problems and optimizers."""


def commanding(document, text):
    """The document with every name and every sentence starting with that text."""

    def there(value, key):
        if isinstance(value, dict):
            return {name: there(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [there(inner, key) for inner in value]
        return f"{text}{value}" if isinstance(value, str) and key in FREE else value

    return there(renamed(document, text), "")


def strings(value):
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_a_format_that_breaks_a_rule_is_found_out():
    def forged(document, style):
        return "".join(f"{row['optimizer'].replace(chr(27), '')}\n" for row in document["results"]) or "none\n"

    wrong = {
        "renders": Format("a", "b", lambda document, style: "no end"),
        "names_its_files": Format("a", "b", forged, files={"x": lambda document, style: "another\n"}),
        "the_same_each_time": Format("a", "b", lambda document, style: f"{document.setdefault('n', 1)}\n"),
        "every_row": Format("a", "b", lambda document, style: "sgd:lr=0.5\n"),
        "hostile_names": Format("a", "b", lambda document, style: re.sub(r"[^\w\n]", "", forged(document, style))),
    }
    assert [*wrong] == [check.__name__ for check in FORMAT_CHECKS]
    for check in FORMAT_CHECKS:
        assert checked(check, wrong[check.__name__]).finding
    assert checked(FORMAT_CHECKS[0], Format("a", "b", forged, ("reports",))).finding


def test_the_samples_are_what_they_claim_to_be():
    jsonschema.validate(documents()[0], REPORT_SCHEMA)
    for document in verdicts():
        jsonschema.validate(document, VERDICT_SCHEMA)
        assert sum(document["counts"].values()) == len(document["cells"])


def test_what_a_format_does_not_write_is_refused_in_a_sentence():
    for form, kind in itertools.product(map(find_format, own_names()), KINDS):
        if kind in form.documents:
            check_writes(form, kind)
            continue
        with pytest.raises(AdambenchError, match=f"the format {form.name} writes a .*, and this is a {kind}; of a"):
            check_writes(form, kind)
    assert {form.name for form in forms("verdict")} == {*own_names()} - {"gab", "bmf"}


def extended(rows, problem):
    """With rows whose median diverged, whose loss is 0 or negative, that were skipped."""
    base = rows[0]
    dead = copy.deepcopy(base) | {"optimizer": "dead"}
    dead["outcomes"] |= {"reached": 0, "diverged": base["trials"]}
    dead["final_loss"] = dict.fromkeys(dead["final_loss"])
    for target in dead["targets"]:
        target |= {
            "reached": 0,
            "median": None,
            "q25": None,
            "q75": None,
            "ert": None,
            "ert_ci95": None,
            "reached_ci95": None,
        }
    exact = copy.deepcopy(base) | {"optimizer": "exact"}
    exact["final_loss"] |= dict.fromkeys(("median", "q25", "q75"), 0.0)
    for target in exact["targets"]:
        target |= {"median": 0, "q25": 0, "q75": 0}
    negative = copy.deepcopy(base) | {"optimizer": "negative"}
    negative["final_loss"] |= {"median": -8.0}
    skipped = copy.deepcopy(dead) | {"optimizer": "skipped"}
    skipped["outcomes"] = dict.fromkeys(base["outcomes"], 0) | {"skipped": base["trials"]}
    for target in skipped["targets"]:
        target["trials"] = 0
    return [*rows, dead, exact, negative, skipped]


def difficult(reference="optimum"):
    document = copy.deepcopy(documents()[0])
    document["results"] = extended(document["results"], document["problems"][0])
    for problem in document["problems"]:
        problem["reference"] = reference
    return document


def zod(text):
    """github-action-benchmark's own schema (src/extract.ts), and what src/write.ts makes of names and ranges."""
    entries = strict(text)
    assert isinstance(entries, list)
    for entry in entries:
        assert {*entry} <= {"name", "value", "unit", "range", "extra"}
        assert all(isinstance(entry[key], str) for key in entry if key != "value")
        assert {"name", "value", "unit"} <= {*entry}
        assert isinstance(entry["value"], (int, float))
        assert math.isfinite(entry["value"])
        assert entry["value"] > 0
        assert not re.search(r"[`|\n]", entry["name"])
        assert "range" not in entry or re.fullmatch(r"(\+-|±)\s*\d.*", entry["range"])
    assert len({entry["name"] for entry in entries}) == len(entries)
    return {entry["name"]: entry["value"] for entry in entries}


def alerts(before, now, bigger):
    """The ratio of every series that both have (write.ts, getRatio), where it is over 1."""
    found = {}
    for name in before.keys() & now.keys():
        old, new = (now[name], before[name]) if bigger else (before[name], now[name])
        ratio = 1.0 if new == old == 0 else math.inf if old == 0 else new / old
        if ratio > 1:
            found[name] = ratio
    return found


def gab(document):
    return [zod(text) for text in texts(find_format("gab"), document, Style()).values()]


def test_gab_is_two_lists_that_the_action_takes():
    for document in [*samples("report"), difficult(), difficult("report")]:
        smaller, bigger = gab(document)
        assert len(smaller) >= len(document["results"]) - 1
        assert len(bigger) >= len(document["results"]) - 1
    smaller, bigger = gab(documents()[0])
    row = documents()[0]["results"][0]
    assert smaller["quadratic / sgd:lr=0.5 / steps to 1e-1"] == row["targets"][0]["median"]
    smaller, _ = gab(difficult())
    assert smaller["quadratic / dead / diverged trials"] == 11
    missed = {f"quadratic / dead / misses of {name}" for name in ("1e-1", "1e-3", "1e-5")}
    assert {name for name in smaller if "dead" in name} == {"quadratic / dead / diverged trials", *missed}
    assert {smaller[name] for name in missed} == {11}
    assert bigger["quadratic / sgd:lr=0.5 / trials at 1e-1"] == 1 + 10 * row["targets"][0]["reached"] / row["trials"]
    assert not any("skipped" in name for name in gab(difficult())[0])


def test_gab_names_do_not_depend_on_what_was_measured():
    changed = copy.deepcopy(documents()[0])
    for row in changed["results"]:
        row["cost"] = {**row["cost"], "seconds": 99.0, "ns_per_step": 1.0}
        row["outcomes"]["diverged"] = 1
    for before, now in zip(gab(documents()[0]), gab(changed), strict=True):
        assert [*before] == [*now]


def test_gab_alerts_where_trials_diverge_and_nowhere_else():
    before, changed = gab(difficult()), difficult()
    assert not alerts(before[0], before[0], False)
    assert not alerts(before[1], before[1], True)
    row = changed["results"][0]
    dead = next(other for other in changed["results"] if other["optimizer"] == "dead")
    row |= copy.deepcopy({key: dead[key] for key in ("outcomes", "final_loss", "targets")})
    smaller, bigger = gab(changed)
    start, worst = f"quadratic / {row['optimizer']} / ", 11
    missed = {name for name, value in before[0].items() if name.startswith(f"{start}misses of") and value == 1}
    assert missed
    assert alerts(before[0], smaller, False) == dict.fromkeys([*missed, f"{start}diverged trials"], worst)
    reached = {name for name, value in before[1].items() if name.startswith(f"{start}trials at") and value == worst}
    assert len(reached) == len(missed)
    assert alerts(before[1], bigger, True) == dict.fromkeys([*reached, f"{start}finite trials"], worst)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_gab_alerts_by_the_share_of_trials_however_few_they_are(trials, before, now):
    """All of them is a ratio of 11: of one trial, too, far above the action's default threshold of 200%."""
    counts, found = [min(before, trials), min(now, trials)], []
    for count in counts:
        document = copy.deepcopy(documents()[0])
        row = document["results"][0]
        row["trials"], row["targets"] = trials, row["targets"][:1]
        row["outcomes"] = dict.fromkeys(row["outcomes"], 0) | {"reached": count, "diverged": trials - count}
        row["targets"][0] |= {"trials": trials, "reached": count, "median": None}
        document["results"] = [row]
        found.append(gab(document))
    worse = {
        **alerts(found[0][0], found[1][0], False),
        **alerts(found[0][1], found[1][1], True),
    }
    assert bool(worse) == (counts[1] < counts[0])
    if counts == [trials, 0]:
        assert len(worse) == 4
        assert set(worse.values()) == {11}
    elif worse:
        assert max(worse.values()) == pytest.approx(
            max(
                (1 + 10 * (trials - counts[1]) / trials) / (1 + 10 * (trials - counts[0]) / trials),
                (1 + 10 * counts[0] / trials) / (1 + 10 * counts[1] / trials),
            )
        )


@given(st.floats(1e-300, 1e-9), st.floats(1e-300, 1e-9))
def test_gab_says_nothing_of_losses_below_every_target(first, second):
    found = []
    for loss in (first, second):
        document = difficult()
        for row in document["results"]:
            row["final_loss"] |= {"median": loss, "q25": loss, "q75": loss}
        found.append(gab(document)[0])
    assert found[0] == found[1]


BMF = {  # restated from Bencher's own
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {name: {"type": "number"} for name in ("value", "lower_value", "upper_value")},
            "required": ["value"],
            "additionalProperties": False,
        },
    },
}


def test_bmf_is_what_bencher_takes():
    for document in [*samples("report"), difficult()]:
        found = strict(written("bmf", document))
        jsonschema.validate(found, BMF)
        assert len(found) >= 2 * (len(document["results"]) - 1)
        for name, measures in found.items():
            assert 0 < len(name.encode()) <= 1024
            assert name == name.strip() == plain(name)
            assert not re.search("(?i)bencher.?ignore$", name)
            for measure, metric in measures.items():
                assert re.fullmatch(r"[a-z]+(-[a-z]+)*", measure)
                assert len(measure) <= 64
                assert metric.get("lower_value", -math.inf) <= metric["value"] <= metric.get("upper_value", math.inf)


def test_bmf_has_the_numbers_of_the_report_and_no_two_things_under_one_name():
    row, found = documents()[0]["results"][0], strict(written("bmf", documents()[0]))
    assert found["quadratic / sgd:lr=0.5 / to 1e-1"]["steps-to-target"] == {"value": row["targets"][0]["median"]}
    assert found["quadratic / sgd:lr=0.5 / to 1e-1"]["expected-runtime"]["value"] == row["targets"][0]["ert"]
    assert found["quadratic / sgd:lr=0.5 / whole run"]["final-loss"]["value"] == row["final_loss"]["median"]
    whole = strict(written("bmf", difficult()))["quadratic / dead / whole run"]
    assert whole["diverged-trials"] == {"value": row["trials"]}
    assert "final-loss" not in whole
    twins = copy.deepcopy(documents()[0])
    names = ["a\x07", "a\x1b[1m", "a", "\u6f22" * 800 + "1", "\u6f22" * 800 + "2"]
    twins["results"] = [{**row, "optimizer": name} for name in names]
    assert len(strict(written("bmf", twins))) == len(names) * (len(row["targets"]) + 1)
    assert len(gab(twins)[1]) == len(names) * (len(row["targets"]) + 1)
    parts = [("a / b", "c"), ("a", "b / c"), ("a /", "b"), ("a", "/ b")]
    twins["results"] = [{**row, "problem": problem, "optimizer": name} for problem, name in parts]
    twins["problems"] = [{**twins["problems"][0], "name": problem} for problem, _ in parts]
    assert len(strict(written("bmf", twins))) == len(parts) * (len(row["targets"]) + 1)


# Jenkins' junit-10.xsd as assertions: the attributes that must be there, those that may, and the children.
SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
RESULT = (set(), {"type", "message"}, set())
COUNTS = {"name", "tests", "failures", "errors"}
OPTIONAL = {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"}
JUNIT = {
    "testsuites": (set(), {*COUNTS, "time"}, {"testsuite"}),
    "testsuite": (COUNTS, {*COUNTS, *OPTIONAL}, {"testsuite", "properties", "testcase", "system-out", "system-err"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": (
        {"name"},
        {"name", "time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    **dict.fromkeys(("failure", "error", "skipped"), RESULT),
    **dict.fromkeys(("system-out", "system-err"), (set(), set(), set())),
}


def junit(document, **style):
    """The suites of the text, which holds what the schema and GitLab's reader ask."""
    text = written("junit", document, **style)
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert ElementTree.canonicalize(text) == ElementTree.canonicalize(etree.tostring(root, encoding="unicode"))
    assert root.tag == "testsuites"
    for element in root.iter():
        required, allowed, children = JUNIT[element.tag]
        assert required <= {*element.attrib} <= allowed
        assert {child.tag for child in element} <= children
        if children:  # and no text between
            assert not "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
        if "time" in element.attrib:
            assert SECONDS.fullmatch(element.attrib["time"])
    for suite in [root, *root]:
        cases = [*suite.iter("testcase")]
        counts = {key: [*itertools.chain(*(case.iter(key[:-1]) for case in cases))] for key in ("failures", "errors")}
        assert suite.attrib["tests"] == str(len(cases))
        assert all(suite.attrib[key] == str(len(found)) for key, found in counts.items())
        assert "skipped" not in suite.attrib or suite.attrib["skipped"] == str(len([*suite.iter("skipped")]))
    cases = [*root.iter("testcase")]
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)
    for case in cases:
        results = [child for child in case if child.tag in ("failure", "error", "skipped")]
        assert len(results) <= 1
        assert all(result.text == result.attrib["message"] != "" for result in results)
    return [*root]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unicode", [True, False])
def test_junit_keeps_to_the_schema(kind, unicode):
    for document in [*samples(kind), *DOCUMENTS[kind]()]:
        junit(document, unicode=unicode)
    junit(difficult())


def results(suites):
    return {case.attrib["name"]: next((child.tag for child in case), "") for suite in suites for case in suite[1:]}


def test_junit_of_a_report_has_a_case_a_requirement_and_one_for_each_other_optimizer():
    document = difficult()
    (suite,) = junit(document)
    assert suite.attrib["name"] == "quadratic"
    asked = [found["sentence"] for found in document["requirements"]]
    found = results([suite])
    assert len(found) == len(asked) + 4
    assert [tag for name, tag in found.items() if "outcomes" not in name] == ["system-out", *["failure"] * 3]
    assert {name: tag for name, tag in found.items() if "outcomes" in name} == {
        "dead: outcomes": "failure",
        "exact: outcomes": "system-out",
        "negative: outcomes": "system-out",
        "skipped: outcomes": "skipped",
    }
    document["results"][0]["outcomes"]["error"] = 1
    assert results(junit(document))["sgd:lr=0.5: outcomes"] == "error"
    for requirement in document["requirements"]:
        requirement["advisory"] = True
    assert "requirement" not in {failure.attrib["type"] for failure in junit(document)[0].iter("failure")}


def test_junit_has_a_case_of_its_own_for_each_whatever_they_are_called():
    """GitLab keeps the first of two of one name: a failure must not be the second."""
    labels = ["", "  ", " ", "a", "a ", "a\u200b", "\ufffe", "\uffff", "x", "x (2)"]
    report, verdict = copy.deepcopy(documents()[0]), copy.deepcopy(verdicts()[0])
    report["results"] = [copy.deepcopy(report["results"][0]) | {"optimizer": label} for label in labels]
    entry = report["requirements"][-1]
    report["requirements"] = [
        {**entry, "optimizer": label, "sentence": f"{label} reaches 1e-1", "advisory": advisory}
        for label, advisory in itertools.product([*labels, "alone"], [True, False])
    ]
    cell = next(cell for cell in verdict["cells"] if cell["status"] == "worse")
    verdict["cells"] = [{**cell, "optimizer": label} for label in ["x", *labels]]
    for document, failures in ((report, len(labels) + 1), (verdict, len(labels) + 1)):
        suites = junit(document)  # which asks for names that differ
        assert sum(suite.attrib["name"] == suites[0].attrib["name"] for suite in suites) == 1
        assert [*results(suites).values()].count("failure") == failures
    names = [*results(junit(verdict))]
    assert names[:2] == ["x: steps to 1e-3", ": steps to 1e-3"]
    assert all(re.fullmatch(r": steps to 1e-3~[0-9a-f]{10}", name) for name in names[2:4])
    assert names[-2:] == ["x: steps to 1e-3 (2)", "x (2): steps to 1e-3"]


def test_junit_names_hold_nothing_that_was_measured():
    changed = copy.deepcopy(documents()[0])
    for requirement in changed["requirements"]:
        requirement |= {"met": not requirement["met"], "measured": "something else"}
    assert [*results(junit(changed))] == [*results(junit(documents()[0]))]


def test_junit_of_a_verdict():
    document = copy.deepcopy(verdicts()[0])
    found = junit(document)
    for cell in document["cells"]:
        (tag,) = (tag for name, tag in results(found).items() if name.startswith(f"{cell['optimizer']}: "))
        expected = {"pass": "system-out", "inconclusive": "skipped"}.get(cell["verdict"], "failure")
        assert tag == ("error" if cell["status"] == "error" else expected)
    assert results(junit(verdicts()[1])) == {"verdict": "failure"}
    document["settings"]["inconclusive"] = "fail"
    assert not [*junit(document)[0].iter("skipped")]
    check = next(cell for cell in document["cells"] if cell["status"] == "worse")["checks"][0]
    check["advisory"] = True  # so that it is not why the cell fails
    found = {name: tag for name, tag in results(junit(document)).items() if name.startswith("sgd:lr=0.41")}
    assert found == {"sgd:lr=0.41: gate": "failure", "sgd:lr=0.41: steps to 1e-3": "system-out"}


COMMAND = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)")


def commands(document, **style):
    """Each line as (command, title, message), read as the runner reads it."""

    def decoded(text, codes):
        for code, character in codes.items():
            text = text.replace(code, character)
        return text

    data = {"%0D": "\r", "%0A": "\n"}
    found = []
    for line in written("github", document, **style).splitlines():
        command, title, message = COMMAND.fullmatch(line).groups()
        title = decoded(title, {**data, "%3A": ":", "%2C": ",", "%25": "%"})
        found.append((command, title, decoded(message, {**data, "%25": "%"})))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_github_has_one_command_a_line_and_no_more_of_a_kind_than_are_shown(kind):
    for document in [*samples(kind), *DOCUMENTS[kind]()]:
        found = commands(document)
        for command in ("error", "warning", "notice"):
            assert sum(one[0] == command for one in found) <= 10
        assert not any(re.search(r"[\r\n]", "".join(one)) for one in found)


def test_github_says_what_is_unmet_and_what_diverged_and_that_anything_else_is_advice():
    found = commands(documents()[0])
    unmet = [entry for entry in documents()[0]["requirements"] if not entry["met"]]
    assert [one[2] for one in found if one[0] == "error"] == [
        f"quadratic: {entry['sentence']}: {entry['measured']}" for entry in unmet
    ]
    assert "100% of trials" in found[0][2]
    diverged = [row["optimizer"] for row in documents()[0]["results"] if row["outcomes"]["diverged"]]
    warned = [one[2] for one in found if one[0] == "warning"]
    assert len(warned) == len(diverged) > 0
    assert all(text.startswith(f"{name}: 3 of 3 diverged, ") for text, name in zip(warned, diverged, strict=True))
    advice = copy.deepcopy(documents()[0])
    for entry in advice["requirements"]:
        entry["advisory"] = True
    assert "error" not in [one[0] for one in commands(advice)]


def test_github_shows_the_worst_nine_and_counts_the_rest():
    document = copy.deepcopy(verdicts()[0])
    worse = next(cell for cell in document["cells"] if cell["status"] == "worse")
    changes = [((7 * number) % 40 + 1) / 100 for number in range(40)]
    document["cells"] = []
    for number, change in enumerate(changes):
        cell = copy.deepcopy(worse) | {"optimizer": f"o{number}"}
        cell["checks"][0] |= {"change": change, "sentence": f"worse by {change}"}
        document["cells"].append(cell)
    document["counts"] = {"pass": 0, "fail": 40, "inconclusive": 0}
    errors = [one[2] for one in commands(document) if one[0] == "error"]
    shown = [float(text.rpartition(" ")[2]) for text in errors[:9]]
    assert shown == sorted(changes, reverse=True)[:9]
    assert errors[9:] == ["and 31 more errors"]


def judged(status, verdict="fail", change=None, unit="share", baseline=10.0, advisory=False):
    """A cell of that one check."""
    document = copy.deepcopy(verdicts()[0])
    cell = copy.deepcopy(next(cell for cell in document["cells"] if cell["checks"] and cell["status"] == status))
    (check,) = cell["checks"]
    measured = None if change is None else baseline + change * (1 if unit == "trials" else baseline)
    check |= {"change": change, "unit": unit, "baseline": baseline, "measured": measured, "verdict": verdict}
    return cell | {"verdict": "pass" if advisory else verdict, "checks": [check | {"advisory": advisory}]}


def annotated(cells, **settings):
    """The commands and optimizers of a verdict on these cells, by name."""
    document = copy.deepcopy(verdicts()[0])
    document["cells"] = [cell | {"optimizer": name} for name, cell in cells.items()]
    document["counts"] = {word: sum(cell["verdict"] == word for cell in cells.values()) for word in document["counts"]}
    document["settings"] |= settings
    found = [(command, text.split(": ")[1]) for command, _, text in commands(document) if command != "notice"]
    return {kind: [name for command, name in found if command == kind] for kind in ("error", "warning")}


def test_github_weighs_lost_trials_as_shares_and_what_fails_before_what_is_undecided():
    cells = {
        "advisory": judged("worse", change=9.0, advisory=True),
        "undecided": judged("undecided", "inconclusive", change=5.0),
        "three-of-ten": judged("worse", change=-3.0, unit="trials"),
        "all-of-two": judged("worse", change=-2.0, unit="trials", baseline=2.0),
        "two-diverge": judged("worse", change=2.0, unit="trials", baseline=0.0),
        "190%": judged("worse", change=1.9),
        "40%": judged("worse", change=0.4),
        "20%": judged("worse", change=0.2),
        "untold": judged("null"),
    }
    errors = ["untold", "190%", "all-of-two", "two-diverge", "40%", "three-of-ten", "20%"]
    assert annotated(cells) == {"error": errors, "warning": ["undecided", "advisory"]}
    strictly = annotated(cells, inconclusive="fail")  # the gate fails on it, and so it is an error, and the last
    assert strictly == {"error": [*errors, "undecided"], "warning": ["advisory"]}


def test_nothing_is_an_error_and_no_success():
    skipped = difficult()
    skipped["results"] = skipped["results"][-1:]
    for document in (verdicts()[1], *documents()[1:], skipped):
        assert "error" in [one[0] for one in commands(document)]
        assert set(results(junit(document)).values()) & {"error", "failure"}


def labelled(text):
    """Every sample as (name, labels, value), by prometheus_client; and by the rule of GitLab's own reader."""
    families = [*text_string_to_metric_families(text)]
    samples = [(one.name, one.labels, one.value) for family in families for one in family.samples]
    assert all(family.type == "gauge" for family in families)
    lines = [shlex.split(re.sub(r"#.*$", "", line)) for line in text.splitlines()]
    lines = [words for words in lines if words]
    assert len(lines) == len(samples)
    assert all(len(words) == 2 for words in lines)
    assert len({words[0] for words in lines}) == len(lines)
    assert [float(words[1]) for words in lines] == [value for _, _, value in samples]
    for _, value in lines:
        assert value == "+Inf" or len(re.sub(r"e.*|\D", "", value).strip("0")) <= 4
    return samples


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unicode", [True, False])
def test_openmetrics_is_read_by_both_its_readers(kind, unicode):
    for document in [*samples(kind), *DOCUMENTS[kind]()]:
        text = written("openmetrics", document, unicode=unicode)
        assert text.endswith("# EOF\n")
        read = {labels.get("optimizer") for _, labels, _ in labelled(text)}
        for row in document["cells" if kind == "verdict" else "results"]:
            name = row["optimizer"]
            if name == plain(name, unicode) and not re.search("[# ]", name) and len(name.encode()) <= 1024:
                assert name in read


def test_openmetrics_has_the_numbers_of_the_document_and_no_time():
    document = difficult()
    found = {
        (name, labels.get("optimizer"), labels.get("target")): value
        for name, labels, value in labelled(written("openmetrics", document))
        if "outcome" not in labels
    }
    row = document["results"][0]
    loss = float(f"{row['final_loss']['median']:.4g}")
    assert found["adambench_final_loss", "sgd:lr=0.5", None] == loss
    assert found["adambench_steps_to_target", "sgd:lr=0.5", "1e-1"] == row["targets"][0]["median"]
    assert found["adambench_final_loss", "dead", None] == math.inf
    assert ("adambench_final_loss", "skipped", None) not in found
    assert found["adambench_requirement_met", document["requirements"][-1]["optimizer"], None] == 0
    slower = copy.deepcopy(document)
    for row in slower["results"]:
        row["cost"] = {**row["cost"], "seconds": 9.9, "ns_per_step": 1e9}
    assert written("openmetrics", slower) == written("openmetrics", document)


def test_openmetrics_of_a_verdict():
    found = labelled(written("openmetrics", verdicts()[0]))
    assert {labels["verdict"]: value for name, labels, value in found if name == "adambench_gate_cells"} == {
        "pass": 3,
        "fail": 7,
        "inconclusive": 2,
    }
    passed = {labels["optimizer"]: value for name, labels, value in found if labels.get("metric") == "all"}
    assert passed == {cell["optimizer"]: float(cell["verdict"] == "pass") for cell in verdicts()[0]["cells"]}


@pytest.mark.parametrize("kind", KINDS)
def test_jsonl_gives_the_document_back(kind):
    for document in [*samples(kind), *DOCUMENTS[kind]()]:
        head, *lines = map(strict, written("jsonl", document).splitlines())
        assert head.pop("part") == "document"
        for line in lines:
            rows = head.setdefault(line.pop("part"), [])
            assert line.pop("index") == len(rows)
            rows.append(line)
        assert head == json.loads(json.dumps(document))


def test_csv_of_a_verdict_has_a_row_a_check_and_starts_no_formula():
    for document in samples("verdict"):
        rows = [*csv.DictReader(io.StringIO(written("csv", document)))]
        assert len(rows) == sum(max(len(cell["checks"]), 1) for cell in document["cells"])
        for row in rows:
            assert None not in row
            assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in row.values())
    rows = csv.DictReader(io.StringIO(written("csv", verdicts()[0])))
    (row,) = (row for row in rows if row["status"] == "undecided")
    assert [float(row[key]) for key in ("baseline", "measured", "change", "low", "high")] == [
        1000,
        1125,
        0.125,
        0.1,
        0.15,
    ]
    lost = copy.deepcopy(verdicts()[0])
    next(cell for cell in lost["cells"] if cell["checks"])["checks"][0] |= {"change": -3.0, "unit": "trials"}
    rows = [*csv.DictReader(io.StringIO(written("csv", lost)))]
    assert {row["unit"] for row in rows if not row["metric"]} == {""}
    told = [(row["change"], row["unit"]) for row in rows if row["metric"]]
    assert told[:2] == [("-3.0", "trials"), ("0.125", "share")]


def cells_of(text):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.split("\n") if line.startswith("|")]


def test_markdown_of_a_verdict_keeps_its_columns():
    for document in samples("verdict"):
        assert {len(row) for row in cells_of(written("markdown", document))} == {7}


@pytest.mark.parametrize("name", ["table", "markdown"])
def test_a_verdict_shows_what_changed_counts_the_rest_and_ends_in_a_line(name):
    text = re.sub(r" *\| *|  +", " ", written(name, verdicts()[0], width=200))
    assert "sgd:lr=0.41 fail, worse steps to 1e-3 1000 1125 +12.5% 2%" in text
    assert "sgd:lr=0.11 " not in text
    assert "1 of 12 the same as the baseline" in text
    assert "fail: of 12 cells 7 fail, 2 inconclusive, 3 pass" in text
    assert "a note" in text
    few = copy.deepcopy(verdicts()[0])
    del few["cells"][3:]
    few["counts"] = {"pass": 3, "fail": 0, "inconclusive": 0}
    assert "sgd:lr=0.11 pass, same" in re.sub(r" *\| *|  +", " ", written(name, few | {"verdict": "pass"}))
    assert "fail" in written(name, verdicts()[1])


def test_summary_puts_what_decides_first_and_is_cut_at_whole_sections():
    text = written("summary", documents()[0])
    assert text.index("## Requirements") < text.index("## quadratic")
    big = copy.deepcopy(documents()[0])
    names = [f"problem-{number}" for number in range(150)]
    big["problems"] = [{**big["problems"][0], "name": name} for name in names]
    row = {**big["results"][0], "optimizer": "\u6f22" * 3000}
    big["results"] = [{**row, "problem": name} for name in names]
    text = written("summary", big)
    assert len(text.encode()) < 2**20
    kept = re.findall("^## problem-", text, re.M)
    assert 20 < len(kept) < 150
    assert text.count("\u6f22" * 3000) == 2 * len(kept)
    left = 150 - len(kept)
    assert text.endswith(f"*{left} of {len(kept) + left + 2} sections are left out: a job summary holds 1 MiB*\n")
    assert "## Requirements" in text


PLUGIN = """\
from adambench.render import Format

FORMAT = Format("mine", "nothing", lambda document, style: "nothing\\n")
"""
PROBLEM = "name: bowl\nfunction: sphere\nbudget: 20\noptimizers: [sgd:lr=0.1, sgd:lr=0.2]\n"


@pytest.fixture
def call(tmp_path, monkeypatch, capfd):
    """call(arguments...): exit code, standard output, standard error; in a folder with bowl.yaml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "bowl.yaml").write_text(PROBLEM)

    def call(*arguments):
        code = exit_code(["run", "bowl.yaml", "--no-progress", *arguments])
        return code, *capfd.readouterr()

    return call


def test_exports_are_files_beside_the_result(call, tmp_path):
    names = [name for name in own_names() if not find_format(name).files]
    options = [word for name in names for word in ("--export", f"{name}=out.{name}")]
    code, out, err = call(*options, "--export", "gab=bench.json", "--json")
    assert (code, err) == (0, "")
    document = strict(out)
    made = {path.name: path.read_text() for path in tmp_path.iterdir() if path.name != "bowl.yaml"}
    assert {*made} == {*(f"out.{name}" for name in names), "bench.smaller.json", "bench.bigger.json"}
    for name in names:
        assert made[f"out.{name}"] == written(name, document)
    for part, text in texts(find_format("gab"), document, Style()).items():
        assert made[f"bench.{part}.json"] == text


def test_an_export_may_follow_a_table_on_standard_output(call):
    code, out, _ = call("--export", "github=-")
    assert code == 0
    assert out.startswith("bowl: sphere")
    assert out.splitlines()[-1].startswith("::notice title=adambench::bowl: ")
    code, out, _ = call("--json", "-o", "report.json", "--export", "csv=-")
    assert code == 0
    assert out.startswith("problem,")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--export junit", "expected FORMAT=FILE, as in junit=results.xml, got 'junit'"),
        ("--export junit=", "expected FORMAT=FILE"),
        ("--export =x", "unknown format ''"),
        ("--export junti=x", "unknown format 'junti' (did you mean junit?)"),
        ("--json --export csv=-", "--export csv=-: standard output is taken by --format json: give a file"),
        ("--export csv=- --export github=-", "standard output is taken by another --export"),
        ("--export gab=-", "gab is 2 files: give a file's name instead of -"),
        ("--export csv=a --export json=./a", "./a is written already: give another file"),
        ("-o a --export csv=a", "a is written already"),
        ("--export gab=a.json --export csv=a.bigger.json", "a.bigger.json is written already"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_before_any_work(call, tmp_path, options, said):
    code, out, err = call("--export", "json=first.json", *shlex.split(options))
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bowl.yaml"]


def lying(folder):
    """What lies in the folder: the text of each file."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        *("run bowl.yaml -o bowl.yaml", "run . -o ./bowl.yaml", "run bowl.yaml --export junit=./bowl.yaml"),
        *("run bowl.yaml --plugin mine.py -o mine.py", "run bowl.yaml --plugin mine.py --export csv=mine.py"),
        *("compare bowl.yaml --optimizers sgd -o bowl.yaml", "compare bowl.yaml -o linked.yaml"),
        *("compare --optimizers sgd bowl.yaml --export gab=bowl --export json=bowl.yaml",),
        *("summarize a.json b.json -o b.json", "summarize a.json -f junit -o a.json"),
        *("summarize ./a.json --export json=a.json", "summarize linked.json --export csv=a.json"),
        "gate --live python . --export junit=bowl.yaml",
    ],
)
@pytest.mark.usefixtures("forgetting")
def test_what_is_read_is_never_written_over(call, tmp_path, capfd, words):
    for name in ("a.json", "b.json"):
        assert call("--json", "-o", name)[0] == 0
    (tmp_path / "linked.json").symlink_to("a.json")
    (tmp_path / "mine.py").write_text(PLUGIN)
    if "linked.yaml" in words:
        (tmp_path / "linked.yaml").symlink_to("bowl.yaml")
    before = lying(tmp_path)
    assert exit_code([*words.split(), "--no-progress"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: --(output|export \S+): \S+ is what is read here: give another file\n", err)
    assert lying(tmp_path) == before


def test_a_file_may_be_called_as_a_bundled_problem_is(call, tmp_path, capfd):
    (tmp_path / "rosenbrock-2d").write_text("old")
    words = ["run", "rosenbrock-2d", "--optimizers", "sgd", "--budget", "9", "--no-progress", "-o", "rosenbrock-2d"]
    assert exit_code(words) == 0
    assert (tmp_path / "rosenbrock-2d").read_text().startswith("rosenbrock-2d: ")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("run bowl.yaml", "name: bowl\nfunction: spher\n"),
        ("run hole.yaml", PROBLEM),
        ("compare bowl.yaml --optimizers sgd", "name: bowl\nfunction: spher\n"),
        ("summarize a.json", PROBLEM),
        ("gate a.json --baseline b.json", PROBLEM),
    ],
)
def test_no_export_of_an_earlier_day_outlives_an_error(call, tmp_path, capfd, words, text):
    """A JUnit file that is uploaded whatever happens must not be the last one that was green."""
    (tmp_path / "bowl.yaml").write_text(text)
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").write_text("{}")
    for name in ("old.xml", "bench.smaller.json", "kept.txt", "far.xml"):
        (tmp_path / name).write_text("green")
    (tmp_path / "link.xml").symlink_to("far.xml")
    form = "csv" if words.startswith("gate") else "gab"
    exports = ["--export", "junit=old.xml", "--export", f"{form}=bench.json", "--export", "junit=link.xml"]
    (tmp_path / "bench.json").write_text("green")
    assert exit_code([*words.split(), *exports, "--export", "wrong=", "-o", "kept.txt"]) == 2
    assert {"old.xml", "far.xml", "bench.json", "bench.smaller.json"} <= {*lying(tmp_path)}  # it never began
    assert exit_code([*words.split(), *exports, "-o", "kept.txt"]) == 2
    left = "bench.smaller.json" if form == "csv" else "bench.json"
    assert {*lying(tmp_path)} == {"bowl.yaml", "a.json", "b.json", "kept.txt", left}
    assert (tmp_path / "kept.txt").read_text() == "green"


def test_an_export_replaces_what_a_link_leads_to_and_leaves_a_device_alone(call, tmp_path):
    (tmp_path / "far.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("far.csv")
    assert call("--export", "csv=link.csv", "--export", "junit=/dev/null")[0] == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "far.csv").read_text().startswith("problem,")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("place", ["no/such/folder", "."])
def test_a_bad_place_is_said_before_any_work(call, tmp_path, place):
    code, out, err = call("-o", "result", "--export", "json=first.json", "--export", f"csv={place}")
    assert (code, out) == (5, "")
    assert f"{place} could not be written" in err
    assert [path.name for path in tmp_path.iterdir()] == ["bowl.yaml"]


def test_a_summary_without_a_file_is_added_to_the_one_that_github_names(call, tmp_path, monkeypatch):
    code, _, err = call("--export", "summary")
    assert code == 0
    assert (
        err == "note: GITHUB_STEP_SUMMARY is not set: no summary is written; give a file with --export summary=FILE\n"
    )
    assert call("--export", "summary", "--quiet")[2] == ""
    (tmp_path / "step.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    assert call("--export", "summary")[0] == 0
    text = (tmp_path / "step.md").read_text()
    assert text.startswith("before\n# adambench\n\n## bowl\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "step.md"))
    assert call("--export", "summary")[0] == 5


def test_kinds_of_documents_are_told_apart_by_their_schema():
    assert [kind_of(DOCUMENTS[kind]()[0]) for kind in KINDS] == [*KINDS]
    assert kind_of({"problems": [], "results": []}) == "report"


def test_what_is_counted_changes_by_trials_and_what_is_measured_by_shares():
    document = copy.deepcopy(verdicts()[0])
    check = next(cell for cell in document["cells"] if cell["status"] == "worse")["checks"][0]
    counted = {"unit": "trials", "baseline": 3.0, "measured": 1.0, "change": -2.0, "allowed": 1.0}
    check |= {"metric": "reached 1e-3", **counted}
    text = re.sub(" +", " ", written("table", document, width=200))
    assert "fail, worse reached 1e-3 3 1 -2 trials 1 trial\n" in text
    assert "fail, missing steps to 1e-3 1000 1125 +12.5% 2%\n" in text


def test_the_readme_has_a_row_for_each_format():
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    table = readme.partition("| format | of |")[2].partition("\n\n")[0]
    rows = [line.split(" | ", 2) for line in table.splitlines()[2:]]
    shown = {name: kinds for names, kinds, _ in rows for name in re.findall(r"`([\w-]+)`", names)}
    whole = {("report", "verdict"): "both", ("report",): "report"}
    assert shown == {name: whole[find_format(name).documents] for name in own_names()}

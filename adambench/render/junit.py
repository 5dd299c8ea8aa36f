"""JUnit XML, to the letter of Jenkins' junit-10.xsd (jenkinsci/xunit-plugin), which GitLab and others read too.

A suite is a problem. Names of test cases hold nothing measured, so that they stay from run to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any
from xml.etree import ElementTree

from adambench.analysis.denominator import counted_in
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.column import outcomes_text
from adambench.render.parts.name import distinct
from adambench.render.parts.plain import plain
from adambench.render.parts.sentence import not_asked, stops
from adambench.render.parts.verdict import cases

UNNAMED = "\ufffe\uffff"
FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff{UNNAMED}]")
"""What XML 1.0 has no way to write; of what is printable only UNNAMED."""


@dataclass(frozen=True)
class Case:
    """A test case: `result` is "", "failure", "error" or "skipped", `said` its message, `type` a word for it.

    No two may share suite and name: GitLab drops the second (lib/gitlab/ci/parsers/test/junit.rb).
    """

    suite: str
    name: str
    result: str = ""
    type: str = ""
    said: str = ""
    seconds: float = 0.0


def render(document: Document, style: Style) -> str:
    """One case a requirement, else one an optimizer: its outcomes; of a verdict, one a check. Messages are repeated in
    the element's text: some readers show only that."""
    found = list(_told_apart((_report if kind_of(document) == "report" else _verdict)(document)))
    root = ElementTree.Element("testsuites", {"name": "adambench", **_totals(found)})
    for name in dict.fromkeys(case.suite for case in found):
        inside = [case for case in found if case.suite == name]
        skipped = str(sum(case.result == "skipped" for case in inside))
        attributes = {"name": name, **_totals(inside), "skipped": skipped}
        suite = ElementTree.SubElement(root, "testsuite", attributes)
        properties = ElementTree.SubElement(suite, "properties")
        version = _text(document.get("adambench", ""))
        ElementTree.SubElement(properties, "property", name="adambench.version", value=version)
        for case in inside:
            _add(suite, case)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    text = body if style.unicode else body.encode("ascii", "xmlcharrefreplace").decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add(suite: ElementTree.Element, case: Case) -> None:
    attributes = {"classname": case.suite, "name": case.name, "time": f"{case.seconds:.3f}"}
    element = ElementTree.SubElement(suite, "testcase", attributes)
    if case.result:
        said = _text(case.said)
        ElementTree.SubElement(element, case.result, type=case.type, message=said).text = said
    elif case.said:
        ElementTree.SubElement(element, "system-out").text = _text(case.said)


def _told_apart(found: Iterable[Case]) -> Iterator[Case]:
    """Names made safe, with a digest where that changed them, and a number where they repeat: twice the same was asked,
    or of labels that run into what follows them."""
    seen: set[tuple[str, str]] = set()
    for case in found:
        suite, name = distinct(case.suite, UNNAMED), distinct(case.name, UNNAMED)
        numbered = (f"{name} ({number})" for number in count(2))
        unused = next(one for one in chain([name], numbered) if (suite, one) not in seen)
        seen.add((suite, unused))
        yield replace(case, suite=suite, name=unused)


def _totals(found: list[Case]) -> dict[str, str]:
    return {
        "tests": str(len(found)),
        "failures": str(sum(case.result == "failure" for case in found)),
        "errors": str(sum(case.result == "error" for case in found)),
        "time": f"{sum(case.seconds for case in found):.3f}",
    }


def _report(document: Document) -> Iterator[Case]:
    if not any(counted_in(row) for row in document["results"]):
        yield Case("adambench", "measured", "error", "empty", "nothing was measured")
    required = document.get("requirements", ())
    for row in document["results"]:
        mine = [r for r in required if (r["problem"], r["optimizer"]) == (row["problem"], row["optimizer"])]
        seconds = row["cost"]["seconds"] or 0.0
        if not mine or row["outcomes"]["error"]:
            yield _outcome(row, seconds)
            seconds = 0.0
        for found in mine:
            yield _requirement(found, seconds)
            seconds = 0.0
    for name in document.get("held_to_nothing", ()):
        result = "skipped" if "comparison" in document else "failure"
        yield Case(name, "requirements", result, "requirement", not_asked(document))
    ran = {(row["problem"], row["optimizer"]) for row in document["results"]}
    yield from (_requirement(found, 0.0) for found in required if (found["problem"], found["optimizer"]) not in ran)


def _outcome(row: Mapping[str, Any], seconds: float) -> Case:
    outcomes = row["outcomes"]
    result, word = "", ""
    if outcomes["error"]:
        result, word = "error", "error"
    elif not counted_in(row):
        result, word = "skipped", "skipped"
    elif outcomes["diverged"]:
        result, word = "failure", "diverged"
    said = "; ".join([outcomes_text(row), *stops(row)])
    return Case(row["problem"], f"{row['optimizer']}: outcomes", result, word, said, seconds)


def _requirement(found: Mapping[str, Any], seconds: float) -> Case:
    asked, advisory = found["sentence"], found["advisory"]
    name = asked if found["optimizer"] in asked else f"{found['optimizer']}: {asked}"
    if found["met"] or advisory:
        said = found["measured"] if found["met"] else f"advisory, and unmet: {found['measured']}"
        return Case(found["problem"], name, said=said, seconds=seconds)
    said = f"{asked}: {found['measured']}"
    return Case(found["problem"], name, "failure", "requirement", said, seconds)


def _verdict(document: Document) -> Iterator[Case]:
    failing = False
    for cell in document["cells"]:
        for name, part in cases(cell):
            result = _judged(part, document)
            failing = failing or bool(result)
            yield Case(cell["problem"], f"{cell['optimizer']}: {name}", result, part["status"], part["sentence"])
    if document["verdict"] != "pass" and not failing:
        whole = {"verdict": document["verdict"], "status": "empty", "advisory": False}
        said = "; ".join([document["verdict"], *document["notes"]])
        yield Case("gate", "verdict", _judged(whole, document), "gate", said)


def _judged(part: Mapping[str, Any], document: Document) -> str:
    """What is inconclusive neither passed nor failed: skipped, unless the gate was told to fail on it."""
    if part["verdict"] == "pass" or part.get("advisory"):
        return ""
    if part["verdict"] == "fail" or document["settings"]["inconclusive"] == "fail":
        return "error" if part["status"] == "error" else "failure"
    return "skipped"


def _text(value: object) -> str:
    return FORBIDDEN.sub("", plain(value))


FORMAT = Format("junit", "JUnit XML: a suite a problem, a case a requirement or check", render, ("report", "verdict"))

"""OpenMetrics text (1.0), which GitLab's metrics report reads too.

GitLab compares values as text, so they have four significant digits, and times, which never stay, are left out. Its
parser takes `#` for a comment anywhere and splits lines as a shell does (ee/lib/gitlab/ci/parsers/metrics/generic.rb):
labels have neither `#` nor blanks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from adambench.analysis.denominator import counted_in
from adambench.analysis.target import target_text
from adambench.render import Document, Format, Style, kind_of
from adambench.render.parts.name import distinct
from adambench.render.parts.plain import plain

Sample = tuple[str, dict[str, str], float | None]
UNSAFE = "# "
HELP = {
    "steps_to_target": "Median steps to the target; infinite where less than half of the trials reach it.",
    "expected_runtime": "Steps of all trials over the number that reach the target.",
    "success_ratio": "Trials that reach the target, of those that count.",
    "final_loss": "Median final loss; infinite where it diverged.",
    "trials": "Trials by outcome.",
    "requirement_met": "1 where the requirement holds.",
    "gate_cells": "Pairs of a problem and an optimizer by verdict.",
    "gate_passed": "1 where the check passed.",
    "gate_measured": "What was measured.",
    "gate_baseline": "What it is held against.",
}
"""The families, in their order; all are gauges."""


def render(document: Document, style: Style) -> str:
    """One gauge family after another; infinite is +Inf, what is unknown is left out."""
    samples = list((_report if kind_of(document) == "report" else _verdict)(document))
    lines = []
    for family, words in HELP.items():
        found = dict.fromkeys(
            f"adambench_{family}{_labels(labels, style)} {_number(value)}"
            for name, labels, value in samples
            if name == family and value is not None
        )
        if found:
            lines += [f"# TYPE adambench_{family} gauge", f"# HELP adambench_{family} {words}", *found]
    return "".join(f"{line}\n" for line in [*lines, "# EOF"])


def _report(document: Document) -> Iterable[Sample]:
    for row in document["results"]:
        who = {"problem": row["problem"], "optimizer": row["optimizer"]}
        for outcome, count in row["outcomes"].items():
            yield "trials", {**who, "outcome": outcome}, count
        if not counted_in(row):
            continue
        yield "final_loss", who, _known(row["final_loss"]["median"])
        for target in row["targets"]:
            at = {**who, "target": _word(target_text(target))}
            yield "steps_to_target", at, _known(target["median"])
            yield "expected_runtime", at, _known(target["ert"])
            yield "success_ratio", at, target["reached"] / target["trials"] if target["trials"] else None
    seen: Counter[tuple[str, str]] = Counter()
    for found in document.get("requirements", ()):
        whose = found["problem"], found["optimizer"]
        seen[whose] += 1
        labels = {"problem": whose[0], "optimizer": whose[1], "number": str(seen[whose])}
        yield "requirement_met", labels, float(found["met"])


def _verdict(document: Document) -> Iterable[Sample]:
    for verdict, count in document["counts"].items():
        yield "gate_cells", {"verdict": verdict}, count
    for cell in document["cells"]:
        who = {"problem": cell["problem"], "optimizer": cell["optimizer"]}
        yield "gate_passed", {**who, "metric": "all"}, float(cell["verdict"] == "pass")
        for check in cell["checks"]:
            if check["advisory"]:
                continue  # a time
            on = {**who, "metric": _word(check["metric"])}
            yield "gate_passed", on, float(check["verdict"] == "pass")
            yield "gate_measured", on, check["measured"]
            yield "gate_baseline", on, check["baseline"]


def _word(text: str) -> str:
    """Of a text of ours, in which no underscore stands."""
    return text.replace(" ", "_")


def _known(value: float | None) -> float:
    """Of a row that counts: what is null there is infinite."""
    return math.inf if value is None else value


def _number(value: float) -> str:
    return "+Inf" if value == math.inf else f"{value:.4g}"


def _labels(labels: Mapping[str, str], style: Style) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value, style)}"' for name, value in labels.items()) + "}"


def _escaped(text: str, style: Style) -> str:
    safe = plain(distinct(str(text), UNSAFE), style.unicode)
    return safe.replace("\\", "\\\\").replace('"', '\\"')


FORMAT = Format("openmetrics", "gauges, also for GitLab's metrics report", render, ("report", "verdict"))

"""Several reports in one: their seeds, optimizers and problems together, where they are of the same things."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adambench.analysis.agreement import Source, agree, name
from adambench.analysis.merged_problem import merged_problem
from adambench.analysis.merged_row import merged_row
from adambench.analysis.merged_tuning import merged_tuning
from adambench.errors import AdambenchError

Row = Mapping[str, Any]
Judge = Callable[[Row, Row, Sequence[Row]], dict[str, Any]]

SETTINGS = ("precision", "stop_at_target")
GOAL = ("goal", "statistic", "max_seeds")


def merge(sources: Sequence[Source], version: str, command: Sequence[str], judge: Judge) -> dict[str, Any]:
    """A report of all rows of one or more, without what `derived.derive` adds.

    version  of what merges; `command` is what was called to do so
    judge    of a problem, an entry of `requirements` and all rows: that entry, judged by them

    problems, results   see `merged_problem` and `merged_row`: in the order of the sources
    tuning              see `merged_tuning`
    requirements        all that any report was asked for, judged by the merged rows
    held_to_nothing     what any report says so of, where no requirement that counts was judged now
    adaptive_seeds      of the problems that one report measured, where all that have it had the same goal
    environment         as all reports have it; where they differ, all texts in one ("2.3.1, 2.4.0"), and jobs null
    adambench, settings.timeout   as all reports have them; where they differ, `version` and null
    timing              added up
    interrupted         where any was
    merged              with two or more sources: {"reports": places, "differences": [{"key", "values": one for each
                        report that has it}]}

    One report, merged, is itself, its statistics computed anew. The order of the sources changes the order of problems,
    of rows and of what is listed by report, and no number. AdambenchError where two reports differ in what makes their
    rows comparable: precision, what a problem is and was run on, what a seed came to, what plug-ins are. It names the
    difference, both reports and both values.
    """
    differences: list[dict[str, Any]] = []

    def common(key: str, values: Sequence[Any], otherwise: Any = None) -> Any:
        """What all reports have, else noted."""
        if all(value == values[0] for value in values):
            return values[0]
        differences.append({"key": key, "values": [*values]})
        return otherwise

    reports = [source.report for source in sources]
    settings = {key: agree(f"settings.{key}", _each(sources, "settings", key)) for key in SETTINGS}
    problems, results, united = _rows(sources)
    document: dict[str, Any] = {
        "schema": reports[0]["schema"],
        "adambench": common("adambench", [report["adambench"] for report in reports], version),
        "command": [*command],
        "environment": {
            key: common(
                f"environment.{key}", values := [report["environment"].get(key) for report in reports], _all_of(values)
            )
            for key in dict.fromkeys(key for report in reports for key in report["environment"])
            if key != "plugins"
        },
        "settings": settings,
        "problems": problems,
        "results": results,
        "timing": _added([report["timing"] for report in reports]),
    }
    if plugins := _plugins(sources):
        document["environment"]["plugins"] = plugins
    timeouts = _each(sources, "settings", "timeout")
    if any(row["outcomes"]["timeout"] for row in results):
        agree("settings.timeout", timeouts, "trials ran out of it, so measure again with one --timeout")
    document["settings"]["timeout"] = common("settings.timeout", [value for _, value in timeouts])
    if requirements := _requirements(reports, problems, results, judge):
        document["requirements"] = requirements
    if not_asked := common("requirements_not_asked", [report.get("requirements_not_asked") for report in reports]):
        document["requirements_not_asked"] = not_asked
    if unheld := _held_to_nothing(reports, problems, requirements):
        document["held_to_nothing"] = unheld
    if tuning := merged_tuning(sources, results, united):
        document["tuning"] = tuning
    goals = [_goal(report) for report in reports]
    if any(goals) and common("adaptive_seeds", [goal for goal in goals if goal]):
        document["adaptive_seeds"] = _adaptive_seeds(reports)
    if any(report.get("interrupted") for report in reports):
        document["interrupted"] = True
    if len(sources) > 1:
        document["merged"] = {"reports": [source.place for source in sources], "differences": differences}
    return document


def _all_of(values: Sequence[Any]) -> str | None:
    """Texts, one after another in alphabetical order; None where one is none."""
    return ", ".join(sorted(set(values))) if all(isinstance(value, str) for value in values) else None


def _each(sources: Sequence[Source], part: str, key: str) -> list[tuple[str, Any]]:
    return [(source.place, source.report[part].get(key)) for source in sources]


def _rows(sources: Sequence[Source]) -> tuple[list[Row], list[Row], set[tuple[str, str]]]:
    """problems, results, and the (problem, optimizer) of which several rows were put together."""
    entries: dict[str, list[tuple[str, Row]]] = {}
    rows: dict[str, dict[str, list[tuple[str, Row]]]] = {}
    for source in sources:
        own = set()
        for entry in source.report["problems"]:
            own.add(entry["name"])
            entries.setdefault(entry["name"], []).append((source.place, entry))
            rows.setdefault(entry["name"], {})
        for row in source.report["results"]:
            if row["problem"] not in own:
                raise AdambenchError(
                    f"{source.place}: a row of results is of {name(row['problem'])}, which is not among its problems"
                )
            rows[row["problem"]].setdefault(row["optimizer"], []).append((source.place, row))
    problems: list[Row] = []
    results: list[Row] = []
    united: set[tuple[str, str]] = set()
    for title, found in entries.items():
        terms = merged_problem(found, [])  # before its rows, so that what differs is said of the problem
        merged = [merged_row(terms, same) for same in rows[title].values()]
        problems.append(merged_problem(found, merged))
        results += merged
        united |= {(title, label) for label, same in rows[title].items() if len(same) > 1}
    return problems, results, united


def _plugins(sources: Sequence[Source]) -> list[Row]:
    """Those of any report: under one name, the same."""
    found: dict[str, tuple[str, Row]] = {}
    for source in sources:
        for plugin in source.report["environment"].get("plugins", ()):
            known = found.setdefault(plugin["name"], (source.place, plugin))
            what = f"the sha256 of plug-in {name(plugin['name'])}"
            agree(what, [(known[0], known[1]["sha256"]), (source.place, plugin["sha256"])], "measure again with one")
    return [plugin for _, plugin in found.values()]


def _added(timings: Sequence[Row]) -> dict[str, float | None]:
    """Null where one of them is not known; tuning_seconds only where something was tuned."""
    total: dict[str, float | None] = {}
    for key in dict.fromkeys(key for timing in timings for key in timing):
        values = [timing[key] for timing in timings if key in timing]
        total[key] = None if None in values else math.fsum(values)
    return total


def _requirements(
    reports: Sequence[Row], problems: Sequence[Row], results: Sequence[Row], judge: Judge
) -> list[dict[str, Any]]:
    terms = {problem["name"]: problem for problem in problems}
    asked = [entry for report in reports for entry in report.get("requirements", ()) if entry["problem"] in terms]
    judged = [judge(terms[entry["problem"]], entry, results) for entry in asked]
    return [*{json.dumps(entry, sort_keys=True): entry for entry in judged}.values()]


def _held_to_nothing(reports: Sequence[Row], problems: Sequence[Row], requirements: Sequence[Row]) -> list[str]:
    said = {title for report in reports for title in report.get("held_to_nothing", ())}
    held = {entry["problem"] for entry in requirements if not entry["advisory"]}
    return [problem["name"] for problem in problems if problem["name"] in said - held]


def _goal(report: Row) -> dict[str, Any] | None:
    adaptive = report.get("adaptive_seeds")
    return None if adaptive is None else {key: adaptive[key] for key in GOAL}


def _adaptive_seeds(reports: Sequence[Row]) -> dict[str, Any]:
    """Without the problems that several reports measured: nothing was decided about their seeds together."""
    times = Counter(problem["name"] for report in reports for problem in report["problems"])
    found = [report["adaptive_seeds"] for report in reports if report.get("adaptive_seeds") is not None]
    problems = [entry for one in found for entry in one["problems"] if times[entry["problem"]] == 1]
    return {**found[0], "problems": problems}

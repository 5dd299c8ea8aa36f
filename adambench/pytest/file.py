"""Problem files as pytest collects them: file, problem, optimizer, requirement."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adambench.pytest import ADVISORY
from adambench.pytest.asked import title
from adambench.pytest.memory import Memory

if TYPE_CHECKING:
    from adambench.problem import Problem, Requirement


RUNS = "runs"
"""The item of an optimizer of which only advisory entries ask something; without any, it is called as the optimizer."""


class ProblemFile(pytest.File):
    """A file of the problem, or of the sweep of problems, that it describes. What is wrong in it is said here."""

    def collect(self) -> Iterator[pytest.Collector]:
        from adambench.errors import AdambenchError
        from adambench.problem import read_all, read_text
        from adambench.render.parts.plain import unheeded

        here = self.config.invocation_params.dir
        shown = str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)
        try:
            problems = read_all(read_text(self.path), shown, self.path.parent, str(self.path))
        except AdambenchError as error:
            raise self.CollectError(unheeded(str(error))) from None
        self.nodes = [ProblemNode.from_parent(self, name=problem.name, problem=problem) for problem in problems]
        yield from self.nodes


class ProblemNode(pytest.Collector):
    """A problem, and what has been measured of it: by an optimizer's label, the report of its run or its error."""

    def __init__(self, problem: Problem, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem
        self.measured: dict[str, Any] = {}
        if self.config.pluginmanager.hasplugin("xdist"):
            self.add_marker(pytest.mark.xdist_group(self.nodeid))

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        required = {asked.asked["optimizer"] for asked in self.problem.require}
        for entrant in self.problem.optimizers:
            if entrant.label in required:
                yield OptimizerNode.from_parent(self, name=entrant.label)
            else:
                yield Cell.from_parent(self, name=entrant.label, optimizer=entrant.label, node=self)

    def report(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """The report of these optimizers, run where they have not been yet. Raises AdambenchError."""
        from adambench.api import run
        from adambench.errors import AdambenchError
        from adambench.pool import cores

        # Where targets refer to the best loss of the run, rows depend on their company: it is the file's.
        problem, alone = self.problem, self.problem.optimum is not None or self.problem.solve
        together = not alone and any(target.kind == "relative" for target in problem.targets)
        jobs = max(1, cores() // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
        for label in labels:
            if label not in self.measured:
                company = [entrant for entrant in problem.optimizers if together or entrant.label == label]
                found: dict[str, Any] | AdambenchError
                try:
                    found = run(problem, optimizers=company, jobs=jobs).document
                except AdambenchError as error:
                    found = error
                self.measured |= {entrant.label: found for entrant in company}
        documents = [self.measured[label] for label in labels]
        for document in documents:
            if isinstance(document, AdambenchError):
                raise document
        rows = [row for label in labels for row in self.measured[label]["results"] if row["optimizer"] == label]
        return {**documents[0], "results": rows}

    def measures_something(self) -> bool:
        """Whether a trial of some optimizer counts, on this problem or else on another of the file. Runs what has not
        been run yet."""
        from adambench.analysis.denominator import counted_in
        from adambench.errors import AdambenchError

        file = self.parent
        assert isinstance(file, ProblemFile)
        for node in (self, *file.nodes):
            for entrant in node.problem.optimizers:
                with suppress(AdambenchError):
                    if any(map(counted_in, node.report((entrant.label,))["results"])):
                        return True
        return False


class OptimizerNode(pytest.Collector):
    """One optimizer of a problem: what is required of it; and that it runs, where nothing of that counts."""

    def collect(self) -> Iterator[pytest.Item]:
        node = self.parent
        assert isinstance(node, ProblemNode)
        names: list[str] = []
        required = [asked for asked in node.problem.require if asked.asked["optimizer"] == self.name]
        for asked in required:
            name = title(asked)
            names.append(name)
            name += f" ({names.count(name)})" if name in names[:-1] else ""
            yield Cell.from_parent(self, name=name, optimizer=self.name, node=node, asked=asked)
        if all(asked.asked["advisory"] for asked in required):
            yield Cell.from_parent(self, name=RUNS, optimizer=self.name, node=node)


class Cell(pytest.Item):
    """An optimizer on a problem: one requirement, or that it ran at all."""

    def __init__(self, optimizer: str, node: ProblemNode, asked: Requirement | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.optimizer, self.node, self.asked = optimizer, node, asked
        self.add_marker(pytest.mark.adambench(problem=node.name, optimizer=optimizer))
        # `-k adam` is in "adambench", and so in every file's name: `-k ::adam:` is not.
        self.extra_keyword_matches.add(f"::{node.name}::{optimizer}::")

    def reportinfo(self) -> tuple[Path, int, str]:
        line = self.asked.line if self.asked else self.node.problem.lines.get("optimizers", 1)
        return self.path, line - 1, ": ".join(dict.fromkeys((self.node.name, self.optimizer, self.name)))

    def runtest(self) -> None:
        from adambench.analysis.denominator import counted_in
        from adambench.complaint import complaint, error, trouble
        from adambench.errors import AdambenchError
        from adambench.problem.requirement import check
        from adambench.render.parts.plain import unheeded
        from adambench.render.parts.sentence import requirement

        problem, label = self.node.name, self.optimizer
        try:
            document = self.node.report((label, *(self.asked.others if self.asked else ())))
        except AdambenchError as fault:
            pytest.fail(unheeded(str(fault)), pytrace=False)
        row = next(row for row in document["results"] if row["optimizer"] == label)
        memory, entry = Memory(self), None
        if self.asked is not None:
            entry = check(self.node.problem, self.asked, document["results"])
        counts = entry is not None and not entry["advisory"]
        if not counts and row["outcomes"]["skipped"] == row["trials"] and self.node.measures_something():
            pytest.skip(trouble(row))
        unmet = [entry] if entry is not None and not entry["met"] else []
        # What counts is unmet where nothing was measured; what is advisory would say nothing there.
        good = not trouble(row) if entry is None else not error(row) and (counts or counted_in(row) > 0)
        if unmet and not counts:
            self.user_properties.append((ADVISORY, requirement(unmet[0])))
            unmet = []
        if unmet or not good:
            known = memory.compared(document, problem, label)
            pytest.fail(complaint(document, problem, label, unmet, known), pytrace=False)
        memory.keep(document, problem, label)

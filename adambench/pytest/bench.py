"""The fixture."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from adambench.pytest.memory import Memory

if TYPE_CHECKING:
    from adambench.report import Report


class Bench:
    """What the fixture `adambench` is: call it to run problems, and `check` what came out.

        def test_adam_still_gets_there(adambench):
            report = adambench("problem.yaml", optimizers="adam", seeds=5)  # beside the test's file
            adambench.check(report)  # what the file requires; or that all ran, and did not all diverge

    Anything else that it is asked for (`adambench.load`, `adambench.stepper`) is the module's of this name, which the
    argument of the test hides.
    """

    def __init__(self, node: pytest.Item) -> None:
        self.node = node

    def __call__(self, problems: Any, **options: Any) -> Report:
        """adambench.run, its problems being files or folders beside the test's file, or else what they are for it."""
        from adambench.api import run
        from adambench.problem import Problem

        __tracebackhide__ = True
        given = [problems] if isinstance(problems, (str, os.PathLike, Problem)) else [*problems]
        return run([self._found(problem) for problem in given], **options)

    def check(self, report: Any, **options: Any) -> Report:
        """Fail the test, with rows of the table, where a requirement of the report is unmet (an advisory one is not
        asked) or a problem has some that count and none was asked, where a trial ended in error, and where a row of
        which nothing that counts is required all diverged or was not measured. Anything but a report is run first, with
        the options. Returns the report."""
        from adambench.complaint import complaint, error, trouble
        from adambench.render.parts.sentence import not_asked
        from adambench.report import Report

        __tracebackhide__ = True
        found: Report = report if isinstance(report, Report) else self(report, **options)
        document, memory, said = found.document, Memory(self.node), []
        entries = document.get("requirements", ())
        cells = dict.fromkeys((one["problem"], one["optimizer"]) for one in (*document["results"], *entries))
        for problem, optimizer in cells:
            asked = [one for one in entries if (one["problem"], one["optimizer"]) == (problem, optimizer)]
            counting = [one for one in asked if not one["advisory"]]
            unmet = [one for one in counting if not one["met"]]
            rows = [r for r in document["results"] if (r["problem"], r["optimizer"]) == (problem, optimizer)]
            if unmet or any(error(row) if counting else trouble(row) for row in rows):
                known = memory.compared(document, problem, optimizer)
                said.append(complaint(document, problem, optimizer, unmet, known))
            elif rows:
                memory.keep(document, problem, optimizer)
        if document.get("held_to_nothing"):
            said.append(not_asked(document))
        if said or not cells:
            pytest.fail("\n\n".join(said) or "nothing was measured: the report has no row", pytrace=False)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("adambench"), name)

    def _found(self, problem: Any) -> Any:
        """The file beside the test's, where there is one."""
        beside = self.node.path.parent / problem if isinstance(problem, (str, os.PathLike)) else None
        return beside if beside is not None and beside.exists() else problem

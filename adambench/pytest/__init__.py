"""The pytest plug-in: problem files `*.adambench.yaml` are tests, and tests have a fixture `adambench`.

A file's items are its problems x optimizers x requirements. An optimizer is run once, for all the items that it has in
a worker; with xdist the items of a problem go together under `--dist loadgroup` (or loadfile), and results are the same
to the bit however they are spread. An item fails where its requirement is unmet (an advisory one is only told of), or
where a trial ended in error. An optimizer of which no entry that counts asks anything has an item that asks that it
runs, which fails where a trial ended in error or all diverged. That item, and those of advisory entries, are skipped
where the optimizer cannot run on the problem at all; but fail where no other row of the file was measured either.

A failure shows the row of the table, and where its median loss first differs from that of a known run: of the report
that --adambench-baseline names, or else of the last run that passed, from pytest's own cache.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# pytest imports this file whatever it is used for: everything else waits until there is a problem to run.
if TYPE_CHECKING:
    from adambench.pytest.bench import Bench

SUFFIXES = (".adambench.yaml", ".adambench.yml")
BASELINE = "adambench_baseline"
ADVISORY = "adambench.advisory"
"""The user property of a report that says which advisory requirement is unmet."""


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "saved report of adambench (--json): failures name the first step at which a run differs from it"
    parser.getgroup("adambench").addoption("--adambench-baseline", metavar="FILE", help=said)
    parser.addini(BASELINE, f"{said}; from the folder of this file")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "adambench(problem, optimizer): a problem file's item, such as -m \"adambench(optimizer='adam:lr=0.01')\"",
    )
    place = baseline(config)
    if place is not None:
        check_baseline(place)


def baseline(config: pytest.Config) -> Path | None:
    """The report to compare failures with: the option's, from where pytest was called, or else the ini file's."""
    if asked := config.getoption(BASELINE):
        return Path(config.invocation_params.dir, asked)
    written = config.getini(BASELINE)
    return Path((config.inipath or config.rootpath / "ini").parent, written) if written else None


def check_baseline(place: Path) -> None:
    """Read it before there is a failure to explain. Raises UsageError where it is no report."""
    from adambench.errors import AdambenchError
    from adambench.pytest.memory import saved

    expected = "--adambench-baseline: expected a report saved with --json"
    if not place.is_file():
        raise pytest.UsageError(f"{expected}, got no file at {place}")
    try:
        saved(place)
    except AdambenchError as error:
        raise pytest.UsageError(f"{expected}: {error}") from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(SUFFIXES):
        return None
    from adambench.pytest.file import ProblemFile

    return ProblemFile.from_parent(parent, path=file_path)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Advisory requirements that are unmet: their items have passed."""
    reports = terminalreporter.stats.get("passed", ())
    said = [text for report in reports for name, text in report.user_properties if name == ADVISORY]
    if said:
        terminalreporter.section("adambench: unmet, advisory")
        for text in said:
            terminalreporter.line(text)


@pytest.fixture
def adambench(request: pytest.FixtureRequest) -> Bench:
    """Run problems and check what is required: `adambench.check(adambench("problem.yaml", optimizers="adam"))`."""
    from adambench.pytest.bench import Bench

    return Bench(request.node)

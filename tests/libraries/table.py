"""The README's table of what agrees with what: `cd tests && python -m libraries.table`, with the extra `peers`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.metadata import version

from adambench.configuration import parse
from adambench.problem import read
from libraries.case import Case
from libraries.trajectory import all_cases, deviation, problems_of

Key = tuple[str, str, str, float]


def key_of(case: Case) -> Key:
    """(optimizer, dialect, library, tolerance)"""
    (c,) = parse(case.text)
    return c.optimizer.name, c.dialect.name, case.library, case.tolerance


def row(key: Key, *figures: object) -> str:
    """A line of the table, without the figures: those depend on the machine's last bits."""
    name, dialect, library, tolerance = key
    return f"| {name} | {dialect} | {library} | " + "".join(f"{f} | " for f in figures) + f"{tolerance:.0e} |"


def lines() -> Iterator[str]:
    """One row an optimizer, dialect and library: how many settings, and the largest deviation over 1 + |x|."""
    found: dict[Key, list[float]] = {}
    for case in sorted(all_cases(), key=key_of):
        problems = [read(f"{{name: p, {keys}}}", "p", None) for keys in problems_of(case)]
        with redirect_stdout(sys.stderr):
            found.setdefault(key_of(case), []).append(max(deviation(case, problem).strict for problem in problems))
    yield "| optimizer | dialect | library | settings | to step 100 | allowed |"
    yield "|---|---|---|---|---|---|"
    for key, deviations in found.items():
        yield row(key, len(deviations), f"{max(deviations):.0e}")


if __name__ == "__main__":
    packages = ("torch", "optax", "keras", "pytorch_optimizer", "schedulefree", "prodigyopt", "lion-pytorch")
    print(", ".join(f"{package} {version(package)}" for package in packages) + "\n")
    print("\n".join(lines()))

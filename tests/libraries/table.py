"""The README's table of what agrees with what: `cd tests && python -m libraries.table`, with the extra `peers`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from adambench.configuration import parse
from adambench.problem import read
from libraries.case import Case
from libraries.trajectory import all_cases, deviation, problems_of

Key = tuple[str, str, str]


def key_of(case: Case) -> Key:
    """(optimizer, dialect, library)"""
    (c,) = parse(case.text)
    return c.optimizer.name, c.dialect.name, case.library


def lines() -> Iterator[str]:
    """One row an optimizer, dialect and library: how many settings, and the largest deviation over 1 + |x|."""
    found: dict[Key, list[tuple[float, float]]] = {}
    for case in sorted(all_cases(), key=key_of):
        problems = [read(f"{{name: p, {keys}}}", "p", None) for keys in problems_of(case)]
        apart = [deviation(case, problem) for problem in problems]
        found.setdefault(key_of(case), []).append((max(d.strict for d in apart), case.tolerance))
    yield "| optimizer | dialect | library | settings | to step 100 | allowed |"
    yield "|---|---|---|---|---|---|"
    for (name, dialect, library), pairs in found.items():
        worst, allowed = max(strict for strict, _ in pairs), max(tolerance for _, tolerance in pairs)
        yield f"| {name} | {dialect} | {library} | {len(pairs)} | {worst:.0e} | {allowed:.0e} |"


if __name__ == "__main__":
    packages = ("torch", "optax", "keras", "pytorch_optimizer", "schedulefree", "prodigyopt", "lion-pytorch")
    print(", ".join(f"{package} {version(package)}" for package in packages) + "\n")
    print("\n".join(lines()))

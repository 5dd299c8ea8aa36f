"""Finding problems: a file, a folder, stdin, or a bundled problem or suite by its name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from adambench.errors import AdambenchError, nearest
from adambench.problem.document import LARGEST, Mapping, Scalar, Sequence, decode, tree
from adambench.problem.finding import printable
from adambench.problem.problem import Problem
from adambench.problem.reader import read_all

STDIN = "-"
_SUFFIXES = (".yaml", ".yml")


@cache
def bundled_folder() -> Path:
    """Where the bundled problems lie: in the package when installed, next to it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "problems"
    return installed if installed.is_dir() else package.parent / "problems"


@cache
def bundled_problems() -> dict[str, Path]:
    """The bundled files by their names, in alphabetical order."""
    return {path.stem: path for path in sorted(bundled_folder().glob("*.yaml"))}


@cache
def bundled_suites() -> dict[str, tuple[str, ...]]:
    """The names of the bundled problems of each suite. Reads their `suites:` keys only: no data, no check."""
    suites: dict[str, list[str]] = {}
    for name, path in bundled_problems().items():
        root = tree(read_text(path), [])
        listed = root.get("suites") if isinstance(root, Mapping) else None
        for item in listed.items if isinstance(listed, Sequence) else ():
            if isinstance(item, Scalar) and isinstance(item.value, str):
                suites.setdefault(item.value, []).append(name)
    return {suite: tuple(names) for suite, names in sorted(suites.items())}


def read_text(path: Path) -> str:
    """The text of a problem file. Raises AdambenchError where it cannot be read, ProblemError where it is not text."""
    shown = printable(str(path))
    try:
        with path.open("rb") as stream:
            return decode(stream.read(LARGEST + 1), str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AdambenchError(f"{shown}: cannot be read: {reason}") from None


def load(problem: str | os.PathLike[str]) -> Problem:
    """The one problem that a path or a bundled name means. Raises AdambenchError; for a file's errors, ProblemError."""
    found = load_all([os.fspath(problem)])
    if len(found) != 1:
        raise AdambenchError(f"{os.fspath(problem)}: expected one problem, got {len(found)}")
    return found[0]


def load_all(arguments: Iterable[str], stdin: Callable[[], bytes] | None = None) -> list[Problem]:
    """The problems that the arguments mean, in order, each file once.

    An argument is `-` (stdin), a file, a folder (all its YAML files), or the name of a bundled problem or suite.
    `stdin` reads at least 1 MiB and 1 byte of it, if there is as much. Raises one AdambenchError with what is wrong in
    any of them.
    """
    places = list(dict.fromkeys(place for argument in arguments for place in resolve(argument)))
    problems: list[Problem] = []
    origins: list[str] = []
    errors: list[AdambenchError] = []
    for place in places:
        try:
            found = _load(place, stdin or _read_stdin)
            problems += found
            origins += [str(place or "stdin")] * len(found)
        except AdambenchError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise AdambenchError("\n\n".join(map(str, errors)))
    files: dict[str, str] = {}
    for problem, origin in zip(problems, origins, strict=True):
        if problem.name in files:
            raise AdambenchError(f"two problems are called {problem.name}: in {files[problem.name]} and in {origin}")
        files[problem.name] = origin
    return problems


def resolve(argument: str) -> list[Path | None]:
    """The files that one argument means; None is stdin.

    A folder, and what looks like a path (it has a separator, or ends in .yaml), is a path; anything else is the name of
    a bundled problem, of a suite, or of a file, in this order.
    """
    if argument == STDIN:
        return [None]
    path = Path(argument)
    if os.path.isdir(argument):
        return [*_in_folder(path)]
    problems = bundled_problems()
    separators = {os.sep, os.altsep or os.sep}
    if path.suffix in _SUFFIXES or any(separator in argument for separator in separators):
        if not os.path.exists(argument):
            hint = nearest(path.stem, problems)
            raise AdambenchError(f"{printable(argument)}: no such file{hint}")
        return [path]
    if argument in problems:
        return [problems[argument]]
    suites = bundled_suites()
    if argument in suites:
        return [problems[name] for name in suites[argument]]
    if os.path.exists(argument):
        return [path]
    known = [*suites, *problems]
    raise AdambenchError(
        f"{printable(argument)!r}: no such file, bundled problem or suite{nearest(argument, known)}; "
        "`adambench list problems` names those there are"
    )


def _in_folder(folder: Path) -> list[Path]:
    shown = printable(str(folder))
    try:
        found = sorted(entry for entry in folder.iterdir() if entry.suffix in _SUFFIXES)
    except OSError as error:
        raise AdambenchError(f"{shown}: cannot be read: {error.strerror}") from None
    if not found:
        raise AdambenchError(f"{shown}: expected a folder with problem files (*.yaml), got none in it")
    return found


def _load(place: Path | None, stdin: Callable[[], bytes]) -> list[Problem]:
    if place is None:
        return read_all(decode(stdin(), "<stdin>"), "<stdin>", Path())
    return read_all(read_text(place), str(place), place.parent, str(place))


def _read_stdin() -> bytes:
    return sys.stdin.buffer.read(LARGEST + 1)

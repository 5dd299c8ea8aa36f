"""What a report's recorded command had measured, to measure it again: read as data, by a list of what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from adambench.errors import AdambenchError
from adambench.optimizers import OPTIMIZERS
from adambench.problem.keys import DEFAULT_OPTIMIZERS

KEPT = ("--optimizers", "--seeds", "--budget", "--targets", "--precision")
"""What is measured; each takes a value."""
DROPPED = ("-f", "--format", "-o", "--output", "--export", "-j", "--jobs", "--color", "--reference")
"""How it was shown and where it went: never done again. Each takes a value."""
DROPPED_FLAGS = ("--json", "-q", "--quiet", "--no-progress", "--explain", "--partial", "--nemenyi")
"""The same, without a value."""
INSTEAD = "name the problems on the command line instead"


@dataclass(frozen=True)
class Recorded:
    """The PROBLEMs, and the options of KEPT as OPTION=VALUE."""

    problems: tuple[str, ...]
    options: tuple[str, ...] = ()


def recorded(command: Any, place: str) -> Recorded:
    """What the `command` of the report at `place` had `run` or `compare` measure.

    The command is text from a file, so nothing of it is passed on but what is named in KEPT, problems from files or of
    our own, and our own optimizers. AdambenchError, which names what it is, for everything else: plug-ins, somebody
    else's implementations, tuning, standard input, other limits.
    """
    if not isinstance(command, list) or not all(isinstance(word, str) and word.isprintable() for word in command):
        raise _refused(place, "its command is not a list of words")
    verb, words = (command[0], iter(command[1:])) if command else ("", iter(()))
    if verb not in ("run", "compare"):
        raise _refused(place, f"its command is {verb or 'empty'}, expected run or compare")
    problems: list[str] = []
    options: dict[str, str] = {}
    for word in words:
        if word == "--":
            problems += words
        elif word == "-":
            raise _refused(place, "its problem came from standard input")
        elif not word.startswith("-"):
            problems.append(word)
        elif word not in DROPPED_FLAGS:
            name, value = _option(word, words, place)
            if name in KEPT:
                options[name] = value
    if verb == "compare":
        problems = problems or ["core"]
        options.setdefault("--optimizers", ",".join(DEFAULT_OPTIMIZERS))
    if not problems:
        raise _refused(place, "its command names no problem")
    if "-" in problems:
        raise _refused(place, "its problem came from standard input")
    for problem in problems:
        _check_place(problem, place)
    _check_optimizers(options.get("--optimizers"), place)
    return Recorded(tuple(problems), tuple(f"{name}={value}" for name, value in options.items()))


def _option(word: str, words: Iterator[str], place: str) -> tuple[str, str]:
    """The name and the value of an option of KEPT or DROPPED, its value taken from the next word where it has none."""
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(word) > 2:  # -j2
        name, equals, value = word[:2], "=", word[2:]
    if name not in (*KEPT, *DROPPED):
        raise _refused(place, f"its command has {name}, which is not taken from a file")
    following = value if equals else next(words, None)
    if following is None:
        raise _refused(place, f"its command has {name} without a value")
    return name, following


def _check_place(problem: str, place: str) -> None:
    """A bundled name, or a path that does not leave the current folder."""
    elsewhere = PureWindowsPath(problem).anchor or PurePosixPath(problem).is_absolute()
    if elsewhere or ".." in PureWindowsPath(problem).parts:  # which knows both separators
        raise _refused(place, f"its problem {problem} is outside the current folder")


def _check_optimizers(text: str | None, place: str) -> None:
    """Only names of this package: another may be a plug-in, or be imported from anywhere."""
    own = set(OPTIMIZERS.names())
    for part in [] if text is None else text.split(","):
        name = part.strip().partition(":")[0].partition("@")[0]
        if name and name not in own:
            raise _refused(place, f"its command has the optimizer {name}, which is not adambench's own")


def arguments(what: Recorded | Sequence[str]) -> list[str]:
    """The words behind `adambench`: a run on one thread, as JSON on standard output."""
    found = what if isinstance(what, Recorded) else Recorded(tuple(what))
    return ["run", *found.options, "--json", "--jobs=1", "--no-progress", "--", *found.problems]


def _refused(place: str, why: str) -> AdambenchError:
    return AdambenchError(f"{place} cannot be measured again: {why}; {INSTEAD}")

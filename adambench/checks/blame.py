"""What went wrong in the code of a plug-in, in one sentence with its line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import numpy as np

from adambench.catalog import PLUGINS
from adambench.checks.check import Failed
from adambench.checks.rehearsal import REHEARSALS
from adambench.errors import AdambenchError
from adambench.plugin import frames, located, said

COMPILER = ("numba", "llvmlite")
KERNEL = "adambench.runner.going"
"""Where a run calls them."""
COLOR = re.compile("\x1b\\[[0-9;]*m")
PLACE = re.compile(
    r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)|'
    r"(?:During: typing of .* at|Raised from) (?P<at>\S.*?) \((?P<on>\d+)\)"
)
"""How the compiler names a line: below what it says of it, or behind."""
FRAME = re.compile(
    r"During|[Rr]aised from|File|Overload|Operator Overload|With argument|There are|- Of which|Rejected|No match|"
    r"Failed in nopython|\^|\*"
)
"""How its lines begin that say where it was and what else it tried, and not what is wrong."""


def blamed(error: BaseException) -> str | None:
    """What went wrong in the code of a plug-in, in one sentence with the line; None where it was not there.

    What cannot be compiled is tried in plain Python, whose words are plainer; where that finds nothing wrong, it is
    what the compiler says of the innermost line of the plug-in's that it names.
    """
    files = {plugin.file: plugin.name for plugin in PLUGINS if plugin.file}
    if not files:
        return None
    if isinstance(error, Failed):
        return _mistaken(error, files)
    if found := _in_its_code(error, files):
        return found
    if found := _rehearsed(files):
        return found
    if _compiling(error):
        return _not_compiled(error, files)
    return f"plug-in {_compiled()}: its machine code raised {said(error)}" if _running(error) else None


def _in_its_code(error: BaseException, files: Mapping[str, str]) -> str | None:
    """The innermost line of a plug-in on the way to `error`."""
    place = next(((file, line) for file, line, _ in reversed(frames(error)) if file in files), None)
    return None if place is None else f"plug-in {located(files[place[0]], *place)}: {said(error)}"


def _mistaken(error: Failed, files: Mapping[str, str]) -> str | None:
    """A finding of ours about a function of a plug-in's."""
    code = getattr(error.function, "__code__", None)
    if code is None or code.co_filename not in files:
        return None
    return f"plug-in {located(files[code.co_filename], code.co_filename, code.co_firstlineno)}: {error}"


def _compiling(error: BaseException) -> bool:
    """Whether it comes from the compiler, which lets through some of what Python raises."""
    modules = (type(error).__module__, *(function for *_, function in frames(error)))
    return any(module.partition(".")[0] in COMPILER for module in modules)


def _running(error: BaseException) -> bool:
    """Whether it comes out of a run's kernels: those of our own raise nothing."""
    return [function for *_, function in frames(error)][-1:] == [KERNEL]


def _rehearsed(files: Mapping[str, str]) -> str | None:
    """What plain Python says of all that plug-ins have declared; None where it finds nothing wrong with it."""
    for catalog, rehearse in REHEARSALS:
        for declared in catalog.added.values():
            try:
                with np.errstate(all="ignore"):
                    rehearse(declared)
            except Failed as error:
                return _mistaken(error, files)
            except AdambenchError:
                continue  # of its declaration, which is another matter
            except Exception as error:
                if found := _in_its_code(error, files):
                    return found
    return None


def _not_compiled(error: BaseException, files: Mapping[str, str]) -> str:
    """What the compiler says before it names the first line that is a plug-in's; without one, its first words."""
    text = COLOR.sub("", str(error))
    for found in PLACE.finditer(text):
        file = os.path.realpath(found["file"] or found["at"])
        if file in files:
            place = located(files[file], file, int(found["line"] or found["on"]))
            return f"plug-in {place}: {type(error).__name__}: {_words(text[: found.start()])}"
    return f"plug-in {_compiled()}: it cannot be compiled: {said(error)}"


def _compiled() -> str:
    """The plug-ins of which something is compiled."""
    return " or ".join(dict.fromkeys(place.name for kind, _ in REHEARSALS for place in kind.origins.values()))


def _words(text: str) -> str:
    """The last line of `text` that says what is wrong, with the call or the types that belong to it."""
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line and not FRAME.match(line)]
    if not telling:
        return "it cannot be compiled"
    last = telling[-1]
    if last.startswith(">>>") and len(telling) > 1:
        last = f"{telling[-2].removesuffix(' for signature:')}: {last.removeprefix('>>>').strip()}"
    return re.sub(r"^\w+Error: ", "", last).rstrip(".:")

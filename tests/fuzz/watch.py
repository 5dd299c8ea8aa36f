"""What this process opens, imports, compiles and starts, as Python's own audit events tell it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORBIDDEN = (
    "import",
    "os.",
    "shutil.",
    "socket.",
    "subprocess.",
    "pickle.",
    "ctypes.",
    "urllib.",
    "webbrowser.",
    "glob.",
)
ALLOWED = ("os.putenv", "os.unsetenv")
OURS = re.compile(
    r"v\d+|r\d+|n\d+|b\d+|i\d+|[jptx]|np|float64|int64|uint64|evaluate|gradient|loss|seeds|reals|integers|work|dtype|type"
    r"|lanes?|def|for|in|if|else|or|and|range|max|min|return|total|product|largest|shuffle|begin|end|share|minibatch"
    r"|one|modulus|batches|epoch|exp|log|sqrt|sin|cos|tan|arcsin|arccos|arctan|sinh|cosh|tanh|log1p|expm1|sign|floor"
)
"""Every name that generated source may have."""
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_watched: list[tuple[Path | None, list[str]]] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched:
        return
    folder, found = _watched[-1]
    if event == "open":
        path = arguments[0]
        real = Path(os.path.realpath(os.fsdecode(path))) if isinstance(path, (str, bytes)) else None
        if real is not None and (folder is None or folder not in (real, *real.parents)):
            found.append(f"open {real}")
    elif event == "compile":
        source, name = arguments
        if name == "<expression>":
            text = source.decode() if isinstance(source, bytes) else str(source)
            found.extend(
                f"a name in generated source: {word}" for word in _WORD.findall(text) if not OURS.fullmatch(word)
            )
        elif name != "<unknown>":  # what only ast.parse says
            found.append(f"compile {name}")
    elif event == "exec":
        if arguments[0].co_filename != "<expression>":
            found.append(f"exec {arguments[0].co_filename}")
    elif event.startswith(FORBIDDEN) and event not in ALLOWED:
        found.append(f"{event} {arguments}")


sys.addaudithook(_heard)


@contextmanager
def watched(folder: Path | None) -> Iterator[list[str]]:
    """What should not happen, as it happens; files may be opened in `folder` alone."""
    found: list[str] = []
    _watched.append((folder and folder.resolve(), found))
    try:
        yield found
    finally:
        _watched.pop()

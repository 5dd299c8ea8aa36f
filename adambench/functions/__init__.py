"""The objective families: one file each, found by folder. A file declares FUNCTION."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.errors import AdambenchError, nearest
from adambench.function import Function


@cache
def all_functions() -> dict[str, Function]:
    """Every family by its name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.FUNCTION.name: module.FUNCTION for module in modules}
    return dict(sorted(found.items()))


def find_function(name: str) -> Function:
    """The family called `name`; an AdambenchError with the nearest name where there is none."""
    known = all_functions()
    if name not in known:
        raise AdambenchError(f"unknown function {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return known[name]

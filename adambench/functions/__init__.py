"""The objective families: one file each, found by folder. A file declares FUNCTION."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.function import Function


@cache
def all_functions() -> dict[str, Function]:
    """Every family by its name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.FUNCTION.name: module.FUNCTION for module in modules}
    return dict(sorted(found.items()))

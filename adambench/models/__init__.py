"""The models that are fitted to data: one file each, found by folder. A file declares MODEL."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.model import Model


@cache
def all_models() -> dict[str, Model]:
    """Every model by its name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.MODEL.name: module.MODEL for module in modules}
    return dict(sorted(found.items()))

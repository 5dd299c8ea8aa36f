"""The optimizers: one file each, found by folder. A file declares OPTIMIZER."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.optimizer import Optimizer


@cache
def all_optimizers() -> dict[str, Optimizer]:
    """Every optimizer by its name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.OPTIMIZER.name: module.OPTIMIZER for module in modules}
    return dict(sorted(found.items()))

"""The kinds of implementation that can be driven: one file each, found by folder. A file declares ADAPTER."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.foreign.adapter import Adapter


@cache
def all_adapters() -> tuple[Adapter, ...]:
    """Every adapter, those of a library before the one that looks at methods only; no library is imported."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.ADAPTER for module in modules), key=lambda adapter: not adapter.packages))

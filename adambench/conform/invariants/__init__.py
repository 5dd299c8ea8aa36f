"""The invariants: public functions of a subject, in files by what they speak of; found by folder."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

from adambench.conform.subject import Subject

Invariant = Callable[[Subject], str]


def all_invariants() -> tuple[Invariant, ...]:
    """Every public function that a file of this folder defines, file by file, as they stand there."""
    found: list[Invariant] = []
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        functions = (value for name, value in vars(module).items() if inspect.isfunction(value) and name[0] != "_")
        found += [function for function in functions if function.__module__ == module.__name__]
    return tuple(found)

"""What stands under a dotted name, in the child: imported as the user's Python finds it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from adambench.errors import AdambenchError, nearest
from adambench.foreign.adapter import Adapter
from adambench.foreign.adapters import all_adapters
from adambench.foreign.arguments import REQUIRED, arguments

ACCEPTED = (
    "a torch.optim.Optimizer subclass, an optax transformation, a Keras optimizer, or a class, function, object or "
    "module with init(x) and step(x, gradient, state)"
)
TRIED = (0.5, 1)
"""Values of required hyperparameters with which a function is called to see what it makes."""


def find(name: str) -> Any:
    """The object of that name; an AdambenchError where there is none. What its import raises is not caught."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise AdambenchError(f"{name}: expected a dotted name such as torch.optim.Adam, got {name!r}")
    found = _module(name, parts[0])
    if found is None:
        raise AdambenchError(_missing(name, parts[0]))
    for index, part in enumerate(parts[1:], 1):
        within = ".".join(parts[:index])
        inner = getattr(found, part, REQUIRED)
        if inner is REQUIRED and inspect.ismodule(found) and hasattr(found, "__path__"):
            inner = _module(name, f"{within}.{part}") or REQUIRED
        if inner is REQUIRED:
            public = [known for known in dir(found) if known[0] != "_"]
            raise AdambenchError(f"{name}: {within} has no {part!r}{nearest(part, public)}")
        found = inner
    return found


def _module(name: str, module: str) -> Any:
    """The module, or None where there is no such module; an AdambenchError where it needs a library that is not."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == module and not _needed(module):
            return None
        raise AdambenchError(_missing(name, error.name or module)) from None


def _needed(module: str) -> str:
    """The extra that installs this library, or ''."""
    return next((adapter.extra for adapter in all_adapters() if module in adapter.packages), "")


def _missing(name: str, module: str) -> str:
    root = name.split(".")[0]
    library = module.split(".")[0]
    if extra := _needed(library) and (_needed(root) or _needed(library)):
        return f"{library} is not installed: pip install 'adambench[{extra}]'"
    if library != root:
        return f"{name}: {library} is not installed, which it imports"
    return f"{name}: there is no module {module!r} in the current folder nor among the installed packages"


def recognised(name: str, target: Any) -> tuple[Adapter, bool]:
    """The adapter, and whether the target is called to get the optimizer; an AdambenchError for anything else."""
    if adapter := _adapter(target):
        return adapter, inspect.isclass(target)
    if callable(target) and not inspect.isclass(target) and (adapter := _adapter(_made(name, target))):
        return adapter, True
    kind = "a class" if inspect.isclass(target) else f"a {type(target).__name__}"
    raise AdambenchError(f"{name} is no optimizer but {kind}: expected {ACCEPTED}")


def _adapter(target: Any) -> Adapter | None:
    return next((adapter for adapter in all_adapters() if adapter.recognise(target)), None)


def _made(name: str, factory: Callable[..., Any]) -> Any:
    """What the function returns, or None where it does not accept numbers."""
    required = [key for key, default in arguments(name, factory).defaults.items() if default is REQUIRED]
    for value in TRIED:
        try:
            return factory(**dict.fromkeys(required, value))
        except Exception:  # whatever somebody's function makes of a number
            continue
    return None

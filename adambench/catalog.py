"""What there is of one kind (optimizers, functions, ...): one file each in a folder here, and what plug-ins declare."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, TypeVar

from adambench.declaration import misfit
from adambench.errors import AdambenchError

Declared = TypeVar("Declared")


@dataclass(frozen=True)
class Plugin:
    """Where declarations came from: `name`, as it was given, the `file`, and the SHA-256 of what stood there.

    Both are empty for a module that has no file.
    """

    name: str
    file: str = ""
    sha256: str = ""


PLUGINS: list[Plugin] = []
"""All of which something has been added in this process, in order."""


@dataclass(eq=False)
class Catalog(Generic[Declared]):
    """All of one kind, by name.

    kind       as in "optimizer"; `declared` is its type, `attribute` what a file calls the one it declares
    names      of those that come with this package; `own` returns one of them
    complaint  what is wrong with a declaration of the right type, as "WHAT: expected ..., got ..."; "" where nothing is
    group      the entry points through which installed packages declare more: an entry is called as what it declares.
               Entries are imported only when they are asked for by name, or when all are listed
    """

    kind: str
    declared: type[Declared]
    attribute: str
    names: Callable[[], Iterable[str]]
    own: Callable[[str], Declared]
    complaint: Callable[[Declared], str] = lambda declared: ""
    group: str = ""
    edition: int = 0
    added: dict[str, Declared] = field(default_factory=dict)
    origins: dict[str, Plugin] = field(default_factory=dict)
    _tried: set[str] = field(default_factory=set)

    def get(self, name: str) -> Declared | None:
        """The one called `name`; what is installed is looked through only where nothing else is called so."""
        if name in self.names():
            return self.own(name)
        if name not in self.added:
            self._install(name)
        return self.added.get(name)

    def known(self) -> dict[str, Declared]:
        """All that come with this package or have been added, in alphabetical order."""
        return dict(sorted({**{name: self.own(name) for name in self.names()}, **self.added}.items()))

    def all(self) -> dict[str, Declared]:
        """Those of `known`, and all that is installed."""
        self._install(None)
        return self.known()

    def all_names(self) -> list[str]:
        """The names of `all`, without a call of `own`."""
        self._install(None)
        return sorted({*self.names(), *self.added})

    def identity(self, name: str) -> dict[str, str]:
        """What tells a plug-in's from another's of one name: the SHA-256 of its file; nothing for one of our own."""
        return {"plugin": self.origins[name].sha256} if name in self.origins else {}

    def check(self, declared: object, plugin: Plugin) -> Declared:
        """`declared`, if it can be added as a declaration of `plugin`; AdambenchError, in one sentence, else."""
        if not isinstance(declared, self.declared):
            wanted = f"{self.declared.__module__}.{self.declared.__name__}"
            raise AdambenchError(f"{self.attribute}: expected one {wanted}, got a value of type {_type(declared)}")
        if wrong := misfit(declared) or self.complaint(declared):
            raise AdambenchError(f"{self.attribute}.{wrong}")
        name: str = declared.name  # type: ignore[attr-defined]
        if name in self.names():
            raise AdambenchError(f"{self.attribute}.name: expected a new one, got {name!r}: adambench has that itself")
        other = self.origins.get(name)
        if other is not None and other.name != plugin.name and not (other.file and other.file == plugin.file):
            raise AdambenchError(
                f"{self.attribute}.name: expected a new one, got {name!r}: the plug-in {other.name} has declared that"
            )
        return declared

    def add(self, declared: Declared, plugin: Plugin) -> None:
        """Make it known; `check` has passed it."""
        name: str = declared.name  # type: ignore[attr-defined]
        self.added[name], self.origins[name] = declared, plugin
        self.edition += 1

    def remove(self, plugin: Plugin) -> None:
        """Forget what was declared in the file of `plugin`."""
        for name in [name for name, origin in self.origins.items() if origin.file and origin.file == plugin.file]:
            del self.added[name], self.origins[name]
            self.edition += 1

    def _install(self, wanted: str | None) -> None:
        """Load the installed one called `wanted`; None: all. One that fails costs a warning, once, and nothing else."""
        if not self.group or "" in self._tried or wanted in self._tried:
            return
        self._tried.add(wanted or "")
        from importlib.metadata import entry_points  # which takes longer to import than all else here

        for entry in entry_points(group=self.group):
            if wanted in (None, entry.name) and entry.name not in self.added:
                try:
                    self._add_entry(entry)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:  # whatever their code raises, SystemExit too
                    said = str(error) if isinstance(error, AdambenchError) else f"{_type(error)}: {error}"
                    place = f"plug-in {entry.value} ({self.group}, {entry.name})"
                    print(f"adambench: warning: {place}: {said}; it is left out", file=sys.stderr)

    def _add_entry(self, entry: Any) -> None:
        found = entry.load()
        module = found if isinstance(found, ModuleType) else sys.modules[entry.module]
        plugin = plugin_of(entry.value, module)
        found = getattr(found, self.attribute, None) if found is module else found
        declared = self.check(found, plugin)
        if declared.name != entry.name:  # type: ignore[attr-defined]
            name = declared.name  # type: ignore[attr-defined]
            raise AdambenchError(
                f"{self.attribute}.name: expected {entry.name!r}, as the entry is called, got {name!r}"
            )
        self.add(declared, plugin)
        if plugin not in PLUGINS:
            PLUGINS.append(plugin)


def in_folder(package: str, path: Iterable[str], attribute: str) -> dict[str, Any]:
    """What the files of a package's folder declare, by name."""
    modules = (importlib.import_module(f"{package}.{entry.name}") for entry in pkgutil.iter_modules(path))
    return {declared.name: declared for declared in (getattr(module, attribute) for module in modules)}


def plugin_of(name: str, module: ModuleType) -> Plugin:
    """The plug-in that an imported module is."""
    file = getattr(module, "__file__", None) or ""
    try:
        with open(file, "rb") as source:
            return Plugin(name, file, hashlib.sha256(source.read()).hexdigest())
    except OSError:
        return Plugin(name, file)


def _type(value: object) -> str:
    return type(value).__name__

"""Plug-ins: files and modules outside this package that declare what a file of it would."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import os
import sys
import traceback
from types import ModuleType
from typing import Any

from adambench.catalog import PLUGINS, Catalog, Plugin, plugin_of
from adambench.errors import AdambenchError
from adambench.functions import FUNCTIONS
from adambench.models import MODELS
from adambench.optimizers import OPTIMIZERS
from adambench.render import FORMATS
from adambench.transforms import TRANSFORMS

CATALOGS: tuple[Catalog[Any], ...] = (OPTIMIZERS, FUNCTIONS, FORMATS, MODELS, TRANSFORMS)
LARGEST = 10_000_000
"""Bytes of a file."""


def load_plugin(name: str | os.PathLike[str]) -> Plugin:
    """Make known what a file (FILE.py), or a module under its dotted name, declares: its OPTIMIZER, FUNCTION, FORMAT,
    MODEL and TRANSFORM, of which it must have one and may have one each.

    A file is read anew each time: what it declared before is replaced. A module is imported from the current folder, or
    wherever Python finds it. Raises AdambenchError, which names the plug-in and the line, and then nothing has changed.
    """
    given = os.fspath(name)
    if given.endswith(".py") or os.sep in given or os.path.isfile(given):
        plugin, module, source = _from_file(given)
    else:
        plugin, module, source = _from_module(given)
    found = [
        (catalog, getattr(module, catalog.attribute)) for catalog in CATALOGS if hasattr(module, catalog.attribute)
    ]
    if not found:
        wanted = ", ".join(catalog.attribute for catalog in CATALOGS)
        raise AdambenchError(f"plug-in {given}: expected one of {wanted} to be declared, got none")
    for catalog, declared in found:
        try:
            catalog.check(declared, plugin)
        except AdambenchError as error:
            line = _line_of(source, catalog.attribute)
            raise AdambenchError(f"plug-in {located(given, plugin.file, line)}: {error}") from None
    for catalog in CATALOGS:
        catalog.remove(plugin)
    for catalog, declared in found:
        catalog.add(declared, plugin)
    PLUGINS[:] = [other for other in PLUGINS if not other.file or other.file != plugin.file]
    PLUGINS.append(plugin)
    return plugin


def _from_file(given: str) -> tuple[Plugin, ModuleType, bytes]:
    """Executed as a module of its own, from the bytes whose digest it is known by, not from a cache of bytecode."""
    if not given.endswith(".py"):
        raise AdambenchError(f"plug-in {given}: expected a file FILE.py, or the dotted name of a module")
    file = os.path.realpath(given)
    try:
        with open(file, "rb") as stream:
            source = stream.read(LARGEST + 1)
    except OSError as error:
        raise AdambenchError(f"plug-in {given}: it could not be read: {error.strerror}") from None
    except ValueError as error:  # a NUL in the name
        raise AdambenchError(f"plug-in {given!r}: it could not be read: {error}") from None
    if len(source) > LARGEST:
        raise AdambenchError(f"plug-in {given}: expected at most {LARGEST:,} bytes")
    digest = hashlib.sha256(source).hexdigest()
    name = f"adambench_plugin_{hashlib.sha256(os.fsencode(file)).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = file
    before = sys.modules.get(name)
    sys.modules[name] = module  # where what it defines, such as a dataclass, looks for itself
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise AdambenchError(f"plug-in {_failed(given, file, error)}") from None
    return Plugin(given, file, digest), module, source


def _from_module(given: str) -> tuple[Plugin, ModuleType, bytes]:
    """Imported, with the current folder on the path meanwhile."""
    if not all(part.isidentifier() for part in given.split(".")):
        raise AdambenchError(f"plug-in {given}: no such file; expected FILE.py, or the dotted name of a module")
    folder = os.getcwd()
    sys.path.insert(0, folder)
    try:
        importlib.invalidate_caches()
        with contextlib.redirect_stdout(sys.stderr):
            module = importlib.import_module(given)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{given}.".startswith(f"{error.name}."):
            raise AdambenchError(f"plug-in {_failed(given, '', error)}") from None
        raise AdambenchError(f"plug-in {given}: no such module, and no such file") from None
    except (Exception, SystemExit) as error:
        raise AdambenchError(f"plug-in {_failed(given, '', error)}") from None
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
    plugin = plugin_of(given, module)
    source = b""
    with contextlib.suppress(OSError), open(plugin.file, "rb") as stream:
        source = stream.read()
    return plugin, module, source


def _failed(given: str, file: str, error: BaseException) -> str:
    """Where its own code raised, and what. `file` is empty for a module."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{located(given, file or error.filename, error.lineno or 0)}: {type(error).__name__}: {error.msg}"
    module = given.replace(".", os.sep)
    ends = (f"{module}.py", os.path.join(module, "__init__.py"))
    places = [(other, line) for other, line, _ in frames(error)]
    own = [place for place in places if place[0] == file or (not file and place[0].endswith(ends))]
    return f"{located(given, *own[-1]) if own else given}: {said(error)}"


def frames(error: BaseException) -> list[tuple[str, int, str]]:
    """(file, line, "MODULE.FUNCTION") of each call on the way to `error`."""
    return [
        (frame.f_code.co_filename, line, f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]


def said(error: BaseException) -> str:
    """Its type and the first of its lines that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = lines[0].removesuffix(":") if lines else "no more is known"
    return f"{type(error).__name__}: {first}"


def located(given: str, file: str, line: int) -> str:
    """GIVEN:LINE for a file; GIVEN: FILE:LINE for a module, or for another file than the one given."""
    if not line:
        return given
    same = given.endswith(".py") and os.path.realpath(given) == os.path.realpath(file)
    return f"{given}:{line}" if same else f"{given}: {os.path.relpath(file)}:{line}"


def _line_of(source: bytes, attribute: str) -> int:
    """Where a module sets `attribute`, last; 0 where that is not to be seen."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return 0
    lines = [
        node.lineno
        for node in body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == attribute
    ]
    return lines[-1] if lines else 0

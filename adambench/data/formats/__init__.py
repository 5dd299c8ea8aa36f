"""The formats of data files: one file each, found by folder. A file declares READER."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.data.beside import File
from adambench.data.reader import Reader

_HEAD = 512
_USUAL = "svmlight"


@cache
def all_readers() -> dict[str, Reader]:
    """Every format by its name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.READER.name: module.READER for module in modules}
    return dict(sorted(found.items()))


def reader_of(file: File, name: str | None = None) -> Reader:
    """The format called `name`; for None what the file's name says, or else its first bytes; svmlight in doubt."""
    readers = all_readers()
    if name is not None:
        return readers[name]
    plain = file.name.lower().removesuffix(".gz")
    for reader in readers.values():
        if plain.endswith(reader.endings):
            return reader
    head = file.head(_HEAD)
    return next((reader for reader in readers.values() if reader.begins(head)), readers[_USUAL])

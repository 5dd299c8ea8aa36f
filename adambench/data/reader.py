"""The declaration of a file format: what one file in `formats/` says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adambench.data.beside import File
from adambench.data.rows import Rows, Samples


@dataclass(frozen=True)
class Request:
    """How a file is to be read, as the problem file says.

    label       which column of the file, or array in it, is the label: a number, a name, False for none; None: as usual
    labels      the file the labels lie in, where it is another
    features    how many features there are; None: as many as the file has
    zero_based  whether indices count from 0 rather than 1
    """

    label: int | str | bool | None = None
    labels: File | None = None
    features: int | None = None
    zero_based: bool = False


@dataclass(frozen=True)
class Reader:
    """One format. `read(file, request)` returns the rows, or raises DataError, which names file and line (or byte).

    endings  of the names of its files, in small letters, `.gz` taken off
    begins   whether a file with these first 512 bytes is one, for names that say nothing
    keys     of `label`, `labels` and `zero_based`, those that it heeds; the others are refused
    """

    name: str
    summary: str
    endings: tuple[str, ...]
    begins: Callable[[bytes], bool]
    keys: frozenset[str]
    read: Callable[[File, Request], Rows | Samples]

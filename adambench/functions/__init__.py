"""The objective families: one file each, found by folder. A file declares FUNCTION."""

from __future__ import annotations

from functools import cache

from adambench.catalog import Catalog, in_folder
from adambench.declaration import function_complaint
from adambench.function import Function


@cache
def _own() -> dict[str, Function]:
    return in_folder(__name__, __path__, "FUNCTION")


FUNCTIONS: Catalog[Function] = Catalog(
    kind="function",
    declared=Function,
    attribute="FUNCTION",
    names=lambda: _own().keys(),
    own=lambda name: _own()[name],
    complaint=function_complaint,
    group="adambench.functions",
)


def all_functions() -> dict[str, Function]:
    """Every family by its name, those of plug-ins and installed ones too, in alphabetical order."""
    return FUNCTIONS.all()

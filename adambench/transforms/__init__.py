"""The transforms of objectives: one file each, found by folder. A file declares TRANSFORM."""

from __future__ import annotations

from functools import cache

from adambench.catalog import Catalog, in_folder
from adambench.transform import Transform


@cache
def _own() -> dict[str, Transform]:
    return in_folder(__name__, __path__, "TRANSFORM")


TRANSFORMS: Catalog[Transform] = Catalog(
    kind="transform",
    declared=Transform,
    attribute="TRANSFORM",
    names=lambda: _own().keys(),
    own=lambda name: _own()[name],
)


def all_transforms() -> dict[str, Transform]:
    """Every transform by its name, those of plug-ins too, in alphabetical order."""
    return TRANSFORMS.all()

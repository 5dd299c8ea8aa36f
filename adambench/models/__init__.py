"""The models that are fitted to data: one file each, found by folder. A file declares MODEL."""

from __future__ import annotations

from functools import cache

from adambench.catalog import Catalog, in_folder
from adambench.model import Model


@cache
def _own() -> dict[str, Model]:
    return in_folder(__name__, __path__, "MODEL")


MODELS: Catalog[Model] = Catalog(
    kind="model",
    declared=Model,
    attribute="MODEL",
    names=lambda: _own().keys(),
    own=lambda name: _own()[name],
)


def all_models() -> dict[str, Model]:
    """Every model by its name, those of plug-ins too, in alphabetical order."""
    return MODELS.all()

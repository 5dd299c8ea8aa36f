"""The optimizers: one file each, found by folder. A file declares OPTIMIZER."""

from __future__ import annotations

from functools import cache

from adambench.catalog import Catalog, in_folder
from adambench.declaration import optimizer_complaint
from adambench.optimizer import Optimizer


@cache
def _own() -> dict[str, Optimizer]:
    return in_folder(__name__, __path__, "OPTIMIZER")


OPTIMIZERS: Catalog[Optimizer] = Catalog(
    kind="optimizer",
    declared=Optimizer,
    attribute="OPTIMIZER",
    names=lambda: _own().keys(),
    own=lambda name: _own()[name],
    complaint=optimizer_complaint,
    group="adambench.optimizers",
)


def all_optimizers() -> dict[str, Optimizer]:
    """Every optimizer by its name, those of plug-ins and installed ones too, in alphabetical order."""
    return OPTIMIZERS.all()

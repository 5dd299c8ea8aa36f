"""adambench: which optimizer, at which settings, gets this problem to this loss, in how many gradient evaluations?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adambench.version import VERSION

__version__ = VERSION
__all__ = ["load", "load_plugin", "run", "stepper"]

if TYPE_CHECKING:
    from adambench.api import load, load_plugin, run, stepper


def __getattr__(name: str) -> Any:
    # The command line imports this package for every `--help`: NumPy and Numba wait until they are asked for.
    if name in __all__:
        from adambench import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

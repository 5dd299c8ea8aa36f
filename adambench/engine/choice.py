"""`np.where` of single numbers, which Numba makes an array of no dimensions of: 200 times as slow as the choice."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload


def choose(condition, then, otherwise):  # type: ignore[no-untyped-def]
    """`np.where`: of numbers a number, of arrays an array."""
    return np.where(condition, then, otherwise)


@overload(choose, jit_options={"forceinline": True})
def _choose(condition, then, otherwise):  # type: ignore[no-untyped-def]
    single = (types.Number, types.Boolean)
    if all(isinstance(one, single) for one in (condition, then, otherwise)):
        return lambda condition, then, otherwise: then if condition else otherwise
    return lambda condition, then, otherwise: np.where(condition, then, otherwise)


NUMPY = ModuleType("numpy")
NUMPY.__dict__.update(vars(np), where=choose)


def choosing(function: Any) -> Any:
    """The same function with `choose` in place of each `np.where` that it takes from its globals; itself without."""
    names = function.__code__.co_names
    instead = {np.where: choose} | ({np: NUMPY} if "where" in names else {})
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    changed = {name: new for name, value in found.items() for old, new in instead.items() if value is old}
    if not changed:
        return function
    room = {**function.__globals__, **changed}
    return FunctionType(function.__code__, room, function.__name__, function.__defaults__, function.__closure__)

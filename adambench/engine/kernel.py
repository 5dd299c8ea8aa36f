"""Plain Python functions to machine code: the one place that holds Numba's flags."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

# Vector and scalar exp, log, sin must give the same bits, at every width.
os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"
# Uncompiled kernels would be called with addresses; the tests run them as plain Python in their own way.
os.environ.pop("NUMBA_DISABLE_JIT", None)

import llvmlite.binding
import numba
import numpy as np
from numba import njit, types
from numba.extending import overload

from adambench.engine.borrowing import OVERLOADED
from adambench.engine.cache import KernelCache
from adambench.engine.choice import choosing
from adambench.version import VERSION

REAL = {"float32": types.float32, "float64": types.float64}
NUMBA_VERSION: str = numba.__version__
CPU = (llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten())
"""What machine code is made for: processors of one name differ in it, and so may the last bits of what they compute."""
LANES = 32
"""Trials that run side by side: at 32 an inner loop is vector code without a remainder; at 16 it was half as fast."""

_ADDRESS = types.int64
EVALUATE = types.void(types.int64, *(_ADDRESS,) * 3, types.int64, *(_ADDRESS,) * 4)
"""evaluate(dimension, x, gradient, loss, t, seeds, reals, integers, work)"""
UPDATE = types.void(types.int64, types.float64, types.int64, *(_ADDRESS,) * 9)
"""update(t, rate, count, loss, gradient, x, state, carry, hyper, coefficients, memory, blocks)"""

BARE = types.void(types.int64, types.float64, *(_ADDRESS,) * 3)
"""bare(count, zero, gradient, x, state)"""


def compiled(function: Callable[..., Any], signature: Any) -> Any:
    """`function` in nopython mode for exactly `signature`, from the disk cache where it has been compiled before.

    The functions that it calls (through closures or globals) are compiled into it. fastmath stays off, contraction of
    a * b + c too: the same source gives the same bits at any width, alone or in company.
    """
    parts = list(reachable(function))
    for part in parts[1:]:
        register(part)
    key = _key(parts, signature)
    dispatcher = njit(nogil=True, error_model="numpy")(_named(function, key))
    dispatcher._cache = KernelCache(key)
    dispatcher.compile(signature)
    dispatcher.disable_compile()
    return dispatcher


@cache
def register(function: Any) -> None:
    if function not in OVERLOADED:
        form = choosing(function)
        overload(function, jit_options={"forceinline": True}, strict=False)(lambda *values, **named: form)


def _named(function: Any, key: str) -> FunctionType:
    """The same function under a name of its own.

    Numba tells functions of one name apart by a counter of its process. Kernels cached by two processes can have the
    same count, and where both are loaded, the linker would take one for the other.
    """
    form = choosing(function)
    named = FunctionType(form.__code__, form.__globals__, form.__name__, form.__defaults__, form.__closure__)
    named.__qualname__ = f"{function.__name__}_{key}"
    return named


def reachable(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """`function` and every plain function that it, or one of those, refers to; each once, itself first."""
    seen: set[int] = set()
    waiting: list[Callable[..., Any]] = [function]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if part not in OVERLOADED:
            waiting.extend(value for _, value in _references(part) if isinstance(value, FunctionType))


def _references(function: Any) -> Iterator[tuple[str, Any]]:
    """The names that `function` takes from outside, with their values."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents
    for name in code.co_names:
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _key(parts: list[Callable[..., Any]], signature: Any) -> str:
    """A digest of all that the machine code depends on: bytecode, values closed over, signature, versions, CPU.

    Bytecode as loaded, not source as it is on disk by now: a file that is edited meanwhile must not lend its name.
    """
    described = [
        *(_description(OVERLOADED.get(part, part)) for part in parts),
        str(signature),
        VERSION,
        numba.__version__,
        llvmlite.__version__,
        *CPU,
    ]
    return hashlib.sha256("\0".join(described).encode()).hexdigest()


def _description(function: Any) -> str:
    """The bytecode of a function, and the values that it takes from outside."""
    code = function.__code__
    values = [
        (name, value.__qualname__ if isinstance(value, FunctionType) else _constant(value))
        for name, value in _references(function)
        if not isinstance(value, ModuleType)
    ]
    values += [
        (f"{name}.{part}", _constant(vars(value)[part]))
        for name, value in _references(function)
        if isinstance(value, ModuleType)
        for part in code.co_names
        if isinstance(vars(value).get(part), (bool, int, float, np.generic, np.ndarray))
    ]
    constants = [
        (constant.co_code, constant.co_names, constant.co_consts) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    defaults = repr((function.__defaults__, function.__kwdefaults__))
    values += [] if choosing(function) is function else [("np.where", "choose")]
    return repr((function.__qualname__, code.co_code, constants, code.co_names, code.co_varnames, defaults, values))


def _constant(value: Any) -> str:
    """All of a value; the text of a long array has an ellipsis in it."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    return repr(value)

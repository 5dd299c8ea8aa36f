"""One thread for the linear algebra inside kernels: the order of its sums must not depend on the machine's cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from adambench.function import Function
from adambench.optimizer import Optimizer


@contextmanager
def one_thread(*users: Optimizer | Function) -> Iterator[None]:
    """While any of these works on matrices; what other threads of this process compute is held to one thread too."""
    if not any(user.matrices for user in users):
        yield
        return
    with single_thread():
        yield


@contextmanager
def single_thread() -> Iterator[None]:
    """While within."""
    with _libraries().limit(limits=1):
        yield


@cache
def _libraries() -> Any:
    """All BLAS libraries of this process, that of the kernels among them."""
    import scipy.linalg.cython_blas  # noqa: F401  (what Numba calls)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")

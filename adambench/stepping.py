"""One optimizer, one step at a time: for debugging an implementation, or using one of ours in your own loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambench.configuration import Configuration
from adambench.engine.assembly import update_kernel
from adambench.engine.block import update_arrays
from adambench.engine.kernel import compiled

INTERPRETED = 64
"""Coordinates up to which a step runs as plain Python: compiling takes longer than thousands of such steps."""


class Stepper:
    """Takes the point and its gradient, returns the point where the next gradient is to be taken; float64.

    The arrays given are not changed, the arrays returned are yours; both have `shape`. Plain Python and compiled steps
    agree to the bit.
    """

    def __init__(self, configuration: Configuration, shape: tuple[int, ...]):
        optimizer, flags = configuration.optimizer, configuration.flags
        kernel = update_kernel(optimizer, flags, 1, "float64")
        count = int(np.prod(shape))
        self.configuration, self.shape, self.steps = configuration, tuple(shape), 0
        self._compiled = count > INTERPRETED
        self._update: Any = compiled(kernel.function, kernel.signature) if self._compiled else kernel.function
        self._count = count
        self._state, self._carry, self._hyper, self._scratch = update_arrays(
            optimizer, flags, [configuration.numbers], count, "float64"
        )

    def __call__(self, x: ArrayLike, gradient: ArrayLike) -> NDArray[np.float64]:
        """The next point. Raises ValueError where a shape is not the one promised."""
        point, slope = (self._checked(name, given) for name, given in (("x", x), ("gradient", gradient)))
        self.steps += 1
        arrays = (slope, point, self._state, self._carry, self._hyper, self._scratch)
        lent = [array.ctypes.data for array in arrays] if self._compiled else arrays
        with np.errstate(all="ignore"):
            self._update(self.steps, 1.0, self._count, *lent)
        return point.reshape(self.shape)

    def eval_point(self, x: ArrayLike) -> NDArray[np.float64]:
        """The point whose loss counts: x itself, for every method that evaluates where it stands."""
        return self._checked("x", x).reshape(self.shape)

    def _checked(self, name: str, given: ArrayLike) -> NDArray[np.float64]:
        array = np.array(given, dtype=np.float64)
        if array.shape != self.shape:
            raise ValueError(f"{name}: expected an array of shape {self.shape}, got {array.shape}")
        return array.reshape(-1)

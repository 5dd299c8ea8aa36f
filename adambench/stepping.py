"""One optimizer, one step at a time: for debugging an implementation, or using one of ours in your own loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambench.configuration import Configuration
from adambench.engine.single import Single
from adambench.errors import AdambenchError
from adambench.optimizer import Block

INTERPRETED = 64
"""Coordinates up to which a step runs as plain Python: compiling takes longer than thousands of such steps."""


class Stepper:
    """Takes the point and its gradient, returns the point where the next gradient is to be taken; float64.

    The arrays given are not changed, the arrays returned are yours; all have `shape`. A shape of two numbers is a
    matrix, for the optimizers that work on matrices. Plain Python and compiled steps of an elementwise optimizer agree
    to the bit.
    """

    def __init__(self, configuration: Configuration, shape: tuple[int, ...]):
        optimizer, count = configuration.optimizer, int(np.prod(shape))
        block: Block = (0, *shape) if len(shape) == 2 else (0, count, 0)
        if optimizer.matrices and len(shape) != 2:
            raise AdambenchError(f"{configuration.label}: expected the shape of a matrix, two numbers, got {shape}")
        self.configuration, self.shape, self.steps = configuration, tuple(shape), 0
        self._made = optimizer, configuration.flags, configuration.numbers
        self._block, self._count, self._compiled = block, count, count > INTERPRETED
        self._single: Single | None = None

    def __call__(
        self,
        x: ArrayLike,
        gradient: ArrayLike,
        *,
        loss: float = 0.0,
        rate: float = 1.0,
        hessian_diagonal: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """The next point.

        loss              at x; only a line search asks for it
        rate              a schedule's factor on the learning rate
        hessian_diagonal  at x; for an optimizer of curvature, whenever there is a new one

        Raises ValueError where a shape is not the one promised.
        """
        point, slope = (self._checked(name, given) for name, given in (("x", x), ("gradient", gradient)))
        diagonal = None if hessian_diagonal is None else self._checked("hessian_diagonal", hessian_diagonal)
        if diagonal is not None and self.configuration.optimizer.curvature is None:
            raise ValueError(f"hessian_diagonal: {self.configuration.label} takes none")
        single = self._started(point)
        single.x[:] = point
        single.slopes[: self._count] = slope
        single.slopes[self._count : 2 * self._count] = np.nan if diagonal is None else diagonal
        self.steps += 1
        single.step(self.steps, rate, loss)
        return single.x.reshape(self.shape).copy()

    def eval_point(self, x: ArrayLike) -> NDArray[np.float64]:
        """The point whose loss counts: x itself, but for methods that evaluate where they do not stand."""
        point = self._checked("x", x)
        single = self._started(point)
        return (point if single.point is single.x else single.point.copy()).reshape(self.shape)

    def _started(self, x: NDArray[np.float64]) -> Single:
        """State may start at the first x, so it is made when that is known."""
        if self._single is None:
            self._single = Single(*self._made, x, (self._block,), compile=self._compiled)
        return self._single

    def _checked(self, name: str, given: ArrayLike) -> NDArray[np.float64]:
        array = np.array(given, dtype=np.float64)
        if array.shape != self.shape:
            raise ValueError(f"{name}: expected an array of shape {self.shape}, got {array.shape}")
        return array.reshape(-1)

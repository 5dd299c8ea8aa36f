"""One lane of an update kernel with its arrays: a step at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.composition import slots_of, watched
from adambench.engine.assembly import REAL, update_kernel
from adambench.engine.blas import one_thread
from adambench.engine.block import layout, slope_rows, update_arrays
from adambench.engine.kernel import compiled
from adambench.optimizer import Blocks, Flags, Optimizer

Reals = NDArray[Any]


class Single:
    """An optimizer at one setting, on its way from x.

    x         (count,): where the next gradient is taken; the update writes to it, and it may be written to
    slopes    where the gradient goes, in the first `count`; a Hessian diagonal in the second
    state     (slots, count); carry, memory: as in `Lanes`
    numbers   what `Configuration.numbers` has
    """

    def __init__(
        self,
        optimizer: Optimizer,
        flags: Flags,
        numbers: tuple[float, ...],
        x: Reals,
        blocks: Blocks,
        precision: str = "float64",
        compile: bool = False,
    ):
        kernel = update_kernel(optimizer, flags, 1, precision)
        self._optimizer, self._compiled = optimizer, compile
        self._update: Any = compiled(kernel.function, kernel.signature) if compile else kernel.function
        self.x = np.array(x, REAL[precision])
        self.state, self.carry, self.hyper, self._scratch = update_arrays(
            optimizer, flags, [numbers], self.x.reshape(-1, 1), precision, 1
        )
        self._blocks = layout(optimizer, flags, blocks)
        self.memory = np.zeros(int(self._blocks[1]), REAL[precision])
        self.slopes = np.zeros(slope_rows(optimizer, self.x.size), REAL[precision])
        self._loss = np.zeros(1)
        self._watched = watched(slots_of(optimizer, flags))

    def step(self, t: int, rate: float = 1.0, loss: float = 0.0) -> None:
        """The t-th update, t = 1, 2, ..., with the gradient in `slopes`; `loss` is for a line search."""
        self._loss[0] = loss
        arrays = (self._loss, self.slopes, self.x, self.state, self.carry, self.hyper, self._scratch, self.memory)
        lent = [a.ctypes.data if self._compiled else a for a in (*arrays, self._blocks)]
        with np.errstate(all="ignore"), one_thread(self._optimizer):
            self._update(t, rate, self.x.size, *lent)

    @property
    def point(self) -> Reals:
        """(count,): where the loss counts; not a copy."""
        return self.x if self._watched is None else self.state[self._watched]

"""Keras 3: any subclass of keras.optimizers.Optimizer, on its torch backend where no other is chosen."""

from __future__ import annotations

import importlib.util
import inspect
import io
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from adambench.foreign.adapter import Adapter, Array, Build
from adambench.foreign.arguments import arguments
from adambench.foreign.fault import Fault

BACKEND = "torch"


def prepare() -> None:
    if "KERAS_BACKEND" not in os.environ and not _configured():
        os.environ["KERAS_BACKEND"] = BACKEND


def _configured() -> bool:
    """Whether the user's keras.json names a backend that is installed; Keras itself writes one that need not be."""
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    try:
        backend = json.loads((folder / "keras.json").read_text())["backend"]
        return importlib.util.find_spec(backend) is not None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError):
        return False


class Stepping:
    def __init__(self, build: Build) -> None:
        import keras

        # The usual setting: in it the learning rate is kept, whatever the precision of the weights.
        keras.backend.set_floatx("float32")
        if keras.backend.backend() == "torch":
            import torch

            torch.set_num_threads(1)
        keras.utils.set_random_seed(0)
        known = arguments(build.name, build.target)
        options = known.theirs(build.values)
        self._variable = keras.Variable(build.x.copy(), dtype=build.precision)
        self._optimizer = build.target(**options)
        self._optimizer.build([self._variable])
        # The learning rate is a variable, rounded; its own words are the nominal one.
        nominal = options.get("learning_rate", known.defaults.get("learning_rate"))
        said = {**self._optimizer.get_config(), "learning_rate": nominal}
        if said.get("weight_decay", 0.0) is None:
            said["weight_decay"] = 0.0
        self.hyperparameters = known.ours(said)
        self.watched, self.spent = False, 0.0
        self._base, self._rate = nominal, 1.0

    def x(self) -> Array:
        import keras

        return np.array(keras.ops.convert_to_numpy(self._variable.value))

    point = x

    def move(self, x: Array) -> None:
        self._variable.assign(x.copy())

    def step(self, gradient: Array, rate: float, loss: float) -> Array:
        import keras

        if rate != self._rate:
            if not isinstance(self._base, float):
                raise Fault("cannot follow a schedule: it has no learning rate")
            self._optimizer.learning_rate = self._base * rate
            self._rate = rate
        given = keras.ops.convert_to_tensor(gradient.copy(), dtype=str(gradient.dtype))
        started = perf_counter()
        self._optimizer.apply([given], [self._variable])
        x = self.x()
        self.spent = perf_counter() - started
        if x.shape != gradient.shape:
            raise Fault(f"left an x of shape {x.shape}, not {gradient.shape}")
        if x.dtype != gradient.dtype:
            raise Fault(f"left an x of {x.dtype}, not {gradient.dtype}")
        return x

    def save(self) -> bytes:
        store: dict[str, Any] = {}
        self._optimizer.save_own_variables(store)
        buffer = io.BytesIO()
        np.savez(buffer, __rate__=self._rate, **store)
        return buffer.getvalue()

    def load(self, state: bytes) -> None:
        with np.load(io.BytesIO(state)) as store:
            held = dict(store)
        self._rate = float(held.pop("__rate__"))
        self._optimizer.load_own_variables(held)

    def count(self, steps: int | None) -> int | None:
        if steps is not None:
            self._optimizer._iterations.assign(steps)
        return int(self._optimizer.iterations)


def recognise(target: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and inspect.isclass(target) and issubclass(target, keras.optimizers.Optimizer)


ADAPTER = Adapter(kind="keras", packages=("keras",), extra="keras", prepare=prepare, recognise=recognise, make=Stepping)

"""Anything with init(x) and step(x, gradient, state): see `adambench.foreign.protocol`."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from time import perf_counter
from typing import Any

import numpy as np

from adambench.errors import AdambenchError
from adambench.foreign.adapter import Adapter, Array, Build, Value
from adambench.foreign.arguments import arguments, as_number
from adambench.foreign.fault import Fault
from adambench.foreign.state import packed, unpacked

COUNTERS = ("t", "step", "steps", "count", "step_count", "iteration", "iterations", "k")


class Stepping:
    def __init__(self, build: Build) -> None:
        self.watched, self.spent = False, 0.0
        if build.called:
            known = arguments(build.name, build.target)
            options = known.theirs(build.values)
            self._object = build.target(**options)
            self.hyperparameters = {**known.ours(options), **(options if known.anything else {})}
        elif build.values:
            raise AdambenchError(
                f"{build.name} takes no hyperparameters: it is {_kind(build.target)}, neither a class nor a factory"
            )
        else:
            self._object = build.target
            self.hyperparameters = _numbers(build.target)
        self._optional = set(inspect.signature(self._object.step).parameters) & {"rate", "loss"}
        self._x = build.x.copy()
        given = build.x.copy()
        self._state = self._object.init(given)
        _unchanged("x", self._x, given)

    def x(self) -> Array:
        return self._x.copy()

    point = x

    def move(self, x: Array) -> None:
        self._x = x.copy()

    def step(self, gradient: Array, rate: float, loss: float) -> Array:
        options = {"rate": rate, "loss": loss}
        if rate != 1 and "rate" not in self._optional:
            raise Fault("cannot follow a schedule: its step() has no parameter `rate`")
        x, g = self._x.copy(), gradient.copy()
        started = perf_counter()
        result = self._object.step(x, g, self._state, **{name: options[name] for name in self._optional})
        self.spent = perf_counter() - started
        _unchanged("gradient", gradient, g)
        if not isinstance(result, tuple) or len(result) != 2:
            raise Fault(f"returned {_described(result)}, not the pair (x, state)")
        new, self._state = result
        if not isinstance(new, np.ndarray):
            raise Fault(f"returned {_described(new)} as x, not an array")
        if new.shape != x.shape:
            raise Fault(f"returned an x of shape {new.shape}, not {x.shape}")
        if new.dtype != x.dtype:
            raise Fault(f"returned an x of {new.dtype}, not {x.dtype}")
        _unchanged("x", self._x, x)
        self._x = new.copy()
        return new.copy()

    def save(self) -> bytes:
        return packed(self._state)

    def load(self, state: bytes) -> None:
        self._state = unpacked(state)

    def count(self, steps: int | None) -> int | None:
        name = _counter(self._state)
        if name is None:
            return None
        if steps is not None:
            found = _member(self._state, name)
            counter = np.array(steps, found.dtype) if isinstance(found, np.ndarray) else type(found)(steps)
            self._state = _replaced(self._state, name, counter)
        return int(_member(self._state, name))


def _unchanged(name: str, before: Array, after: Array) -> None:
    if before.tobytes() != after.tobytes():
        raise Fault(f"changed the {name} it was given")


def _kind(target: Any) -> str:
    return "a module" if inspect.ismodule(target) else "an object"


def _described(value: Any) -> str:
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _numbers(target: Any) -> dict[str, Value]:
    """The public numbers that an object or a module holds: all that can be known of its hyperparameters."""
    members = {name: as_number(value) for name, value in getattr(target, "__dict__", {}).items() if name[0] != "_"}
    return {name: value for name, value in members.items() if value is not None}


def _whole(value: Any, real: bool = False) -> bool:
    """Whether it is a whole number; `real`: of a floating type too, and in an array of no dimensions."""
    if isinstance(value, bool):
        return False
    if real and (isinstance(value, (float, np.floating)) or (isinstance(value, np.ndarray) and value.ndim == 0)):
        return float(value).is_integer()
    return isinstance(value, (int, np.integer))


def _counter(state: Any) -> str | int | None:
    """Where the state keeps its number of steps: a name, or a place in a tuple or list."""
    names = [name for name in COUNTERS if _whole(_member(state, name), real=True)]
    if names:
        return names[0]
    if isinstance(state, (tuple, list)):
        places = [place for place, value in enumerate(state) if _whole(value)]
        return places[0] if len(places) == 1 else None
    return None


def _member(state: Any, name: str | int) -> Any:
    if isinstance(name, int):
        return state[name]
    if isinstance(state, dict):
        return state.get(name)
    return getattr(state, name, None)


def _replaced(state: Any, name: str | int, value: Any) -> Any:
    """The state with one member changed; a new one, so that a state kept elsewhere is not."""
    if isinstance(name, int):
        return type(state)([*state[:name], value, *state[name + 1 :]])
    if isinstance(state, dict):
        return {**state, name: value}
    if isinstance(state, tuple):
        return state._replace(**{name: value})  # type: ignore[attr-defined]
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        return dataclasses.replace(state, **{name: value})
    changed = copy.copy(state)
    setattr(changed, name, value)
    return changed


def recognise(target: Any) -> bool:
    return callable(getattr(target, "init", None)) and callable(getattr(target, "step", None))


ADAPTER = Adapter(kind="protocol", packages=(), extra="", prepare=lambda: None, recognise=recognise, make=Stepping)

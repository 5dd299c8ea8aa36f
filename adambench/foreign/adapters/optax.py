"""Optax: any gradient transformation, or a function that returns one; its update compiled by JAX as its users do."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from adambench.errors import AdambenchError
from adambench.foreign.adapter import Adapter, Array, Build
from adambench.foreign.arguments import Arguments, arguments
from adambench.foreign.fault import Fault
from adambench.foreign.state import packed, unpacked

XLA = "--xla_cpu_max_isa=AVX --xla_cpu_multi_thread_eigen=false"
"""One thread, and no multiplication fused with an addition: the compiled update then rounds as its operations, one by
one, do."""
COUNTERS = ("count", "step", "step_count", "t", "iteration")


def prepare() -> None:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("NPROC", "1")
    os.environ["XLA_FLAGS"] = f"{XLA} {os.environ.get('XLA_FLAGS', '')}".strip()


@dataclass
class Rate:
    """A schedule's factor on the learning rate, at the update under way."""

    factor: Any = 1.0


@dataclass
class Program:
    """A transformation and its compiled update, (gradient, state, x, rate, loss) -> (x, state).

    `rate` is what its learning rate, a schedule, answers with; None where its learning rate cannot be scheduled.
    """

    transformation: Any
    rate: Rate | None
    update: Callable[..., Any] = field(init=False)

    def __post_init__(self) -> None:
        import jax

        self.update = jax.jit(self.plain)

    def plain(self, gradient: Any, state: Any, x: Any, rate: Any, loss: Any) -> Any:
        import jax.numpy as jnp
        import optax

        if self.rate is not None:
            self.rate.factor = rate
        more = {"value": loss, "grad": gradient} if _extra(self.transformation) else {}
        updates, state = self.transformation.update(gradient, state, x, **more)
        found = jnp.shape(updates), jnp.result_type(updates)
        if found[0] != x.shape:
            raise Fault(f"returned an update of shape {found[0]}, not {x.shape}")
        if found[1] != x.dtype:
            raise Fault(f"returned an update of {found[1]}, not {x.dtype}")
        return optax.apply_updates(x, updates), state


PROGRAMS: dict[Any, Program] = {}
"""By hyperparameters, precision and shape: a transformation is pure, so it serves every trial, compiled once."""


class Stepping:
    def __init__(self, build: Build) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", build.precision == "float64")
        self.hyperparameters, options, known = {}, {}, None
        if build.called:
            known = arguments(build.name, build.target)
            options = known.theirs(build.values)
            self.hyperparameters = known.ours(options)
        elif build.values:
            raise AdambenchError(f"{build.name} takes no hyperparameters: it is a transformation, not a factory")
        self.spent = 0.0
        self._x = jnp.array(build.x)
        key = (*sorted(build.values.items()), build.precision, build.x.shape)
        if key not in PROGRAMS:
            PROGRAMS[key] = _program(build, options, known, self._x)
        self._program = PROGRAMS[key]
        if self._program.rate is not None:
            self._program.rate.factor = 1.0
        self._state = self._program.transformation.init(self._x)
        self.watched = _averages(self._state)

    def x(self) -> Array:
        return np.array(self._x)

    def move(self, x: Array) -> None:
        import jax.numpy as jnp

        self._x = jnp.array(x)

    def step(self, gradient: Array, rate: float, loss: float) -> Array:
        import jax
        import jax.numpy as jnp

        if rate != 1 and self._program.rate is None:
            raise Fault("cannot follow a schedule: its learning rate is not one that can be scheduled")
        given = jnp.array(gradient)
        started = perf_counter()
        found = self._program.update(given, self._state, self._x, rate, loss)
        new, self._state = jax.block_until_ready(found)
        self.spent = perf_counter() - started
        self._x = new
        return self.x()

    def point(self) -> Array:
        if not self.watched:
            return self.x()
        import optax.contrib

        return np.array(optax.contrib.schedule_free_eval_params(self._state, self._x))

    def save(self) -> bytes:
        return packed(self._state)

    def load(self, state: bytes) -> None:
        self._state = unpacked(state)

    def count(self, steps: int | None) -> int | None:
        import jax
        import jax.numpy as jnp

        leaves, tree = jax.tree_util.tree_flatten_with_path(self._state)
        places = {place: _rank(path, leaf) for place, (path, leaf) in enumerate(leaves)}
        counters = sorted((rank, place) for place, rank in places.items() if rank is not None)
        if not counters:
            return None
        values = [leaf for _, leaf in leaves]
        first = int(values[counters[0][1]])
        if steps is None:
            return first
        for _, place in counters:  # some count from 1
            values[place] = jnp.asarray(int(values[place]) + steps - first, dtype=values[place].dtype)
        self._state = jax.tree_util.tree_unflatten(tree, values)
        return steps


def _program(build: Build, options: dict[str, Any], known: Arguments | None, x: Any) -> Program:
    """The learning rate as a schedule where the factory takes one, so that its rate can change; else as it is."""
    base = options.get("learning_rate", known.defaults.get("learning_rate")) if known else None
    if isinstance(base, (int, float)):
        rate = Rate()
        schedule = {**options, "learning_rate": lambda count: base * rate.factor}
        # A factory that wants a number may make anything of a function.
        with contextlib.suppress(Exception):
            program = Program(build.target(**schedule), rate)
            _compile(program, x)
            return program
    program = Program(build.target(**options) if known else build.target, None)
    with contextlib.suppress(Exception):  # it will show again at the first step
        _compile(program, x)
    return program


def _compile(program: Program, x: Any) -> None:
    """Two steps that count for nothing: the state of the second may differ in type. Plain where JAX cannot trace it."""
    import jax
    import jax.numpy as jnp

    def twice() -> None:
        state, at = program.transformation.init(x), x
        for _ in range(2):
            at, state = program.update(jnp.zeros_like(x), state, at, 1.0, 0.0)
        jax.block_until_ready(at)

    try:
        twice()
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):
        program.update = program.plain
        twice()


def _extra(transformation: Any) -> bool:
    import optax

    return isinstance(transformation, optax.GradientTransformationExtraArgs)


def _averages(state: Any) -> bool:
    contrib = sys.modules.get("optax.contrib")
    return contrib is not None and isinstance(state, contrib.ScheduleFreeState)


def _rank(path: tuple[Any, ...], leaf: Any) -> int | None:
    """How likely this leaf is to be the step counter, 0 most; None where it is not."""
    name = getattr(path[-1], "name", getattr(path[-1], "key", None)) if path else None
    whole = np.ndim(leaf) == 0 and np.issubdtype(np.result_type(leaf), np.integer)
    return COUNTERS.index(name) if whole and name in COUNTERS else None


def recognise(target: Any) -> bool:
    optax = sys.modules.get("optax")
    return optax is not None and isinstance(target, optax.GradientTransformation)


ADAPTER = Adapter(
    kind="optax",
    packages=("optax", "jax", "jaxlib"),
    extra="optax",
    prepare=prepare,
    recognise=recognise,
    make=Stepping,
)

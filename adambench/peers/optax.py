"""Optax: JAX's scan over steps compiled as one, mapped over lanes, 64-bit; and its Muon."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adambench.speed.case import RATE, Case, Noise, Steps, Update
from adambench.speed.peer import Peer
from adambench.speed.timing import Work

ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def prepare() -> dict[str, str]:
    # XLA reads these once, before its first use.
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_THREAD}".strip()
    os.environ["NPROC"] = "1"
    import jax
    import optax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    return {"jax": jax.__version__, "optax": optax.__version__}


def works(case: Case) -> Mapping[str, Work]:
    match case:
        case Steps():
            return {"optax": _steps(case)}
        case Noise():
            return _noise(case)
        case Update() if case.configuration.optimizer.name == "muon":
            return {"optax": _muon(case)}
        case _:
            return {}


def _steps(case: Steps) -> Work:
    import jax
    import jax.numpy as jnp
    import optax

    adam, steps = optax.adam(RATE), _length(case, 10_000_000)

    def rosenbrock(x: Any) -> Any:
        return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    def descend(x: Any) -> Any:
        def step(carry: Any, _: None) -> Any:
            x, state = carry
            loss, gradient = jax.value_and_grad(rosenbrock)(x)
            updates, state = adam.update(gradient, state)
            return (optax.apply_updates(x, updates), state), loss

        return jax.lax.scan(step, (x, adam.init(x)), length=steps)

    start = jnp.resize(jnp.array(case.start), (case.dimension,))
    if case.lanes == 1:
        return Work(_ready(jax.jit(descend), start), steps)
    return Work(_ready(jax.jit(jax.vmap(descend)), jnp.tile(start, (case.lanes, 1))), steps * case.lanes)


def _noise(case: Noise) -> Mapping[str, Work]:
    """optax: each lane with its key. Where all have the same seed also optax-one-key: the key is not mapped, so that
    JAX draws once for all lanes, as adambench does."""
    import jax
    import jax.numpy as jnp
    import optax

    h = jnp.geomspace(1.0, case.condition, case.dimension)
    adam, steps = optax.scale_by_adam(), _length(case, 2_500_000)

    def descend(rate: Any, key: Any) -> Any:
        def step(carry: Any, key: Any) -> Any:
            x, state = carry
            gradient = h * x
            loss = 0.5 * jnp.sum(gradient * x)
            gradient += case.std * jax.random.normal(key, x.shape)
            updates, state = adam.update(gradient, state)
            return (x - rate * updates, state), loss

        x = jnp.ones(case.dimension)
        return jax.lax.scan(step, (x, adam.init(x)), jax.random.split(key, steps))

    rates, units = jnp.array(case.rates), steps * case.lanes
    if case.lanes == 1:
        return {"optax": Work(_ready(jax.jit(descend), rates[0], jax.random.key(0)), units)}
    seeds = np.zeros(case.lanes, np.int64) if case.shared else np.arange(case.lanes)
    keys = jax.vmap(jax.random.key)(seeds)
    found = {"optax": Work(_ready(jax.jit(jax.vmap(descend)), rates, keys), units)}
    if case.shared:
        together = jax.jit(jax.vmap(descend, in_axes=(0, None)))
        found["optax-one-key"] = Work(_ready(together, rates, jax.random.key(0)), units)
    return found


def _muon(case: Update) -> Work:
    """Its Newton-Schulz iteration keeps the precision of x, where torch's is in bfloat16."""
    import jax
    import jax.numpy as jnp
    import optax

    muon = optax.contrib.muon(1e-3)
    gradient, x = (jnp.array(array.reshape(-1, case.columns)) for array in case.vectors())

    def step(x: Any, state: Any) -> Any:
        updates, state = muon.update(gradient, state, x)
        return optax.apply_updates(x, updates), state

    return Work(_ready(jax.jit(step), x, muon.init(x)), case.dimension)


def _length(case: Steps | Noise, coordinates: int) -> int:
    """Steps of one call: as many as `coordinates` allow, so that it stays well below a second."""
    return min(case.steps, max(10, coordinates // (case.dimension * case.lanes)))


def _ready(compiled: Callable[..., Any], *arguments: Any) -> Callable[[], object]:
    """A call that waits for its result, which JAX would go on computing meanwhile."""
    import jax

    return lambda: jax.block_until_ready(compiled(*arguments))


PEER = Peer("optax", prepare, works)

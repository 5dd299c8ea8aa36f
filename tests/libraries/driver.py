"""The libraries' own optimizers, stepped one gradient at a time in float64."""

from __future__ import annotations

import importlib
import inspect
import os
import warnings
from contextlib import contextmanager

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")


@contextmanager
def quiet():
    """Libraries warn at import and in passing; that is theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def imported(name):
    """The module; the test is skipped where its library is not installed."""
    with quiet():
        return pytest.importorskip(name)


def named(target):
    """What a dotted name stands for."""
    module, _, name = target.rpartition(".")
    imported(module.partition(".")[0])
    with quiet():
        return getattr(importlib.import_module(module), name)


@contextmanager
def torch_steps(case, x):
    """step(gradient) -> (where the next gradient is taken, where the loss counts), each a fresh array."""
    torch = imported("torch")
    torch.set_default_dtype(torch.float64)  # scalars of the state are of this type
    try:
        with quiet():
            parameter = torch.nn.Parameter(torch.tensor(x))
            maker = named(case.target)
            more = {"foreach": False} if "foreach" in inspect.signature(maker).parameters else {}
            optimizer = maker([parameter], **{**more, **case.options})
            closure = [lambda: 0.0] if case.target == "torch.optim.LBFGS" else []
            switches = hasattr(optimizer, "eval") and hasattr(optimizer, "train")
            if switches:
                optimizer.train()

            def now():
                return parameter.detach().numpy().copy()

            def step(gradient):
                parameter.grad = torch.tensor(gradient)
                optimizer.step(*closure)
                if not switches:
                    return now(), now()
                here = now()
                optimizer.eval()
                point = now()
                optimizer.train()
                parameter.data = torch.tensor(here)  # there and back is not the same to the bit
                return here, point

            yield step
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def optax_steps(case, x):
    jax, optax = imported("jax"), imported("optax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        with quiet():
            optimizer = named(case.target)(**case.options)
            point = jax.numpy.asarray(x)
            state = jax.tree.map(jax.numpy.asarray, optimizer.init(point))

            @jax.jit
            def update(gradient, state, point):
                updates, state = optimizer.update(gradient, state, point)
                return optax.apply_updates(point, updates), state

            def watched(state, point):
                free = "ScheduleFree" in type(state).__name__
                return optax.contrib.schedule_free_eval_params(state, point) if free else point

            def step(gradient):
                nonlocal point, state
                point, state = update(gradient, state, point)
                assert point.dtype == np.float64
                return np.array(point), np.array(watched(state, point))

            yield step
    finally:
        jax.config.update("jax_enable_x64", before)


@contextmanager
def keras_steps(case, x):
    """With float64 variables under the usual floatx of float32, which is what the learning rate is kept in."""
    imported("torch")
    keras = imported("keras")
    with quiet():
        variable = keras.Variable(x, dtype="float64")
        optimizer = named(case.target)(**case.options)
        optimizer.build([variable])

        def step(gradient):
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
            now = keras.ops.convert_to_numpy(variable.value).copy()
            return now, now

        yield step


def theirs(case, x):
    """A context whose value is the step function of the library's optimizer at x."""
    return {"optax": optax_steps, "keras": keras_steps}.get(case.library, torch_steps)(case, x)

"""Trajectories beside torch and optax themselves, step by step, each at the gradients of the points it has come to."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from adambench.configuration import parse
from adambench.optimizers import all_optimizers

STEPS = 100
FUNCTIONS = (
    "function: rosenbrock, dimension: 2",
    "function: rosenbrock, dimension: 10",
    "function: quadratic, dimension: 6, parameters: {eigenvalues: [1.0e-6, 1.0e-5, 1.0e-4, 1.0e-3, 1.0e-2, 1.0]}",
)
STARTS = np.concatenate([np.resize([-1.2, 1.0], 2), np.resize([-1.2, 1.0], 10), np.ones(6)])
PARTS = (slice(0, 2), slice(2, 12), slice(12, 18))


@pytest.fixture(scope="module")
def gradient(problem, measure):
    """The gradients of two Rosenbrock functions and a quadratic of condition 10^6, side by side."""
    functions = [measure(problem(keys)) for keys in FUNCTIONS]
    return lambda x: np.concatenate([f(x[part])[1] for f, part in zip(functions, PARTS, strict=True)])


def close(points, expected):
    return (abs(points - expected) <= 1e-12 * (1.0 + abs(expected))).all()


def imported(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


@pytest.fixture
def torch():
    """torch with float64 for whatever it makes, scalars of the state included."""
    torch = imported("torch")
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(torch.float32)


NESTEROV = {"lr": 2e-4, "momentum": 0.9, "nesterov": True}
TORCH = {
    "sgd": ("SGD", {"lr": 1e-3}),
    "sgd:lr=0.0005:weight_decay=0.1": ("SGD", {"lr": 5e-4, "weight_decay": 0.1}),
    "sgd:lr=0.0005:momentum=0.7:dampening=0.3": ("SGD", {"lr": 5e-4, "momentum": 0.7, "dampening": 0.3}),
    "momentum:lr=0.0002": ("SGD", {"lr": 2e-4, "momentum": 0.9}),
    "momentum:lr=0.0002:dampening=0.5": ("SGD", {"lr": 2e-4, "momentum": 0.9, "dampening": 0.5}),
    "momentum:lr=0.0002:weight_decay=0.1": ("SGD", {"lr": 2e-4, "momentum": 0.9, "weight_decay": 0.1}),
    "nesterov:lr=0.0002": ("SGD", NESTEROV),
    "nesterov:lr=0.0002:momentum=0.5": ("SGD", {**NESTEROV, "momentum": 0.5}),
    "nesterov:lr=0.0002:weight_decay=0.1": ("SGD", {**NESTEROV, "weight_decay": 0.1}),
    "adagrad": ("Adagrad", {}),
    "adagrad:lr=0.1:lr_decay=0.01:eps=0.001": ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "eps": 1e-3}),
    "adagrad:initial_accumulator=0.5:weight_decay=0.1": (
        "Adagrad",
        {"initial_accumulator_value": 0.5, "weight_decay": 0.1},
    ),
    "rmsprop:lr=0.001": ("RMSprop", {"lr": 1e-3}),
    "rmsprop:lr=0.001:centered=true:rho=0.9": ("RMSprop", {"lr": 1e-3, "centered": True, "alpha": 0.9}),
    "rmsprop:lr=0.0001:momentum=0.9:weight_decay=0.1": ("RMSprop", {"lr": 1e-4, "momentum": 0.9, "weight_decay": 0.1}),
    "rmsprop:centered=true:eps=0.001:lr=0.0001:momentum=0.5": (
        "RMSprop",
        {"lr": 1e-4, "momentum": 0.5, "centered": True, "eps": 1e-3},
    ),
    "adadelta": ("Adadelta", {}),
    "adadelta:lr=0.5:rho=0.95:eps=0.0001": ("Adadelta", {"lr": 0.5, "rho": 0.95, "eps": 1e-4}),
    "adadelta:weight_decay=0.1": ("Adadelta", {"weight_decay": 0.1}),
    "adam": ("Adam", {}),
    "adam:lr=0.01:beta1=0.8:beta2=0.99:eps=0.001": ("Adam", {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3}),
    "adam:weight_decay=0.1": ("Adam", {"weight_decay": 0.1}),
    "adam:amsgrad=true:lr=0.1:weight_decay=0.1": ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1}),
    "adam:decoupled=true:weight_decay=0.1": ("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    "amsgrad:lr=0.1": ("Adam", {"lr": 0.1, "amsgrad": True}),
    "amsgrad:beta2=0.9:lr=0.05": ("Adam", {"lr": 0.05, "amsgrad": True, "betas": (0.9, 0.9)}),
    "amsgrad:decoupled=true:lr=0.05:weight_decay=0.1": ("AdamW", {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1}),
    "adamax": ("Adamax", {}),
    "adamax:beta1=0.8:beta2=0.9:eps=0.1:lr=0.01": ("Adamax", {"lr": 0.01, "betas": (0.8, 0.9), "eps": 0.1}),
    "adamax:weight_decay=0.1": ("Adamax", {"weight_decay": 0.1}),
    "nadam": ("NAdam", {}),
    "nadam:lr=0.01:beta1=0.8:momentum_decay=0.1": ("NAdam", {"lr": 0.01, "betas": (0.8, 0.999), "momentum_decay": 0.1}),
    "nadam:weight_decay=0.1": ("NAdam", {"weight_decay": 0.1}),
    "nadam:decoupled=true:weight_decay=0.1": ("NAdam", {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    "adamw": ("AdamW", {}),
    "adamw:lr=0.01:weight_decay=0.5": ("AdamW", {"lr": 0.01, "weight_decay": 0.5}),
    "adamw:amsgrad=true:lr=0.1": ("AdamW", {"lr": 0.1, "amsgrad": True}),
}


def compared(texts):
    return {found.optimizer.name for text in texts for found in parse(text)}


def test_every_optimizer_that_claims_a_dialect_is_compared():
    for dialect, texts in {"torch": TORCH, "optax": OPTAX}.items():
        assert compared(texts) == {o.name for o in all_optimizers().values() for d in o.dialects if d.name == dialect}


@pytest.mark.parametrize("text", TORCH)
def test_torch(torch, walk, gradient, text):
    name, options = TORCH[text]
    x = torch.tensor(STARTS, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([x], foreach=False, **options)
    expected = [STARTS]
    for _ in range(STEPS):
        x.grad = torch.tensor(gradient(expected[-1]))
        optimizer.step()
        expected.append(x.detach().numpy().copy())
    points = walk(text, gradient, STARTS, STEPS)
    assert close(points, np.array(expected))
    assert (points[-1] != STARTS).all()


OPTAX = {
    "sgd@optax:lr=0.001": ("sgd", {"learning_rate": 1e-3}),
    "momentum@optax:lr=0.0002": ("sgd", {"learning_rate": 2e-4, "momentum": 0.9}),
    "nesterov@optax:lr=0.0002": ("sgd", {"learning_rate": 2e-4, "momentum": 0.9, "nesterov": True}),
    "adagrad@optax:lr=0.01": ("adagrad", {"learning_rate": 0.01}),
    "adagrad@optax:eps=0.1:initial_accumulator=0:lr=0.01": (
        "adagrad",
        {"learning_rate": 0.01, "eps": 0.1, "initial_accumulator_value": 0.0},
    ),
    "rmsprop@optax:lr=0.001": ("rmsprop", {"learning_rate": 1e-3}),
    "rmsprop@optax:centered=true:lr=0.001:rho=0.99": (
        "rmsprop",
        {"learning_rate": 1e-3, "decay": 0.99, "centered": True},
    ),
    "rmsprop@optax:lr=0.0001:momentum=0.9:nesterov=true": (
        "rmsprop",
        {"learning_rate": 1e-4, "momentum": 0.9, "nesterov": True},
    ),
    "adadelta@optax": ("adadelta", {"learning_rate": 1.0}),
    "adadelta@optax:eps=0.0001:lr=0.5:weight_decay=0.1": (
        "adadelta",
        {"learning_rate": 0.5, "eps": 1e-4, "weight_decay": 0.1},
    ),
    "adam@optax:eps_root=0.0001:lr=0.01": ("adam", {"learning_rate": 0.01, "eps_root": 1e-4}),
    "amsgrad@optax:lr=0.1": ("amsgrad", {"learning_rate": 0.1}),
    "adamw@optax:lr=0.01": ("adamw", {"learning_rate": 0.01}),
    "adamw@optax:eps_root=0.0001:lr=0.01:weight_decay=0.5": (
        "adamw",
        {"learning_rate": 0.01, "eps_root": 1e-4, "weight_decay": 0.5},
    ),
    "nadam@optax:beta1=0.8:lr=0.01": ("nadam", {"learning_rate": 0.01, "b1": 0.8}),
    "adamax@optax:eps=0.1:lr=0.01": ("adamax", {"learning_rate": 0.01, "eps": 0.1}),
}


@pytest.fixture
def jax():
    """jax with float64, which must be asked for before the first array."""
    jax, _ = imported("jax"), imported("optax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("text", OPTAX)
def test_optax(jax, walk, gradient, text):
    import optax

    name, options = OPTAX[text]
    optimizer = getattr(optax, name)(**options)

    @jax.jit
    def step(slope, state, x):
        updates, state = optimizer.update(slope, state, x)
        return optax.apply_updates(x, updates), state

    x = jax.numpy.asarray(STARTS)
    state = jax.tree.map(jax.numpy.asarray, optimizer.init(x))
    expected = [STARTS]
    for _ in range(STEPS):
        x, state = step(gradient(expected[-1]), state, x)
        expected.append(np.array(x))
    assert expected[-1].dtype == np.float64
    assert close(walk(text, gradient, STARTS, STEPS), np.array(expected))

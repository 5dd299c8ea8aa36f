"""How long a step is."""

from __future__ import annotations

import numpy as np

from adambench.conform.bound import step_bound
from adambench.conform.departure import departure
from adambench.conform.example import FEW, example, matrix_example, rms, rotation_matrix
from adambench.conform.probe import Floats
from adambench.conform.subject import Subject
from adambench.optimizer import Value

ULPS = 4 * 2.0**-52
SINGLE = 1.0 + 4 * 2.0**-23
"""Slack for those who keep their rates in float32."""


def first_step_of_the_learning_rate(subject: Subject) -> str:
    """From x = 0 the first step is -lr g / (|g| + eps), without an epsilon inside the root."""
    _, gradients = example(subject)
    g, eps = gradients[:1], subject.number("eps")
    return departure(
        subject.run(0.0 * g[0], g, subject.off("eps_root")), -subject.number("lr") * g / (np.abs(g) + eps), ULPS
    )


def first_step_of_the_gradient(subject: Subject) -> str:
    """From x = 0 the first step is -lr g."""
    _, gradients = example(subject)
    return departure(subject.run(0.0 * gradients[0], gradients[:1]), -subject.number("lr") * gradients[:1], ULPS)


def steps_of_the_learning_rate(subject: Subject) -> str:
    """Every step is lr or nothing in each coordinate, where nothing decays."""
    _, gradients = example(subject)
    lr, path = subject.number("lr"), subject.run(0.0 * gradients[0], gradients, values=subject.off("weight_decay"))
    steps = np.abs(np.diff(path, axis=0, prepend=0.0))
    return departure(steps, np.where(steps > 0.5 * lr, lr, 0.0), ULPS)


def step_as_long_as_x(subject: Subject) -> str:
    """Each step is lr times as long as x, where nothing decays."""
    x0, gradients = example(subject)
    path = subject.run(x0, gradients, values=subject.off("weight_decay")).reshape(FEW, -1)
    path = np.vstack([x0.reshape(1, -1), path])
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1) / np.linalg.norm(path[:-1], axis=1)
    return departure(lengths, np.full(FEW, subject.number("lr")), 1e-13)


def longest_step(subject: Subject) -> str:
    """No step is longer, in any coordinate, than `step_bound` times lr, where nothing decays."""
    lr, off = subject.number("lr"), subject.off("weight_decay")
    beta1, beta2 = subject.number("beta1"), subject.number("beta2")
    for probe in subject.probes:
        path = subject.run(probe.x0, probe.gradients, values=off)
        steps = np.abs(np.diff(path, axis=0, prepend=probe.x0[None]))
        t = np.arange(1, len(steps) + 1)
        bound = lr * np.array([step_bound(beta1, beta2, int(n)) for n in t]).reshape(-1, *(1 for _ in probe.x0.shape))
        slack = 2 * ULPS * (1.0 + np.abs(path)) + 1e-12 * bound
        over = np.argwhere(~(steps <= bound + slack))
        if len(over):
            step, *place = over[0].tolist()
            length, most = float(steps[tuple(over[0])]), float(bound[step].max())
            return f"step {step + 1} of the probe {probe.name!r} moves x{place} by {length:.6g}, not at most {most:.6g}"
    return ""


def first_step_does_not_feel_beta2(subject: Subject) -> str:
    """The first step is the same for another beta2: moments are corrected, and one gradient makes no difference."""
    _, gradients = example(subject)
    beta2 = subject.number("beta2")
    path = subject.run(0.0 * gradients[0], gradients[:1])
    return departure(subject.run(0.0 * gradients[0], gradients[:1], {"beta2": (1.0 + beta2) / 2.0}), path, ULPS)


def step_relative_to_x(subject: Subject) -> str:
    """The root mean square of a step is at most d lr times that of x, or times eps2 where x is smaller."""
    return _relative(subject, {}, np.full(FEW, subject.number("lr")))


def step_relative_to_x_falls_with_time(subject: Subject) -> str:
    """Even with lr = 1 it is at most d / sqrt(t) times that of x, or times eps2 where x is smaller."""
    change: dict[str, Value] = {} if subject.number("lr") == 1.0 else {"lr": 1.0}
    return _relative(subject, change, 1.0 / np.sqrt(np.arange(1.0, FEW + 1)))


def singular_values_near_one(subject: Subject) -> str:
    """Of a square matrix of condition 100, the singular values of each step are from 0.6 to 1.2 in learning rates.

    In learning rates times rms_rate sqrt(rows), where the optimizer has a rms_rate; while the gradient stays, nothing
    decays.
    """
    matrix_example(subject)
    size, rms_rate = 3, float(subject.hyperparameters.get("rms_rate", 0.0))
    turn = rotation_matrix(size)
    gradient = turn @ np.diag(np.geomspace(1.0, 1e-2, size)) @ turn[::-1]
    path = subject.run(0.0 * gradient, np.tile(gradient, (FEW, 1, 1)), subject.off("weight_decay"))
    if not np.isfinite(path).all():
        return f"after step {int(np.argwhere(~np.isfinite(path))[0, 0]) + 1}, x is not finite"
    unit = subject.number("lr") * (rms_rate * np.sqrt(size) if rms_rate else 1.0)
    steps = np.diff(path, axis=0, prepend=0.0 * gradient[None])
    values = np.asarray(np.linalg.svd(steps, compute_uv=False) / unit, np.float64)
    return departure(values, np.clip(values, 0.6, 1.2), 0.0, what="the singular value")


def _relative(subject: Subject, values: dict[str, Value], rates: Floats) -> str:
    """Gradients that leap by a factor of 100 now and then, so that updates are clipped."""
    x0, gradients = example(subject)
    leaping = gradients * np.where(np.arange(FEW) % 8 == 7, 1e2, 1.0).reshape(-1, *(1 for _ in subject.shape))
    d, least = subject.number("d"), float(subject.hyperparameters.get("eps2", 0.0))
    for start in (x0, 0.0 * x0) if least else (x0,):
        path = subject.run(start, leaping, {**subject.off("weight_decay"), **values})
        before = np.concatenate([start[None], path[:-1]])
        most = d * rates * np.maximum(least, rms(before)) * SINGLE
        lengths = rms(path - before)
        if text := departure(lengths, np.minimum(lengths, most), ULPS, what="the size of the step"):
            return text
    return ""

"""A tuned comparison, here and in optax: 8 optimizers, 8 problems, 64 draws on 5 seeds, the winners on 10, 5,000 steps.

    python tests/benchmarks/tuned_optax.py [--draws 64] [--budget 5000] [--problems 8]

Optax does the same work in one XLA program for each optimizer and problem: the steps in `lax.scan`, draws and seeds in
`vmap`, in float64, with the noise of a seed drawn once for all draws, the noise-free loss watched for the first hits of
three targets. Both are warm: kernels in the cache here, programs compiled ahead of time there (its seconds are printed
and do not count). Seconds on the clock and of the processors, for both.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402

from adambench.configuration import parse_list  # noqa: E402
from adambench.draws import start_points  # noqa: E402
from adambench.problem import load_all  # noqa: E402
from adambench.problem.tuning import Tuning  # noqa: E402
from adambench.tuning.draw import draws  # noqa: E402
from adambench.tuning.space import spaces  # noqa: E402

NOISE, TUNING_SEEDS, FRESH_SEEDS = 0.1, 5, 10
TARGETS = (1e-1, 1e-3, 1e-5)
START = {"beale": "[1.0, 1.0]"}


def ackley(x):
    radius = jnp.sqrt(jnp.mean(x * x))
    return 20 - 20 * jnp.exp(-0.2 * radius) + jnp.e - jnp.exp(jnp.mean(jnp.cos(2 * jnp.pi * x)))


def beale(x):
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def zakharov(x):
    along = jnp.sum(0.5 * jnp.arange(1, x.size + 1) * x)
    return jnp.sum(x * x) + along**2 + along**4


FUNCTIONS = {
    "ackley": ackley,
    "beale": beale,
    "ellipsoid": lambda x: jnp.sum(jnp.geomspace(1.0, 1e6, x.size) * x * x),
    "rastrigin": lambda x: jnp.sum(x * x + 10 * (1 - jnp.cos(2 * jnp.pi * x))),
    "rosenbrock": lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "sphere": lambda x: jnp.sum(x * x),
    "styblinski-tang": lambda x: 0.5 * jnp.sum(x**4 - 16 * x**2 + 5 * x),
    "zakharov": zakharov,
}
OPTIMIZERS = {
    "sgd": lambda h: optax.sgd(h["lr"]),
    "momentum": lambda h: optax.sgd(h["lr"], momentum=h["momentum"]),
    "nesterov": lambda h: optax.sgd(h["lr"], momentum=h["momentum"], nesterov=True),
    "adagrad": lambda h: optax.adagrad(h["lr"], eps=h["eps"]),
    "rmsprop": lambda h: optax.rmsprop(h["lr"], decay=h["rho"], eps=h["eps"]),
    "adadelta": lambda h: optax.adadelta(h["lr"], rho=h["rho"], eps=h["eps"]),
    "adam": lambda h: optax.adam(h["lr"], b1=h["beta1"], b2=h["beta2"], eps=h["eps"]),
    "adamw": lambda h: optax.adamw(h["lr"], b1=h["beta1"], b2=h["beta2"], eps=h["eps"], weight_decay=h["weight_decay"]),
}


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--draws", type=int, default=64)
    asked.add_argument("--budget", type=int, default=5000)
    asked.add_argument("--problems", type=int, default=len(FUNCTIONS))
    options = asked.parse_args()
    names = list(FUNCTIONS)[: options.problems]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            keys = f"dimension: 10\nbudget: {options.budget}\nnoise: {{gaussian: {{std: {NOISE}}}}}\n"
            keys = keys.replace("dimension: 10\n", "" if name == "beale" else "dimension: 10\n")
            keys += f"start: {START[name]}\n" if name in START else ""
            Path(folder, f"{name}.yaml").write_text(f"name: {name}\nfunction: {name}\n{keys}")
        ours(folder, options)  # compiles what is not in the cache
        here = ours(folder, options)
        there = theirs(load_all([folder]), options)
    print(f"adambench: {here[0]:.1f} s, {here[1]:.1f} processor seconds, at most {here[2]:.0f} MB (whole process)")
    print(f"optax:     {there[0]:.1f} s, {there[1]:.1f} processor seconds, and {there[2]:.1f} s to compile")
    print(f"optax takes {there[0] / here[0]:.1f} times as long, {there[1] / here[1]:.1f} times the processor seconds")


def ours(folder, options):
    """Seconds, processor seconds and megabytes of the command, from its start to its end."""
    command = f"-m adambench compare {folder} --tune {options.draws} --tuning-seeds {TUNING_SEEDS} --json -q -o"
    optimizers = ["--optimizers", ",".join(OPTIMIZERS), "--seeds", str(FRESH_SEEDS), "--allow-invalid"]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command.split(), os.devnull, *optimizers], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, seconds, after.ru_maxrss / 1024


def theirs(problems, options):
    """Seconds and processor seconds in the compiled programs, and seconds spent compiling."""
    entrants = parse_list(",".join(OPTIMIZERS))
    tuning = Tuning(options.draws, seeds=TUNING_SEEDS)
    axes = spaces(entrants, ())
    spent, used, compiling = 0.0, 0.0, 0.0
    for problem in problems:
        x = jnp.asarray(start_points(problem)[problem.seeds[0]])
        function = FUNCTIONS[problem.name]
        initial = float(function(x))
        asked = jnp.asarray([problem.optimum.loss + t * (initial - problem.optimum.loss) for t in TARGETS])
        for entrant in entrants:
            drawn = [draw.hyperparameters for draw in draws(entrant, axes[entrant.label], tuning)]
            drawn = {axis.name: jnp.asarray([one[axis.name] for one in drawn]) for axis in axes[entrant.label]}
            trial = trials(function, OPTIMIZERS[entrant.label], x, asked, options.budget)
            began = time.perf_counter()
            tune = jax.jit(trial).lower(drawn, jnp.arange(TUNING_SEEDS)).compile()
            one = {name: values[:1] for name, values in drawn.items()}
            rerun = jax.jit(trial).lower(one, jnp.arange(FRESH_SEEDS)).compile()
            compiling += time.perf_counter() - began
            began, before = time.perf_counter(), time.process_time()
            losses, _ = map(np.asarray, tune(drawn, jnp.arange(1_000_000, 1_000_000 + TUNING_SEEDS)))
            medians = np.median(np.where(np.isfinite(losses), losses, np.inf), axis=0)
            best = int(medians.argmin())
            winner = {name: values[best : best + 1] for name, values in drawn.items()}
            fresh, _ = map(np.asarray, rerun(winner, jnp.arange(FRESH_SEEDS)))
            spent, used = spent + time.perf_counter() - began, used + time.process_time() - before
            print(f"{problem.name} {entrant.label}: {np.median(fresh):.4g}", flush=True)
    return spent, used, compiling


def trials(function, make, start, asked, budget):
    """(draws' hyperparameters, seeds) -> final losses (seeds, draws) and first hits (seeds, draws, targets)."""
    gradient = jax.value_and_grad(function)

    def trial(hyperparameters, seed):
        optimizer, key = make(hyperparameters), jax.random.key(seed)

        def step(carry, t):
            x, state, hits = carry
            loss, slope = gradient(x)
            hits = jnp.where((hits < 0) & (loss <= asked), t, hits)
            noise = NOISE * jax.random.normal(jax.random.fold_in(key, t), x.shape, x.dtype)
            updates, state = optimizer.update(slope + noise, state, x)
            return (optax.apply_updates(x, updates), state, hits), None

        first = (start, optimizer.init(start), jnp.full(len(TARGETS), -1))
        (x, _, hits), _ = jax.lax.scan(step, first, jnp.arange(budget))
        loss = function(x)
        return loss, jnp.where((hits < 0) & (loss <= asked), budget, hits)

    # The draws inside: the noise does not depend on them.
    return jax.vmap(jax.vmap(trial, (0, None)), (None, 0))


if __name__ == "__main__":
    main()

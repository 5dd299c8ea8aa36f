"""The file that `adambench new` writes: a problem to start from, with every key explained."""

from __future__ import annotations

from adambench.problem.keys import DEFAULT_BUDGET, DEFAULT_OPTIMIZERS, DEFAULT_SEEDS, DEFAULT_TARGETS

TUNING = """\
# Draws for every optimizer, from the ranges that `adambench show NAME` prints; the best of each runs on the seeds.
# tuning: {trials: 32}
# tuning: {trials: 32, sampler: random, rule: steps, seeds: 5, space: {lr: 1e-5..1}, halving: true}
"""
"""In the file that `adambench new` writes, and below each that `adambench show --yaml` prints."""


def template(name: str) -> str:
    """A problem called `name` that runs as it is."""
    return f"""\
# A problem for adambench. What is commented out shows the default, or another way to say it.
name: {name}
description: A curved valley that is easy to find and slow to follow.
# source: paper, equation, page

# The objective: a function (`adambench list functions`; `adambench show NAME` tells its parameters) ...
function: rosenbrock
dimension: 2
# parameters: {{}}

# ... or an expression (`adambench show expressions` has the language), which needs a start:
# expression: "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"

# ... or a model with its data, instead of function, dimension and parameters (`adambench show logistic`):
# model: logistic
# data: {{file: rows.svm}}       # beside this file: svmlight, CSV, NPY, NPZ, IDX, CIFAR-10; plain or gzip
# data: {{samples: 2000, features: 500, density: 0.01, exponent: 1.1, label_noise: 0.05, seed: 0}}   # generated
# l2: 1e-4
# intercept: false
# batch: 128                   # rows a gradient; without it, all

# What is done to x, in this order, and to the gradient (`adambench list transforms --long`):
# transforms: [{{scale: {{condition: 100}}}}, {{sparse_gradient: {{probability: 0.5}}}}]

# Wherever a number stands, {{sweep: [10, 100, 1000]}} makes as many problems of this one.

# Where trials start: repeated cyclically to the dimension, or drawn anew for each seed.
start: [-1.2, 1.0]
# start: {{uniform: [-2, 2]}}
# start: {{normal: [0, 1]}}

# The least loss, and where it is. Most functions know theirs; `solve` computes that of a convex model, once.
# Without it, targets are relative to the best loss seen.
# optimum: {{loss: 0.0, x: [1.0]}}

# Noise on the gradient; several make a list.
# noise: {{gaussian: {{std: 0.1}}}}
# noise: {{multiplicative: {{std: 0.1}}}}
# noise: {{heavy_tail: {{df: 3, scale: 0.1}}}}
# noise: {{quadratic_model: {{batch: 32}}}}   # quadratics only

# Gradient evaluations a trial spends.
budget: {DEFAULT_BUDGET}

# A number asks for that share of the start's gap to the least loss; {{loss: v}}, {{gradient: g}}, {{distance: d}} are
# absolute.
targets: [{", ".join(f"{target:g}" for target in DEFAULT_TARGETS)}]

# A count, or a list. Without it {DEFAULT_SEEDS}, or 1 where nothing is random.
# seeds: {DEFAULT_SEEDS}

# The learning rate over time: constant, inverse_sqrt, step, exponential, linear, cosine; each with warmup.
# schedule: {{cosine: {{final: 0.0, warmup: 100}}}}

# Who runs (`adambench list optimizers`).
# optimizers: [{", ".join(DEFAULT_OPTIMIZERS)}]
optimizers:
  - adam
  - adam:lr=0.01
  - {{sgd: {{lr: 1e-3, momentum: 0.9}}}}
  - rmsprop@keras

{TUNING}\

# What must hold, or the exit code is 1: of one optimizer, of several, or of each where none is named.
# require:
#   - {{optimizer: adam:lr=0.01, target: 1e-1, within: 9000, success_rate: 1.0}}   # the share of the trials
#   - {{optimizer: adam:lr=0.01, target: 1e-1, within: 9000, quantile: 0.9}}       # the same, said of the steps
#   - {{optimizer: [adam, adam:lr=0.01], final_loss: 10, quantile: 0.5}}           # in the median; without it, in all
#   - {{outcome: [reached, budget]}}
#   - {{optimizer: adam:lr=0.01, faster_than: {{optimizer: adam, by: 1.5}}, target: 1e-1}}
#   - {{time_per_step: 2us}}         # shown, no more, unless it says advisory: false
"""

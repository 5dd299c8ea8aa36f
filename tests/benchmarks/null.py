"""How often an optimizer is called different from itself: `python tests/benchmarks/null.py`, about half a minute.

2,000 repetitions, each with fresh seeds for either name, at alpha 0.05: simulated times, and those of adam on a noisy
quadratic. A rule holds its level with at most 5% (but for chance: 4.0 to 6.0 in 95 of 100 tables of a 5% rule).
`percentile` is a percentile bootstrap of the mean log ratio, for comparison, where no trial failed.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np

import adambench
from adambench.analysis.bootstrap import resamples
from adambench.analysis.difference import different, different_over, log_ratios

REPETITIONS = 2000
PROBLEM = """
name: noisy
function: quadratic
dimension: 10
parameters: {condition: 100, spectrum: log}
start: [1.0]
noise: {gaussian: {std: 30.0}}
budget: 5000
targets: [1e-1, 1e-2]
"""


def measured(optimizers, seeds):
    """(targets, optimizers, seeds) evaluations of the engine to each target, +inf where it was not hit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noisy.yaml"
        path.write_text(PROBLEM, encoding="ascii")
        report = adambench.run(str(path), optimizers=optimizers, seeds=seeds, stop_at_target=True, allow_invalid=True)
    hits = [[seed["hits"] for seed in row["seeds"]] for row in report.to_dict()["results"]]
    return np.moveaxis(np.array(hits, np.float64), 2, 0)  # None becomes nan


def failing(times, budget):
    return np.where(times <= budget, times, np.inf)


def simulated(name, random, shape):
    normal = random.standard_normal(shape)
    if name == "bimodal":
        return np.where(random.random(shape) < 0.3, 5000.0, 1000.0) * np.exp(0.1 * normal)
    times = 1000.0 * np.exp((1.0 if name == "lognormal 1" else 0.5) * normal)
    return failing(times, 1300.0) if name == "lognormal, 70% hit" else times


def percentile_differs(times_a, times_b):
    if np.isinf(times_a).any() or np.isinf(times_b).any():
        return math.nan
    ratios = log_ratios(times_a, times_b)
    means = np.sort(resamples(len(ratios)) @ ratios)
    return float(means[49] > 0.0 or means[1949] < 0.0)


def rates(times):
    """(in % called different, in % undecided, in % by the percentile bootstrap) of (repetitions, 2, seeds) times."""
    verdicts = [different(a, b)["different"] for a, b in times]
    percentile = [percentile_differs(a, b) for a, b in times]
    return (
        100.0 * sum(verdict is True for verdict in verdicts) / len(times),
        100.0 * sum(verdict is None for verdict in verdicts) / len(times),
        100.0 * float(np.mean(percentile)),
    )


def main():
    random = np.random.default_rng(5)
    easy, hard = measured("adam:lr=0.02", 2 * 20 * REPETITIONS)[:, 0].reshape(2, REPETITIONS, 2, 20)
    sources = {
        "adam, 1e-1": easy,
        "adam, 1e-2": hard,
        "adam, 1e-2, 80% hit": failing(hard, np.quantile(hard, 0.8)),
        "adam, 1e-2, 30% hit": failing(hard, np.quantile(hard, 0.3)),
    }
    names = ("lognormal 0.5", "lognormal 1", "bimodal", "lognormal, 70% hit")
    print(f"one problem\n{'seeds':>5}  {'':22}{'different':>11}{'undecided':>11}{'percentile':>12}")
    for seeds in (5, 10, 20):
        for name in (*sources, *names):
            times = sources[name] if name in sources else simulated(name, random, (REPETITIONS, 2, 20))
            called, undecided, percentile = rates(times[:, :, :seeds])
            print(f"{seeds:>5}  {name:22}{called:10.1f}%{undecided:10.1f}%{percentile:11.1f}%")
    print(f"\nover problems, 10 seeds each\n{'problems':>8}  {'':22}{'different':>11}{'undecided':>11}")
    for problems in (3, 5, 8, 20):
        for name, parts in (
            ("adam, all hit", (easy, hard)),
            ("adam, half 80% hit", (easy, sources["adam, 1e-2, 80% hit"])),
        ):
            verdicts = []
            for _ in range(REPETITIONS):
                chosen = random.integers(REPETITIONS, size=problems)
                pairs = [tuple(parts[place % 2][one][:, :10]) for place, one in enumerate(chosen)]
                verdicts.append(different_over(pairs)["different"])
            called, undecided = (
                100.0 * sum(verdict is kind for verdict in verdicts) / REPETITIONS for kind in (True, None)
            )
            print(f"{problems:>8}  {name:22}{called:10.1f}%{undecided:10.1f}%")


if __name__ == "__main__":
    main()

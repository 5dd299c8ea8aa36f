"""How often a planted difference is found: `python tests/benchmarks/power.py`, a few seconds.

adam with lr 0.02 against lr 0.016 on the noisy quadratic of null.py, 10,000 seeds each once; then 2,000 subsets of
seeds, decided at alpha 0.05. `unpaired` gives each of the two its own seeds: what common random numbers are worth.
"""

from __future__ import annotations

import math

import numpy as np
from null import failing, measured

from adambench.analysis.difference import different, log_ratios
from adambench.analysis.paired import compare_pair
from adambench.analysis.speedup import Race

SUBSETS = 2000
SEEDS = 10_000


def found(random, times_a, times_b, seeds, paired):
    """In %: (called different, called different the wrong way round)."""
    calls = []
    for _ in range(SUBSETS):
        chosen = random.integers(SEEDS, size=seeds)
        others = chosen if paired else random.integers(SEEDS, size=seeds)
        calls.append(different(times_a[chosen], times_b[others])["faster"])
    return 100.0 * calls.count("a") / SUBSETS, 100.0 * calls.count("b") / SUBSETS


def main():
    random = np.random.default_rng(6)
    easy, hard = measured("adam:lr=0.02,adam:lr=0.016", SEEDS)
    budget = np.quantile(hard, 0.8)
    for name, (times_a, times_b) in (
        ("1e-1", easy),
        ("1e-2", hard),
        ("1e-2, 80% hit", failing(hard, budget)),
    ):
        found_all = compare_pair(Race(times_a, times_b, budget))
        complete = np.isfinite(times_a) & np.isfinite(times_b)
        speedup = math.exp(-log_ratios(times_a[complete], times_b[complete]).mean())
        print(
            f"target {name}: speed-up {speedup:.3f}, win probability {found_all['win']:.3f}, "
            f"variance ratio {found_all['variance_ratio']:.3f}"
        )
        for seeds in (5, 10, 20, 50):
            power, wrong = found(random, times_a, times_b, seeds, True)
            alone, _ = found(random, times_a, times_b, seeds, False)
            print(f"  {seeds:>2} seeds: power {power:5.1f}% (wrong way {wrong:.1f}%), unpaired {alone:5.1f}%")


if __name__ == "__main__":
    main()

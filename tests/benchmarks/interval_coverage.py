"""Coverage of 95% intervals over 2,000 simulated data sets: `python tests/benchmarks/interval_coverage.py`, 2 minutes.

Prints, for each number of seeds and each distribution, how often (in %) each interval holds the truth: of the median
(percentile bootstrap, BCa, studentised, order statistics: the one that adambench reports), of the expected runtime
(percentile, BCa, studentised, MOVER: reported), of a success rate and the win probability (Wilson: reported), of the
speed-up of pairs and over problems, and of the win probability over problems (Student: reported). The last table is of
failures so rare that most data sets have none, which no interval of these can know of.
"""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from adambench.analysis.bootstrap import DRAWS, resamples
from adambench.analysis.difference import student_interval
from adambench.analysis.interval import ert_interval, median_interval, median_ranks
from adambench.analysis.proportion import mean_interval, wilson_interval
from adambench.analysis.signed_rank import shift_interval

SETS = 2000
SEEDS = (5, 10, 20, 50)
LOW, HIGH = math.ceil(DRAWS * 0.025) - 1, math.ceil(DRAWS * 0.975) - 1


def lognormal(sigma):
    return lambda random, shape: 1000.0 * np.exp(sigma * random.standard_normal(shape))


def bimodal(random, shape):
    """70% around 1,000, 30% around 5,000."""
    slow = random.random(shape) < 0.3
    return np.where(slow, 5000.0, 1000.0) * np.exp(0.1 * random.standard_normal(shape))


# name, hits, budget
DISTRIBUTIONS = (
    ("lognormal 0.5", lognormal(0.5), math.inf),
    ("lognormal 1", lognormal(1.0), math.inf),
    ("bimodal", bimodal, math.inf),
    ("lognormal 0.5, 95% hit", lognormal(0.5), 1000.0 * math.exp(0.5 * ndtri(0.95))),
    ("lognormal 0.5, 80% hit", lognormal(0.5), 1000.0 * math.exp(0.5 * ndtri(0.80))),
    ("lognormal 0.5, 60% hit", lognormal(0.5), 1000.0 * math.exp(0.5 * ndtri(0.60))),
    ("lognormal 0.5, 20% hit", lognormal(0.5), 1000.0 * math.exp(0.5 * ndtri(0.20))),
    ("lognormal 1, 80% hit", lognormal(1.0), 1000.0 * math.exp(ndtri(0.80))),
    ("lognormal 1, 55% hit", lognormal(1.0), 1000.0 * math.exp(ndtri(0.55))),
    ("bimodal, 70% hit", bimodal, 2000.0),
)


def truth(draw, budget):
    """(median, ERT) of the distribution."""
    values = draw(np.random.default_rng(99), 2_000_000)
    hit = values <= budget
    median = float(np.median(values))
    return (median if median <= budget else math.inf), float(np.minimum(values, budget).sum() / hit.sum())


def bca_levels(share_below, acceleration):
    """The quantiles that BCa takes instead of 2.5% and 97.5%. Efron 1987, J. Am. Stat. Assoc. 82, 171-185."""
    bias = ndtri(np.clip(share_below, 0.5 / DRAWS, 1 - 0.5 / DRAWS))
    return [ndtr(bias + (bias + ndtri(level)) / (1 - acceleration * (bias + ndtri(level)))) for level in (0.025, 0.975)]


def of_median(values):
    """name: (low, high), each (sets,). All but the studentised depend on ranks alone, hence on no distribution."""
    n = values.shape[1]
    ordered = np.sort(values, axis=1)
    middle = (n + 1) // 2 - 1
    cumulated = np.cumsum(resamples(n), axis=1)
    medians = (cumulated > middle).argmax(axis=1)  # rank, in the sample, of each resample's median
    ranked = np.sort(medians)
    found = {"percentile": (ordered[:, ranked[LOW]], ordered[:, ranked[HIGH]])}
    # jackknifed medians take two values, so their skewness depends on how often each is taken
    without = np.array([(np.delete(np.arange(n), i))[(n - 1 + 1) // 2 - 1] for i in range(n)], np.float64)
    off = without.mean() - without
    acceleration = float((off**3).sum() / (6 * (off**2).sum() ** 1.5))
    below = float((medians < middle).mean() + (medians == middle).mean() / 2)
    places = [min(max(math.ceil(DRAWS * level) - 1, 0), DRAWS - 1) for level in bca_levels(below, acceleration)]
    found["BCa"] = (ordered[:, ranked[places[0]]], ordered[:, ranked[places[1]]])
    # studentised: McKean & Schrader's standard error, from two order statistics
    reach = max(round((n + 1) / 2 - 1.96 * math.sqrt(n / 4)), 1) - 1
    ends = [(cumulated > place).argmax(axis=1) for place in (reach, n - 1 - reach)]
    with np.errstate(all="ignore"):
        error = ordered[:, n - 1 - reach] - ordered[:, reach]
        pivots = ordered[:, medians] - ordered[:, [middle]]
        pivots = np.where(pivots == 0.0, 0.0, pivots / (ordered[:, ends[1]] - ordered[:, ends[0]]))
    pivots = np.sort(np.nan_to_num(pivots, nan=0.0, posinf=np.inf, neginf=-np.inf), axis=1)
    with np.errstate(all="ignore"):
        centre = ordered[:, middle]
        found["studentised"] = (centre - pivots[:, HIGH] * error, centre - pivots[:, LOW] * error)
    low, high = median_ranks(n)
    found["order statistics"] = (ordered[:, low], ordered[:, high])
    assert median_interval(values[0]) == [
        None if math.isinf(bound) else bound for bound in (ordered[0, low], ordered[0, high])
    ]
    return found


def of_ert(spent, hit):
    n = spent.shape[1]
    counts = resamples(n)
    with np.errstate(all="ignore"):
        total, hits = spent.sum(axis=1), hit.sum(axis=1)
        ert = total / hits
        totals, hit_counts = spent @ counts.T, hit @ counts.T
        runtimes = np.where(hit_counts > 0, totals / hit_counts, np.inf)
        ordered = np.sort(runtimes, axis=1)
        found = {"percentile": (ordered[:, LOW], ordered[:, HIGH])}
        left = (total[:, None] - spent) / (hits[:, None] - hit)
        off = left.mean(axis=1, keepdims=True) - left
        acceleration = np.nan_to_num((off**3).sum(axis=1) / (6 * (off**2).sum(axis=1) ** 1.5))
        below = (runtimes < ert[:, None]).mean(axis=1) + (runtimes == ert[:, None]).mean(axis=1) / 2
        places = [
            np.clip(np.nan_to_num(np.ceil(DRAWS * level) - 1), 0, DRAWS - 1).astype(int)
            for level in bca_levels(below, acceleration)
        ]
        found["BCa"] = tuple(np.take_along_axis(ordered, place[:, None], axis=1)[:, 0] for place in places)
        # studentised: log ERT with the standard error of the ratio's linearisation
        linear = spent / spent.mean(axis=1, keepdims=True) - hit / hit.mean(axis=1, keepdims=True)
        error = np.sqrt((linear**2).sum(axis=1) / (n - 1) / n)
        squares, both = (spent**2) @ counts.T, (spent * hit) @ counts.T
        variance = n * (squares / totals**2 - 2 * both / (totals * hit_counts) + 1 / hit_counts)
        pivots = (np.log(runtimes) - np.log(ert)[:, None]) / np.sqrt(np.maximum(variance, 0) / (n - 1))
        pivots = np.where(hit_counts > 0, np.nan_to_num(pivots, nan=0.0, posinf=np.inf, neginf=-np.inf), np.inf)
        pivots.sort(axis=1)
        found["studentised"] = (ert * np.exp(-pivots[:, HIGH] * error), ert * np.exp(-pivots[:, LOW] * error))
        nothing = hits == 0  # without a hit these say nothing, which covers
        found = {
            name: (np.where(nothing | np.isnan(low), 0.0, low), np.where(nothing | np.isnan(high), np.inf, high))
            for name, (low, high) in found.items()
        }
    bounds = [ert_interval(*one) for one in zip(spent, hit, strict=True)]
    found["MOVER"] = tuple(np.array([math.inf if b[i] is None else b[i] for b in bounds]) for i in (0, 1))
    return found


def of_mean(values):
    """Intervals of the mean of log ratios."""
    n = values.shape[1]
    counts = resamples(n)
    centre = values.mean(axis=1)
    off = values - centre[:, None]
    means = off @ counts.T / n
    spreads = np.sqrt(np.maximum((off**2) @ counts.T / n - means**2, 0.0))
    spread = np.sqrt((off**2).mean(axis=1))
    with np.errstate(all="ignore"):
        pivots = np.where(spreads > 1e-12, means / spreads, np.sign(means) * np.inf)
    pivots = np.nan_to_num(pivots, nan=0.0, posinf=np.inf, neginf=-np.inf)
    sizes = np.sort(np.abs(pivots), axis=1)[:, math.ceil(DRAWS * 0.95) - 1] * spread
    means.sort(axis=1)
    pivots.sort(axis=1)
    reach = stdtrit(n - 1, 0.975) * spread / math.sqrt(n - 1)
    shifts = np.array([shift_interval(one)[1] or (np.nan, np.nan) for one in values]).T
    return {
        "percentile": (centre + means[:, LOW], centre + means[:, HIGH]),
        "studentised": (centre - pivots[:, HIGH] * spread, centre - pivots[:, LOW] * spread),
        "symmetric": (centre - sizes, centre + sizes),
        "Student": (centre - reach, centre + reach),
        "Hodges-Lehmann": shifts,
    }


def over_problems(random, problems, effect, sets=500, draws=400, seeds=10):
    """Coverage of the hierarchical bootstraps, percentile and symmetric studentised, and of Student's interval; noise
    differs threefold between problems."""
    inside = np.zeros(3)
    for _ in range(sets):
        noise = np.exp(0.55 * random.standard_normal((problems, 1))) * 0.3
        values = effect * random.standard_normal((problems, 1)) + noise * random.standard_normal((problems, seeds))
        means = values.mean(axis=1)
        centre, spread = means.mean(), means.std()
        chosen = random.integers(problems, size=(draws, problems, 1))
        drawn = values[chosen, random.integers(seeds, size=(draws, problems, seeds))].mean(axis=2)
        around = np.sort(drawn.mean(axis=1))
        pivot = np.abs(drawn.mean(axis=1) - centre) / np.maximum(drawn.std(axis=1), 1e-12)
        inside += (
            around[math.ceil(draws * 0.025) - 1] <= 0.0 <= around[math.ceil(draws * 0.975) - 1],
            abs(centre) <= np.sort(pivot)[math.ceil(draws * 0.95) - 1] * spread,
            abs(centre) <= stdtrit(problems - 1, 0.975) * spread / math.sqrt(problems - 1),
        )
    return 100.0 * inside / sets


def shares_over_problems(random, problems, spread, seeds=10):
    """Coverage of Wilson's and Student's intervals of a win probability that differs from problem to problem."""
    truth = float(np.clip(0.6 + spread * random.standard_normal(2_000_000), 0.0, 1.0).mean())
    drawn = np.clip(0.6 + spread * random.standard_normal((SETS, problems)), 0.0, 1.0)
    shares = random.binomial(seeds, drawn) / seeds
    wilson = np.array([mean_interval(one) or [0.0, 1.0] for one in shares]).T
    student = np.array([student_interval(one) for one in shares]).T
    return [covered(wilson, truth), covered(np.clip(student, 0.0, 1.0), truth)]


def rare_failures(random, seeds, rate, cost=60.0):
    """Shares of data sets without a failure, and coverage of the expected runtime's interval and of the charged
    speed-up's, symmetric and Student's, against an optimizer that never fails and, on common random numbers, else needs
    the same within 10%; a failure costs `cost` mean hits."""
    hits = lognormal(0.5)(random, (SETS, seeds))
    other = hits * np.exp(0.1 * random.standard_normal((SETS, seeds)))
    mean = 1000.0 * math.exp(0.125)
    failed = random.random((SETS, seeds)) < rate
    spent = np.where(failed, cost * mean, hits)
    bounds = [ert_interval(*one) for one in zip(spent, (~failed).astype(float), strict=True)]
    ert = tuple(np.array([math.inf if b[i] is None else b[i] for b in bounds]) for i in (0, 1))
    found = of_mean(np.log(spent) - np.log(other))
    charged = rate * math.log(cost * mean / 1000.0)
    return [
        100.0 * float((~failed.any(axis=1)).mean()),
        covered(ert, mean + rate / (1.0 - rate) * cost * mean),
        covered(found["symmetric"], charged),
        covered(found["Student"], charged),
    ]


def covered(interval, value):
    low, high = interval
    if np.isnan(low).all():
        return math.nan
    return 100.0 * float(((low <= value) & (value <= high)).mean())


def table(title, names, rows):
    print(f"\n{title}\n{'seeds':>5}  {'':24}" + "".join(f"{name:>18}" for name in names))
    for seeds, what, shares in rows:
        print(f"{seeds:>5}  {what:24}" + "".join(f"{share:18.1f}" for share in shares))


def main():
    began = time.perf_counter()
    random = np.random.default_rng(2024)
    medians, runtimes = [], []
    truths = {name: truth(draw, budget) for name, draw, budget in DISTRIBUTIONS}
    for seeds in SEEDS:
        for name, draw, budget in DISTRIBUTIONS:
            values = draw(random, (SETS, seeds))
            hit = values <= budget
            median, ert = truths[name]
            if math.isfinite(median):  # where it is not, an interval to infinity always holds it
                found = of_median(np.where(hit, values, np.inf))
                medians.append((seeds, name, [covered(interval, median) for interval in found.values()]))
            found_ert = of_ert(np.minimum(values, budget), hit.astype(np.float64))
            runtimes.append((seeds, name, [covered(interval, ert) for interval in found_ert.values()]))
    table("median of hits (order statistics is reported)", list(found), medians)
    table("expected runtime (MOVER is reported)", list(found_ert), runtimes)
    rows = []
    for seeds in SEEDS:
        for rate in (0.1, 0.3, 0.5, 0.8, 0.95):
            bounds = [wilson_interval(k, seeds) for k in range(seeds + 1)]
            successes = random.binomial(seeds, rate, SETS)
            share = successes / seeds
            reach = 1.96 * np.sqrt(share * (1 - share) / seeds)
            found = {"Wald": (share - reach, share + reach), "Wilson": np.array(bounds)[successes].T}
            rows.append((seeds, f"rate {rate}", [covered(interval, rate) for interval in found.values()]))
    table("success rate (Wilson is reported)", ["Wald", "Wilson"], rows)
    rows = []
    for seeds in SEEDS:
        for win, tie in ((0.5, 0.0), (0.7, 0.1), (0.4, 0.2), (0.25, 0.5)):
            drawn = random.random((SETS, seeds))
            values = np.where(drawn < win, 1.0, np.where(drawn < win + tie, 0.5, 0.0))
            bounds = np.array([mean_interval(one) or [0.0, 1.0] for one in values]).T
            rows.append((seeds, f"win {win}, tie {tie}", [covered(bounds, win + tie / 2)]))
    table("win probability (Wilson with ties is reported)", ["Wilson, ties"], rows)
    rows = []
    for seeds in SEEDS:
        for name, draw, _ in DISTRIBUTIONS[:3]:
            apart = np.log(draw(random, (SETS, seeds))) - np.log(draw(random, (SETS, seeds)))
            found_mean = of_mean(apart)
            rows.append((seeds, name, [covered(interval, 0.0) for interval in found_mean.values()]))
    table("log speed-up of pairs (symmetric, Student and Hodges-Lehmann are reported)", list(found_mean), rows)
    rows = []
    for problems in (5, 8, 20):
        for name, effect in (("no effect", 0.0), ("effects 0.5", 0.5)):
            rows.append((problems, f"{name}, 10 seeds", over_problems(random, problems, effect)))
    table(
        "log speed-up, by the number of problems (symmetric and Student are reported)",
        ["percentile", "symmetric", "Student"],
        rows,
    )
    rows = [
        (problems, f"sd {spread}, 10 seeds", shares_over_problems(random, problems, spread))
        for problems in (3, 5, 8, 20)
        for spread in (0.0, 0.1, 0.25)
    ]
    table("win probability, by the number of problems (Student is reported)", ["Wilson, ties", "Student"], rows)
    rows = [
        (seeds, f"{rate:.0%} fail, at 60 hits", rare_failures(random, seeds, rate))
        for seeds in SEEDS
        for rate in (0.01, 0.05, 0.2)
    ]
    table(
        "rare failures: what no trial showed, no interval holds (all are reported)",
        ["no failure seen", "ERT: MOVER", "pairs: symmetric", "pairs: Student"],
        rows,
    )
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()

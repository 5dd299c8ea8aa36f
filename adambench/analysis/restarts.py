"""The distribution of the runtime of an optimizer that is restarted until it hits a target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adambench.analysis.ert import spent_until
from adambench.analysis.quantile import Reals, known, rank

DRAWS = 1000
KEY = 0x2E57A27


def restarted(hits: Reals, evaluations: Reals, draws: int = DRAWS) -> Reals:
    """(draws,) runtimes of simulated restarts, ascending, in evaluations; all +inf where no trial hit the target.

    One runtime: trials are drawn with replacement, what each spent is added up, until one that hit is drawn; it adds
    its hit. The mean over all such draws is the expected runtime (`ert.expected_runtime`).

    hits         (trials,) the first evaluation at the target, +inf where it was never hit
    evaluations  (trials,) what each trial spent

    The order of the trials does not matter. Draw d of round k is Philox word k draws + d under a fixed key: the same
    numbers of trials give the same draws.

    Source: Hansen et al., COCO: Performance Assessment, arXiv:1605.03560; numbbo/coco
    code-postprocessing/cocopp/toolsstats.py simulated_evals.
    """
    if not np.isfinite(hits).any():
        return np.full(draws, np.inf)
    order = np.lexsort((hits, spent_until(hits, evaluations)))
    spent, hit = spent_until(hits, evaluations)[order], np.isfinite(hits)[order]
    words = np.random.Philox(key=KEY)
    runtimes, running = np.zeros(draws), np.ones(draws, np.bool_)
    while running.any():
        drawn = ((words.random_raw(draws) >> np.uint64(32)) * np.uint64(len(hits)) >> np.uint64(32)).astype(np.int64)
        runtimes[running] += spent[drawn[running]]
        running &= ~hit[drawn]
    runtimes.sort()
    return runtimes


def restart_quantiles(hits: Reals, evaluations: Reals, levels: Sequence[float]) -> list[float | None]:
    """Quantiles of `restarted`, each one of its draws; None where no trial hit the target, or there is none."""
    runtimes = restarted(hits, evaluations)
    return [known(runtimes[rank(len(runtimes), level)]) for level in levels]

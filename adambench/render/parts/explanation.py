"""What the columns of a report mean, and how they are computed: for whoever has to judge a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adambench.render.parts.column import Column, problem_columns
from adambench.render.parts.comparison import comparison_columns, titles_of
from adambench.render.parts.tuned import tuned_columns

EXPLANATIONS = {
    "optimizer": (
        "NAME[@DIALECT][:HYPER=VALUE]...: a formula and the hyperparameters that differ from its defaults "
        "(adambench show NAME). Where tuned, the name under which the winner of its draws ran."
    ),
    "steps to": (
        "The first gradient evaluation t with f(x_t) <= f_L + tau (f(x_0) - f_L), f the noise-free loss, f_L that "
        "of the optimum or, where none is known, the best of the report (More & Wild 2009, SIAM J. Optim. 20, "
        "172-191); median over trials, the ceil(n/2)-th smallest of n, a miss being infinite; then trials that hit "
        "/ trials that count, all but skipped and error."
    ),
    "final loss": (
        "Median over trials of the noise-free loss after the whole budget; inf: more than half diverged. Its 95% "
        "interval, in the JSON, is two order statistics (David & Nagaraja 2003, Order Statistics, section 7.1)."
    ),
    "quartiles": (
        "First and third quartile of the final loss over trials: the ceil(n/4)-th and ceil(3n/4)-th smallest; inf: "
        "diverged."
    ),
    "outcomes": (
        "How trials ended, the first that applies: error, timeout, reached (every target was hit), diverged (loss, "
        "gradient or x not finite), stalled (state not finite, or x unchanged at a gradient that is not zero), "
        "budget."
    ),
    "time/step": (
        "Seconds in the compiled loop / gradient evaluations, over all trials of the row, compilation left out: "
        "objective and optimizer together, on one thread. It alone depends on the machine and on chance: a star only "
        "where all others take over 25% longer, and its own loop 1 ms or more."
    ),
    "log loss": (
        "log10 of the median loss above f_L at 12 evaluations from 0 to the budget, evenly spaced in log t; the "
        "rows of a problem share the scale, at most 16 decades. x: more than half of the trials diverged."
    ),
    "tuned": "As optimizer. Each was granted the same number of draws, whatever the number of its hyperparameters.",
    "best of": (
        "The hyperparameters of the draw that did best on the tuning seeds (Choi et al. 2019, arXiv:1910.05446); of "
        "equals the first. Rounded here."
    ),
    "tuning": (
        "What that draw reached on the tuning seeds: the lowest of so many medians, so better than it is worth."
    ),
    "fresh": "The same median on seeds that took no part in choosing it: what every other table is about.",
    "gap": "fresh - tuning: what the choice of the luckiest draw added, the winner's curse.",
    "margin": "The smallest learning rate above the best that diverged, on half of its seeds or more / the best.",
    "diverged": "Draws of which half of the tuning seeds or more diverged / draws that did not end in error.",
    "P(best) of": (
        "The probability that, of n draws of each optimizer, the best of this one comes first; ties share. Best "
        "of n with replacement: P(best <= v) = 1 - (1 - F(v))^n (Sivaprasad et al. 2020, arXiv:1910.11758); "
        "without, by counting subsets. Relative: it depends on who takes part."
    ),
    "solved": (
        "Problems of which half of the trials that count, or more, hit the hardest target / problems with a "
        "target; failures stay in the denominator. (Wilson's 95% interval of the share: 1927, J. Am. Stat. Assoc. "
        "22, 209-212.)"
    ),
    "score": (
        "(1/N) sum over problems of max(0, (4 - r) / 3), r the median steps to the hardest target over the fastest "
        "optimizer's; a failure adds 0: the area under the performance profile from 1 to 4, over the N problems "
        "that all ran (Dahl et al. 2023, arXiv:2306.07179). Relative: it depends on who takes part, and taking one "
        "away can swap two others (Gould & Scott 2016, ACM TOMS 43(2) 15)."
    ),
    "speed-up": (
        "exp(mean over problems and common seeds of log(T_reference / T)), T the steps to the hardest target that half "
        "of either's trials hit (else any; where none, the problem is left out), a failure's the budget + 1 (AlgoPerf, "
        "arXiv:2306.07179): on so many problems as are charged; a bound (<=, >=, ~) where on all. 95%: Student's, from "
        "problem to problem, blind to failures not seen."
    ),
    "mean rank": (
        "Mean over problems of the rank, from 1, by median steps to the hardest target, then to the next, then by "
        "median final loss; ties share their mean (Demsar 2006, J. Mach. Learn. Res. 7, 1-30, section 3.2.2). "
        "Relative: it depends on who takes part."
    ),
    "lr basin": (
        "log10(highest / lowest) of the learning rates that end below the hardest target or f_L + 10 (best - f_L), "
        "and at least half as far down as the best; at best + 0.1 |best| where no f_L is known: of draws all such, of "
        "a sweep those connected to the best. Over all problems, the median of the (number of) those that have one."
    ),
    "evaluations": "Gradient evaluations of all trials of the row on all problems, tuning not among them.",
    "state": "Numbers kept for each coordinate of x (Adam: m and v, 2), the most on any problem; -: not ours to see.",
    "settings": (
        "tuned: the best of equally many draws for everybody. defaults, untuned: those of the dialect. as given, "
        "untuned: chosen by whoever ran it. What is untuned says nothing of the best settings."
    ),
    "group": (
        "Those that share a letter are not told apart, at 5%, by Wilcoxon's signed ranks over problems of the mean "
        "log ratio of steps (1945, Biometrics Bull. 1, 80-83) with Holm's correction for all pairs (1979, Scand. "
        "J. Stat. 6, 65-70); letters: Piepho 2004, J. Comput. Graph. Stat. 13, 456-466. No proof that they are "
        "equal."
    ),
    "wins": (
        "Problems on which nobody is ahead in the order of mean rank / problems measured; ties count for all, but "
        "nobody wins where all failed (no hit and no finite loss in any median). By the hardest target alone, the "
        "performance profile at 1 (Dolan & More 2002, Math. Program. 91, 201-213). Relative: it depends on who takes "
        "part."
    ),
    "slow-down": (
        "exp(mean over problems of log(T / T_fastest)), T the median steps to the hardest target, over the (number "
        "of) problems that it solves, so that rows may rest on different ones. Relative: it depends on who takes "
        "part."
    ),
}
"""By title; of a title that goes on, such as 'steps to 1e-3', by how it begins."""


def explanation_of(title: str) -> tuple[str, str] | None:
    """(what stands for the title, its explanation); None where there is none."""
    if title in EXPLANATIONS:
        return title, EXPLANATIONS[title]
    begins = max((name for name in EXPLANATIONS if title.startswith(f"{name} ")), key=len, default=None)
    return None if begins is None else (f"{begins} ...", EXPLANATIONS[begins])


def explanations(columns: Iterable[Column]) -> list[tuple[str, str]]:
    """(title, text) of each of the columns, in their order, once each."""
    found = (explanation_of(title) for column in columns for title in titles_of(column))
    return list(dict.fromkeys(one for one in found if one is not None))


def explained(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(title, text) of every column that a report's tables have."""
    return explanations(columns_of(document))


def columns_of(document: Mapping[str, Any]) -> list[Column]:
    """All of them, table after table."""
    columns: list[Column] = []
    for problem in document["problems"]:
        rows = [row for row in document["results"] if row["problem"] == problem["name"]]
        columns += problem_columns(problem, rows, unicode=False) if rows else []
        columns += tuned_columns(document, problem, unicode=False)
    if document.get("comparison"):
        reference = document.get("duels", {}).get("reference")
        columns += comparison_columns(document["comparison"], unicode=False, reference=reference)
    return columns

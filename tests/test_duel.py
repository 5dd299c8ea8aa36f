"""A comparison against one optimizer: times of common seeds, verdicts in words, and groups."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validators

import adambench
from adambench.analysis.comparison import compare
from adambench.analysis.derived import derive
from adambench.analysis.duel import duels, sentence
from adambench.analysis.listing import listed
from adambench.analysis.pairing import common_target, times_of
from adambench.analysis.ranking import lettered, ranking
from adambench.analysis.summary import statistics
from adambench.cli import exit_code
from adambench.render.parts.comparison import comparison_columns
from adambench.report_schema import REPORT_SCHEMA


def row(problem, optimizer, hits, outcomes=None):
    """A row with one target; a hit of None is a failure, and an outcome of "error" stands outside."""
    outcomes = outcomes or ["reached" if hit is not None else "budget" for hit in hits]
    inside = [hit for hit, outcome in zip(hits, outcomes, strict=True) if outcome != "error"]
    ordered = sorted(np.inf if hit is None else hit for hit in inside)
    median = ordered[(len(ordered) - 1) // 2] if ordered else np.inf
    return {
        **{"problem": problem, "optimizer": optimizer, "trials": len(hits)},
        "outcomes": {name: outcomes.count(name) for name in ("reached", "budget", "error", "skipped")},
        **{"hyperparameters": {}, "final_loss": {"median": 1.0}},
        "cost": {"evaluations": 1000, "seconds": 1e-3, "ns_per_step": 1e3, "state_per_parameter": 2},
        "targets": [
            {
                **{"kind": "relative", "value": 0.1, "reached": sum(hit is not None for hit in inside)},
                "median": None if np.isinf(median) else median,
            }
        ],
        "seeds": [
            {"seed": seed, "outcome": outcome, "hits": [hit]}
            for seed, (hit, outcome) in enumerate(zip(hits, outcomes, strict=True))
        ],
    }


def report(results, **options):
    problems = [
        {"name": name, "budget": 1000, "unit": 1, "targets": []} for name in {row["problem"] for row in results}
    ]
    return derive({"problems": problems, "results": results}, comparison=True, **options)


def budgets(results):
    return {row["problem"]: 1000.0 for row in results}


def untimed(found):
    """Without the two times of each cost."""
    if isinstance(found, dict):
        return {key: untimed(value) for key, value in found.items() if key not in ("seconds", "ns_per_step")}
    return [untimed(value) for value in found] if isinstance(found, list) else found


SLOW = [100, 120, 90, 110, 130, 95, 105, 115, 125, 85]
FAST = [hit // 2 for hit in SLOW]


def test_times_are_those_of_the_seeds_that_count_for_both():
    one = row("p", "a", [3, None, 5, 7], ["reached", "budget", "error", "reached"])
    other = row("p", "b", [4, 6, 8])
    first, second = times_of(one, other)
    assert first.tolist() == [3, np.inf]
    assert second.tolist() == [4, 6]


def with_harder(found, hits):
    """The row with a second target, 0.01."""
    harder = row("p", "a", hits, [seed["outcome"] for seed in found["seeds"]])
    seeds = [
        {**seed, "hits": [*seed["hits"], *other["hits"]]}
        for seed, other in zip(found["seeds"], harder["seeds"], strict=True)
    ]
    return {**found, "targets": [*found["targets"], {**harder["targets"][0], "value": 0.01}], "seeds": seeds}


def test_times_are_to_the_hardest_target_that_half_of_either_hit():
    one, other = row("p", "a", [3] * 20), row("p", "b", [4] * 19 + [None])
    never, lucky, often = [None] * 20, [90] + [None] * 19, [90] * 10 + [None] * 10
    # One seed of 20 moves nobody to a target that all the others miss.
    for harder in (never, lucky):
        first, second = times_of(with_harder(one, never), with_harder(other, harder))
        assert (first.tolist(), second.tolist()) == ([3] * 20, [4] * 19 + [np.inf])
        back = times_of(with_harder(other, harder), with_harder(one, never))
        assert (back[0].tolist(), back[1].tolist()) == (second.tolist(), first.tolist())
    first, second = times_of(with_harder(one, never), with_harder(other, often))
    assert (first.tolist(), second.tolist()) == ([np.inf] * 20, [90] * 10 + [np.inf] * 10)


def test_where_half_hit_no_target_times_are_to_the_hardest_that_any_trial_hits_else_to_the_hardest():
    rarely, never = row("p", "a", [3, None, None]), row("p", "b", [None] * 3)
    missed, lucky = [None] * 3, [None, 70, None]
    assert times_of(with_harder(rarely, missed), with_harder(never, missed))[0].tolist() == [3, np.inf, np.inf]
    assert times_of(with_harder(rarely, missed), with_harder(never, lucky))[1].tolist() == [np.inf, 70, np.inf]
    assert common_target(with_harder(never, missed), with_harder(never, missed)) == 1


def test_half_is_of_the_trials_that_count():
    outcomes = ["reached", "budget", "error", "error"]
    one = with_harder(row("p", "a", [3, 3, None, None], outcomes), [8, None, None, None])
    assert common_target(one, one) == 1


def test_a_difference_is_said_with_its_factor_and_its_problems():
    results = [row(p, o, hits) for p in ("p", "q") for o, hits in (("fast", FAST), ("slow", SLOW))]
    (found,) = duels(results, "slow", budgets(results))
    assert found["over"]["speedup"] == pytest.approx(2.0, rel=0.02)
    assert found["sentence"].startswith("fast needs about 2 times fewer evaluations than slow on 2 of 2 problems")
    (back,) = duels(results, "fast", budgets(results))
    assert back["sentence"].startswith("slow needs about 2 times more evaluations than fast on 2 of 2 problems")


def test_what_cannot_be_told_apart_is_named():
    results = [row("p", "a", SLOW), row("p", "b", SLOW[::-1])]
    results += [row("q", "a", SLOW[:3]), row("q", "b", [*FAST[:2], None])]
    (found,) = duels(results, "b", budgets(results))
    assert "a and b cannot be told apart on p" in found["sentence"]
    assert "so few seeds cannot tell them apart on q" in found["sentence"]


def pair(faster, ci95, failed=0, charged=None):
    """Of `paired.compare_pair`, what a sentence needs."""
    verdict = {"different": faster is not None, "faster": faster, "test": "signed_rank", "ci95": ci95}
    counts = {"pairs": 20, "a_failed": 0, "b_failed": failed, "both_failed": 0}
    return {**counts, "ci95": charged, "win_ci95": [0.1, 0.9], "verdict": verdict}


def test_where_trials_failed_the_factor_is_the_charged_one_or_none():
    charged = pair("a", None, failed=3, charged=[1.5, 3.0])
    head, tail = "evaluations than b on 1 of 1 problems", "a failure counting as the budget and one"
    assert sentence("a", "b", {"p": charged}) == f"a needs 1.5 to 3 times fewer {head} (paired, 95%; {tail})"
    for interval in (None, [0.9, 3.0], [0.2, 0.8]):  # one that would deny the verdict says nothing
        without = {"p": pair("a", None, failed=3, charged=interval)}
        assert sentence("a", "b", without) == f"a needs fewer {head} (paired, 95%)"
    slower = pair("b", None, failed=3, charged=[0.25, 0.5])
    assert sentence("a", "b", {"p": slower}) == f"a needs 2 to 4 times more {head} (paired, 95%; {tail})"
    both = sentence("a", "b", {"p": charged, "q": pair("a", [1.2, 1.4]), "r": slower})
    assert both.count(tail) == 1
    assert both.startswith("a needs 1.2 to 3 times fewer evaluations than b on 2 of 3 problems")
    unknown = sentence("a", "b", {"p": charged, "q": pair("a", None, failed=3)})
    assert unknown == "a needs fewer evaluations than b on 2 of 2 problems (paired, 95% each)"


def test_failures_of_both_do_not_turn_the_factor_against_the_verdict():
    one = [700 if seed % 2 else 900 for seed in range(17)] + [None] * 3
    other = [300 if seed % 2 else 350 for seed in range(17)] + [None] * 3
    results = [row("p", "a", one), row("p", "b", other)]
    (found,) = duels(results, "b", budgets(results))
    verdict, said = found["problems"]["p"]["verdict"], found["sentence"]
    assert (verdict["faster"], verdict["speedup"], verdict["ci95"]) == ("b", None, None)
    assert "a needs 1.8 to 2.5 times more evaluations" in said
    assert "a failure counting as the budget and one" in said


def test_why_nothing_was_shown_is_told_apart():
    none, same = [None] * 10, SLOW
    few, tied = SLOW[:3], [*SLOW[:6], *FAST[6:]]
    times = {"lost": (none, none), "even": (same, same), "few": ([*few, None], [*FAST[:3], 5]), "tied": (SLOW, tied)}
    results = [row(p, o, hits) for p, both in times.items() for o, hits in zip("ab", both, strict=True)]
    (found,) = duels(results, "b", budgets(results))
    assert found["sentence"] == (
        "neither a nor b reaches a target on lost; they are equal, seed by seed, on even; "
        "so few seeds cannot tell them apart on few; so few seeds without a tie cannot tell them apart on tied"
    )
    (exact,) = duels(results[2:4], "b", budgets(results), {"even"})
    assert exact["sentence"] == "a and b are equal, seed by seed, on even"
    (lost,) = duels(results[:2], "b", budgets(results), {"lost"})
    assert lost["sentence"] == "neither a nor b reaches a target on lost"


def test_another_optimizer_changes_nothing_of_a_duel():
    results = [row("p", "fast", FAST), row("p", "slow", SLOW)]
    assert (
        duels([*results, row("p", "other", FAST[::-1])], "slow", budgets(results))[0]
        == duels(results, "slow", budgets(results))[0]
    )


def test_groups_share_a_letter_where_they_cannot_be_told_apart():
    problems = [f"p{number}" for number in range(12)]
    spread = np.random.default_rng(0).normal(1.0, 0.05, len(problems))
    results = [
        row(p, o, [int(factor * s * hit) for hit in SLOW])
        for p, s in zip(problems, spread, strict=True)
        for o, factor in (("a", 1.0), ("b", 1.0), ("c", 4.0))
    ]
    letters = lettered(ranking(results, budgets(results)))
    assert letters["a"] == letters["b"] != letters["c"]
    assert not set(letters["a"]) & set(letters["c"])


def test_the_comparison_has_intervals_scores_and_groups():
    problems = ("p", "q", "r", "s", "t", "u")
    results = [row(p, o, hits) for p in problems for o, hits in (("fast", FAST), ("slow", SLOW))]
    document = report(results)
    fast, slow = document["comparison"]
    assert (fast["score"], slow["score"]) == (1.0, pytest.approx(2 / 3, abs=0.02))
    assert fast["solved_ci95"][0] == pytest.approx(0.6097, abs=1e-4)  # Wilson's, of 6 in 6
    assert (fast["group"], slow["group"]) == ("a", "b")
    assert (document["duels"]["reference"], fast["speedup"]) == ("fast", None)
    over = document["duels"]["against"][0]["over"]
    assert slow["speedup"]["factor"] == over["speedup"] == pytest.approx(0.5, rel=0.02)
    assert slow["speedup"]["ci95"] == over["ci95"]
    assert (slow["speedup"]["charged"], slow["speedup"]["problems"]) == (0, 6)
    assert document["ranks"]["mean_ranks"] == [1.0, 2.0]
    assert document["ranks"]["sentences"][0].startswith("the optimizers do not rank alike over 6 problems")


def test_too_few_problems_have_no_letters_but_a_sentence():
    results = [row(p, o, hits) for p in ("p", "q", "r", "s", "t") for o, hits in (("fast", FAST), ("slow", SLOW))]
    document = report(results)
    assert [found["group"] for found in document["comparison"]] == [None, None]
    assert "5 problems cannot tell any two of 2 optimizers apart" in document["ranks"]["sentences"][1]
    assert "need at least 6 problems" in document["ranks"]["sentences"][1]
    short = report(results[:4])["ranks"]
    assert short["friedman"]["p"] is None
    assert "the smallest p that Friedman's test could give is 0.5" in short["sentences"][0]


def test_robustness_is_that_under_the_label_or_the_label_without_its_rate_each_entry_once():
    rows = [row("p", label, FAST) for label in ("adam", "sgd:lr=0.1", "sgd:momentum=0.9:lr=0.1", "lion")]
    entries = [
        {"optimizer": label, "decades": decades, "safety": None, "open_low": False, "open_high": False}
        for label, decades in (("adam", 1.0), ("sgd", 2.0), ("sgd:lr=0.1", 4.0), ("sgd:momentum=0.9", 3.0))
    ]
    found = [one["robustness"] for one in compare(rows, ranking(rows, budgets(rows)), robustness=entries)]
    assert [one and (one["decades"], one["problems"]) for one in found] == [(1.0, 1), (2.0, 2), (3.0, 1), None]
    assert found[0]["safety"] is None


def test_letters_rest_on_the_problems_that_the_pairs_use():
    told = [row(p, o, hits) for p in "pqrst" for o, hits in (("fast", FAST), ("slow", SLOW))]
    blank = [row(p, o, [None] * 10) for p in "uvwx" for o in ("fast", "slow")]
    aimless = [{**found, "problem": "y", "targets": [], "seeds": []} for found in told[:2]]
    for others in (blank, aimless):
        document = report([*told, *others])
        assert len(document["ranks"]["problems"]) >= 6
        assert [found["group"] for found in document["comparison"]] == [None, None]
        (said,) = (said for said in document["ranks"]["sentences"] if "cannot tell any two" in said)
        assert "at least 6 problems on which two differ for that, at 5%, and no two differ on more than 5" in said
    document = report([*told, *blank, row("z", "fast", FAST), row("z", "slow", SLOW)])
    assert [found["group"] for found in document["comparison"]] == ["a", "b"]


def test_of_equals_the_reference_solves_more_then_scores_higher_then_sorts_first():
    """Whatever the order in which they are listed."""
    even = [row("p", "b", FAST), row("p", "a", SLOW), row("q", "b", SLOW), row("q", "a", FAST)]
    nearer = [row("p", "b", FAST), row("p", "a", [3 * hit for hit in FAST]), *even[2:]]
    losing = [row("p", "a", FAST), row("p", "b", SLOW), row("q", "a", [None] * 10), row("q", "b", SLOW)]
    tied = [*losing[:2], row("q", "b", FAST), losing[2]]
    four = {
        "p": (SLOW, [None] * 10),
        "q": ([10 * hit for hit in SLOW], SLOW),
        "r": (FAST, [round(0.6 * h) for h in SLOW]),
    }
    four["s"] = four["q"]  # b scores higher, a solves more
    more = [row(p, o, hits) for p, both in four.items() for o, hits in zip("ab", both, strict=True)]
    assert [one["score"] for one in report(more)["comparison"]] == [0.5, pytest.approx(0.73, abs=0.01)]
    for results, best in ((even, "a"), (nearer, "b"), (tied, "b"), (more, "a")):
        assert len(set(report(results)["ranks"]["mean_ranks"])) == 1
        assert report(results)["duels"]["reference"] == report(results[::-1])["duels"]["reference"] == best


@pytest.fixture(scope="module")
def undecided():
    """slow meets fast on 3 problems; on 2 more neither hits a target."""
    hit = [row(p, o, hits) for p in "pqr" for o, hits in (("fast", FAST), ("slow", SLOW))]
    return hit, [*hit, *(row(p, o, [None] * 10) for p in "st" for o in ("fast", "slow"))]


def test_problems_on_which_neither_hits_are_in_no_number_of_the_speedup_and_are_named(undecided):
    alone, beside = ({**found, "problems": []} for found in map(report, undecided))
    one, other = (found["comparison"][1]["speedup"] for found in (alone, beside))
    assert other == {**one, "undecided": 2}
    assert (one["problems"], one["undecided"]) == (3, 0)
    assert [found["ranks"]["pairwise"][0]["problems"] for found in (alone, beside)] == [3, 3]
    assert beside["duels"]["against"][0]["sentence"].endswith(
        "on 3 of 5 problems (paired, 95% each); neither reaches a target on s and t"
    )


def test_the_column_says_on_how_many_problems_the_speedup_rests(undecided):
    def cell(results):
        columns = comparison_columns(report(results)["comparison"], True, "fast")
        return next(column.cells[1].detail for column in columns if column.title == "speed-up")

    assert re.fullmatch(r"\([\d.]+\.\.[\d.]+\)", cell(undecided[0]))
    assert cell(undecided[1]) == f"{cell(undecided[0])}, on 3 of 5"
    failing = [*undecided[1], row("u", "fast", FAST), row("u", "slow", [*SLOW[1:], None])]
    assert cell(failing).endswith(", 1/4 charged, on 4 of 6")
    aimless = [row("s", o, [None] * 10) for o in ("fast", "slow")]
    assert cell(aimless) == ""
    missed = [*aimless, row("p", "fast", FAST), row("p", "slow", [None] * 10)]
    assert cell(missed) == "1/1 charged, on 1 of 2"


def ratios(*factors):
    """slow over fast on a problem each, as many times slower as the factors say."""
    return [
        row(f"p{number}", o, [round(times * hit) for hit in SLOW])
        for number, factor in enumerate(factors)
        for o, times in (("fast", 1.0), ("slow", factor))
    ]


def test_six_to_one_is_not_ruled_out_to_be_chance():
    """F made p = 0.047 of it, where the exact test has 0.125 and the letters are all equal."""
    found = report(ratios(1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 0.2))
    assert {one["group"] for one in found["comparison"]} == {"a"}
    assert found["ranks"]["sentences"] == [
        "that the optimizers rank alike over 7 problems is not ruled out "
        "(Friedman's test: chi2 = 3.57, exact p = 0.125)"
    ]


def test_ranks_and_letters_that_disagree_are_reconciled():
    order = report(ratios(*(1.0 + number / 20 for number in range(1, 9)), 0.01))
    assert {one["group"] for one in order["comparison"]} == {"a"}
    (said,) = order["ranks"]["sentences"]
    assert said.startswith("the optimizers do not rank alike over 9 problems")
    assert said.endswith("; by how much they differ, not only in which order, they are not told apart")
    size = report(ratios(3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 0.9))
    assert [one["group"] for one in size["comparison"]] == ["a", "b"]
    (said,) = size["ranks"]["sentences"]
    assert said.startswith("that the optimizers rank alike over 7 problems is not ruled out")
    assert said.endswith("; by how much they differ, not only in which order, some are told apart")
    both = report(ratios(*(2.0 + number / 20 for number in range(8))))["ranks"]["sentences"]
    assert both == ["the optimizers do not rank alike over 8 problems (Friedman's test: chi2 = 8, exact p = 0.00781)"]


def test_of_three_that_do_not_rank_alike_it_is_said_that_no_pair_can_be_named():
    shift = [1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 0.1]
    results = [
        row(f"p{number}", o, [round(times * hit) for hit in SLOW])
        for number, factor in enumerate(shift)
        for o, times in (("a", 1.0), ("b", factor), ("c", factor * factor))
    ]
    found = report(results)
    assert {one["group"] for one in found["comparison"]} == {"a"}
    (said,) = found["ranks"]["sentences"]
    assert said.startswith("the optimizers do not rank alike over 8 problems")
    assert said.endswith("; which of them differ, these problems cannot say")


@pytest.mark.parametrize(
    ("count", "said"), [(1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b, c and d"), (5, "a, b, c and 2 more")]
)
def test_a_single_name_is_never_only_counted(count, said):
    assert listed("abcde"[:count]) == said


def test_the_work_grows_with_the_rows_alone():
    """Every row is looked at a bounded number of times, however many problems there are."""

    class Counted(dict):
        looks = 0

        def __getitem__(self, key):
            Counted.looks += 1
            return super().__getitem__(key)

    def looks(problems):
        rows = [Counted(row(f"p{number}", o, [5, 9])) for number in range(problems) for o in "abc"]
        Counted.looks = 0
        ranks = ranking(rows, budgets(rows))
        compare(rows, ranks)
        return Counted.looks

    assert looks(80) < 2.5 * looks(40)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "results",
    [
        [],
        [row("p", "a", SLOW)],
        [row("p", "a", [5]), row("p", "b", [5])],
        [row(p, o, [None] * 3) for p in "pqrstuv" for o in "abc"],
        [row(p, o, [7] * 3) for p in "pqrstuv" for o in "abc"],
        [row("p", "a", [1], ["error"]), row("p", "b", [1], ["skipped"])],
        [row("p", "a", SLOW), row("q", "b", SLOW)],
        [{**row("p", o, SLOW), "targets": [], "seeds": []} for o in "ab"],
    ],
)
@pytest.mark.parametrize("options", [{}, {"partial": True, "nemenyi": True}])
def test_what_is_bare_or_constant_gives_sentences_and_no_numbers(results, options):
    document = report(results, **options)
    json.dumps(document, allow_nan=False)
    assert all(isinstance(said, str) and "nan" not in said for said in document["ranks"]["sentences"])
    assert not any(pair["different"] for pair in document["ranks"]["pairwise"])
    assert all(found["score"] in (None, 0.0, 1.0) for found in document["comparison"])
    for found in document["comparison"]:
        if found["speedup"] is not None:
            assert found["speedup"]["factor"] in (None, 1.0)


def test_failures_are_charged_in_the_one_speedup_and_counted():
    results = [row("p", "a", [None, 10]), row("p", "b", [100, 10]), row("q", "a", [20]), row("q", "b", [20])]
    (found,) = (one for one in report(results, reference="b")["comparison"] if one["speedup"])
    assert found["speedup"]["factor"] == pytest.approx((100 / 1001) ** (1 / 4))
    assert (found["speedup"]["charged"], found["speedup"]["problems"]) == (1, 2)


def test_unequal_cells_are_refused_unless_partial():
    results = [row("p", "a", FAST), row("p", "b", SLOW), row("q", "a", FAST), row("q", "b", SLOW, ["error"] * 10)]
    refused = report(results)
    assert "nothing was measured of b on q" in refused["ranks"]["refused"]
    assert "--partial" in refused["ranks"]["refused"]
    assert [found["mean_rank"] for found in refused["comparison"]] == [None, None]
    assert refused["duels"]["reference"] == "a"
    assert report(results[::-1])["duels"]["reference"] == "a"  # though the last: by the problems that both ran
    found = report(results, partial=True, nemenyi=True)
    assert (found["ranks"]["problems"], found["ranks"]["left_out"]) == (["p"], ["q"])
    assert [one["mean_rank"] for one in found["comparison"]] == [1.0, 2.0]
    assert found["ranks"]["sentences"][0].startswith("ranks and scores leave out q")
    assert found["ranks"]["nemenyi"] == {"critical_difference": pytest.approx(1.96, abs=1e-3)}
    assert "nemenyi" not in refused["ranks"]
    absent = [*results[:2], row("p", "c", SLOW, ["skipped"] * 10)]
    assert report(absent)["ranks"]["mean_ranks"] is None
    ranks = report(absent, partial=True)["ranks"]
    assert (ranks["optimizers"], ranks["unmeasured"], ranks["left_out"]) == (["a", "b"], ["c"], [])
    assert ranks["sentences"][0] == "neither ranked nor scored, since nothing was measured: c"


RELATIVE = ("wins", "mean_rank", "slowdown", "slowdown_problems", "score", "group")
TIMES = st.lists(st.integers(0, 900) | st.none(), min_size=1, max_size=4)


@settings(max_examples=30)
@given(st.lists(st.tuples(TIMES, TIMES, TIMES), min_size=1, max_size=4), st.booleans())
def test_another_optimizer_changes_only_what_is_relative(problems, first):
    results = [
        row(f"p{number}", name, hits)
        for number, times in enumerate(problems)
        for name, hits in zip("abc", times, strict=True)
    ]
    fewer = [found for found in results if found["optimizer"] != "c"]
    place = 2 if first else 0
    all_of, two = (report(some, reference="b") for some in (results[place:] + results[:place], fewer))
    company = {found["optimizer"]: found for found in all_of["comparison"]}
    for found in two["comparison"]:
        other = company[found["optimizer"]]
        assert {k: v for k, v in found.items() if k not in RELATIVE} == {
            k: v for k, v in other.items() if k not in RELATIVE
        }
    json.dumps(all_of, allow_nan=False)


@given(st.lists(st.tuples(TIMES, TIMES, TIMES), min_size=1, max_size=4))
def test_ranks_see_the_order_of_times_alone_and_no_copies(problems):
    def placed(change, copies=1):
        return ranking(
            [
                row(f"p{number}", name, [change(hit) for hit in hits] * copies)
                for number, times in enumerate(problems)
                for name, hits in zip("abc", times, strict=True)
            ],
            {f"p{number}": 1e9 for number in range(len(problems))},
        )

    found = placed(lambda hit: hit)
    squared = placed(lambda hit: None if hit is None else 3 * hit * hit + 1)
    assert squared["mean_ranks"] == found["mean_ranks"] == placed(lambda hit: hit, 2)["mean_ranks"]
    assert squared["friedman"] == found["friedman"]
    assert math.fsum(found["mean_ranks"]) == pytest.approx(6.0)


def test_the_command_says_it(capsys, tmp_path):
    problem = "{name: p, function: sphere, noise: {gaussian: {std: 0.1}}, budget: 300, targets: [1e-1], seeds: 8}"
    (tmp_path / "p.yaml").write_text(problem)
    command = ["compare", str(tmp_path / "p.yaml"), "--optimizers", "sgd:lr=0.1,sgd:lr=0.01"]
    assert exit_code([*command, "--reference", "sgd:lr=0.01"]) == 0
    assert "sgd:lr=0.1 needs" in capsys.readouterr().out
    assert exit_code([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    validators.Draft202012Validator(REPORT_SCHEMA).validate(document)
    assert exit_code([*command, "--json", "--jobs", "1", "--nemenyi"]) == 0
    alone = json.loads(capsys.readouterr().out)
    validators.Draft202012Validator(REPORT_SCHEMA).validate(alone)
    assert alone["ranks"].pop("nemenyi") == {"critical_difference": pytest.approx(1.96, abs=1e-3)}
    assert "Nemenyi" in alone["ranks"]["sentences"].pop(1)
    for key in ("comparison", "duels", "ranks", "profiles"):
        assert untimed(alone[key]) == untimed(document[key])
    for row, problem in zip(document["results"], [document["problems"][0]] * 2, strict=True):
        again = statistics(row["seeds"], problem["targets"], problem["budget"])
        assert again == {name: row[name] for name in again}
        for seed in row["seeds"]:
            hits = zip(seed["hits"], seed["stay"], strict=True)
            assert all(stay is None or hit <= stay for hit, stay in hits)
    assert document["duels"]["reference"] == "sgd:lr=0.1"
    assert exit_code([*command, "--reference", "adam"]) == 2
    assert "--reference: expected one of sgd:lr=0.1, sgd:lr=0.01, got adam" in capsys.readouterr().err
    assert adambench.run(str(tmp_path / "p.yaml")).to_dict().get("duels") is None


def test_where_nothing_is_random_one_trial_is_the_answer() -> None:
    """Whatever the times: different as they are, the interval without width; a failure leaves no factor."""
    rows = [row("p", "a", [100]), row("p", "b", [150]), row("q", "a", [None]), row("q", "b", [40])]
    budgets = {"p": 1000.0, "q": 1000.0}
    (known,) = duels(rows, "b", budgets, {"p", "q"})
    verdicts = {name: found["verdict"] for name, found in known["problems"].items()}
    assert [(v["different"], v["faster"], v["speedup"]) for v in verdicts.values()] == [
        (True, "a", pytest.approx(1.5)),
        (True, "b", None),
    ]
    assert "exact: nothing is random there" in known["sentence"]
    (unknown,) = duels(rows, "b", budgets)
    assert all(found["verdict"]["different"] is None for found in unknown["problems"].values())
    assert "so few seeds" in unknown["sentence"]


def test_an_optimizer_that_is_random_itself_makes_nothing_exact() -> None:
    """Its seeds differ on a problem on which nothing is random: then they are compared as ever."""
    rows = [row("p", "a", [100] * 6), row("p", "b", [150, 151, 150, 152, 150, 150])]
    (found,) = duels(rows, "b", {"p": 1000.0}, {"p"})
    assert found["problems"]["p"]["verdict"]["test"] == "signed_rank"
    assert "exact" not in found["sentence"]

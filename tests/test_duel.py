"""A comparison against one optimizer: times of common seeds, verdicts in words, and groups."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validators

import adambench
from adambench.analysis.derived import derive
from adambench.analysis.duel import duels, sentence
from adambench.analysis.pairing import times_of
from adambench.analysis.ranking import lettered, ranking
from adambench.analysis.summary import statistics
from adambench.cli import exit_code
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


def test_times_are_to_the_hardest_target_that_either_hits():
    one, other = row("p", "a", [3, 5]), row("p", "b", [4, None])
    for found, hits in ((one, [None, None]), (other, [None, None])):
        found["targets"].append({"kind": "relative", "value": 0.01, "reached": 0, "median": None})
        for seed, hit in zip(found["seeds"], hits, strict=True):
            seed["hits"].append(hit)
    first, second = times_of(one, other)
    assert (first.tolist(), second.tolist()) == ([3, 5], [4, np.inf])
    other["targets"][1]["reached"], other["seeds"][0]["hits"][1] = 1, 90
    first, second = times_of(one, other)
    assert (first.tolist(), second.tolist()) == ([np.inf, np.inf], [90, np.inf])


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


def test_failures_leave_no_factor_but_a_verdict():
    failing = {"p": {"verdict": {"different": True, "faster": "a", "ci95": None}}}
    assert sentence("a", "b", failing) == "a needs fewer evaluations than b on 1 of 1 problems (paired, 95%)"


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

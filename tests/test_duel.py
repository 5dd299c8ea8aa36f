"""A comparison against one optimizer: times of common seeds, verdicts in words, and groups."""

from __future__ import annotations

import json

import numpy as np
import pytest

import adambench
from adambench.analysis.comparison import compare
from adambench.analysis.duel import duels, grouped, sentence, times_of
from adambench.cli import exit_code


def row(problem, optimizer, hits, outcomes=None):
    """A row with one target; a hit of None is a failure, and an outcome of "error" stands outside."""
    outcomes = outcomes or ["reached" if hit is not None else "budget" for hit in hits]
    inside = [hit for hit, outcome in zip(hits, outcomes, strict=True) if outcome != "error"]
    ordered = sorted(np.inf if hit is None else hit for hit in inside)
    median = ordered[(len(ordered) - 1) // 2] if ordered else np.inf
    return {
        **{"problem": problem, "optimizer": optimizer, "trials": len(hits)},
        "outcomes": {name: outcomes.count(name) for name in ("reached", "budget", "error", "skipped")},
        "final_loss": {"median": 1.0},
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


SLOW = [100, 120, 90, 110, 130, 95, 105, 115, 125, 85]
FAST = [hit // 2 for hit in SLOW]


def test_times_are_those_of_the_seeds_that_count_for_both():
    one = row("p", "a", [3, None, 5, 7], ["reached", "budget", "error", "reached"])
    other = row("p", "b", [4, 6, 8])
    first, second = times_of(one, other)
    assert first.tolist() == [3, np.inf]
    assert second.tolist() == [4, 6]


def test_a_difference_is_said_with_its_factor_and_its_problems():
    results = [row(p, o, hits) for p in ("p", "q") for o, hits in (("fast", FAST), ("slow", SLOW))]
    (found,) = duels(results, "slow")
    assert found["over"]["speedup"] == pytest.approx(2.0, rel=0.02)
    assert found["sentence"].startswith("fast needs 2 to 2 times fewer evaluations than slow on 2 of 2 problems")
    (back,) = duels(results, "fast")
    assert back["sentence"].startswith("slow needs 2 to 2 times more evaluations than fast on 2 of 2 problems")


def test_what_cannot_be_told_apart_is_named():
    results = [row("p", "a", SLOW), row("p", "b", SLOW[::-1])]
    results += [row("q", "a", SLOW[:3]), row("q", "b", [*FAST[:2], None])]
    (found,) = duels(results, "b")
    assert "a and b cannot be told apart on p" in found["sentence"]
    assert "so few seeds cannot tell them apart on q" in found["sentence"]


def test_failures_leave_no_factor_but_a_verdict():
    failing = {"p": {"verdict": {"different": True, "faster": "a", "ci95": None}}}
    assert sentence("a", "b", failing) == "a needs fewer evaluations than b on 1 of 1 problems (paired, 95%)"


def test_another_optimizer_changes_nothing_of_a_duel():
    results = [row("p", "fast", FAST), row("p", "slow", SLOW)]
    assert duels([*results, row("p", "other", FAST[::-1])], "slow")[0] == duels(results, "slow")[0]


def test_groups_share_a_letter_where_they_cannot_be_told_apart():
    problems = [f"p{number}" for number in range(12)]
    spread = np.random.default_rng(0).normal(1.0, 0.05, len(problems))
    results = [
        row(p, o, [int(factor * s * hit) for hit in SLOW])
        for p, s in zip(problems, spread, strict=True)
        for o, factor in (("a", 1.0), ("b", 1.0), ("c", 4.0))
    ]
    letters = grouped(results)
    assert letters["a"] == letters["b"] != letters["c"]
    assert not set(letters["a"]) & set(letters["c"])


def test_the_comparison_has_intervals_scores_and_groups():
    results = [row(p, o, hits) for p in ("p", "q", "r") for o, hits in (("fast", FAST), ("slow", SLOW))]
    fast, slow = compare(results)
    assert (fast["score"], slow["score"]) == (1.0, pytest.approx(2 / 3, abs=0.02))
    assert fast["solved_ci95"][0] == pytest.approx(0.4385, abs=1e-3)  # Wilson's, of 3 in 3
    assert (fast["group"], slow["group"]) == ("a", "b")


def test_the_command_says_it(capsys, tmp_path):
    problem = "{name: p, function: sphere, noise: {gaussian: {std: 0.1}}, budget: 300, targets: [1e-1], seeds: 8}"
    (tmp_path / "p.yaml").write_text(problem)
    command = ["compare", str(tmp_path / "p.yaml"), "--optimizers", "sgd:lr=0.1,sgd:lr=0.01"]
    assert exit_code([*command, "--reference", "sgd:lr=0.01"]) == 0
    assert "sgd:lr=0.1 needs" in capsys.readouterr().out
    assert exit_code([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["duels"]["reference"] == "sgd:lr=0.1"
    assert exit_code([*command, "--reference", "adam"]) == 2
    assert "--reference: expected one of sgd:lr=0.1, sgd:lr=0.01, got adam" in capsys.readouterr().err
    assert adambench.run(str(tmp_path / "p.yaml")).to_dict().get("duels") is None

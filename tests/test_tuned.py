"""What a tuned comparison says: the best of n draws, inclusions, the basin of the learning rate, and the sentences."""

from __future__ import annotations

import copy
import itertools
import json
import math
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adambench
from adambench.analysis.basin import robustness, without_rate
from adambench.analysis.expected_best import best_probabilities, expected_best
from adambench.analysis.reservation import too_small, with_reservations
from adambench.analysis.solved import solved_gap
from adambench.analysis.tuned import grid, tuned
from adambench.problem.tuning import Tuning, parse_ranges
from adambench.render import Style, find_format
from adambench.render.parts.tuned import tuned_columns
from adambench.render.parts.tuning import beneath, closing, inclusions
from adambench.report_schema import REPORT_SCHEMA

INF = math.inf
QUADRATIC = "function: quadratic, dimension: 3, parameters: {eigenvalues: [4.0, 1.0, 0.25]}, start: [1.0], budget: 160"
NOISY = f"{QUADRATIC}, noise: {{gaussian: {{std: 0.1}}}}, targets: [1.0e-1, 1.0e-2], seeds: 6"
RELATIVE = [{"kind": "relative", "value": 0.1}, {"kind": "relative", "value": 1e-3}]


def report(problem, optimizers="sgd,adam", tuning=None, **settings):
    """The report of a tuned comparison, valid and as it comes back from JSON."""
    found = adambench.run(problem, optimizers=optimizers, tuning=tuning, allow_invalid=True, **settings).to_dict()
    document = json.loads(json.dumps(found, allow_nan=False))
    jsonschema.validate(document, REPORT_SCHEMA)
    return document


def infinite(values):
    return [INF if value is None else value for value in values]


def losses_of(document, optimizer):
    (entry,) = (entry for entry in document["tuning"]["entries"] if entry["optimizer"] == optimizer)
    return infinite(draw["final_loss"] for draw in entry["draws"])


# The best of n draws.


@pytest.mark.parametrize(("sampler", "drawn"), [("random", itertools.product), ("sobol", itertools.permutations)])
def test_the_report_has_the_best_of_every_way_to_draw(problem, sampler, drawn):
    document = report(problem(NOISY), tuning=Tuning(4, seeds=2, sampler=sampler))
    best, chances = (document["tuning"][name] for name in ("expected_best", "best_probabilities"))
    assert best["n"] == chances["n"] == [1, 2, 3, 4]
    assert best["replacement"] == (sampler == "random")
    assert ("independent" in best["note"]) == (sampler == "random")
    lowest = {}
    for curve in best["curves"]:
        losses = losses_of(document, curve["optimizer"])
        assert curve["target"] is None
        for place, n in enumerate(best["n"]):
            repeat = {"repeat": n} if sampler == "random" else {"r": n}
            ways = sorted(min(way) for way in drawn(losses, **repeat))
            lowest[curve["optimizer"], n] = ways
            mean = sum(ways) / len(ways)
            assert curve["mean"][place] == (None if mean == INF else pytest.approx(mean))
            for name, level in (("low", 1), ("median", 2), ("high", 3)):
                value = ways[math.ceil(level * len(ways) / 4) - 1]
                assert curve[name][place] == (None if value == INF else value)
    (found,) = chances["problems"]
    for place, n in enumerate(chances["n"]):
        pairs = list(itertools.product(lowest["sgd", n], lowest["adam", n]))
        shares = {"sgd": [a < b for a, b in pairs], "adam": [b < a for a, b in pairs]}
        tied = sum(a == b < INF for a, b in pairs) / 2
        for optimizer, won in shares.items():
            assert found["optimizers"][optimizer][place] == pytest.approx((sum(won) + tied) / len(pairs))


def test_the_defaults_among_the_draws_make_them_dependent(problem):
    found = report(problem(NOISY), tuning=Tuning(4, seeds=2, sampler="random", defaults=True))["tuning"]
    assert found["expected_best"]["replacement"] is False
    assert "defaults" in found["expected_best"]["note"]


def test_what_diverged_is_infinite_in_the_curves(problem):
    p = problem(NOISY.replace("budget: 160", "budget: 900"))
    document = report(p, "sgd", Tuning(8, seeds=2, ranges=parse_ranges("lr=1e-3..1e6")))
    losses = losses_of(document, "sgd")
    (curve,) = document["tuning"]["expected_best"]["curves"]
    failed = losses.count(INF)
    assert 0 < failed < 8
    assert [mean is None for mean in curve["mean"]] == [n <= failed for n in range(1, 9)]
    (found,) = document["tuning"]["best_probabilities"]["problems"]
    assert found["optimizers"]["sgd"][0] == pytest.approx(1 - failed / 8)


def test_halved_draws_have_no_curves_and_no_basin_and_the_reason_is_said(problem):
    document = report(problem(NOISY), tuning=Tuning(8, seeds=2, halving=True))
    best, chances = (document["tuning"][name] for name in ("expected_best", "best_probabilities"))
    assert (best["n"], best["curves"], chances["problems"]) == ([], [], [])
    assert "halving" in best["note"]
    assert "robustness" not in document
    assert "with halving, draws end at different budgets" in find_format("markdown").render(document, Style())


def test_draws_that_were_chosen_by_steps_are_compared_by_steps(problem):
    document = report(problem(NOISY), tuning=Tuning(8, seeds=2, rule="steps"))
    hits = {
        entry["optimizer"]: [infinite(draw["hits"]) for draw in entry["draws"]]
        for entry in document["tuning"]["entries"]
    }
    for curve in document["tuning"]["expected_best"]["curves"]:
        mine = hits[curve["optimizer"]]
        reached = [place for place in (1, 0) if any(one[place] < INF for one in mine)]
        assert curve["target"]["value"] == [0.1, 0.01][reached[0]]
        assert curve["low"][-1] == min(one[reached[0]] for one in mine)


def test_where_each_ran_against_its_own_best_the_loss_is_compared(problem):
    p = replace(problem(NOISY), optimum=None)
    document = report(p, tuning=Tuning(4, seeds=2, rule="steps"))
    assert {curve["target"] for curve in document["tuning"]["expected_best"]["curves"]} == {None}


@pytest.mark.parametrize("targets", ["1.0e-1, 1.0e-2", "{loss: 0.5}, {loss: 1.0e-3}"])
@pytest.mark.parametrize("rule", ["final-loss", "steps"])
def test_company_changes_no_curve(problem, rule, targets):
    # adam arrives further than sgd at so small rates
    p = problem(NOISY.replace("1.0e-1, 1.0e-2", targets))
    tuning = Tuning(8, seeds=2, rule=rule, ranges=parse_ranges("sgd.lr=1e-3..2e-2"))
    alone, among = report(p, "sgd", tuning), report(p, "adam,sgd", tuning)
    (curve,) = alone["tuning"]["expected_best"]["curves"]
    assert curve in among["tuning"]["expected_best"]["curves"]
    assert alone["robustness"][0] in among["robustness"]
    assert (rule == "steps") == (curve["target"] is not None)
    assert curve["low"][-1] is not None
    cells = [
        {c.title.split(" ")[0]: c.cells[-1].value.split(" ")[0] for c in tuned_columns(d, d["problems"][0], True)}
        for d in (alone, among)
    ]
    assert all(cells[0][name] == cells[1][name] for name in ("tuning", "fresh", "gap"))


def test_who_is_the_best_is_decided_by_the_rule_that_chose(problem):
    """By steps: the hardest target first, whoever reaches it; who misses all is by the loss."""
    document = made({"sgd": [0.1] * 6, "adam": [0.1] * 6}, rule="steps")
    results = {"sgd": [([5, 90], 0.1), ([3, None], 0.01)], "adam": [([50, 95], 0.2), ([None, None], 0.05)]}
    for entry in document["tuning"]["entries"]:
        entry["draws"] = [
            {"hyperparameters": {"lr": 1.0}, "hits": hits, "final_loss": loss, "diverged": 0, "errors": 0}
            for hits, loss in results[entry["optimizer"]]
        ]
    found = tuned(document)["best_probabilities"]
    # one draw each: sgd's 90 beats both, its 3 only the miss; both draws: 90 before 95
    assert found["problems"] == [{"problem": "p", "optimizers": {"sgd": [0.75, 1.0], "adam": [0.25, 0.0]}}]


@pytest.mark.parametrize("sampler", ["sobol", "random"])
def test_draws_that_ended_in_error_are_not_there(problem, sampler):
    p, tuning = problem(NOISY), Tuning(8, seeds=2, sampler=sampler)
    document = report(p, tuning=tuning)
    entry = document["tuning"]["entries"][0]
    for draw in entry["draws"][3:]:
        draw |= {"final_loss": None, "hits": [None, None], "diverged": 0, "errors": 2}
    entry["errors"] = 5
    left = copy.deepcopy(document)
    left["tuning"]["trials"] = 3
    for one in left["tuning"]["entries"]:
        one["draws"] = one["draws"][:3]
    found, alone = tuned(document), tuned(left)
    curve, other = (one["expected_best"]["curves"][0] for one in (found, alone))
    for name in ("mean", "low", "median", "high"):
        assert curve[name][:3] == other[name]
        assert (None in curve[name][3:]) == (sampler == "sobol")
    (basin,) = (one for one in robustness(document) if one["optimizer"] == entry["optimizer"])
    assert basin["rates"] == 3
    assert basin == robustness(left)[0]
    columns = {column.title: column.cells[0].value for column in tuned_columns(document, document["problems"][0], True)}
    assert columns["diverged"].endswith("/3")
    for draw in entry["draws"]:
        draw |= {"final_loss": None, "hits": [None, None], "diverged": 0, "errors": 2}
    nothing = tuned(document)
    assert [one["optimizer"] for one in nothing["expected_best"]["curves"]] == ["adam"]
    assert list(nothing["best_probabilities"]["problems"][0]["optimizers"]) == ["adam"]


def test_what_was_not_tuned_has_no_curve(problem):
    found = report(problem(NOISY), "muon,sgd", Tuning(4, seeds=2))["tuning"]
    assert [curve["optimizer"] for curve in found["expected_best"]["curves"]] == ["sgd"]
    assert list(found["best_probabilities"]["problems"][0]["optimizers"]) == ["sgd"]


@given(st.integers(1, 65_536))
def test_every_small_number_of_draws_is_looked_at_and_the_last(draws):
    sizes = grid(draws).tolist()
    assert sizes[: min(draws, 64)] == list(range(1, min(draws, 64) + 1))
    assert sizes[-1] == draws
    assert all(a < b <= a * 1.2 + 1 for a, b in itertools.pairwise(sizes))
    assert len(sizes) <= 64 + 8 * 10


@given(st.lists(st.integers(1, 9).map(float) | st.just(INF), min_size=3, max_size=12), st.booleans())
def test_some_sizes_alone_are_as_all_of_them(losses, replacement):
    sizes = np.array([1, 3])
    every = expected_best(np.array(losses), replacement=replacement)
    assert expected_best(np.array(losses), replacement=replacement, sizes=sizes) == [every[0], every[2]]


def test_many_draws_are_taken_in_turns(monkeypatch):
    from adambench.analysis import expected_best as module

    rng = np.random.default_rng(3)
    losses, sizes = [rng.random(40) for _ in range(3)], np.arange(1, 41)
    whole = best_probabilities(losses, sizes, replacement=False)
    monkeypatch.setattr(module, "MOST_AT_ONCE", 1000)
    assert best_probabilities(losses, sizes, replacement=False).tolist() == whole.tolist()


# Inclusions.

SPACES = {
    "sgd": {"lr": [1e-5, 10.0, "log"]},
    "momentum": {"lr": [1e-5, 10.0, "log"], "momentum": [0.0, 0.999, "one-minus-log"]},
    "adam": {
        **{"lr": [1e-5, 10.0, "log"], "eps": [1e-10, 1.0, "log"]},
        **{"beta1": [0.0, 0.999, "one-minus-log"], "beta2": [0.5, 0.9999, "one-minus-log"]},
    },
}
FIXED = {
    "sgd": {"lr": 0.1, "dampening": 0.0, "weight_decay": 0.0, "momentum": 0.0, "nesterov": False},
    "momentum": {"lr": 0.1, "dampening": 0.0, "weight_decay": 0.0, "momentum": 0.9, "nesterov": False},
    "adam": {"lr": 0.1, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False},
}


def made(losses, hits=None, rule="final-loss", random=True, spaces=None, **changed):
    """A tuned report of one problem in which each optimizer got these losses, and hits to the hardest target."""
    rows = []
    for label, found in losses.items():
        name = label.partition(":")[0].partition("@")[0]
        steps = (hits or {}).get(label, [None] * len(found))
        seeds = [
            {
                "seed": place,
                "outcome": "budget",
                "final_loss": None if loss == INF else loss,
                "hits": [None, steps[place]],
            }
            for place, loss in enumerate(found)
        ]
        rows.append(
            {
                **{"problem": "p", "optimizer": label, "name": name, "dialect": "torch", "trials": len(seeds)},
                **{"outcomes": {"error": 0, "skipped": 0}, "hyperparameters": {**FIXED[name], **changed.get(name, {})}},
                "targets": [{"reached": 0}, {"reached": sum(step is not None for step in steps)}],
                "seeds": seeds,
            }
        )
    entries = [
        {"problem": "p", "optimizer": label, "winner": label, "random": random, "seeds": 2, "draws": [], "warnings": []}
        for label in losses
    ]
    problem = {"name": "p", "reference": "optimum", "reference_loss": 0.0, "initial_loss": {"median": 1.0}}
    tuning = {
        **{"trials": 2, "sampler": "sobol", "rule": rule, "defaults": False, "halving": False, "across": False},
        **{"seeds": [1, 2], "entries": entries, "spaces": spaces or {label: SPACES[label] for label in losses}},
    }
    document = {"problems": [{**problem, "targets": RELATIVE}], "results": rows, "tuning": tuning}
    tuning |= tuned(document)
    return document


def verdicts(document):
    return {
        (entry["general"], entry["special"], entry["target"] is None): entry["verdict"]
        for entry in document["tuning"]["inclusion"]
    }


def test_an_optimizer_that_lost_to_its_special_case_was_tuned_too_little():
    document = made({"sgd": [0.1] * 6, "momentum": [0.2] * 6, "adam": [0.1] * 6})
    assert verdicts(document) == {
        ("momentum", "sgd", True): "tuning too small",
        ("adam", "sgd", True): "consistent",
        ("adam", "momentum", True): "consistent",
    }
    assert {(entry["general"], entry["limit"]) for entry in document["tuning"]["inclusion"]} == {
        ("momentum", False),
        ("adam", True),
    }
    assert too_small(document["tuning"]) == {"p": ["momentum"]}
    sentence, count = inclusions(document["tuning"])
    assert count == (
        "3 checks of special cases: of these up to 0.075 come out against an optimizer by chance (2.5% each)"
    )
    assert sentence == (
        "tuning too small: momentum lost to special cases of its own, to sgd (momentum near 0) on p: nothing is shown "
        "against it there"
    )
    assert beneath(document, document["problems"][0]) == [
        "nothing is shown against momentum here: beaten by a special case of its own"
    ]


def test_losses_below_the_hardest_target_are_alike_and_steps_count_by_themselves():
    losses = {"sgd": [1e-9] * 6, "momentum": [1e-4] * 6}
    assert too_small(made(losses)["tuning"]) == {}
    document = made(losses, {"sgd": [50] * 6, "momentum": [60] * 6})
    assert verdicts(document) == {
        ("momentum", "sgd", True): "consistent",
        ("momentum", "sgd", False): "tuning too small",
    }
    assert inclusions(document["tuning"])[0].startswith(
        "tuned for the final loss, not for steps: momentum lost in steps"
    )


def test_a_limit_absolves_nobody():
    document = made({"sgd": [0.1] * 6, "momentum": [0.1] * 6, "adam": [0.2] * 6})
    assert {(e["special"], e["verdict"]) for e in document["tuning"]["inclusion"] if e["general"] == "adam"} == {
        ("sgd", "lost to a limit"),
        ("momentum", "lost to a limit"),
    }
    assert too_small(document["tuning"]) == {}
    assert beneath(document, document["problems"][0]) == []
    assert inclusions(document["tuning"]) == [
        "adam lost to special cases that its ranges approach but need not contain, to sgd (large eps, beta1 near 0) on "
        "p; to momentum (large eps, but for the first steps) on p",
        "3 checks of special cases: of these up to 0.075 come out against an optimizer by chance (2.5% each)",
    ]
    duel = {"optimizer": "sgd", "problems": {"p": {"verdict": {"different": True, "faster": "a"}}}, "sentence": "so"}
    assert with_reservations([duel], "adam", document["tuning"])[0]["sentence"] == "so"


def test_third_parties_change_no_entry():
    """Neither by a harder target that they alone hit, nor by the seeds that they lack."""
    losses = {"sgd": [1e-4] * 6, "momentum": [1e-4] * 6, "adam": [1e-9] * 6}
    for rule in ("final-loss", "steps"):
        three = made(losses, {"adam": [10] * 6}, rule=rule)
        for row in three["results"][:2]:
            row["targets"][0]["reached"] = 6
            for seed in row["seeds"]:
                seed["hits"][0] = 60 if row["optimizer"] == "momentum" else 50
        for seed in three["results"][2]["seeds"][:4]:
            seed["outcome"] = "error"
        three["results"][2]["outcomes"]["error"] = 4
        two = copy.deepcopy(three)
        two["results"], two["tuning"]["entries"] = two["results"][:2], two["tuning"]["entries"][:2]
        among, alone = (
            [e for e in tuned(one)["inclusion"] if (e["general"], e["special"]) == ("momentum", "sgd")]
            for one in (three, two)
        )
        assert among == alone
        assert [(e["seeds"], e["verdict"]) for e in among if e["target"]] == [(6, "tuning too small")]
        assert {e["seeds"] for e in tuned(three)["inclusion"] if e["general"] == "adam"} == {2}


def test_a_single_pair_decides_where_nothing_is_random_and_only_there():
    losses = {"sgd": [0.1], "momentum": [0.2]}
    assert set(verdicts(made(losses)).values()) == {"cannot tell"}
    assert "fewer than 6 seeds" in inclusions(made(losses)["tuning"])[0]
    assert set(verdicts(made(losses, random=False)).values()) == {"tuning too small"}
    assert inclusions(made({"sgd": [0.2], "momentum": [0.1]}, random=False)["tuning"]) == [
        "no optimizer lost to a special case of its own",
        "1 check of special cases: nothing is random there, so none comes out against an optimizer by chance",
    ]


@pytest.mark.parametrize(
    "document",
    [
        made({"sgd": [0.1] * 6, "momentum": [0.2] * 6}, momentum={"nesterov": True}),
        made({"sgd": [0.1] * 6, "momentum": [0.2] * 6}, momentum={"dampening": 0.5}),
        made({"sgd": [0.1] * 6, "momentum": [0.2] * 6}, momentum={"clip_norm": 1.0}),
        made({"sgd": [0.1] * 6, "momentum": [0.2] * 6}, sgd={"weight_decay": 0.1}),
        made(
            {"sgd": [0.1] * 6, "momentum": [0.2] * 6},
            spaces={"sgd": SPACES["sgd"], "momentum": {"lr": [1e-5, 10.0, "log"]}},
        ),
        made(
            {"sgd": [0.1] * 6, "momentum@keras": [0.2] * 6},
            spaces={"sgd": SPACES["sgd"], "momentum@keras": SPACES["momentum"]},
        ),
    ],
    ids=["switch", "fixed", "added", "special", "not drawn", "dialect"],
)
def test_what_does_not_contain_the_other_is_not_asked(document):
    assert document["tuning"]["inclusion"] == []


def test_several_settings_of_one_optimizer_are_each_asked():
    label = "momentum:weight_decay=0"
    spaces = {"sgd": SPACES["sgd"], "momentum": SPACES["momentum"], label: SPACES["momentum"]}
    found = made({"sgd": [0.1] * 6, "momentum": [0.1] * 6, label: [0.2] * 6}, spaces=spaces)
    assert too_small(found["tuning"]) == {"p": [label]}


@pytest.mark.parametrize("loser", ["momentum", "sgd"])
@pytest.mark.parametrize("reference", ["momentum", "sgd"])
def test_a_duel_says_where_nothing_is_shown(loser, reference):
    tuning = made({"sgd": [0.1] * 6, "momentum": [0.2] * 6})["tuning"]
    (optimizer,) = {"momentum", "sgd"} - {reference}
    verdict = {"different": True, "faster": "b" if loser == optimizer else "a"}
    duel = {"optimizer": optimizer, "problems": {"p": {"verdict": verdict}}, "sentence": "so it is"}
    ((said,),) = ([one["sentence"] for one in with_reservations([duel], reference, tuning)],)
    reserved = "so it is; nothing is shown against momentum on p: it was beaten by a special case of its own"
    assert said == (reserved if loser == "momentum" else "so it is")
    assert with_reservations([duel], reference, None)[0]["sentence"] == "so it is"
    alike = {**duel, "problems": {"p": {"verdict": {"different": False, "faster": None}}}}
    assert with_reservations([alike], reference, tuning)[0]["sentence"] == "so it is"


def test_the_report_checks_what_it_tuned(problem):
    narrow = Tuning(8, seeds=2, ranges=parse_ranges("sgd.lr=1e-5..1"))
    found = report(problem(NOISY), "momentum,sgd", narrow)["tuning"]["inclusion"]
    assert {(entry["general"], entry["special"]) for entry in found} == {("momentum", "sgd")}
    assert {entry["seeds"] for entry in found} == {6}
    outside = Tuning(8, seeds=2, ranges=parse_ranges("sgd.lr=1e-5..100"))
    assert report(problem(NOISY), "momentum,sgd", outside)["tuning"]["inclusion"] == []


# The basin of the learning rate.


def swept(rates, losses, optimizer="adam", **more):
    rows = [
        {
            **{"problem": "p", "optimizer": f"{optimizer}:lr={rate}", "hyperparameters": {"lr": rate}, "trials": 1},
            **{"outcomes": {"error": 0, "skipped": 0}, "final_loss": {"median": loss}},
            "seeds": [{"outcome": "budget", "final_loss": loss}],
        }
        for rate, loss in zip(rates, losses, strict=True)
    ]
    problem = {"name": "p", "reference_loss": 0.0, "initial_loss": {"median": 1.0}, "targets": RELATIVE, **more}
    return {"problems": [problem], "results": rows}


def test_the_basin_of_a_sweep_as_worked_out_by_hand():
    document = swept([1e-4, 1e-3, 1e-2, 1e-1, 0.5], [0.9, 0.05, 0.01, 0.09, None])
    (found,) = robustness(document)
    assert found == {
        **{"problem": "p", "optimizer": "adam", "source": "sweep", "rates": 5, "best_lr": 0.01, "best_loss": 0.01},
        **{"basin": [1e-3, 0.1], "decades": pytest.approx(2.0), "open_low": False, "open_high": False},
        **{"boundary": 0.5, "safety": pytest.approx(50.0)},
    }
    document["robustness"] = [found]
    assert beneath(document, document["problems"][0]) == [
        "adam on p: learning rates 0.001 to 0.1 end below the hardest target, or within 10 times the best's gap "
        "(2 decades; the best is 0.01); diverges from 0.5, 50 times the best"
    ]


@pytest.mark.parametrize(
    ("losses", "more", "said"),
    [
        ([0.9, 0.01, 0.9], {}, "the best learning rate, 0.1, stands alone: no other tried ends below the hardest"),
        ([0.01, 0.02, 0.9], {}, "(1 decade or more: none lower was tried; the best is 0.01); none above diverged"),
        ([0.9, 0.02, 0.01], {}, "(1 decade or more: none higher was tried; the best is 1); none above was tried"),
        ([0.01, 0.01, 0.01], {}, "(2 decades: all that were tried; the best is 0.01)"),
        ([1.0, 1.05, 2.0], {"reference_loss": None}, "0.01 to 0.1 end within 10% of the best's loss (1 decade or more"),
        ([0.01, 0.02, 0.9], {"targets": []}, "0.01 to 0.1 end within 10 times the best's gap (1 decade or more"),
    ],
)
def test_what_a_sweep_shows_is_one_sentence(losses, more, said):
    document = swept([0.01, 0.1, 1.0], losses, **more)
    document["robustness"] = robustness(document)
    (sentence,) = beneath(document, document["problems"][0])
    assert said in sentence


def test_half_of_the_seeds_is_enough_to_diverge(problem):
    document = swept([0.01, 0.1, 1.0], [0.1, 0.2, 0.3])
    for row in document["results"]:
        row["trials"], row["seeds"] = 2, row["seeds"] * 2
    document["results"][2]["seeds"][1] = {"outcome": "diverged", "final_loss": None}  # the lower median is finite
    (found,) = robustness(document)
    assert (found["basin"], found["boundary"]) == ([0.01, 0.1], 1.0)
    document["results"][2]["seeds"][1]["outcome"] = "error"
    document["results"][2]["outcomes"] = {"error": 1, "skipped": 0}
    assert robustness(document)[0]["boundary"] is None
    tuned_one = report(problem(NOISY), "sgd", Tuning(4, seeds=2))
    draws = tuned_one["tuning"]["entries"][0]["draws"]
    best = robustness(tuned_one)[0]["best_lr"]
    other = max(draws, key=lambda draw: draw["hyperparameters"]["lr"])["hyperparameters"]["lr"]
    next(draw for draw in draws if draw["hyperparameters"]["lr"] == other)["diverged"] = 1
    assert robustness(tuned_one)[0]["boundary"] == (other if other > best else None)


def test_fewer_than_three_rates_or_nothing_finite_say_nothing():
    assert robustness(swept([0.1, 1.0], [0.1, 0.2])) == []
    assert robustness(swept([0.1, 0.1, 1.0], [0.1, 0.1, 0.2])) == []
    assert robustness(swept([0.01, 0.1, 1.0], [None, None, None])) == []
    document = swept([0.01, 0.1, 1.0], [0.1, 0.2, 0.3])
    document["results"][0]["outcomes"] = {"error": 1, "skipped": 0}
    assert robustness(document) == []


def test_rows_belong_together_that_differ_in_the_learning_rate_alone():
    both = swept([0.01, 0.1, 1.0], [0.1, 0.2, 0.3])
    other = swept([0.01, 0.1, 1.0], [0.3, 0.2, 0.1], "adam:beta1=0.5")
    both["results"] += other["results"]
    assert [(one["optimizer"], one["best_lr"]) for one in robustness(both)] == [("adam", 0.01), ("adam:beta1=0.5", 1.0)]
    assert without_rate("adam:beta1=0.5:lr=1e-3:lr_decay=0.1") == "adam:beta1=0.5:lr_decay=0.1"


def test_a_sweep_and_a_tuning_say_it_in_the_report(problem):
    p = problem(f"{QUADRATIC}, targets: [1.0e-1, 1.0e-2]")
    document = report(p, "adam:lr=1e-4..1e1x11,sgd:lr=1e-3..1e1x9,momentum")
    assert [(one["optimizer"], one["source"], one["rates"]) for one in document["robustness"]] == [
        ("adam", "sweep", 11),
        ("sgd", "sweep", 9),
    ]
    sgd = document["robustness"][1]
    assert sgd["basin"][1] < 0.5 < sgd["boundary"]  # 2 over the largest eigenvalue
    tuning = report(p, "sgd", Tuning(16))
    (found,) = tuning["robustness"]
    draws = tuning["tuning"]["entries"][0]["draws"]
    floor = solved_gap(tuning["problems"][0])
    least = min(infinite(draw["final_loss"] for draw in draws))
    assert max(10 * least, floor) < least / 2 + tuning["problems"][0]["initial_loss"]["median"] / 2
    inside = [d["hyperparameters"]["lr"] for d in draws if infinite([d["final_loss"]])[0] <= max(10 * least, floor)]
    assert (found["source"], found["rates"], found["basin"]) == ("draws", 16, [min(inside), max(inside)])


def test_no_learning_rate_no_basin():
    document = made({"sgd": [0.1], "momentum": [0.2]}, spaces={"sgd": {"eps": [1, 2, "log"]}, "momentum": {}})
    document["tuning"]["entries"][0]["draws"] = [{"hyperparameters": {"eps": 1.0}, "final_loss": 0.1, "hits": []}]
    assert robustness(document) == []


@pytest.mark.parametrize(
    ("targets", "gap"),
    [
        (RELATIVE, 2e-3),
        ([{"kind": "loss", "value": 1.5}], 0.5),
        ([{"kind": "loss", "value": 0.5}], 0.0),
        ([{"kind": "gradient", "value": 1e-3}], 0.0),
        ([{"kind": "gradient", "value": 1e-3}, {"kind": "relative", "value": 0.5}], 1.0),
        ([], 0.0),
    ],
)
def test_the_gap_at_which_a_problem_counts_as_solved(targets, gap):
    problem = {"reference_loss": 1.0, "initial_loss": {"median": 3.0}, "targets": targets}
    assert solved_gap(problem) == pytest.approx(gap)
    assert solved_gap({**problem, "reference_loss": None}) == 0.0


# What is printed.


def test_the_table_and_markdown_have_a_second_table_and_how_it_was_tuned(problem):
    document = report(problem(NOISY), tuning=Tuning(16, seeds=3, ranges=parse_ranges("sgd.lr=1e-4..0.3")))
    for name in ("table", "markdown"):
        said = " ".join(find_format(name).render(document, Style(width=300)).split())
        for text in (
            *("best of 16", "tuning loss", "fresh loss", "gap", "lr basin", "P(best) of 1, 2, 8"),
            "best of 16 draws (scrambled Sobol) of each optimizer, by median loss at the horizon on 3 tuning seeds",
            "everything else shown is on fresh seeds",
            *("lr 1e-5..10 for adam", "lr 1e-4..0.3 for sgd", "beta2 0.5..0.9999 (of 1 - beta2) for adam"),
            "random subsets of these very draws",
        ):
            assert text in said, (name, text)
    assert "tuned" not in find_format("table").render(report(problem(NOISY)), Style())


def test_the_cells_are_what_the_entries_say(problem):
    document = report(problem(NOISY), "sgd,adam", Tuning(8, seeds=3))
    columns = {
        column.title: [cell.value for cell in column.cells]
        for column in tuned_columns(document, document["problems"][0], True)
    }
    entries = document["tuning"]["entries"]
    assert columns["tuned"] == ["sgd", "adam"]
    assert columns["diverged"] == [f"{entry['diverged']}/8" for entry in entries]
    for text, entry in zip(columns["best of 8"], entries, strict=True):
        values = entry["draws"][entry["draw"]]["hyperparameters"]
        shown = dict(part.split(" ") for part in text.split(", "))
        assert list(shown) == list(values)
        assert all(float(shown[name]) == pytest.approx(values[name], rel=0.01) for name in values)
    for text, entry in zip(columns["gap"], entries, strict=True):
        assert float(text) == pytest.approx(entry["gap"], rel=0.01)
        assert text.startswith("+") == (entry["gap"] > 0)


def test_a_decay_close_to_one_is_not_rounded_to_it(problem):
    document = report(problem(NOISY), "adam", Tuning(2, seeds=2))
    entry = document["tuning"]["entries"][0]
    entry["draws"][entry["draw"]]["hyperparameters"]["beta2"] = 0.99987654
    columns = tuned_columns(document, document["problems"][0], True)
    assert "beta2 0.99988" in columns[1].cells[0].value


def test_where_nothing_is_random_there_is_no_gap(problem):
    document = report(problem(QUADRATIC), tuning=Tuning(4))
    titles = [column.title for column in tuned_columns(document, document["problems"][0], True)]
    assert not {"gap", "tuning loss", "fresh loss"} & set(titles)


def test_a_tuning_by_steps_shows_steps(problem):
    document = report(problem(NOISY), tuning=Tuning(8, seeds=3, rule="steps"))
    titles = [column.title for column in tuned_columns(document, document["problems"][0], True)]
    assert {"tuning steps to 1e-2", "fresh steps to 1e-2", "gap"} <= set(titles)
    assert "--rule steps" not in " ".join(closing(document))


def test_an_older_report_without_what_follows_is_printed(problem):
    document = report(problem(NOISY), tuning=Tuning(4, seeds=2))
    bare = copy.deepcopy(document)
    for name in ("expected_best", "best_probabilities", "inclusion"):
        del bare["tuning"][name]
    for entry in bare["tuning"]["entries"]:
        del entry["random"], entry["errors"]
        for draw in entry["draws"]:
            del draw["errors"]
    del bare["robustness"]
    jsonschema.validate(bare, REPORT_SCHEMA)
    assert "best of 4" in find_format("table").render(bare, Style(width=300))
    assert tuned(bare) == tuned(document)

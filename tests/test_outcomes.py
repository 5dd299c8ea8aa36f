"""What is counted, when a target counts as hit, and how a trial ends, beside a simulation in a few lines of Python."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

import numpy as np
import pytest

import adambench
from adambench.configuration import parse
from adambench.course import make_course
from adambench.errors import AdambenchError
from adambench.plan import Settings, settle
from adambench.problem import Target
from adambench.runner import Run
from adambench.trace import trace


def grid_of(budget):
    """Every t <= 64, then round(2^(k/16)), and the budget."""
    later = {round(2 ** (k / 16)) for k in range(600)}
    return sorted(t for t in {*range(65), *later, budget} if t <= budget)


@dataclass
class Path:
    """A trial as the interface tells it: at x_0, ..., x_last."""

    x: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    norms: list = field(default_factory=list)
    distances: list = field(default_factory=list)
    cause: str = "budget"

    def hit(self, target, optimum):
        """The first t at the target, or None."""
        bound = target.value
        if target.kind == "relative":
            bound = optimum.loss + target.value * (self.losses[0] - optimum.loss)
        watched = {"gradient": self.norms, "distance": self.distances}.get(target.kind, self.losses)
        return next((t for t, value in enumerate(watched) if value <= bound), None)


def simulated(problem, at, text):
    """The path of a noise-free problem, every step by hand."""
    step, course = adambench.stepper(text, shape=(problem.dimension,)), make_course(problem, "float64", False)
    box = np.array([course.low, course.high]) if course.low.size else None
    x, path = np.resize(np.array(problem.start.values), problem.dimension), Path()
    for t in range(problem.budget + 1):
        loss, gradient = at(x)
        path.x.append(x)
        if not math.isfinite(loss):
            path.cause = "loss not finite"
            break
        path.losses.append(loss)
        path.norms.append(math.sqrt(sum(float(g) * float(g) for g in gradient)))
        points = problem.optimum.x if problem.optimum else ()
        path.distances.append(min((math.dist(x, point) for point in points), default=math.inf))
        if t == problem.budget:
            break
        if not np.isfinite(gradient).all():
            path.cause = "gradient not finite"
            break
        x = step(x, gradient)
        x = x if box is None else np.clip(x, *box)
    return path


ROSENBROCK = "function: rosenbrock, dimension: 2"
QUADRATIC = "function: quadratic, dimension: 2, parameters: {eigenvalues: [1.0, 0.25]}, start: [1.0]"
CASES = [
    (f"{ROSENBROCK}, budget: 300, targets: [0.2, 0.05, 1.0e-3]", "adam:lr=0.01"),
    (f"{ROSENBROCK}, budget: 64, targets: [{{loss: 30}}, {{gradient: 10}}, {{distance: 2}}]", "adam:lr=0.01"),
    (f"{ROSENBROCK}, budget: 65, targets: [{{loss: 4}}, {{gradient: 1.0e-9}}]", "sgd"),
    (f"{ROSENBROCK}, budget: 2000, targets: [0.1, {{loss: 1}}, {{gradient: 5}}, {{distance: 1.5}}]", "adam:lr=0.02"),
    (f"{ROSENBROCK}, budget: 50, targets: [0.5]", "sgd:lr=0.01"),
    (f"{QUADRATIC}, budget: 1, targets: [0.9]", "sgd:lr=0.1"),
    (f"{QUADRATIC}, budget: 100, targets: [1.0e-1, 1.0e-3, 1.0e-5]", "sgd:lr=0.5"),
    (f"{QUADRATIC}, budget: 3000, targets: [1.0e-1]", "sgd:lr=2.5"),
    (f"{QUADRATIC}, budget: 3000, targets: [{{loss: 1}}]", "sgd:lr=2.5"),
    (f"{QUADRATIC}, budget: 40, targets: [{{gradient: 0.1}}, {{distance: 0.1}}]", "adam:lr=0.1"),
    ("function: mccormick, start: [3.5, -2.5], budget: 40, targets: [1.0e-2]", "sgd:lr=0.9"),
    ("function: mccormick, start: [3.5, -2.5], budget: 200, targets: [{distance: 0.1}]", "adam:lr=0.5"),
]


def judged(path, budget, hits):
    if None not in hits:
        return "reached"
    if path.cause != "budget":
        return "diverged"
    *_, before, after = path.x
    return "stalled" if (before == after).all() and path.norms[-2] != 0.0 else "budget"


@pytest.mark.parametrize(("keys", "optimizer"), CASES)
def test_a_trial_is_what_the_simulation_says(problem, measure, keys, optimizer):
    p = problem(keys)
    path = simulated(p, measure(p), optimizer)
    result = adambench.run(p, allow_invalid=True, optimizers=optimizer, jobs=1).to_dict()["results"][0]
    (seed,) = result["seeds"]
    hits = [path.hit(target, p.optimum) for target in p.targets]
    ended = len(path.x) - 1
    diverged = path.cause != "budget"
    assert seed["hits"] == hits
    assert seed["outcome"] == judged(path, p.budget, hits)
    assert seed["stopped"]["evaluation"] == ended
    assert seed["stopped"]["cause"] == path.cause or seed["outcome"] == "stalled"
    assert seed["final_loss"] == (None if diverged else path.losses[-1])
    assert result["outcomes"][seed["outcome"]] == result["trials"] == 1
    assert result["best_loss"]["median"] == min(path.losses)
    assert result["cost"]["evaluations"] == ended
    assert result["curve"]["evaluations"] == grid_of(p.budget)
    assert result["curve"]["median"] == [None if t >= ended and diverged else path.losses[t] for t in grid_of(p.budget)]
    assert [t["median"] for t in result["targets"]] == hits
    assert [t["reached"] for t in result["targets"]] == [int(hit is not None) for hit in hits]
    json.loads(json.dumps(result, allow_nan=False))


def test_the_cases_end_in_every_way(problem, measure):
    """Hits at once, later, never; reached, diverged, reached and then diverged, out of budget."""
    seen = set()
    for keys, optimizer in CASES:
        p = problem(keys)
        path = simulated(p, measure(p), optimizer)
        hits = [path.hit(target, p.optimum) for target in p.targets]
        seen |= {judged(path, p.budget, hits), (judged(path, p.budget, hits), path.cause), *hits}
    assert {"reached", "diverged", "budget", ("reached", "loss not finite"), 0, None} <= seen


@pytest.mark.parametrize(("keys", "optimizer"), CASES[:2] + CASES[-2:])
def test_a_trace_passes_the_same_points(problem, measure, keys, optimizer):
    p = problem(keys)
    path = simulated(p, measure(p), optimizer)
    steps = trace(p, parse(optimizer)[0], range(p.budget + 1), 0)
    assert [step.step for step in steps] == list(range(p.budget + 1))
    assert np.array_equal([step.x for step in steps], path.x)
    assert [step.loss for step in steps] == path.losses


def test_a_box_holds_x(problem):
    """On its edge or within it, and on the edge at times."""
    p = problem("function: mccormick, start: [3.5, -2.5], budget: 40")
    x = np.array([step.x for step in trace(p, parse("sgd:lr=0.9")[0], range(41), 0)])
    assert (x >= [-1.5, -3.0]).all()
    assert (x <= 4.0).all()
    assert ((x == [-1.5, -3.0]) | (x == 4.0)).any(axis=0).all()


def test_a_trace_refuses_what_lies_beyond_the_budget(problem):
    p = problem(f"{QUADRATIC}, budget: 10")
    for at in (-1, 11):
        with pytest.raises(AdambenchError, match="--at: expected evaluations from 0 to the budget of 10, got"):
            trace(p, parse("sgd")[0], [at], 0)
    assert [step.step for step in trace(p, parse("sgd")[0], [10, 0, 10], 0)] == [10, 0, 10]


def only(problem, optimizer, **settings):
    """The one seed of the one row."""
    result = adambench.run(problem, allow_invalid=True, optimizers=optimizer, jobs=1, **settings).to_dict()["results"][
        0
    ]
    return result["seeds"][0], result


def test_a_gradient_that_overflows_ends_a_trial(problem):
    p = problem("function: quadratic, dimension: 1, parameters: {eigenvalues: [1.7e308]}, start: [1.06], budget: 10")
    seed, result = only(p, "sgd")
    assert seed["outcome"] == "diverged"
    assert seed["stopped"] == {"evaluation": 0, "cause": "gradient not finite"}
    assert seed["final_loss"] is None
    assert result["cost"]["evaluations"] == 0
    assert result["cost"]["ns_per_step"] is None


def test_a_loss_that_is_infinite_at_the_start_ends_a_trial_there(problem):
    p = problem("function: quadratic, dimension: 1, parameters: {eigenvalues: [1.0e308]}, start: [1.0e10], budget: 10")
    seed, result = only(p, "sgd")
    assert (seed["outcome"], seed["hits"]) == ("diverged", [None, None, None])
    assert seed["stopped"] == {"evaluation": 0, "cause": "loss not finite"}
    assert set(result["curve"]["median"]) == {None}


def test_divergence_at_the_very_last_point_counts(problem, measure):
    """x_budget is watched like any other."""
    endless = problem(f"{QUADRATIC}, budget: 3000, targets: [1.0e-1]")
    last = len(simulated(endless, measure(endless), "sgd:lr=2.5").x) - 1
    for budget, outcome in ((last, "diverged"), (last - 1, "budget")):
        seed, _ = only(endless, "sgd:lr=2.5", budget=budget)
        assert seed["outcome"] == outcome
        assert seed["stopped"]["evaluation"] == budget


def test_a_hit_at_the_very_last_point_counts(problem):
    p = problem(f"{QUADRATIC}, budget: 100, targets: [1.0e-3]")
    hit = only(p, "sgd:lr=0.5")[0]["hits"][0]
    assert only(p, "sgd:lr=0.5", budget=hit)[0]["hits"] == [hit]
    assert only(p, "sgd:lr=0.5", budget=hit - 1)[0]["hits"] == [None]


def test_a_state_that_overflows_stalls(problem):
    p = problem("function: quadratic, dimension: 1, parameters: {eigenvalues: [1.0e160]}, budget: 100")
    seed, _ = only(p, "adam")
    assert seed["outcome"] == "stalled"
    assert seed["stopped"] == {"evaluation": 100, "cause": "second moment overflowed"}
    assert seed["final_loss"] == 5e159


def test_a_step_too_small_for_x_stalls(problem):
    p = problem(f"{QUADRATIC}, budget: 100")
    seed, _ = only(p, "sgd:lr=1e-30")
    assert seed["outcome"] == "stalled"
    assert seed["stopped"]["cause"] == "the last step left x unchanged though the gradient was not zero"


def test_a_gradient_of_zero_is_no_stall(problem):
    p = problem(f"{QUADRATIC.replace('start: [1.0]', 'start: [0.0]')}, budget: 100, targets: [{{loss: -1}}]")
    assert only(p, "sgd")[0]["outcome"] == "budget"
    assert only(p, "adam:lr=0")[0]["outcome"] == "budget"


def test_only_the_last_step_tells_a_stall(problem):
    """The schedule stops x at step 100."""
    schedule = "schedule: {step: {every: 99, factor: 1.0e-30}}"
    p = problem(f"{QUADRATIC}, budget: 100, {schedule}, targets: [{{loss: -1}}]")
    assert only(p, "sgd:lr=0.01")[0]["outcome"] == "stalled"
    assert only(p, "sgd:lr=0.01", budget=99)[0]["outcome"] == "budget"


def test_a_hit_precedes_a_stall(problem):
    p = problem(f"{QUADRATIC}, budget: 100, targets: [{{loss: 1}}]")
    assert only(p, "sgd:lr=1e-30")[0]["outcome"] == "reached"


def test_a_time_limit_ends_a_trial_and_keeps_its_hits(problem):
    p = problem(f"{QUADRATIC}, budget: 1000000000, targets: [{{loss: 1}}, {{loss: -1}}]")
    seed, result = only(p, "sgd:lr=0.5", timeout=0.01)
    assert seed["outcome"] == "timeout"
    assert seed["stopped"]["cause"] == "time limit"
    assert 0 < seed["stopped"]["evaluation"] < 10**9
    assert seed["hits"] == [0, None]
    assert seed["final_loss"] == 0.0
    assert result["cost"]["evaluations"] == seed["stopped"]["evaluation"]


def test_a_time_limit_precedes_a_hit(problem):
    p = problem(f"{QUADRATIC}, budget: 1000000000, targets: [{{loss: 1}}]")
    assert only(p, "sgd:lr=0.5", timeout=0.01)[0]["outcome"] == "timeout"


@pytest.mark.parametrize("targets", ["[1.0e-1, 1.0e-3]", "[{loss: 1}]", "[1.0e-2, {gradient: 0.5}]"])
def test_stopping_at_the_target_cuts_the_full_run_short(problem, targets):
    p = problem(f"{QUADRATIC}, budget: 200, targets: {targets}")
    (full, whole), (short, cut) = only(p, "sgd:lr=0.1"), only(p, "sgd:lr=0.1", stop_at_target=True)
    end = max(full["hits"])
    assert short["hits"] == full["hits"]
    assert short["outcome"] == full["outcome"] == "reached"
    assert short["stopped"] == {"evaluation": end, "cause": "every target reached"}
    assert cut["cost"]["evaluations"] == end
    assert whole["cost"]["evaluations"] == 200
    losses = [step.loss for step in trace(p, parse("sgd:lr=0.1")[0], range(201), 0)]
    for t, loss in zip(cut["curve"]["evaluations"], cut["curve"]["median"], strict=True):
        assert loss == losses[min(t, end)]
    assert short["final_loss"] == losses[end]


@pytest.mark.parametrize("target", ["{loss: 1}", "{gradient: 2}", "{distance: 1}", "0.25"])
def test_at_the_target_is_a_hit(problem, target):
    """x_1 = 1 of x^2, from x_0 = 2, exactly."""
    keys = "function: quadratic, dimension: 1, parameters: {eigenvalues: [2.0]}, start: [2.0], budget: 9"
    assert only(problem(f"{keys}, targets: [{target}]"), "sgd:lr=0.25")[0]["hits"] == [1]


def test_what_comes_back_after_it_diverged_has_diverged(problem):
    """The schedule brings x back to the optimum, while other trials of the block go on."""
    schedule = "schedule: {step: {every: 880, factor: 0.4}}"
    p = problem(f"{QUADRATIC}, budget: 1000, {schedule}, targets: [{{distance: 0.01}}], seeds: 8")
    diverged, other = adambench.run(p, allow_invalid=True, optimizers="sgd:lr=2.5/0.1").to_dict()["results"]
    assert diverged["outcomes"]["diverged"] == other["outcomes"]["reached"] == 8
    for seed in diverged["seeds"]:
        assert (seed["hits"], seed["final_loss"]) == ([None], None)
        assert seed["stopped"]["evaluation"] < 880
    alone = adambench.run(p, allow_invalid=True, optimizers="sgd:lr=2.5", seeds=1).to_dict()["results"][0]
    assert alone["seeds"] == diverged["seeds"][:1]
    assert alone["best_loss"] == diverged["best_loss"]


def test_stopping_at_the_target_spends_the_budget_where_one_is_missed(problem):
    p = problem(f"{QUADRATIC}, budget: 200, targets: [1.0e-1, {{loss: -1}}]")
    seed, _ = only(p, "sgd:lr=0.1", stop_at_target=True)
    assert seed["stopped"] == {"evaluation": 200, "cause": "budget"}


def test_a_shorter_budget_is_a_prefix(problem):
    p = problem(f"{ROSENBROCK}, budget: 1000")
    long, short = (only(p, "adam:lr=0.01", budget=budget)[1]["curve"] for budget in (1000, 181))
    assert 181 in long["evaluations"]
    assert short["evaluations"] == long["evaluations"][: len(short["evaluations"])]
    assert short["median"] == long["median"][: len(short["median"])]


# The loss is the noise-free one


def test_the_loss_that_is_watched_has_no_noise(problem, measure):
    p = problem(f"{QUADRATIC}, budget: 80, noise: {{gaussian: {{std: 1}}}}, seeds: [4]")
    result = only(p, "sgd:lr=0.1")[1]
    steps = trace(p, parse("sgd:lr=0.1")[0], range(81), 4)
    losses = [measure(p)(step.x)[0] for step in steps]
    assert [losses[t] for t in result["curve"]["evaluations"]] == result["curve"]["median"]
    assert result["best_loss"]["median"] == min(losses)


def test_a_gradient_target_asks_for_the_noise_free_gradient(problem, measure):
    p = problem(f"{QUADRATIC}, budget: 80, noise: {{gaussian: {{std: 1}}}}, targets: [{{gradient: 0.4}}], seeds: [4]")
    steps = trace(p, parse("sgd:lr=0.1")[0], range(81), 4)
    norms = [float(np.linalg.norm(measure(p)(step.x)[1])) for step in steps]
    assert only(p, "sgd:lr=0.1")[0]["hits"] == [next(t for t, norm in enumerate(norms) if norm <= 0.4)]


def test_a_distance_is_to_the_nearest_optimum(problem):
    optima = "optimum: {loss: 0, x: [[5.0, 5.0], [0.0, 0.0], [-7.0, 3.0]]}, targets: [{distance: 0.5}, {distance: 0.1}]"
    p = problem(f"{QUADRATIC}, budget: 80, {optima}")
    steps = trace(p, parse("sgd:lr=0.2")[0], range(81), 0)
    away = [math.hypot(*step.x) for step in steps]
    expected = [next(t for t, d in enumerate(away) if d <= bound) for bound in (0.5, 0.1)]
    assert only(p, "sgd:lr=0.2")[0]["hits"] == expected


def test_a_distance_needs_an_optimum(problem):
    p = problem(f"{QUADRATIC}, optimum: {{loss: 0}}")
    with pytest.raises(AdambenchError, match="a target on the distance needs an optimum with its x"):
        adambench.run(p, optimizers="sgd", targets=[Target("distance", 0.1)])


# The best of the report as the reference


UNKNOWN = (
    "model: logistic, data: {samples: 40, features: 6, density: 0.5, exponent: 1, label_noise: 0.1, seed: 0}, "
    "budget: 200, targets: [1.0e-1, 1.0e-3]"
)


def test_where_the_optimum_is_unknown_the_best_of_the_report_is_the_reference(problem):
    p = problem(UNKNOWN)
    report = adambench.run(p, optimizers="sgd:lr=0.5,adam:lr=0.1", jobs=1).to_dict()
    (described,) = report["problems"]
    best = min(result["best_loss"]["median"] for result in report["results"])
    assert (described["reference"], described["reference_loss"]) == ("report", best)
    for result in report["results"]:
        losses = [step.loss for step in trace(p, parse(result["optimizer"])[0], range(201), 0)]
        for target, hit in zip(p.targets, result["seeds"][0]["hits"], strict=True):
            bound = best + target.value * (losses[0] - best)
            assert hit == next((t for t, loss in enumerate(losses) if loss <= bound), None)


def test_then_and_only_then_rows_depend_on_their_company(problem):
    unknown = problem(UNKNOWN)
    alone, company = (
        adambench.run(unknown, optimizers=names, jobs=1).to_dict()["results"][0]
        for names in ("adagrad", "adagrad,adam:lr=0.1")
    )
    assert alone["final_loss"] == company["final_loss"]
    assert alone["curve"] == company["curve"]
    assert alone["seeds"][0]["hits"] != company["seeds"][0]["hits"]
    absolute = problem(UNKNOWN.replace("[1.0e-1, 1.0e-3]", "[{loss: 0.5}]"))
    alone, company = (
        adambench.run(absolute, optimizers=names, jobs=1).to_dict()["results"][0]
        for names in ("adagrad", "adagrad,adam:lr=0.1")
    )
    assert alone["seeds"] == company["seeds"]


def test_a_known_optimum_is_the_reference(problem):
    (described,) = adambench.run(problem(f"{QUADRATIC}, budget: 5"), optimizers="sgd").to_dict()["problems"]
    assert (described["reference"], described["reference_loss"]) == ("optimum", 0.0)
    own = problem(f"{QUADRATIC}, budget: 5, optimum: {{loss: -3}}")
    assert adambench.run(own, optimizers="sgd").to_dict()["problems"][0]["reference_loss"] == -3.0


# The online problem


def test_adam_fails_where_amsgrad_converges(problem):
    """Reddi, Kale & Kumar 2018: Adam drifts to the worst point of the box, AMSGrad and SGD to the best."""
    p = problem("function: reddi, budget: 200000, targets: [{distance: 0.1}], schedule: inverse_sqrt")
    report = adambench.run(p, optimizers="adam:beta2=0.99:lr=0.5,amsgrad:beta2=0.99:lr=0.5,sgd:lr=0.001", jobs=1)
    adam, *others = [101.0 / 10.0 * result["final_loss"]["median"] for result in report.to_dict()["results"]]
    assert adam > 0.9
    assert max(others) < -0.9


def test_the_gradient_of_evaluation_t_is_that_of_the_t_th_function(problem):
    """1010 x where t mod 101 is 1, else -10 x, within [-1, 1]; the loss is the mean of a cycle."""
    p = problem("function: reddi, budget: 300, start: [0.5]")
    x, expected = 0.5, [0.5]
    for t in range(1, 301):
        x = min(max(x - 0.001 * (1010.0 if t % 101 == 1 else -10.0), -1.0), 1.0)
        expected.append(x)
    steps = trace(p, parse("sgd:lr=0.001")[0], range(301), 0)
    assert [step.x[0] for step in steps] == expected
    assert [step.loss for step in steps] == [10.0 / 101.0 * x for x in expected]


def test_a_gradient_target_of_an_online_problem_asks_for_the_mean_gradient(problem):
    p = problem("function: reddi, budget: 10, targets: [{gradient: 0.1}, {gradient: 0.01}]")
    assert only(p, "sgd")[0]["hits"] == [0, None]


# Interruptions


def test_what_had_finished_before_an_interruption_is_kept(problem):
    class Interrupting:
        def compiling(self, *progress): ...

        def running(self, name, share, trials, total):
            if trials >= 1:
                raise KeyboardInterrupt

    p = problem(f"{QUADRATIC}, budget: 50")
    settings = Settings(optimizers=tuple(parse("sgd:lr=0.1") + parse("adam")), jobs=1)
    run = Run([settle(p, settings)], settings, Interrupting())
    with pytest.raises(KeyboardInterrupt):
        run.execute()
    outcomes = run.finished[0].outcomes
    assert [outcome is not None for outcome in outcomes] == [True, False]
    assert len(outcomes[0].trials) == 1

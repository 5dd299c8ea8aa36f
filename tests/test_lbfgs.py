"""L-BFGS beside torch's, evaluation by evaluation, and beside SciPy's where both must end at one point."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries.driver import imported
from scipy.optimize import minimize, rosen, rosen_der

import adambench
from adambench.configuration import parse
from adambench.engine.single import Single

EVALUATIONS = 50
EIGENVALUES = np.geomspace(1e-6, 1.0, 10)
ROSENBROCK = (rosen, rosen_der)
QUADRATIC = (lambda x: 0.5 * np.sum(EIGENVALUES * x * x), lambda x: EIGENVALUES * x)
FLAT = (lambda x: 0.0, lambda x: EIGENVALUES * x)
"""No step can lower such a loss: every search goes through all its trials."""
WALLED = (
    lambda x: np.sum(np.where(x < 1.0, -np.log(np.where(x < 1.0, 1.0 - x, 1.0)) - x, 1e6)),
    lambda x: np.where(x < 1.0, x / np.where(x < 1.0, 1.0 - x, 1.0), 1.0),
)
"""A cliff at 1: trials fall where no cubic tells of it."""
ROUGH = (lambda x: 0.5 * np.sum(x * x) + np.sin(1e3 * np.sum(x)), lambda x: x + 0.5 * np.sin(3.0 * x))
"""A loss that its gradient knows little of: searches take every turn they can."""

PROBLEMS = {
    "rosenbrock 2": (*ROSENBROCK, np.array([-1.2, 1.0])),
    "rosenbrock 10": (*ROSENBROCK, np.resize([-1.2, 1.0], 10)),
    "quadratic": (*QUADRATIC, np.ones(10)),
    "flat": (*FLAT, np.ones(10)),
    "rough": (*ROUGH, np.array([9.0, -5.0, 3.0, 7.0])),
    "walled": (*WALLED, np.array([-30.0, -3.0, 0.9])),
}
SEARCHED = ("flat", "rough", "walled")
"""Not without a line search: it does not see the loss, and the walled one is then nothing but rounding."""
on_each_searched = pytest.mark.parametrize("name", PROBLEMS)
on_each = pytest.mark.parametrize(
    ("name", "search"),
    [(name, search) for name in PROBLEMS for search in (False, True) if search or name not in SEARCHED],
)
at_each_setting = pytest.mark.parametrize("options", [(1.0, 100), (1.0, 3), (0.3, 3), (0.1, 100)], ids=str)


class Spent(Exception):
    """The budget is."""


def text(options, search):
    lr, history_size = options
    return f"lbfgs:lr={lr}:history_size={history_size}:strong_wolfe={str(search).lower()}"


@functools.cache
def theirs(name, options, search):
    """(points, accepted) of torch, whose step is called until all evaluations are spent.

    points    (evaluations, dimension): where the closure was called
    accepted  {how many evaluations it took: the point}
    """
    imported("torch")
    import torch
    from torch.optim import lbfgs

    loss_of, gradient_of, start = PROBLEMS[name]
    x = torch.nn.Parameter(torch.tensor(start))
    points, accepted = [], {}

    def closure():
        if len(points) == EVALUATIONS:
            raise Spent
        here = x.detach().numpy().copy()
        points.append(here)
        with np.errstate(all="ignore"):
            x.grad = torch.tensor(gradient_of(here))
            return torch.tensor(loss_of(here), dtype=torch.float64)

    def unlimited(objective, begin, t, d, *rest, **options):
        """torch's search, ended by its own default of trials, not by the evaluations left to the call."""
        found = search_of_torch(objective, begin, t, d, *rest, tolerance_change=0.0)
        accepted[len(points)] = begin[0].detach().numpy() + float(found[2]) * d.numpy()
        return found

    search_of_torch, lbfgs._strong_wolfe = lbfgs._strong_wolfe, unlimited
    try:
        endless = {"max_iter": 10**9, "max_eval": 10**9, "tolerance_grad": 0.0, "tolerance_change": 0.0}
        lr, history_size = options
        rule = "strong_wolfe" if search else None
        optimizer = torch.optim.LBFGS([x], lr, history_size=history_size, line_search_fn=rule, **endless)
        while True:
            optimizer.step(closure)
    except Spent:
        return np.array(points), accepted
    finally:
        lbfgs._strong_wolfe = search_of_torch


def ours(name, options, search, replayed=None, shaken=None):
    """(points, accepted), of the gradients at our own points or at those `replayed`.

    shaken: a generator of the changes of a last bit that gradients suffer
    """
    loss_of, gradient_of, start = PROBLEMS[name]
    step, x = adambench.stepper(text(options, search), shape=start.shape), start
    points, accepted = [start], []
    with np.errstate(all="ignore"):
        for k in range(EVALUATIONS - 1):
            at = x if replayed is None else replayed[k]
            gradient = gradient_of(at)
            if shaken is not None:
                gradient = gradient * (1.0 + shaken.choice([-1.0, 1.0], gradient.size) * 2.0**-52)
            x = step(at, gradient, loss=loss_of(at))
            points.append(x)
            accepted.append(step.eval_point(x))
    return np.array(points), np.array(accepted)


def apart(a, b):
    """The largest distance over 1 + |x| so far, at every evaluation."""
    return np.maximum.accumulate(np.max(abs(a - b), axis=1) / (1.0 + np.max(abs(a), axis=1)))


@on_each
@at_each_setting
def test_at_torchs_points_the_next_is_torchs(name, options, search):
    """With the errors of the points before kept out, all decisions of the search included."""
    points, _ = theirs(name, options, search)
    mine, _ = ours(name, options, search, replayed=points)
    assert apart(points, mine)[-1] <= 1e-9


@on_each
@at_each_setting
def test_the_points_are_torchs_as_far_as_rounding_lets_them(name, options, search):
    points, _ = theirs(name, options, search)
    mine, _ = ours(name, options, search)
    shakes = [apart(mine, ours(name, options, search, shaken=np.random.default_rng(seed))[0]) for seed in range(2)]
    assert apart(points, mine)[10] <= 1e-12
    assert (apart(points, mine) <= np.maximum(1e-11, 32.0 * np.max(shakes, axis=0))).all()


@on_each_searched
@at_each_setting
def test_the_accepted_points_are_torchs(name, options):
    points, accepted = theirs(name, options, True)
    _, mine = ours(name, options, True, replayed=points)
    before, expected = PROBLEMS[name][2], []
    for k in range(1, EVALUATIONS):
        before = accepted.get(k, before)
        expected.append(before)
    assert apart(np.array(expected), mine)[-1] <= 1e-9
    assert accepted


def test_without_a_line_search_the_iterate_is_what_counts():
    step = adambench.stepper("lbfgs", shape=(2,))
    x = step([-1.2, 1.0], rosen_der([-1.2, 1.0]), loss=24.2)
    assert np.array_equal(step.eval_point(x), x)


def test_it_comes_to_the_minimum_that_scipy_finds():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 8)) * np.geomspace(0.1, 3.0, 8)
    signs = rng.choice([-1.0, 1.0], 40)

    def logistic(w):
        margins = signs * (rows @ w)
        share = 1.0 / (1.0 + np.exp(margins))
        return np.mean(np.logaddexp(0.0, -margins)) + 0.005 * w @ w, -rows.T @ (signs * share) / 40 + 0.01 * w

    tight = {"gtol": 1e-12, "ftol": 1e-16, "maxiter": 10_000}
    best = minimize(logistic, np.zeros(8), jac=True, method="L-BFGS-B", options=tight)
    for choice in ("lbfgs", "lbfgs:strong_wolfe=true", "lbfgs:strong_wolfe=true:history_size=2"):
        step, x = adambench.stepper(choice, shape=(8,)), np.zeros(8)
        for _ in range(150):
            loss, gradient = logistic(x)
            x = step(x, gradient, loss=loss)
        found = step.eval_point(x)
        assert logistic(found)[0] <= best.fun * (1.0 + 1e-10)  # where pairs of less curvature are left out
        np.testing.assert_allclose(found, best.x, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("search", "precision"), [(False, "float32"), (True, "float64")])
def test_machine_code_agrees_with_plain_python_to_the_bit(search, precision):
    (c,) = parse(text((0.5, 3), search))
    start = np.resize([-1.2, 1.0], 10)
    plain, fast = (Single(c.optimizer, c.flags, c.numbers, start, ((0, 10, 0),), precision, m) for m in (False, True))
    for t in range(1, 101):
        loss, gradient = rosen(plain.x.astype(np.float64)), rosen_der(plain.x.astype(np.float64))
        for lane in (plain, fast):
            lane.slopes[:] = gradient
            lane.step(t, loss=loss)
        assert np.array_equal(plain.x, fast.x)
        assert np.array_equal(plain.point, fast.point)


REALS = st.floats(allow_nan=True, allow_infinity=True)


@given(st.booleans(), st.lists(st.tuples(REALS, REALS, REALS), min_size=1, max_size=80))
@settings(max_examples=100)
def test_no_loss_and_gradient_are_an_error(search, evaluations):
    step, x = adambench.stepper(text((1.0, 2), search), shape=(2,)), np.ones(2)
    for loss, *gradient in evaluations:
        x = step(x, gradient, loss=loss)
        assert x.shape == (2,)


def test_a_pair_without_curvature_is_left_out():
    """The gradient falls as x rises: the direction stays that of steepest descent, not uphill."""
    step, x = adambench.stepper("lbfgs", shape=(1,)), np.ones(1)
    for _ in range(5):
        after = step(x, -x)
        assert after[0] > x[0]
        x = after


def test_the_loop_counts_every_evaluation_and_judges_the_accepted_point():
    """A budget of k evaluations ends where k calls of the stepper do."""
    for k in (1, 7, 23):
        report = adambench.run("rosenbrock-2d", optimizers="lbfgs:strong_wolfe=true", seeds=1, budget=k)
        (seed,) = report.to_dict()["results"][0]["seeds"]
        step, x = adambench.stepper("lbfgs:strong_wolfe=true", shape=(2,)), np.array([-1.2, 1.0])
        for _ in range(k):
            x = step(x, rosen_der(x), loss=rosen(x))
        assert seed["final_loss"] == pytest.approx(rosen(step.eval_point(x)), rel=1e-9)

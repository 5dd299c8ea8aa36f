"""Transforms: what each does to a point, a gradient and a loss, told by hand; what holds for any stack of them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import adambench
from adambench import plan, runner
from adambench.cli import exit_code
from adambench.course import make_course
from adambench.engine import noise
from adambench.errors import AdambenchError
from adambench.functions import all_functions
from adambench.functions.quadratic import rotation
from adambench.problem import read
from adambench.problem.problem import Target
from adambench.problem.schema import problem_schema
from adambench.transform import MOST_TRANSFORMS, apply
from adambench.transforms import all_transforms
from adambench.validation import validate

TRANSFORMS = all_transforms()
EXAMPLES = {
    "shift": "shift: [0.5, -0.25]",
    "shift drawn": "shift: {uniform: [-1, 1], seed: 3}",
    "rotate": "rotate: {seed: 1}",
    "scale": "scale: [2, -0.5, 1]",
    "scale by condition": "scale: {condition: 100}",
    "sparse_gradient": "sparse_gradient: {probability: 0.25, rescale: true}",
    "delay": "delay: {steps: 3}",
    "drift along a line": "drift: {velocity: 0.1}",
    "drift around a circle": "drift: {period: 10, radius: 0.5}",
    "drift at random": "drift: {walk: 0.1}",
    "quantize": "quantize: {gradient: 0.5, value: 0.25}",
    "clip": "clip: {norm: 1}",
    "clip each": "clip: {value: 1}",
    "outliers": "outliers: {probability: 0.25, factor: -10}",
}
KEYS = "function: sphere, dimension: 3"
STACK = ("drift at random", "delay", "sparse_gradient")
"""With what each kind of transform has: a point of its own, a memory, draws. Three, since every kernel is compiled."""
OF_X = [name for name in EXAMPLES if name.split()[0] in ("shift", "rotate", "scale", "drift")]
INEXACT = [name for name in EXAMPLES if name not in OF_X]
each = pytest.mark.parametrize("name", EXAMPLES)


def listed(*names):
    return "transforms: [" + ", ".join(f"{{{EXAMPLES.get(name, name)}}}" for name in names) + "]"


class Asked:
    """The kernel of a problem, uncompiled, with the work of one trial."""

    def __init__(self, problem, width=1, seeds=(0,), real=np.float64):
        self.width, self.real, self.data, self.n = width, real, problem.data, problem.dimension
        self.kernel = problem.function.evaluate(width)
        self.reals = self.data.reals.astype(real)
        self.seeds = np.resize(np.array(seeds, np.int64), width)
        self.work = np.full((self.data.work_rows, width), -1.0)

    def all(self, x, t):
        """(losses, gradients) at x, (n, width)."""
        x = np.array(x, self.real).reshape(self.n, self.width)
        x.setflags(write=False)
        loss, gradient = np.full(self.width, np.nan), np.full_like(x, np.nan)
        self.kernel(x, gradient, loss, t, self.seeds, self.reals, self.data.integers, self.work)
        return loss, gradient

    def __call__(self, x, t=0):
        """(loss, gradient) at x, (n,)."""
        loss, gradient = self.all(x, t)
        return loss[0], gradient[:, 0]


def plain(problem, keys, *names):
    return Asked(problem(f"{keys}, {listed(*names)}"))


def points(n, count, seed=0):
    return np.random.default_rng(seed).uniform(-2.0, 2.0, (count, n))


# Any stack of them.


def test_every_transform_is_among_the_examples_and_says_what_it_is():
    assert {name.split()[0] for name in EXAMPLES} == set(TRANSFORMS)
    for name, transform in TRANSFORMS.items():
        assert transform.name == name
        for text in (
            transform.summary,
            transform.formula,
            transform.source,
            *(p.meaning for p in transform.parameters),
        ):
            assert text.strip() == text != ""
            assert text.isascii()


def test_the_streams_of_the_transforms_end_where_those_of_the_noises_begin():
    assert noise.TRANSFORM + MOST_TRANSFORMS == noise.NOISE
    assert noise.DROPOUT < noise.TRANSFORM


@pytest.mark.parametrize("keys", ["function: rosenbrock, dimension: 5", "function: quadratic, dimension: 4"])
@pytest.mark.parametrize("t", [0, 1, -7, 7])
@pytest.mark.parametrize("names", [*((name,) for name in OF_X), ("rotate", "scale", "shift"), OF_X])
def test_the_gradient_is_that_of_the_loss(problem, keys, t, names):
    asked = plain(problem, keys, *names)
    for x in points(asked.n, 3):
        _, slope = asked(x, t)
        step = 1e-6
        for i, unit in enumerate(np.eye(asked.n)):
            numeric = (asked(x + step * unit, t)[0] - asked(x - step * unit, t)[0]) / (2.0 * step)
            assert numeric == pytest.approx(slope[i], rel=1e-6, abs=1e-6 * np.abs(slope).max())


@each
@pytest.mark.parametrize("real", [np.float64, np.float32])
def test_lanes_side_by_side_are_as_one_by_one(problem, name, real):
    p = problem(f"function: rosenbrock, dimension: 5, {listed(name, 'rotate', name)}")
    seeds, xs = np.arange(32) + 5, points(5, 32).T
    wide = Asked(p, 32, seeds, real)
    narrow = [Asked(p, 1, (seed,), real) for seed in seeds]
    for t in (1, 2, -2, 3, 4, 5, 0):
        losses, gradients = wide.all(xs, t)
        for lane, one in enumerate(narrow):
            loss, gradient = one.all(xs[:, lane], t)
            assert loss[0] == losses[lane]
            assert np.array_equal(gradient[:, 0], gradients[:, lane])


@pytest.mark.parametrize("name", INEXACT)
def test_what_is_watched_is_free_of_them(problem, name):
    """Noise-free loss and gradient are those of the function inside, and the loss of an evaluation too."""
    p = problem(f"function: rosenbrock, dimension: 5, {listed(name)}")
    bare, asked = Asked(problem("function: rosenbrock, dimension: 5")), Asked(p)
    assert p.function.online
    changed = []
    for t in range(1, 6):
        for x in points(5, 3, seed=t):
            loss, gradient = asked(x, -t)
            assert (loss, *gradient) == (bare(x)[0], *bare(x)[1])
            changed.append(not np.array_equal(asked(x, t)[1], gradient))
            assert p.function.rounded or asked(x, t)[0] == loss
    assert any(changed)


def test_the_first_of_the_list_sees_x_and_the_gradient_last(problem):
    keys, x = "function: rosenbrock, dimension: 3", np.array([0.3, -0.7, 1.1])
    bare, q, s, d = Asked(problem(keys)), rotation(3, 1), np.array([0.5, -0.25, 0.5]), np.array([2.0, -0.5, 1.0])
    loss, gradient = bare(q @ (d * (x - s)))
    ours, ours_gradient = plain(problem, keys, "shift", "scale", "rotate")(x)
    assert ours == pytest.approx(loss, rel=1e-14)
    assert ours_gradient == pytest.approx(d * (q.T @ gradient), rel=1e-13)
    assert bare(d * (q @ x) - s)[0] == pytest.approx(plain(problem, keys, "rotate", "scale", "shift")(x)[0], rel=1e-14)
    steep = bare(d * x)[1]
    inside, outside = plain(problem, keys, "scale", "clip each"), plain(problem, keys, "clip each", "scale")
    assert np.array_equal(inside(x, 1)[1], d * np.clip(steep, -1.0, 1.0))
    assert np.array_equal(outside(x, 1)[1], np.clip(d * steep, -1.0, 1.0))


@pytest.mark.parametrize("names", [*((name,) for name in OF_X), ("scale", "rotate", "shift drawn", "scale")])
@pytest.mark.parametrize("family", ["rosenbrock", "ellipsoid", "styblinski-tang", "rastrigin"])
def test_the_declared_optimum_is_mapped(problem, names, family):
    p = problem(f"function: {family}, dimension: 6, {listed(*names)}")
    asked, inner = Asked(p), all_functions()[family].optimum(6, p.parameters)
    assert p.optimum.loss == inner.loss
    for x in p.optimum.x:
        loss, gradient = asked(np.array(x))
        assert loss == pytest.approx(inner.loss, rel=1e-13, abs=1e-20)
        assert np.abs(gradient).max() < 1e-6 * np.abs(asked(np.array(x) + 0.1)[1]).max()


@pytest.mark.parametrize("names", [("shift",), ("scale",), ("scale by condition", "shift drawn", "scale")])
def test_curvature_is_exact_where_it_is_given(problem, names):
    p = problem(f"function: rosenbrock, dimension: 5, {listed(*names, 'clip', 'delay')}")
    asked, diagonal = Asked(p), np.full((5, 1), np.nan)
    curvature = p.function.curvature(1)
    for x in points(5, 3):
        curvature(x.reshape(5, 1), diagonal, p.data.reals, p.data.integers, asked.work)
        for i, unit in enumerate(np.eye(5)):
            numeric = (asked(x + 1e-5 * unit)[1][i] - asked(x - 1e-5 * unit)[1][i]) / 2e-5
            assert diagonal[i, 0] == pytest.approx(numeric, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("name", ["rotate", "drift along a line"])
def test_curvature_is_not_given_where_it_would_not_be_exact(problem, name):
    assert problem(f"function: rosenbrock, {listed('shift', name)}").function.curvature is None


@pytest.mark.parametrize("names", [("shift",), ("scale",), ("rotate",), ("scale", "rotate", "scale by condition")])
@pytest.mark.parametrize("rotate", ["true", "false"])
def test_the_spectrum_is_that_of_the_hessian(problem, names, rotate):
    """Which is the difference of two gradients, since the function is quadratic."""
    keys = f"function: quadratic, dimension: 5, parameters: {{rotate: {rotate}, seed: 4}}"
    p = problem(f"{keys}, {listed(*names)}, noise: {{quadratic_model: {{batch: 4}}}}")
    asked = Asked(p)
    hessian = np.array([asked(unit)[1] - asked(np.zeros(5))[1] for unit in np.eye(5)])
    spectrum = p.function.spectrum(5, p.parameters)
    turned = np.eye(5) if spectrum.rotation is None else spectrum.rotation
    assert turned.T @ np.diag(spectrum.eigenvalues) @ turned == pytest.approx(hessian, rel=1e-9, abs=1e-9)
    course = make_course(p, "float64", stop_at_target=False)
    root = course.noise_spread.reshape(5, 5) if course.noise_spread.size == 25 else np.diag(course.noise_spread)
    assert root @ root.T == pytest.approx(hessian / 4, rel=1e-9, abs=1e-9)


def test_boxes_are_mapped(problem):
    box = problem("function: mccormick").function.box
    moved = problem(f"function: mccormick, {listed('shift: [10, 20]', 'scale: [2, -0.5]')}").function.box
    back = [sorted(((y / d) + s) for y in side) for side, d, s in zip(box, (2.0, -0.5), (10.0, 20.0), strict=True)]
    assert [list(side) for side in moved] == back


def test_what_is_held_out_is_measured_at_the_mapped_point():
    sphere = replace(all_functions()["sphere"], held_out=lambda y: {"loss": float(y @ y)})
    scale, drift = TRANSFORMS["scale"], TRANSFORMS["drift"]
    scaled = apply(scale, {"by": (2.0, 3.0), "condition": None}, sphere, 2)
    assert scaled.held_out(np.array([1.0, 1.0])) == {"loss": 13.0}
    settings = {"velocity": 1.0, "period": None, "radius": None, "walk": None, "seed": 0}
    assert apply(drift, settings, sphere, 2).held_out is None
    assert apply(TRANSFORMS["delay"], {"steps": 1}, sphere, 2).held_out is sphere.held_out


@pytest.mark.parametrize("batch", ["", ", batch: 4"])
def test_models_are_transformed_too(problem, batch):
    """A delayed gradient of a scaled model is the scaled gradient of an earlier minibatch."""
    keys = f"model: logistic, data: {{samples: 20, features: 5, density: 0.5}}, l2: 0.1{batch}"
    bare, asked = Asked(problem(keys)), plain(problem, keys, "scale: [1, 2]", "delay: {steps: 2}")
    d, seen = np.resize([1.0, 2.0], 5), []
    for t, x in enumerate(points(5, 12), start=1):
        seen.append(d * bare(d * x, t)[1])
        assert np.array_equal(asked(x, t)[1], seen[max(t - 3, 0)])
        loss, gradient = asked(x, -t)
        assert loss == bare(d * x, -t)[0]
        assert np.array_equal(gradient, d * bare(d * x, -t)[1])


def test_problems_with_the_same_transforms_share_their_kernels(problem):
    one = problem(f"function: sphere, {listed('shift', 'clip')}")
    other = problem(f"function: sphere, dimension: 9, {listed('shift drawn', 'clip each')}, start: [3]")
    assert one.function.evaluate is other.function.evaluate
    assert one.function.curvature is other.function.curvature
    assert one.function.evaluate is not problem(f"function: sphere, {listed('clip', 'shift')}").function.evaluate


# Against BBOB, where transforms can state it.


@pytest.mark.parametrize("instance", [1, 2, 5])
@pytest.mark.parametrize("n", [2, 5, 20])
def test_sphere_and_rosenbrock_are_those_of_bbob(problem, n, instance):
    """f1: |x - x_opt|^2. f8: rosenbrock of max(1, sqrt(n)/8) (x - x_opt) + 1. Both but for f_opt."""
    ioh = pytest.importorskip("ioh")
    factor = max(1.0, np.sqrt(n) / 8.0)
    for number, family, more in ((1, "sphere", ()), (8, "rosenbrock", (f"scale: [{factor!r}]", "shift: [-1.0]"))):
        theirs = ioh.get_problem(number, instance, n, ioh.ProblemClass.BBOB)
        best = ", ".join(repr(float(value)) for value in theirs.optimum.x)
        ours = plain(problem, f"function: {family}, dimension: {n}", f"shift: [{best}]", *more)
        for x in 2.5 * points(n, 20):
            # Their value has the offset added: it cannot be better than that lets it be.
            assert ours(x)[0] == pytest.approx(
                theirs(x) - theirs.optimum.y, rel=1e-9, abs=1e-12 * abs(theirs.optimum.y)
            )


# Each of them.


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_a_delayed_gradient_is_an_earlier_one(problem, steps):
    """Whatever noise-free calls come between, and however often one evaluation is asked for."""
    bare = Asked(problem("function: rosenbrock, dimension: 5"))
    asked = plain(problem, "function: rosenbrock, dimension: 5", f"delay: {{steps: {steps}}}")
    seen = []
    for t, x in enumerate(points(5, 30), start=1):
        asked(x + 1.0, t)
        asked(x + 2.0, -t)
        seen.append(bare(x)[1])
        loss, gradient = asked(x, t)
        assert loss == bare(x)[0]
        assert np.array_equal(gradient, seen[max(t - 1 - steps, 0)])


@pytest.mark.parametrize("probability", [0.1, 0.5, 1.0])
def test_a_sparse_gradient_is_unbiased_where_rescaled(problem, probability):
    text = f"sparse_gradient: {{probability: {probability}, rescale: true}}"
    keys, x, count = "function: rosenbrock, dimension: 7", points(7, 1)[0], 4000
    full, asked = Asked(problem(keys))(x)[1], plain(problem, keys, text)
    seen = np.array([asked(x, t)[1] for t in range(1, count + 1)])
    mask = seen != 0.0
    assert np.allclose(seen, np.where(mask, full / probability, 0.0), rtol=1e-8)
    error = np.sqrt(probability * (1.0 - probability) / count)
    assert np.abs(mask.mean(axis=0) - probability).max() <= 4.5 * error
    if probability < 1.0:
        together = np.corrcoef(mask.T) - np.eye(7)
        following = [np.corrcoef(column[:-1], column[1:])[0, 1] for column in mask.T]
        assert max(np.abs(together).max(), np.abs(following).max()) < 4.5 / np.sqrt(count)


def test_what_is_drawn_depends_on_seed_evaluation_and_place(problem):
    keys, x = "function: sphere, dimension: 200", np.ones(200)
    sparse = "sparse_gradient: {probability: 0.5}"
    p, second = problem(f"{keys}, {listed(sparse)}"), problem(f"{keys}, {listed('scale: [1]', sparse)}")
    asked = Asked(p)
    first = asked(x, 1)[1]
    others = [asked(x, 2)[1], Asked(p, seeds=(1,))(x, 1)[1], Asked(second)(x, 1)[1]]
    assert all(not np.array_equal(first, other) for other in others)
    assert np.array_equal(asked(x, 1)[1], first)
    assert np.array_equal(Asked(problem(f"{keys}, {listed(sparse, sparse)}"))(x, 1)[1], first * others[2] / 2.0)
    assert p.seeds == tuple(range(10))
    assert problem(f"{keys}, {listed('clip', 'delay', 'shift', 'drift at random')}").seeds == (0,)


def test_outliers_come_at_their_rate_and_whole(problem):
    keys, x, count = "function: rosenbrock, dimension: 5", points(5, 1)[0], 4000
    full, asked = Asked(problem(keys))(x)[1], plain(problem, keys, "outliers: {probability: 0.1, factor: -3}")
    seen = np.array([asked(x, t)[1] for t in range(1, count + 1)])
    hit = (seen == -3.0 * full).all(axis=1)
    assert (hit | (seen == full).all(axis=1)).all()
    assert abs(hit.mean() - 0.1) < 4.5 * np.sqrt(0.09 / count)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 1e160])
def test_clipping_shortens_what_is_too_long(problem, size):
    keys, x = "function: sphere, dimension: 11", points(11, 1)[0] * size
    norm, each = plain(problem, keys, "clip: {norm: 2.5}"), plain(problem, keys, "clip: {value: 0.5}")
    g = 2.0 * x
    length = size * np.linalg.norm(g / size)
    with np.errstate(over="ignore"):  # of the loss
        assert norm(x, 1)[1] == pytest.approx(g * min(1.0, 2.5 / length), rel=1e-13)
        assert np.array_equal(each(x, 1)[1], np.clip(g, -0.5, 0.5))
    assert np.array_equal(norm(np.zeros(11), 1)[1], np.zeros(11))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_clipping_does_not_hide_what_is_not_finite(problem, bad):
    x = np.array([1.0, bad, 1.0])
    with np.errstate(all="ignore"):
        assert not np.isfinite(plain(problem, "function: sphere, dimension: 3", "clip: {norm: 1}")(x, 1)[1]).all()
    if np.isnan(bad):
        assert np.isnan(plain(problem, "function: sphere, dimension: 3", "clip: {value: 1}")(x, 1)[1][1])


def test_quantized_answers_are_multiples_half_to_even(problem):
    asked = plain(problem, "function: sphere, dimension: 4", "quantize: {gradient: 0.5, value: 2}")
    loss, gradient = asked([0.125, 0.375, -0.625, 2.0], 1)
    assert gradient.tolist() == [0.0, 1.0, -1.0, 4.0]  # of 0.25, 0.75, -1.25 and 4
    assert loss == 4.0  # of 4.546875
    only = plain(problem, "function: sphere, dimension: 4", "quantize: {value: 2}")
    assert only([0.1, 0.0, 0.0, 0.0], 1)[1].tolist() == [0.2, 0.0, 0.0, 0.0]


def test_a_rounded_loss_is_seen_by_optimizers_and_not_reported(problem):
    keys = "function: quadratic, dimension: 3, budget: 12, targets: [1.0e-9]"
    p = problem(f"{keys}, {listed('quantize: {value: 0.5}')}")
    assert not make_course(problem(keys), "float64", stop_at_target=False).separate
    (row,) = adambench.run(p, optimizers="sgd:lr=0.01").to_dict()["results"]
    bare, rounded = Asked(problem(keys)), Asked(p)
    x, losses = np.ones(3), []
    for t in range(1, 14):
        losses.append(bare(x)[0])
        seen, gradient = rounded(x, t)
        assert seen == 0.5 * round(losses[-1] / 0.5)
        x = x - 0.01 * gradient
    assert row["curve"]["median"] == pytest.approx(losses, rel=1e-12)
    assert any(loss % 0.5 for loss in losses)


@pytest.mark.parametrize("name", [name for name in OF_X if name.startswith("drift")])
def test_the_path_is_a_function_of_time_alone(problem, name):
    """That of t and of -t is the same, from the first evaluation on, whatever has been asked before."""
    p = problem(f"function: sphere, dimension: 3, {listed(name)}, seeds: 3")
    wandering, bare = Asked(p, seeds=(7,)), Asked(problem("function: sphere, dimension: 3"))
    x = np.array([0.1, 0.2, 0.3])
    assert wandering(x)[0] == bare(x)[0] == wandering(x, 1)[0] == wandering(x, -1)[0]
    for t in (5, 2, 40, -39, -3, 17, 18, 18, -41, 0):
        loss, gradient = wandering(x, t)
        fresh, fresh_gradient = Asked(p)(x, -t)
        assert loss == fresh
        assert np.array_equal(gradient, fresh_gradient)
    assert p.function.moving
    assert p.seeds == (0, 1, 2)


def path(problem, text, count, n=3):
    """(count, n): where the optimum of the sphere is at each evaluation."""
    asked = plain(problem, f"function: sphere, dimension: {n}", text)
    return np.array([-0.5 * asked(np.zeros(n), t)[1] for t in range(1, count + 1)])


def test_paths_are_lines_circles_and_walks(problem):
    line = path(problem, "drift: {velocity: 0.25, seed: 3}", 20)
    steps = np.diff(line, axis=0)
    assert np.linalg.norm(steps, axis=1) == pytest.approx(np.full(19, 0.25))
    assert steps == pytest.approx(np.tile(steps[0], (19, 1)))
    circle = path(problem, "drift: {period: 8, radius: 0.5, seed: 3}", 20)
    center = circle[:8].mean(axis=0)
    assert np.linalg.norm(circle - center, axis=1) == pytest.approx(np.full(20, 0.5))
    assert circle[8:16] == pytest.approx(circle[:8], abs=1e-15)
    assert np.linalg.matrix_rank(circle[:8] - center, tol=1e-9) == 2
    walk = path(problem, "drift: {walk: 0.5, seed: 3}", 4000, n=5)
    z = np.diff(walk, axis=0) / 0.5
    assert np.abs(z.mean(axis=0)).max() < 4.5 / np.sqrt(4000)
    assert np.abs(z.std(axis=0) - 1.0).max() < 4.5 / np.sqrt(8000)
    assert np.abs(np.corrcoef(z.T) - np.eye(5)).max() < 4.5 / np.sqrt(4000)
    assert (path(problem, "drift: {walk: 0.5, seed: 4}", 2, n=5)[1] != walk[1]).all()
    assert not any(np.array_equal(a, b) for a, b in pairwise(z))


def test_adam_does_not_feel_a_diagonal_scaling_and_sgd_does(problem, walk):
    """Without eps: on a separable quadratic about 0 the gradient is rescaled, by powers of two, and that is all."""
    keys, x = "function: ellipsoid, dimension: 4, parameters: {condition: 10}", np.array([1.0, -2.0, 0.5, 3.0])
    ways = (Asked(problem(keys)), plain(problem, keys, "scale: [1, 4, 0.125, 64]"))
    adam = [walk("adam:lr=0.1:eps=0", lambda x, asked=asked: asked(x)[1], x, 200) for asked in ways]
    assert np.array_equal(*adam)
    sgd = [walk("sgd:lr=1e-5", lambda x, asked=asked: asked(x)[1], x, 200) for asked in ways]
    assert not np.allclose(*sgd)


# Compiled, in whole runs.


def told(report):
    document = report.to_dict()
    return json.dumps([row["seeds"] for row in document["results"]])


def test_runs_are_the_same_in_any_company(problem, monkeypatch):
    more = "start: {uniform: [-1, 2]}, budget: 150, noise: {gaussian: {std: 0.1}}"
    p = problem(f"{KEYS}, {more}, {listed(*STACK)}, targets: [1.0e-1, {{gradient: 1.0e-3}}]")
    settings = {"optimizers": "sgd:lr=0.01/0.1", "seeds": 8}
    wide = told(adambench.run(p, **settings, jobs=2))
    assert any(batch.wide for batch in plan.plan(plan.settle(p, plan.Settings(seeds=tuple(range(8)))), 32))
    assert told(adambench.run(p, **settings, jobs=1)) == wide
    among = json.loads(wide)
    assert json.loads(told(adambench.run(p, **{**settings, "seeds": [5]}))) == [[row[5]] for row in among]
    monkeypatch.setattr(runner, "first_chunk", lambda course, width: 7)
    monkeypatch.setattr(runner, "CHUNK_SECONDS", 0.0)
    assert told(adambench.run(p, **settings)) == wide
    single = {**settings, "precision": "float32"}
    wide_single = told(adambench.run(p, **single))
    monkeypatch.setattr(plan, "WIDEST", 0)
    assert told(adambench.run(p, **settings)) == wide
    assert told(adambench.run(p, **single)) == wide_single != wide


def test_compiled_kernels_do_what_plain_ones_do(problem, walk):
    p = problem(f"{KEYS}, budget: 40, {listed(*STACK)}, targets: [1.0e-1]")
    asked, t = Asked(p), iter(range(1, 100))
    trail = walk("sgd:lr=0.01", lambda x: asked(x, next(t))[1], np.ones(3), 40)
    seed = adambench.run(p, optimizers="sgd:lr=0.01", seeds=1).to_dict()["results"][0]["seeds"][0]
    assert seed["final_loss"] == pytest.approx(Asked(p)(trail[-1], -41)[0], rel=1e-12)


def test_validate_passes(problem):
    """On three at once; each alone has its gradient and its optimum tested above."""
    checks = validate(problem(f"{KEYS}, {listed(*STACK)}"))
    assert {check.name: check.finding for check in checks if check.name in ("gradient", "optimum", "start")} == {
        "gradient": "",
        "optimum": "",
    }


# In files.


@pytest.mark.parametrize(
    ("transforms", "told"),
    [
        ("- shift: [1, 2, 3]", "4:10: error: transforms[0].shift.by: expected at most 2 numbers, the dimension, got 3"),
        ("- shift: {}", "4:3: error: transforms[0].shift: expected exactly one of by, uniform, got none"),
        (
            "- shift: {by: [1], uniform: [0, 1]}",
            "4:3: error: transforms[0].shift: expected exactly one of by, uniform,",
        ),
        ("- shift: {uniform: [1, 0]}", "4:20: error: transforms[0].shift.uniform: expected [lo, hi] with lo < hi, got"),
        ("- scale: [1, 0]", "4:10: error: transforms[0].scale.by: expected no zeros, got 0"),
        ("- scale: 3", "4:10: error: transforms[0].scale: expected a list or a mapping with the keys by, condition"),
        ("- scale: {condition: 0.5}", "4:22: error: transforms[0].scale.condition: expected a number of at least 1"),
        ("- rotate: {seed: -1}", "4:18: error: transforms[0].rotate.seed: expected an integer of at least 0, got -1"),
        ("- rotat: {}", "4:3: error: transforms[0]: expected one of {clip: ...}"),
        ("- rotate", "4:3: error: transforms[0]: expected one of {clip: ...}"),
        ("- rotate: {}\n- delay: {}", "5:10: error: transforms[1].delay.steps: expected a whole number from 1"),
        (
            "- delay: {steps: 9e9}",
            "4:18: error: transforms[0].delay.steps: expected a whole number from 1 to 4,999,999",
        ),
        (
            "- clip: {norm: 1, value: 1}",
            "4:3: error: transforms[0].clip: expected exactly one of norm, value, got norm",
        ),
        ("- quantize: {}", "4:3: error: transforms[0].quantize: expected gradient, value or both, got none"),
        ("- drift: {radius: 1, walk: 1}", "4:3: error: transforms[0].drift: expected period and radius together, got"),
        (
            "- sparse_gradient: {probability: 2}",
            "4:34: error: transforms[0].sparse_gradient.probability: expected a nu",
        ),
        (
            "- outliers: {probability: 0.5}",
            "4:13: error: transforms[0].outliers.factor: expected a number, got nothing",
        ),
        ("- {rotate: {}, shift: [1]}", "4:3: error: transforms[0]: expected one of {clip: ...}"),
        ("  rotate: {}", "4:3: error: transforms: expected a list, got a mapping"),
        ("- drift: {walk: 1}\ntargets: [{distance: 1}]", "5:11: error: targets[0]: expected an optimum that stays"),
        ("\n".join(["- rotate: {}"] * 12), "4:1: error: transforms: expected at most 11, got 12"),
    ],
)
def test_errors_say_where(transforms, told):
    with pytest.raises(AdambenchError) as caught:
        read(f"name: p\nfunction: rosenbrock\ntransforms:\n{transforms}\n", "p.yaml", None)
    assert f"p.yaml:{told}" in str(caught.value)
    assert "\n1 error in" in str(caught.value)


@pytest.mark.parametrize("name", ["rotate", "drift at random"])
def test_boxes_that_cannot_be_mapped_are_refused(name):
    with pytest.raises(AdambenchError, match=r"expected a function without a box, .* got michalewicz"):
        read(f"{{name: p, function: michalewicz, {listed('shift', name)}}}", "p.yaml", None)


def test_rotations_are_bounded():
    with pytest.raises(AdambenchError, match="rotate: expected a dimension of at most 2,000, got 2,001"):
        read(f"{{name: p, function: sphere, dimension: 2001, {listed('rotate')}}}", "p.yaml", None)


def test_a_distance_asked_for_on_the_command_line_is_refused_too(problem):
    p = problem(f"function: sphere, {listed('drift at random')}")
    with pytest.raises(AdambenchError, match="an optimum that stays"):
        plan.settle(p, plan.Settings(targets=(Target("distance", 1.0),)))


def test_the_hash_covers_them_and_their_order(problem):
    texts = [
        "",
        ", transforms: [{shift: [1]}]",
        ", transforms: [{shift: [2]}]",
        ", transforms: [{shift: [1]}, {rotate: {}}]",
        ", transforms: [{rotate: {}}, {shift: [1]}]",
        ", transforms: [{rotate: {}}, {shift: {uniform: [0, 1]}}]",
    ]
    hashes = [problem(f"function: sphere{text}").hash for text in texts]
    assert len(set(hashes)) == len(hashes)
    assert problem("function: sphere, transforms: [{shift: {by: [1.0], seed: 0}}]").hash == hashes[1]
    assert problem("function: sphere, transforms: []").hash == hashes[0]


def test_the_schema_takes_what_the_reader_takes():
    jsonschema = pytest.importorskip("jsonschema")
    schema = jsonschema.Draft202012Validator(problem_schema())

    def file(*transforms):
        return {"name": "p", "function": "sphere", "transforms": list(transforms)}

    assert schema.is_valid(file({"shift": [1, 2]}, {"rotate": {}}, {"delay": {"steps": 2}}))
    for bad in ({"rotat": {}}, {"delay": {}}, {"delay": {"steps": 0}}, {"clip": [1]}, {"rotate": {}, "shift": [1]}):
        assert not schema.is_valid(file(bad))


def test_they_are_listed_and_shown(capsys):
    assert exit_code(["list", "transforms"]) == 0
    assert capsys.readouterr().out.split() == list(TRANSFORMS)
    for name, transform in TRANSFORMS.items():
        assert exit_code(["show", name]) == 0
        out = capsys.readouterr().out
        assert transform.summary in out
        assert all(p.name in out and p.meaning in out for p in transform.parameters)
    assert exit_code(["show", "delay"]) == 0
    assert "steps          count, required: d, in evaluations" in capsys.readouterr().out

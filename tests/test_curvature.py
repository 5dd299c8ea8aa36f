"""Hessian diagonals, exact and estimated, and what uses them; schedule-free methods, which watch a mean."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from libraries.curved import DIAGONALS, MENDED
from libraries.driver import imported, named, theirs
from libraries.trajectory import SENSITIVITIES, STRICT_STEPS, VECTORS, start_of
from mpmath import mp, mpf

import adambench
from adambench.configuration import parse
from adambench.course import fitted, make_course, pace_of, thresholds
from adambench.draws import start_point
from adambench.engine.assembly import REAL, descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.block import Entry, make_lanes
from adambench.engine.curvature import Pace
from adambench.engine.kernel import compiled
from adambench.engine.noise import sign
from adambench.engine.single import Single
from adambench.functions import all_functions
from adambench.optimizers import all_optimizers

CURVED = {name: function for name, function in all_functions().items() if function.curvature is not None}
ROTATED = "function: quadratic, dimension: 4, parameters: {condition: 100, rotate: true}"
DIAGONAL = "function: quadratic, dimension: 4, parameters: {eigenvalues: [1.0e-3, 0.5, 1.0, 1.0e3]}"
LOGISTIC = (
    "model: logistic, data: {samples: 23, features: 5, density: 0.5, exponent: 1, label_noise: 0.1, seed: 0}, l2: 0.1"
)


# Diagonals of the functions


def dimensions_of(function):
    sizes = (function.dimension,) if function.dimension is not None else (1, 2, 4, 8, 9, 20)
    return [n for n in sizes if n >= function.least_dimension and n % function.multiple_of == 0]


def keys_of(function, n):
    """Problems of the function at its defaults, and once with each of its switches on."""
    yield f"function: {function.name}, dimension: {n}"
    for p in function.parameters:
        if p.kind == "boolean":
            yield f"function: {function.name}, dimension: {n}, parameters: {{{p.name}: true}}"


KEYS = [keys for function in CURVED.values() for n in dimensions_of(function) for keys in keys_of(function, n)]
KEYS += [LOGISTIC, f"{LOGISTIC}, intercept: true"]


def diagonal_at(problem, points, width=1):
    """The diagonals at the points (dimension, points), `width` of them at a time, from the kernel as plain Python."""
    data, curvature = problem.data, problem.function.curvature(width)
    found = np.full(points.shape, np.nan)
    for first in range(0, points.shape[1], width):
        part = slice(first, first + width)
        work = np.full((data.work_rows, width), np.nan)
        curvature(np.ascontiguousarray(points[:, part]), found[:, part], data.reals, data.integers, work)
    return found


def points_in(problem, count):
    low, high = problem.function.domain
    uniform = np.random.Generator(np.random.Philox(3)).uniform(low, high, (problem.dimension, count))
    return uniform / (1.0 + 0.2 * abs(uniform))


@pytest.mark.parametrize("keys", KEYS)
def test_the_diagonal_is_the_slope_of_the_gradient(problem, measure, keys):
    p = problem(keys)
    points, evaluate = points_in(p, 5), measure(p)
    for x, found in zip(points.T, diagonal_at(p, points).T, strict=True):
        for i in range(p.dimension):
            step = np.zeros(p.dimension)
            step[i] = 6e-6 * max(1.0, abs(x[i]))
            upper, lower = evaluate(x + step)[1], evaluate(x - step)[1]
            expected = (upper[i] - lower[i]) / (2.0 * step[i])
            assert abs(found[i] - expected) <= 1e-7 * (1.0 + abs(expected) + abs(upper[i]) + abs(lower[i]))


@pytest.mark.parametrize("keys", [keys for keys in KEYS if not keys.startswith("model")])
def test_the_diagonal_is_the_same_at_every_width(problem, keys):
    p = problem(keys)
    points = points_in(p, 32)
    assert np.array_equal(diagonal_at(p, points), diagonal_at(p, points, 32))


def test_a_diagonal_of_all_rows_is_not_sold_as_one_minibatch(problem):
    assert problem(f"{LOGISTIC}, batch: 4").function.curvature is None


# Hutchinson's estimate


def estimates(problem, x, seeds, t=1, precision="float64"):
    """(dimension, seeds): the estimates at x, through the compiled kernel."""
    real, n, data = REAL[precision], problem.dimension, problem.data
    kernel = evaluate_kernel(problem.function, 1, precision, Pace(1, 1, exact=False))
    evaluate = compiled(kernel.function, kernel.signature)
    at, slopes, loss, seed = np.array(x, real), np.zeros(4 * n, real), np.zeros(1), np.zeros(1, np.int64)
    arrays = at, slopes, loss, seed, data.reals.astype(real), data.integers, np.full(data.work_rows, -1.0)
    before, after = (tuple(a.ctypes.data for a in some) for some in (arrays[:3], arrays[3:]))
    found = np.zeros((n, len(seeds)), real)
    for k, seed[0] in enumerate(seeds):
        evaluate(n, *before, t, *after)
        found[:, k] = slopes[n : 2 * n]
    return found


def hessian_of(problem):
    spectrum = problem.function.spectrum(problem.dimension, problem.parameters)
    turned = np.eye(problem.dimension) if spectrum.rotation is None else spectrum.rotation
    return turned.T @ np.diag(spectrum.eigenvalues) @ turned


@pytest.mark.parametrize("x", [[1.0, 1.0, 1.0, 1.0], [1e3, 0.1, -30.0, 0.0]], ids=["even", "uneven"])
def test_the_estimate_is_unbiased_and_spread_as_hutchinson_says(problem, x):
    """Mean diag H, and variance the sum of the squares beside the diagonal, wherever x is."""
    p, draws = problem(ROTATED), 100_000
    hessian, found = hessian_of(p), estimates(p, x, range(draws))
    spread = np.sqrt((hessian**2).sum(axis=1) - np.diag(hessian) ** 2)
    assert (abs(found.mean(axis=1) - np.diag(hessian)) <= 5.0 * spread / math.sqrt(draws)).all()
    np.testing.assert_allclose(found.std(axis=1), spread, rtol=0.02)


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-7), ("float32", 1e-2)])
def test_the_estimate_is_exact_where_the_hessian_is_diagonal(problem, precision, tolerance):
    p = problem(DIAGONAL)
    found = estimates(p, [1.0, -2.0, 0.5, 0.1], range(32), precision=precision)
    np.testing.assert_allclose(found, np.repeat(np.diag(hessian_of(p))[:, None], 32, axis=1), rtol=tolerance)


def test_draws_depend_on_the_seed_the_evaluation_and_the_coordinate_alone(problem):
    p = problem(ROTATED)
    x = np.ones(4)
    found = estimates(p, x, range(32))
    assert np.array_equal(found[:, 5:], estimates(p, x, [*range(5, 32), *range(5)])[:, :27])
    assert len({tuple(column) for column in found.T}) > 4
    assert not np.array_equal(found, estimates(p, x, range(32), t=2))
    signs = np.array([[[sign(i, t, seed) for i in range(8)] for t in range(8)] for seed in range(64)])
    assert set(signs.reshape(-1)) == {-1.0, 1.0}
    assert abs(signs.mean()) <= 5.0 / math.sqrt(signs.size)


# In the loop


class Going:
    """A block of trials through the loop, one lane or 32, as plain Python or as machine code."""

    def __init__(self, problem, text, seeds, width=1, machine=False, precision="float64"):
        (c,) = parse(text)
        optimizer, flags = c.optimizer, c.flags
        self.pace = pace_of(problem, optimizer, flags)
        self.course = fitted(make_course(problem, precision, False), problem, optimizer, flags)
        entries = [Entry(s, c.numbers, start_point(problem, s), thresholds(problem, 0.0, 1.0)) for s in seeds]
        rows = problem.data.work_rows
        self.lanes, columns = make_lanes(optimizer, flags, entries, self.course, rows, width, precision)
        self.evaluate, self.update, self.descend = (
            compiled(kernel.function, kernel.signature) if machine else kernel.function
            for kernel in (
                evaluate_kernel(problem.function, width, precision, self.pace),
                update_kernel(optimizer, flags, columns, precision, self.pace),
                descend_kernel(width, bool(problem.noise), precision),
            )
        )

    def go(self, *ends):
        done = 0
        with np.errstate(all="ignore"):
            for end in ends:
                self.descend(self.evaluate, self.update, self.course, self.lanes, done, end)
                done = end
        return self

    def path(self):
        """x_0, x_1, ... of the first lane."""
        points, budget = [self.lanes.x[:, 0].copy()], self.course.budget
        with np.errstate(all="ignore"):
            for t in range(budget):
                self.descend(self.evaluate, self.update, self.course, self.lanes, t, t + 1)
                points.append(self.lanes.x[:, 0].copy())
        return np.array(points)

    def told(self, lane=0):
        lanes = self.lanes
        return *(a[:, lane].tobytes() for a in (lanes.final_x, lanes.curve, lanes.hits)), int(lanes.why[lane])


VALLEY = "function: rosenbrock, dimension: 3, start: {uniform: [-1, 2]}, budget: 41"
MINIBATCH = f"{LOGISTIC}, batch: 4, start: {{normal: [0, 1]}}, budget: 41, targets: [{{loss: 0.6}}]"
NOISY = f"{VALLEY}, noise: [{{gaussian: {{std: 0.1}}}}]"
SOPHIA = "sophia@pytorch_optimizer:hess_interval=4:clip_threshold=0.5:lr=0.01"
exactly_or_not = pytest.mark.parametrize("exact", [True, False], ids=["exact", "estimated"])
LOOPS = [
    pytest.param(VALLEY, True, "float64", id="exact"),
    pytest.param(VALLEY, False, "float64", id="estimated"),
    pytest.param(VALLEY, True, "float32", id="exact-float32"),
    pytest.param(VALLEY, False, "float32", id="estimated-float32"),
    pytest.param(NOISY, False, "float64", id="noisy"),
    pytest.param(MINIBATCH, False, "float64", id="minibatch"),
]


@pytest.fixture
def curved(problem):
    """curved(keys, exact): a problem; where not `exact` its function does not tell its diagonal."""

    def of(keys, exact):
        p = problem(keys)
        return p if exact else replace(p, function=replace(p.function, curvature=None))

    return of


@exactly_or_not
def test_a_diagonal_costs_evaluations_in_which_x_stands_still(curved, exact):
    going, charge = Going(curved(VALLEY, exact), SOPHIA, [0]), 1 if exact else 2
    assert (going.pace.interval, going.pace.charge) == (4, charge)
    points = going.path()
    still = [t for t in range(1, len(points)) if np.array_equal(points[t], points[t - 1])]
    assert still == [t for t in range(1, len(points)) if 0 < (t - 1) % (4 + charge) <= charge]


def hutchinson(gradient, x, t, seed):
    """The estimate from its definition."""
    u = np.array([sign(i, t, seed) for i in range(x.size)])
    far = 6e-6 * max(1.0, abs(x).max())
    return (gradient(x + far * u) - gradient(x - far * u)) / (2.0 * far * u)


@pytest.mark.parametrize("text", [SOPHIA, *(f"sophia@{name}:lr=0.01" for name in ("authors", "authors-h", "optax"))])
@exactly_or_not
def test_the_loop_takes_the_steps_of_a_stepper_given_the_same_diagonals(curved, measure, exact, text):
    p, seed = curved(VALLEY, exact), 1
    going = Going(p, text, [seed])
    period, evaluate = going.pace.interval + going.pace.charge, measure(p)
    points = going.path()
    step = adambench.stepper(text, shape=(p.dimension,))
    x = points[0]
    for t in range(1, len(points)):
        since = t - going.pace.first
        phase = since % period
        if since >= 0 and phase == 0:
            diagonal = diagonal_at(p, x[:, None])[:, 0] if exact else hutchinson(lambda y: evaluate(y)[1], x, t, seed)
            x = step(x, evaluate(x)[1], hessian_diagonal=diagonal)
        elif since < 0 or phase > going.pace.charge:
            x = step(x, evaluate(x)[1])
        np.testing.assert_allclose(points[t], x, rtol=1e-14 if exact else 1e-9)
        x = points[t]
    assert step.steps > 25


@exactly_or_not
@pytest.mark.parametrize("keys", [VALLEY, NOISY], ids=["quiet", "noisy"])
def test_machine_code_and_plain_python_run_the_same_trial(curved, keys, exact):
    p = curved(keys, exact)
    plain, machine = (Going(p, SOPHIA, [2], 1, machine).go(p.budget) for machine in (False, True))
    assert plain.told() == machine.told()


@pytest.mark.parametrize(("keys", "exact", "precision"), LOOPS)
def test_a_wide_block_runs_the_trials_of_narrow_ones_however_cut(curved, keys, exact, precision):
    p = curved(keys, exact)
    narrow = [Going(p, SOPHIA, [s], 1, True, precision).go(p.budget).told() for s in range(3)]
    ends = (1, 5, 6, 7, 20, p.budget)
    assert narrow == [Going(p, SOPHIA, [s], 1, True, precision).go(*ends).told() for s in range(3)]
    if p.function.wide:
        wide = Going(p, SOPHIA, range(3), 32, True, precision).go(3, p.budget)
        assert narrow == [wide.told(lane) for lane in range(3)]


def test_lanes_with_hyperparameters_of_their_own_run_as_alone(problem):
    p = problem(VALLEY)
    report = adambench.run(p, optimizers="sophia:lr=1e-3..1e-1x40", seeds=1, jobs=1)
    alone = adambench.run(p, optimizers=report.to_dict()["results"][7]["optimizer"], seeds=1, jobs=1)
    told = [r.to_dict()["results"] for r in (report, alone)]
    assert told[0][7]["seeds"] == told[1][0]["seeds"]


# Sophia


def due(c, t):
    return (t - 1) % int(c.hyperparameters["hess_interval"]) == 0


@pytest.mark.parametrize("dialect", [d.name for d in all_optimizers()["sophia"].dialects])
def test_a_step_of_sophia_is_no_longer_than_the_clip(dialect):
    (c,) = parse(f"sophia@{dialect}:lr=0.1:weight_decay=0")
    draw = np.random.Generator(np.random.Philox(5))
    step, x = adambench.stepper(c.label, shape=(50,)), draw.standard_normal(50)
    for t in range(1, 60):
        diagonal = draw.standard_normal(50) * 10.0 ** draw.integers(-9, 9, 50) if due(c, t) else None
        after = step(x, draw.standard_normal(50), hessian_diagonal=diagonal)
        longest = 0.1 * c.hyperparameters.get("clip_threshold", 1.0)
        if c.flags["correction"] == "rate":
            longest /= 1.0 - c.hyperparameters["beta1"] ** t
        assert (abs(after - x) <= longest * (1.0 + 1e-12)).all()
        assert (abs(after - x) > 0.0).any()
        x = after


def authors(corrected, lr, beta1, beta2, gamma, eps, weight_decay, interval, gradients, diagonals, x):
    """Liuhong99/Sophia, sophia.py and train_sophiag.py, in 50 digits; one coordinate.

    The diagonal stands where SophiaG has bs times its squared gradients, and is added after every `interval` steps.
    """
    points, m, h = [], mpf(0), mpf(0)
    for k, (gradient, diagonal) in enumerate(zip(gradients, diagonals, strict=True), 1):
        x *= 1 - lr * weight_decay
        m = beta1 * m + (1 - beta1) * gradient
        rate = lr / (1 - beta1**k) if corrected else lr
        ratio = min(abs(m) / (gamma * max(h, 0) + eps), mpf(1))
        x -= rate * mp.sign(m) * ratio
        points.append(x)
        if k % interval == 0:
            h = beta2 * h + (1 - beta2) * diagonal
    return points


TRANSCRIBED = ("sophia@authors", "sophia@authors-h")


@pytest.mark.parametrize("text", TRANSCRIBED)
@pytest.mark.parametrize("given", ["", ":lr=0.02:weight_decay=0.3", ":gamma=1:beta2=0.3:hess_interval=3"])
def test_sophia_follows_its_authors(text, given):
    (c,) = parse(text + given)
    h, dialect = c.hyperparameters, c.dialect.name
    draw = np.random.Generator(np.random.Philox(6))
    interval, steps = int(h["hess_interval"]), 60
    gradients, diagonals = draw.standard_normal((steps, 4)), np.exp(draw.standard_normal((steps, 4)))
    if dialect == "authors-h":
        diagonals[:, 1] *= -1.0
    step, x = adambench.stepper(c.label, shape=(4,)), np.array([1.0, -2.0, 0.5, 3.0])
    start, points = x, []
    for t in range(1, steps + 1):
        # One is taken at the end of step t - 1; before the first there is none, so it must not matter.
        x = step(x, gradients[t - 1], hessian_diagonal=diagonals[t - 2] if due(c, t) else None)
        points.append(x)
    with mp.workdps(50):
        for i in range(4):
            numbers = [mpf(h[n]) for n in ("lr", "beta1", "beta2", "gamma", "eps", "weight_decay")]
            series = [[mpf(v) for v in some[:, i]] for some in (gradients, diagonals)]
            expected = authors(dialect == "authors-h", *numbers, interval, *series, mpf(start[i]))
            for found, true in zip(points, expected, strict=True):
                assert abs(mpf(found[i]) - true) <= mpf("1e-14") * (1 + abs(true))


def our_sophia(case, problem, measure, steps, perturbed=False):
    (c,) = parse(case.text)
    evaluate, (x, shape) = measure(problem), start_of(problem)
    step, points = adambench.stepper(case.text, shape=shape), [x]
    signs = np.random.Generator(np.random.Philox(1)).choice([-1.0, 1.0], (steps, x.size))
    for t in range(1, steps + 1):
        slope = evaluate(x)[1] * (1.0 + signs[t - 1] * 2.0**-52 if perturbed else 1.0)
        x = step(x, slope, hessian_diagonal=diagonal_at(problem, x[:, None])[:, 0] if due(c, t) else None)
        points.append(x)
    return np.array(points)


def sophia_of_optax(case, x):
    jax, optax = imported("jax"), imported("optax")
    given = optax.GradientTransformationExtraArgs(
        lambda point: (), lambda updates, state, point=None, diagonal=None, **others: (diagonal, state)
    )
    optimizer = named(case.target)(**case.options, hessian_diagonal_fn=given)
    state, point = optimizer.init(jax.numpy.asarray(x)), jax.numpy.asarray(x)

    @jax.jit
    def update(gradient, diagonal, state, point):
        updates, state = optimizer.update(gradient, state, point, diagonal=diagonal)
        return optax.apply_updates(point, updates), state

    def step(gradient, diagonal):
        nonlocal state, point
        point, state = update(gradient, diagonal, state, point)
        return np.array(point)

    return step


def sophia_of_pytorch_optimizer(case, x):
    torch = imported("torch")
    parameter = torch.nn.Parameter(torch.tensor(x))
    optimizer = named(case.target)([parameter], **case.options)

    def step(gradient, diagonal):
        parameter.grad = torch.tensor(gradient)
        optimizer.step(hessian=None if diagonal is None else [torch.tensor(diagonal)])
        return parameter.detach().numpy().copy()

    return step


@pytest.fixture
def double():
    """JAX in float64."""
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("case", DIAGONALS, ids=lambda case: case.text)
@pytest.mark.parametrize("keys", VECTORS)
def test_sophia_follows_the_libraries(problem, measure, double, case, keys):
    (c,) = parse(case.text)
    p, steps = problem(keys), 400
    evaluate, (x, _) = measure(p), start_of(p)
    step = {"optax": sophia_of_optax, "pytorch_optimizer": sophia_of_pytorch_optimizer}[case.library](case, x.copy())
    points = [x]
    for t in range(1, steps + 1):
        asked = due(c, t) or case.library == "optax"  # which picks those that are due itself
        diagonal = diagonal_at(p, x[:, None])[:, 0] if asked else None
        x = step(evaluate(x)[1], diagonal)
        points.append(x)
    mine, shaken = (our_sophia(case, p, measure, steps, perturbed) for perturbed in (False, True))
    scale = 1.0 + abs(mine)
    apart, shake = (np.max(abs(mine - other) / scale, axis=1) for other in (np.array(points), shaken))
    assert apart[: STRICT_STEPS + 1].max() <= max(1e-12, SENSITIVITIES * shake[: STRICT_STEPS + 1].max())
    assert apart.max() <= max(1e-12, SENSITIVITIES * shake.max())
    assert (mine[-1] != mine[0]).all()


# Schedule-free


@pytest.mark.parametrize("text", ["schedulefree-sgd:lr=0.001", "schedulefree-adamw", "schedulefree-adamw@keras"])
def test_what_counts_is_the_mean_of_z(problem, measure, text):
    """x_t = mean(z_1, ..., z_t) at a constant learning rate, and the gradient is taken between x and z."""
    (c,) = parse(text)
    evaluate, start = measure(problem("function: rosenbrock, dimension: 4")), np.array([-1.2, 1.0, -1.2, 1.0])
    single, share = Single(c.optimizer, c.flags, c.numbers, start, ((0, 4, 0),)), 0.9
    z = []
    assert np.array_equal(single.point, start)
    for t in range(1, 1001):
        single.slopes[:] = evaluate(single.x)[1]
        single.step(t)
        z.append(single.state[0].copy())
        np.testing.assert_allclose(single.point, np.mean(z, axis=0), rtol=0.0, atol=1e-13)
        np.testing.assert_allclose(single.x, (1.0 - share) * z[-1] + share * single.point, rtol=1e-14, atol=1e-14)


def test_the_eval_point_is_the_mean_and_the_start_is_its_own():
    step, x = adambench.stepper("schedulefree-sgd:lr=0.1:momentum=0.5", shape=(2,)), np.array([1.0, -2.0])
    assert np.array_equal(step.eval_point(x), x)
    y = step(x, [1.0, 1.0])
    np.testing.assert_allclose(step.eval_point(y), [0.9, -2.1], rtol=1e-15)
    y = step(y, [1.0, 1.0])
    np.testing.assert_allclose(step.eval_point(y), [0.85, -2.15], rtol=1e-15)
    np.testing.assert_allclose(y, [0.825, -2.175], rtol=1e-15)


def test_the_loss_that_counts_is_that_of_the_mean(problem, measure):
    """The same losses as those of the stepper's eval points; hits are made there too."""
    p = problem("function: rosenbrock, dimension: 2, budget: 64")
    evaluate, text = measure(p), "schedulefree-adamw:lr=0.1"
    report = adambench.run(p, optimizers=text, seeds=1).to_dict()
    step, x = adambench.stepper(text, shape=(2,)), np.array([-1.2, 1.0])
    losses = [evaluate(x)[0]]
    for _ in range(64):
        x = step(x, evaluate(x)[1])
        losses.append(evaluate(step.eval_point(x))[0])
    curve = report["results"][0]["curve"]
    np.testing.assert_allclose(curve["median"], [losses[t] for t in curve["evaluations"]], rtol=1e-12)


def test_a_weight_grows_with_the_learning_rate_and_the_step(problem):
    """With r and weight_lr_power: c_t = w_t / sum w with w_t = t^r (largest lr so far)^power."""
    lr, warmup, r, power = 0.1, 4, 2.0, 3.0
    text = f"schedulefree-sgd:lr={lr}:momentum=0:warmup_steps={warmup}:r={r}:weight_lr_power={power}"
    step, y, z, weights = adambench.stepper(text, shape=(1,)), np.array([1.0]), [], []
    for t in range(1, 9):
        y = step(y, [1.0])
        z.append(y[0])  # momentum=0: the gradient is taken at z
        weights.append(t**r * (lr * min(1.0, t / warmup)) ** power)
        np.testing.assert_allclose(step.eval_point(y)[0], np.average(z, weights=weights), rtol=1e-14)
    np.testing.assert_allclose(np.diff(z), [-lr * min(1.0, t / warmup) for t in range(2, 9)], rtol=1e-12)


@pytest.mark.parametrize("case", MENDED, ids=lambda case: case.text)
@pytest.mark.parametrize("keys", VECTORS)
def test_keras_is_followed_where_it_keeps_the_old_z(problem, measure, case, keys):
    imported("keras")
    p, steps = problem(keys), 1000
    evaluate, (start, shape) = measure(p), start_of(p)

    def walked(step):
        x, points = start, [start]
        for t in range(steps):
            x = step(t, x, evaluate(x)[1])
            points.append(x)
        return np.array(points)

    def our_path(perturbed):
        signs = np.random.Generator(np.random.Philox(1)).choice([-1.0, 1.0], (steps, start.size))
        step = adambench.stepper(case.text, shape=shape)
        return walked(lambda t, x, g: step(x, g * (1.0 + signs[t] * 2.0**-52 if perturbed else 1.0)))

    def keras_path(target):
        with theirs(replace(case, target=target), start.copy()) as step:
            return walked(lambda t, x, g: step(g)[0])

    mine, shaken, kept, unmended = (
        *(our_path(False), our_path(True)),
        *(keras_path(case.target), keras_path("keras.optimizers.ScheduleFreeAdamW")),
    )
    scale = 1.0 + abs(mine)
    apart, shake, fault = (np.max(abs(mine - other) / scale, axis=1) for other in (kept, shaken, unmended))
    assert apart[: STRICT_STEPS + 1].max() <= 1e-12
    assert apart.max() <= max(1e-12, SENSITIVITIES * shake.max())
    assert fault[1] <= 1e-12  # the first step takes x for z, whatever it was
    assert fault.max() > 1e-6

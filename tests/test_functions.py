"""Objective families: what must hold for all of them, whatever the folder holds; then each against an oracle."""

from __future__ import annotations

from itertools import pairwise, product

import mpmath
import numpy as np
import pytest
import scipy.optimize
from mpmath import mp, mpf

from adambench.functions import all_functions

FUNCTIONS = all_functions()
DIMENSIONS = (1, 2, 3, 4, 8, 9, 17, 20)  # below, at and above the eight running sums of `total`


def dimensions_of(function):
    if function.dimension is not None:
        return (function.dimension,)
    return tuple(n for n in DIMENSIONS if n >= function.least_dimension and n % function.multiple_of == 0)


def defaults(function, **changes):
    return {p.name: p.default for p in function.parameters if p.default is not None} | changes


def variants(function):
    """The defaults, and every other choice and switch with them."""
    varied = [p for p in function.parameters if p.kind in ("choice", "boolean")]
    for values in product(*(p.choices if p.kind == "choice" else (False, True) for p in varied)):
        yield defaults(function, **{p.name: value for p, value in zip(varied, values, strict=True)})


CASES = [
    pytest.param(function, n, parameters, id=f"{function.name}-{n}-{index}")
    for function in FUNCTIONS.values()
    for n in dimensions_of(function)
    for index, parameters in enumerate(variants(function))
]
everywhere = pytest.mark.parametrize(("function", "n", "parameters"), CASES)
each = pytest.mark.parametrize("function", [pytest.param(f, id=f.name) for f in FUNCTIONS.values()])


class Measure:
    """Calls `evaluate`, uncompiled, with everything that it may only read write-protected."""

    def __init__(self, function, n, parameters):
        self.function, self.n = function, n
        self.data = function.prepare(n, parameters)
        self.data.reals.setflags(write=False)
        self.data.integers.setflags(write=False)
        self.kernels = {lanes: function.evaluate(lanes) for lanes in ((1, 32) if function.wide else (1,))}

    def __call__(self, points, t=0, width=1):
        """(losses, gradients) at the points (n, lanes), which are taken `width` at a time."""
        points = np.array(points, dtype=np.float64).reshape(self.n, -1)
        losses, gradients = np.full(points.shape[1], np.nan), np.full(points.shape, np.nan)
        for first in range(0, points.shape[1], width):
            x = np.resize(points[:, first : first + width].T, (width, self.n)).T.copy()
            x.setflags(write=False)
            loss, gradient = np.full(width, np.nan), np.full((self.n, width), np.nan)
            seeds = np.zeros(width, np.int64)
            seeds.setflags(write=False)
            work = np.full((self.data.work_rows, width), -1.0)
            self.kernels[width](x, gradient, loss, t, seeds, self.data.reals, self.data.integers, work)
            kept = min(width, points.shape[1] - first)
            losses[first : first + kept], gradients[:, first : first + kept] = loss[:kept], gradient[:, :kept]
        return losses, gradients

    def at(self, x, t=0):
        """(loss, gradient) at the one point x."""
        losses, gradients = self(x, t)
        return losses[0], gradients[:, 0]


def bounds(function, n):
    """(n, 2) the box, repeated cyclically; infinite where there is none."""
    box = function.box or ((-np.inf, np.inf),)
    return np.array([box[i % len(box)] for i in range(n)])


def draw(function, n, count, seed=0):
    """(n, count) points drawn uniformly from the domain, clipped to the box."""
    low, high = bounds(function, n).T
    points = np.random.default_rng([seed, n]).uniform(*function.domain, (n, count))
    return np.clip(points, low[:, None], high[:, None])


def start_of(function, n):
    return np.resize(np.array(function.start, dtype=np.float64), n)


# What holds for every family.


def test_names_are_distinct_and_found():
    assert len(FUNCTIONS) >= 28
    for name, function in FUNCTIONS.items():
        assert function.name == name
        assert name == function.name == name.lower()


@each
def test_texts_are_there_and_plain(function):
    for text in (function.summary, function.formula, function.source, *(p.meaning for p in function.parameters)):
        assert text.strip() == text != ""
        assert text.isascii()
        assert "\n" not in text


@each
def test_declaration_is_consistent(function):
    assert function.domain[0] < function.domain[1]
    least = function.dimension or function.least_dimension
    assert least % function.multiple_of == 0
    assert 1 <= len(function.start) <= (function.dimension or function.default_dimension)
    if function.dimension is None:
        assert function.default_dimension >= least
        assert function.default_dimension % function.multiple_of == 0
    assert len({p.name for p in function.parameters}) == len(function.parameters)
    for parameter in function.parameters:
        assert (parameter.kind == "choice") == bool(parameter.choices)
        assert not parameter.choices or parameter.default in parameter.choices


@everywhere
def test_variants_are_accepted(function, n, parameters):
    assert function.check(n, parameters) is None


@everywhere
def test_start_lies_within_domain_and_box_and_is_not_stationary(function, n, parameters):
    start = start_of(function, n)
    low, high = bounds(function, n).T
    assert np.all((function.domain[0] <= start) & (start <= function.domain[1]))
    assert np.all((low <= start) & (start <= high))
    loss, gradient = Measure(function, n, parameters).at(start)
    assert np.linalg.norm(gradient) > 1e-3
    best = function.optimum(n, parameters)
    assert best is None or loss - best.loss > 1e-3


@everywhere
def test_optimum_has_its_loss_and_is_stationary(function, n, parameters):
    best = function.optimum(n, parameters)
    if best is None:
        assert function.targets, "relative targets need an optimum"
        return
    measure = Measure(function, n, parameters)
    low, high = bounds(function, n).T
    for x in best.x:
        assert len(x) == n
        assert all(type(coordinate) is float for coordinate in x)
        loss, gradient = measure.at(x)
        assert abs(loss - best.loss) <= 1e-12 * (1.0 + abs(best.loss))
        # In a box a step along the gradient may be undone by the clipping.
        assert np.linalg.norm(x - np.clip(x - gradient, low, high)) <= 1e-8
    assert len(set(best.x)) == len(best.x)


@everywhere
def test_nothing_lies_below_the_optimum(function, n, parameters):
    best = function.optimum(n, parameters)
    if best is None:
        return
    low, high = bounds(function, n).T
    points = [draw(function, n, 128)]
    for x in best.x:
        nearby = np.array(x)[:, None] + np.random.default_rng(1).normal(0.0, 1.0, (n, 64)) * np.logspace(-6, 0, 64)
        points.append(np.clip(nearby, low[:, None], high[:, None]))
    losses, _ = Measure(function, n, parameters)(np.hstack(points), width=32 if function.wide else 1)
    assert np.all(losses >= best.loss - 1e-12 * (1.0 + abs(best.loss)))


@everywhere
def test_gradient_is_the_slope_of_the_loss(function, n, parameters):
    measure = Measure(function, n, parameters)
    for x in draw(function, n, 2).T:
        loss, gradient = measure.at(x)
        steps = 1e-6 * (1.0 + np.abs(x))
        ahead, _ = measure(x[:, None] + np.diag(steps))
        behind, _ = measure(x[:, None] - np.diag(steps))
        rounding = 1e-15 * (1.0 + abs(loss)) / steps
        assert np.all(np.abs((ahead - behind) / (2.0 * steps) - gradient) <= 1e-6 * np.abs(gradient).max() + rounding)


@everywhere
def test_both_widths_give_the_same_bits_in_every_lane(function, n, parameters):
    """Lane k of 32 equals the same point by itself: so a loss depends neither on its lane nor on the others."""
    if not function.wide:
        pytest.skip("declares one lane only")
    measure = Measure(function, n, parameters)
    points = draw(function, n, 32)
    points[:, 5] = start_of(function, n)
    best = function.optimum(n, parameters)
    if best is not None and best.x:
        points[:, 7] = best.x[0]
    for t in (0, 1, 2):
        for one, wide in zip(measure(points, t), measure(points, t, width=32), strict=True):
            assert one.tobytes() == wide.tobytes()


@everywhere
def test_everything_is_finite_in_the_domain_and_at_the_optimum(function, n, parameters):
    best = function.optimum(n, parameters)
    points = [draw(function, n, 8), np.zeros((n, 1)), *(np.array(x)[:, None] for x in (best.x if best else ()))]
    losses, gradients = Measure(function, n, parameters)(np.hstack(points))
    assert np.isfinite(losses).all()
    assert np.isfinite(gradients).all()


@everywhere
def test_time_changes_only_the_gradient_and_only_where_declared(function, n, parameters):
    measure = Measure(function, n, parameters)
    x = draw(function, n, 1)
    loss, gradient = measure(x)
    changed = False
    for t in range(1, 6):
        later_loss, later_gradient = measure(x, t)
        if not function.sampled:
            assert later_loss == loss
        changed |= later_gradient.tobytes() != gradient.tobytes()
    assert changed == (function.online or function.sampled)


@pytest.mark.parametrize(("function", "n", "parameters"), [case for case in CASES if case.values[0].spectrum])
def test_spectrum_is_that_of_the_hessian(function, n, parameters):
    """The gradient of a quadratic is linear: its Hessian is read off the unit vectors, without rounding to speak of."""
    measure = Measure(function, n, parameters)
    _, hessian = measure(np.eye(n))
    hessian = hessian - measure.at(np.zeros(n))[1][:, None]
    spectrum = function.spectrum(n, parameters)
    assert spectrum.eigenvalues.shape == (n,)
    rotation = np.eye(n) if spectrum.rotation is None else spectrum.rotation
    scale = spectrum.eigenvalues.max()
    assert np.allclose(rotation @ rotation.T, np.eye(n), rtol=0.0, atol=1e-14)
    assert np.allclose(rotation.T * spectrum.eigenvalues @ rotation, hessian, rtol=0.0, atol=1e-13 * scale)
    eigenvalues = np.linalg.eigvalsh(0.5 * (hessian + hessian.T))
    assert np.allclose(eigenvalues, np.sort(spectrum.eigenvalues), rtol=0.0, atol=1e-13 * scale)


# Textbook forms, in 40 digits: x is a list of mpf, p the parameters.


def griewank(x, p):
    waves = mpmath.fprod(mp.cos(v / mp.sqrt(i)) for i, v in enumerate(x, 1))
    return 1 + sum(v**2 for v in x) / 4000 - waves


def levy(x, p):
    w = [1 + (v - 1) / 4 for v in x]
    waves = sum((v - 1) ** 2 * (1 + 10 * mp.sin(mp.pi * v + 1) ** 2) for v in w[:-1])
    return mp.sin(mp.pi * w[0]) ** 2 + waves + (w[-1] - 1) ** 2 * (1 + mp.sin(2 * mp.pi * w[-1]) ** 2)


def zakharov(x, p):
    s = sum(i * v / 2 for i, v in enumerate(x, 1))
    return sum(v**2 for v in x) + s**2 + s**4


def ackley(x, p):
    n = len(x)
    bowl = -20 * mp.exp(-mpf(2) / 10 * mp.sqrt(sum(v**2 for v in x) / n))
    return bowl - mp.exp(sum(mp.cos(2 * mp.pi * v) for v in x) / n) + 20 + mp.e


def powell(x, p):
    blocks = [x[i : i + 4] for i in range(0, len(x), 4)]
    return sum((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4 for a, b, c, d in blocks)


def goldstein_price(x, p):
    x, y = x
    return (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )


def branin(x, p):
    x, y = x
    b, c, s, t = mpf("5.1") / (4 * mp.pi**2), 5 / mp.pi, 10, 1 / (8 * mp.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + s * (1 - t) * mp.cos(x) + s


def nesterov_worst(x, p):
    steps = sum((a - b) ** 2 for a, b in pairwise(x))
    return mpf(p["L"]) / 4 * ((x[0] ** 2 + steps + x[-1] ** 2) / 2 - x[0])


def ellipsoid(x, p):
    n = len(x)
    return sum(mpf(p["condition"]) ** (mpf(i) / max(n - 1, 1)) * v**2 for i, v in enumerate(x))


def quadratic(x, p):
    n = len(x)
    return sum(mpf(p["condition"]) ** (mpf(i) / max(n - 1, 1)) * v**2 for i, v in enumerate(x)) / 2


ORACLES = {
    "sphere": lambda x, p: sum(v**2 for v in x),
    "ellipsoid": ellipsoid,
    "quadratic": quadratic,
    "rosenbrock": lambda x, p: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)),
    "beale": lambda x, p: sum((mpf(c) - x[0] + x[0] * x[1] ** i) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "booth": lambda x, p: (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2,
    "himmelblau": lambda x, p: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2,
    "matyas": lambda x, p: mpf("0.26") * (x[0] ** 2 + x[1] ** 2) - mpf("0.48") * x[0] * x[1],
    "goldstein-price": goldstein_price,
    "branin": branin,
    "six-hump-camel": lambda x, p: (
        (4 - mpf("2.1") * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2 + x[0] * x[1] + (-4 + 4 * x[1] ** 2) * x[1] ** 2
    ),
    "three-hump-camel": lambda x, p: 2 * x[0] ** 2 - mpf("1.05") * x[0] ** 4 + x[0] ** 6 / 6 + x[0] * x[1] + x[1] ** 2,
    "mccormick": lambda x, p: mp.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - mpf("1.5") * x[0] + mpf("2.5") * x[1] + 1,
    "styblinski-tang": lambda x, p: sum(v**4 - 16 * v**2 + 5 * v for v in x) / 2,
    "ackley": ackley,
    "rastrigin": lambda x, p: 10 * len(x) + sum(v**2 - 10 * mp.cos(2 * mp.pi * v) for v in x),
    "griewank": griewank,
    "levy": levy,
    "zakharov": zakharov,
    "dixon-price": lambda x, p: (
        (x[0] - 1) ** 2 + sum(i * (2 * x[i - 1] ** 2 - x[i - 2]) ** 2 for i in range(2, len(x) + 1))
    ),
    "powell-singular": powell,
    "trid": lambda x, p: sum((v - 1) ** 2 for v in x) - sum(a * b for a, b in pairwise(x)),
    "sum-of-powers": lambda x, p: sum(abs(v) ** (i + 1) for i, v in enumerate(x, 1)),
    "bohachevsky": lambda x, p: (
        x[0] ** 2
        + 2 * x[1] ** 2
        - mpf("0.3") * mp.cos(3 * mp.pi * x[0])
        - mpf("0.4") * mp.cos(4 * mp.pi * x[1])
        + mpf("0.7")
    ),
    "michalewicz": lambda x, p: -sum(mp.sin(v) * mp.sin(i * v**2 / mp.pi) ** (2 * p["m"]) for i, v in enumerate(x, 1)),
    "monkey-saddle": lambda x, p: x[0] ** 3 - 3 * x[0] * x[1] ** 2,
    "nesterov-worst": nesterov_worst,
    "reddi": lambda x, p: sum((1010 if t % 101 == 1 else -10) * x[0] for t in range(1, 102)) / mpf(101),
}


@pytest.mark.parametrize("name", ORACLES)
def test_loss_and_gradient_equal_the_textbook_form(name):
    function, oracle = all_functions()[name], ORACLES[name]
    parameters = defaults(function)
    for n in (n for n in dimensions_of(function) if n <= 9):
        measure = Measure(function, n, parameters)
        best = function.optimum(n, parameters)
        centre = best.x[0] if best is not None and best.x else start_of(function, n)
        nearby = np.array(centre) + np.random.default_rng(3).normal(0.0, 0.1, n)
        for x in (*draw(function, n, 3, seed=2).T, nearby):
            loss, gradient = measure.at(x)
            with mp.workdps(40):
                exact = [mpf(v) for v in x.tolist()]
                expected, step = oracle(exact, parameters), mpf(10) ** -12
                slopes = []
                for i in range(n):
                    ahead, behind = ([v + s * step * (k == i) for k, v in enumerate(exact)] for s in (1, -1))
                    slopes.append(float((oracle(ahead, parameters) - oracle(behind, parameters)) / (2 * step)))
            assert abs(loss - float(expected)) <= 1e-12 * (1.0 + abs(float(expected)))
            assert np.all(np.abs(gradient - slopes) <= 1e-12 * (1.0 + np.abs(slopes).max()))


# Published values.

PUBLISHED = [
    ("beale", (1.0, 1.0), 14.203125),
    ("rosenbrock", (-1.2, 1.0), 24.2),
    ("powell-singular", (3.0, -1.0, 0.0, 1.0), 215.0),
    ("powell-singular", (3.0, -1.0, 0.0, 1.0) * 3, 645.0),
    ("goldstein-price", (0.0, -1.0), 3.0),
    ("goldstein-price", (-0.6, -0.4), 30.0),
    ("goldstein-price", (1.8, 0.2), 84.0),
    ("goldstein-price", (1.2, 0.8), 840.0),
    ("himmelblau", (0.0, 0.0), 170.0),
    ("booth", (0.0, 0.0), 74.0),
]


@pytest.mark.parametrize(("name", "x", "loss"), PUBLISHED)
def test_published_value(name, x, loss):
    function = all_functions()[name]
    assert Measure(function, len(x), defaults(function)).at(x)[0] == pytest.approx(loss, rel=1e-14)


BEST = [
    ("branin", 2, 0.39788735772973816, 1e-15, 3),
    ("six-hump-camel", 2, -1.0316284534898774, 1e-15, 2),
    ("goldstein-price", 2, 3.0, 0.0, 1),
    ("himmelblau", 2, 0.0, 0.0, 4),
    ("mccormick", 2, -1.9132229549810367, 1e-15, 1),
    ("styblinski-tang", 1, -39.16616570377142, 1e-14, 1),
    ("styblinski-tang", 4, 4 * -39.16616570377142, 1e-13, 1),
    ("michalewicz", 2, -1.8013034100985537, 1e-15, 1),
    ("michalewicz", 5, -4.687658, 1e-6, 1),
    ("michalewicz", 10, -9.66015, 1e-5, 1),
    ("trid", 6, -50.0, 0.0, 1),
    ("trid", 10, -210.0, 0.0, 1),
    ("nesterov-worst", 9, -0.9 / 8.0, 1e-16, 1),
    ("reddi", 1, -10.0 / 101.0, 0.0, 1),
]


@pytest.mark.parametrize(("name", "n", "loss", "within", "count"), BEST)
def test_published_optimum(name, n, loss, within, count):
    function = all_functions()[name]
    best = function.optimum(n, defaults(function))
    assert abs(best.loss - loss) <= within
    assert len(best.x) == count


def test_rosenbrock_equals_scipy():
    function = all_functions()["rosenbrock"]
    for n in (2, 3, 9, 20):
        measure = Measure(function, n, {})
        for x in draw(function, n, 3).T:
            loss, gradient = measure.at(x)
            assert loss == pytest.approx(scipy.optimize.rosen(x), rel=1e-13)
            assert np.allclose(gradient, scipy.optimize.rosen_der(x), rtol=1e-12, atol=1e-11)
            step = 1e-5 * np.eye(n)
            hessian = (measure(x[:, None] + step)[1] - measure(x[:, None] - step)[1]) / 2e-5
            assert np.allclose(hessian, scipy.optimize.rosen_hess(x), rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("log", [1.0, 10.0, 100.0]),
        ("linear", [1.0, 50.5, 100.0]),
        ("inverse", [100.0, 50.0, 100.0 / 3.0]),
        ("one-outlier", [1.0, 1.0, 100.0]),
    ],
)
def test_quadratic_spectrum(kind, expected):
    function = all_functions()["quadratic"]
    parameters = defaults(function, condition=100.0, spectrum=kind)
    assert function.spectrum(3, parameters).eigenvalues == pytest.approx(expected, rel=1e-14)
    assert Measure(function, 3, parameters).at([1.0, 2.0, 3.0])[0] == pytest.approx(
        0.5 * (expected[0] + 4.0 * expected[1] + 9.0 * expected[2]), rel=1e-14
    )


def test_quadratic_takes_its_eigenvalues_as_given():
    function = all_functions()["quadratic"]
    parameters = defaults(function, eigenvalues=[3.0, 0.5], condition=7.0)
    assert function.check(2, parameters) is None
    loss, gradient = Measure(function, 2, parameters).at([2.0, -4.0])
    assert (loss, *gradient) == (0.5 * (3.0 * 4.0 + 0.5 * 16.0), 6.0, -2.0)


def test_quadratic_rotation_is_a_function_of_its_seed():
    function = all_functions()["quadratic"]
    turned = [function.spectrum(6, defaults(function, rotate=True, seed=seed)).rotation for seed in (0, 1, 0)]
    assert np.array_equal(turned[0], turned[2])
    assert np.abs(turned[0] - turned[1]).max() > 0.1
    assert np.abs(turned[0] - np.diag(np.diag(turned[0]))).max() > 0.1
    assert function.spectrum(6, defaults(function, seed=1)).rotation is None


def test_quadratic_rotation_is_the_one_q_with_a_positive_diagonal_of_r():
    function = all_functions()["quadratic"]
    draws = np.random.Generator(np.random.Philox(3)).standard_normal((6, 6))
    r = function.spectrum(6, defaults(function, rotate=True, seed=3)).rotation.T @ draws
    assert np.abs(np.tril(r, -1)).max() < 1e-14
    assert np.all(np.diag(r) > 0.0)


WRONG = [
    ("quadratic", 3, {"eigenvalues": [1.0, 2.0]}, "eigenvalues", "2"),
    ("quadratic", 3, {"eigenvalues": [1.0, 2.0, 3.0, 4.0]}, "eigenvalues", "4"),
    ("quadratic", 3, {"condition": 0.5}, "condition", "0.5"),
    ("quadratic", 3, {"rotate": True, "seed": -1}, "seed", "-1"),
    ("quadratic", 100_000, {"rotate": True}, "rotate", "100000"),
    ("ellipsoid", 3, {"condition": 0.5}, "condition", "0.5"),
    ("michalewicz", 3, {"m": 0}, "m", "0"),
]


@pytest.mark.parametrize(("name", "n", "changes", "key", "got"), WRONG)
def test_parameters_that_do_not_fit_are_refused(name, n, changes, key, got):
    function = all_functions()[name]
    found_key, expected, found = function.check(n, defaults(function, **changes))
    assert found_key == key
    assert expected
    assert got in found


@pytest.mark.parametrize(
    ("name", "changes"),
    [("quadratic", {"condition": 1.0}), ("ellipsoid", {"condition": 1.0}), ("michalewicz", {"m": 1})],
)
def test_parameters_at_their_limit_are_accepted(name, changes):
    function = all_functions()[name]
    assert function.check(3, defaults(function, **changes)) is None


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("mccormick", ((-1.5, 4.0), (-3.0, 4.0))),
        ("michalewicz", ((0.0, np.pi),)),
        ("reddi", ((-1.0, 1.0),)),
    ],
)
def test_published_box(name, box):
    assert all_functions()[name].box == box


def test_ackley_has_gradient_zero_at_its_point():
    loss, gradient = Measure(all_functions()["ackley"], 3, {}).at(np.zeros(3))
    assert loss == 0.0
    assert np.array_equal(gradient, np.zeros(3))


def test_griewank_gradient_survives_a_factor_of_zero():
    """Where cos(x_1) is 0 but for rounding, the slope along x_1 is the product of the other factors."""
    x = np.array([np.pi / 2.0, 1.0, 2.0])
    _, gradient = Measure(all_functions()["griewank"], 3, {}).at(x)
    assert gradient[0] == pytest.approx(x[0] / 2000.0 + np.cos(1.0 / 2.0**0.5) * np.cos(2.0 / 3.0**0.5), rel=1e-14)


def test_dixon_price_has_two_optima_but_one_in_one_dimension():
    function = all_functions()["dixon-price"]
    assert [len(function.optimum(n, {}).x) for n in (1, 2, 5)] == [1, 2, 2]


@pytest.mark.parametrize("m", [1, 2, 10, 30])
def test_michalewicz_optimum_equals_a_search_on_a_grid(m):
    """Coordinate by coordinate: the sum separates."""
    function = all_functions()["michalewicz"]
    best = function.optimum(12, {"m": m})
    x = np.linspace(0.0, np.pi, 400_001)
    peaks = [(np.sin(x) * np.sin(i * x * x / np.pi) ** (2 * m)).max() for i in range(1, 13)]
    assert best.loss == pytest.approx(-sum(peaks), abs=1e-6)
    assert best.loss <= -sum(peaks)


def test_nesterov_worst_scales_with_its_lipschitz_constant():
    function = all_functions()["nesterov-worst"]
    x = np.linspace(-0.5, 0.5, 7)
    one, four = (Measure(function, 7, {"L": constant}).at(x) for constant in (1.0, 4.0))
    assert four[0] == 4.0 * one[0]
    assert np.array_equal(four[1], 4.0 * one[1])
    assert function.optimum(7, {"L": 4.0}).loss == 4.0 * function.optimum(7, {"L": 1.0}).loss


def test_reddi_is_its_cycle_and_its_mean():
    measure = Measure(all_functions()["reddi"], 1, {})
    cycle = [measure.at([0.5], t)[1][0] for t in range(1, 203)]
    assert [t for t, slope in enumerate(cycle, 1) if slope == 1010.0] == [1, 102]
    assert set(cycle) == {1010.0, -10.0}
    loss, gradient = measure.at([0.5])
    assert gradient[0] == pytest.approx(np.mean(cycle), rel=1e-13)
    assert loss == pytest.approx(0.5 * np.mean(cycle), rel=1e-13)


def test_monkey_saddle_is_unbounded_and_has_absolute_targets():
    function = all_functions()["monkey-saddle"]
    assert function.optimum(2, {}) is None
    assert function.targets == ({"loss": -1.0}, {"loss": -10.0}, {"loss": -100.0})
    loss, gradient = Measure(function, 2, {}).at([-5.0, 0.0])
    assert (loss, *gradient) == (-125.0, 75.0, 0.0)
    assert Measure(function, 2, {}).at([0.0, 0.0])[0] == 0.0

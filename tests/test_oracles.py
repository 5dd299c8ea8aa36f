"""Problem files with expressions, against other people's implementations of the same problems."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import textwrap
import types
from pathlib import Path

import mpmath
import numpy as np
import pytest
from fuzz.dual import dual, meaning
from fuzz.expressions import Grammar
from libraries.more_garbow_hillstrom import ARGUMENTS, NUMBERS, PROBLEMS, STARTS

from adambench.expression import Declarations, ExpressionError, formula
from adambench.problem import read
from adambench.problem.reader import read_all

KINDS = ("_unconstrained_minimisation", "_nonlinear_equations")
EQUATIONS = ("POWELLBS", "MEYER3NE", "POWELLSE", "MOREBVNE", "CHEBYQADNE")
each = pytest.mark.parametrize("name", PROBLEMS)


def stated(name):
    return read(f"name: {name.lower()}\n{textwrap.dedent(PROBLEMS[name])}\n", name, None)


def points_of(problem):
    """x_0 and points around it."""
    start = np.resize(problem.start.values, problem.dimension)
    around = np.random.default_rng(0).uniform(-0.03, 0.03, (3, problem.dimension))
    return [start, *(start + around * (1.0 + np.abs(start)))]


@each
def test_losses_at_the_start_and_slopes_around_it(name, measure):
    """Without the oracle: the losses that are known, and central differences, with Richardson's correction."""
    problem = stated(name)
    loss_of = measure(problem)
    if name in STARTS:
        assert loss_of(points_of(problem)[0])[0] == pytest.approx(STARTS[name], rel=1e-11)
    for x in points_of(problem):
        _, gradient = loss_of(x)
        for i, unit in enumerate(np.eye(len(x))):
            step = 1e-4 * max(abs(x[i]), 0.02 if name == "MEYER3NE" else 0.1)

            def slope(h, unit=unit, x=x):
                return (loss_of(x + h * unit)[0] - loss_of(x - h * unit)[0]) / (2.0 * h)

            wanted = (4.0 * slope(step / 2.0) - slope(step)) / 3.0
            rounding = 1e-15 * loss_of(x)[0] / step
            assert gradient[i] == pytest.approx(wanted, rel=1e-6, abs=1e-7 * np.abs(gradient).max() + 10.0 * rounding)


@pytest.fixture(scope="module")
def cutest():
    """cutest(name): a problem of sif2jax, in float64. Its packages make all their problems as they are imported, which
    takes a minute: so only the modules in them are."""
    found = importlib.util.find_spec("sif2jax")
    if found is None:
        pytest.skip("sif2jax is not installed")
    folders = ("sif2jax", "sif2jax.cutest", *(f"sif2jax.cutest.{kind}" for kind in KINDS))
    for folder in folders:
        module = types.ModuleType(folder)
        module.__path__ = [str(Path(found.submodule_search_locations[0], *folder.split(".")[1:]))]
        sys.modules[folder] = module

    def find(name):
        kind = KINDS[name in EQUATIONS]
        module = importlib.import_module(f"sif2jax.cutest.{kind}.{name.lower()}")
        return getattr(module, name)(**ARGUMENTS.get(name, {}))

    yield find
    for name in [name for name in sys.modules if name.split(".")[0] == "sif2jax"]:
        del sys.modules[name]


def oracle(problem):
    """(loss, gradient) of x; of equations, the loss is the sum of their squares."""
    import jax
    import jax.numpy as jnp

    def loss(x):
        if hasattr(problem, "constraint"):
            return jnp.sum(problem.constraint(x)[0] ** 2)
        return problem.objective(x, problem.args)

    return jax.jit(jax.value_and_grad(loss))


@each
def test_more_garbow_and_hillstrom(name, cutest, measure):
    import jax

    assert len(NUMBERS) >= 15
    problem = stated(name)
    loss_of = measure(problem)
    with jax.enable_x64(True):
        theirs = cutest(name)
        evaluate = oracle(theirs)
        start, *around = points_of(problem)
        assert np.size(theirs.y0) == len(start)
        if name not in ("MOREBVNE", "CHEBYQADNE"):
            np.testing.assert_allclose(start, np.array(theirs.y0), rtol=1e-15, atol=1e-15)
        for x in (start, *around):
            loss, gradient = loss_of(x)
            wanted, slopes = evaluate(jax.numpy.array(x))
            assert loss == pytest.approx(float(wanted), rel=1e-12)
            slopes = np.array(slopes)
            np.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-12 * np.abs(slopes).max())


def uniform(count, seed):
    """BBOB's generator (Hansen et al. 2009, INRIA RR-6829; bbob2009_unif of COCO): Park & Miller's, shuffled."""

    def after(state):
        high = state // 127773
        state = 16807 * (state - high * 127773) - 2836 * high
        return state + 2147483647 if state < 0 else state

    state, table = max(abs(seed), 1), [0] * 32
    for i in range(39, -1, -1):
        state = after(state)
        if i < 32:
            table[i] = state
    drawn, found = table[0], []
    for _ in range(count):
        state = after(state)
        place = drawn // 67108865
        drawn, table[place] = table[place], state
        found.append(max(drawn / 2.147483647e9, 1e-99))
    return np.array(found)


def rotation(n, seed):
    """BBOB's: Gram & Schmidt's of normal numbers."""
    u = uniform(2 * n * n, seed)
    columns = (np.sqrt(-2.0 * np.log(u[: n * n])) * np.cos(2.0 * np.pi * u[n * n :])).reshape(n, n)
    for i in range(n):
        for j in range(i):
            columns[i] -= (columns[i] @ columns[j]) * columns[j]
        columns[i] /= np.sqrt(columns[i] @ columns[i])
    return columns.T


def oscillated(u):
    """T_osz, of the text of a number or a vector."""
    up = f"0.049*(sin(10*log(abs({u}))) + sin(7.9*log(abs({u}))))"
    down = f"0.049*(sin(5.5*log(abs({u}))) + sin(3.1*log(abs({u}))))"
    return f"where({u} == 0, 0, {u}*exp(where({u} > 0, {up}, {down})))"


TURNED = "sum(R[i, j]*(x[j] - best[j]) for j in range(n))"
BBOB = {
    1: {"expression": "sum((x - best)**2)"},
    2: {
        "let": {"y": "x - best", "z": oscillated("y")},
        "expression": "sum(10**(6*i/(n - 1))*z[i]**2 for i in range(n))",
    },
    3: {
        "let": {"y": "x - best", "z": oscillated("y")},
        "parameters": {"beta": 0.2},
        "data": {"up": "i/(n - 1)", "scale": "10**(i/(2*(n - 1)))"},
        "expression": "10*n + sum(w**2 - 10*cos(2*pi*w))",
        "then": {"w": "scale*where(z > 0, max(z, 1e-300)**(1 + beta*up*sqrt(max(z, 0))), z)"},
    },
    8: {
        "let": {"z": "max(1, sqrt(n)/8)*(x - best) + 1"},
        "expression": "sum(100*(z[:-1]**2 - z[1:])**2 + (z[:-1] - 1)**2)",
    },
    9: {
        "let": {"c": "max(1, sqrt(n)/8)"},
        "expression": "sum(100*((c*A + 0.5)**2 - (c*B + 0.5))**2 + (c*A + 0.5 - 1)**2 for i in range(n - 1))".replace(
            "A", "sum(R[i, j]*x[j] for j in range(n))"
        ).replace("B", "sum(R[i + 1, j]*x[j] for j in range(n))"),
    },
    10: {"expression": f"sum(10**(6*i/(n - 1))*{oscillated(TURNED)}**2 for i in range(n))"},
}
SEEDS = {9: 0, 10: 1_000_000}
"""What the seed of the rotation has beside the number of the function and 10,000 times that of the instance."""


@pytest.mark.parametrize("n", [2, 5, 10])
@pytest.mark.parametrize("number", BBOB)
def test_bbob(number, n, measure):
    """Sphere, ellipsoid, Rastrigin and Rosenbrock, separable and turned, as BBOB has them, but for the offset f_opt."""
    ioh = pytest.importorskip("ioh")
    for instance in (1, 3):
        theirs = ioh.get_problem(number, instance, n, ioh.ProblemClass.BBOB)
        stated, i = BBOB[number], np.arange(n)
        data = {name: eval(text, {"i": i, "n": n}).tolist() for name, text in stated.get("data", {}).items()}
        if number != 9:  # which lies where it is turned to
            data["best"] = list(theirs.optimum.x)
        if number in SEEDS:
            data["R"] = rotation(n, number + 10_000 * instance + SEEDS[number]).tolist()
        file = {
            "name": f"bbob-{number}",
            "dimension": n,
            "start": [0.0],
            "data": data,
            "let": {**stated.get("let", {}), **stated.get("then", {})},
            "parameters": stated.get("parameters", {}),
            "expression": stated["expression"],
        }
        loss_of = measure(read(json.dumps(file), "bbob", None))
        best = np.array(theirs.optimum.x)
        around = np.random.default_rng(number).uniform(-5.0, 5.0, (20, n))
        assert loss_of(best)[0] == pytest.approx(0.0, abs=1e-9)
        for x in around:
            loss, gradient = loss_of(x)
            # Their value has the offset added: it cannot be better than that lets it be.
            offset = theirs.optimum.y
            assert loss == pytest.approx(theirs(x) - offset, rel=1e-9, abs=1e-12 * abs(offset))
            direction = np.random.default_rng(7).uniform(-1.0, 1.0, n)
            slope = (loss_of(x + 1e-6 * direction)[0] - loss_of(x - 1e-6 * direction)[0]) / 2e-6
            assert gradient @ direction == pytest.approx(slope, rel=1e-4, abs=1e-6 * np.abs(gradient).max())


ORDINARY = ("1", "2", "3", "0.5", "-2", "1.25", "pi", "e", "n", "p", "q")
MATRIX = np.array([[1.0, 2.0, -1.0, 0.5], [3.0, -4.0, 0.25, 1.0], [0.5, 1.0, 2.0, -2.0]])
ROW = (1.0, -2.0, 0.5, 3.0)
DECLARED = Declarations(
    dimension=4,
    parameters={"p": 2.0, "q": 0.3, "c": ROW},
    data={"A": MATRIX, "b": np.array([1.0, -1.0, 2.0])},
    let=(("w", "1 + (x - 1)/4"),),
)
EXACT = {
    "p": 2,
    "q": dual(0.3),
    "c": np.array([dual(value) for value in ROW], object),
    "A": np.array([[dual(value) for value in row] for row in MATRIX], object),
    "b": np.array([dual(value) for value in (1.0, -1.0, 2.0)], object),
    "w": "1 + (x - 1)/4",
}


def exactly(text, x):
    """(losses, gradient) to 50 digits, and to 12; None where it is infinite, or not a number, or not told in time."""
    try:
        return [np.array([loss, *slopes]) for loss, slopes in (meaning(text, x, EXACT, digits) for digits in (50, 12))]
    except (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.ComplexResult):
        return None


@pytest.mark.parametrize("part", range(4))
def test_random_expressions_mean_what_python_means(part):
    """With as many digits lost as in a calculation to 12 digits, at most, beyond four of those of float64."""
    compared = refused = 0
    for seed in range(part, 1600, 4):
        draw = random.Random(seed)
        text = f"x[0] + {Grammar(draw, 0.0, ORDINARY).number(draw.choice([2, 3, 4, 5]))}"
        x = np.random.default_rng(seed).uniform(0.2, 0.9, 4) * draw.choice([1.0, 1.0, -1.0])
        told = exactly(text, x)
        try:
            found = formula(text, DECLARED)
        except ExpressionError:
            refused += 1
            continue
        if told is None or max(abs(told[0])) > 1e100:
            continue
        exact, rough = told
        kernel, loss, gradient = found.function.evaluate(1), np.full(1, np.nan), np.full((4, 1), np.nan)
        work = np.full((found.data.work_rows, 1), np.nan)
        with np.errstate(all="ignore"):
            kernel(x.reshape(4, 1), gradient, loss, 0, np.zeros(1, int), found.data.reals, found.data.integers, work)
        compared += 1
        for ours, value, near in zip((loss[0], *gradient[:, 0]), exact, rough, strict=True):
            within = 1e-12 * max(abs(value), 1e-3 * max(abs(exact))) + abs(near - value)
            assert abs(mpmath.mpf(float(ours)) - value) <= within, (text, x)
    assert compared > 150
    assert refused < 40  # for a constant that is not finite


def test_an_expression_is_transformed_and_swept(measure):
    """As the function that it states is."""
    more = "dimension: 3\nparameters: {condition: {sweep: [10, 100]}}\nstart: [1.0]\n"
    more += "transforms: [{shift: [0.5, -1]}, {rotate: {seed: 2}}, {scale: [2, -1, 0.5]}]\n"
    text = "expression: sum(condition**(i/(n - 1))*x[i]**2 for i in range(n))\n"
    ours = read_all(f"name: own\n{text}{more}", "own", None)
    theirs = read_all(f"name: named\nfunction: ellipsoid\n{more}", "named", None)
    assert [problem.sweep.values for problem in ours] == [problem.sweep.values for problem in theirs]
    assert len({problem.hash for problem in ours}) == len(ours) == 2
    x = np.array([0.3, -0.7, 1.1])
    for own, named in zip(ours, theirs, strict=True):
        (loss, gradient), (wanted, slopes) = measure(own)(x), measure(named)(x)
        assert loss == pytest.approx(wanted, rel=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-12)

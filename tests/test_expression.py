"""Objectives written as expressions: what is refused and where, and what is computed, against what others compute."""

from __future__ import annotations

import random
import sys
import tracemalloc
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from click.testing import CliRunner

from adambench import measure as measurement
from adambench.cli.show import command
from adambench.engine.assembly import evaluate_kernel
from adambench.engine.kernel import compiled
from adambench.expression import SYNTAX, Declarations, ExpressionError, formula, table
from adambench.functions import all_functions
from adambench.problem import ProblemError, read, read_all
from adambench.validation.objective import objective_checks

FUNCTIONS = all_functions()
MATRIX = np.array([[1.0, 2.0, -1.0, 0.5], [3.0, -4.0, 0.25, 1.0], [0.5, 1.0, 2.0, -2.0]])
USUAL = Declarations(
    dimension=4,
    parameters={"p": 2.0, "q": 0.3, "c": (1.0, -2.0, 0.5, 3.0)},
    data={"A": MATRIX, "b": np.array([1.0, -1.0, 2.0])},
    let=(("w", "1 + (x - 1)/4"),),
)

# Every function of the folder that is one of n coordinates, and all of two scalars.
STATED = {
    "ackley": "-20*exp(-0.2*sqrt(mean(x**2))) - exp(mean(cos(2*pi*x))) + 20 + e",
    "dixon-price": "(x[0] - 1)**2 + sum((i + 1)*(2*x[i]**2 - x[i-1])**2 for i in range(1, n))",
    "ellipsoid": "sum(condition**(i/(n - 1))*x[i]**2 for i in range(n))",
    "griewank": "1 + sum(x**2)/4000 - prod(cos(x[i]/sqrt(i + 1)) for i in range(n))",
    "levy": (
        "sin(pi*w[0])**2 + sum((w[:-1] - 1)**2*(1 + 10*sin(pi*w[:-1] + 1)**2))"
        " + (w[-1] - 1)**2*(1 + sin(2*pi*w[-1])**2)",
        {"w": "1 + (x - 1)/4"},
    ),
    "michalewicz": "-sum(sin(x[i])*sin((i + 1)*x[i]*x[i]/pi)**(2*m) for i in range(n))",
    "nesterov-worst": "L/4*(0.5*(x[0]**2 + sum((x[:-1] - x[1:])**2) + x[-1]**2) - x[0])",
    "powell-singular": "sum((x[i] + 10*x[i+1])**2 + 5*(x[i+2] - x[i+3])**2 + (x[i+1] - 2*x[i+2])**4"
    " + 10*(x[i] - x[i+3])**4 for i in range(0, n, 4))",
    "rastrigin": "10*n + sum(x**2 - 10*cos(2*pi*x))",
    "rosenbrock": "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)",
    "sphere": "sum(x**2)",
    "styblinski-tang": "0.5*sum(x**4 - 16*x**2 + 5*x)",
    "sum-of-powers": "sum(abs(x[i])**(i + 2) for i in range(n))",
    "trid": "(x[0] - 1)**2 + sum((x[1:] - 1)**2 - x[1:]*x[:-1])",
    "zakharov": ("sum(x**2) + s**2 + s**4", {"s": "sum(0.5*(i + 1)*x[i] for i in range(n))"}),
    "beale": "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
    "bohachevsky": "x**2 + 2*y**2 - 0.3*cos(3*pi*x) - 0.4*cos(4*pi*y) + 0.7",
    "booth": "(x + 2*y - 7)**2 + (2*x + y - 5)**2",
    "branin": "(y - 5.1/(4*pi**2)*x**2 + 5/pi*x - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
    "goldstein-price": "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
    "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))",
    "himmelblau": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    "matyas": "0.26*(x**2 + y**2) - 0.48*x*y",
    "mccormick": "sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
    "monkey-saddle": "x**3 - 3*x*y**2",
    "six-hump-camel": "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2",
    "three-hump-camel": "2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2",
}
UNSTATED = {"reddi", "quadratic", "matrix-least-squares"}
"""A sequence of functions; and two that draw their matrices, which are stated below as data."""


class Measure:
    """Loss and gradient at columns of points, from the kernel in plain Python or compiled."""

    def __init__(self, function, data, width=1, precision=None):
        self.function, self.data, self.width, self.precision = function, data, width, precision
        self.real = np.float32 if precision == "float32" else np.float64
        self.reals = data.reals.astype(self.real)
        if precision is None:
            self.kernel = function.evaluate(width)
        else:
            kernel = evaluate_kernel(function, width, precision)
            self.kernel = compiled(kernel.function, kernel.signature)
        self.work = np.full((data.work_rows, width), -1.0)

    def __call__(self, points, t=0, seed=0):
        x = np.array(points, self.real).reshape(len(points), -1)
        assert x.shape[1] == self.width
        loss, gradient = np.full(self.width, np.nan), np.full(x.shape, np.nan, self.real)
        seeds = np.full(self.width, seed)
        arrays = (x, gradient, loss, seeds, self.reals, self.data.integers, self.work)
        if self.precision is not None:
            x_, gradient_, loss_, *others = (array.ctypes.data for array in arrays)
            self.kernel(len(x), x_, gradient_, loss_, t, *others)
        else:
            with np.errstate(all="ignore"):
                self.kernel(x, gradient, loss, t, *arrays[3:])
        return loss, gradient

    def at(self, point, t=0, seed=0):
        loss, gradient = self(np.reshape(point, (-1, 1)), t, seed)
        return loss[0], gradient[:, 0]


def measured(text, declared=USUAL, width=1):
    found = formula(text, declared)
    return Measure(found.function, found.data, width)


def stated(function, n):
    """(Formula, parameters) of a named function."""
    text = STATED[function.name]
    text, let = text if isinstance(text, tuple) else (text, {})
    given = {p.name: p.default for p in function.parameters if p.default is not None}
    variables = () if function.dimension is None else ("x", "y")
    numbers = {name: float(value) for name, value in given.items() if isinstance(value, (int, float))}
    return formula(text, Declarations(n, variables, numbers, let=tuple(let.items()))), given


def points_of(function, n, count):
    low, high = np.array(function.box).T[:, :, None] if function.box and len(function.box) == n else function.domain
    return np.random.default_rng(n).uniform(low, high, (n, count))


# What is refused.


def deep(loops):
    """So many in one another, the bounds of each referring to all around it."""
    bounds = ["2", *("+".join(f"i{k}" for k in range(j)) + "+2" for j in range(1, loops))]
    return f"sum(x[0]{''.join(f' for i{j} in range({bound})' for j, bound in enumerate(bounds))})"


def calls(what, *arguments):
    """How many functions are called in all, which no load of the machine changes."""
    count = 0

    def heard(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        what(*arguments)
    except ExpressionError:
        pass
    finally:
        sys.setprofile(before)
    return count


MOST_CALLS = 100_000
"""Until a refusal: some 20 ms."""

ATTACKS = {
    "x.__class__": "an attribute (.__class__)",
    "().__class__.__bases__[0].__subclasses__()": "an attribute",
    "x . y": "an attribute (.y)",
    "__import__('os').system('id')": "an attribute (.system)",
    "__import__('os')": "'__import__'",
    "print(x)": "'print'",
    "open('f')": "'open'",
    "getattr(x, 'a')": "'getattr'",
    "eval('1')": "'eval'",
    "lambda: 0": "a lambda",
    "[x for x in range(3)]": "a list comprehension",
    "(x[i] for i in range(3))": "a loop outside",
    "exp(x[i] for i in range(3))": "a loop outside",
    "sum(x[i] for i in [1, 2])": "a list",
    "sum(x[i] for i in range(3) if i)": "a condition",
    "sum(x[i] for i in open('f'))": "a call",
    "sum([x[0]])": "a list",
    "(y:=1)": "an assignment",
    "await x": "got await",
    "1 if x[0] else 2": "a conditional",
    "x[0] and x[1]": "and, or",
    "x[0] or x[1]": "and, or",
    "not x[0]": "not",
    "x[0] < x[1]": "a comparison outside where",
    "where(0 < x[0] < 1, 1, 2)": "several in a chain",
    "where(x[0], 1, 2)": "an index",
    "where(x[0] in x, 1, 2)": "in",
    "f'{x}'": "an f-string",
    "'{0.__class__}'.format(x)": "a decimal number",
    "'{}'.format(x)": "an attribute (.format)",
    "'a'": "text",
    "b'a'": "bytes",
    "sum(*x)": "a star",
    "sum(**x)": "a keyword",
    "sum(x, axis=0)": "a keyword",
    "{}": "a dict",
    "{1}": "a set",
    "[1]": "a list",
    "(1, 2)": "a tuple",
    "x[0] @ x[1]": "@",
    "x[0] // 2": "//",
    "x[0] % 2": "%",
    "x[0] << 2": "<<",
    "1<<99999": "<<",
    "x[0] | 1": "|",
    "~x[0]": "~",
    "...": "Ellipsis",
    "None": "None",
    "True*x[0]": "True or False",
    "1j*x[0]": "1j",
    "0x10*x[0]": "0x10",
    "1_000*x[0]": "1_000",
    "0b1*x[0]": "0b1",
    "9**9**9*x[0]": "infinite",
    "2**10**10*x[0]": "infinite",
    "1e400*x[0]": "infinite",
    "(-1)**0.5*x[0]": "not a number",
    "0**-1*x[0]": "infinite",
    "1/0*x[0]": "infinite",
    "9" * 4000 + "*x[0]": "99999",
    "\uff45xp(x)": "U+FF45",
    "x\u00b2": "U+00B2",
    "x\u200b": "U+200B",
    "x[0]" + "+x[0]" * 2000: "10,004",
    "-" * 4000 + "x[0]": "more",
    "(" * 100 + "x[0]" + ")" * 100: "more",
    "x" + "**x" * 1300: "too many",
    "x" + ".b" * 2000: "an attribute",
    "sum(x[0] for i in range(10**9))": "a bound of whole numbers",
    "sum(x[0] for i in range(1000000000))": "1,000,000,000",
    "sum(sum(x[0]*i*j for i in range(1000000)) for j in range(1000000))": "about",
    "x": "a vector",
    "1 + 2": "one without",
    "sum(x[1:]*x)": "3 and 4",
    "x[4]": "4",
    "x[0.5]": "0.5",
    "x[x[0]]": "an index",
    "sum(x[i-1] for i in range(n))": "one from -1 to 2",
    "sum(x[i+1] for i in range(n))": "one from 1 to 4",
    "sum(x[:i] for i in range(n))": "'i'",
    "sum(x[i] for x in range(3))": "'x'",
    "sum(x[i] for exp in range(3))": "'exp'",
    "sum(x[i] for p in range(3))": "'p'",
    "sum(x[i] for i, j in range(3))": "a tuple",
    "A*x": "3 x 4",
    "z": "'z'",
    "sinh": "'sinh'",
    "": "nothing",
    "x[0] +": "Python cannot read",
    "x[0]; x[1]": "Python cannot read",
    "x[0] # c\n + 1)": "got #",
    "yield x": "Python cannot read",
    "where(x[0] < 1, 2)": "2 arguments",
    "exp(x[0], x[1])": "2",
    "max()": "0",
    "mean(x[i] for i in range(0))": "nothing",
    "len(3)*x[0]": "something else",
    "log(0) + x[0]": "infinite or not a number",
    "x[0] + 1/(sqrt(2) - sqrt(2))": "infinite or not a number",
    "x[0] + asin(p)": "one that is nan at column 8",
    "x[0]*where(x[0] > 0, x[0], 1)*(1 + log(p - 2))": "one that is -inf at column 32",
    "mean(x[i]*x[j] for i in range(n) for j in range(i + 1))": "depend on another of its loops",
    "x^2": "powers are written **",
    deep(9): "at most 8 loops",
    deep(18): "at most 8 loops",
    "sum(" * 9 + "x[0]" + "".join(f" for i{k} in range(2))" for k in range(9)): "at most 8 loops",
    "+".join(f"prod(x[0] + {k} for i in range(1000000))" for k in range(99)): "at most 50,000,000 numbers",
}


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:40].encode("unicode_escape").decode())
def test_attack_is_refused(text):
    with pytest.raises(ExpressionError) as caught:
        formula(text, USUAL)
    assert calls(formula, text, USUAL) < MOST_CALLS
    assert ATTACKS[text] in str(caught.value)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("sum(x) + foo(3)", 9),
        ("1 + x.y", 4),
        ("  sum(x) + (1 if 2 else 3)", 12),
        ("sum(x) +\n z", 10),
        ("sum(x) + \u00b2", 9),
    ],
)
def test_errors_name_the_column(text, column):
    with pytest.raises(ExpressionError) as caught:
        formula(text, USUAL)
    assert caught.value.column == column


WORDS = (
    *(
        "x",
        "y",
        "n",
        "i",
        "k",
        "A",
        "b",
        "c",
        "p",
        "w",
        "0",
        "1",
        "2",
        "0.5",
        "1e308",
        "+",
        "-",
        "*",
        "/",
        "**",
        "(",
        ")",
    ),
    *("[", "]", ":", ",", "sum(", "max(", "where(", "exp(", " for i in range(", "len(", "logsumexp(", "<", "lambda"),
    *("if", "not", ".", "__class__", "'a'", "{", "}", "//", "@", "=", ":=", "\u00e9", "\n", "1_0", "0x1", "1j", "None"),
)


def test_random_texts_end_in_a_formula_or_one_error():
    draw = random.Random(0)
    for _ in range(3000):
        text = "".join(draw.choice(WORDS) for _ in range(draw.randint(1, 25)))
        assert calls(formula, text, USUAL) < MOST_CALLS


def test_as_many_loops_as_are_allowed_are_soon_read():
    assert calls(formula, deep(8), USUAL) < MOST_CALLS


def test_source_has_nothing_of_the_text():
    text = "sum(secretive[i]*sin(x[i])**hidden for i in range(n)) + let_me*33.25"
    declared = Declarations(
        3, parameters={"hidden": 2.5, "secretive": (1.0, 2.0, 3.0)}, let=(("let_me", "sum(exp(x))"),)
    )
    found = formula(text, declared)
    for source in found.sources.values():
        assert not any(word in source for word in ("secretive", "hidden", "let_me", " i ", "exp(x)"))
        assert "33.25" in source


# What is computed.


def test_every_function_is_stated_or_known_not_to_be():
    assert set(STATED) | UNSTATED >= set(FUNCTIONS)


@pytest.mark.parametrize("name", STATED)
def test_stated_functions_agree_with_the_named_ones(name):
    function = FUNCTIONS[name]
    for n in (function.dimension,) if function.dimension else (4, 12):
        found, given = stated(function, n)
        ours, theirs = Measure(found.function, found.data), Measure(function, function.prepare(n, given))
        points = points_of(function, n, 6)
        optimum = function.optimum(n, given)
        columns = [*points.T, *(np.array(x) for x in (optimum.x if optimum else ()))]
        size = max(abs(theirs.at(x)[0]) for x in points.T)
        for x in columns:
            (loss, gradient), (wanted, slopes) = ours.at(x), theirs.at(x)
            assert loss == pytest.approx(wanted, rel=1e-12, abs=1e-13 * size)
            np.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-12 * (1.0 + np.abs(slopes).max()))


def test_quadratics_are_stated_as_data():
    function = FUNCTIONS["quadratic"]
    given = {"condition": 50.0, "spectrum": "log", "rotate": True, "seed": 3}
    from adambench.functions.quadratic import spectrum

    found = spectrum(5, given)
    factor = np.sqrt(found.eigenvalues)[:, None] * found.rotation
    text = "0.5*sum(sum(F[k, j]*x[j] for j in range(n))**2 for k in range(len(F)))"
    ours = measured(text, Declarations(5, data={"F": factor}))
    theirs = Measure(function, function.prepare(5, given))
    for x in points_of(function, 5, 4).T:
        for a, b in zip(ours.at(x), theirs.at(x), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


SMOOTH = {
    "nested": "sum(x[i]*sum(A[k, i]*x[i]**2 for k in range(len(A))) for i in range(n))",
    "triangle": "sum(sin(x[i]*x[j]) for i in range(n) for j in range(i + 1, n))",
    "variance": "mean((x - mean(x))**2) + log(1 + mean(exp(x)))",
    "reversed": "sum(x*x[::-1]**2) + sum(x[i]*x[n-1-i]**3 for i in range(n))",
    "strides": "sum(x[::2]*x[1::2]) + sum(exp(x[2*i] - x[2*i+1]) for i in range(n/2))",
    "three shifts": "sum(tanh(x[i-1]*x[i]*x[i+1]) for i in range(1, n - 1))",
    "rows": "sum((sum(A[k]*x) - b[k])**2 for k in range(len(b))) + sum(A[:, 1]*b)*x[2]",
    "product": "prod(1 + x**2)*prod(x[i] - 2 for i in range(n))",
    "inner product": "sum(prod(x[j] + i for j in range(n)) for i in range(3))",
    "softmax": "logsumexp(3*x) - x[1] + sum(logsumexp(A[k]*x) for k in range(len(A)))",
    "softplus": "sum(softplus(20*x)*sigmoid(-x))",
    "powers": "sum((2 + x)**c) + sum((x + 2)**x) + sum(2**x) + sum((x + 3)**-3) + sum((x + 3)**q)",
    "functions": "sum(asin(x/3)*acos(x/4) + atan(x)*sinh(x) - cosh(x)*tan(x/2) + log1p(x**2)*expm1(x))",
    "division": "sum(x/(1 + x**2)) + 1/(2 + sin(x[0]))",
    "outer in inner": "sum(sum(exp(x[j])*x[i] for j in range(n)) for i in range(3))",
    "loops without turns": "sum(x[i]*sum(x[j]**2 + 1 for j in range(i - 2)) for i in range(n))",
    "several for": "sum(x[i]*x[j]**2 for i in range(n - 1, -1, -1) for j in range(i))",
    "constant loop": "sum(x[0]**2 + 1 for i in range(5)) + sum(i**2 for i in range(n))*x[3]",
    "choice": "sum(where(x > 0.1, x**2, sin(x)))",
    "let": "sum(w**2) + w[0]*w[-1]",
    "largest": "max(x**2) + min(x) + max(x[0], x[1]*3) - min(x[2], 0.1, x[3])",
    "nested largest": "sum(max(A[k]*x) for k in range(len(A)))",
    "abs": "sum(abs(x - 0.05)) + sum(sign(x)*floor(3*x)*x)",
}


@pytest.mark.parametrize("name", SMOOTH)
def test_gradient_is_that_of_the_loss(name):
    """Against central differences, with Richardson's correction."""
    measure = measured(SMOOTH[name])
    x = np.array([0.31, -0.57, 0.83, -0.22])
    loss, gradient = measure.at(x)
    assert np.isfinite(loss)

    def slope(i, h):
        step = np.eye(4)[i] * h
        return (measure.at(x + step)[0] - measure.at(x - step)[0]) / (2.0 * h)

    for i in range(4):
        wanted = (4.0 * slope(i, 5e-4) - slope(i, 1e-3)) / 3.0
        assert gradient[i] == pytest.approx(wanted, rel=1e-8, abs=1e-8 * (1.0 + abs(loss)))


LOOPS = ("nested", "triangle", "reversed", "strides", "rows", "constant loop", "loops without turns", "several for")


@pytest.mark.parametrize("name", LOOPS)
def test_loops_mean_what_python_means(name):
    x = np.array([0.31, -0.57, 0.83, -0.22])
    names = {"sum": lambda terms: np.sum(list(terms)), "sin": np.sin, "exp": np.exp, "n": 4, "x": x, **USUAL.data}
    text = SMOOTH[name].replace("n/2", "n//2")
    assert measured(SMOOTH[name]).at(x)[0] == pytest.approx(eval(text, names), rel=1e-13)


NUMPY = {name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sum", "mean", "prod", "abs")}


def random_vector(draw, depth):
    if depth == 0:
        return draw.choice(["x", "x", "c", "0.5", "2", "q", "x[::-1]", "w"])
    kind = draw.randrange(6)
    if kind < 3:
        return f"({random_vector(draw, depth - 1)} {draw.choice('+-*')} {random_vector(draw, depth - 1)})"
    if kind == 3:
        return f"{random_vector(draw, depth - 1)}/(2 + {random_vector(draw, depth - 1)}**2)"
    if kind == 4:
        return f"{draw.choice(['sin', 'cos', 'tanh'])}({random_vector(draw, depth - 1)})"
    return f"({random_vector(draw, depth - 1)} + {draw.choice(['mean', 'sum'])}(x*{random_vector(draw, depth - 1)}))"


@pytest.mark.parametrize("seed", range(25))
def test_random_expressions_mean_what_numpy_means(seed):
    """The value by NumPy itself, and the slope along a direction by its complex step."""
    draw = random.Random(seed)
    text = f"sum(x*{random_vector(draw, 4)}) + x[0]"
    x = np.random.default_rng(seed).uniform(-1.0, 1.0, 4)
    direction = np.random.default_rng(seed + 1).uniform(-1.0, 1.0, 4)
    names = {**NUMPY, "c": np.array(USUAL.parameters["c"]), "q": 0.3}

    def value(x):
        return eval(text, {**names, "x": x, "w": 1 + (x - 1) / 4})

    loss, gradient = measured(text).at(x)
    assert loss == pytest.approx(value(x), rel=1e-12, abs=1e-12)
    slope = value(x + 1e-100j * direction).imag / 1e-100
    assert gradient @ direction == pytest.approx(slope, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("z", [-800.0, -40.0, -1.0, 0.0, 1e-9, 3.0, 40.0, 800.0])
def test_stable_functions_keep_their_digits(z):
    exact = mpmath.mpf(z)
    with mpmath.workdps(50):
        sigmoid = 1 / (1 + mpmath.exp(-exact))
        softplus = mpmath.log1p(mpmath.exp(exact)) if z > -700 else mpmath.exp(exact)
        pair = exact + mpmath.log1p(mpmath.exp(-2 * exact)) if z > 0 else -exact + mpmath.log1p(mpmath.exp(2 * exact))
    one = Declarations(1)
    for text, value, slope in (
        ("sum(sigmoid(x))", sigmoid, sigmoid * (1 - sigmoid)),
        ("sum(softplus(x))", softplus, sigmoid),
        ("logsumexp((1 - 2*i)*x[0] for i in range(2))", pair, None),
    ):
        loss, (gradient,) = measured(text, one).at([z])
        assert loss == pytest.approx(float(value), rel=1e-14, abs=1e-300)
        if slope is not None and z > -700:
            assert gradient == pytest.approx(float(slope), rel=1e-13, abs=1e-16 if z > 30 else 0.0)


@pytest.mark.parametrize(
    ("text", "x", "loss", "gradient"),
    [
        ("sqrt(sum(x**2))", 0.0, 0.0, 0.0),
        ("sum(abs(x))", 0.0, 0.0, 0.0),
        ("sum(where(x > 0, log(x), x))", -1.0, -1.0, 1.0),
        ("sum(where(x > 0, sqrt(x)/x, 2*x))", 0.0, 0.0, 2.0),
        ("sum(log(x))", -1.0, np.nan, -1.0),
        ("sum(1/x)", 0.0, np.inf, -np.inf),
        ("max(x[0], x[0]*1)", 2.0, 2.0, 1.0),
        ("max(acos(x[0]/(i + 1)) for i in range(2))", 1.0, np.arccos(0.5), -0.5 / np.sqrt(0.75)),
    ],
)
def test_at_the_edges(text, x, loss, gradient):
    found = measured(text, Declarations(1)).at([x])
    np.testing.assert_array_equal(found[0], loss)
    np.testing.assert_array_equal(found[1], [gradient])


def test_constants_of_a_slope_may_be_too_large_to_fold():
    loss, gradient = measured("max(x**2) - min(asin(0.5**x[0]), acos(x[0]*1e308))").at([0.0, 0.5, 0.5, 2.0])
    assert loss == 4.0 - np.pi / 2.0
    assert gradient[3] == 4.0


NESTED = "prod(x[k] for k in range(1, n)) / prod(x[i]/x[j] for i in range(n - 1) for j in range(3))"
"""Two slopes of one loop, and between them those of a loop within it."""
WIDTHS = {**SMOOTH, **{name: STATED[name] for name in ("rosenbrock", "griewank")}, "nested": NESTED}


@pytest.mark.parametrize("name", WIDTHS)
def test_all_widths_give_the_same_bits(name):
    text = WIDTHS[name]
    found = formula(text, USUAL)
    points = np.random.default_rng(1).uniform(-0.9, 0.9, (4, 32))
    for real in (np.float64, np.float32):
        one, wide = Measure(found.function, found.data), Measure(found.function, found.data, 32)
        one.real = wide.real = real
        one.reals = wide.reals = found.data.reals.astype(real)
        losses, gradients = wide(points)
        for lane in range(32):
            loss, gradient = one.at(points[:, lane])
            assert loss.tobytes() == losses[lane].tobytes()
            assert gradient.tobytes() == np.ascontiguousarray(gradients[:, lane]).tobytes()


def test_compiled_kernels_agree_at_both_widths_and_precisions():
    text = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2) + max(x)*prod(cos(x)) + logsumexp(x)"
    n = 21
    found = formula(text, Declarations(n))
    points = np.random.default_rng(2).uniform(-1.0, 1.0, (n, 32))
    plain = Measure(found.function, found.data)
    for precision, within in (("float64", 1e-13), ("float32", 1e-5)):
        one = Measure(found.function, found.data, 1, precision)
        wide = Measure(found.function, found.data, 32, precision)
        losses, gradients = wide(points)
        for lane in range(32):
            loss, gradient = one.at(points[:, lane])
            assert loss.tobytes() == losses[lane].tobytes()
            assert gradient.tobytes() == np.ascontiguousarray(gradients[:, lane]).tobytes()
            wanted, slopes = plain.at(points[:, lane])
            assert loss == pytest.approx(wanted, rel=within)
            np.testing.assert_allclose(gradient, slopes, rtol=within, atol=within * np.abs(slopes).max())


# Minibatches.

LOGISTIC = "mean(softplus(-b[k]*sum(A[k, j]*x[j] for j in range(n))) for k in range(len(b))) + 0.05*sum(x**2)"


@pytest.mark.parametrize(("text", "batch"), [(LOGISTIC, 4), (LOGISTIC.replace("mean", "2*sum"), 3), (LOGISTIC, 10)])
def test_minibatches_average_to_the_full_gradient(text, batch):
    """Each row's share of an epoch, weighted as its batch is: over an epoch, batches weighted by their rows."""
    random_ = np.random.default_rng(0)
    data = {"A": random_.standard_normal((10, 3)), "b": np.where(random_.random(10) > 0.5, 1.0, -1.0)}
    full = measured(text, Declarations(3, data=data))
    found = formula(text, Declarations(3, data=data, over="k", batch=batch))
    assert found.function.sampled
    assert not found.function.wide
    sampled = Measure(found.function, found.data)
    x = np.array([0.3, -0.2, 0.7])
    wanted = full.at(x)
    np.testing.assert_allclose(sampled.at(x, 0)[1], wanted[1], rtol=1e-13)
    batches = -(-10 // batch)
    sizes = [min(batch, 10 - first) for first in range(0, 10, batch)]
    firsts = []
    for epoch in range(2):
        steps = [sampled.at(x, epoch * batches + k + 1, seed=5) for k in range(batches)]
        firsts.append(steps[0][0])
        for part in (0, 1):
            mean = sum(size * step[part] for size, step in zip(sizes, steps, strict=True)) / 10
            np.testing.assert_allclose(mean, wanted[part], rtol=1e-12)
    assert batch == 10 or firsts[0] != firsts[1]


@pytest.mark.parametrize(
    ("text", "over", "batch", "expected"),
    [
        ("sqrt(mean((x[0] - b[k])**2 for k in range(3)))", "k", 2, "linear in the sum"),
        ("mean((x[0] - b[k])**2 for k in range(3))**2", "k", 2, "linear in the sum"),
        ("x[0]*mean((x[0] - b[k])**2 for k in range(3))", "k", 2, "linear in the sum"),
        ("max((x[0] - b[k])**2 for k in range(3))", "k", 2, "sum or mean"),
        ("sum(sum(x[0]*b[k] for k in range(3)) for i in range(2))", "k", 2, "outermost"),
        ("sum(x[0]*b[k] for k in range(1, 3))", "k", 2, "from 0"),
        ("sum(x[0]*b[k] for k in range(3))", "i", 2, "none of that name"),
        ("sum(x[0]*b[k] for k in range(3))", "k", 4, "from 1 to 3"),
        ("mean(b[k]*m for k in range(3)) + 0.5*x[0]**2", "k", 2, "got a sum over k of it"),
        ("mean(b[k]*x[0] + m for k in range(3))", "k", 2, "got a sum over k of it"),
        ("m**2", "k", 2, "got a product of it"),
    ],
)
def test_what_cannot_be_sampled_is_refused(text, over, batch, expected):
    let = (("m", "mean(b[k]*x[0]*x[0] for k in range(3))"),)
    with pytest.raises(ExpressionError, match=expected):
        formula(text, Declarations(4, data={"b": np.arange(3.0)}, let=let, over=over, batch=batch))


# Problem files.

FILE = """\
name: own
expression: "sum((sum(A[k]*x) - b[k])**2 for k in range(len(b))) + q*sum(x**2)"
dimension: 2
parameters: {q: 0.5}
data: {A: [[1, 2], [3, 4], [5, 6]], b: {file: b.csv}}
start: [1.0]
budget: 10
optimizers: [sgd]
"""


def loaded(tmp_path, text=FILE):
    (tmp_path / "b.csv").write_text("1\n2\n3.5\n")
    return read(text, "own.yaml", tmp_path)


def test_a_file_makes_a_problem(tmp_path):
    problem = loaded(tmp_path)
    assert (problem.function.name, problem.dimension) == ("expression", 2)
    loss, gradient = Measure(problem.function, problem.data).at([0.5, -1.0])
    a, b, x = np.array([[1, 2], [3, 4], [5, 6]]), np.array([1, 2, 3.5]), np.array([0.5, -1.0])
    assert loss == pytest.approx(((a @ x - b) ** 2).sum() + 0.5 * (x**2).sum())
    np.testing.assert_allclose(gradient, 2 * a.T @ (a @ x - b) + x)


def test_the_hash_covers_meaning_and_not_spelling(tmp_path):
    usual = loaded(tmp_path).hash
    spaced = FILE.replace(" - b[k])**2", "-b[k]) ** 2")
    named = FILE.replace("[k]", "[row]").replace("for k", "for row").replace("q*sum", "(q)*sum")
    assert loaded(tmp_path, spaced).hash == usual
    assert loaded(tmp_path, named).hash == usual
    for same in (
        FILE.replace("q", "weight").replace("sweight", "sq"),
        FILE.replace("A[k]", "R[k]").replace("A: ", "R: "),
        FILE.replace("range(len(b))", "range(3)"),
        FILE.replace("sum(A[k]*x)", "sum(x*A[k])"),
        FILE.replace("{q: 0.5}", "{q: q_}").replace("q_", "0.5"),
    ):
        assert loaded(tmp_path, same).hash == usual
    for changed in (
        FILE.replace("q: 0.5", "q: 0.25"),
        FILE.replace("range(len(b))", "range(2)"),
        FILE + "stochastic: {over: k, batch: 2}\n",
        FILE.replace("5, 6", "5, 7"),
        FILE.replace("**2 for", "**4 for"),
    ):
        assert loaded(tmp_path, changed).hash != usual


def test_an_epoch_is_the_evaluations_that_see_every_row(tmp_path):
    assert loaded(tmp_path).function.epoch == 1
    for batch, epoch in ((1, 3), (2, 2), (3, 1)):
        assert loaded(tmp_path, FILE + f"stochastic: {{over: k, batch: {batch}}}\n").function.epoch == epoch


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ("q*sum(x**2)", "q*sun(x**2)", 2, 70, "did you mean sum?"),
        ('x**2)"', 'x.y)"', 2, 74, "an attribute (.y)"),
        ("start: [1.0]\n", "", 2, 1, "start: [1.0]"),
        ("dimension: 2\n", "", 2, 1, "a dimension, or variables"),
        ("{q: 0.5}", "{exp: 0.5}", 4, 14, "a name that means nothing yet"),
        ("{q: 0.5}", "{x: 0.5}", 4, 14, "a name that means nothing yet"),
        ("{q: 0.5}", "{__x: 0.5}", 4, 14, "a name of letters"),
        ("{q: 0.5}", "{lambda: 0.5}", 4, 14, "a name of letters"),
        ("{q: 0.5}", "{A: 0.5}", 5, 8, "again"),
        ("{q: 0.5}", "{q: yes}", 4, 17, "a number or a list of numbers"),
        ("[3, 4]", "[3]", 5, 20, "2 numbers, as in the first row"),
        ("b.csv", "../b.csv", 5, 47, "in the folder of the problem file"),
        ("budget: 10", 'let: {r: "x.y"}', 7, 11, "an attribute (.y)"),
        ("budget: 10", "stochastic: {over: k}", 7, 13, "got nothing"),
        ("budget: 10", "l2: 3", 7, 1, "with a model only"),
        ("budget: 10", "variables: [u, v, w]", 3, 12, "3, as many as the variables"),
        ("{q: 0.5}", "{q: 0.5, r: 1}", 4, 22, "a name that the expression uses, got 'r'"),
        ("{q: 0.5}", "{q: 0.5, r: {sweep: [1, 2]}}", 4, 22, "a name that the expression uses, got 'r'"),
        ("budget: 10", "let: {r: q, s: sum(r*x)}", 7, 13, "a name that the expression uses, got 's'"),
        ("{A:", "{C: [1], A:", 5, 8, "a name that the expression uses, got 'C'"),
    ],
)
def test_errors_in_files_have_their_place(tmp_path, old, new, line, column, message):
    assert old in FILE
    with pytest.raises(ProblemError) as caught:
        loaded(tmp_path, FILE.replace(old, new))
    places = {(finding.line, finding.column) for finding in caught.value.findings if message in finding.message}
    assert (line, column) in places, str(caught.value)


def test_kernels_do_not_depend_on_numbers_or_sizes():
    """So that a sweep compiles once."""
    text = "sum(a*(x[1:] - x[:-1]**2)**2 + i_*mean(x)) + x[n - 2]"
    first = formula(text, Declarations(100, parameters={"a": 1.5, "i_": 2.5}))
    second = formula(text, Declarations(101, parameters={"a": 7.25, "i_": 1e3}))
    assert first.sources == second.sources
    assert list(first.data.reals) != list(second.data.reals)


def test_equal_sources_have_one_kernel(tmp_path):
    swept = FILE.replace("q: 0.5", "q: {sweep: [0.5, 2, 8]}") + "transforms: [{shift: [0.5]}]\n"
    (tmp_path / "b.csv").write_text("1\n2\n3.5\n")
    problems = read_all(swept, "own.yaml", tmp_path)
    assert len({problem.hash for problem in problems}) == 3
    assert len({problem.function.evaluate for problem in problems}) == 1


def test_the_hash_of_minibatches_has_no_names(tmp_path):
    sampled = FILE + "stochastic: {over: k, batch: 2}\n"
    named = sampled.replace("[k]", "[row]").replace("for k", "for row").replace("over: k", "over: row")
    assert loaded(tmp_path, named).hash == loaded(tmp_path, sampled).hash
    assert loaded(tmp_path, sampled.replace("batch: 2", "batch: 1")).hash != loaded(tmp_path, sampled).hash


# What it takes.


def test_what_is_known_beforehand_takes_bounded_room():
    """350 functions of a million turns, as one sum and as so many factors."""
    sums = f"sum(x[0]*({'+'.join(f'sin(i+{k})' for k in range(350))}) for i in range(100000))"
    factors = f"sum(x[0]*{'*'.join(f'x[1]*sin(i+{k})' for k in range(150))} for i in range(100000))"
    for text in (sums, factors):
        tracemalloc.start()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(table, "MOST_NUMBERS", 2_000_000)
                found = formula(text, USUAL)
            assert tracemalloc.get_traced_memory()[1] < 3 * 8 * 2_000_000
        finally:
            tracemalloc.stop()
        assert found.data.reals.size <= 2_000_000


def test_what_is_left_to_the_run_means_the_same(monkeypatch):
    text = "sum(x[i]*(sin(i)*c[i] + sqrt(i + p)) + where(c[i] > 0, log(c[i]), i)*A[1, i]*x[i]**2 for i in range(n))"
    x = [0.3, -0.2, 0.7, 1.1]
    wanted = measured(text).at(x)
    for room in (0, 4, 8, 20):
        monkeypatch.setattr(table, "MOST_NUMBERS", room)
        found = measured(text)
        assert room or found.data.reals.size < 30
        for ours, theirs in zip(found.at(x), wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_what_takes_too_long_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(table.Tables, "fill", lambda *arguments: pytest.fail("computed"))
    with pytest.raises(ExpressionError, match="operations an evaluation"):
        formula("sum(x[0]*sin(i)*sum(x[1]*j*i for j in range(1000000)) + x[1]*i for i in range(1000000))", USUAL)


def test_what_keeps_many_numbers_is_run_one_by_one():
    few, many = (formula(f"prod(x[0] + 1/(i + 1) for i in range({count}))", USUAL) for count in (1000, 100_000))
    assert few.function.wide
    assert not many.function.wide


# As plain Python.

ANALYTIC = [*(name for name in SMOOTH if name != "abs"), "rosenbrock", "griewank"]
"""All but what has floor in it."""


@pytest.mark.parametrize("name", [*ANALYTIC, "sum(abs(x - 0.05))"])
def test_kernels_take_a_complex_step(name):
    found = formula(SMOOTH.get(name) or STATED.get(name, name), USUAL)
    x, along = np.array([0.31, -0.57, 0.83, -0.22]), np.array([0.3, 0.5, -0.7, 0.4])
    stepped = (x + 1e-30j * along).reshape(-1, 1)
    loss, work = np.zeros(1, complex), np.full((found.data.work_rows, 1), -1.0 + 0.0j)
    numbers = np.zeros(1, int), found.data.reals, found.data.integers
    found.function.evaluate(1)(stepped, np.zeros_like(stepped), loss, 0, *numbers, work)
    gradient = Measure(found.function, found.data).at(x)[1]
    assert loss[0].imag / 1e-30 == pytest.approx(gradient @ along, rel=1e-12)


def test_validate_takes_a_complex_step(tmp_path):
    problem = loaded(tmp_path)
    measure = measurement.Measure(problem)
    assert "complex step" in objective_checks(problem, measure, np.ones(2))[0].measured
    slow = replace(problem, function=replace(problem.function, operations=10**8))
    assert "complex step" not in objective_checks(slow, measure, np.ones(2))[0].measured


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/where(x[0] > 0, 0, 1)", np.inf),
        ("where(x[0] > 0, 1, 2)/sum(x[j] for j in range(n - 4))", np.inf),
        ("where(x[0] > 0, 1, 2)/min(max(x[0], 0) - 5, 0)", -0.25),
        ("where(x[0] > 0, 0, 1)**where(x[0] > 0, -1, 1)", np.inf),
        ("where(x[0] > 0, -1, 1)/floor(where(x[0] > 0, 0, 1))", -np.inf),
        ("1/sum(prod(x[j] for j in range(i)) - 1 for i in range(1)) + x[0]", np.inf),
    ],
)
def test_plain_kernels_follow_ieee(text, value):
    for width in (1, 32):
        losses, _ = measured(text, width=width)(np.ones((4, width)))
        np.testing.assert_array_equal(losses, np.full(width, value))


def test_a_mean_of_several_loops_is_that_of_all_turns():
    x = np.array([0.31, -0.57, 0.83, -0.22])
    loss = measured("mean(x[i]*x[j]*k for i in range(n) for j in range(1, n) for k in range(3))").at(x)[0]
    assert loss == pytest.approx(np.mean([x[i] * x[j] * k for i in range(4) for j in range(1, 4) for k in range(3)]))
    inner = measured("sum(mean(x[i]*x[j]*k for k in range(2) for j in range(i + 1)) for i in range(n))").at(x)[0]
    wanted = sum(np.mean([x[i] * x[j] * k for k in range(2) for j in range(i + 1)]) for i in range(4))
    assert inner == pytest.approx(wanted)


def test_the_text_of_show_names_every_word():
    from adambench.expression.vocabulary import RESERVED

    assert CliRunner().invoke(command, ["expressions"]).output == SYNTAX
    assert SYNTAX.isascii()
    assert not [word for word in RESERVED if word not in SYNTAX]

"""`optimum: solve`: stationary, the same every time, kept by content, and refused where it would mean little."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import adambench
from adambench.engine.cache import folder
from adambench.errors import AdambenchError
from adambench.problem import ProblemError, read
from adambench.solution import solved
from adambench.validation import validate

LOGISTIC = """\
name: p
model: logistic
data: {samples: 400, features: 30, density: 0.2, seed: 3}
l2: 1e-3
optimum: solve
budget: 500
targets: [1e-1, {distance: 0.5}]
optimizers: [adam:lr=0.1]
"""


def dense(problem):
    """The rows of a logistic problem as (rows, features) and labels, from its flat arrays."""
    rows, nonzeros = int(problem.data.integers[0]), int(problem.data.integers[4])
    starts = problem.data.integers[5 : 6 + rows]
    indices, values = problem.data.integers[6 + rows :], problem.data.reals[1 : 1 + nonzeros]
    matrix = np.zeros((rows, problem.dimension))
    for row in range(rows):
        matrix[row, indices[starts[row] : starts[row + 1]]] = values[starts[row] : starts[row + 1]]
    return matrix, problem.data.reals[1 + nonzeros :]


def test_the_solution_is_scikit_learns():
    problem = read(LOGISTIC, "p", None)
    found = solved(problem)
    matrix, labels = dense(problem)
    oracle = LogisticRegression(C=1.0 / (1e-3 * len(labels)), fit_intercept=False, solver="newton-cholesky", tol=1e-12)
    w = oracle.fit(matrix, labels).coef_[0]
    loss = np.logaddexp(0.0, -labels * (matrix @ w)).mean() + 0.5e-3 * w @ w
    assert found.optimum.loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(found.optimum.x[0], w, rtol=0, atol=1e-6)
    assert found.solution.gradient <= 1e-10


def test_kept_or_solved_anew_it_is_the_same():
    problem = read(LOGISTIC.replace("seed: 3", "seed: 4"), "p", None)
    first = solved(problem)
    kept = set(folder().glob("optimum-*"))
    assert solved(problem).optimum == first.optimum
    for path in kept:
        path.unlink()
    assert solved(problem).optimum == first.optimum


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 240, b"\xff" * 240])
def test_a_damaged_file_is_as_good_as_none(content):
    problem = read(LOGISTIC.replace("seed: 3", "seed: 5"), "p", None)
    before = set(folder().glob("optimum-*"))
    first = solved(problem)
    for path in set(folder().glob("optimum-*")) - before:
        path.write_bytes(content)
    assert solved(problem).optimum == first.optimum


def test_the_report_says_how_it_was_got(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(LOGISTIC)
    report = adambench.run(str(path))
    (problem,) = report.to_dict()["problems"]
    assert problem["reference"] == "optimum"
    assert problem["solution"]["gradient"] <= 1e-10
    assert "solved for by L-BFGS" in str(report)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("function: rosenbrock, optimum: solve", "expected nothing for rosenbrock, whose optimum is known"),
        ("function: quadratic, optimum: {solve: convex, loss: 0}", "expected loss and x, or solve, got both"),
        ("function: quadratic, optimum: {x: [0]}", "optimum.loss: expected the least loss there is, got nothing"),
        ("function: monkey-saddle, optimum: solve", "expected {solve: local} for an objective that is not known to be"),
        ("function: quadratic, optimum: find", "expected one of solve"),
    ],
)
def test_where_it_means_nothing_it_is_refused(keys, message):
    with pytest.raises(ProblemError, match="1 error in p") as caught:
        read(f"{{name: p, {keys}}}", "p", None)
    assert message in str(caught.value)


def test_what_has_no_stationary_point_is_said():
    problem = read("{name: p, function: monkey-saddle, optimum: {solve: local}}", "p", None)
    with pytest.raises(AdambenchError, match="optimum: solve: came to a gradient of"):
        solved(problem)


def test_validate_takes_the_solution():
    assert not [check.finding for check in validate(solved(read(LOGISTIC, "p", None))) if check.finding]

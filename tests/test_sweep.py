"""Sweeps: one file, several problems, and how steps grow with what is swept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

import adambench
from adambench.analysis.scaling import scaling
from adambench.problem import ProblemError, read_all
from adambench.render.parts.sentence import growth

FILE = """\
name: quad
function: quadratic
dimension: 4
parameters: {condition: {sweep: [10, 100, 1e3]}, spectrum: log}
budget: {sweep: [50, 60]}
targets: [1e-1]
optimizers: [sgd:lr=1e-4]
"""


def entry(name, values, steps, targets=({"kind": "relative", "value": 0.1},)):
    problem = {"name": name, "sweep": {"family": "f", "values": values}, "targets": list(targets)}
    return problem, {"problem": name, "optimizer": "o", "targets": [{**targets[0], "median": steps}]}


def law(points):
    """scaling(...) of one family with one optimizer: [({quantity: value}, steps), ...]."""
    entries = [entry(f"p{number}", values, steps) for number, (values, steps) in enumerate(points)]
    return scaling([problem for problem, _ in entries], [row for _, row in entries])


def test_every_combination_is_a_problem_of_its_own():
    problems = read_all(FILE, "f", None)
    assert [problem.name for problem in problems] == [
        f"quad-condition-{c}-budget-{b}" for c in (10, 100, 1000) for b in (50, 60)
    ]
    assert [(p.parameters["condition"], p.budget) for p in problems] == [
        (c, b) for c in (10, 100, 1000) for b in (50, 60)
    ]
    assert problems[0].sweep.values == (("parameters.condition", 10.0), ("budget", 50.0))


def test_a_variant_is_the_problem_that_its_number_would_make():
    (single,) = read_all(FILE.replace("{sweep: [10, 100, 1e3]}", "100").replace("{sweep: [50, 60]}", "60"), "f", None)
    assert read_all(FILE, "f", None)[3].hash == single.hash


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[10, 100, 1e3]", "[]", 4, "expected a list of numbers"),
        ("[10, 100, 1e3]", "10", 4, "expected a list of numbers, got 10"),
        ("[10, 100, 1e3]", "[10, ten]", 4, "parameters.condition.sweep[1]: expected a number, got 'ten'"),
        ("[10, 100, 1e3]", "[10, 10.0]", 4, "each number once, got 10.0 again"),
        ("[10, 100, 1e3]", "[10, -1]", 4, "parameters.condition: expected a number above 0, got -1"),
        ("[50, 60]", f"[{', '.join(map(str, range(1, 500)))}]", 1, "at most 1,000 combinations"),
        ("[sgd:lr=1e-4]", "[{sgd: {lr: {sweep: [1, 2]}}}]", 7, "adam:lr=0.1/0.01"),
        ("name: quad", f"name: {'q' * 50}", 1, "name: expected a name of at most 41 characters, as -condition-10-"),
    ],
)
def test_a_wrong_sweep_is_said_once_with_its_place(old, new, line, message):
    with pytest.raises(ProblemError) as caught:
        read_all(FILE.replace(old, new), "f.yaml", None)
    assert message in str(caught.value)
    assert str(caught.value).count(message) <= 6
    assert f"f.yaml:{line}:" in str(caught.value)


def test_an_error_of_every_variant_is_said_once():
    with pytest.raises(ProblemError) as caught:
        read_all(FILE.replace("dimension: 4", "dimension: 0"), "f", None)
    assert str(caught.value).endswith("1 error in f")


def test_a_power_law_is_found():
    (found,) = law([({"q": q}, 7.0 * q**0.5) for q in (10.0, 100.0, 1000.0, 1e4)])
    (exponent,) = found["exponents"]
    assert exponent["exponent"] == pytest.approx(0.5, abs=1e-12)
    assert exponent["ci95"] == pytest.approx([0.5, 0.5], abs=1e-7)
    assert (found["points"], found["problems"]) == (4, 4)


def test_the_exponent_and_its_interval_are_those_of_a_linear_regression():
    quantities, steps = np.array([1.0, 3.0, 10.0, 31.0, 100.0]), np.array([11.0, 19.0, 33.0, 70.0, 99.0])
    (found,) = law([({"q": float(q)}, float(s)) for q, s in zip(quantities, steps, strict=True)])
    oracle = linregress(np.log(quantities), np.log(steps))
    reach = 3.182446305284263 * oracle.stderr  # Student's 97.5% quantile with 3 degrees of freedom, from a table
    assert found["exponents"][0]["exponent"] == pytest.approx(oracle.slope, rel=1e-12)
    assert found["exponents"][0]["ci95"] == pytest.approx([oracle.slope - reach, oracle.slope + reach], rel=1e-9)


def test_two_quantities_each_have_an_exponent():
    grid = [(a, b) for a in (1.0, 10.0, 100.0) for b in (2.0, 4.0)]
    (found,) = law([({"a": a, "b": b}, 3.0 * a**0.5 * b**-1.0) for a, b in grid])
    assert [e["exponent"] for e in found["exponents"]] == pytest.approx([0.5, -1.0], abs=1e-12)


@pytest.mark.parametrize(
    ("points", "used"),
    [
        ([({"q": 1.0}, None), ({"q": 10.0}, 5.0)], 1),  # one point has no slope
        ([({"q": 0.0}, 2.0), ({"q": 10.0}, 5.0)], 2),  # no power law through 0
        ([({"q": 1.0}, 0), ({"q": 10.0}, 5.0)], 1),  # reached at the start: no logarithm
        ([({"q": 1.0}, None), ({"q": 10.0}, None)], 0),
    ],
)
def test_what_determines_no_exponent_has_none(points, used):
    (found,) = law(points)
    assert (found["points"], found["exponents"][0]["exponent"], found["exponents"][0]["ci95"]) == (used, None, None)


def test_two_points_have_a_slope_without_an_interval():
    (found,) = law([({"q": 1.0}, 10.0), ({"q": 100.0}, 100.0)])
    expected = {"quantity": "q", "exponent": pytest.approx(0.5), "ci95": None, "left_out": False}
    assert found["exponents"][0] == expected


def test_a_value_without_a_logarithm_leaves_its_quantity_out_and_spoils_no_other():
    grid = [(a, std) for a in (1.0, 10.0, 100.0) for std in (0.0, 0.1, 1.0)]
    (found,) = law([({"a": a, "noise.std": std}, 3.0 * a**0.5 * (1.0 + std)) for a, std in grid])
    one, other = found["exponents"]
    assert (one["exponent"], one["ci95"]) == (pytest.approx(0.5), pytest.approx([0.5, 0.5], abs=1e-6))
    assert (one["left_out"], other["left_out"], other["exponent"]) == (False, True, None)
    assert growth(found) == (
        "f: o: steps to 1e-1 ~ a^0.50 (0.50 .. 0.50), from 9 of 9 problems; "
        "std is left out, since only what is above 0 has a logarithm"
    )


def test_each_value_of_what_is_left_out_has_a_factor_of_its_own():
    """Where a cell is missing, pooling the values would tilt the exponent of the other quantity."""
    grid = [(1.0, 0.0), (10.0, 0.0), (10.0, 2.0), (100.0, 2.0)]
    (found,) = law([({"a": a, "b": b}, a**0.5 * (1.0 if b else 50.0)) for a, b in grid])
    assert found["exponents"][0]["exponent"] == pytest.approx(0.5)


def test_a_sweep_of_nothing_but_what_has_no_logarithm_says_so():
    (found,) = law([({"q": 0.0}, 2.0), ({"q": 10.0}, 5.0)])
    assert growth(found) == (
        "f: o: steps to 1e-1: no power law: q is left out, since only what is above 0 has a logarithm"
    )


def test_the_report_says_how_steps_grow(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        FILE.replace("{sweep: [50, 60]}", "5000").replace("condition: {sweep: [10", "condition: {sweep: [30")
    )
    report = adambench.run(str(path), optimizers=["sgd:lr=1e-4"])
    (found,) = report.to_dict()["scaling"]
    assert (found["family"], found["points"]) == ("quad", 3)
    assert "quad: sgd:lr=0.0001: steps to 0.1 ~ condition^" in str(report) or "steps to 1e-1" in str(report)

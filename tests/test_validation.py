"""What `validate` measures, and that it finds a wrong gradient, a wrong optimum and a start that leads nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adambench.cli import exit_code
from adambench.function import Optimum
from adambench.planar import planar
from adambench.problem.problem import Start
from adambench.validation import validate


def findings(problem):
    return [(check.name, check.finding) for check in validate(problem) if check.finding]


def with_function(problem, **changes):
    return replace(problem, function=replace(problem.function, **changes))


@pytest.fixture
def booth(problem):
    """f = (x + 2y - 7)^2 + (2x + y - 5)^2, least at (1, 3)."""
    return problem("function: booth, start: [-4.0, 4.0]")


def wrong_slope(amount):
    def value_and_gradient(x, y):
        a, b = x + 2.0 * y - 7.0, 2.0 * x + y - 5.0
        return a * a + b * b, 2.0 * a + 4.0 * b, (4.0 * a + 2.0 * b) * (1.0 + amount)

    return planar(value_and_gradient)


def test_a_good_problem_has_checks_and_no_findings(booth):
    checks = validate(booth)
    assert [check.name for check in checks] == ["gradient", "optimum", "controls", "budget"]
    assert all(check.measured and not check.finding for check in checks)


@pytest.mark.parametrize("amount", [1e-3, -2.0, 1.0])
def test_a_wrong_gradient_is_found(booth, amount):
    assert findings(with_function(booth, evaluate=wrong_slope(0.0))) == []
    (name, finding), *_ = findings(with_function(booth, evaluate=wrong_slope(amount)))
    assert name == "gradient"
    assert "disagrees with central differences" in finding


@pytest.mark.parametrize("dimension", [2, 50])
def test_a_gradient_that_is_wrong_in_one_coordinate_only_is_found(problem, dimension):
    def evaluate(LANES):
        def bowl(x, gradient, loss, t, seeds, reals, integers, work):
            for lane in range(LANES):
                loss[lane] = 0.0
                for i in range(x.shape[0]):
                    loss[lane] += x[i, lane] * x[i, lane]
                    gradient[i, lane] = 2.0 * x[i, lane]
                gradient[1, lane] = x[1, lane]

        return bowl

    wrong = with_function(problem(f"function: sphere, dimension: {dimension}"), evaluate=evaluate)
    assert [name for name, _ in findings(wrong)] == ["gradient"]


@pytest.mark.parametrize(
    ("optimum", "words"),
    [
        (Optimum(0.1, ((1.0, 3.0),)), ["the loss at the declared optimum is 0, not 0.1"]),
        (Optimum(-1e-8, ((1.0, 3.0),)), ["the loss at the declared optimum is 0, not -1"]),
        (Optimum(2.0, ((0.0, 3.0),)), ["the loss at the declared optimum is 5", "not stationary"]),
        (Optimum(0.0, ((1.0, 3.0), (3.0, 1.0))), ["the loss at the declared optimum is 8", "not stationary"]),
        (Optimum(1e9), ["is not above the optimum's"]),
    ],
)
def test_a_wrong_optimum_is_found(booth, optimum, words):
    found = findings(replace(booth, optimum=optimum))
    assert [name for name, _ in found] == ["optimum"] * len(words)
    for word, (_, finding) in zip(words, found, strict=True):
        assert word in finding


def test_a_start_at_the_optimum_leads_nowhere(booth):
    found = findings(replace(booth, start=Start("fixed", (1.0, 3.0))))
    assert [name for name, _ in found] == ["optimum", "start"]
    assert "the gradient at the start is zero" in found[1][1]


def nowhere_finite(x, y):
    return np.sqrt(-1.0 - x * x), x, y


def infinite_slope(x, y):
    return x * x + y * y, x / 0.0, y


@pytest.mark.parametrize("value_and_gradient", [nowhere_finite, infinite_slope], ids=lambda f: f.__name__)
def test_what_cannot_be_compared_is_not_called_right(booth, value_and_gradient):
    found = findings(replace(with_function(booth, evaluate=planar(value_and_gradient)), optimum=None))
    assert [name for name, _ in found] == ["gradient", "start"]
    assert "nothing to compare" in found[0][1]


def test_an_optimum_on_the_edge_of_a_box_need_not_be_stationary(booth):
    x, y = 0.0, 3.8  # the least for x <= 0
    edge = Optimum((x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2, ((x, y),))
    boxed = with_function(booth, box=((-10.0, 0.0), (-10.0, 10.0)))
    assert findings(replace(boxed, optimum=edge)) == []
    ((_, finding),) = findings(replace(booth, optimum=edge))
    assert "not stationary" in finding


def test_the_command_prints_what_was_measured_and_ends_with_1_for_findings(tmp_path, capsys):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("name: good\nfunction: booth\n")
    bad.write_text("name: bad\nfunction: booth\noptimum: {loss: 0.5, x: [1.0, 3.0]}\n")
    assert exit_code(["validate", str(good)]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = ("gradient", "optimum", "controls", "budget")
    assert [line.split(": ")[:2] for line in lines] == [["good", name] for name in names]
    assert exit_code(["validate", str(good), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert exit_code(["validate", str(good), str(bad), "-q"]) == 1
    said = f"{bad}:3: bad: optimum: the loss at the declared optimum is 0, not 0.5\n"
    assert capsys.readouterr() == (said, "")


def tilted(bias):
    """x^2 + y^2, its gradient at t >= 1 off by `bias` and by a turn of the seed and t that averages out."""

    def evaluate(LANES):
        def bowl(x, gradient, loss, t, seeds, reals, integers, work):
            for lane in range(LANES):
                loss[lane] = x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane]
                for i in range(2):
                    gradient[i, lane] = 2.0 * x[i, lane]
                    if t > 0:
                        gradient[i, lane] += bias + 0.5 * np.cos(1.7 * t + i + 2.3 * seeds[lane])

        return bowl

    return evaluate


@pytest.mark.parametrize("bias", [0.0, 1e-3, -0.5])
def test_biased_noise_is_found(problem, bias):
    made = problem("function: sphere, dimension: 2, start: [1.0], optimizers: [sgd:lr=0.1, adam]")
    found = findings(with_function(made, evaluate=tilted(bias), sampled=True, wide=False))
    assert [name for name, _ in found] == (["noise"] if bias else [])
    assert all("the noise is biased" in finding for _, finding in found)


@pytest.mark.parametrize(
    "noise", ["gaussian: {std: 0.5}", "multiplicative: {std: 0.5}", "heavy_tail: {df: 3, scale: 0.5}"]
)
def test_our_own_noise_is_unbiased(problem, noise):
    keys = "function: sphere, dimension: 2, start: [1.0], optimizers: [sgd:lr=0.1, adam], budget: 3000"
    checks = validate(problem(f"{keys}, noise: {{{noise}}}, targets: [3e-1]"))
    (noisy,) = [check for check in checks if check.name == "noise"]
    assert "average to the full one" in noisy.measured


@pytest.mark.parametrize(
    ("keys", "name", "words"),
    [
        ("budget: 3, optimizers: [adam]", "budget", "no optimizer reaches any target within 3 evaluations"),
        ("optimizers: [sgd:lr=0.5, sgd:lr=0.49], targets: [0.5]", "budget", "every optimizer reaches every target"),
        ("targets: [{loss: 100}], optimizers: [adam]", "controls", "lr = 0 is at the target {loss: 100}"),
        ("optimum: {loss: 1e-3}, optimizers: [sgd:lr=0.1, adam]", "optimum", "below the declared 0.001"),
    ],
)
def test_a_contest_that_shows_nothing_is_found(problem, keys, name, words):
    made = problem(f"function: sphere, dimension: 2, start: [1.0], {keys}")
    found = [finding for found_name, finding in findings(made) if found_name == name]
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("height", [1e6, 1e12])
def test_a_wrong_gradient_is_found_under_a_tall_loss(booth, height):
    """Where differences drown in rounding, the complex step decides."""

    def tall(factor):
        def value_and_gradient(x, y):
            a, b = x + 2.0 * y - 7.0, 2.0 * x + y - 5.0
            return height + a * a + b * b, factor * (2.0 * a + 4.0 * b), 4.0 * a + 2.0 * b

        return planar(value_and_gradient)

    raised = replace(booth, optimum=Optimum(height, ((1.0, 3.0),)))
    checks = validate(with_function(raised, evaluate=tall(1.0)))
    assert not [check.finding for check in checks if check.name in ("gradient", "optimum") and check.finding]
    assert findings(with_function(raised, evaluate=tall(0.9)))[0][0] == "gradient"

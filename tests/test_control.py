"""Negative controls: what reaches a target without the gradient shows that the target proves nothing."""

from __future__ import annotations

import numpy as np
import pytest

import adambench
from adambench.control import STANDING, WALKING, breaches
from adambench.course import make_course
from adambench.engine.assembly import evaluate_kernel
from adambench.engine.kernel import compiled
from adambench.errors import AdambenchError

FLAT = "function: quadratic, dimension: 2, start: [1e-2], targets: [1e-1], budget: 10000, optimizers: [adam]"


@pytest.fixture(scope="module")
def controlled(problem):
    """controlled(keys): the breaches of a problem, with its own optimum for reference."""

    def controlled(keys):
        made = problem(keys)
        kernel = evaluate_kernel(made.function, 1, "float64")
        course = make_course(made, "float64", stop_at_target=False)
        reference = made.optimum.loss if made.optimum is not None else None
        return breaches(made, compiled(kernel.function, kernel.signature), course, "float64", reference)

    return controlled


@pytest.mark.parametrize(
    ("targets", "control"),
    [
        ("{loss: 1e9}", STANDING),
        ("{gradient: 1e9}", STANDING),
        ("{distance: 1e9}", STANDING),
        ("1e-1", WALKING),  # a walk of 10,000 steps of 0.001 comes by the optimum, 0.014 away
        ("{distance: 0.012}", WALKING),
    ],
)
def test_a_target_that_needs_no_gradient_is_breached(controlled, targets, control):
    found = controlled(FLAT.replace("[1e-1]", f"[{targets}]"))
    assert {breach.control for breach in found} == {control}
    assert all((breach.evaluation == 0) == (control == STANDING) for breach in found)


def test_a_target_out_of_reach_of_a_walk_is_not(controlled):
    assert controlled(FLAT.replace("start: [1e-2]", "start: [1.0]")) == []


def test_a_walk_stays_in_the_box_and_sees_every_seed(controlled):
    # On [-1, 1] the loss of reddi is lowest at -1, where a walk of these few steps never comes.
    assert controlled("function: reddi, budget: 1000, targets: [1e-1], seeds: 5, noise: {gaussian: {std: 1}}") == []


def test_the_walk_is_as_wide_as_its_steps(problem):
    """The mean square of the walk after t steps of standard deviation s is s^2 t a coordinate."""
    from adambench.control import STRIDE, _walking

    made = problem("function: sphere, dimension: 500, budget: 5000, start: [0]")
    course = make_course(made, "float64", stop_at_target=False)
    for t, x in _walking(made, course, np.zeros(500), 0):
        if t >= 10:
            assert np.mean(x**2) == pytest.approx(STRIDE**2 * t, rel=0.5)


def test_a_run_is_refused_in_one_sentence_unless_told_otherwise(problem):
    made = problem(FLAT)
    with pytest.raises(AdambenchError) as caught:
        adambench.run(made)
    text = str(caught.value)
    assert text.startswith("problem p: a random walk (steps of 0.001) is at the target 0.1 after")
    assert text.endswith("--allow-invalid runs it all the same")
    assert "\n" not in text
    assert adambench.run(made, allow_invalid=True).exit_code == 0


def test_where_the_optimum_is_unknown_the_reports_best_loss_is_the_reference(problem):
    keys = "function: monkey-saddle, start: [1e-3], targets: [9e-1], budget: 3000, optimizers: [sgd:lr=1e-9]"
    with pytest.raises(AdambenchError, match="a random walk"):
        adambench.run(problem(keys))

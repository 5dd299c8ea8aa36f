"""What makes a problem trustworthy, and what stops a bad benchmark."""

from __future__ import annotations

from adambench.draws import start_point
from adambench.engine.blas import single_thread
from adambench.measure import Measure
from adambench.problem.problem import Problem
from adambench.solution import solved
from adambench.validation.check import Check
from adambench.validation.contest import contest_checks
from adambench.validation.objective import objective_checks

__all__ = ["Check", "validate", "validate_objective"]


def validate(problem: Problem) -> list[Check]:
    """The objective by itself; then its noise, its targets and its budget. Runs its optimizers once, on one seed.

    Raises AdambenchError where an optimum that is asked to be solved for is not found.
    """
    with single_thread():
        problem = solved(problem)
        checks = validate_objective(problem)
        # What the start or the objective already spoils would only be said again.
        return checks if any(check.finding for check in checks) else checks + contest_checks(problem)


def validate_objective(problem: Problem) -> list[Check]:
    """Gradient, declared optimum and start."""
    return objective_checks(problem, Measure(problem), start_point(problem, problem.seeds[0]))

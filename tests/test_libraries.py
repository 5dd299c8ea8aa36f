"""Trajectories beside optax, Keras, pytorch_optimizer and the authors' packages, step by step."""

from __future__ import annotations

import pytest
from libraries.curved import DIAGONALS, MENDED
from libraries.driver import imported
from libraries.trajectory import all_cases, deviation, problems_of

from adambench.configuration import parse
from adambench.optimizers import all_optimizers

CASES = [case for case in all_cases() if case.library != "torch"]
RUNNABLE = ("optax", "keras", "pytorch_optimizer")
"""Dialects called after a library that can be run."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.library}-{case.text}")
def test_libraries(problem, case):
    imported(case.library)  # or the test is skipped, before ours is walked
    for keys in problems_of(case):
        found = deviation(case, problem(keys))
        assert found.within(case), (keys, found)


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_optimizer_that_claims_a_dialect_of_a_library_is_compared(name):
    cases = (*all_cases(), *DIAGONALS, *MENDED)
    compared = {(c.optimizer.name, c.dialect.name) for case in cases for c in parse(case.text)}
    claimed = {(o.name, d.name) for o in all_optimizers().values() for d in o.dialects if d.name == name}
    assert claimed - compared == set()

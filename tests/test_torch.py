"""Trajectories beside torch itself, step by step."""

from __future__ import annotations

import pytest
from libraries.driver import imported
from libraries.trajectory import all_cases, deviation, problems_of

from adambench.configuration import parse
from adambench.optimizers import all_optimizers

CASES = [case for case in all_cases() if case.library == "torch"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_torch(problem, case):
    imported("torch")
    for keys in problems_of(case):
        found = deviation(case, problem(keys))
        assert found.within(case), (keys, found)


def test_every_optimizer_that_claims_a_dialect_of_torch_is_compared():
    compared = {(c.optimizer.name, c.dialect.name) for case in CASES for c in parse(case.text)}
    claimed = {(o.name, d.name) for o in all_optimizers().values() for d in o.dialects if d.name == "torch"}
    assert claimed <= compared


def test_each_is_compared_at_three_settings_at_least():
    settings = {}
    for case in CASES:
        (c,) = parse(case.text)
        settings.setdefault((c.optimizer.name, c.dialect.name), set()).add(case.text)
    assert {name for name, found in settings.items() if len(found) < 3} == set()

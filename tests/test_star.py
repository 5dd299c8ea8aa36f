"""The star on the best of a column: on what another run would repeat, and on all that look alike."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adambench.gate.pace import ALLOWED, SHORTEST
from adambench.render.parts.column import problem_columns

PROBLEM = {"name": "p", "targets": [], "reference_loss": None}


def row(time=50.0, seconds=1.0, loss=1.0, **more):
    curve = {"evaluations": [0, 1], "median": [2.0, loss]}
    return {
        **{"problem": "p", "optimizer": "o", "trials": 1, "outcomes": {"budget": 1, "error": 0, "skipped": 0}},
        "final_loss": {"median": loss, "q25": loss, "q75": loss},
        "cost": {"ns_per_step": time, "seconds": seconds},
        **{"targets": [], "curve": curve, **more},
    }


def stars(title, rows):
    columns = problem_columns(PROBLEM, rows, unicode=False)
    return [cell.best for cell in next(column for column in columns if column.title == title).cells]


THEIRS = {"implementation": {"name": "torch"}}


@pytest.mark.parametrize(
    ("rows", "starred"),
    [
        ([row(20.0), row(50.0), row(40.0)], [True, False, False]),
        ([row(20.0, seconds=SHORTEST / 2), row(50.0)], [False, False]),
        ([row(20.0, seconds=None), row(50.0)], [False, False]),
        ([row(20.0), row(50.0, seconds=SHORTEST / 2)], [True, False]),
        ([row(20.0), row(24.9)], [False, False]),
        ([row(20.0), row(25.1)], [True, False]),
        ([row(20.0), row(24.9), row(90.0)], [False, False, False]),
        ([row(20.0), row(20.0), row(90.0)], [False, False, False]),
        ([row(20.0), row(None)], [False, False]),
        ([row(20.0)], [False]),
        ([], []),
        ([row(20.0), row(1.0, **THEIRS), row(50.0)], [True, False, False]),
        ([row(20.0), row(90.0, **THEIRS)], [False, False]),
    ],
)
def test_the_fastest_step_is_starred_where_no_other_is_near_and_the_loop_is_long(rows, starred):
    assert stars("time/step", rows) == starred


@given(
    st.lists(st.tuples(st.floats(1.0, 100.0), st.floats(1e-4, 1e-2)), min_size=2, max_size=5),
    st.lists(st.floats(1.0, (1.0 + ALLOWED) ** 0.499), min_size=5, max_size=5),
)
def test_two_runs_never_star_different_optimizers(times, noise):
    """As long as no time moves by more than a tenth, which is the root of what the gate allows, near enough."""
    once = stars("time/step", [row(*one) for one in times])
    again = stars("time/step", [row(time * by, seconds) for (time, seconds), by in zip(times, noise, strict=False)])
    assert not any(one != other for one, other in itertools.product(_places(once), _places(again)))


def _places(starred):
    return [place for place, best in enumerate(starred) if best]


@pytest.mark.parametrize(
    ("losses", "starred"),
    [
        ([0.21641, 0.21642, 0.5], [True, True, False]),
        ([0.21641, 0.21642], [False, False]),
        ([0.216, 0.217, None], [True, False, False]),
        ([-3.001, -3.0014, 1.0], [True, True, False]),
        ([0.0, 7.78e-28], [True, False]),
    ],
)
def test_final_losses_that_look_alike_share_the_star(losses, starred):
    assert stars("final loss", [row(loss=loss) for loss in losses]) == starred

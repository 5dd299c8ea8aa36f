"""The check of time per step: hand-worked cases, and what must hold for any times."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from adambench.gate.pace import ALLOWED, FLOOR, LEAST, SHORTEST, pace

WORSE, BETTER, SAME, WITHIN, UNDECIDED = "worse", "better", "same", "within", "undecided"


def costs(times, seconds=1.0):
    return [{"ns_per_step": time, "seconds": seconds} for time in times]


def judged(before, after, **options):
    return pace(costs(before), costs(after), **options)


times = st.floats(0.1, 1e6)
rounds = st.lists(st.tuples(times, times), min_size=1, max_size=12)
near = st.lists(st.tuples(st.floats(90, 110), st.floats(90, 110)), min_size=1, max_size=12)
any_rounds = st.one_of(rounds, near)


@pytest.mark.parametrize(
    ("before", "after", "status", "verdict"),
    [
        ([100], [100], SAME, "pass"),
        ([100], [125], WITHIN, "pass"),  # 25% to the digit
        ([100], [126], WORSE, "inconclusive"),
        ([100], [79], BETTER, "pass"),  # 100 / 79 is 1.266
        ([100], [81], WITHIN, "pass"),
        ([4], [6], WITHIN, "pass"),  # half as long again, but 2 ns
        ([4], [6.1], WORSE, "inconclusive"),
        ([6.1], [4], BETTER, "pass"),
        ([100, 100], [126, 127], WORSE, "inconclusive"),
        ([100, 100], [126, 120], UNDECIDED, "inconclusive"),  # two rounds: both must say so
        ([100, 100], [70, 90], WITHIN, "pass"),
        ([100] * 3, [126] * 3, WORSE, "fail"),
        ([100] * 6, [130] * 5 + [126], WORSE, "fail"),
        ([100] * 6, [130] * 5 + [9000], WORSE, "fail"),
        ([100] * 6, [130] * 5 + [110], UNDECIDED, "inconclusive"),
        ([100] * 6, [101] * 5 + [120], WITHIN, "pass"),
        ([100] * 6, [101] * 5 + [140], UNDECIDED, "inconclusive"),
        ([100, 200, 100, 200, 100, 200], [130, 260, 130, 260, 130, 260], WORSE, "fail"),  # the machine drifts
    ],
)
def test_cases_worked_by_hand(before, after, status, verdict):
    found = judged(before, after)
    assert (found["status"], found["verdict"]) == (status, verdict)
    assert found["metric"] == "time/step"
    assert found["sentence"]


def test_numbers_of_a_check_are_medians_and_the_share_of_the_paired_ratios():
    found = judged([100, 200, 400], [110, 220, 440])
    assert (found["baseline"], found["measured"]) == (200, 220)
    assert found["change"] == pytest.approx(0.1)
    assert found["ci95"] == pytest.approx([0.1, 0.1])
    assert found["allowed"] == ALLOWED


def test_the_interval_is_students_below_six_rounds_and_none_below_three():
    before, after = [100, 101, 99, 103], [112, 118, 109, 121]
    ratios = np.log(after) - np.log(before)
    low, high = ttest_1samp(ratios, 0.0).confidence_interval(0.95)
    assert judged(before, after)["ci95"] == pytest.approx([math.expm1(low), math.expm1(high)])
    assert judged(before[:2], after[:2])["ci95"] is None
    assert judged(before[:LEAST], after[:LEAST])["ci95"] is not None


def test_at_six_rounds_all_must_agree():
    found = judged([100] * 6, [126, 127, 128, 129, 130, 131])
    assert found["ci95"] == pytest.approx([0.26, 0.31])


@pytest.mark.parametrize("side", [0, 1])
def test_a_loop_too_short_to_be_measured_is_undecided_however_slow(side):
    both = [costs([100] * 6), costs([900] * 6)]
    assert pace(*both)["status"] == WORSE
    both[side][2]["seconds"] = SHORTEST * 0.99
    short = pace(*both, advisory=False)
    assert (short["status"], short["verdict"], short["advisory"]) == (UNDECIDED, "inconclusive", True)
    assert "1 ms is too short" in short["sentence"]
    both[side][2]["seconds"] = SHORTEST
    enough = pace(*both, advisory=False)
    assert (enough["status"], enough["advisory"]) == (WORSE, False)


@pytest.mark.parametrize("unknown", [None, 0.0, -1.0, math.inf, math.nan])
def test_time_that_is_not_known_never_passes(unknown):
    for both in (([100], [unknown]), ([unknown], [100]), ([unknown], [unknown]), ([100, 100], [100, unknown])):
        found = judged(*both)
        assert (found["status"], found["verdict"], found["change"]) == ("null", "inconclusive", None)
    for both in (([], []), ([100], [100, 100])):
        assert judged(*both)["status"] == "null"
    assert pace([{}], costs([100]))["status"] == "null"
    assert pace([{"ns_per_step": 100}], costs([100]))["status"] == UNDECIDED
    assert judged([100], [None], advisory=False)["advisory"] is False


def test_times_of_different_processors_are_not_compared():
    assert judged([100], [900], comparable=False)["status"] == UNDECIDED
    assert judged([100], [100], comparable=False)["verdict"] == "inconclusive"


@pytest.mark.parametrize("advisory", [True, False])
def test_whether_it_counts_is_said_and_changes_nothing_else(advisory):
    found = judged([100], [900], advisory=advisory)
    assert found.pop("advisory") is advisory
    other = judged([100], [900], advisory=not advisory)
    other.pop("advisory")
    assert found == other


def test_numbers_beyond_all_measure_give_no_infinity():
    found = judged([1e-300] * 6, [1e300] * 6)
    assert found["status"] == WORSE
    assert found["change"] is None
    assert found["ci95"] == [None, None]


@given(any_rounds)
def test_worse_and_better_change_places_when_the_sides_do(pairs):
    before, after = zip(*pairs, strict=True)
    one, other = judged(before, after), judged(after, before)
    assert (one["status"] == WORSE) == (other["status"] == BETTER)
    assert (one["status"] == SAME) == (other["status"] == SAME)
    assert 1 + one["change"] == pytest.approx(1 / (1 + other["change"]))


@given(any_rounds, st.floats(1.0, 10.0))
def test_slower_is_never_judged_better(pairs, factor):
    order = [BETTER, SAME, WITHIN, UNDECIDED, WORSE]
    before, after = zip(*pairs, strict=True)
    slower = [time * factor for time in after]
    found = [judged(before, times)["status"] for times in (after, slower)]
    ranks = [order.index(status) for status in found]
    assert ranks[0] <= ranks[1] or found == [WITHIN, SAME]  # from faster to equal


@given(st.floats(0.1, 7.0), st.floats(0.0, 0.999))  # where the floor is more than the share that is allowed
def test_a_difference_up_to_the_floor_is_nothing(time, part):
    for before, after in ((time, time + part * FLOOR), (time + part * FLOOR, time)):
        for number in (1, 3, 6):
            assert judged([before] * number, [after] * number)["status"] in (WITHIN, SAME)


@given(any_rounds)
def test_the_same_on_both_sides_passes(pairs):
    before, _ = zip(*pairs, strict=True)
    assert judged(before, before)["status"] == SAME


@given(any_rounds)
def test_a_check_is_plain_json(pairs):
    import json

    found = judged(*zip(*pairs, strict=True))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize("number", [3, 5, 6, 10])
def test_what_is_just_allowed_is_seldom_called_worse(number):
    """At most in 2.5% of 1,000 data sets, by as much as chance takes that figure up."""
    rng = np.random.default_rng(number)
    before = 100.0 * np.exp(rng.normal(0.0, 0.1, (1000, number)))
    after = 100.0 * (1 + ALLOWED) * np.exp(rng.normal(0.0, 0.1, (1000, number)))
    found = [judged(*both)["status"] for both in zip(before.tolist(), after.tolist(), strict=True)]
    assert found.count(WORSE) <= 40
    assert found.count(WORSE) > 0

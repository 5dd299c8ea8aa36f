"""Ranks over problems, tests of them and letters: against scipy, Demsar's worked example, and all subsets listed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adambench.analysis.groups import groups, letters
from adambench.analysis.permutations import exact_p, smallest_p
from adambench.analysis.ranks import (
    blocks,
    critical_difference,
    friedman,
    iman_davenport,
    mean_ranks,
    pairwise,
    problems_needed,
    ranks,
)
from adambench.errors import AdambenchError

# Demsar 2006, table 6: AUC of C4.5 and three variants on 14 data sets. The paper ranks more digits than it prints: the
# third is ahead of the fourth on "voting", where both read 0.975.
DEMSAR = """
0.763 0.768 0.771 0.798
0.599 0.591 0.590 0.569
0.954 0.971 0.968 0.967
0.628 0.661 0.654 0.657
0.882 0.888 0.886 0.898
0.936 0.931 0.916 0.931
0.661 0.668 0.609 0.685
0.583 0.583 0.563 0.625
0.775 0.838 0.866 0.875
1.000 1.000 1.000 1.000
0.940 0.962 0.965 0.962
0.619 0.666 0.614 0.669
0.972 0.981 0.9751 0.975
0.957 0.978 0.946 0.970
"""
SCORES = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 6).map(float) | st.just(math.inf), min_size=width, max_size=width),
        min_size=2,
        max_size=12,
    )
)


def demsar():
    return -np.array([list(map(float, line.split())) for line in DEMSAR.split("\n") if line])


def test_demsars_worked_example():
    scores = demsar()
    assert mean_ranks(scores) == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    untied = 12 * 14 / (4 * 5) * (sum(mean**2 for mean in mean_ranks(scores)) - 4 * 25 / 4)  # as the paper has it
    assert (untied, iman_davenport(untied, 14, 4)) == (pytest.approx(9.28, abs=0.005), pytest.approx(3.69, abs=0.005))
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    found = friedman(scores)
    assert (found["chi2"], found["degrees"]) == (
        pytest.approx(stats.friedmanchisquare(*scores.T).statistic),
        [3, 39],
    )
    assert found["F"] == pytest.approx(iman_davenport(found["chi2"], 14, 4))
    assert found["method"] == "exact"
    assert found["p"] == pytest.approx(stats.f.sf(found["F"], 3, 39), rel=0.25)


def test_critical_difference_of_four_over_ten_problems():
    assert critical_difference(4, 10) == pytest.approx(1.483, abs=5e-4)
    assert critical_difference(4, 10) * math.sqrt(60 / 20) == pytest.approx(2.569, abs=5e-4)
    assert critical_difference(2, 1) == pytest.approx(stats.norm.ppf(0.975))  # of two, the sign test's
    with pytest.raises(AdambenchError, match="two optimizers"):
        critical_difference(1, 10)


@given(SCORES)
def test_ranks_are_those_of_scipy_and_ignore_monotone_transforms(rows):
    scores = np.array(rows)
    assert ranks(scores).tolist() == stats.rankdata(scores, axis=1).tolist()
    assert ranks(np.expm1(scores)).tolist() == ranks(scores).tolist()
    assert mean_ranks(np.concatenate((scores, scores))) == pytest.approx(mean_ranks(scores))


@given(SCORES)
def test_friedman_is_that_of_scipy_and_never_nan(rows):
    scores = np.array(rows)
    found = friedman(scores, alpha=1.0)
    if (scores == scores[:, :1]).all():
        assert found["chi2"] is found["F"] is found["p"] is None
        return
    if scores.shape[1] > 2:
        assert found["chi2"] == pytest.approx(stats.friedmanchisquare(*scores.T).statistic)
    assert found["smallest_p"] <= found["p"] * (1 + 1e-12)
    assert found["p"] <= 1.0
    assert found["smallest_p"] >= math.factorial(scores.shape[1]) ** (1.0 - len(scores)) * (1 - 1e-12)


SMALL = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 3).map(float), min_size=width, max_size=width), min_size=1, max_size=7 - width
    )
)


@given(SMALL)
def test_the_exact_p_is_the_share_of_all_orders_of_the_ranks(rows):
    placed = stats.rankdata(np.array(rows), axis=1)
    squares = [
        round(4 * sum(total**2 for total in map(sum, zip(*table, strict=True))))
        for table in itertools.product(*map(itertools.permutations, placed.tolist()))
    ]
    observed = round(4 * (placed.sum(axis=0) ** 2).sum())
    assert exact_p(placed) == pytest.approx(sum(found >= observed for found in squares) / len(squares), rel=1e-12)
    assert smallest_p(placed) == pytest.approx(sum(found == max(squares) for found in squares) / len(squares))


@given(st.integers(1, 40), st.integers(1, 40))
def test_of_two_optimizers_the_exact_p_is_that_of_the_sign_test(ahead, behind):
    placed = np.array([[1.0, 2.0]] * ahead + [[2.0, 1.0]] * behind + [[1.5, 1.5]] * 3)
    assert exact_p(placed) == pytest.approx(stats.binomtest(ahead, ahead + behind).pvalue, rel=1e-9)
    assert smallest_p(placed) == pytest.approx(2.0 ** (1 - ahead - behind))


def test_the_exact_p_agrees_with_the_published_tables():
    """Hollander & Wolfe's of Friedman's S: P(S >= 6.4) = 0.039 of 3 over 5, P(S >= 7.8) = 0.036 of 4 over 4."""

    def tail(optimizers, problems, least):
        orders = list(itertools.permutations(range(1, optimizers + 1)))
        tables = (np.array([orders[0], *rest], float) for rest in itertools.product(orders, repeat=problems - 1))
        found = ((stats.friedmanchisquare(*table.T).statistic, table) for table in tables)
        return next(exact_p(table) for statistic, table in found if abs(statistic - least) < 1e-9)

    assert tail(3, 5, 6.4) == pytest.approx(0.039, abs=5e-4)
    assert tail(4, 4, 7.8) == pytest.approx(0.036, abs=5e-4)


@given(SCORES, st.randoms())
def test_the_exact_p_sees_neither_the_order_of_problems_nor_that_of_optimizers(rows, random):
    placed = ranks(np.array(rows[:6]))
    problems, optimizers = ([*range(size)] for size in placed.shape)
    random.shuffle(problems)
    random.shuffle(optimizers)
    assert exact_p(placed[problems][:, optimizers]) == exact_p(placed)


def test_beyond_what_can_be_listed_p_is_of_f_and_the_method_says_so():
    random = np.random.default_rng(3)
    near, far = (random.standard_normal((problems, 6)) for problems in (3, 9))
    assert friedman(near)["method"] == "exact"
    found = friedman(far)
    assert (found["method"], found["p"]) == ("F", pytest.approx(stats.f.sf(found["F"], 5, 40)))
    assert exact_p(ranks(random.standard_normal((2, 40)))) is None
    unanimous = friedman(np.tile(np.arange(6.0), (9, 1)))
    assert (unanimous["F"], unanimous["p"]) == (None, pytest.approx(720.0**-8))


@pytest.mark.parametrize("optimizers", [2, 3, 4])
@pytest.mark.parametrize("problems", [5, 7, 9])
def test_friedman_finds_something_among_equals_in_no_more_than_one_case_of_twenty(optimizers, problems):
    """Which F does over few problems: of two, 7 give ranks 6 to 1 or further apart in one case of eight."""
    random = np.random.default_rng(problems)
    sets = 400
    found = [friedman(random.standard_normal((problems, optimizers)))["p"] for _ in range(sets)]
    assert sum(p is not None and p <= 0.05 for p in found) <= 0.05 * sets + 3 * math.sqrt(0.05 * 0.95 * sets)


def test_seven_problems_six_to_one_show_nothing():
    found = friedman(np.array([[1.0, 2.0]] * 6 + [[2.0, 1.0]]))
    assert (found["p"], found["F"]) == (0.125, pytest.approx(6.25))
    assert stats.f.sf(6.25, 1, 6) < 0.05


def test_friedman_says_when_nothing_could_have_been_shown():
    unanimous = np.tile([1.0, 2.0, 3.0], (2, 1))
    assert (friedman(unanimous)["p"], friedman(unanimous)["smallest_p"]) == (None, pytest.approx(1 / 6))
    found = friedman(np.tile([1.0, 2.0, 3.0], (5, 1)))
    assert (found["chi2"], found["F"], found["p"]) == (pytest.approx(10.0), None, pytest.approx(6.0**-4))
    assert friedman(np.empty((0, 3)))["p"] is None
    assert friedman(np.ones((4, 1)))["p"] is None


def test_unequal_cells_are_refused_by_name_unless_partial():
    cells = {
        "rosenbrock": {"adam": 10.0, "sgd": 20.0, "lion": math.inf},
        "rastrigin": {"adam": 10.0, "lion": 5.0},
        "beale": {"adam": 1.0, "sgd": 2.0, "lion": 3.0},
    }
    with pytest.raises(AdambenchError, match="unequal cells: nothing was measured of sgd on rastrigin;"):
        blocks(cells)
    found = blocks(cells, partial=True)
    assert (found.problems, found.left_out) == (("rosenbrock", "beale"), ("rastrigin",))
    assert mean_ranks(found.scores) == [1.0, 2.0, 3.0]
    assert mean_ranks(blocks({"p": {"a": 1.0}, "q": {"b": 1.0}}, partial=True).scores) is None
    assert blocks({}).optimizers == ()
    with pytest.raises(AdambenchError, match="nothing was measured of muon on p;"):
        blocks({"p": {"a": 1.0}}, optimizers=("a", "muon"))
    many = {str(index): {"a": 1.0} for index in range(10)} | {"full": {"a": 1.0, "b": 1.0}}
    with pytest.raises(AdambenchError, match=r"b on 4 and 5 more;"):
        blocks(many)


def apart(scores):
    """(problems,) differences of every pair of columns; two failures differ by 0."""
    with np.errstate(invalid="ignore"):
        return [
            np.nan_to_num(one - other, nan=0.0, posinf=math.inf, neginf=-math.inf)
            for one, other in itertools.combinations(scores.T, 2)
        ]


def test_pairwise_is_wilcoxon_with_holm():
    random = np.random.default_rng(0)
    scores = random.standard_normal((12, 3)) + np.array([0.0, 0.3, 2.5])
    found = pairwise(apart(scores), ("a", "b", "c"))
    raw = [stats.wilcoxon(scores[:, i], scores[:, j], method="exact").pvalue for i, j in ((0, 1), (0, 2), (1, 2))]
    first, second, third = sorted(raw)
    adjusted = {first: 3 * first, second: max(3 * first, 2 * second), third: max(3 * first, 2 * second, third)}
    assert [pair["p"] for pair in found] == pytest.approx([min(1.0, adjusted[p]) for p in raw])
    assert [(pair["a"], pair["b"]) for pair in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [pair["faster"] for pair in found] == [None, "a", "a"]
    assert {pair["smallest_p"] for pair in found} == {3 * 2 / 2**12}


def test_pairwise_says_when_five_problems_cannot_show_a_difference():
    found = pairwise(apart(np.array([[1.0, 2.0]] * 5)), ("a", "b"))
    assert (found[0]["p"], found[0]["smallest_p"], found[0]["different"]) == (None, 0.0625, None)
    failed = pairwise(apart(np.array([[1.0, math.inf]] * 6 + [[math.inf, math.inf]])), ("a", "b"))
    assert (failed[0]["p"], failed[0]["nonzero"], failed[0]["faster"]) == (2 / 2**6, 6, "a")


@pytest.mark.parametrize("optimizers", [2, 3, 5, 8])
def test_the_problems_needed_are_the_fewest_that_can_tell_a_pair_apart(optimizers):
    names = [str(number) for number in range(optimizers)]
    needed = problems_needed(optimizers)
    for problems, possible in ((needed, True), (needed - 1, False)):
        found = pairwise(apart(np.tile(np.arange(float(optimizers)), (problems, 1))), names)
        assert any(pair["different"] for pair in found) == possible
    assert problems_needed(8) == 11


MATRICES = st.integers(0, 7).flatmap(
    lambda size: st.sets(st.sampled_from(list(itertools.combinations(range(size), 2)) or [(0, 0)])).map(
        lambda pairs: [[(i, j) in pairs or (j, i) in pairs for j in range(size)] for i in range(size)]
    )
)


@given(MATRICES)
def test_groups_are_all_largest_sets_without_a_difference(different):
    size = len(different)
    alike = [
        set(members)
        for count in range(1, size + 1)
        for members in itertools.combinations(range(size), count)
        if not any(different[i][j] for i, j in itertools.combinations(members, 2))
    ]
    largest = sorted(tuple(sorted(group)) for group in alike if not any(group < other for other in alike))
    assert groups(different) == largest


@given(MATRICES)
def test_two_share_a_letter_exactly_where_they_are_not_different(different):
    found = letters(different)
    for i, j in itertools.combinations(range(len(different)), 2):
        assert bool(set(found[i]) & set(found[j])) == (not different[i][j])
    assert all(found)


def test_letters_of_a_chain():
    far = [[abs(i - j) > 1 for j in range(4)] for i in range(4)]
    assert letters(far) == ["a", "ab", "bc", "c"]
    assert letters([[False] * 3] * 3) == ["a", "a", "a"]
    assert letters([]) == []
    many = [[i != j for j in range(54)] for i in range(54)]
    assert letters(many)[51:] == ["Z", "a'", "b'"]

"""McNemar's test, exact: do two ways of doing the same trials fail equally often?"""

from __future__ import annotations

from scipy.special import bdtr


def mcnemar(only_first: int, only_second: int) -> float:
    """The two-sided p of pairs of which so many failed in the first way alone, and so many in the second alone.

    min(1, 2 P(X <= min)) with X binomial of only_first + only_second draws at 1/2: pairs that ended alike say nothing.
    1.0 where there are none but such. Source: McNemar 1947, Psychometrika 12, 153-157, with the binomial in place of
    its approximation; `scipy.stats.binomtest(only_first, only_first + only_second)`.

    >>> mcnemar(6, 0)
    0.03125
    """
    return min(1.0, 2.0 * float(bdtr(min(only_first, only_second), only_first + only_second, 0.5)))

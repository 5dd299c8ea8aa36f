"""Numbers as people read them: ASCII, short, the same everywhere."""

from __future__ import annotations

import math


def significant(value: float, digits: int = 3) -> str:
    """3 significant digits, exponents without padding: '24.2', '0.0123', '1.23e-4', '5.6e7'."""
    text = f"{value:.{digits - 1}e}" if 0 < abs(value) < 1e-3 else f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa and mark:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def shortest(value: float) -> str:
    """The shortest text that parses back; powers of ten below 1 as in 1e-3."""
    text = f"{float(value)!r}"
    if 0 < value < 1 and float(f"1e{round(math.log10(value))}") == value:
        return f"1e{round(math.log10(value))}"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}" if mark else text.removesuffix(".0")


def percent(share: float) -> str:
    """'12%'; of a change that no percentage can hold 'over 1e302%'."""
    return f"{significant(100.0 * share)}%" if share < 1e300 else "over 1e302%"


def steps(value: float) -> str:
    """A number of evaluations: '3,120'."""
    return f"{round(value):,}"


def duration(nanoseconds: float) -> str:
    """A time with its unit: '95 ns', '1.23 us', '4.5 ms', '2 s'."""
    for unit, size in (("ns", 1.0), ("us", 1e3), ("ms", 1e6)):
        text = significant(nanoseconds / size)
        if float(text) < 1000:
            return f"{text} {unit}"
    return f"{significant(nanoseconds / 1e9)} s"

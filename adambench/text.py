"""Numbers as text that parses back."""

from __future__ import annotations


def number_text(value: float | bool) -> str:
    """The shortest text that parses back to `value`, without a trailing `.0`; switches as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    mantissa, mark, exponent = repr(float(value)).partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa.removesuffix(".0")

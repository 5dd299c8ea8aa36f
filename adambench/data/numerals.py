"""Many decimal numerals in a text read at once, by arithmetic on eight characters at a time.

Every number is the float64 nearest to what is written, as `float` gives it. A numeral of up to 15 digits is a whole
number below 2^53 over a power of ten up to 10^22, both exact, and one division rounds once: Clinger 1990, How to Read
Floating Point Numbers Accurately, PLDI. One of up to 18 or so is divided in twice the precision, and rounded where that
tells how: Dekker 1971, A Floating-Point Technique for Extending the Available Precision, Numerische Mathematik 18.
Longer ones, and those with exponents, `float` itself reads.

Eight digits in a word: Lemire 2021, Number Parsing at a Gigabyte per Second, Software: Practice and Experience 51(8).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMERAL = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PAD = 24
_EXACT = 1 << 53
_POWERS = np.power(10.0, np.arange(23), dtype=np.float64)
_WHOLE_POWERS = 10 ** np.arange(19, dtype=np.uint64)
_WORD = np.uint64
_ZEROS, _DOTS, _ONES, _HIGH, _SIXES, _TENS = (
    _WORD(0x0101010101010101 * byte) for byte in (0x30, 0x2E, 0x01, 0x80, 0x06, 0xF0)
)
_PAIRS = _WORD(0x000000FF000000FF)
_KEPT = np.array(
    [0] + [(0xFFFFFFFFFFFFFFFF << (8 * (8 - length))) & 0xFFFFFFFFFFFFFFFF for length in range(1, 9)], _WORD
)
_MINUS, _PLUS = ord("-"), ord("+")

_SPLIT = float((1 << 27) + 1)

Places = NDArray[np.int64]


class Numerals:
    """A text to read numerals of: `bytes` is an array of it, which all positions refer to, with blanks on both ends."""

    def __init__(self, text: bytes) -> None:
        padded = b" " * _PAD + text + b" " * _PAD
        self._text = padded
        self.bytes = np.frombuffer(padded, np.uint8)
        self._words: NDArray[np.uint64] = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))

    def token(self, start: Any, end: Any) -> bytes:
        return self._text[start:end]

    def whole(self, starts: Places, ends: Places) -> NDArray[np.int64] | None:
        """The whole numbers, of digits alone, of at least one; None where one is not, or has over 18 digits."""
        lengths = ends - starts
        if lengths.size and (lengths.min() < 1 or lengths.max() > 18):
            return self._long_whole(starts, ends)
        numbers, right = self._digits(ends, np.minimum(lengths, 8))
        if lengths.max(initial=0) > 8:
            for skipped in (8, 16):
                more, fine = self._digits(ends - skipped, np.clip(lengths - skipped, 0, 8 if skipped == 8 else 2))
                numbers += more * _WHOLE_POWERS[skipped]
                right &= fine
        return numbers.astype(np.int64) if right.all() else None

    def _long_whole(self, starts: Places, ends: Places) -> NDArray[np.int64] | None:
        """The same for numerals with many zeros in front."""
        tokens = [self.token(*place).lstrip(b"0") for place in zip(starts, ends, strict=True)]
        if (ends <= starts).any() or not all(len(t) <= 18 and (t.isdigit() or not t) for t in tokens):
            return None
        return np.array([int(token or b"0") for token in tokens], np.int64)

    def reals(self, starts: Places, ends: Places) -> NDArray[np.float64] | None:
        """The numbers; None where one is no numeral (`NUMERAL`), or not finite."""
        first = self.bytes[starts]
        negative = first == _MINUS
        begin = starts + (negative | (first == _PLUS))
        word = self._words[begin] ^ _DOTS
        # The lowest high bit set is that of the first dot among eight characters; of none, the count is 64.
        dots = (word - _ONES) & ~word & _HIGH
        before: Places = (np.bitwise_count((dots & (~dots + _WORD(1))) - _WORD(1)) >> 3).astype(np.int64)
        length = ends - begin
        none = (before >= length) | (dots == 0)
        before = np.where(none, length, before)
        after = np.where(none, 0, length - before - 1)
        right = (before <= 8) & (after <= 18) & (before + after <= 19) & (before + after > 0)
        before, after = np.clip(before, 0, 8), np.clip(after, 0, 18)
        whole, fine = self._digits(np.where(none, ends, begin + before), before)
        right &= fine
        low, fine = self._digits(ends, np.minimum(after, 8))
        right &= fine
        for skipped in (8, 16):
            if after.max(initial=0) > skipped:
                high, fine = self._digits(ends - skipped, np.clip(after - skipped, 0, 8))
                right &= fine
                low += high * _WHOLE_POWERS[skipped]
        mantissa = whole * _WHOLE_POWERS[after] + low
        numbers = mantissa.astype(np.float64) / _POWERS[after]
        long = np.flatnonzero(mantissa > _EXACT)
        if long.size:
            numbers[long], fine = _divided(mantissa[long], _POWERS[after[long]])
            right[long] &= fine
        np.negative(numbers, out=numbers, where=negative)
        rest = np.flatnonzero(~right)
        if rest.size:
            tokens = [self.token(*place) for place in zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)]
            if not all(map(NUMERAL.fullmatch, tokens)):
                return None
            numbers[rest] = np.fromiter(map(float, tokens), np.float64, rest.size)
            if not np.isfinite(numbers[rest]).all():
                return None
        return numbers

    def _digits(self, ends: Places, lengths: Places) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """The number that the `lengths` (0 to 8) characters up to each end make, and whether all are digits."""
        word = (self._words[ends - 8] ^ _ZEROS) & _KEPT[lengths]
        right = ((word | (word + _SIXES)) & _TENS) == 0
        word = word * _WORD(10) + (word >> _WORD(8))
        upper = (word & _PAIRS) * _WORD(100 + (1_000_000 << 32))
        lower = ((word >> _WORD(16)) & _PAIRS) * _WORD(1 + (10_000 << 32))
        return (upper + lower) >> _WORD(32), right


def _divided(mantissa: NDArray[np.uint64], power: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """mantissa / power, rounded once, and where that is certain."""
    right = mantissa < _WORD(1 << 62)
    whole = np.where(right, mantissa, _WORD(1)).astype(np.int64)
    upper = whole.astype(np.float64)
    lower = (whole - upper.astype(np.int64)).astype(np.float64)
    quotient = upper / power
    product = quotient * power
    (a, b), (c, d) = _halves(quotient), _halves(power)
    error = ((a * c - product) + a * d + b * c) + b * d  # of the product, exactly
    rest = (((upper - product) - error) + lower) / power
    numbers = quotient + rest
    doubt = np.abs(rest) * 2.0**-48  # far more than `rest` may be off
    return numbers, right & (quotient + (rest - doubt) == quotient + (rest + doubt))


def _halves(numbers: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two of 26 digits each, whose sum each number is."""
    scaled = numbers * _SPLIT
    upper = scaled - (scaled - numbers)
    return upper, numbers - upper

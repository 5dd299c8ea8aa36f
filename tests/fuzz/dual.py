"""What an expression means, by Python itself: its text run with numbers that carry their slope, of any precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

_LARGEST = 10**4
_CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Dual:
    """value + slope e, e**2 = 0."""

    value: Any
    slope: Any = 0

    def __add__(self, other):
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __neg__(self):
        return Dual(-self.value, -self.slope)

    def __sub__(self, other):
        return self + -dual(other)

    def __mul__(self, other):
        other = dual(other)
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __truediv__(self, other):
        other = dual(other)
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)

    def __pow__(self, other):
        other = dual(other)
        if other.slope == 0 and other.value == int(other.value):
            whole = int(other.value)
            if abs(whole) > 100:
                raise ValueError("too large a power")
            return Dual(self.value**whole, whole * self.value ** (whole - 1) * self.slope if whole else mpmath.mpf(0))
        if self.value <= 0:
            raise ValueError("a power of what is not positive")
        return exp(log(self) * other)

    def __radd__(self, other):
        return dual(other) + self

    def __rsub__(self, other):
        return dual(other) - self

    def __rmul__(self, other):
        return dual(other) * self

    def __rtruediv__(self, other):
        return dual(other) / self

    def __rpow__(self, other):
        return dual(other) ** self

    def __lt__(self, other):
        return _apart(self.value, dual(other).value) < 0

    def __le__(self, other):
        return _apart(self.value, dual(other).value) <= 0

    def __gt__(self, other):
        return _apart(self.value, dual(other).value) > 0

    def __ge__(self, other):
        return _apart(self.value, dual(other).value) >= 0

    def __eq__(self, other):
        return _apart(self.value, dual(other).value) == 0

    def __ne__(self, other):
        return _apart(self.value, dual(other).value) != 0


def _apart(a, b):
    """a - b, where rounding does not decide which is larger."""
    if a != b and abs(a - b) <= _CLOSE * max(abs(a), abs(b)):
        raise ValueError("too close to tell which is larger")
    return a - b


def _floor(a):
    if abs(a - mpmath.nint(a)) <= _CLOSE * abs(a):
        raise ValueError("too close to a whole number to tell on which side")
    return mpmath.floor(a)


def dual(value):
    return value if isinstance(value, Dual) else Dual(mpmath.mpf(float(value)))


def _function(value, slope):
    """Of a number, and element by element."""

    def one(a):
        a = dual(a)
        if abs(a.value) > _LARGEST:
            raise ValueError("too large to be told exactly in reasonable time")
        y = value(a.value)
        if not mpmath.isfinite(y) or isinstance(y, mpmath.mpc):
            raise ValueError("not a finite number")
        return Dual(y, a.slope * slope(a.value) if a.slope != 0 else mpmath.mpf(0))

    return lambda a: np.array([one(item) for item in a], object) if isinstance(a, np.ndarray) else one(a)


exp = _function(mpmath.exp, mpmath.exp)
log = _function(mpmath.log, lambda a: 1 / a)
FUNCTIONS = {
    "exp": exp,
    "log": log,
    "sqrt": _function(mpmath.sqrt, lambda a: 1 / (2 * mpmath.sqrt(a))),
    "sin": _function(mpmath.sin, mpmath.cos),
    "cos": _function(mpmath.cos, lambda a: -mpmath.sin(a)),
    "tan": _function(mpmath.tan, lambda a: mpmath.sec(a) ** 2),
    "asin": _function(mpmath.asin, lambda a: 1 / mpmath.sqrt(1 - a * a)),
    "acos": _function(mpmath.acos, lambda a: -1 / mpmath.sqrt(1 - a * a)),
    "atan": _function(mpmath.atan, lambda a: 1 / (1 + a * a)),
    "sinh": _function(mpmath.sinh, mpmath.cosh),
    "cosh": _function(mpmath.cosh, mpmath.sinh),
    "tanh": _function(mpmath.tanh, lambda a: mpmath.sech(a) ** 2),
    "log1p": _function(mpmath.log1p, lambda a: 1 / (1 + a)),
    "expm1": _function(mpmath.expm1, mpmath.exp),
    "abs": _function(abs, mpmath.sign),
    "sign": _function(mpmath.sign, lambda a: 0),
    "floor": _function(_floor, lambda a: 0),
    "sigmoid": _function(lambda a: 1 / (1 + mpmath.exp(-a)), lambda a: 1 / (2 + mpmath.exp(a) + mpmath.exp(-a))),
    "softplus": _function(lambda a: mpmath.log1p(mpmath.exp(a)), lambda a: 1 / (1 + mpmath.exp(-a))),
}


def _terms(argument):
    """Of a vector or a loop."""
    return [dual(item) for item in argument]


def _sum(argument):
    total = Dual(mpmath.mpf(0))
    for item in _terms(argument):
        total = total + item
    return total


def _prod(argument):
    total = Dual(mpmath.mpf(1))
    for item in _terms(argument):
        total = total * item
    return total


def _extreme(better):
    def of_vectors(a, b):
        if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            pairs = np.broadcast(np.asarray(a, object), np.asarray(b, object))
            return np.array([of_vectors(left, right) for left, right in pairs], object)
        a, b = dual(a), dual(b)
        return b if better(_apart(b.value, a.value)) else a

    def extreme(first, *others):
        items = others or None
        if items is None:
            first, *items = _terms(first)
        for item in items:
            first = of_vectors(first, item)
        return first

    return extreme


def _where(test, then, otherwise):
    if not isinstance(test, np.ndarray):
        if isinstance(then, np.ndarray) or isinstance(otherwise, np.ndarray):
            return then + 0 * otherwise if test else otherwise + 0 * then
        return dual(then if test else otherwise)
    parts = [np.broadcast_to(np.asarray(part, object), test.shape) for part in (then, otherwise)]
    return np.array([dual(a if yes else b) for yes, a, b in zip(test, *parts, strict=True)], object)


def _mean(argument):
    items = _terms(argument)
    return _sum(items) / len(items)


NAMES = {
    **FUNCTIONS,
    "sum": _sum,
    "prod": _prod,
    "mean": _mean,
    "max": _extreme(lambda above: above > 0),
    "min": _extreme(lambda above: above < 0),
    "logsumexp": lambda argument: log(_sum([exp(item) for item in _terms(argument)])),
    "where": _where,
    "range": range,
    "len": len,
    "__builtins__": {},
}


def meaning(text, x, names, digits):
    """(loss, gradient) of the text at x, to so many digits. `names`: arrays, numbers, and texts to evaluate."""
    with mpmath.workdps(digits):
        point = [mpmath.mpf(float(value)) for value in x]
        losses, gradient = None, []
        for place in range(len(x)):
            coordinates = [Dual(value, mpmath.mpf(i == place)) for i, value in enumerate(point)]
            known = {**NAMES, "n": len(x), "pi": dual(np.pi), "e": dual(np.e), "x": np.array(coordinates, object)}
            for name, given in names.items():
                known[name] = eval(given, known) if isinstance(given, str) else given
            found = dual(eval(text, known))
            losses = found.value
            gradient.append(found.slope)
        return losses, gradient

"""Again: the same numbers in the same order, and almost the same in half as many bits."""

from __future__ import annotations

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example
from adambench.conform.subject import Subject
from adambench.foreign.fault import ImplementationError


def repetition(subject: Subject) -> str:
    """Half as many steps are the first half, to the bit."""
    x0, gradients = example(subject)
    return departure(subject.run(x0, gradients[: FEW // 2]), subject.run(x0, gradients)[: FEW // 2], 0.0)


def single_precision(subject: Subject) -> str:
    """After 10 steps float32 is within 1e-4 (1 + |x|) of float64; one that cannot do float32 does not satisfy this."""
    x0, gradients = example(subject)
    double = subject.run(x0, gradients[:10])
    try:
        single = subject.run(x0, gradients[:10], precision="float32")
    except ImplementationError as error:
        return str(error)
    return departure(single[-1:], double[-1:], 1e-4, after=9)

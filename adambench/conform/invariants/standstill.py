"""Where x must not move."""

from __future__ import annotations

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example
from adambench.conform.subject import Subject


def zero_gradient(subject: Subject) -> str:
    """No gradient, no decay: x stays, to the bit."""
    x0, gradients = example(subject)
    path = subject.run(x0, 0.0 * gradients, values=subject.off("weight_decay"))
    return departure(path, np.broadcast_to(x0, path.shape), 0.0)


def zero_learning_rate(subject: Subject) -> str:
    """A learning rate of zero: x stays, to the bit."""
    x0, gradients = example(subject)
    path = subject.run(x0, gradients, rates=np.zeros(FEW))
    return departure(path, np.broadcast_to(x0, path.shape), 0.0)

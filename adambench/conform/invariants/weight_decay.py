"""What weight decay does to x."""

from __future__ import annotations

import numpy as np

from adambench.conform.departure import departure
from adambench.conform.example import FEW, example
from adambench.conform.subject import Subject
from adambench.optimizer import Value


def decay_by_the_learning_rate(subject: Subject) -> str:
    """Without gradients x = (1 - lr weight_decay)^t x_0."""
    return _decayed(subject, subject.number("lr"))


def decay_without_the_learning_rate(subject: Subject) -> str:
    """Without gradients x = (1 - weight_decay)^t x_0."""
    return _decayed(subject, 1.0)


def decay_either_way(subject: Subject) -> str:
    """Weight decay does the same in the gradient and on x."""
    x0, gradients = example(subject)
    one, other = (
        subject.run(x0, gradients, values={"weight_decay": 0.1, "decoupled": switch}) for switch in (True, False)
    )
    return departure(one, other, 1e-12)


def gradient_at_the_undecayed_x(subject: Subject) -> str:
    """On a quadratic, decay shrinks x, and the step is that of the gradient where x was before it shrank."""
    x0, _ = example(subject)
    eigenvalues = np.geomspace(1e-2, 1e2, x0.size).reshape(subject.shape)
    decayed: dict[str, Value] = {}
    if not subject.number("weight_decay"):
        decayed["weight_decay"] = 0.1
    if subject.hyperparameters.get("decoupled") is False:
        decayed["decoupled"] = True
    path = subject.descend(x0, lambda x: eigenvalues * x, FEW, decayed)
    undecayed = np.concatenate([x0[None], path[:-1]])
    gradients = eigenvalues * undecayed
    still = np.concatenate([x0[None], subject.run(x0, 0.0 * gradients, decayed)])
    plain = subject.run(x0, gradients, subject.off("weight_decay"))
    steps = np.diff(plain, axis=0, prepend=x0[None])
    return departure(path, still[1:] / still[:-1] * undecayed + steps, 1e-12)


def _decayed(subject: Subject, rate: float) -> str:
    x0, gradients = example(subject)
    decay = subject.hyperparameters.get("weight_decay", 0.0) or 0.1
    known = decay == subject.hyperparameters.get("weight_decay")
    path = subject.run(x0, 0.0 * gradients, values={} if known else {"weight_decay": decay})
    shrink = (1.0 - rate * decay) ** np.arange(1.0, FEW + 1)
    return departure(path, np.multiply.outer(shrink, x0), 1e-13)

"""Gradient descent with a velocity: SGD with momentum=0.9."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizers import sgd

OPTIMIZER = replace(
    sgd.OPTIMIZER,
    name="momentum",
    summary="sgd with momentum=0.9: a heavy ball that rolls through noise and along valleys",
    source="Polyak 1964, USSR Comput. Math. Math. Phys. 4(5), 1-17",
    dialects=sgd.dialects(0.01, momentum=0.9),
)

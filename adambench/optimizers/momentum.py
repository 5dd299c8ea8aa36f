"""Gradient descent with a velocity: SGD with momentum=0.9."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizer import Dialect
from adambench.optimizers import sgd

OPTIMIZER = replace(
    sgd.OPTIMIZER,
    name="momentum",
    summary="sgd with momentum=0.9: a heavy ball that rolls through noise and along valleys",
    source="Polyak 1964, USSR Comput. Math. Math. Phys. 4(5), 1-17",
    dialects=(
        *sgd.dialects(momentum=0.9),
        Dialect(
            "blocks",
            {"lr": 1.0, "momentum": 0.9},
            {**sgd.FOLDED, "look": sgd.NEVER},
            "Blocks 0.1 to 0.2",
            "mila-iqia/blocks blocks/algorithms/__init__.py Momentum",
            "momentum is 0 unless set",
        ),
    ),
)

"""Nesterov's accelerated gradient: SGD with momentum=0.9 and a look ahead."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizer import Dialect
from adambench.optimizers import sgd

OPTIMIZER = replace(
    sgd.OPTIMIZER,
    name="nesterov",
    summary="sgd with momentum=0.9 that looks one step of its velocity ahead",
    source="Nesterov 1983, Soviet Math. Doklady 27, 372-376; this form: Sutskever et al. 2013, section 2.1",
    dialects=(
        *sgd.dialects(momentum=0.9, nesterov=True),
        Dialect(
            "torch7-nag",
            {"lr": 1e-3, "momentum": 0.9, "weight_decay": 0.0, "lr_decay": 0.0},
            {**sgd.FOLDED, "look": sgd.AHEAD},
            "Torch7 optim, nag; Sutskever et al. 2013, eq. 3-4",
            "torch/optim nag.lua",
            "the loss counts at x, the gradient is taken ahead; `learningRateDecay` is lr_decay here",
        ),
    ),
)

"""Nesterov's accelerated gradient: SGD with momentum=0.9 and a look ahead."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizers import sgd

OPTIMIZER = replace(
    sgd.OPTIMIZER,
    name="nesterov",
    summary="sgd with momentum=0.9 that looks one step of its velocity ahead",
    source="Nesterov 1983, Soviet Math. Doklady 27, 372-376; this form: Sutskever et al. 2013, section 2.1",
    dialects=sgd.dialects(0.01, momentum=0.9, nesterov=True),
)

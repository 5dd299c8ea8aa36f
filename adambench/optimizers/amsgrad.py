"""AMSGrad: Adam that divides by the largest second moment so far."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizers import adam

OPTIMIZER = replace(
    adam.OPTIMIZER,
    name="amsgrad",
    summary="Adam whose rates never grow: repairs the convergence proof, seldom the results",
    source="Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2",
    dialects=adam.dialects(("torch", "optax", "keras"), amsgrad=True),
)

"""AMSGrad: Adam that divides by the largest second moment so far."""

from __future__ import annotations

from dataclasses import replace

from adambench.optimizer import Dialect
from adambench.optimizers import adam

OPTIMIZER = replace(
    adam.OPTIMIZER,
    name="amsgrad",
    summary="Adam whose rates never grow: repairs the convergence proof, seldom the results",
    source="Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2",
    dialects=(
        *adam.dialects(("torch",), amsgrad=True),
        Dialect(
            "optax",
            {
                **{**adam.USUAL, "lr": None, "eps_root": 0.0, "amsgrad": True},
                **{"bias_correction_mu": True, "bias_correction_nu": True},
            },
            adam.OPTAX,
            "optax >= 0.1.5 (the two switches: read in 0.2.8)",
            "google-deepmind/optax optax/_src/alias.py amsgrad, transform.py scale_by_amsgrad",
            "the maximum is taken after the correction; with both switches off it is the paper's",
        ),
        *adam.dialects(("keras", "torch-1.2", "keras-tf2", "keras-2.1", "chainer"), amsgrad=True),
    ),
)

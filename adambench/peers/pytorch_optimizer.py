"""pytorch_optimizer on the CPU, one thread: the updates that torch itself does not have."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.metadata import version

from adambench.peers import torch
from adambench.speed.case import Case, Update
from adambench.speed.peer import Peer
from adambench.speed.timing import Work

OPTIMIZERS: Mapping[str, str] = {
    "adabelief": "AdaBelief",
    "adan": "Adan",
    "adopt": "ADOPT",
    "lamb": "Lamb",
    "lars": "LARS",
    "lion": "Lion",
    "prodigy": "Prodigy",
    "schedulefree-adamw": "ScheduleFreeAdamW",
    "schedulefree-sgd": "ScheduleFreeSGD",
    "shampoo": "Shampoo",
    "signsgd": "SignSGD",
    "soap": "SOAP",
    "yogi": "Yogi",
}
"""Those of adambench's optimizers that it has, by their names there."""


def prepare() -> Mapping[str, str]:
    versions = torch.prepare()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pytorch_optimizer  # noqa: F401
    return {**versions, "pytorch_optimizer": version("pytorch_optimizer")}


def works(case: Case) -> Mapping[str, Work]:
    if not isinstance(case, Update) or case.configuration.optimizer.name not in OPTIMIZERS:
        return {}
    import pytorch_optimizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        optimizer = getattr(pytorch_optimizer, OPTIMIZERS[case.configuration.optimizer.name])
        return {"pytorch_optimizer": torch.update(case, optimizer, {})}


PEER = Peer("pytorch_optimizer", prepare, works)

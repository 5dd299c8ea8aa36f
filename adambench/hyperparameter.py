"""The hyperparameters that many optimizers share, each described once."""

from __future__ import annotations

from adambench.optimizer import Hyperparameter

LR = Hyperparameter("lr", "learning rate", search=(1e-5, 10.0))
MOMENTUM = Hyperparameter("momentum", "decay of the velocity", high=1.0, search=(1e-3, 1.0), one_minus=True)
DAMPENING = Hyperparameter("dampening", "share of each gradient kept out of the velocity", high=1.0)
NESTEROV = Hyperparameter("nesterov", "look one step of the velocity ahead", switch=True, neutral=False)
BETA1 = Hyperparameter(
    "beta1", "decay of the first moment", high=1.0, open_high=True, search=(1e-3, 1.0), one_minus=True
)
BETA2 = Hyperparameter(
    "beta2", "decay of the second moment", high=1.0, open_high=True, search=(1e-4, 0.5), one_minus=True
)
RHO = Hyperparameter("rho", "decay of the mean square", high=1.0, open_high=True, search=(1e-4, 0.5), one_minus=True)
EPS = Hyperparameter("eps", "keeps the quotient finite", search=(1e-10, 1.0))
EPS_ROOT = Hyperparameter("eps_root", "added under the square root")
LR_DECAY = Hyperparameter("lr_decay", "lr / (1 + lr_decay (t - 1))")
INITIAL_ACCUMULATOR = Hyperparameter("initial_accumulator", "the sum of squares before the first gradient")

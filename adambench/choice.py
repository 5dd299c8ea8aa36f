"""The choices between libraries that several optimizers share, each in words once."""

from __future__ import annotations

from adambench.optimizer import Flag

INSIDE, OUTSIDE = "inside", "outside"
ROOT = {
    INSIDE: "epsilon is added inside the square root",
    OUTSIDE: "epsilon is added to the square root",
}

SINGLE_RATE = Flag(
    "single_rate",
    {True: "the learning rate is rounded to float32", False: "the learning rate keeps its precision"},
)
SINGLE_DECAYS = Flag(
    "single_decays",
    {
        True: "the decay rates of means and of the velocity are rounded to float32",
        False: "the decay rates of means and of the velocity keep their precision",
    },
)

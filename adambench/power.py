"""beta^t, carried from step to step."""

from __future__ import annotations


def next_power(power, beta):
    """beta^t from beta^(t-1). Below 1e-17 it is 0: 1 - beta^t is 1 already, and a subnormal factor would never leave
    and cost 40 ns at every use."""
    power = power * beta
    return 0.0 if power < 1e-17 else power

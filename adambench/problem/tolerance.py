"""What a gate may tolerate, by name: for files, the command line and verdicts."""

from __future__ import annotations

TOLERANCES = {
    "steps": "more steps to a target, in the median: a share",
    "final-loss": "a larger gap between final and best possible loss, in the median: a share",
    "reached": "fewer trials that reach a target: a share, or a number of trials from 1 on",
    "diverged": "more trials that diverge, stall or run out of time: a share, or a number of trials from 1 on",
}
MOST = 1e6
"""As good as anything."""

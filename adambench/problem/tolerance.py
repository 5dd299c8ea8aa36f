"""What a gate may tolerate, by name: for files, the command line and verdicts."""

from __future__ import annotations

TOLERANCES = {
    "steps": "more steps to a target, in the median and in the geometric mean of the seeds: a share",
    "final-loss": "a larger gap between final and best possible loss, likewise, or a smaller descent: a share",
    "reached": "fewer trials that reach a target: a share, or a number of trials from 1 on",
    "diverged": "more trials that diverge, stall or run out of time: a share, or a number of trials from 1 on",
}
SPELLED = {spelled: name for name in TOLERANCES for spelled in (name.replace("-", "_"), name)}
"""The names by every spelling of them."""
MOST = 1e6
"""As good as anything."""

"""Steps that take little time. The machine has its say in it, so it is advisory unless the file says otherwise."""

from __future__ import annotations

from adambench.analysis.number import duration
from adambench.requirement import Asked, Evidence, Judgement, Kind, exact_time
from adambench.shape import Duration, Key


def check(asked: Asked, evidence: Evidence) -> Judgement:
    """Met where the row's time per evaluation, in nanoseconds, is at most `time_per_step`; it is `value`. Unlike all
    else of a report it differs from run to run."""
    found = evidence.row["cost"]["ns_per_step"]
    if found is None:
        return Judgement(False, "its time was not measured")
    return Judgement(found <= asked["time_per_step"], f"{duration(found)} a step", found)


def sentence(asked: Asked) -> str:
    return f"takes at most {exact_time(asked['time_per_step'])} a step"


KIND = Kind(
    name="time_per_step",
    keys=(Key("time_per_step", Duration(), "the most that a step may take: 200ns, 1.5us", required=True),),
    check=check,
    sentence=sentence,
    advisory=True,
)

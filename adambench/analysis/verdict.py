"""One line in words about a problem: who reaches the hardest target that anybody reaches, how soon, who failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.denominator import counted_in
from adambench.analysis.listing import listed
from adambench.analysis.number import significant, steps
from adambench.analysis.target import effort, from_hardest, standing, target_text

Row = Mapping[str, Any]
NAMED = 3
"""How many optimizers are named before the rest are only counted."""


def verdict(rows: Sequence[Row], reference: str | None = None) -> str:
    """The verdict on the rows of one problem; one line without a full stop, and never empty.

    reference  of the problem: where it is "report", the trial of the best loss hits every target by definition, and
               where no other does, that is said
    """
    measured = [row for row in rows if counted_in(row)]
    if not measured:
        return "nothing was measured"
    return "; ".join([*_race(measured, reference == "report"), *_failures(measured)])


def _race(rows: Sequence[Row], by_report: bool) -> list[str]:
    targets = rows[0]["targets"]
    missed: list[str] = []
    for index in from_hardest(targets):
        if any(row["targets"][index]["reached"] for row in rows):
            unmet = [f"{listed(missed[::-1])} {'is' if len(missed) == 1 else 'are'} not reached"] if missed else []
            return [*unmet, *_first(rows, index, by_report)]
        missed.append(target_text(targets[index]))
    return [*(["no target is reached"] if missed else []), *_lowest(rows)]


def _first(rows: Sequence[Row], index: int, by_report: bool) -> list[str]:
    """Clauses about a target that somebody reaches."""
    reaching = sorted((row for row in rows if row["targets"][index]["reached"]), key=lambda row: _place(row, index))
    ahead = [row for row in reaching if _place(row, index) == _place(reaching[0], index)]
    behind = reaching[len(ahead) :]
    best = ahead[0]["targets"][index]
    who = listed([row["optimizer"] for row in ahead])
    reach, what = ("reaches" if len(ahead) == 1 else "reach"), target_text(best)
    often = "" if best["reached"] == best["trials"] else f", in {_share(best)}"
    if by_report and best["kind"] == "relative" and sum(row["targets"][index]["reached"] for row in rows) == 1:
        often += ", the trial whose loss is the reference" if often else ", with the loss that is the reference"
    if len(rows) == 1:
        return [f"{who} reaches {what}{often}: {_pace(best)}"]
    if not behind:
        how = " alike" if len(ahead) > 1 else ""
        only = "" if len(ahead) == len(rows) else "only "
        return [f"{only}{who} {reach} {what}{how}{often}: {_pace(best)}"]
    following = behind[0]["targets"][index]
    if standing(following)[0] > standing(best)[0]:
        return [
            f"{who} {reach} {what} most often: in {_share(best)}, {_pace(best)}",
            f"next {behind[0]['optimizer']}, in {_share(following)}, {_pace(following)}",
        ]
    ratio = effort(following) / effort(best) if effort(best) else 0.0
    lead = f"{significant(ratio, 2)}x sooner than" if ratio >= 1.05 else f"against {steps(effort(following))} for"
    return [f"{who} {reach} {what} first{often}: {_pace(best)}, {lead} {behind[0]['optimizer']}"]


def _place(row: Row, index: int) -> tuple[float, float]:
    return standing(row["targets"][index])


def _share(target_row: Mapping[str, Any]) -> str:
    return f"{target_row['reached']} of {target_row['trials']} trials"


def _pace(target_row: Mapping[str, Any]) -> str:
    count = effort(target_row)
    noun = "step" if round(count) == 1 else "steps"
    if target_row["median"] is None:
        return f"{steps(count)} {noun} expected with restarts"
    return f"{steps(count)} {noun}{' in the median' if target_row['trials'] > 1 else ''}"


def _lowest(rows: Sequence[Row]) -> list[str]:
    """Clauses about the final loss, where no target says more."""
    finite = sorted(
        (row for row in rows if row["final_loss"]["median"] is not None), key=lambda row: row["final_loss"]["median"]
    )
    if not finite:
        return [] if _all_diverged(rows) else ["no final loss is finite in the median"]
    best = finite[0]["final_loss"]["median"]
    ahead = [row for row in finite if row["final_loss"]["median"] == best]
    where = " in the median" if counted_in(finite[0]) > 1 else ""
    clauses = [f"lowest final loss: {listed([row['optimizer'] for row in ahead])}, {significant(best)}{where}"]
    if len(rows) == 1:
        clauses = [f"{finite[0]['optimizer']} ends at a loss of {significant(best)}{where}"]
    if len(finite) > len(ahead):
        follower = finite[len(ahead)]
        clauses.append(f"next {follower['optimizer']}, {significant(follower['final_loss']['median'])}")
    return clauses


def _failures(rows: Sequence[Row]) -> list[str]:
    if len(rows) > 1 and _all_diverged(rows):
        return ["every trial diverged"]
    clauses = []
    for outcome in ("diverged", "stalled"):
        failing = [row for row in rows if row["outcomes"][outcome]]
        named = [
            f"{row['optimizer']} {outcome} in {row['outcomes'][outcome]} of {counted_in(row)}"
            for row in failing[:NAMED]
        ]
        others = len(failing) - len(named)
        clauses += [*named, *([f"so did trials of {others} more"] if others else [])]
    return clauses


def _all_diverged(rows: Sequence[Row]) -> bool:
    return all(row["outcomes"]["diverged"] == counted_in(row) for row in rows)

"""The verdict on one optimizer on one problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adambench.analysis.quantile import Reals
from adambench.analysis.target import target_text
from adambench.gate.check import STATUSES, Check, check
from adambench.gate.count import count as count_check
from adambench.gate.gap import gaps
from adambench.gate.growth import Words, growth
from adambench.gate.pace import Cost, pace
from adambench.gate.reference import hits_at, moved
from adambench.gate.row import CODES, Row
from adambench.gate.tolerance import Tolerances

Cell = dict[str, Any]
ORDER = ("fail", "inconclusive", "pass")
"""From the worst: the worst check is the cell's verdict."""
PASSED = ("better", "within", "same")
ONE_STEP = 1.0
"""What another rounding may move a hit by, however early."""
BROKEN = ("diverged", "stalled", "timeout")


@dataclass(frozen=True)
class Rules:
    """What a cell is held to.

    bits   whether equal code gives equal fingerprints here; else `elsewhere` says what differs
    exact  whether a changed fingerprint is a failure
    time   whether time per step counts
    """

    tolerances: Tolerances
    elsewhere: Sequence[str] = ()
    exact: bool = False
    time: bool = False

    @property
    def bits(self) -> bool:
        return not self.elsewhere


def judge_cell(
    baseline: Row,
    measured: Row,
    problems: tuple[Mapping[str, Any], Mapping[str, Any]],
    rules: Rules,
    costs: tuple[Sequence[Cost], Sequence[Cost]] | None = None,
) -> Cell:
    """The verdict on a cell that both have, and that can be compared (gate/comparable.py).

    problems  the entries of `problems`, of the baseline and of what was measured
    costs     the cost in each interleaved round, where both were measured now; else the rows' own are compared
    """
    if (found := _unmeasured(baseline, measured)) is not None:
        return found
    same = _same(baseline, measured)
    checks = [] if same else _checks(baseline, measured, problems, rules)
    if rules.exact and not same:
        checks.insert(0, _exact(baseline, measured, rules))
    time = _pace(baseline, measured, rules, costs)
    return _cell(measured, [*checks, *time], "same to the bit" if same else "")


def only_in(row: Row, status: str) -> Cell:
    """The verdict on a cell that only one side has: missing or extra."""
    sentence = {
        "missing": "the baseline has it, and it was not run: run it, or let it go with --update",
        "extra": "the baseline does not have it: add it with --update",
    }[status]
    return _bare(row, status, sentence)


def _unmeasured(baseline: Row, measured: Row) -> Cell | None:
    """The verdict where there is nothing to compare, or something is wrong with it; None where there is."""
    errors, trials = measured.count("error"), len(measured.seeds)
    if not trials:
        return _bare(measured, "empty", "it has no trials")
    if errors:
        return _bare(measured, "error", f"{errors} of {trials} trials ended in error")
    skipped = measured.outcomes == CODES["skipped"]
    before = baseline.inside if len(baseline.seeds) == trials else np.zeros(trials, np.bool_)
    if (skipped & before).any():
        count = int((skipped & before).sum())
        return _bare(measured, "skipped", f"{count} of {trials} trials were skipped, and had run before")
    if skipped.all():
        return _bare(measured, "skipped", "skipped, as in the baseline: nothing was measured", "inconclusive")
    if not before.any():
        said = "the baseline measured nothing here: hold this one with --update"
        return _bare(measured, "empty", said, "inconclusive")
    if measured.nulls or baseline.nulls:
        whose, nulls = ("", measured.nulls) if measured.nulls else ("in the baseline ", baseline.nulls)
        rest = f", and {len(nulls) - 1} more" if len(nulls) > 1 else ""
        return _bare(measured, "null", f"{whose}{nulls[0]}{rest}")
    return None


def _same(baseline: Row, measured: Row) -> bool:
    """Are they the same to the bit? What a fingerprint covers is compared, too: a file may say anything."""
    return (
        baseline.fingerprints == measured.fingerprints
        and np.array_equal(baseline.outcomes, measured.outcomes)
        and np.array_equal(baseline.hits, measured.hits)
        and np.array_equal(baseline.final_loss, measured.final_loss)
    )


def _checks(
    baseline: Row, measured: Row, problems: tuple[Mapping[str, Any], Mapping[str, Any]], rules: Rules
) -> list[Check]:
    """Outcomes first, then steps to each target, then what is left of the loss."""
    tolerances, problem = rules.tolerances, problems[0]
    common = baseline.inside & measured.inside
    constant = _constant(baseline) and _constant(measured)
    checks = []
    for outcome in BROKEN:
        before, after = ((row.outcomes == CODES[outcome])[common] for row in (baseline, measured))
        if before.any() or after.any():
            checks.append(count_check(outcome, before, after, False, tolerances.diverged, constant))
    hits = baseline.hits, measured.hits
    if moved(*problems):
        both = [hits_at(row, problem["targets"], problem["reference_loss"]) for row in (baseline, measured)]
        if both[0] is None or both[1] is None:
            said = "the best loss of the report changed, and without losses of each seed steps cannot be compared"
            return [*checks, check("reference", "undecided", said)]
        hits = both[0], both[1]
    for place, target in enumerate(problem["targets"]):
        steps_before, steps_after = hits[0][place][common], hits[1][place][common]
        checks += _to_target(target_text(target), steps_before, steps_after, rules, constant)
    left = [gaps(row, problem) for row in (baseline, measured)]
    if left[0] is None or left[1] is None:
        return checks
    words = Words("more is left of the loss", "less is left of the loss", "not finite at the end")
    return [
        *checks,
        growth("final-loss", left[0][common], left[1][common], tolerances.final_loss, words, constant),
    ]


def _to_target(text: str, before: Reals, after: Reals, rules: Rules, constant: bool) -> list[Check]:
    tolerances, room = rules.tolerances, 0.0 if rules.bits else ONE_STEP
    words = Words("more steps", "fewer steps", "not reached")
    reached = count_check(
        f"reached {text}", np.isfinite(before), np.isfinite(after), True, tolerances.reached, constant
    )
    one, other = np.maximum(before, 1.0), np.maximum(after, 1.0)
    return [reached, growth(f"steps to {text}", one, other, tolerances.steps, words, constant, room)]


def _constant(row: Row) -> bool:
    """Do all its trials agree? Then nothing is random in them."""
    return len(set(row.fingerprints)) == 1


def _exact(baseline: Row, measured: Row, rules: Rules) -> Check:
    changed = sum(one != other for one, other in zip(baseline.fingerprints, measured.fingerprints, strict=True))
    if not rules.bits:
        said = f"fingerprints say nothing here, since these differ: {', '.join(rules.elsewhere)}"
        return check("fingerprint", "undecided", said)
    said = f"{changed} of {len(measured.seeds)} trials changed"
    return check("fingerprint", "changed", said, 0.0, float(changed), float(changed), 0.0)


def _pace(
    baseline: Row, measured: Row, rules: Rules, costs: tuple[Sequence[Cost], Sequence[Cost]] | None
) -> list[Check]:
    """Time per step: told always where it counts or was measured now, else only where it is another."""
    one, other = ([baseline.cost], [measured.cost]) if costs is None else costs
    found = pace(one, other, advisory=not rules.time, comparable=rules.bits or costs is not None)
    told = rules.time or costs is not None or found["status"] in ("worse", "better")
    return [found] if told else []


def _cell(row: Row, checks: list[Check], sentence: str) -> Cell:
    counting = [one for one in checks if not one["advisory"]]
    verdict = min((one["verdict"] for one in counting), key=ORDER.index, default="pass")
    worst = [one for one in counting if one["verdict"] == verdict]
    if verdict == "pass":
        status = next((word for word in PASSED if any(one["status"] == word for one in worst)), "same")
        told = [f"{one['metric']}: {one['sentence']}" for one in worst if one["status"] == "better"]
        if not told:
            told = [sentence or ("the same but for fingerprints" if status == "same" else "within what is allowed")]
    else:
        status = worst[0]["status"]
        told = [f"{one['metric']}: {one['sentence']}" for one in worst]
    return {
        "problem": row.problem,
        "optimizer": row.optimizer,
        "verdict": verdict,
        "status": status,
        "sentence": "; ".join(told),
        "checks": checks,
    }


def _bare(row: Row, status: str, sentence: str, verdict: str = "") -> Cell:
    """A cell without checks."""
    return {
        "problem": row.problem,
        "optimizer": row.optimizer,
        "verdict": verdict or STATUSES[status],
        "status": status,
        "sentence": sentence,
        "checks": [],
    }

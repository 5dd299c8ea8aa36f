"""The verdict on one optimizer on one problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.analysis.quantile import Reals
from adambench.analysis.target import target_text
from adambench.gate.check import STATUSES, VERDICTS, Check, check, told
from adambench.gate.count import count as count_check
from adambench.gate.grid import one_step
from adambench.gate.growth import Words, growth
from adambench.gate.loss import loss
from adambench.gate.pace import Cost, pace
from adambench.gate.reference import hits_at, moved
from adambench.gate.row import CODES, Row
from adambench.gate.tolerance import Tolerances, allowed_trials
from adambench.gate.uncompared import uncompared

Cell = dict[str, Any]
ONE_STEP = 1.0
"""What another rounding may move a hit by, however early."""
BROKEN = ("diverged", "stalled", "timeout")
TO_HOLD = "; --update to hold it"
Problems = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Rules:
    """What a cell is held to.

    bits   whether equal code gives equal fingerprints here; else `elsewhere` says what differs
    exact  whether a changed fingerprint is a failure
    time   whether time per step counts
    live   whether both sides were measured now, so that there is no baseline to update
    """

    tolerances: Tolerances
    elsewhere: Sequence[str] = ()
    exact: bool = False
    time: bool = False
    live: bool = False

    @property
    def bits(self) -> bool:
        return not self.elsewhere


def judge_cell(
    baseline: Row,
    measured: Row,
    problems: Problems,
    rules: Rules,
    costs: tuple[Sequence[Cost], Sequence[Cost]] | None = None,
) -> Cell:
    """The verdict on a cell that both have, and that can be compared (gate/comparable.py).

    problems  the entries of `problems`, of the baseline and of what was measured
    costs     the cost in each interleaved round, where both were measured now; else the rows' own are compared
    """
    if (found := _unmeasured(baseline, measured, problems, rules)) is not None:
        return found
    bits = np.array_equal(baseline.fingerprints, measured.fingerprints)
    changed = _changed(baseline, measured, hits=not moved(*problems))
    numbers = not changed.any()
    checks = [] if bits and numbers else _checks(baseline, measured, problems, rules)
    checks += uncompared(baseline, measured)
    if rules.exact and not (bits and numbers):
        checks.insert(0, _exact(baseline, measured, changed, rules))
    words = _words(bits, numbers)
    return _cell(measured, [*checks, *_pace(baseline, measured, rules, costs)], rules, words)


def only_in(row: Row, status: str, live: bool = False) -> Cell:
    """The verdict on a cell that only one side has: missing or extra."""
    sentence, mend = {
        "missing": ("the baseline has it, and it was not run", "run it, or let it go with the baseline"),
        "extra": ("the baseline does not have it", "add it with --update"),
    }[status]
    return _bare(row, status, sentence if live else f"{sentence}: {mend}")


def _unmeasured(baseline: Row, measured: Row, problems: Problems, rules: Rules) -> Cell | None:
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
        said = f"the baseline measured nothing here{'' if rules.live else ': hold this one with --update'}"
        return _bare(measured, "empty", said, "inconclusive")
    for problem in problems:
        relative = any(target["kind"] == "relative" for target in problem["targets"])
        if relative and problem["reference"] == "optimum" and problem["reference_loss"] is None:
            return _bare(measured, "null", "the loss at the optimum, which its targets refer to, is null")
    if measured.nulls or baseline.nulls:
        whose, nulls = ("", measured.nulls) if measured.nulls else ("in the baseline ", baseline.nulls)
        rest = f", and {len(nulls) - 1} more" if len(nulls) > 1 else ""
        return _bare(measured, "null", f"{whose}{nulls[0]}{rest}")
    return None


def _changed(baseline: Row, measured: Row, hits: bool) -> NDArray[np.bool_]:
    """(seeds,) which trials ended with other numbers, whatever their fingerprints say: a file may say anything.

    hits  whether outcomes and hits are to be the same, too: not where they refer to another loss
    """
    found: NDArray[np.bool_] = baseline.final_loss != measured.final_loss
    if hits:
        found = found | (baseline.outcomes != measured.outcomes) | (baseline.hits != measured.hits).any(axis=0)
    return found


def _checks(baseline: Row, measured: Row, problems: Problems, rules: Rules) -> list[Check]:
    """Outcomes first, then steps to each target, then what is left of the loss."""
    problem, common = problems[0], baseline.inside & measured.inside
    certain = _constant(baseline) and _constant(measured)
    checks = _broken(baseline, measured, common, rules)
    hits, again = (baseline.hits, measured.hits), moved(*problems)
    if again:
        both = [hits_at(row, problem["targets"], problem["reference_loss"]) for row in (baseline, measured)]
        if both[0] is None or both[1] is None:
            said = "the best loss of the report changed, and without losses of each seed steps cannot be compared"
            undecided = check("reference", "undecided", said)
            return [*checks, undecided, loss(baseline, measured, problem, rules.tolerances.final_loss, certain)]
        hits = both[0], both[1]
    on_grid = again or (not rules.bits and any(entry.get("watched") == "grid" for entry in problems))
    for place, target in enumerate(problem["targets"]):
        before, after = hits[0][place][common], hits[1][place][common]
        room = one_step(before, problem["budget"]) if on_grid else None if rules.bits else ONE_STEP
        found = _to_target(target_text(target), before, after, problem, rules, certain, room)
        checks += [_on_grid(one) for one in found] if on_grid else found
    return [*checks, loss(baseline, measured, problem, rules.tolerances.final_loss, certain)]


def _broken(baseline: Row, measured: Row, common: NDArray[np.bool_], rules: Rules) -> list[Check]:
    """Trials that end badly. None more may, but for what is tolerated: chance is no excuse."""
    codes = [row.outcomes[common] for row in (baseline, measured)]
    flags = {outcome: [own == CODES[outcome] for own in codes] for outcome in BROKEN}
    infinite = [~np.isfinite(row.final_loss[common]) for row in (baseline, measured)]
    if not all(map(np.array_equal, infinite, flags["diverged"])):
        flags["diverged in the end"] = infinite
    return [
        count_check(metric, before, after, False, rules.tolerances.diverged, True)
        for metric, (before, after) in flags.items()
        if before.any() or after.any()
    ]


def _to_target(
    text: str,
    before: Reals,
    after: Reals,
    problem: Mapping[str, Any],
    rules: Rules,
    certain: bool,
    room: Reals | float | None,
) -> list[Check]:
    tolerances, words = rules.tolerances, Words("more steps", "fewer steps", "not reached")
    arrived = np.isfinite(before), np.isfinite(after)
    reached = count_check(f"reached {text}", *arrived, True, tolerances.reached, certain or not rules.bits)
    one, other = np.maximum(before, 1.0), np.maximum(after, 1.0)
    charge, spared = problem["budget"] + 1.0, allowed_trials(tolerances.reached, len(before))
    steps = growth(
        f"steps to {text}", one, other, tolerances.steps, words, certain, room=room, charge=charge, spared=spared
    )
    return [reached, steps]


def _on_grid(found: Check) -> Check:
    if found["status"] == "same":
        return found
    return found | {"sentence": f"{found['sentence']}, on the grid, where one step of it is nothing"}


def _constant(row: Row) -> bool:
    """Do all its trials agree? Then nothing is random in them."""
    return bool((row.fingerprints == row.fingerprints[:1]).all())


def _exact(baseline: Row, measured: Row, numbers: NDArray[np.bool_], rules: Rules) -> Check:
    """numbers  (seeds,) which trials ended with other ones"""
    bits = baseline.fingerprints != measured.fingerprints
    trials, changed = len(measured.seeds), float((bits | numbers).sum())
    if alone := int((numbers & ~bits).sum()):
        said = f"{alone} of {trials} trials have other numbers and the same fingerprint: file and fingerprint disagree"
        rest = f"; {changed:.0f} changed in anything" if changed > alone else ""
        return check("fingerprint", "changed", said + rest, 0.0, changed, changed, 0.0, unit="trials")
    if not rules.bits:
        said = f"fingerprints say nothing here, since these differ: {', '.join(rules.elsewhere)}"
        return check("fingerprint", "undecided", said, unit="trials")
    return check(
        "fingerprint", "changed", f"{changed:.0f} of {trials} trials changed", 0.0, changed, changed, 0.0, unit="trials"
    )


def _pace(
    baseline: Row, measured: Row, rules: Rules, costs: tuple[Sequence[Cost], Sequence[Cost]] | None
) -> list[Check]:
    """Time per step: told always where it counts or was measured now, else only where it is another."""
    one, other = ([baseline.cost], [measured.cost]) if costs is None else costs
    found = pace(one, other, advisory=not rules.time, comparable=rules.bits or costs is not None)
    told = rules.time or costs is not None or found["status"] in ("worse", "better")
    return [found] if told else []


def _words(bits: bool, numbers: bool) -> tuple[str, str]:
    """The status and the sentence where no check says more: `same` is said of equal bits alone."""
    if bits and numbers:
        return "same", "same to the bit"
    if numbers:
        return "within", "the same but for fingerprints"
    return "within", "within what is allowed" + "; file and fingerprint disagree" * bits


def _cell(row: Row, checks: list[Check], rules: Rules, words: tuple[str, str]) -> Cell:
    counting = [one for one in checks if not one["advisory"]]
    verdict = min((one["verdict"] for one in counting), key=VERDICTS.index, default="pass")
    worst = [one for one in counting if one["verdict"] == verdict]
    if verdict == "pass":
        better = [one for one in worst if one["status"] == "better"]
        status, sentence = ("better", told(better)) if better else words
        if better and not rules.live:
            sentence += TO_HOLD
    else:
        status, sentence = worst[0]["status"], told(worst)
    return {
        "problem": row.problem,
        "optimizer": row.optimizer,
        "verdict": verdict,
        "status": status,
        "sentence": sentence,
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

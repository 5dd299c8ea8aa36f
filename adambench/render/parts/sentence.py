"""What is said in words above and below a problem's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.denominator import OUTSIDE, counted_in
from adambench.analysis.listing import listed
from adambench.analysis.number import significant, steps
from adambench.analysis.quantile import rank
from adambench.analysis.target import target_text
from adambench.render.parts.plain import plain

Row = Mapping[str, Any]

NOTHING = "nothing was measured: the report has no problem"
GROWTH_NOTE = "steps ~ quantity^exponent: least squares on logarithms of the median steps, with its 95% interval."
NAMED = 5
"""Optimizers that a sentence names before it counts the rest."""
INTERRUPTED = "interrupted: only what had finished is here"
FILES = 3
"""Reports that are named before the rest are only counted."""


def heading(problem: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """'rosenbrock, dimension 2, budget 20,000, 20 seeds', and the loss targets refer to where no optimum is known."""
    seeds = max((row["trials"] for row in rows), default=0)
    facts = [
        problem["function"],
        f"dimension {problem['dimension']:,}",
        f"budget {steps(problem['budget'])}",
        f"{seeds:,} seed{'' if seeds == 1 else 's'}",
    ]
    if problem.get("solution"):
        solution = problem["solution"]
        facts.append(
            f"optimum {significant(problem['reference_loss'], 6)} solved for by {solution['method']}, "
            f"to a gradient of {significant(solution['gradient'], 2)}"
        )
    if problem["reference"] == "report":
        loss = problem["reference_loss"]
        facts.append("optimum unknown")
        if loss is not None:
            facts.append(f"targets relative to the best loss of this report: {significant(loss, 6)}")
    return ", ".join(facts)


def stops(row: Row) -> list[str]:
    """Why and when trials of a row stopped before their time, grouped by cause.

    'sgd: 20 of 20 diverged, loss not finite, at evaluation 3 in the median'
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for seed in row["seeds"]:
        outcome = seed["outcome"]
        if outcome == "reached" and seed["final_loss"] is None:
            outcome = "diverged after every target was reached"
        if outcome not in ("reached", "budget"):
            groups.setdefault((outcome, seed["stopped"]["cause"]), []).append(seed["stopped"]["evaluation"])
    return [_stop(row, *group, evaluations) for group, evaluations in groups.items()]


def notes_of(row: Row) -> list[str]:
    """What a row has to say beside its numbers: held-out data, and why trials stopped before their time."""
    return [*filter(None, [held_out(row)]), *stops(row)]


def held_out(row: Row) -> str:
    """'adam: on held-out data: loss 0.31, accuracy 0.92 in the median'; nothing where none was measured."""
    if not row.get("held_out"):
        return ""
    parts = ", ".join(f"{name} {significant(found['median'])}" for name, found in row["held_out"].items())
    return plain(f"{row['optimizer']}: on held-out data: {parts}{' in the median' if row['trials'] > 1 else ''}")


def _stop(row: Row, outcome: str, cause: str, evaluations: Sequence[int]) -> str:
    outside = outcome in OUTSIDE
    verb = {"timeout": "ran out of time", "error": "ended in error"}.get(outcome, outcome)
    clauses = [f"{row['optimizer']}: {len(evaluations)} of {row['trials'] if outside else counted_in(row)} {verb}"]
    clauses += [cause] if cause and cause != outcome else []
    if outcome != "skipped":
        median = sorted(evaluations)[rank(len(evaluations), 0.5)]
        clauses.append(f"at evaluation {steps(median)}{' in the median' if len(set(evaluations)) > 1 else ''}")
    return plain(", ".join(clauses))


def growth(found: Mapping[str, Any]) -> str:
    """'quad: adam: steps to 1e-3 ~ condition^0.52 (0.49 .. 0.55), from 4 of 4 problems'; and what is left out of it."""
    parts, left_out = [], []
    for entry in found["exponents"]:
        exponent, interval = entry["exponent"], entry["ci95"]
        name = entry["quantity"].rpartition(".")[2]
        if entry.get("left_out"):
            left_out.append(name)
            continue
        between = "" if interval is None or None in interval else f" ({interval[0]:.2f} .. {interval[1]:.2f})"
        parts.append(f"{name}^?" if exponent is None else f"{name}^{exponent:.2f}{between}")
    subject = f"{found['family']}: {found['optimizer']}: steps to {target_text(found['target'])}"
    points = f"from {found['points']} of {found['problems']} problems"
    if not left_out:
        return plain(f"{subject} ~ {' '.join(parts)}, {points}")
    are = "is" if len(left_out) == 1 else "are"
    why = f"{listed(left_out)} {are} left out, since only what is above 0 has a logarithm"
    return plain(f"{subject} ~ {' '.join(parts)}, {points}; {why}" if parts else f"{subject}: no power law: {why}")


def ranked(document: Mapping[str, Any]) -> list[str]:
    """What a comparison shows, in words: of each optimizer and the reference, then of all; then what it rests on."""
    ranks = document.get("ranks") or {"sentences": (), "refused": None}
    said = [found["sentence"] for found in document.get("duels", {}).get("against", ())]
    said += ranks["sentences"]
    said += [ranks["refused"]] if ranks["refused"] else []
    return [*said, *_untuned(document.get("comparison", ()))]


def _untuned(rows: Sequence[Row]) -> list[str]:
    """'defaults, untuned: adam and sgd: what is said of them holds for these settings; tuning may change it'."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if "untuned" in row.get("settings", ""):
            named.setdefault(row["settings"], []).append(row["optimizer"])
    whom = "; ".join(f"{settings}: {listed(names, NAMED)}" for settings, names in named.items())
    return [f"{whom}: what is said of them holds for these settings, and tuning may change it"] if named else []


def requirement(found: Mapping[str, Any]) -> str:
    """'rosenbrock-2d: adam reaches 1e-3 within 9,000 steps in 100% of trials: 20 of 20 trials ...'."""
    return plain(f"{found['problem']}: {found['sentence']}: {found['measured']}")


def standing(found: Mapping[str, Any]) -> str:
    """Of a requirement: 'met', 'unmet', 'unmet (advisory)'."""
    return f"{'met' if found['met'] else 'unmet'}{' (advisory)' if found['advisory'] else ''}"


def not_asked(document: Mapping[str, Any]) -> str:
    """'2 requirements were not asked: ... left out; of valley, none that counts was'; nothing where all were."""
    count = document.get("requirements_not_asked", 0)
    if not count:
        return ""
    were = "requirement was not asked: it is" if count == 1 else "requirements were not asked: they are"
    unheld = document.get("held_to_nothing", ())
    none = f"; of {listed(unheld, NAMED)}, none that counts was" if unheld else ""
    return plain(f"{count:,} {were} of an optimizer or a target that this run left out{none}")


def merged(document: Mapping[str, Any]) -> str:
    """'merged of a.json and b.json, which differ in environment.cpu; ...'; nothing of a report that is one run's."""
    found = document.get("merged")
    if not found:
        return ""
    places, keys = found["reports"], [difference["key"] for difference in found["differences"]]
    apart = f", which differ in {', '.join(keys)}" if keys else ""
    lost = any(not row["curve"]["evaluations"] for row in document["results"])
    curves = "; curves of united rows cannot be merged" if lost else ""
    return plain(f"merged of {listed(list(map(str, places)), FILES)}{apart}{curves}")

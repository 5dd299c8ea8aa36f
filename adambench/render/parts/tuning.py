"""How a comparison was tuned, and whose tuning was too small, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.listing import listed
from adambench.analysis.number import shortest, significant, steps
from adambench.analysis.reservation import too_small
from adambench.analysis.special_case import BEATEN, ERROR, TOO_SMALL, UNKNOWN
from adambench.render.parts.plain import plain
from adambench.render.parts.sweep import sweep

Row = Mapping[str, Any]

SAMPLERS = {"sobol": "scrambled Sobol", "random": "independent"}
NOTE = (
    "best of N: the winning draw (rounded; exact in the JSON). gap: fresh less tuning, the winner's curse. lr basin: "
    "decades between the learning rates of draws that solve it or end within 10 times the best one's gap to the "
    "reference loss (within 10% of its loss where there is none). margin: the smallest learning rate above the "
    "best that diverged, over the best; other hyperparameters vary too. diverged: draws, on half of their seeds or "
    "more, of those that did not end in error. P(best) of n: the probability that, of n draws each, its best comes "
    "first; "
)


def beneath(document: Row, problem: Row) -> list[str]:
    """What stands under a problem's tables: whose tuning was too small there, and what a sweep of lr showed."""
    found = [reservation(document, problem["name"]), *sweep(document, problem)]
    return [line for line in found if line]


def closing(document: Row) -> list[str]:
    """What stands at the end of a tuned report; nothing of one that is not."""
    tuning = document.get("tuning")
    return [] if tuning is None else [*how_tuned(tuning), *inclusions(tuning)]


def tuning_note(tuning: Row) -> str:
    """What the columns are."""
    return NOTE + str(tuning.get("best_probabilities", {"note": ""})["note"])


def how_tuned(tuning: Row) -> list[str]:
    """How, over which ranges, and what follows for what is compared."""
    seeds = len(tuning["seeds"])
    still = " (one where nothing is random)" if any(entry["seeds"] < seeds for entry in tuning["entries"]) else ""
    measure = {
        "final-loss": "median loss at the horizon",
        "steps": "median steps to the hardest target that any of its draws reaches",
    }[tuning["rule"]]
    lines = [
        f"tuned: best of {tuning['trials']:,} draw{'' if tuning['trials'] == 1 else 's'} ({SAMPLERS[tuning['sampler']]}"
        f"{', the defaults first' if tuning['defaults'] else ''}) of each optimizer, by {measure} on "
        f"{seeds:,} tuning seed{'' if seeds == 1 else 's'}{still}"
        f"{', one setting for all problems' if tuning['across'] else ''}"
        f"{', half discarded at 1/8, 1/4 and 1/2 of the budget' if tuning['halving'] else ''}; everything else shown "
        "is on fresh seeds"
    ]
    ranges: dict[str, list[str]] = {}
    for label, axes in tuning["spaces"].items():
        for name, (low, high, scale) in axes.items():
            of = f" (of 1 - {name})" if scale == "one-minus-log" else ""
            ranges.setdefault(f"{name} {shortest(low)}..{shortest(round(high, 12))}{of}", []).append(label)
    everybody = list(tuning["spaces"])
    said = [f"{text} for {'all' if labels == everybody else ', '.join(labels)}" for text, labels in ranges.items()]
    lines.append(f"drawn log-uniformly: {'; '.join(said)}")
    if tuning["rule"] == "final-loss":
        lines.append("steps to targets are what settings chosen for their final loss need; --rule steps tunes for them")
    return [plain(line) for line in lines]


def reservation(document: Row, problem: str) -> str:
    """'nothing is shown against adam here: beaten by a special case of its own'; '' where there is nothing to say."""
    accused = too_small(document.get("tuning")).get(problem, [])
    whose = "their" if len(accused) > 1 else "its"
    said = f"nothing is shown against {', '.join(accused)} here: beaten by a special case of {whose} own"
    return plain(said) if accused else ""


def inclusions(tuning: Row) -> list[str]:
    """What the inclusions say: who lost to a special case of its own, or to one that its ranges approach, where that
    cannot be told, or that nobody did; and how many checks that took."""
    found = tuning.get("inclusion", ())
    lost: dict[tuple[str, bool, bool], dict[str, list[str]]] = {}
    for entry in found:
        if entry["verdict"] in (TOO_SMALL, BEATEN):
            by_steps = entry["target"] is not None and tuning["rule"] == "final-loss"
            special = f"{entry['special']} ({entry['how']})"
            cases = lost.setdefault((entry["general"], by_steps, entry["verdict"] == BEATEN), {})
            cases.setdefault(special, []).append(entry["problem"])
    said = []
    for (general, by_steps, limit), cases in sorted(lost.items(), key=lambda case: case[0][2]):
        whom = "; to ".join(f"{special} on {listed(names)}" for special, names in cases.items())
        why = "tuned for the final loss, not for steps" if by_steps else TOO_SMALL
        what = "lost in steps" if by_steps else "lost"
        said.append(
            f"{general} {what} to special cases that its ranges approach but need not contain, to {whom}"
            if limit
            else f"{why}: {general} {what} to special cases of its own, to {whom}: nothing is shown against it there"
        )
    unknown = list(
        dict.fromkeys(entry["problem"] for entry in found if entry["verdict"] == UNKNOWN and not entry.get("limit"))
    )
    if unknown:
        said.append(f"fewer than 6 seeds cannot tell whether tuning sufficed on {listed(unknown)}")
    checked = [entry for entry in found if entry["verdict"] != UNKNOWN]
    if checked and not lost:
        said.append("no optimizer lost to a special case of its own")
    if checked:
        said.append(_how_many(checked, tuning["entries"]))
    return [plain(line) for line in said]


def _how_many(checked: Sequence[Row], entries: Sequence[Row]) -> str:
    """'24 checks of special cases: of the 8 where something is random up to 0.2 come out against an optimizer by chance
    (2.5% each)'."""
    certain = {entry["problem"] for entry in entries if not entry.get("random", True)}
    chances = sum(entry["problem"] not in certain for entry in checked)
    said = f"{steps(len(checked))} check{'' if len(checked) == 1 else 's'} of special cases"
    if not chances:
        return f"{said}: nothing is random there, so none comes out against an optimizer by chance"
    whole = "these" if chances == len(checked) else f"the {steps(chances)} where something is random"
    many = significant(chances * ERROR, 2)
    return f"{said}: of {whole} up to {many} come out against an optimizer by chance ({ERROR:.1%} each)"
